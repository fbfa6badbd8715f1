//! What a YAML block is about: kinds, names and namespaces, read by line so that a broken block has them too.

/// An object of a manifest, as far as its first lines tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
}

/// The objects of a block; none if it is a fragment.
pub(super) fn objects(text: &str) -> Vec<Object> {
    if text.trim_start().starts_with('{') {
        return json_objects(text);
    }
    let mut objects = Vec::new();
    let mut object = Object::default();
    let mut metadata: Option<usize> = None;
    for line in text.lines().chain(["---"]) {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if line.starts_with("---") {
            if !object.kind.is_empty() {
                objects.push(std::mem::take(&mut object));
            }
            (object, metadata) = (Object::default(), None);
            continue;
        }
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if indent == 0 {
            metadata = None;
        }
        let Some((key, value)) = content.split_once(':') else { continue };
        let value = scalar(value);
        match (indent, key.trim()) {
            (0, "kind") => object.kind = value.to_owned(),
            (0, "metadata") => metadata = Some(usize::MAX),
            (indent, key) if metadata.is_some_and(|first| first == usize::MAX || first == indent) => {
                metadata = Some(indent);
                match key {
                    "name" => object.name = value.to_owned(),
                    "namespace" => object.namespace = Some(value.to_owned()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    objects
}

/// The value after a colon: without its quotes or its comment.
fn scalar(text: &str) -> &str {
    let text = text.trim();
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split(quote).next().unwrap_or_default(),
        _ => text.split(" #").next().unwrap_or_default().trim(),
    }
}

fn json_objects(text: &str) -> Vec<Object> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let string = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let Some(kind) = string(&value["kind"]) else { return Vec::new() };
    let name = string(&value["metadata"]["name"]).unwrap_or_default();
    vec![Object { kind, name, namespace: string(&value["metadata"]["namespace"]) }]
}

/// The kind that a word of a command or of a file name stands for, in small letters: `sts` is `statefulset`.
pub(super) fn kind_word(word: &str) -> Option<&'static str> {
    const KINDS: &[(&str, &[&str])] = &[
        ("configmap", &["cm", "configmaps", "config"]),
        ("cronjob", &["cj", "cronjobs"]),
        ("daemonset", &["ds", "daemonsets", "daemon"]),
        ("deployment", &["deploy", "deployments"]),
        ("endpoints", &["ep"]),
        ("horizontalpodautoscaler", &["hpa"]),
        ("ingress", &["ing", "ingresses"]),
        ("job", &["jobs"]),
        ("limitrange", &["limits"]),
        ("namespace", &["ns", "namespaces"]),
        ("networkpolicy", &["netpol"]),
        ("node", &["no", "nodes"]),
        ("persistentvolume", &["pv", "persistentvolumes"]),
        ("persistentvolumeclaim", &["pvc", "persistentvolumeclaims", "claim"]),
        ("pod", &["po", "pods"]),
        ("poddisruptionbudget", &["pdb"]),
        ("priorityclass", &["pc"]),
        ("replicaset", &["rs", "replicasets"]),
        ("resourcequota", &["quota"]),
        ("secret", &["secrets"]),
        ("service", &["svc", "services", "headless"]),
        ("serviceaccount", &["sa"]),
        ("statefulset", &["sts", "statefulsets", "stateful"]),
        ("storageclass", &["sc", "storageclasses"]),
    ];
    let word = word.to_lowercase();
    KINDS.iter().find(|(kind, short)| *kind == word || short.contains(&word.as_str())).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_seen_through_damage() {
        let text = "# x\napiVersion: v1\nkind: Service # svc\nmetadata:\n    labels:\n      name: no\n    name: \"web\"\n    namespace: shop\nspec:\n    name: no\n---\nkind: Pod\nmetadata: {}\n---\nspec: x\n";
        let web = Object { kind: "Service".into(), name: "web".into(), namespace: Some("shop".into()) };
        let pod = Object { kind: "Pod".into(), ..Object::default() };
        assert_eq!(objects(text), [web, pod]);
        assert_eq!(objects("volumeClaimTemplates:\n  - metadata:\n      name: x\n"), []);
        assert_eq!(objects("{\"kind\": \"Pod\", \"metadata\": {\"name\": \"x\"}}")[0].name, "x");
        assert_eq!(kind_word("STS"), Some("statefulset"));
    }
}
