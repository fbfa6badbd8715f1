//! `kubectl create`. Models: kubectl/pkg/cmd/create.

use super::Verb;
use super::options::{self, DryRun, admit, print_one, refreshed};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::load;
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Rules};

const FLAGS: &[Flag] = &[
    Flag::on("edit", "Edit the API resource before creating"),
    Flag::text("raw", "Raw URI to POST to the server."),
    Flag::on("windows-line-endings", "Only relevant if --edit=true."),
];

pub(super) const VERB: Verb = Verb {
    usage: "create -f FILENAME",
    long: "Creates the objects of a file, a folder or standard input, or one made from flags.",
    examples: "  # Create what a file describes\n  kubectl create -f web.yaml",
    flags: &[
        FLAGS,
        flags::FILES,
        flags::SELECTOR,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::VALIDATE,
        flags::SAVE_CONFIG,
        flags::FIELD_MANAGER,
        flags::RECORD,
    ],
    run,
    ..Verb::named("create", "Create a resource from a file or from stdin")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if let Some(word) = args.words.first() {
        return Err(CmdError::usage("kubectl create", &format!("Unexpected args: [{word}]")));
    }
    if args.is("edit") || args.given("raw") {
        return Err(CmdError::Refused("podground: kubectl create --edit and --raw are not available here".into()));
    }
    if !load::names_files(args) {
        call.complain("Error: must specify one of -f and -k\n");
        super::help::print(call, "kubectl create", &VERB);
        return Err(CmdError::Exit(1));
    }
    let (dry, format, how) = (DryRun::of(args)?, Format::of_result(call, args)?, options::validation(args)?);
    let found = targets::find(call, args, &[], Rules::default())?;
    let mut errors = found.errors;
    if found.items.is_empty() && errors.is_empty() {
        return Err(CmdError::new("no objects passed to create"));
    }
    for item in found.items {
        let Some(mut body) = item.body.clone() else { continue };
        if args.is("save-config") {
            options::set_last_applied(&mut body);
        }
        if dry == DryRun::Client {
            print_one(call, &format, &item, &body, "created", dry)?;
            continue;
        }
        let created = admit(call, &item, &mut body, how)
            .and_then(|()| dry.ask(call, |server| server.create_from(body)).map_err(CmdError::from));
        match created {
            Ok(object) => {
                let item = refreshed(&item, object);
                print_one(call, &format, &item, &item.value(), "created", dry)?;
            }
            Err(error) => errors.push(error.while_doing("creating", &item.source)),
        }
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}
