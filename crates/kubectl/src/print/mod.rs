//! Tables: which columns each kind has and what stands in them, one file a kind.
//!
//! Models: pkg/printers/internalversion/printers.go; kinds without a file of their own are in `other.rs`, and what is
//! not there has a name and an age.

mod admin;
mod config;
mod controller_revision;
mod custom;
mod daemonset;
mod deployment;
mod endpointslice;
mod event;
mod job;
mod lease;
mod namespace;
mod node;
mod other;
mod persistentvolume;
mod persistentvolumeclaim;
mod pod;
mod policy;
mod replicaset;
mod service;
mod statefulset;
mod storageclass;
pub(crate) mod table;
pub(crate) mod tabs;

pub use node::node_status;

pub(crate) use admin::certificate_state;
pub(crate) use event::sighting;
pub(crate) use node::roles;

use api::{Container, Kind, List, Object, Time};
use apiserver::ResourceInfo;
use std::borrow::Cow;

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its head, in capitals.
    pub(crate) head: &'static str,
    /// Whether it is there only with `-o wide`.
    pub(crate) wide: bool,
}

/// A column that is always there.
const fn col(head: &'static str) -> Column {
    Column { head, wide: false }
}

/// A column of `-o wide`.
const fn wide(head: &'static str) -> Column {
    Column { head, wide: true }
}

/// How one kind is printed.
pub(crate) struct Printer {
    /// Its columns.
    pub(crate) columns: &'static [Column],
    /// One object's cells, those of wide columns included.
    pub(crate) row: fn(&Object, Time) -> Vec<String>,
}

/// A kind that is not printed in any special way.
const PLAIN: Printer = Printer {
    columns: &[col("NAME"), col("AGE")],
    row: |object, now| vec![object.meta().name.to_string(), created(object, now)],
};

/// A built-in kind that the server has no printer for. Models: rest.NewDefaultTableConvertor.
const UNPRINTED: Printer = Printer {
    columns: &[col("NAME"), col("CREATED AT")],
    row: |object, _| {
        let at = object.meta().creation_timestamp.map(|at| at.to_string());
        vec![object.meta().name.to_string(), at.unwrap_or_default()]
    },
};

/// How a kind is printed.
pub(crate) fn printer(kind: Kind) -> &'static Printer {
    match kind {
        Kind::ConfigMap => &config::CONFIG_MAP,
        Kind::ControllerRevision => &controller_revision::PRINTER,
        Kind::CronJob => &job::CRON_JOB,
        Kind::DaemonSet => &daemonset::PRINTER,
        Kind::Deployment => &deployment::PRINTER,
        Kind::EndpointSlice => &endpointslice::PRINTER,
        Kind::Endpoints => &endpointslice::ENDPOINTS,
        Kind::Event => &event::PRINTER,
        Kind::Job => &job::JOB,
        Kind::Lease => &lease::PRINTER,
        Kind::LimitRange => &UNPRINTED,
        Kind::Namespace => &namespace::PRINTER,
        Kind::Node => &node::PRINTER,
        Kind::PersistentVolume => &persistentvolume::PRINTER,
        Kind::PersistentVolumeClaim => &persistentvolumeclaim::PRINTER,
        Kind::Pod => &pod::PRINTER,
        Kind::PodDisruptionBudget => &policy::DISRUPTION_BUDGET,
        Kind::ReplicaSet => &replicaset::REPLICA_SET,
        Kind::ReplicationController => &replicaset::REPLICATION_CONTROLLER,
        Kind::ResourceQuota => &policy::QUOTA,
        Kind::Secret => &config::SECRET,
        Kind::Service => &service::PRINTER,
        Kind::ServiceAccount => &PLAIN,
        Kind::StatefulSet => &statefulset::PRINTER,
        Kind::StorageClass => &storageclass::PRINTER,
        other => match apiserver::resource(other) {
            Some(info) => {
                let mut printers = other::PRINTERS.iter().chain(admin::PRINTERS);
                printers.find(|(kind, _)| *kind == info.kind).map_or(&UNPRINTED, |(_, printer)| printer)
            }
            None => &PLAIN,
        },
    }
}

/// The columns of a kind, and one object's cells in them, those of wide columns included.
pub(crate) fn row(info: &ResourceInfo, object: &Object, now: Time) -> (Cow<'static, [Column]>, Vec<String>) {
    match info.custom {
        Some(custom) => custom::row(custom, object, now),
        None => {
            let printer = printer(object.kind());
            (Cow::Borrowed(printer.columns), (printer.row)(object, now))
        }
    }
}

/// The age of an object.
fn created(object: &Object, now: Time) -> String {
    api::age(now, object.meta().creation_timestamp)
}

/// Names and images of containers, joined by commas. Models: layoutContainerCells.
fn containers_and_images(containers: &List<Container>) -> [String; 2] {
    let join = |field: fn(&Container) -> &str| containers.iter().map(field).collect::<Vec<_>>().join(",");
    [join(|c| &c.name), join(|c| &c.image)]
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text.to_owned() }
}

/// At most `most` of the items, and how many there are beyond.
fn first_few(items: &[String], most: usize, empty: &str) -> String {
    if items.is_empty() {
        return empty.to_owned();
    }
    let shown = items[..items.len().min(most)].join(",");
    if items.len() > most { format!("{shown} + {} more...", items.len() - most) } else { shown }
}
