//! The event recorder: an event that happens again is counted, not repeated.
//! Models: staging/src/k8s.io/client-go/tools/record (events_cache.go, event.go).

use crate::plan::EventRecord;
use crate::store::Store;
use api::{Event, EventSource, Kind, Object, ObjectKey, ObjectMeta, ObjectReference, Resource, Time};
use std::rc::Rc;

/// Stores an event, or counts the one that says the same about the same object.
pub(crate) fn record(store: &mut Store, record: &EventRecord, now: Time, uid: String) {
    if let Some(known) = same_event(store, record) {
        let mut event = Event::clone(&known);
        event.count += 1;
        event.last_timestamp = Some(now);
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
        message: record.message.as_str().into(),
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

fn same_event(store: &Store, record: &EventRecord) -> Option<Rc<Event>> {
    store
        .indexes
        .events_about(&record.uid)
        .filter_map(|key: &ObjectKey| match store.get(key) {
            Some(Object::Event(event)) => Some(event),
            _ => None,
        })
        .find(|event| {
            event.reason == record.reason
                && event.message == record.message.as_str()
                && event.source.component == record.component
                && event.involved_object.field_path == record.field_path
                && event.r#type == record.event_type.as_str()
        })
        .cloned()
}

fn type_meta(kind: Kind) -> (String, String) {
    match crate::resource(kind) {
        Some(info) if info.group.is_empty() => (info.version.to_string(), info.kind.to_string()),
        Some(info) => (format!("{}/{}", info.group, info.version), info.kind.to_string()),
        None => Default::default(),
    }
}
