//! The event recorder: an event that happens again is counted, not repeated; many that differ only in their words
//! are combined.
//! Models: staging/src/k8s.io/client-go/tools/record (events_cache.go, event.go).

use crate::plan::EventRecord;
use crate::store::Store;
use api::{Event, EventSource, Kind, ObjectMeta, ObjectReference, Resource, Time};
use sim::SimDuration;
use std::rc::Rc;

/// So many different messages of one reason about one object are told apart; further ones become one event.
const MAX_SIMILAR: usize = 10;
/// Messages further apart than this are not similar.
const SIMILAR_WITHIN: SimDuration = SimDuration::from_secs(600);
const COMBINED: &str = "(combined from similar events): ";

/// Stores an event, or counts the one that says the same, or nearly the same, about the same object.
pub(crate) fn record(store: &mut Store, record: &EventRecord, now: Time, uid: String) {
    let (known, message) = correlate(store, record, now);
    if let Some(known) = known {
        let mut event = Event::clone(&known);
        event.count += 1;
        event.last_timestamp = Some(now);
        event.message = message.as_str().into();
        store.put(event.into_object());
        return;
    }
    let namespace =
        if record.regarding.namespace.is_empty() { "default".into() } else { record.regarding.namespace.clone() };
    // Upstream appends the nanoseconds; the store's own counter keeps two events of one instant apart.
    let name = format!(
        "{}.{:x}{:04x}",
        record.regarding.name,
        now.unix_millis() * 1_000_000,
        store.resource_version() % 0x1_0000
    );
    let (api_version, kind) = type_meta(record.regarding.kind);
    let event = Event {
        metadata: ObjectMeta {
            name: name.into(),
            namespace,
            uid: uid.into(),
            creation_timestamp: Some(now),
            ..Default::default()
        },
        involved_object: ObjectReference {
            kind: kind.into(),
            api_version: api_version.into(),
            namespace: record.regarding.namespace.clone(),
            name: record.regarding.name.clone(),
            uid: record.uid.clone(),
            field_path: record.field_path.clone(),
            ..Default::default()
        },
        reason: record.reason.clone(),
        message: message.as_str().into(),
        source: EventSource { component: record.component.clone(), host: record.host.clone(), ..Default::default() },
        first_timestamp: Some(now),
        last_timestamp: Some(now),
        count: 1,
        r#type: record.event_type.as_str().into(),
        reporting_component: record.component.clone(),
        reporting_instance: record.host.clone(),
        ..Default::default()
    };
    store.put(event.into_object());
}

/// The stored event that a new one adds to, if any, and the words to store. Models: EventAggregate; what upstream
/// keeps in a cache is read off the stored events here.
fn correlate(store: &Store, record: &EventRecord, now: Time) -> (Option<Rc<Event>>, String) {
    let about = store.indexes.events_about(&record.uid).filter_map(|key| Event::from_object(store.get(key)?));
    let similar = about.filter(|event| {
        event.reason == record.reason
            && event.r#type == record.event_type.as_str()
            && event.source.component == record.component
            && event.source.host == record.host
    });
    let (combined, plain): (Vec<&Rc<Event>>, Vec<_>) = similar.partition(|event| event.message.starts_with(COMBINED));
    let says_the_same = |event: &&&Rc<Event>| {
        event.message == record.message.as_str() && event.involved_object.field_path == record.field_path
    };
    let same = plain.iter().find(says_the_same);
    if same.is_some() || distinct_messages(&combined, &plain, now) + 1 < MAX_SIMILAR {
        return (same.map(|event| Rc::clone(event)), record.message.clone());
    }
    (combined.first().map(|event| Rc::clone(event)), format!("{COMBINED}{}", record.message))
}

/// How many different messages came without a longer pause up to now.
fn distinct_messages(combined: &[&Rc<Event>], plain: &[&Rc<Event>], now: Time) -> usize {
    let mut latest: Vec<(Time, bool)> = Vec::new();
    latest.extend(combined.iter().filter_map(|event| Some((event.last_timestamp?, false))));
    latest.extend(plain.iter().filter_map(|event| Some((event.last_timestamp?, true))));
    latest.sort_unstable_by(|a, b| b.cmp(a));
    let (mut since, mut count) = (now, 0);
    for (at, is_plain) in latest {
        if since.since(at) > SIMILAR_WITHIN {
            break;
        }
        (since, count) = (at, count + usize::from(is_plain));
    }
    count
}

fn type_meta(kind: Kind) -> (String, String) {
    match crate::resource(kind) {
        Some(info) if info.group.is_empty() => (info.version.to_string(), info.kind.to_string()),
        Some(info) => (format!("{}/{}", info.group, info.version), info.kind.to_string()),
        None => Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Pod;

    #[test]
    fn the_tenth_message_of_a_reason_starts_a_combined_event() {
        let mut store = Store::default();
        let mut pod = Pod::default();
        pod.metadata.name = "web".into();
        pod.metadata.uid = "u".into();
        let mut say = |message: String, seconds: i64| {
            let event = EventRecord::normal(&pod, "test", "SuccessfulCreate", message);
            record(&mut store, &event, Time::from_unix_millis(seconds * 1000), format!("{seconds}"));
            let uid = "u".into();
            let about = store.indexes.events_about(&uid).filter_map(|key| Event::from_object(store.get(key)?));
            about.map(|event| (event.message.to_string(), event.count)).max_by_key(|(m, _)| m.starts_with(COMBINED))
        };
        for n in 0..9 {
            assert!(say(format!("Created pod {n}"), n).is_some_and(|(message, _)| !message.starts_with(COMBINED)));
        }
        let combined = |text: &str, count| Some((format!("{COMBINED}{text}"), count));
        assert_eq!(say("Created pod 9".into(), 9), combined("Created pod 9", 1));
        assert_eq!(say("Created pod 10".into(), 10), combined("Created pod 10", 2));
        assert_eq!(say("Created pod 3".into(), 11), combined("Created pod 10", 2), "known words are counted apart");
        assert_eq!(say("Created pod 11".into(), 700), combined("Created pod 10", 2), "a pause starts anew");
    }
}
