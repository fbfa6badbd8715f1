//! Events in a table.

use super::{Printer, col, wide};
use api::{Event, Object, Resource, Time};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("LAST SEEN"),
        col("TYPE"),
        col("REASON"),
        col("OBJECT"),
        wide("SUBOBJECT"),
        wide("SOURCE"),
        col("MESSAGE"),
        wide("FIRST SEEN"),
        wide("COUNT"),
        wide("NAME"),
    ],
    row,
};

/// When an event was seen, and how often.
pub(crate) struct Sighting {
    pub(crate) first: Option<Time>,
    pub(crate) last: Option<Time>,
    pub(crate) count: i64,
    /// Whether it was seen more than once.
    pub(crate) is_series: bool,
}

/// Reads the times of an event of the old or the new API.
pub(crate) fn sighting(event: &Event) -> Sighting {
    Sighting {
        first: event.first_seen(),
        last: event.last_seen(),
        count: i64::from(event.times_seen()),
        is_series: event.series.is_some() || event.count > 1,
    }
}

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(event) = Event::from_object(object) else { return Vec::new() };
    let seen = sighting(event);
    let regarding = &event.involved_object;
    let kind = regarding.kind.to_lowercase();
    let target = if regarding.name.is_empty() { kind } else { format!("{kind}/{}", regarding.name) };
    let first_of = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
    let component = first_of(&event.source.component, &event.reporting_component);
    let instance = first_of(&event.source.host, &event.reporting_instance);
    let source = if instance.is_empty() { component } else { format!("{component}, {instance}") };
    vec![
        api::age(now, seen.last),
        event.r#type.to_string(),
        event.reason.to_string(),
        target,
        regarding.field_path.to_string(),
        source,
        event.message.trim().to_owned(),
        api::age(now, seen.first),
        seen.count.to_string(),
        event.metadata.name.to_string(),
    ]
}
