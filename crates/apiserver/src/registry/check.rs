//! What checks are made of: where in an object something stands, and what is wrong with it.
//! Models: staging/src/k8s.io/apimachinery/pkg/util/validation/field (path.go, errors.go).

use api::Cause;
use serde_json::Value;
use std::fmt;

/// Where in an object something stands: `spec.containers[0].image`. A path is a chain of borrowed steps, so that
/// checking a sound object builds no text.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A top-level field.
    pub(super) const fn root(name: &'a str) -> Path<'a> {
        Path { parent: None, step: Step::Field(name) }
    }

    /// A field of what stands here.
    pub(super) const fn field<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path { parent: Some(self), step: Step::Field(name) }
    }

    /// An item of the list that stands here.
    pub(super) const fn index(&self, index: usize) -> Path<'_> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The value of a key of the map that stands here.
    pub(super) const fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { parent: Some(self), step: Step::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(name) if self.parent.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// Everything that is wrong with an object, in the order in which it was found.
#[derive(Debug, Default)]
pub(super) struct Causes {
    list: Vec<Cause>,
}

impl Causes {
    /// What was found. A mistake found twice is told once, as upstream's aggregate error does it.
    pub(super) fn into_list(self) -> Vec<Cause> {
        let mut list: Vec<Cause> = Vec::with_capacity(self.list.len());
        for cause in self.list {
            if !list.contains(&cause) {
                list.push(cause);
            }
        }
        list
    }

    /// Adds what others have found.
    pub(super) fn extend(&mut self, found: Vec<Cause>) {
        self.list.extend(found);
    }

    /// How much was found so far.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    fn add(&mut self, at: &Path<'_>, message: String) {
        self.list.push(Cause::new(at.to_string(), message));
    }

    /// `Invalid value: VALUE: DETAIL`.
    pub(super) fn invalid(&mut self, at: &Path<'_>, value: impl Into<Value>, detail: impl fmt::Display) {
        self.add(at, format!("Invalid value: {}: {detail}", shown(&value.into())));
    }

    /// One `Invalid value` for each of the things that are wrong with a text.
    pub(super) fn each_invalid(&mut self, at: &Path<'_>, value: &str, details: Vec<String>) {
        for detail in details {
            self.invalid(at, value, detail);
        }
    }

    /// `Required value`, with a detail if there is one.
    pub(super) fn required(&mut self, at: &Path<'_>, detail: &str) {
        self.list.push(Cause::required(at.to_string(), detail));
    }

    /// `Forbidden: DETAIL`.
    pub(super) fn forbidden(&mut self, at: &Path<'_>, detail: &str) {
        self.list.push(Cause::forbidden(at.to_string(), detail));
    }

    /// `Unsupported value: VALUE: supported values: …`.
    pub(super) fn unsupported(&mut self, at: &Path<'_>, value: impl Into<Value>, supported: &[&str]) {
        let list: Vec<String> = supported.iter().map(|s| schema::go_quote(s)).collect();
        self.add(at, format!("Unsupported value: {}: supported values: {}", shown(&value.into()), list.join(", ")));
    }

    /// `Duplicate value: VALUE`.
    pub(super) fn duplicate(&mut self, at: &Path<'_>, value: impl Into<Value>) {
        self.add(at, format!("Duplicate value: {}", shown(&value.into())));
    }

    /// A mistake of this kind (`Invalid value`, …) whose value is shown in the server's internal form.
    pub(super) fn told(&mut self, at: &Path<'_>, kind: &str, value: &str, detail: &str) {
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        self.add(at, format!("{kind}: {value}{detail}"));
    }

    /// `Not found: VALUE`.
    pub(super) fn not_found(&mut self, at: &Path<'_>, value: &str) {
        self.add(at, format!("Not found: {}", schema::go_quote(value)));
    }

    /// `Too long: may not be more than MAX bytes`.
    pub(super) fn too_long(&mut self, at: &Path<'_>, max: usize) {
        self.add(at, format!("Too long: may not be more than {max} bytes"));
    }

    /// `Too many: COUNT: must have at most MAX items`.
    pub(super) fn too_many(&mut self, at: &Path<'_>, count: usize, max: usize) {
        self.add(at, format!("Too many: {count}: must have at most {max} items"));
    }

    /// Refuses a number below zero.
    pub(super) fn non_negative(&mut self, at: &Path<'_>, value: impl Into<i64>) {
        let value = value.into();
        if value < 0 {
            self.invalid(at, value, "must be greater than or equal to 0");
        }
    }

    /// Refuses a number that is not above zero.
    pub(super) fn positive(&mut self, at: &Path<'_>, value: impl Into<i64>) {
        let value = value.into();
        if value <= 0 {
            self.invalid(at, value, "must be greater than zero");
        }
    }

    /// Refuses a number outside these bounds.
    pub(super) fn in_range(&mut self, at: &Path<'_>, value: impl Into<i64>, bounds: std::ops::RangeInclusive<i64>) {
        let value = value.into();
        if !bounds.contains(&value) {
            self.invalid(at, value, super::names::inclusive_range(*bounds.start(), *bounds.end()));
        }
    }

    /// Refuses a word that is none of these.
    pub(super) fn one_of(&mut self, at: &Path<'_>, value: &str, supported: &[&str]) {
        if !supported.contains(&value) {
            self.unsupported(at, value, supported);
        }
    }

    /// `field is immutable`, unless both are the same.
    pub(super) fn immutable<T: PartialEq + api::Wire>(&mut self, at: &Path<'_>, new: &T, old: &T) {
        if new != old {
            self.invalid(at, new.write(), "field is immutable");
        }
    }
}

/// A value as messages show it: text as Go quotes it, all else as JSON, in which Go escapes the signs of HTML.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => schema::go_quote(text),
        Value::Number(_) | Value::Bool(_) | Value::Null => value.to_string(),
        _ => value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mistakes_read_as_the_server_puts_them() {
        let mut causes = Causes::default();
        let spec = Path::root("spec");
        let containers = spec.field("containers");
        let first = containers.index(0);
        causes.invalid(&first.field("name"), "A\"b", "bad");
        causes.invalid(&spec.field("selector"), json!({"a": "<b>"}), "field is immutable");
        causes.non_negative(&spec.field("replicas"), -1);
        causes.non_negative(&spec.field("replicas"), -1);
        causes.unsupported(&first.field("resources").field("limits").key("cpu"), "x", &["a", "b"]);
        let texts: Vec<String> = causes.into_list().iter().map(ToString::to_string).collect();
        expect_test::expect![[r#"
            spec.containers[0].name: Invalid value: "A\"b": bad
            spec.selector: Invalid value: {"a":"\u003cb\u003e"}: field is immutable
            spec.replicas: Invalid value: -1: must be greater than or equal to 0
            spec.containers[0].resources.limits[cpu]: Unsupported value: "x": supported values: "a", "b""#]]
        .assert_eq(&texts.join("\n"));
    }
}
