//! `kubectl set image`. Models: kubectl/pkg/cmd/set/set_image.go.

use super::{COMMON, Verb, container_names, each};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::outcome::Outcome;
use crate::verbs::pairs;
use serde_json::{Map, Value, json};

pub(super) const VERB: Verb = Verb {
    usage: "image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    examples: "  kubectl set image statefulset/web nginx=nginx:1.26",
    flags: COMMON,
    run,
    ..Verb::named("image", "Update the image of a pod template")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (resources, changes) = pairs::split(&args.words, "image")?;
    let images: Vec<(&str, &str)> = changes.iter().filter_map(|change| change.split_once('=')).collect();
    if images.is_empty() {
        return Err(CmdError::new("at least one image update is required"));
    }
    if images.len() > 1 && images.iter().any(|(name, _)| *name == "*") {
        return Err(CmdError::new(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs",
        ));
    }
    each(call, args, resources, "image updated", "failed to patch image update to pod template: ", |_, _, spec| {
        let mut patch = Map::new();
        let mut lists: [Vec<Value>; 2] = Default::default();
        for (name, image) in &images {
            let mut found = false;
            for (list, changed) in ["initContainers", "containers"].iter().zip(&mut lists) {
                let names = container_names(spec, list, name);
                found |= !names.is_empty();
                changed.extend(names.into_iter().map(|name| json!({"name": name, "image": image})));
            }
            if !found {
                return Err(CmdError::new(format!("error: unable to find container named \"{name}\"")));
            }
        }
        for (list, changed) in ["initContainers", "containers"].iter().zip(lists) {
            if !changed.is_empty() {
                patch.insert((*list).to_owned(), changed.into());
            }
        }
        Ok(Value::Object(patch))
    })
}
