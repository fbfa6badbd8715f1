//! The wire form: how typed objects are read from and written to JSON values, and the shared strings, lists and
//! maps they are made of.
//!
//! Reading is lenient, as the API server has validated the value against the schema before: what does not fit is
//! left at its default.

use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A type that has a JSON form.
pub trait Wire: Sized {
    /// Reads a value; what does not fit is left at its default.
    fn read(value: Value) -> Self;
    /// The value to print.
    fn write(&self) -> Value;
    /// Whether the field is left out when it has this value (Go's `omitempty`).
    fn is_absent(&self) -> bool;
}

/// An immutable, shared string.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Str(Option<Rc<str>>);

impl Ord for Str {
    /// Names and namespaces are mostly compared with themselves: that needs no look at the text.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => std::cmp::Ordering::Equal,
            _ => self.as_str().cmp(other.as_str()),
        }
    }
}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Str {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("")
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl std::borrow::Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        if text.is_empty() || text.len() > LONGEST_SHARED {
            return Str(if text.is_empty() { None } else { Some(Rc::from(text)) });
        }
        RECENT.with_borrow_mut(|recent| {
            let place = &mut recent[place_of(text)];
            match place {
                Some(known) if **known == *text => Str(Some(known.clone())),
                _ => {
                    let new: Rc<str> = Rc::from(text);
                    *place = Some(new.clone());
                    Str(Some(new))
                }
            }
        })
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Str(if text.is_empty() { None } else { Some(Rc::from(text)) })
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Str::from(text.as_str())
    }
}

/// Longer texts are rarely made twice.
const LONGEST_SHARED: usize = 64;
/// How many texts are kept for the next one who makes the same.
const RECENT_TEXTS: usize = 512;

thread_local! {
    /// Texts made lately: `True`, `default`, `Created container c` and the like are made for each of ten thousand pods,
    /// and stand in memory once. Nobody can see whether a text is shared.
    static RECENT: RefCell<[Option<Rc<str>>; RECENT_TEXTS]> = const { RefCell::new([const { None }; RECENT_TEXTS]) };
}

/// Where a text stands among the recent ones, if it does.
fn place_of(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(bytes.len() as u64, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    let sum = rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte)));
    usize::try_from(sum >> 40).unwrap_or(0) % RECENT_TEXTS
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Wire for Str {
    fn read(value: Value) -> Self {
        match value {
            Value::String(text) => Str::from(text),
            _ => Str::default(),
        }
    }
    fn write(&self) -> Value {
        Value::String(self.as_str().to_owned())
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

fn same<T: ?Sized>(a: &Option<Rc<T>>, b: &Option<Rc<T>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// An immutable, shared list.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct List<T>(Option<Rc<[T]>>);

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        List(self.0.clone())
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List(None)
    }
}

impl<T> List<T> {
    /// Whether both are the very same, not only equal.
    pub fn is_same(&self, other: &List<T>) -> bool {
        same(&self.0, &other.0)
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or(&[])
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        List(if items.is_empty() { None } else { Some(Rc::from(items)) })
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<T>>().into()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Wire> Wire for List<T> {
    fn read(value: Value) -> Self {
        match value {
            Value::Array(items) => items.into_iter().map(T::read).collect(),
            _ => List::default(),
        }
    }
    fn write(&self) -> Value {
        Value::Array(self.iter().map(Wire::write).collect())
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// An immutable, shared map with text keys: labels, annotations, node selectors, ConfigMap data.
#[derive(PartialEq, Eq)]
pub struct StrMap<T = Str>(Option<Rc<BTreeMap<Str, T>>>);

impl<T> Clone for StrMap<T> {
    fn clone(&self) -> Self {
        StrMap(self.0.clone())
    }
}

impl<T> Default for StrMap<T> {
    fn default() -> Self {
        StrMap(None)
    }
}

impl<T> StrMap<T> {
    /// Whether both are the very same, not only equal.
    pub fn is_same(&self, other: &StrMap<T>) -> bool {
        same(&self.0, &other.0)
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.as_ref()?.get(key)
    }

    /// Whether there is such a key.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// All pairs, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, &T)> {
        self.0.iter().flat_map(|map| map.iter())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |map| map.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Clone> StrMap<T> {
    /// A copy with this pair set.
    #[must_use]
    pub fn with(&self, key: &str, value: impl Into<T>) -> Self {
        let mut map = self.0.as_deref().cloned().unwrap_or_default();
        map.insert(key.into(), value.into());
        StrMap(Some(Rc::new(map)))
    }

    /// A copy without this key.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        if !self.has(key) {
            return self.clone();
        }
        let mut map = self.0.as_deref().cloned().unwrap_or_default();
        map.remove(key);
        map.into()
    }
}

impl<T> From<BTreeMap<Str, T>> for StrMap<T> {
    fn from(map: BTreeMap<Str, T>) -> Self {
        StrMap(if map.is_empty() { None } else { Some(Rc::new(map)) })
    }
}

impl<T> FromIterator<(Str, T)> for StrMap<T> {
    fn from_iter<I: IntoIterator<Item = (Str, T)>>(pairs: I) -> Self {
        pairs.into_iter().collect::<BTreeMap<Str, T>>().into()
    }
}

impl<T: fmt::Debug> fmt::Debug for StrMap<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: Wire> Wire for StrMap<T> {
    fn read(value: Value) -> Self {
        match value {
            Value::Object(map) => map.into_iter().map(|(k, v)| (Str::from(k), T::read(v))).collect(),
            _ => StrMap::default(),
        }
    }
    fn write(&self) -> Value {
        Value::Object(self.iter().map(|(k, v)| (k.to_string(), v.write())).collect())
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// The fields of an object that nothing here acts on, kept as they were given.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Rest(Option<Rc<Map<String, Value>>>);

impl Rest {
    /// The value of one such field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.as_ref()?.get(field)
    }

    /// A copy with this field set.
    #[must_use]
    pub fn with(&self, field: &str, value: Value) -> Self {
        let mut map = self.0.as_deref().cloned().unwrap_or_default();
        map.insert(field.to_owned(), value);
        Rest(Some(Rc::new(map)))
    }

    /// All such fields, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter().flat_map(|map| map.iter())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|map| map.is_empty())
    }

    /// Whether both are the very same, not only equal.
    pub fn is_same(&self, other: &Rest) -> bool {
        same(&self.0, &other.0)
    }
}

impl From<Map<String, Value>> for Rest {
    fn from(map: Map<String, Value>) -> Self {
        Rest(if map.is_empty() { None } else { Some(Rc::new(map)) })
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read(value: Value) -> Self {
        if value.is_null() { None } else { Some(T::read(value)) }
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Wire::write)
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Wire> Wire for Rc<T> {
    fn read(value: Value) -> Self {
        Rc::new(T::read(value))
    }
    fn write(&self) -> Value {
        T::write(self)
    }
    fn is_absent(&self) -> bool {
        T::is_absent(self)
    }
}

impl Wire for bool {
    fn read(value: Value) -> Self {
        value.as_bool().unwrap_or(false)
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
    fn is_absent(&self) -> bool {
        !*self
    }
}

impl Wire for i32 {
    fn read(value: Value) -> Self {
        value.as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(0)
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
    fn is_absent(&self) -> bool {
        *self == 0
    }
}

impl Wire for i64 {
    fn read(value: Value) -> Self {
        value.as_i64().unwrap_or(0)
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
    fn is_absent(&self) -> bool {
        *self == 0
    }
}

impl Wire for Value {
    fn read(value: Value) -> Self {
        value
    }
    fn write(&self) -> Value {
        self.clone()
    }
    fn is_absent(&self) -> bool {
        self.is_null()
    }
}

/// Defines a struct of the API: each line is a field, its type and its JSON name; `always` after the name means
/// that the field is printed even when empty. Fields not named here are kept in `rest`.
macro_rules! object {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $json:literal $($always:ident)?),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Fields that nothing here acts on, kept as given.
            pub rest: $crate::wire::Rest,
        }

        impl $name {
            /// The fields that something acts on, as manifests spell them.
            pub const FIELDS: &'static [&'static str] = &[$($json),*];
        }

        impl $crate::wire::Wire for $name {
            fn read(value: serde_json::Value) -> Self {
                let serde_json::Value::Object(mut map) = value else { return Self::default() };
                Self {
                    $($field: map.remove($json).map($crate::wire::Wire::read).unwrap_or_default(),)*
                    rest: map.into(),
                }
            }
            fn write(&self) -> serde_json::Value {
                let mut map = serde_json::Map::new();
                for (name, value) in self.rest.iter() {
                    map.insert(name.clone(), value.clone());
                }
                $(if object!(@always $($always)?) || !$crate::wire::Wire::is_absent(&self.$field) {
                    map.insert($json.to_owned(), $crate::wire::Wire::write(&self.$field));
                })*
                serde_json::Value::Object(map)
            }
            fn is_absent(&self) -> bool {
                true $(&& !object!(@always $($always)?) && $crate::wire::Wire::is_absent(&self.$field))* && self.rest.is_empty()
            }
        }
    };
    (@always always) => { true };
    (@always) => { false };
}
