//! The events at the end of a description.

use super::text::Text;
use crate::call::Call;
use api::{Event, Object, Str, age};

pub(super) fn describe(call: &Call<'_>, text: &mut Text, object: &Object) {
    let lister = call.lister();
    let meta = object.meta();
    let mut events: Vec<&Event> = lister.events_about(&meta.uid).map(|event| &**event).collect();
    if matches!(object, Object::Node(_)) {
        // Kubelets name the node where others give its UID.
        let by_name: Str = meta.name.clone();
        events.extend(lister.events_about(&by_name).map(|event| &**event));
    }
    if events.is_empty() {
        text.field(0, "Events", "<none>");
        return;
    }
    // Events of the newer API (the scheduler's) have no such time and so come first.
    events.sort_by_key(|event| event.last_timestamp);
    text.flush();
    text.line(0, "Events:");
    text.line(1, "Type\tReason\tAge\tFrom\tMessage");
    text.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        text.line(1, line(call, event));
    }
}

fn line(call: &Call<'_>, event: &Event) -> String {
    let now = call.now();
    let seen = crate::print::sighting(event);
    let first = age(now, seen.first);
    let interval =
        if seen.is_series { format!("{} (x{} over {first})", age(now, seen.last), seen.count) } else { first };
    let source = if event.source.component.is_empty() { &event.reporting_component } else { &event.source.component };
    let path = &event.involved_object.field_path;
    let message = event.message.trim();
    let message = if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") };
    format!("{}\t{}\t{interval}\t{source}\t{message}", event.r#type, event.reason)
}
