//! `kubectl kustomize`: prints what a folder stands for. Models: kubectl/pkg/cmd/kustomize.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;

pub(super) const VERB: Verb = Verb {
    usage: "kustomize DIR",
    long: "Builds the objects of a folder with a kustomization.yaml and prints them.",
    examples: "  # What stands in the current folder\n  kubectl kustomize\n\n  # Build and apply\n  kubectl apply -k overlays/dev",
    flags: &[&[
        Flag::text("output", "If specified, write output to this path.").short('o'),
        Flag::text(
            "load-restrictor",
            "if set to 'LoadRestrictionsNone', kustomizations may load files from outside their root.",
        )
        .at("'LoadRestrictionsRootOnly'"),
        Flag::text("reorder", "Reorder the resources just before output."),
    ]],
    run,
    ..Verb::named("kustomize", "Build a kustomization target from a directory or URL")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let folder = match args.words.as_slice() {
        [] => ".",
        [folder] => folder,
        _ => return Err(CmdError::new("specify one path to kustomization.yaml")),
    };
    if args.given("output") {
        return Err(CmdError::Refused(
            "podground: kubectl kustomize: files are written by the shell here: use > FILE".to_owned(),
        ));
    }
    let objects = crate::kustomize::build(call.env.files, folder).map_err(CmdError::new)?;
    let documents: Vec<String> = objects.iter().map(manifest::to_yaml).collect();
    call.print(&documents.join("---\n"));
    Ok(Outcome::Done)
}
