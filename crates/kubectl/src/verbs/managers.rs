//! Under which name each verb manages the fields it writes. Models: AddFieldManagerFlagVar and its callers in
//! kubectl/pkg/cmd, and the user agent of those that have no such flag.

use crate::args::Args;

/// The manager of a command's writes.
pub(crate) fn of(command: &str, args: &Args) -> String {
    if let Some(given) = args.maybe("field-manager").filter(|given| !given.is_empty()) {
        return given.to_owned();
    }
    let verb = command.split(' ').nth(1).unwrap_or("");
    match verb {
        "apply" if args.is("server-side") => "kubectl",
        "apply" => "kubectl-client-side-apply",
        "annotate" | "autoscale" | "create" | "edit" | "expose" | "label" | "patch" | "replace" | "rollout" | "run"
        | "set" | "taint" => return format!("kubectl-{verb}"),
        _ => "kubectl",
    }
    .to_owned()
}
