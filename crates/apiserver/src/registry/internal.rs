//! Objects as some refusals print them: in the server's internal form, which has capital field names, an order of its
//! own and nulls; and the difference between two of them.
//! Models: pkg/apis/core/types.go, staging/src/k8s.io/apimachinery/pkg/util/diff.

use api::{PersistentVolumeClaimSpec, PodSpec, PodTemplateSpec, Quantity, VolumeNodeAffinity, Wire};
use serde_json::{Map, Value, json};

/// The structs and their fields; see its head.
const TABLE: &str = include_str!("internal.txt");
/// What the wire has in the spec of a pod and the internal form in its security context.
const HOST_FIELDS: [&str; 5] = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

/// How two pod specs differ.
pub(super) fn pod_spec_diff(old: &PodSpec, new: &PodSpec) -> String {
    unified(&pretty("PodSpec", &pod_spec(old)), &pretty("PodSpec", &pod_spec(new)))
}

/// A pod spec.
pub(super) fn pod_spec_text(spec: &PodSpec) -> String {
    compact(&pretty("PodSpec", &pod_spec(spec)))
}

/// A pod template.
pub(super) fn pod_template(template: &PodTemplateSpec) -> String {
    let value = json!({"metadata": template.metadata.write(), "spec": pod_spec(&template.spec)});
    compact(&pretty("PodTemplateSpec", &value))
}

/// How two claim specs differ.
pub(super) fn claim_spec_diff(old: &PersistentVolumeClaimSpec, new: &PersistentVolumeClaimSpec) -> String {
    let text = |spec: &PersistentVolumeClaimSpec| pretty("PersistentVolumeClaimSpec", &spec.write());
    unified(&text(old), &text(new))
}

/// How the sources of two volumes differ; `rest` holds them.
pub(super) fn volume_source_diff(old: &Value, new: &Value) -> String {
    unified(&pretty("PersistentVolumeSource", old), &pretty("PersistentVolumeSource", new))
}

/// The nodes from which a volume can be used.
pub(super) fn volume_node_affinity(affinity: &VolumeNodeAffinity) -> String {
    compact(&pretty("VolumeNodeAffinity", &affinity.write()))
}

/// What a container may do.
pub(super) fn security_context(context: &Value) -> String {
    compact(&pretty("SecurityContext", context))
}

/// The same without line breaks and blanks.
fn compact(pretty: &str) -> String {
    let line = |line: &str| match line.trim_start().split_once("\": ") {
        Some((key, value)) if key.starts_with('"') && !key[1..].contains('"') => format!("{key}\":{value}"),
        _ => line.trim_start().to_owned(),
    };
    pretty.lines().map(line).collect()
}

fn pod_spec(spec: &PodSpec) -> Value {
    let mut spec = spec.write();
    let moved: Vec<(&str, Value)> =
        HOST_FIELDS.iter().filter_map(|field| Some((*field, spec.get(field)?.clone()))).collect();
    if let Some(context) = spec.as_object_mut().map(|map| map.entry("securityContext").or_insert(json!({}))) {
        for (field, value) in moved {
            context[field] = value;
        }
    }
    spec
}

/// The internal form, indented by one blank a level.
fn pretty(name: &str, value: &Value) -> String {
    let mut text = String::new();
    write_struct(name, value, 0, &mut text);
    text
}

fn fields(name: &str) -> impl Iterator<Item = (&'static str, String, &'static str)> {
    let found = |line: &&'static str| line.split(' ').next() == Some(name);
    let line = TABLE.lines().find(found).unwrap_or("");
    line.split(' ').skip(1).filter_map(|field| {
        let (names, kind) = field.split_once(':')?;
        let (name, wire) = match names.split_once('=') {
            Some((name, wire)) => (name, wire.to_owned()),
            None => (names, format!("{}{}", names[..1].to_lowercase(), &names[1..])),
        };
        Some((name, wire, kind))
    })
}

fn write_struct(name: &str, value: &Value, depth: usize, out: &mut String) {
    let mut entries = Vec::new();
    for (field, wire, kind) in fields(name) {
        let part = value.get(&wire).unwrap_or(&Value::Null);
        if kind == "m" {
            let metadata = part.as_object().into_iter().flatten();
            entries.extend(metadata.map(|(key, value)| (key.clone(), wire_text(value, depth + 1))));
            continue;
        }
        let mut text = String::new();
        write_value(kind, part, depth + 1, &mut text);
        entries.push((field.to_owned(), text));
    }
    write_entries(entries, depth, out);
}

fn write_entries(entries: Vec<(String, String)>, depth: usize, out: &mut String) {
    let lines = entries.into_iter().map(|(key, text)| format!("{}: {text}", Value::from(key)));
    write_block(lines.collect(), '{', '}', depth, out);
}

fn write_block(lines: Vec<String>, open: char, close: char, depth: usize, out: &mut String) {
    out.push(open);
    if !lines.is_empty() {
        let indent = format!("\n{}", " ".repeat(depth + 1));
        out.push_str(&indent);
        out.push_str(&lines.join(&format!(",{indent}")));
        out.push_str(&format!("\n{}", " ".repeat(depth)));
    }
    out.push(close);
}

fn write_value(kind: &str, value: &Value, depth: usize, out: &mut String) {
    let simple = |out: &mut String, default: Value| {
        let shown = if value.is_null() { default } else { value.clone() };
        out.push_str(&escaped(&shown.to_string()));
    };
    match kind {
        "s" => simple(out, json!("")),
        "i" | "x" => simple(out, json!(0)),
        "b" => simple(out, json!(false)),
        "q" => out.push_str(&json!(Quantity::read(value.clone()).to_string()).to_string()),
        "r" => out.push_str(&wire_text(value, depth)),
        _ if kind.starts_with('*') => match value {
            Value::Null => out.push_str("null"),
            value => write_value(&kind[1..], value, depth, out),
        },
        _ if kind.starts_with('[') => write_list(&kind[1..kind.len() - 1], value, depth, out),
        _ if kind.starts_with('{') => write_map(&kind[1..kind.len() - 1], value, depth, out),
        name => write_struct(name, value, depth, out),
    }
}

fn write_list(kind: &str, value: &Value, depth: usize, out: &mut String) {
    let Some(items) = value.as_array() else { return out.push_str("null") };
    let mut lines = Vec::new();
    for item in items {
        let mut text = String::new();
        write_value(kind, item, depth + 1, &mut text);
        lines.push(text);
    }
    write_block(lines, '[', ']', depth, out);
}

fn write_map(kind: &str, value: &Value, depth: usize, out: &mut String) {
    let empty = Map::new();
    let map = value.as_object().unwrap_or(&empty);
    if map.is_empty() {
        return out.push_str("null");
    }
    let mut entries = Vec::new();
    for (key, item) in map {
        let mut text = String::new();
        write_value(kind, item, depth + 1, &mut text);
        entries.push((key.clone(), text));
    }
    write_entries(entries, depth, out);
}

fn wire_text(value: &Value, depth: usize) -> String {
    let mut text = String::new();
    match value {
        Value::Array(items) => {
            write_block(items.iter().map(|i| wire_text(i, depth + 1)).collect(), '[', ']', depth, &mut text);
        }
        Value::Object(map) => {
            write_entries(map.iter().map(|(k, v)| (k.clone(), wire_text(v, depth + 1))).collect(), depth, &mut text);
        }
        other => text.push_str(&escaped(&other.to_string())),
    }
    text
}

/// Go escapes the signs of HTML in JSON.
fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A unified diff of two texts with three lines of context.
fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut text = String::new();
    for group in groups(&matches(&old, &new), old.len(), new.len()) {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let (removed, added) = (range(first.old.0, last.old.1), range(first.new.0, last.new.1));
        text.push_str(&format!("@@ -{removed} +{added} @@\n"));
        for part in group {
            if part.same {
                old[part.old.0..part.old.1].iter().for_each(|line| text.push_str(&format!(" {line}\n")));
            } else {
                old[part.old.0..part.old.1].iter().for_each(|line| text.push_str(&format!("-{line}\n")));
                new[part.new.0..part.new.1].iter().for_each(|line| text.push_str(&format!("+{line}\n")));
            }
        }
    }
    text
}

fn range(start: usize, end: usize) -> String {
    match end - start {
        1 => (start + 1).to_string(),
        0 => format!("{start},0"),
        length => format!("{},{length}", start + 1),
    }
}

/// Lines that are the same in both texts, or that stand in each other's place.
#[derive(Clone, Copy)]
struct Span {
    same: bool,
    old: (usize, usize),
    new: (usize, usize),
}

/// The stretches that both texts share, as (start in old, start in new, length): the longest first, then what lies
/// before and behind it.
fn matches(old: &[&str], new: &[&str]) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    let mut open = vec![(0, old.len(), 0, new.len())];
    while let Some((a, a_end, b, b_end)) = open.pop() {
        let (i, j, length) = longest(&old[a..a_end], &new[b..b_end]);
        if length > 0 {
            found.push((a + i, b + j, length));
            open.push((a, a + i, b, b + j));
            open.push((a + i + length, a_end, b + j + length, b_end));
        }
    }
    found.sort_unstable();
    found
}

/// The longest stretch that two texts share; of several the first.
fn longest(old: &[&str], new: &[&str]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    let mut lengths = vec![0usize; new.len() + 1];
    for (i, line) in old.iter().enumerate() {
        let mut next = vec![0usize; new.len() + 1];
        for (j, other) in new.iter().enumerate() {
            if line == other {
                next[j + 1] = lengths[j] + 1;
                if next[j + 1] > best.2 {
                    best = (i + 1 - next[j + 1], j + 1 - next[j + 1], next[j + 1]);
                }
            }
        }
        lengths = next;
    }
    best
}

/// The changes with three shared lines around each; changes near each other stand together.
fn groups(matches: &[(usize, usize, usize)], old_len: usize, new_len: usize) -> Vec<Vec<Span>> {
    const CONTEXT: usize = 3;
    let mut spans = Vec::new();
    let (mut a, mut b) = (0, 0);
    for (i, j, length) in matches.iter().copied().chain([(old_len, new_len, 0)]) {
        if a < i || b < j {
            spans.push(Span { same: false, old: (a, i), new: (b, j) });
        }
        if length > 0 {
            spans.push(Span { same: true, old: (i, i + length), new: (j, j + length) });
        }
        (a, b) = (i + length, j + length);
    }
    let last = spans.len().saturating_sub(1);
    let (mut groups, mut group) = (Vec::new(), Vec::new());
    for (n, span) in spans.into_iter().enumerate() {
        let (length, mut head, mut tail) = (span.old.1 - span.old.0, span, span);
        if !span.same {
            group.push(span);
            continue;
        }
        let keep = length.min(CONTEXT);
        (head.old.1, head.new.1) = (span.old.0 + keep, span.new.0 + keep);
        (tail.old.0, tail.new.0) = (span.old.1 - keep, span.new.1 - keep);
        match (n == 0, n == last) {
            (true, _) => group.push(tail),
            (false, true) => group.push(head),
            (false, false) if length > 2 * CONTEXT => {
                group.push(head);
                groups.push(std::mem::take(&mut group));
                group.push(tail);
            }
            (false, false) => group.push(span),
        }
    }
    groups.push(group);
    groups.retain(|group| group.iter().any(|span| !span.same));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn pod_specs_differ_in_their_internal_form() {
        let spec = |cpu: &str| {
            PodSpec::read(json!({
                "containers": [{"name": "c", "image": "nginx", "resources": {"limits": {"cpu": cpu}}}],
                "securityContext": {}, "hostNetwork": true, "nodeSelector": {"a": "<b>"},
            }))
        };
        expect![[r#"
            @@ -13,7 +13,7 @@
                "Env": null,
                "Resources": {
                 "Limits": {
            -     "cpu": "1"
            +     "cpu": "2"
                 },
                 "Requests": null,
                 "Claims": null
        "#]]
        .assert_eq(&pod_spec_diff(&spec("1"), &spec("2")));
        assert!(pretty("PodSpec", &pod_spec(&spec("1"))).contains("\"HostNetwork\": true"));
        assert!(pretty("PodSpec", &pod_spec(&spec("1"))).contains("\"a\": \"\\u003cb\\u003e\""));
    }

    #[test]
    fn every_type_of_the_table_is_in_the_table() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            for (name, _, kind) in fields(line.split(' ').next().unwrap_or("")) {
                let bare = kind.trim_start_matches(['*', '[', '{']).trim_end_matches([']', '}']);
                let known = "siqxrbm".contains(bare) || TABLE.lines().any(|l| l.split(' ').next() == Some(bare));
                assert!(known, "{name}: {kind}");
            }
        }
    }
}
