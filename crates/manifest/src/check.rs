//! What is wrong with a file before anything is applied: what the editor shows while one types.
//!
//! Reading ([`crate::parse`]) + kubectl's own checks (kind, version, name) + the server's strict decoding ([`schema::validate`]),
//! each with its place, a hint and, where there is an obvious one, a repair.

use std::collections::BTreeSet;

use schema::{Mistake, MistakeKind, Resource, Segment, Suggestion, Type, path_text};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Edit, Fix, Severity};
use crate::document::{Body, Manifest, parse_bytes};
use crate::positions::Span;

/// A file with more mistakes than this has another problem; the rest would bury it.
const MAX_DIAGNOSTICS: usize = 1_000;

/// Every mistake in a file's text, in the order of the text.
#[must_use]
pub fn check(file_name: &str, text: &str) -> Vec<Diagnostic> {
    check_with(file_name, text, &|_, _| false)
}

/// [`check`] where some custom kinds exist: `is_custom("example.com/v1", "Backup")`.
#[must_use]
pub fn check_with(file_name: &str, text: &str, is_custom: &dyn Fn(&str, &str) -> bool) -> Vec<Diagnostic> {
    let manifest = parse_bytes(file_name, text.as_bytes());
    check_manifest(file_name, manifest, is_custom)
}

/// The same for a file that has been read already.
#[must_use]
pub fn check_manifest(file_name: &str, manifest: Manifest, is_custom: &dyn Fn(&str, &str) -> bool) -> Vec<Diagnostic> {
    let defined = defined_kinds(&manifest);
    let mut diagnostics = manifest.diagnostics;
    for document in &manifest.documents {
        if diagnostics.len() >= MAX_DIAGNOSTICS {
            break;
        }
        if let Ok(body) = &document.body {
            let known = |version: &str, kind: &str| {
                is_custom(version, kind) || defined.contains(&(version.to_owned(), kind.to_owned()))
            };
            let checker = Checker { file: file_name, body };
            checker.run(&known, &mut diagnostics);
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start.offset, diagnostic.severity));
    diagnostics
}

/// The kinds that CustomResourceDefinitions of the same file bring.
fn defined_kinds(manifest: &Manifest) -> BTreeSet<(String, String)> {
    let mut kinds = BTreeSet::new();
    for body in manifest.documents.iter().filter_map(|document| document.body.as_ref().ok()) {
        if body.kind() != Some("CustomResourceDefinition") {
            continue;
        }
        let text = |pointer: &str| body.value.pointer(pointer).and_then(Value::as_str);
        let (Some(group), Some(kind)) = (text("/spec/group"), text("/spec/names/kind")) else { continue };
        let versions = body.value.pointer("/spec/versions").and_then(Value::as_array);
        for version in versions.into_iter().flatten().filter_map(|version| version.get("name")?.as_str()) {
            kinds.insert((format!("{group}/{version}"), kind.to_owned()));
        }
    }
    kinds
}

struct Checker<'a> {
    file: &'a str,
    body: &'a Body,
}

impl Checker<'_> {
    fn run(&self, is_custom: &dyn Fn(&str, &str) -> bool, out: &mut Vec<Diagnostic>) {
        let root = self.body.positions.root();
        let Value::Object(_) = &self.body.value else {
            let hint = "a document is a mapping with `apiVersion`, `kind` and `metadata`";
            out.push(self.error(
                first_line(root),
                "invalid object to validate",
                Vec::new(),
                Some(hint.to_owned()),
                None,
            ));
            return;
        };
        let (version, kind) = (self.body.api_version(), self.body.kind());
        let (Some(version), Some(kind)) =
            (version.filter(|text| !text.is_empty()), kind.filter(|text| !text.is_empty()))
        else {
            self.missing_type(version, kind, out);
            return;
        };
        match schema::lookup(version, kind) {
            Some(resource) => {
                self.name(resource, out);
                for mistake in schema::validate(resource, &self.body.value) {
                    if out.len() >= MAX_DIAGNOSTICS {
                        return;
                    }
                    out.push(self.mistake(mistake));
                }
            }
            None if is_custom(version, kind) => {}
            None => out.push(self.unknown_kind(version, kind)),
        }
    }

    fn missing_type(&self, version: Option<&str>, kind: Option<&str>, out: &mut Vec<Diagnostic>) {
        let line = first_line(self.body.positions.root());
        for (field, value) in [("apiVersion", version), ("kind", kind)] {
            if value.is_some_and(|text| !text.is_empty()) {
                continue;
            }
            let path = vec![Segment::Key(field.to_owned())];
            let written = self.body.positions.get(&path);
            let span = written.map_or(line, |place| place.value);
            let hint = if self.body.value.get(field).is_some_and(|value| !value.is_null()) {
                format!("`{field}` must be text")
            } else {
                self.missing_hint(field)
            };
            out.push(self.error(span, &format!("{field} not set"), path, Some(hint), None));
        }
    }

    /// Which version a kind has, or that the field is there under another name.
    fn missing_hint(&self, field: &str) -> String {
        let similar =
            self.body.value.as_object().and_then(|map| map.keys().find(|key| key.eq_ignore_ascii_case(field)));
        if let Some(key) = similar {
            return format!("`{key}` is spelled `{field}`");
        }
        let versions: Vec<String> = self.body.kind().map_or_else(Vec::new, versions_of);
        match (field, versions.first()) {
            ("apiVersion", Some(version)) => format!("write `apiVersion: {version}`"),
            ("apiVersion", None) => "every object says which API it is from, such as `apiVersion: v1`".to_owned(),
            _ => "every object says what it is, such as `kind: Pod`".to_owned(),
        }
    }

    fn unknown_kind(&self, version: &str, kind: &str) -> Diagnostic {
        let message =
            format!("no matches for kind {} in version {}", schema::go_quote(kind), schema::go_quote(version));
        let key = |name: &str| vec![Segment::Key(name.to_owned())];
        let value_span = |name: &str| self.body.positions.nearest(&key(name)).value;
        let replace = |span: Span, text: &str| Fix {
            title: format!("Replace by {text}"),
            edits: vec![Edit { span, text: text.to_owned() }],
        };
        if let Some(right) = versions_of(kind).first() {
            let span = value_span("apiVersion");
            let hint = format!("{kind} is in {right}");
            return self.error(span, &message, key("apiVersion"), Some(hint), Some(replace(span, right)));
        }
        let span = value_span("kind");
        let same_version = schema::resources().iter().filter(|resource| resource.api_version() == version);
        let others = schema::resources().iter().filter(|resource| resource.api_version() != version);
        let near = same_version.chain(others).find(|resource| is_slip(kind, resource.kind));
        match near {
            Some(resource) => {
                let hint = format!("did you mean {:?}?", resource.kind);
                self.error(span, &message, key("kind"), Some(hint), Some(replace(span, resource.kind)))
            }
            None => {
                let hint = "ensure CRDs are installed first".to_owned();
                self.error(span, &message, key("kind"), Some(hint), None)
            }
        }
    }

    fn name(&self, resource: &Resource, out: &mut Vec<Diagnostic>) {
        // Reviews and bindings are questions, not objects: nobody names them.
        if !resource.verbs.contains(&"get") {
            return;
        }
        let metadata = self.body.value.get("metadata");
        let given = |field: &str| {
            metadata.and_then(|metadata| metadata.get(field)).is_some_and(|value| !value.is_null() && value != "")
        };
        if given("name") || given("generateName") {
            return;
        }
        let path = vec![Segment::Key("metadata".to_owned())];
        let span = self
            .body
            .positions
            .get(&path)
            .map_or_else(|| first_line(self.body.positions.root()), |place| place.label());
        let hint = "every object has a `metadata.name`".to_owned();
        out.push(self.error(span, "resource name may not be empty", path, Some(hint), None));
    }

    fn mistake(&self, mistake: Mistake) -> Diagnostic {
        let place = self.body.positions.nearest(&mistake.path);
        let (span, hint, fix) = match &mistake.kind {
            MistakeKind::UnknownField => {
                let (hint, fix) = unknown_field(&mistake, place.label());
                (place.label(), hint, fix)
            }
            MistakeKind::WrongType(wanted) => {
                let written = self.body.positions.text(place.value);
                let (hint, fix) = wrong_type(wanted, self.value_at(&mistake.path), written, place.value);
                (place.value, Some(hint), fix)
            }
            MistakeKind::BadText(wanted) => (place.value, Some(format!("{} expected", article(wanted))), None),
        };
        self.error(span, &mistake.message, mistake.path, hint, fix)
    }

    fn value_at(&self, path: &[Segment]) -> &Value {
        path.iter().fold(&self.body.value, |value, segment| match segment {
            Segment::Key(key) => &value[key.as_str()],
            Segment::Index(index) => &value[*index],
        })
    }

    fn error(
        &self,
        span: Span,
        message: &str,
        path: Vec<Segment>,
        hint: Option<String>,
        fix: Option<Fix>,
    ) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: self.file.to_owned(),
            span,
            message: message.to_owned(),
            path,
            hint,
            fix,
        }
    }
}

fn unknown_field(mistake: &Mistake, span: Span) -> (Option<String>, Option<Fix>) {
    let name = match mistake.path.last() {
        Some(Segment::Key(name)) => name.as_str(),
        _ => "",
    };
    if name.contains('\u{a0}') {
        let fix = Fix {
            title: "Remove them".to_owned(),
            edits: vec![Edit { span, text: name.replace('\u{a0}', " ").trim().to_owned() }],
        };
        let hint = "the name has non-breaking spaces, which copying from a web page can leave behind".to_owned();
        return (Some(hint), Some(fix));
    }
    match &mistake.did_you_mean {
        Some(Suggestion::Rename(right)) => {
            let fix = Fix { title: format!("Replace by {right:?}"), edits: vec![Edit { span, text: right.clone() }] };
            (Some(format!("did you mean {right:?}?")), Some(fix))
        }
        Some(Suggestion::Move(path)) => {
            let right = path_text(path);
            (Some(format!("{name:?} belongs at {right:?}: check its indentation")), None)
        }
        None => (None, None),
    }
}

/// What would fit, and the repair where only quotes or brackets are too much or too few.
fn wrong_type(wanted: &Type, found: &Value, written: &str, span: Span) -> (String, Option<Fix>) {
    let replace = |title: &str, text: String| Some(Fix { title: title.to_owned(), edits: vec![Edit { span, text }] });
    // A repair on one line only: text that goes on over lines needs more than quotes.
    let simple = !written.is_empty() && !written.contains('\n');
    match (wanted, found) {
        (Type::String, Value::Bool(_) | Value::Number(_)) => {
            let shown = if written.is_empty() { found.to_string() } else { written.to_owned() };
            let fix = if simple { replace("Put quotes around it", format!("{written:?}")) } else { None };
            (format!("YAML reads {shown} as a {}: text needs quotes here", kind_name(found)), fix)
        }
        (Type::Int32 | Type::Int64, Value::String(text)) if text.trim().parse::<i64>().is_ok() => {
            ("a number is written without quotes".to_owned(), replace("Remove the quotes", text.trim().to_owned()))
        }
        (Type::Bool, Value::String(text)) if matches!(text.as_str(), "true" | "false") => {
            ("true and false are written without quotes".to_owned(), replace("Remove the quotes", text.clone()))
        }
        (Type::Array(item), _) if simple && fits_loosely(item, found) => {
            ("a list expected".to_owned(), replace("Make it a list of one", format!("[{written}]")))
        }
        _ => (format!("{} expected, not {}", article(wanted), article_of_value(found)), None),
    }
}

fn fits_loosely(item: &Type, value: &Value) -> bool {
    matches!(
        (item, value),
        (Type::String, Value::String(_))
            | (Type::Int32 | Type::Int64, Value::Number(_))
            | (Type::Object(_), Value::Object(_))
    )
}

fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "mapping",
    }
}

fn article_of_value(value: &Value) -> String {
    match value {
        Value::Null | Value::String(_) => kind_name(value).to_owned(),
        _ => format!("a {}", kind_name(value)),
    }
}

fn article(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "true or false",
        Type::Int32 | Type::Int64 => "a whole number",
        Type::Number => "a number",
        Type::String => "text",
        Type::Bytes => "text in base64",
        Type::Time | Type::MicroTime => "a time such as \"2026-11-20T15:07:00Z\"",
        Type::Quantity => "an amount such as 500m or 1Gi",
        Type::IntOrString => "a whole number or text",
        Type::Any => "a value",
        Type::Object(_) | Type::Map(_) => "a mapping",
        Type::Array(_) => "a list",
    }
}

/// The versions a built-in kind is in, the preferred one first.
fn versions_of(kind: &str) -> Vec<String> {
    schema::resources().iter().filter(|resource| resource.kind == kind).map(Resource::api_version).collect()
}

/// Whether a kind was probably meant: one or two letters differ, or only the case.
fn is_slip(written: &str, kind: &str) -> bool {
    let limit = if kind.len() < 6 { 1 } else { 2 };
    schema::edit_distance(&written.to_ascii_lowercase(), &kind.to_ascii_lowercase()) <= limit
}

/// The first line of a span: what to underline when the whole is meant.
fn first_line(span: Span) -> Span {
    if span.start.line == span.end.line {
        return span;
    }
    Span { start: span.start, end: span.start }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// Every diagnostic, each with its repair as it would change the line.
    fn check_text(text: &str, expected: Expect) {
        let mut shown = String::new();
        for diagnostic in check("x.yaml", text) {
            shown.push_str(&format!("{diagnostic}\n"));
            if let Some(fix) = &diagnostic.fix {
                let mut repaired = text.to_owned();
                for edit in fix.edits.iter().rev() {
                    repaired.replace_range(edit.span.start.offset..edit.span.end.offset, &edit.text);
                }
                let line = repaired.lines().nth(diagnostic.span.start.line - 1).unwrap_or_default();
                shown.push_str(&format!("  {}: {}\n", fix.title, line.trim()));
            }
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_good_file() {
        check_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n", expect![[r#""#]]);
    }

    #[test]
    fn the_stateful_set_of_a_tutorial() {
        check_text(
            "apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: mysql
spec:
  replicas: \"3\"
  serviceName: mysql
  selector: {matchLabels: {app: mysql}}
  template:
    metadata:
      labels: {app: mysql, tier: 1}
      spec: {}
    spec:
      containers:
      - name: mysql
        imag: mysql:5.7
        command: sleep
        ports:
        - containerPort: 3306
          containerPort: 3307
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      storageclass: fast
      resources: {requests: {storage: 10GiB}}
",
            expect![[r#"
                x.yaml:6:13: error: json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32 (a number is written without quotes)
                  Remove the quotes: replicas: 3
                x.yaml:11:34: error: json: cannot unmarshal number into Go struct field ObjectMeta.spec.template.metadata.labels of type string (YAML reads 1 as a number: text needs quotes here)
                  Put quotes around it: labels: {app: mysql, tier: "1"}
                x.yaml:12:7: error: unknown field "spec.template.metadata.spec" ("spec" belongs at "spec.template.spec": check its indentation)
                x.yaml:16:9: error: unknown field "spec.template.spec.containers[0].imag" (did you mean "image"?)
                  Replace by "image": image: mysql:5.7
                x.yaml:17:18: error: json: cannot unmarshal string into Go struct field Container.spec.template.spec.containers.command of type []string (a list expected)
                  Make it a list of one: command: [sleep]
                x.yaml:20:11: warning: the key "containerPort" is set twice: on line 19 and on line 20 (the last one wins, silently)
                x.yaml:24:7: error: unknown field "spec.volumeClaimTemplates[0].spec.storageclass" (did you mean "storageClassName"?)
                  Replace by "storageClassName": storageClassName: fast
                x.yaml:25:39: error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' (an amount such as 500m or 1Gi expected)
            "#]],
        );
    }

    #[test]
    fn kinds() {
        check_text(
            "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
            expect![[r#"
            x.yaml:1:13: error: no matches for kind "Deployment" in version "extensions/v1beta1" (Deployment is in apps/v1)
              Replace by apps/v1: apiVersion: apps/v1
        "#]],
        );
        check_text(
            "apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: a}\n",
            expect![[r#"
            x.yaml:2:7: error: no matches for kind "Deploymnt" in version "apps/v1" (did you mean "Deployment"?)
              Replace by Deployment: kind: Deployment
        "#]],
        );
        check_text(
            "apiVersion: example.com/v1\nkind: Backup\nmetadata: {name: a}\n",
            expect![[r#"
            x.yaml:2:7: error: no matches for kind "Backup" in version "example.com/v1" (ensure CRDs are installed first)
        "#]],
        );
        check_text(
            "kind: Service\nmetadata: {}\n",
            expect![[r#"
            x.yaml:1:1: error: apiVersion not set (write `apiVersion: v1`)
        "#]],
        );
        check_text(
            "ApiVersion: v1\nkind: Pod\n",
            expect![[r#"
            x.yaml:1:1: error: apiVersion not set (`ApiVersion` is spelled `apiVersion`)
        "#]],
        );
        check_text(
            "apiVersion: 1\nkind: [a]\n",
            expect![[r#"
            x.yaml:1:13: error: apiVersion not set (`apiVersion` must be text)
            x.yaml:2:7: error: kind not set (`kind` must be text)
        "#]],
        );
        check_text(
            "just text\n",
            expect![[r#"
            x.yaml:1:1: error: invalid object to validate (a document is a mapping with `apiVersion`, `kind` and `metadata`)
        "#]],
        );
        check_text(
            "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n",
            expect![[r#"
            x.yaml:1:1: error: resource name may not be empty (every object has a `metadata.name`)
        "#]],
        );
    }

    #[test]
    fn a_custom_kind_of_the_same_file_is_known() {
        check_text(
            "apiVersion: example.com/v1
kind: Backup
metadata: {name: a}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: backups.example.com}
spec:
  group: example.com
  names: {kind: Backup, plural: backups}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}]
",
            expect![[r#""#]],
        );
    }

    #[test]
    fn mistakes_in_lists_and_broken_documents() {
        check_text(
            "kind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}, spce: {}}\n---\na: b: c\n",
            expect![[r#"
                x.yaml:3:52: error: unknown field "spce" (did you mean "spec"?)
                  Replace by "spec": - {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}
                x.yaml:5:5: error: mapping values are not allowed in this context (either this line is indented too far, or its value contains `: ` and needs quotes)
            "#]],
        );
    }
}
