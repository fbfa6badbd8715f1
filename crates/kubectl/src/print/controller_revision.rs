//! ControllerRevisions in a table.

use super::{Printer, col, created};
use api::{ControllerRevision, Resource};

pub(super) const PRINTER: Printer = Printer {
    columns: &[col("NAME"), col("CONTROLLER"), col("REVISION"), col("AGE")],
    row: |object, now| {
        let Some(revision) = ControllerRevision::from_object(object) else { return Vec::new() };
        let controller = revision.metadata.controller().map_or_else(
            || "<none>".to_owned(),
            |owner| {
                let group = owner.api_version.split_once('/').map_or("", |(group, _)| group);
                let dot = if group.is_empty() { "" } else { "." };
                format!("{}{dot}{group}/{}", owner.kind.to_lowercase(), owner.name)
            },
        );
        vec![revision.metadata.name.to_string(), controller, revision.revision.to_string(), created(object, now)]
    },
};
