//! `--subresource`: the scale of a workload as an object of its own, and the status as a part that is written by itself.
//! Models: pkg/registry/apps/*/storage (ScaleREST) and kubectl/pkg/cmd/{get,patch,replace} as far as the flag goes.

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::targets::{Item, with_type};
use api::{LabelSelector, Status, StatusReason, Wire};
use serde_json::{Value, json};

/// Which part of an object a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Status,
    Scale,
}

/// Reads `--subresource`.
pub(super) fn part(args: &Args) -> Result<Part, CmdError> {
    match args.text("subresource") {
        "" => Ok(Part::Whole),
        "status" => Ok(Part::Status),
        "scale" => Ok(Part::Scale),
        "resize" => {
            Err(CmdError::Refused("podground: --subresource=resize is not available here: pods keep their size".into()))
        }
        other => {
            Err(CmdError::new(format!("invalid subresource value: \"{other}\". Must be one of [status scale resize]")))
        }
    }
}

/// Says NotFound if objects of this kind have no such part.
pub(super) fn check(item: &Item, part: Part) -> Result<(), CmdError> {
    let name = match part {
        Part::Whole => return Ok(()),
        Part::Status => "status",
        Part::Scale => "scale",
    };
    if item.info.has_subresource(name) {
        return Ok(());
    }
    Err(Status::new(StatusReason::NotFound, "the server could not find the requested resource").into())
}

/// Where the replicas stand that are wanted.
pub(super) fn replicas_path(item: &Item) -> &str {
    let custom = item.info.custom.and_then(|custom| custom.scale.as_ref());
    custom.map_or("spec.replicas", |(spec, _)| spec.trim_start_matches('.'))
}

/// The patch of the object that sets its replicas.
pub(super) fn replicas_patch(item: &Item, replicas: &Value) -> Value {
    replicas_path(item).rsplit('.').fold(replicas.clone(), |inner, field| json!({field: inner}))
}

/// The scale of an object.
pub(super) fn scale(item: &Item) -> Value {
    let Some(object) = &item.object else { return Value::Null };
    let value = with_type(item.info, object);
    let custom = item.info.custom.and_then(|custom| custom.scale.as_ref());
    let observed = custom.map_or("status.replicas", |(_, status)| status.trim_start_matches('.'));
    let selector = fields::at(&value, "spec.selector");
    let selector = match item.info.kind {
        // The oldest of them selects by plain labels.
        "ReplicationController" => LabelSelector { match_labels: Wire::read(selector.clone()), ..Default::default() },
        _ => LabelSelector::read(selector.clone()),
    };
    let mut status = json!({"replicas": fields::int(&value, observed)});
    let selector = selector.to_string();
    if custom.is_none() && !selector.is_empty() {
        status["selector"] = selector.into();
    }
    let meta = object.meta();
    let mut metadata = json!({"name": meta.name.as_str(), "namespace": meta.namespace.as_str(), "uid": meta.uid.as_str(),
        "resourceVersion": meta.resource_version.0.to_string()});
    if let Some(created) = &meta.creation_timestamp {
        metadata["creationTimestamp"] = created.write();
    }
    json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata,
        "spec": {"replicas": fields::int(&value, replicas_path(item))}, "status": status})
}

/// The scales of objects as a table.
pub(super) fn scale_table(call: &Call<'_>, items: &[Item], headers: bool) -> String {
    let mut text = String::new();
    if headers {
        text.push_str("NAME\tDESIRED\tAVAILABLE\tAGE\n");
    }
    for item in items {
        let scale = scale(item);
        let age = item.object.as_ref().and_then(|object| object.meta().creation_timestamp);
        text.push_str(&format!(
            "{}\t{}\t{}\t{}\n",
            item.key.name,
            fields::int(&scale, "spec.replicas"),
            fields::int(&scale, "status.replicas"),
            api::age(call.now(), age)
        ));
    }
    crate::print::tabs::TABLE.layout(&text)
}
