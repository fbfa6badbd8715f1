//! Patches of all three kinds, and the three-way merge of `kubectl apply`.
//!
//! Models: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go and apimachinery/pkg/util/strategicpatch.

mod json;
mod merge;
mod strategic;
mod three_way;

use crate::resources::ResourceInfo;
use api::{Status, StatusReason};
use serde_json::Value;

pub use json::json_patch;
pub use merge::json_merge;
pub use strategic::strategic_merge;
pub use three_way::three_way;

/// The form of a patch body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// RFC 6902: a list of operations.
    Json,
    /// RFC 7386: maps are merged, lists are replaced, null removes.
    Merge,
    /// As a merge patch, but lists merge by the keys of the API's types.
    Strategic,
}

/// What no type knows is lost when the server reads an object. A kind with several versions is left alone: the patch may
/// speak of fields of another one.
fn drop_unknown(info: &ResourceInfo, value: &mut Value) {
    let is_only = schema::resources().iter().filter(|other| other.kind == info.kind).count() == 1;
    if info.custom.is_none() && is_only {
        schema::strip_unknown(info, value);
    }
}

/// The object after the patch, without what no type knows.
pub(crate) fn apply(
    patch_type: PatchType,
    info: &ResourceInfo,
    current: &Value,
    body: &Value,
) -> Result<Value, Status> {
    let mut after = patched(patch_type, info, current, body)?;
    drop_unknown(info, &mut after);
    Ok(after)
}

fn patched(patch_type: PatchType, info: &ResourceInfo, current: &Value, body: &Value) -> Result<Value, Status> {
    match patch_type {
        PatchType::Merge => Ok(json_merge(current, body)),
        PatchType::Strategic => Ok(strategic_merge(info, current, body)),
        PatchType::Json if !body.is_array() => {
            let kind = if body.is_object() { "object" } else { "string" };
            let message = format!("json: cannot unmarshal {kind} into Go value of type jsonpatch.Patch");
            Err(Status::new(StatusReason::BadRequest, message))
        }
        PatchType::Json => json_patch(current, body).map_err(|why| {
            let message = "the server rejected our request due to an error in our request";
            Status { hint: Some(why), ..Status::new(StatusReason::Invalid, message) }
        }),
    }
}
