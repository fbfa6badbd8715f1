//! Leases in a table.

use super::{Printer, col, created};
use api::{Lease, Resource};

pub(super) const PRINTER: Printer = Printer {
    columns: &[col("NAME"), col("HOLDER"), col("AGE")],
    row: |object, now| {
        let Some(lease) = Lease::from_object(object) else { return Vec::new() };
        vec![lease.metadata.name.to_string(), lease.spec.holder_identity.to_string(), created(object, now)]
    },
};
