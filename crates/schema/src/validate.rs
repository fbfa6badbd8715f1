//! Says what an API server would say of an object's fields: unknown ones, and values of the wrong type.
//!
//! Models: sigs.k8s.io/json (strict, case-sensitive decoding) for objects that are created, and
//! staging/src/k8s.io/apimachinery/pkg/runtime/converter.go for patches. Both see maps with sorted keys, as does this.
//! What a field's value must mean (names, ranges, required fields) is the business of each kind's validation, not of this.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::number::{go_quote, number_text};
use crate::scalars::{base64_mistake, quantity_mistake, time_mistake};
use crate::suggest::{Suggestion, Trail, suggest};
use crate::{Definition, Field, Resource, Type};

/// The decoder stops counting strict errors here.
const MAX_STRICT_ERRORS: usize = 100;

/// Suggestions cost a search through the schema; a text with more mistakes than this has another problem.
const MAX_SUGGESTIONS: usize = 50;

/// One step of a path into an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Name of a field or key of a map.
    Key(String),
    /// Position in a list.
    Index(usize),
}

/// A path as messages print it: `spec.template.spec.containers[0].image`.
#[must_use]
pub fn path_text(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        // Writing to a String cannot fail.
        let _ = match segment {
            Segment::Key(key) if text.is_empty() => write!(text, "{key}"),
            Segment::Key(key) => write!(text, ".{key}"),
            Segment::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}

/// What kind of mistake it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MistakeKind {
    /// No field of this name here. A strict error: the server can also warn, or drop the field silently.
    UnknownField,
    /// A value of another type than this; the server refuses it always.
    WrongType(Type),
    /// Text that its type cannot read (a quantity, a time, base64); refused always.
    BadText(Type),
}

/// One mistake in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub path: Vec<Segment>,
    /// What.
    pub kind: MistakeKind,
    /// The server's words when the object is created or replaced.
    pub message: String,
    /// The server's words when it comes in a patch (`kubectl apply` of something that exists); `None` where a patch is accepted.
    pub patch_message: Option<String>,
    /// What was probably meant.
    pub did_you_mean: Option<Suggestion>,
}

/// Every mistake in `value`, in the order the server meets them.
#[must_use]
pub fn validate(resource: &Resource, value: &Value) -> Vec<Mistake> {
    resource.definition().map_or_else(Vec::new, |definition| validate_definition(definition, value))
}

/// [`validate`] for an object that is not a resource of its own, such as `autoscaling.v1.Scale`.
#[must_use]
pub fn validate_definition(definition: &'static Definition, value: &Value) -> Vec<Mistake> {
    let mut walk = Walk { path: Vec::new(), fields: Vec::new(), trail: Vec::new(), mistakes: Vec::new() };
    match value {
        Value::Object(map) => walk.object(definition, map),
        _ => walk.wrong_type(&Type::Object(definition.name), value),
    }
    walk.mistakes
}

/// The part of a decoding error after `cannot be handled as a Deployment: `; `None` when there is nothing to refuse.
///
/// With `strict` false (field validation Warn or Ignore) unknown fields are let pass.
#[must_use]
pub fn decoding_error(mistakes: &[Mistake], strict: bool) -> Option<String> {
    // A text its own type refuses ends decoding at once; a wrong type is kept and reported when the rest has been read.
    let hard = |wanted: fn(&MistakeKind) -> bool| mistakes.iter().find(|m| wanted(&m.kind)).map(|m| m.message.clone());
    hard(|kind| {
        matches!(
            kind,
            MistakeKind::BadText(Type::Quantity | Type::Time | Type::MicroTime | Type::IntOrString)
                | MistakeKind::WrongType(Type::Quantity | Type::Time | Type::MicroTime | Type::IntOrString)
        )
    })
    .or_else(|| hard(|kind| *kind != MistakeKind::UnknownField))
    .or_else(|| if strict { strict_error(mistakes.iter().map(|m| m.message.clone()).collect()) } else { None })
}

/// The error of a patch: what follows the patch itself in `patch: Invalid value: "map[…]": `.
#[must_use]
pub fn patch_error(mistakes: &[Mistake], strict: bool) -> Option<String> {
    let hard = mistakes.iter().filter(|m| m.kind != MistakeKind::UnknownField).find_map(|m| m.patch_message.clone());
    hard.or_else(|| {
        let mut unknown: Vec<String> = mistakes
            .iter()
            .filter(|m| strict && m.kind == MistakeKind::UnknownField)
            .map(|m| m.message.clone())
            .collect();
        unknown.sort();
        strict_error(unknown)
    })
}

fn strict_error(mut unknown: Vec<String>) -> Option<String> {
    unknown.truncate(MAX_STRICT_ERRORS);
    (!unknown.is_empty()).then(|| format!("strict decoding error: {}", unknown.join(", ")))
}

/// Drops the fields the schema does not know, as the server does when it does not refuse them.
pub fn strip_unknown(resource: &Resource, value: &mut Value) {
    if let Some(definition) = resource.definition() {
        strip(&Type::Object(definition.name), value);
    }
}

fn strip(ty: &Type, value: &mut Value) {
    match (ty, value) {
        (Type::Object(name), Value::Object(map)) => {
            let Some(definition) = crate::definition(name) else { return };
            map.retain(|key, _| definition.field(key).is_some());
            for (key, value) in map {
                if let Some(field) = definition.field(key) {
                    strip(&field.ty, value);
                }
            }
        }
        (Type::Array(item), Value::Array(items)) => items.iter_mut().for_each(|value| strip(item, value)),
        (Type::Map(item), Value::Object(map)) => map.values_mut().for_each(|value| strip(item, value)),
        _ => {}
    }
}

/// A field on the way down.
struct Descent {
    /// The definition that holds it.
    holder: &'static Definition,
    field: &'static Field,
    /// Lists and maps entered since.
    levels: usize,
}

/// The walk through an object. Names are borrowed and put together only when there is something to say.
struct Walk<'v> {
    path: Vec<Step<'v>>,
    fields: Vec<Descent>,
    /// The definitions on the way, for suggestions.
    trail: Trail,
    mistakes: Vec<Mistake>,
}

#[derive(Clone, Copy)]
enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

impl<'v> Walk<'v> {
    fn object(&mut self, definition: &'static Definition, map: &'v Map<String, Value>) {
        self.trail.push((definition, self.path.len()));
        for (key, value) in map {
            self.path.push(Step::Key(key));
            match definition.field(key) {
                Some(field) => {
                    self.fields.push(Descent { holder: definition, field, levels: 0 });
                    self.value(&field.ty, value);
                    self.fields.pop();
                }
                None => self.unknown(map),
            }
            self.path.pop();
        }
        self.trail.pop();
    }

    fn unknown(&mut self, siblings: &Map<String, Value>) {
        let path = self.path();
        let message = format!("unknown field {}", go_quote(&path_text(&path)));
        let searched = self.mistakes.len() < MAX_SUGGESTIONS;
        let did_you_mean = if searched { suggest(&path, &self.trail, siblings) } else { None };
        self.mistakes.push(Mistake {
            path,
            kind: MistakeKind::UnknownField,
            patch_message: Some(message.clone()),
            message,
            did_you_mean,
        });
    }

    fn value(&mut self, ty: &'static Type, value: &'v Value) {
        match (ty, value) {
            (_, Value::Null)
            | (Type::Any, _)
            | (Type::Bool, Value::Bool(_))
            | (Type::String | Type::IntOrString, Value::String(_))
            | (Type::Number, Value::Number(_)) => {}
            (Type::Int32 | Type::IntOrString, Value::Number(n))
                if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
            (Type::Int64, Value::Number(n)) if n.is_i64() => {}
            (Type::Bytes, Value::String(text)) => {
                if let Some(message) = base64_mistake(text) {
                    self.bad_text(ty, message);
                }
            }
            (Type::Quantity, value) => self.quantity(ty, value),
            (Type::Time, Value::String(text)) => self.time(ty, text, "2006-01-02T15:04:05Z07:00"),
            (Type::MicroTime, Value::String(text)) => self.time(ty, text, "2006-01-02T15:04:05.000000Z07:00"),
            (Type::Array(item), Value::Array(items)) => {
                let steps = items.iter().enumerate().map(|(index, value)| (Step::Index(index), value));
                self.children(item, steps);
            }
            (Type::Map(item), Value::Object(map)) => {
                self.children(item, map.iter().map(|(key, value)| (Step::Key(key), value)));
            }
            (Type::Object(name), Value::Object(map)) => {
                if let Some(definition) = crate::definition(name) {
                    self.object(definition, map);
                }
            }
            _ => self.wrong_type(ty, value),
        }
    }

    fn children(&mut self, ty: &'static Type, children: impl Iterator<Item = (Step<'v>, &'v Value)>) {
        self.enter(1);
        for (step, value) in children {
            self.path.push(step);
            self.value(ty, value);
            self.path.pop();
        }
        self.enter(-1);
    }

    fn enter(&mut self, levels: isize) {
        if let Some(descent) = self.fields.last_mut() {
            descent.levels = descent.levels.saturating_add_signed(levels);
        }
    }

    fn path(&self) -> Vec<Segment> {
        let segment = |step: &Step<'_>| match step {
            Step::Key(key) => Segment::Key((*key).to_owned()),
            Step::Index(index) => Segment::Index(*index),
        };
        self.path.iter().map(segment).collect()
    }

    fn quantity(&mut self, ty: &Type, value: &Value) {
        let written;
        let text = match value {
            Value::String(text) => text.trim(),
            Value::Number(number) => {
                written = number_text(number);
                &written
            }
            other => {
                written = other.to_string();
                &written
            }
        };
        if let Some(message) = quantity_mistake(text) {
            self.bad_text(ty, message.to_owned());
        }
    }

    fn time(&mut self, ty: &Type, text: &str, layout: &str) {
        // An empty text is not a time either, but the zero time is written as null.
        if let Some(message) = time_mistake(text, layout) {
            self.bad_text(ty, message);
        }
    }

    fn bad_text(&mut self, ty: &Type, message: String) {
        self.mistakes.push(Mistake {
            path: self.path(),
            kind: MistakeKind::BadText(ty.clone()),
            patch_message: Some(message.clone()),
            message,
            did_you_mean: None,
        });
    }

    fn wrong_type(&mut self, ty: &Type, value: &Value) {
        let found = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "bool".to_owned(),
            Value::String(_) => "string".to_owned(),
            Value::Array(_) => "array".to_owned(),
            Value::Object(_) => "object".to_owned(),
            Value::Number(number) if matches!(ty, Type::Int32 | Type::Int64 | Type::IntOrString) => {
                format!("number {}", number_text(number))
            }
            Value::Number(_) => "number".to_owned(),
        };
        let go_name = self.go_name(ty);
        // Types that decode themselves complain about the type they are made of.
        let wanted = match ty {
            Type::IntOrString => "int32",
            Type::Time | Type::MicroTime => "string",
            _ => go_name.as_str(),
        };
        let message = match self.fields.last() {
            None => format!("json: cannot unmarshal {found} into Go value of type {wanted}"),
            Some(last) => {
                let (holder, stack) = (last.holder.go_struct(), self.go_path());
                format!("json: cannot unmarshal {found} into Go struct field {holder}.{stack} of type {wanted}")
            }
        };
        self.mistakes.push(Mistake {
            path: self.path(),
            kind: MistakeKind::WrongType(ty.clone()),
            message,
            patch_message: conversion_message(ty, &go_name, value),
            did_you_mean: None,
        });
    }

    /// The Go fields on the way, embedded structs included; list positions and map keys are not part of it.
    fn go_path(&self) -> String {
        let names =
            self.fields.iter().flat_map(|descent| descent.field.embedded.into_iter().chain([descent.field.name]));
        names.collect::<Vec<_>>().join(".")
    }

    /// The Go type of the value at hand: the field's, less the lists and maps around the value.
    fn go_name(&self, ty: &Type) -> String {
        let Some(descent) = self.fields.last() else { return ty.go_name() };
        let mut name = descent.field.go_name();
        for _ in 0..descent.levels {
            let inner = if name.starts_with("[]") {
                name.strip_prefix("[]")
            } else {
                name.strip_prefix("map[").and_then(|rest| rest.split_once(']')).map(|(_, inner)| inner)
            };
            match inner {
                Some(inner) => name = inner.trim_start_matches('*').to_owned(),
                None => return ty.go_name(),
            }
        }
        name
    }
}

/// What the converter of patches says of a wrong type; `None` where it accepts the value (it truncates numbers).
fn conversion_message(ty: &Type, go_name: &str, value: &Value) -> Option<String> {
    let kind = match value {
        Value::Null => return None,
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    };
    let unrecognized = |kind: &str| Some(format!("unrecognized type: {kind}"));
    match ty {
        Type::Array(_) | Type::Bytes => Some(format!("cannot restore slice from {kind}")),
        Type::Map(_) => Some(format!("cannot restore map from {kind}")),
        Type::Object(_) => Some(format!("cannot restore struct from: {kind}")),
        Type::Int32 | Type::Int64 => match kind {
            "int64" => None,
            "float64" => {
                let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
                (!whole).then(|| format!("cannot convert float64 to {go_name}"))
            }
            _ => unrecognized(if *ty == Type::Int32 { "int32" } else { "int64" }),
        },
        Type::String if kind == "int64" => Some(format!("cannot convert int64 to {go_name}")),
        Type::String => unrecognized("string"),
        Type::Bool => unrecognized("bool"),
        Type::Number => unrecognized("float64"),
        Type::Time | Type::MicroTime => {
            Some(format!("json: cannot unmarshal {} into Go value of type string", json_word(value)))
        }
        Type::IntOrString => Some(format!("json: cannot unmarshal {} into Go value of type int32", json_word(value))),
        Type::Quantity | Type::Any => None,
    }
}

fn json_word(value: &Value) -> String {
    match value {
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(number) => format!("number {}", number_text(number)),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
        Value::String(_) | Value::Null => "string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    /// Reads `apps/v1 Deployment` and the `spec`; prints every mistake with its suggestion, then what the server answers.
    fn check(kind: &str, body: Value, expected: Expect) {
        let (group_version, kind) = kind.split_once(' ').unwrap();
        let resource = crate::lookup(group_version, kind).unwrap();
        let mistakes = validate(resource, &body);
        let mut text = String::new();
        for mistake in &mistakes {
            let hint = mistake.did_you_mean.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
            writeln!(text, "{}: {}{hint}", path_text(&mistake.path), mistake.message).unwrap();
        }
        if let Some(answer) = decoding_error(&mistakes, true) {
            writeln!(text, "=> {answer}").unwrap();
        }
        if let Some(answer) = patch_error(&mistakes, true) {
            writeln!(text, "patch => {answer}").unwrap();
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn unknown_fields_come_in_key_order() {
        let body =
            json!({"spec": {"replicsa": 3, "template": {"spec": {"containers": [{"name": "c", "imag": "nginx:1"}]}}}});
        check(
            "apps/v1 Deployment",
            body,
            expect![[r#"
                spec.replicsa: unknown field "spec.replicsa" (did you mean "replicas"?)
                spec.template.spec.containers[0].imag: unknown field "spec.template.spec.containers[0].imag" (did you mean "image"?)
                => strict decoding error: unknown field "spec.replicsa", unknown field "spec.template.spec.containers[0].imag"
                patch => strict decoding error: unknown field "spec.replicsa", unknown field "spec.template.spec.containers[0].imag"
            "#]],
        );
    }

    #[test]
    fn misspelt_and_misplaced() {
        let claim = json!({"metadata": {"name": "a"}, "spec": {"storageclass": "fast"}, "storageClassName": "x", "storageclass": "y"});
        let body = json!({"spec": {
            "volumeClaimTemplates": [claim],
            "template": {"metadata": {"spec": {}}, "spec": {"replicas": 3, "Containers": []}},
            "image": "nginx",
        }});
        check(
            "apps/v1 StatefulSet",
            body,
            expect![[r#"
                spec.image: unknown field "spec.image" (it belongs at "spec.template.spec.containers[0].image")
                spec.template.metadata.spec: unknown field "spec.template.metadata.spec" (it belongs at "spec.template.spec")
                spec.template.spec.Containers: unknown field "spec.template.spec.Containers" (did you mean "containers"?)
                spec.template.spec.replicas: unknown field "spec.template.spec.replicas" (it belongs at "spec.replicas")
                spec.volumeClaimTemplates[0].spec.storageclass: unknown field "spec.volumeClaimTemplates[0].spec.storageclass" (did you mean "storageClassName"?)
                spec.volumeClaimTemplates[0].storageClassName: unknown field "spec.volumeClaimTemplates[0].storageClassName" (it belongs at "spec.volumeClaimTemplates[0].spec.storageClassName")
                spec.volumeClaimTemplates[0].storageclass: unknown field "spec.volumeClaimTemplates[0].storageclass" (it belongs at "spec.volumeClaimTemplates[0].spec.storageClassName")
                => strict decoding error: unknown field "spec.image", unknown field "spec.template.metadata.spec", unknown field "spec.template.spec.Containers", unknown field "spec.template.spec.replicas", unknown field "spec.volumeClaimTemplates[0].spec.storageclass", unknown field "spec.volumeClaimTemplates[0].storageClassName", unknown field "spec.volumeClaimTemplates[0].storageclass"
                patch => strict decoding error: unknown field "spec.image", unknown field "spec.template.metadata.spec", unknown field "spec.template.spec.Containers", unknown field "spec.template.spec.replicas", unknown field "spec.volumeClaimTemplates[0].spec.storageclass", unknown field "spec.volumeClaimTemplates[0].storageClassName", unknown field "spec.volumeClaimTemplates[0].storageclass"
            "#]],
        );
    }

    #[test]
    fn wrong_types_name_the_go_field() {
        let body = json!({
            "metadata": {"labels": {"a": true}, "uid": 1, "creationTimestamp": 5},
            "spec": {"replicas": "three", "paused": "yes", "unknown": 1},
        });
        check(
            "apps/v1 Deployment",
            body,
            expect![[r#"
                metadata.creationTimestamp: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string
                metadata.labels.a: json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string
                metadata.uid: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID
                spec.paused: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool
                spec.replicas: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
                spec.unknown: unknown field "spec.unknown"
                => json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string
                patch => json: cannot unmarshal number 5 into Go value of type string
            "#]],
        );
    }

    #[test]
    fn wrong_types_in_lists_and_embedded_structs() {
        let container = json!({
            "name": "a",
            "command": "ls",
            "args": [1],
            "ports": [{"containerPort": "80"}],
            "imagePullPolicy": true,
            "resources": {"limits": 5},
            "envFrom": [{"configMapRef": {"name": 1}}],
            "livenessProbe": {"httpGet": {"port": true}},
        });
        let body = json!({"spec": {"containers": [container, "x"], "volumes": [{"emptyDir": 1}], "priority": 1.5, "tolerations": {}}});
        check(
            "v1 Pod",
            body,
            expect![[r#"
                spec.containers[0].args[0]: json: cannot unmarshal number into Go struct field Container.spec.containers.args of type string
                spec.containers[0].command: json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string
                spec.containers[0].envFrom[0].configMapRef.name: json: cannot unmarshal number into Go struct field ConfigMapEnvSource.spec.containers.envFrom.configMapRef.LocalObjectReference.name of type string
                spec.containers[0].imagePullPolicy: json: cannot unmarshal bool into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy
                spec.containers[0].livenessProbe.httpGet.port: json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32
                spec.containers[0].ports[0].containerPort: json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32
                spec.containers[0].resources.limits: json: cannot unmarshal number into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList
                spec.containers[1]: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container
                spec.priority: json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32
                spec.tolerations: json: cannot unmarshal object into Go struct field PodSpec.spec.tolerations of type []v1.Toleration
                spec.volumes[0].emptyDir: json: cannot unmarshal number into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource
                => json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32
                patch => cannot convert int64 to string
            "#]],
        );
    }

    #[test]
    fn a_bad_quantity_is_reported_before_a_wrong_type() {
        let body = json!({"spec": {"containers": [{"env": [{"name": 1}], "resources": {"limits": {"cpu": "abc", "memory": 1}}}]}});
        check(
            "v1 Pod",
            body,
            expect![[r#"
                spec.containers[0].env[0].name: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.name of type string
                spec.containers[0].resources.limits.cpu: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
                => quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
                patch => cannot convert int64 to string
            "#]],
        );
    }

    #[test]
    fn unknown_fields_are_dropped() {
        let mut body = json!({"spec": {"replicsa": 3, "selector": {"matchLabels": {"any": "key"}}}, "data": 1});
        strip_unknown(crate::lookup("apps/v1", "Deployment").unwrap(), &mut body);
        assert_eq!(body, json!({"spec": {"selector": {"matchLabels": {"any": "key"}}}}));
    }
}
