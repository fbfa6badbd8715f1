//! ControllerRevisions: history does not change. Models: ValidateControllerRevision of pkg/apis/apps/validation.

use super::check::{Causes, Path};
use api::ControllerRevision;
use serde_json::Value;

pub(super) fn validate(revision: &ControllerRevision, causes: &mut Causes) {
    causes.non_negative(&Path::root("revision"), revision.revision);
    match revision.data.as_deref() {
        None | Some(Value::Null) => causes.required(&Path::root("data"), "data is mandatory"),
        Some(Value::Object(_)) => {}
        Some(_) => causes.required(&Path::root("data"), "data must be a valid JSON object"),
    }
}

pub(super) fn validate_update(new: &ControllerRevision, old: &ControllerRevision, causes: &mut Causes) {
    validate(new, causes);
    if new.data != old.data {
        let data = new.data.as_deref().cloned().unwrap_or(Value::Null);
        causes.invalid(&Path::root("data"), data, "field is immutable");
    }
}
