//! `kubectl set resources`. Models: kubectl/pkg/cmd/set/set_resources.go.

use super::{COMMON, Verb, container_names, each};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use api::Quantity;
use serde_json::{Map, Value, json};

const FLAGS: &[Flag] = &[
    Flag::text("containers", "The names of containers in the selected pod templates to change.").short('c').at("'*'"),
    Flag::text("limits", "The resource requirement requests for this container. For example, 'cpu=100m,memory=256Mi'."),
    Flag::text(
        "requests",
        "The resource requirement requests for this container. For example, 'cpu=100m,memory=256Mi'.",
    ),
];

pub(super) const VERB: Verb = Verb {
    usage: "resources (-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]",
    examples: "  kubectl set resources statefulset web --limits=cpu=200m,memory=512Mi",
    flags: &[FLAGS, COMMON[0], COMMON[1], COMMON[2], COMMON[3], COMMON[4], COMMON[5], COMMON[6], COMMON[7]],
    run,
    ..Verb::named("resources", "Update resource requests/limits on objects with pod templates")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if args.text("limits").is_empty() && args.text("requests").is_empty() {
        return Err(CmdError::new(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let (limits, requests) = (amounts(args.text("limits"))?, amounts(args.text("requests"))?);
    let pattern = args.maybe("containers").unwrap_or("*");
    let operation = "resource requirements updated";
    each(call, args, &args.words, operation, "failed to patch resources update to pod template ", |_, _, spec| {
        let names = container_names(spec, "containers", pattern);
        if names.is_empty() {
            return Err(CmdError::new(format!("error: unable to find container named {pattern}")));
        }
        let mut resources = Map::new();
        for (field, list) in [("limits", &limits), ("requests", &requests)] {
            if !list.is_empty() {
                resources.insert(field.to_owned(), Value::Object(list.clone()));
            }
        }
        let container = |name: String| json!({"name": name, "resources": resources});
        Ok(json!({"containers": names.into_iter().map(container).collect::<Vec<_>>()}))
    })
}

fn amounts(text: &str) -> Result<Map<String, Value>, CmdError> {
    let mut list = Map::new();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        let invalid = || CmdError::new(format!("Invalid argument syntax {pair}, expected <resource>=<value>"));
        let (name, amount) = pair.split_once('=').ok_or_else(invalid)?;
        let amount = Quantity::parse(amount).ok_or_else(|| {
            CmdError::new("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
        })?;
        list.insert(name.to_owned(), amount.to_string().into());
    }
    Ok(list)
}
