//! Namespaces in a table.

use super::{Printer, col, created};
use api::{Namespace, Resource};

pub(super) const PRINTER: Printer = Printer {
    columns: &[col("NAME"), col("STATUS"), col("AGE")],
    row: |object, now| {
        let Some(namespace) = Namespace::from_object(object) else { return Vec::new() };
        vec![namespace.metadata.name.to_string(), namespace.status.phase.to_string(), created(object, now)]
    },
};
