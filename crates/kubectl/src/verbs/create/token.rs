//! Tokens of ServiceAccounts: there are none, as no request is authenticated.

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::verbs::Verb;
use api::ServiceAccount;

pub(super) const VERB: Verb = Verb {
    usage: "token SERVICE_ACCOUNT_NAME",
    long: "A real server signs a token for a ServiceAccount. Here no request is authenticated, so there is none to give.",
    flags: &[
        flags::OUTPUT,
        &[
            Flag::array("audience", "Audience of the requested token. May be repeated."),
            Flag::text("bound-object-kind", "Kind of an object to bind the token to."),
            Flag::text("bound-object-name", "Name of an object to bind the token to."),
            Flag::text("bound-object-uid", "UID of an object to bind the token to."),
            Flag::duration("duration", "0s", "Requested lifetime of the issued token."),
        ],
    ],
    run,
    ..Verb::named("token", "Request a service account token")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = super::name(args)?;
    let (namespace, _) = call.namespace(args);
    if call.lister().get::<ServiceAccount>(&namespace, &name).is_none() {
        return Err(CmdError::new(format!("failed to create token: serviceaccounts \"{name}\" not found")));
    }
    Err(CmdError::Refused(
        "podground: kubectl create token: no request is authenticated here, so there are no tokens to give".to_owned(),
    ))
}
