//! CustomResourceDefinition: defaults, checks, status, and how it is read. Models: apiextensions-apiserver
//! pkg/apis/apiextensions (v1/defaults.go, validation/validation.go) and pkg/registry/customresourcedefinition.

use super::{Definition, structural};
use crate::ResourceInfo;
use api::{Cause, Generic, Kind, Str, Time, Wire};
use schema::{Custom, CustomColumn};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The finalizer that lets a definition go only after its objects.
pub const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

thread_local! {
    /// Names of custom kinds by their number.
    static KNOWN: RefCell<BTreeMap<Kind, &'static ResourceInfo>> = const { RefCell::new(BTreeMap::new()) };
    /// What definitions have said so far, each thing once: a definition is read at every write.
    static TEXTS: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    static LISTS: RefCell<BTreeSet<&'static [&'static str]>> = const { RefCell::new(BTreeSet::new()) };
    static CUSTOMS: RefCell<Vec<&'static Custom>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn known(kind: Kind) -> Option<&'static ResourceInfo> {
    KNOWN.with_borrow(|known| known.get(&kind).copied())
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("")
}

fn keep_text(text: &str) -> &'static str {
    TEXTS.with_borrow_mut(|kept| {
        kept.get(text).copied().unwrap_or_else(|| {
            let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
            kept.insert(text);
            text
        })
    })
}

fn keep_texts(value: &Value, path: &str) -> &'static [&'static str] {
    let list = value.pointer(path).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let list: Vec<&'static str> = list.map(keep_text).collect();
    LISTS.with_borrow_mut(|kept| {
        kept.get(list.as_slice()).copied().unwrap_or_else(|| {
            let list: &'static [&'static str] = list.leak();
            kept.insert(list);
            list
        })
    })
}

fn keep_custom(custom: Custom) -> &'static Custom {
    CUSTOMS.with_borrow_mut(|kept| {
        kept.iter().find(|have| ***have == custom).copied().unwrap_or_else(|| {
            let custom: &'static Custom = Box::leak(Box::new(custom));
            kept.push(custom);
            custom
        })
    })
}

fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn body(object: &Generic) -> Value {
    Value::Object(object.rest.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Reads a definition's object.
pub(super) fn read(object: &Generic) -> Option<Definition> {
    let body = body(object);
    let (group, kind) = (text(&body, "/spec/group"), text(&body, "/spec/names/kind"));
    let is = |version: &&Value, flag: &str| version.get(flag).and_then(Value::as_bool).unwrap_or(false);
    let versions = list(&body, "/spec/versions");
    let stored = resource(&body, versions.iter().find(|version| is(version, "storage"))?, true);
    let mut names: Vec<&Value> = versions.iter().filter(|version| is(version, "served")).collect();
    names.sort_by_key(|version| std::cmp::Reverse(priority(text(version, "/name"))));
    let served: Vec<&'static ResourceInfo> =
        names.iter().enumerate().map(|(at, version)| resource(&body, version, at == 0)).collect();
    let is_condition = |ty: &str, status: &str| {
        let conditions = list(&body, "/status/conditions");
        conditions.iter().any(|c| text(c, "/type") == ty && text(c, "/status") == status)
    };
    let (established, rejected) = (is_condition("Established", "True"), is_condition("NamesAccepted", "False"));
    let number = Kind::custom(group, kind);
    KNOWN.with_borrow_mut(|known| known.insert(number, served.first().copied().unwrap_or(stored)));
    Some(Definition {
        name: object.metadata.name.clone(),
        kind: number,
        established,
        rejected,
        terminating: object.metadata.is_terminating(),
        served,
        stored,
    })
}

/// `v1` before `v1beta2` before `v1beta1` before `v1alpha1` before anything else, which is sorted by its letters.
/// Models: version.CompareKubeAwareVersionStrings.
fn priority(name: &str) -> (u32, u64, u64, std::cmp::Reverse<String>) {
    let parse = || {
        let rest = name.strip_prefix('v')?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let major: u64 = rest[..digits].parse().ok()?;
        let (rank, minor) = match &rest[digits..] {
            "" => (3, "0"),
            other if other.starts_with("beta") => (2, &other[4..]),
            other if other.starts_with("alpha") => (1, &other[5..]),
            _ => return None,
        };
        Some((rank, major, minor.parse().ok()?, std::cmp::Reverse(String::new())))
    };
    parse().unwrap_or((0, 0, 0, std::cmp::Reverse(name.to_owned())))
}

/// One version as a resource that is served.
fn resource(body: &Value, version: &Value, preferred: bool) -> &'static ResourceInfo {
    let column = |column: &Value| CustomColumn {
        head: text(column, "/name").to_uppercase(),
        ty: text(column, "/type").to_owned(),
        path: text(column, "/jsonPath").to_owned(),
        wide: column.get("priority").and_then(Value::as_i64).unwrap_or(0) > 0,
    };
    let mut columns: Vec<CustomColumn> = list(version, "/additionalPrinterColumns").iter().map(column).collect();
    if columns.is_empty() {
        let path = ".metadata.creationTimestamp".to_owned();
        columns.push(CustomColumn { head: "AGE".to_owned(), ty: "date".to_owned(), path, wide: false });
    }
    let (group, kind) = (text(body, "/spec/group"), text(body, "/spec/names/kind"));
    let deprecated = version.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
    let warning = match text(version, "/deprecationWarning") {
        "" => format!("{group}/{} {kind} is deprecated", text(version, "/name")),
        given => given.to_owned(),
    };
    let scale = version.pointer("/subresources/scale");
    let custom = Custom {
        singular: text(body, "/spec/names/singular").to_owned(),
        schema: version.pointer("/schema/openAPIV3Schema").cloned().unwrap_or_default(),
        columns,
        deprecation: deprecated.then_some(warning),
        scale: scale.map(|s| (text(s, "/specReplicasPath").to_owned(), text(s, "/statusReplicasPath").to_owned())),
        selectable: list(version, "/selectableFields").iter().map(|f| text(f, "/jsonPath").to_owned()).collect(),
    };
    let has_status = version.pointer("/subresources/status").is_some();
    let subresources: &'static [&'static str] = match (scale.is_some(), has_status) {
        (true, true) => &["scale", "status"],
        (true, false) => &["scale"],
        (false, true) => &["status"],
        (false, false) => &[],
    };
    schema::keep(ResourceInfo {
        group: keep_text(group),
        version: keep_text(text(version, "/name")),
        kind: keep_text(kind),
        plural: keep_text(text(body, "/spec/names/plural")),
        short_names: keep_texts(body, "/spec/names/shortNames"),
        namespaced: text(body, "/spec/scope") == "Namespaced",
        categories: keep_texts(body, "/spec/names/categories"),
        verbs: VERBS,
        subresources,
        preferred,
        custom: Some(keep_custom(custom)),
    })
}

/// Fills in what the author left out. Models: SetDefaults_CustomResourceDefinitionSpec.
pub(crate) fn default(object: &mut Generic) {
    let Some(Value::Object(mut spec)) = object.rest.get("spec").cloned() else { return };
    let kind = spec.get("names").map_or("", |names| text(names, "/kind")).to_owned();
    if let Some(Value::Object(names)) = spec.get_mut("names") {
        let mut fill = |name: &str, value: String| {
            if !kind.is_empty() && names.get(name).and_then(Value::as_str).unwrap_or("").is_empty() {
                names.insert(name.to_owned(), value.into());
            }
        };
        fill("singular", kind.to_lowercase());
        fill("listKind", format!("{kind}List"));
    }
    let conversion = spec.entry("conversion").or_insert_with(|| json!({}));
    if let Some(conversion) = conversion.as_object_mut() {
        conversion.entry("strategy").or_insert_with(|| "None".into());
    }
    object.rest = object.rest.with("spec", Value::Object(spec));
}

/// Begins the status: no names accepted yet, and the version in which objects will be stored.
pub(crate) fn prepare_for_create(object: &mut Generic) {
    object.metadata.generation = 1;
    let stored = storage_version(&body(object));
    let status = json!({"acceptedNames": {"kind": "", "plural": ""}, "conditions": [], "storedVersions": stored});
    object.rest = object.rest.with("status", status);
}

fn storage_version(body: &Value) -> Vec<String> {
    let is_stored = |version: &&Value| version.get("storage") == Some(&Value::Bool(true));
    list(body, "/spec/versions").iter().find(is_stored).map(|v| text(v, "/name").to_owned()).into_iter().collect()
}

/// Keeps the status, with the new storage version beside the old ones, and counts generations.
pub(crate) fn prepare_for_update(new: &mut Generic, old: &Generic) {
    let (before, after) = (body(old), body(new));
    if before.get("spec") != after.get("spec") {
        new.metadata.generation += 1;
    }
    let mut status = before.get("status").cloned().unwrap_or_default();
    if let Some(stored) = status.get_mut("storedVersions").and_then(Value::as_array_mut) {
        for version in storage_version(&after) {
            if !stored.iter().any(|have| *have == version) {
                stored.push(version.into());
            }
        }
    }
    new.rest = new.rest.with("status", status);
}

/// Marks a definition whose deletion was asked for: its objects go first.
pub(crate) fn mark_for_deletion(object: &mut Generic, now: Time) {
    if !object.metadata.has_finalizer(CLEANUP) {
        let finalizers = object.metadata.finalizers.iter().cloned().chain([Str::from(CLEANUP)]);
        object.metadata.finalizers = finalizers.collect();
    }
    let mut status = object.rest.get("status").cloned().unwrap_or_else(|| json!({}));
    let condition = json!({"type": "Terminating", "status": "True", "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        "lastTransitionTime": now.write()});
    if let Some(map) = status.as_object_mut() {
        let conditions = map.entry("conditions").or_insert_with(|| json!([]));
        if let Some(conditions) = conditions.as_array_mut() {
            conditions.retain(|have| text(have, "/type") != "Terminating");
            conditions.push(condition);
        }
    }
    object.rest = object.rest.with("status", status);
}

fn is_label(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
    let ends = text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts
        && ends
        && text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Everything that is wrong with a definition; `old` is the one it is to replace.
pub(crate) fn validate(object: &Generic, old: Option<&Generic>) -> Vec<Cause> {
    let body = body(object);
    let mut causes = Vec::new();
    let (group, plural) = (text(&body, "/spec/group"), text(&body, "/spec/names/plural"));
    let name = &object.metadata.name;
    if name.as_str() != format!("{plural}.{group}") {
        causes.push(Cause::invalid(
            "metadata.name",
            format!("\"{name}\""),
            "must be spec.names.plural+\".\"+spec.group",
        ));
    }
    if group.is_empty() {
        causes.push(Cause::required("spec.group", ""));
    } else if !group.contains('.') {
        causes.push(Cause::invalid("spec.group", format!("\"{group}\""), "should be a domain with at least one dot"));
    }
    match text(&body, "/spec/scope") {
        "" => causes.push(Cause::required("spec.scope", "")),
        "Cluster" | "Namespaced" => {}
        other => causes.push(Cause::unsupported("spec.scope", other, &["Cluster", "Namespaced"])),
    }
    let versions = list(&body, "/spec/versions");
    validate_versions(versions, &mut causes);
    validate_names(&body, &mut causes);
    let strategy = text(&body, "/spec/conversion/strategy");
    if !["None", "Webhook"].contains(&strategy) {
        causes.push(Cause::unsupported("spec.conversion.strategy", strategy, &["None", "Webhook"]));
    }
    let protected =
        ["k8s.io", "kubernetes.io"].iter().any(|domain| group == *domain || group.ends_with(&format!(".{domain}")));
    const APPROVAL: &str = "api-approved.kubernetes.io";
    if protected && !object.metadata.annotations.has(APPROVAL) {
        let detail = format!(
            "protected groups must have approval annotation \"{APPROVAL}\", see https://github.com/kubernetes/enhancements/pull/1111"
        );
        causes.push(Cause::required(format!("metadata.annotations[{APPROVAL}]"), &detail));
    }
    if let Some(old) = old {
        validate_change(&body, &self::body(old), &mut causes);
    }
    causes
}

fn validate_versions(versions: &[Value], causes: &mut Vec<Cause>) {
    // Schemas that all versions share are told of once, where upstream's internal form has them.
    let first = versions.first().map(|version| version.get("schema"));
    let shared = versions.iter().all(|version| Some(version.get("schema")) == first);
    for (index, version) in versions.iter().enumerate() {
        let at = format!("spec.versions[{index}]");
        let name = text(version, "/name");
        if !is_label(name) {
            causes.push(Cause::invalid(format!("{at}.name"), format!("\"{name}\""), LABEL_1035));
        }
        match version.pointer("/schema/openAPIV3Schema") {
            None => causes.push(Cause::required(format!("{at}.schema.openAPIV3Schema"), "")),
            Some(schema) if shared && index == 0 => {
                structural::check(schema, "spec.validation.openAPIV3Schema", causes)
            }
            Some(schema) if !shared => structural::check(schema, &format!("{at}.schema.openAPIV3Schema"), causes),
            Some(_) => {}
        }
        for (number, column) in list(version, "/additionalPrinterColumns").iter().enumerate() {
            validate_column(column, &format!("spec.additionalPrinterColumns[{number}]"), causes);
        }
    }
    // What is shared stands elsewhere in upstream's internal form, which is the one that is shown.
    let shown = || {
        // Go writes the fields in the order of the struct.
        let one = |version: &Value| {
            format!(
                "{{\"Name\":{},\"Served\":{},\"Storage\":{},\"Deprecated\":false,\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}}",
                version["name"], version["served"], version["storage"]
            )
        };
        format!("[{}]", versions.iter().map(one).collect::<Vec<_>>().join(","))
    };
    let mut names: Vec<&str> = versions.iter().map(|version| text(version, "/name")).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        causes.push(Cause::invalid("spec.versions", shown(), "must contain unique version names"));
    }
    if versions.iter().filter(|version| version["storage"] == true).count() != 1 {
        causes.push(Cause::invalid(
            "spec.versions",
            shown(),
            "must have exactly one version marked as storage version",
        ));
    }
}

fn validate_column(column: &Value, at: &str, causes: &mut Vec<Cause>) {
    if text(column, "/name").is_empty() {
        causes.push(Cause::required(format!("{at}.name"), ""));
    }
    let types = format!("must be one of {}", COLUMN_TYPES.join(","));
    match text(column, "/type") {
        "" => causes.push(Cause::required(format!("{at}.type"), &types)),
        ty if COLUMN_TYPES.contains(&ty) => {}
        ty => causes.push(Cause::invalid(format!("{at}.type"), format!("\"{ty}\""), &types)),
    }
    match text(column, "/jsonPath") {
        "" => causes.push(Cause::required(format!("{at}.JSONPath"), "")),
        path if path.starts_with('.') => {}
        path => {
            let detail = "must be a simple json path starting with .";
            causes.push(Cause::invalid(format!("{at}.JSONPath"), format!("\"{path}\""), detail));
        }
    }
}

fn validate_names(body: &Value, causes: &mut Vec<Cause>) {
    let name = |field: &str| text(body, &format!("/spec/names/{field}")).to_owned();
    for field in ["plural", "singular", "kind", "listKind"] {
        if name(field).is_empty() {
            causes.push(Cause::required(format!("spec.names.{field}"), ""));
        }
    }
    for field in ["plural", "singular"] {
        let value = name(field);
        if !value.is_empty() && !is_label(&value) {
            causes.push(Cause::invalid(format!("spec.names.{field}"), format!("\"{value}\""), LABEL_1035));
        }
    }
    for field in ["kind", "listKind"] {
        let value = name(field);
        if !value.is_empty() && !is_label(&value.to_lowercase()) {
            let detail = format!("may have mixed case, but should otherwise match: {LABEL_1035}");
            causes.push(Cause::invalid(format!("spec.names.{field}"), format!("\"{value}\""), &detail));
        }
    }
    for field in ["shortNames", "categories"] {
        for (index, value) in list(body, &format!("/spec/names/{field}")).iter().enumerate() {
            let value = value.as_str().unwrap_or("");
            if !is_label(value) {
                causes.push(Cause::invalid(format!("spec.names.{field}[{index}]"), format!("\"{value}\""), LABEL_1035));
            }
        }
    }
    let list_kind = name("listKind");
    if !list_kind.is_empty() && name("kind") == list_kind {
        let detail = "kind and listKind may not be the same";
        causes.push(Cause::invalid("spec.names.listKind", format!("\"{list_kind}\""), detail));
    }
}

/// What cannot be changed once objects are served, and versions in which objects may be stored cannot go.
fn validate_change(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    let established = list(old, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == "Established" && text(c, "/status") == "True");
    if established {
        for path in ["spec.scope", "spec.names.kind"] {
            let pointer = format!("/{}", path.replace('.', "/"));
            if text(new, &pointer) != text(old, &pointer) {
                causes.push(Cause::invalid(path, format!("\"{}\"", text(new, &pointer)), "field is immutable"));
            }
        }
    }
    for path in ["spec.group", "spec.names.plural"] {
        let pointer = format!("/{}", path.replace('.', "/"));
        if text(new, &pointer) != text(old, &pointer) {
            causes.push(Cause::invalid(path, format!("\"{}\"", text(new, &pointer)), "field is immutable"));
        }
    }
    let names: Vec<&str> = list(new, "/spec/versions").iter().map(|version| text(version, "/name")).collect();
    for (index, stored) in list(old, "/status/storedVersions").iter().filter_map(Value::as_str).enumerate() {
        if !names.contains(&stored) {
            let detail = format!(
                "missing from spec.versions; {stored} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {stored} and removes {stored} from status.storedVersions"
            );
            causes.push(Cause::invalid(format!("status.storedVersions[{index}]"), format!("\"{stored}\""), &detail));
        }
    }
}
