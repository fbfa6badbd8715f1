//! Values seen through their schema: which lists and maps merge, and what two values differ in.
//! Models: sigs.k8s.io/structured-merge-diff/v6/typed (tofieldset.go, compare.go, merge.go).

use super::set::{Node, leaf, node, put};
use api::FieldSet;
use schema::{Definition, ListType, Type};
use serde_json::{Map, Value};

/// What the schema says of a value.
#[derive(Clone, Copy)]
enum Shape<'a> {
    Object(&'static Definition),
    Of(&'static Type),
    /// The structural schema of a custom resource.
    Custom(&'a Value),
    Unknown,
}

/// A place in an object: what the schema says of it, and whether it is one value for those who manage fields.
#[derive(Clone, Copy)]
pub(crate) struct Typed<'a> {
    shape: Shape<'a>,
    atomic: bool,
    list: Keys<'a>,
}

/// How the items of a list are told apart.
#[derive(Clone, Copy)]
enum Keys<'a> {
    Atomic,
    Set,
    Static(&'static [&'static str]),
    Custom(&'a [Value]),
}

/// What is different between two values, as sets of fields.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) added: FieldSet,
    pub(super) modified: FieldSet,
    pub(super) removed: FieldSet,
}

/// What a key of a list's item is if it is not written.
pub(super) fn key_default(key: &str) -> Option<Value> {
    (key == "protocol").then(|| "TCP".into())
}

/// Fields that are structs in Go, not pointers, so that they are there even in an empty object.
const ALWAYS_THERE: [&str; 9] = [
    "metadata",
    "spec",
    "status",
    "strategy",
    "updateStrategy",
    "template",
    "jobTemplate",
    "resources",
    "loadBalancer",
];

impl<'a> Typed<'a> {
    /// An object of a built-in kind.
    pub(crate) fn builtin(definition: Option<&'static Definition>) -> Self {
        Self::of(definition.map_or(Shape::Unknown, Shape::Object))
    }

    /// An object of a custom kind, by its version's structural schema.
    pub(crate) fn custom(schema: &'a Value) -> Self {
        Self::of(Shape::Custom(schema))
    }

    fn of(shape: Shape<'a>) -> Self {
        Typed { shape, atomic: false, list: Keys::Atomic }
    }

    fn field(&self, name: &str) -> Typed<'a> {
        let unknown = Self::of(Shape::Unknown);
        match self.shape {
            Shape::Object(definition) => {
                let Some(field) = definition.field(name) else { return unknown };
                let atomic = schema::is_atomic_map(definition.name, name)
                    || field
                        .ty
                        .definition()
                        .is_some_and(|d| matches!(field.ty, Type::Object(_)) && schema::is_atomic_object(d.name));
                let list = match schema::merge_rule(definition.name, name).list {
                    ListType::Atomic => Keys::Atomic,
                    ListType::Set => Keys::Set,
                    ListType::Map(keys) => Keys::Static(keys),
                };
                Typed { shape: Shape::Of(&field.ty), atomic, list }
            }
            Shape::Of(Type::Object(name_of)) => schema::definition(name_of)
                .map_or(unknown, |definition| Self::of(Shape::Object(definition)).field(name)),
            Shape::Of(Type::Map(value)) => Self::of(Shape::Of(value)),
            Shape::Custom(schema) => custom_field(schema, name),
            _ => unknown,
        }
    }

    fn item(&self) -> Typed<'a> {
        match self.shape {
            Shape::Of(Type::Array(item)) => {
                let atomic = matches!(**item, Type::Object(name) if schema::is_atomic_object(name));
                Typed { atomic, ..Self::of(Shape::Of(item)) }
            }
            Shape::Custom(schema) => schema.get("items").map_or(Self::of(Shape::Unknown), custom),
            _ => Self::of(Shape::Unknown),
        }
    }

    /// Whether an empty object has this field all the same.
    fn is_always_there(&self, name: &str) -> bool {
        let definition = match self.shape {
            Shape::Object(definition) => Some(definition),
            Shape::Of(Type::Object(name)) => schema::definition(name),
            _ => None,
        };
        definition
            .and_then(|definition| definition.field(name))
            .is_some_and(|field| field.required || ALWAYS_THERE.contains(&name))
    }

    /// The name of a list's item in a set: `k:{"name":"nginx"}`, `v:"a"`.
    fn item_name(&self, item: &Value) -> String {
        let by_keys = |names: &mut dyn Iterator<Item = &str>| {
            let pairs = names.filter_map(|name| {
                let value = item.get(name).cloned().or_else(|| self.item_key_default(name))?;
                Some((name.to_owned(), value))
            });
            format!("k:{}", Value::Object(pairs.collect()))
        };
        match self.list {
            Keys::Static(names) => by_keys(&mut names.iter().copied()),
            Keys::Custom(names) => by_keys(&mut names.iter().filter_map(Value::as_str)),
            Keys::Set | Keys::Atomic => format!("v:{item}"),
        }
    }

    fn item_key_default(&self, key: &str) -> Option<Value> {
        match self.shape {
            Shape::Custom(schema) => schema.pointer(&format!("/items/properties/{key}/default")).cloned(),
            _ => key_default(key),
        }
    }

    /// Whether the list merges item by item.
    fn merges_items(&self) -> bool {
        !matches!(self.list, Keys::Atomic)
    }
}

fn custom(schema: &Value) -> Typed<'_> {
    let text = |field: &str| schema.get(field).and_then(Value::as_str).unwrap_or("");
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let list = match text("x-kubernetes-list-type") {
        "map" => Keys::Custom(keys),
        "set" => Keys::Set,
        _ => Keys::Atomic,
    };
    Typed { shape: Shape::Custom(schema), atomic: text("x-kubernetes-map-type") == "atomic", list }
}

fn custom_field<'a>(schema: &'a Value, name: &str) -> Typed<'a> {
    let field = schema.get("properties").and_then(|properties| properties.get(name));
    // What a schema says of an object's metadata only restricts its names.
    let is_meta = |field: &Value| {
        let fields = field.get("properties").and_then(Value::as_object);
        fields.is_none_or(|fields| fields.keys().all(|field| field == "name" || field == "generateName"))
    };
    match field {
        Some(field) if name != "metadata" || !is_meta(field) => return custom(field),
        _ if name == "metadata" => return Typed::builtin(schema::definition("meta.v1.ObjectMeta")),
        _ => {}
    }
    match schema.get("additionalProperties") {
        Some(values) if values.is_object() => custom(values),
        _ => Typed::of(Shape::Unknown),
    }
}

/// The fields that a value names. Models: toFieldSetWalker.
pub(super) fn to_set(typed: Typed<'_>, value: &Value) -> FieldSet {
    set_of(typed, value).unwrap_or_default()
}

fn set_of(typed: Typed<'_>, value: &Value) -> Node {
    match value {
        Value::Object(map) if !typed.atomic && !map.is_empty() => {
            let mut out = Map::new();
            for (name, inner) in map {
                put(&mut out, format!("f:{name}"), set_of(typed.field(name), inner));
            }
            node(false, out)
        }
        Value::Array(items) if typed.merges_items() && !items.is_empty() => {
            let mut out = Map::new();
            for item in items {
                let below = set_of(typed.item(), item).filter(|_| item.is_object()).unwrap_or_default();
                put(&mut out, typed.item_name(item), node(true, below));
            }
            node(false, out)
        }
        _ => leaf(),
    }
}

/// What `new` changes in `old`. Models: compareWalker.
pub(super) fn compare(typed: Typed<'_>, old: &Value, new: &Value) -> Comparison {
    let [added, modified, removed] = differences(typed, Some(old), Some(new));
    let set = |node: Node| node.unwrap_or_default();
    Comparison { added: set(added), modified: set(modified), removed: set(removed) }
}

fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

fn differences(typed: Typed<'_>, old: Option<&Value>, new: Option<&Value>) -> [Node; 3] {
    let is_map = |value: Option<&Value>| matches!(value, None | Some(Value::Null | Value::Object(_)));
    let is_list = |value: Option<&Value>| matches!(value, None | Some(Value::Null | Value::Array(_)));
    let below = if is_nothing(old) && is_nothing(new) {
        None
    } else if is_map(old) && is_map(new) && !typed.atomic {
        Some(differences_of_maps(typed, old, new))
    } else if is_list(old) && is_list(new) && typed.merges_items() {
        Some(differences_of_lists(typed, old, new))
    } else {
        None
    };
    let Some([added, modified, removed]) = below else {
        return match (old, new) {
            (None, Some(_)) => [leaf(), None, None],
            (Some(_), None) => [None, None, leaf()],
            (old, new) if old != new => [None, leaf(), None],
            _ => [None, None, None],
        };
    };
    [node(old.is_none(), added), node(false, modified), node(new.is_none(), removed)]
}

fn differences_of_maps(typed: Typed<'_>, old: Option<&Value>, new: Option<&Value>) -> [FieldSet; 3] {
    let mut out = [Map::new(), Map::new(), Map::new()];
    let (old, new) = (old.filter(|o| !o.is_null() || new.is_some()), new);
    let get = |value: Option<&'_ Value>, name: &str| value.and_then(|v| v.get(name)).cloned();
    let keys = |value: Option<&Value>| -> Vec<String> {
        value.and_then(Value::as_object).map_or_else(Vec::new, |map| map.keys().cloned().collect())
    };
    let mut names = keys(old);
    names.extend(keys(new));
    names.sort_unstable();
    names.dedup();
    for name in names {
        let there = |value: Option<Value>, holder: Option<&Value>| {
            value.or_else(|| (holder.is_some() && typed.is_always_there(&name)).then_some(Value::Null))
        };
        let (before, after) = (there(get(old, &name), old), there(get(new, &name), new));
        let found = differences(typed.field(&name), before.as_ref(), after.as_ref());
        for (set, node) in out.iter_mut().zip(found) {
            put(set, format!("f:{name}"), node);
        }
    }
    out
}

fn differences_of_lists(typed: Typed<'_>, old: Option<&Value>, new: Option<&Value>) -> [FieldSet; 3] {
    let mut out = [Map::new(), Map::new(), Map::new()];
    let items = |value: Option<&'_ Value>| -> Vec<(String, Value)> {
        let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().map(|item| (typed.item_name(item), item.clone())).collect()
    };
    let (old, new) = (items(old), items(new));
    let find = |list: &'_ [(String, Value)], name: &str| list.iter().find(|(have, _)| have == name).cloned();
    for (name, before) in &old {
        let after = find(&new, name).map(|(_, item)| item);
        for (set, node) in out.iter_mut().zip(differences(typed.item(), Some(before), after.as_ref())) {
            put(set, name.clone(), node);
        }
    }
    for (name, after) in new.iter().filter(|(name, _)| find(&old, name).is_none()) {
        for (set, node) in out.iter_mut().zip(differences(typed.item(), None, Some(after))) {
            put(set, name.clone(), node);
        }
    }
    out
}

/// What is there with what is applied laid over it. Models: mergingWalker.
pub(super) fn merge(typed: Typed<'_>, live: &Value, applied: &Value) -> Value {
    match (live, applied) {
        (Value::Object(live), Value::Object(applied)) if !typed.atomic => {
            let mut merged = live.clone();
            for (name, value) in applied {
                let over = live.get(name).map_or_else(|| value.clone(), |have| merge(typed.field(name), have, value));
                merged.insert(name.clone(), over);
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(applied)) if typed.merges_items() => {
            Value::Array(merge_lists(typed, live, applied))
        }
        _ => applied.clone(),
    }
}

/// The applied items in their order; those only the object has stay behind the item they stood behind.
fn merge_lists(typed: Typed<'_>, live: &[Value], applied: &[Value]) -> Vec<Value> {
    let names: Vec<String> = applied.iter().map(|item| typed.item_name(item)).collect();
    let mut out = Vec::new();
    let mut next = 0;
    for (item, name) in applied.iter().zip(&names) {
        let place = live.iter().position(|have| typed.item_name(have) == *name);
        let Some(place) = place else {
            out.push(item.clone());
            continue;
        };
        while next <= place {
            if !names.contains(&typed.item_name(&live[next])) {
                out.push(live[next].clone());
            }
            next += 1;
        }
        out.push(merge(typed.item(), &live[place], item));
    }
    out.extend(live.iter().skip(next).filter(|item| !names.contains(&typed.item_name(item))).cloned());
    out
}
