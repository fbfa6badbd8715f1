//! Two lines of history at the same moment: which objects differ, and which Events only one of them has.

use crate::chronicle::{Tick, reference};
use crate::session::Session;
use api::{Kind, ObjectKey};
use serde_json::Value;
use sim::SimTime;
use std::collections::BTreeMap;
use std::rc::Rc;
use view::{ObjectRef, Text};

/// In what two lines of history differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The moment, in virtual milliseconds.
    pub at_ms: u64,
    /// The objects that differ, by kind, namespace and name.
    pub objects: Vec<Difference>,
    /// Events that only the present line has.
    pub only_here: Vec<Tick>,
    /// Events that only the other line has.
    pub only_there: Vec<Tick>,
}

/// How one object differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The object.
    pub object: ObjectRef,
    /// Whether it is there in the present line, and in the other.
    pub is_there: (bool, bool),
    /// The fields that differ, with both values, if it is in both.
    pub fields: Vec<Text>,
}

/// The most fields that are told of one object.
const MOST_FIELDS: usize = 6;

pub(crate) fn compare(here: &Session, there: &Session, since: SimTime) -> Comparison {
    let (a, b) = (objects(here), objects(there));
    let mut found = Vec::new();
    let mut keys: Vec<&ObjectKey> = a.keys().chain(b.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (left, right) = (a.get(key), b.get(key));
        let mut fields = Vec::new();
        if let (Some(left), Some(right)) = (left, right) {
            if left == right {
                continue;
            }
            differ(left, right, "", &mut fields);
            if fields.is_empty() {
                continue;
            }
        }
        found.push(Difference { object: reference(key), is_there: (left.is_some(), right.is_some()), fields });
    }
    let (left, right) = (told(here, since), told(there, since));
    Comparison {
        at_ms: here.cluster().now().as_millis(),
        objects: found,
        only_here: without(&left, &right),
        only_there: without(&right, &left),
    }
}

/// Everything stored, but for what changes all the time.
fn objects(session: &Session) -> BTreeMap<ObjectKey, Rc<Value>> {
    let everything = session.cluster().lister().everything();
    let lasting = everything.filter(|object| !matches!(object.key().kind, Kind::Event | Kind::Lease));
    lasting.map(|object| (object.key(), Rc::new(object.write_body()))).collect()
}

fn told(session: &Session, since: SimTime) -> Vec<Tick> {
    let (since, now) = (since.as_millis(), session.cluster().now().as_millis());
    session.ticks().filter(|tick| (since..=now).contains(&tick.at_ms)).cloned().collect()
}

fn without(all: &[Tick], others: &[Tick]) -> Vec<Tick> {
    let same = |a: &Tick, b: &Tick| (&a.about, &a.reason, &a.message) == (&b.about, &b.reason, &b.message);
    all.iter().filter(|tick| !others.iter().any(|other| same(tick, other))).cloned().collect()
}

/// Fields that say only when or how often something was written.
const RESTLESS: [&str; 7] = [
    "managedFields",
    "resourceVersion",
    "uid",
    "lastHeartbeatTime",
    "lastTransitionTime",
    "lastUpdateTime",
    "lastProbeTime",
];

fn differ(a: &Value, b: &Value, path: &str, found: &mut Vec<Text>) {
    if a == b || found.len() >= MOST_FIELDS {
        return;
    }
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort();
            names.dedup();
            for name in names.into_iter().filter(|name| !RESTLESS.contains(&name.as_str())) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let none = Value::Null;
                differ(left.get(name).unwrap_or(&none), right.get(name).unwrap_or(&none), &path, found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.iter().chain(right).all(|item| name_of(item).is_some()) => {
            let mut names: Vec<&str> = left.iter().chain(right).filter_map(name_of).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let item = |list: &[Value]| list.iter().find(|item| name_of(item) == Some(name)).cloned();
                let [left, right] = [left, right].map(|list| item(list).unwrap_or(Value::Null));
                differ(&left, &right, &format!("{path}[{name}]"), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differ(left, right, &format!("{path}[{index}]"), found);
            }
        }
        _ => found.push(format!("{path}: {} ≠ {}", short(a), short(b)).into()),
    }
}

/// What tells the items of a list apart: their name or type.
fn name_of(item: &Value) -> Option<&str> {
    ["name", "type", "containerPort"].iter().find_map(|field| item.get(field)?.as_str())
}

/// A value in a few words.
fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => return "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= 40 { text } else { text.chars().take(39).chain(['…']).collect() }
}
