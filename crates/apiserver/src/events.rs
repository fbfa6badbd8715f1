//! The event recorder: an event that happens again is counted, not repeated; many that differ only in their words
//! are combined.
//! Models: staging/src/k8s.io/client-go/tools/record (events_cache.go, event.go); for the scheduler, which uses the
//! newer API, tools/events (event_broadcaster.go).

use crate::plan::EventRecord;
use crate::store::Store;
use api::{Event, EventSeries, EventSource, Kind, MicroTime, ObjectMeta, ObjectReference, Resource, Str, Time};
use sim::SimDuration;
use std::rc::Rc;

/// So many different messages of one reason about one object are told apart; further ones become one event.
const MAX_SIMILAR: usize = 10;
/// Messages further apart than this are not similar.
const SIMILAR_WITHIN: SimDuration = SimDuration::from_secs(600);
/// Those who report through the newer API.
const NEWER_API: &[&str] = &["default-scheduler"];
/// After so long a pause an event of the newer API is a new one.
const SERIES_ENDS_AFTER: SimDuration = SimDuration::from_secs(360);
/// How often a growing count is written.
const SERIES_WRITTEN_EVERY_MS: i64 = 1_800_000;
/// So many events of one source about one object come through at once.
const SPAM_BURST: i64 = 25;
/// How near to that a source is watched.
const SPAM_WATCHED: i64 = 5;
/// How long until one more comes through.
const SPAM_REFILL_MS: i64 = 300_000;
const COMBINED: &str = "(combined from similar events): ";

/// Stores an event, or counts the one that says the same, or nearly the same, about the same object.
pub(crate) fn record(store: &mut Store, record: &EventRecord, now: Time, uid: String) {
    if NEWER_API.contains(&&*record.component) {
        record_series(store, record, now, uid);
        return;
    }
    let about: Vec<&Rc<Event>> = store.indexes.events_about(&record.uid).filter_map(Event::from_object).collect();
    let (known, message) = correlate(&about, record, now);
    let told = told(&about, record, now);
    let count = known.as_ref().map_or(1, |known| counted(store, known) + 1);
    if is_spam(store, record, told, now) {
        // It is counted all the same; the count is written with the next event that gets through.
        if let Some(known) = known {
            store.sightings.insert(known.key(), (count, now));
        }
        return;
    }
    if let Some(known) = known {
        store.sightings.remove(&known.key());
        let mut event = Event::clone(&known);
        event.count = count;
        event.last_timestamp = Some(now);
        event.message = message.into();
        store.put(event.into_object());
        return;
    }
    let event = Event {
        message: message.into(),
        source: EventSource { component: record.component.clone(), host: record.host.clone(), ..Default::default() },
        first_timestamp: Some(now),
        last_timestamp: Some(now),
        count: 1,
        reporting_instance: record.host.clone(),
        ..blank(store, record, Str::default(), now, uid)
    };
    store.put(event.into_object());
}

/// How often an event was seen, the times included that were not written.
fn counted(store: &Store, event: &Event) -> i32 {
    store.sightings.get(&event.key()).map_or(event.times_seen(), |(count, _)| *count)
}

/// How many events this source has told of the object, and since when.
fn told(about: &[&Rc<Event>], record: &EventRecord, now: Time) -> (i64, Time) {
    let (mut count, mut first) = (0, now);
    for event in about {
        if event.source.component == record.component && event.r#type == record.event_type.as_str() {
            count += i64::from(event.count);
            first = event.first_timestamp.unwrap_or(now).min(first);
        }
    }
    (count, first)
}

/// Whether this source has told too much of this object lately: each may tell [`SPAM_BURST`] events, and then one more
/// every five minutes. Models: EventSourceObjectSpamFilter. What has been told so far is read off the stored events;
/// only those who come near the limit are watched closely.
fn is_spam(store: &mut Store, record: &EventRecord, (count, first): (i64, Time), now: Time) -> bool {
    if store.talkers.is_empty() && count < SPAM_BURST - SPAM_WATCHED {
        return false;
    }
    let source = (record.component.clone(), record.event_type, record.uid.clone());
    let refill = |since: Time| (now.unix_millis() - since.unix_millis()) * 1000 / SPAM_REFILL_MS;
    let tokens = match store.talkers.get(&source) {
        Some((tokens, since)) => tokens + refill(*since),
        None if count < SPAM_BURST - SPAM_WATCHED => return false,
        None => (SPAM_BURST - count) * 1000 + refill(first),
    };
    let tokens = tokens.min(SPAM_BURST * 1000);
    if tokens < 1000 {
        store.talkers.entry(source).or_insert((tokens, now));
        return true;
    }
    store.talkers.insert(source, (tokens - 1000, now));
    false
}

/// Stores an event of the newer API, or counts it. Only the second time is written at once; later ones are kept in
/// mind and written when half an hour is over. What tells events apart is the state of the object they are about,
/// not their words.
fn record_series(store: &mut Store, record: &EventRecord, now: Time, uid: String) {
    let version = store.get(&record.regarding).map(|object| object.meta().resource_version.0.to_string());
    let version = version.unwrap_or_default();
    let known = store.indexes.events_about(&record.uid).find_map(|object| {
        let event = Event::from_object(object)?;
        let sighted = if store.sightings.is_empty() { None } else { store.sightings.get(&event.key()) };
        let last = sighted.map(|(_, last)| *last).or(event.last_seen());
        let alike = event.reason == record.reason
            && event.reporting_component == record.component
            && event.involved_object.resource_version == version.as_str()
            && last.is_some_and(|last| now.since(last) <= SERIES_ENDS_AFTER);
        alike.then(|| (event.key(), Rc::clone(event)))
    });
    let Some((key, known)) = known else {
        let mut event = blank(store, record, version.into(), now, uid);
        event.message = record.message.as_str().into();
        event.event_time = Some(MicroTime(now));
        event.reporting_instance = format!("{}-control-plane", record.component).into();
        event.action = action(&record.reason).into();
        store.put(event.into_object());
        return;
    };
    let count = store.sightings.get(&key).map_or(known.times_seen(), |(count, _)| *count) + 1;
    store.sightings.insert(key, (count, now));
    let half_hour = |time: Time| time.unix_millis() / SERIES_WRITTEN_EVERY_MS;
    let written = known.series.as_ref().and_then(|series| series.last_observed_time);
    if written.is_some_and(|written| half_hour(written.0) == half_hour(now)) {
        return;
    }
    let mut event = Event::clone(&known);
    event.series = Some(Rc::new(EventSeries { count, last_observed_time: Some(MicroTime(now)), ..Default::default() }));
    store.put(event.into_object());
}

/// What the scheduler was doing when it reported.
fn action(reason: &str) -> &'static str {
    match reason {
        "Scheduled" => "Binding",
        "Preempted" => "Preempting",
        _ => "Scheduling",
    }
}

/// What all events have in common; `version` is that of the object, where it is told.
fn blank(store: &Store, record: &EventRecord, version: Str, now: Time, uid: String) -> Event {
    let namespace =
        if record.regarding.namespace.is_empty() { "default".into() } else { record.regarding.namespace.clone() };
    // Upstream appends the nanoseconds; the store's own counter keeps two events of one instant apart.
    let name = format!(
        "{}.{:x}{:04x}",
        record.regarding.name,
        now.unix_millis() * 1_000_000,
        store.resource_version() % 0x1_0000
    );
    Event {
        metadata: ObjectMeta {
            name: name.into(),
            namespace,
            uid: uid.into(),
            creation_timestamp: Some(now),
            ..Default::default()
        },
        involved_object: reference(store, record, version),
        reason: record.reason.clone(),
        r#type: record.event_type.as_str().into(),
        reporting_component: record.component.clone(),
        ..Default::default()
    }
}

/// What the event is about. The events of one object share what they say of it.
fn reference(store: &Store, record: &EventRecord, version: Str) -> Rc<ObjectReference> {
    let (api_version, kind) = type_meta(record.regarding.kind);
    let reference = ObjectReference {
        kind,
        api_version,
        namespace: record.regarding.namespace.clone(),
        name: record.regarding.name.clone(),
        uid: record.uid.clone(),
        resource_version: version,
        field_path: record.field_path.clone(),
        ..Default::default()
    };
    let mut told = store.indexes.events_about(&record.uid).filter_map(Event::from_object);
    match told.find(|event| *event.involved_object == reference) {
        Some(event) => Rc::clone(&event.involved_object),
        None => Rc::new(reference),
    }
}

/// The stored event that a new one adds to, if any, and the words to store. Models: EventAggregate; what upstream
/// keeps in a cache is read off the stored events here.
fn correlate(about: &[&Rc<Event>], record: &EventRecord, now: Time) -> (Option<Rc<Event>>, String) {
    let similar = about.iter().copied().filter(|event| {
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

fn type_meta(kind: Kind) -> (Str, Str) {
    match crate::resource(kind) {
        Some(info) if info.group.is_empty() => (info.version.into(), info.kind.into()),
        Some(info) => (format!("{}/{}", info.group, info.version).as_str().into(), info.kind.into()),
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
            let about = store.indexes.events_about(&uid).filter_map(Event::from_object);
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

    #[test]
    fn a_source_that_talks_too_much_is_heard_every_five_minutes() {
        let mut store = Store::default();
        let mut pod = Pod::default();
        pod.metadata.name = "web".into();
        pod.metadata.uid = "u".into();
        let mut count = 0;
        let mut say = |seconds: i64| {
            let event = EventRecord::warning(&pod, "kubelet", "BackOff", "Back-off restarting failed container");
            let at = Time::from_unix_millis((1_767_225_600 + seconds) * 1000);
            record(&mut store, &event, at, format!("{seconds}"));
            let uid = "u".into();
            let mut about = store.indexes.events_about(&uid).filter_map(Event::from_object);
            let counted = about.next().map_or(0, |event| event.count);
            std::mem::replace(&mut count, counted) != counted
        };
        assert!((0..25).all(&mut say));
        assert!(!(25..200).any(&mut say));
        let heard: Vec<i64> = (200..1000).filter(|seconds| say(*seconds)).collect();
        assert_eq!(heard, [301, 601, 901]);
        assert_eq!(count, 902, "all of them count");
    }

    #[test]
    fn the_scheduler_counts_by_the_state_of_the_pod_and_writes_rarely() {
        let mut store = Store::default();
        let mut pod = Pod::default();
        pod.metadata.name = "web".into();
        pod.metadata.uid = "u".into();
        let say = |store: &mut Store, seconds: i64| {
            let event = EventRecord::warning(&pod, "default-scheduler", "FailedScheduling", "no room");
            record(store, &event, Time::from_unix_millis((1_767_225_600 + seconds) * 1000), format!("{seconds}"));
            let uid = "u".into();
            let about = store.indexes.events_about(&uid).filter_map(Event::from_object);
            about.map(|event| event.times_seen()).collect::<Vec<_>>()
        };
        store.put(pod.clone().into_object());
        assert_eq!(say(&mut store, 1), [1]);
        // The pod's condition is written: another state of the pod.
        store.put(pod.clone().into_object());
        assert_eq!(say(&mut store, 2), [1, 1]);
        assert_eq!(say(&mut store, 3), [1, 2]);
        assert_eq!(say(&mut store, 303), [1, 2], "kept in mind");
        for seconds in [603, 903, 1203, 1503] {
            assert_eq!(say(&mut store, seconds), [1, 2]);
        }
        assert_eq!(say(&mut store, 1803), [1, 8], "every half hour it is written");
        assert_eq!(say(&mut store, 2203), [1, 8, 1], "after a longer pause it is new");
    }
}
