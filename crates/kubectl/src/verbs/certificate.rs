//! `kubectl certificate`: says yes or no to a request for a certificate. Models: kubectl/pkg/cmd/certificates.
//!
//! The answer is recorded on the request; there is no signer here that would issue anything.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::targets::{self, Rules};

pub(super) const VERB: Verb = Verb {
    usage: "certificate SUBCOMMAND",
    long: "Answers requests for certificates. Nobody signs them here.",
    subs: &[APPROVE, DENY],
    run: |call, args| super::group(call, args, &VERB),
    ..Verb::named("certificate", "Modify certificate resources")
};

const FLAGS: &[&[Flag]] =
    &[&[Flag::on("force", "Update the CSR even if it is already approved.")], flags::FILES, flags::OUTPUT];

const APPROVE: Verb = Verb {
    usage: "approve (-f FILENAME | NAME)",
    flags: FLAGS,
    run: |call, args| answer(call, args, "approve"),
    ..Verb::named("approve", "Approve a certificate signing request")
};

const DENY: Verb = Verb {
    usage: "deny (-f FILENAME | NAME)",
    flags: FLAGS,
    run: |call, args| answer(call, args, "deny"),
    ..Verb::named("deny", "Deny a certificate signing request")
};

fn answer(call: &mut Call<'_>, args: &Args, verb: &str) -> Result<Outcome, CmdError> {
    if args.words.is_empty() && !crate::load::names_files(args) {
        return Err(CmdError::new("one or more CSRs must be specified as <name> or -f <filename>"));
    }
    let mut words = args.words.clone();
    if !words.is_empty() {
        words.insert(0, "certificatesigningrequests".to_owned());
    }
    let rules = Rules { latest: true, ..Rules::default() };
    targets::find(call, args, &words, rules)?.all_or_error()?;
    Err(CmdError::Refused(format!(
        "podground: kubectl certificate {verb}: there is no signer here, so an answer would lead to nothing"
    )))
}
