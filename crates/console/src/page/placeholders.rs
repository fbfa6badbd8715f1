//! `<placeholders>` in commands: filled in where the page leaves no doubt what is meant.

use super::objects::{Object, kind_word};

/// A command after its placeholders were looked at.
pub(super) struct Resolved {
    pub(super) command: String,
    pub(super) note: Option<String>,
    /// The first placeholder that could be several things, or nothing.
    pub(super) missing: Option<String>,
}

/// Where the placeholders of a command are: start, end, and the text between the signs.
fn find(command: &str) -> Vec<(usize, usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in command.match_indices('<') {
        let inside = &command[at + 1..];
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && !"_-. ".contains(c)).unwrap_or(inside.len());
        let name = &inside[..end];
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.ends_with(' ');
        if named && inside[end..].starts_with('>') && !command[..at].ends_with('<') {
            found.push((at, at + end + 2, name));
        }
    }
    found
}

/// The command with a word in the place of each placeholder, for the parser.
pub(super) fn masked(command: &str) -> String {
    replaced(command, |_| "placeholder".to_owned())
}

fn replaced(command: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (start, end, name) in find(command) {
        out.push_str(&command[at..start]);
        out.push_str(&value(name));
        at = end;
    }
    out + &command[at..]
}

/// Fills in what it can.
pub(super) fn resolve(command: &str, objects: &[Object]) -> Resolved {
    let found = find(command);
    let mut values: Vec<(String, String)> = Vec::new();
    // Names first: the namespace follows from the object they name.
    let about = found.iter().find_map(|(start, _, name)| named_object(name, &command[..*start], objects));
    let about = about.or_else(|| mentioned_object(command, objects));
    for (start, _, name) in &found {
        let before = &command[..*start];
        let value = if is_namespace(name, before) { namespace(about, objects) } else { value(name, before, objects) };
        match value {
            Some(value) => values.push(((*name).to_owned(), value)),
            None => {
                return Resolved { command: command.to_owned(), note: None, missing: Some(format!("<{name}>")) };
            }
        }
    }
    let filled = replaced(command, |name| {
        values.iter().find(|(known, _)| known == name).map_or(String::new(), |(_, value)| value.clone())
    });
    values.dedup();
    let notes: Vec<String> = values.iter().map(|(name, value)| format!("<{name}> is {value}")).collect();
    Resolved { command: filled, note: (!notes.is_empty()).then(|| notes.join(", ")), missing: None }
}

fn is_namespace(name: &str, before: &str) -> bool {
    let flag = ["-n ", "--namespace ", "--namespace="].iter().any(|flag| before.ends_with(flag));
    flag || name.to_lowercase().split(['-', '_', ' ']).any(|word| word == "namespace" || word == "ns")
}

/// The kind that a placeholder is about: by its own words, or by the word before it in the command.
fn kind_of(name: &str, before: &str) -> Option<&'static str> {
    let own = name.split(['-', '_', ' ', '.']).find_map(kind_word);
    own.or_else(|| {
        let before = before.trim_end();
        let word = before.strip_suffix('/').unwrap_or(before);
        word.rsplit([' ', '/']).next().and_then(kind_word)
    })
}

/// The only object of a kind, if there is exactly one name.
fn only<'a>(kind: &str, objects: &'a [Object]) -> Option<&'a Object> {
    let mut of_kind = objects.iter().filter(|object| object.kind.to_lowercase() == kind && !object.name.is_empty());
    let first = of_kind.next()?;
    of_kind.all(|other| other.name == first.name && other.namespace == first.namespace).then_some(first)
}

fn named_object<'a>(name: &str, before: &str, objects: &'a [Object]) -> Option<&'a Object> {
    if is_namespace(name, before) { None } else { only(kind_of(name, before)?, objects) }
}

/// The object that the words of a command name: `sts mysql`, `ds/fluentd`.
fn mentioned_object<'a>(command: &str, objects: &'a [Object]) -> Option<&'a Object> {
    let words: Vec<&str> = command.split([' ', '/']).collect();
    words.windows(2).find_map(|pair| {
        let kind = kind_word(pair[0])?;
        let mut named = objects.iter().filter(|object| object.kind.to_lowercase() == kind && object.name == pair[1]);
        named.next().filter(|_| named.next().is_none())
    })
}

/// The namespace of what the command is about, or the only one of the page.
fn namespace(about: Option<&Object>, objects: &[Object]) -> Option<String> {
    if let Some(object) = about {
        return Some(object.namespace.clone().unwrap_or_else(|| "default".to_owned()));
    }
    let of_object = |object: &Object| match (&object.namespace, object.kind.as_str()) {
        (Some(namespace), _) => Some(namespace.clone()),
        (None, "Namespace") => Some(object.name.clone()),
        _ => None,
    };
    let mut all: Vec<String> = objects.iter().filter_map(of_object).collect();
    all.sort();
    all.dedup();
    match &all[..] {
        [] => Some("default".to_owned()).filter(|_| !objects.is_empty()),
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn value(name: &str, before: &str, objects: &[Object]) -> Option<String> {
    let kind = kind_of(name, before)?;
    if let Some(object) = only(kind, objects) {
        return Some(object.name.clone());
    }
    match kind {
        // The machines of the simulation have names; a StatefulSet's pods have too.
        "node" => Some("node-1".to_owned()),
        "pod" if !objects.iter().any(|object| object.kind == "Pod") => {
            let makers = ["deployment", "daemonset", "replicaset", "job"];
            let random = objects.iter().any(|object| makers.contains(&object.kind.to_lowercase().as_str()));
            only("statefulset", objects).filter(|_| !random).map(|set| format!("{}-0", set.name))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_where_there_is_no_doubt() {
        let object = |kind: &str, name: &str, namespace: Option<&str>| Object {
            kind: kind.into(),
            name: name.into(),
            namespace: namespace.map(str::to_owned),
        };
        let objects = [
            object("DaemonSet", "agent", Some("kube-system")),
            object("StatefulSet", "db", Some("data")),
            object("Service", "a", None),
            object("Service", "b", None),
        ];
        let check = |command: &str| {
            let resolved = resolve(command, &objects);
            resolved.missing.map_or(resolved.command, |name| format!("? {name}"))
        };
        assert_eq!(
            check("kubectl describe ds <daemonset-name> -n <namespace>"),
            "kubectl describe ds agent -n kube-system"
        );
        assert_eq!(check("kubectl scale sts <name> --replicas=3 -n <ns>"), "kubectl scale sts db --replicas=3 -n data");
        assert_eq!(check("kubectl rollout status sts/<name> -n data"), "kubectl rollout status sts/db -n data");
        assert_eq!(check("kubectl get pods -n <namespace>"), "? <namespace>");
        assert_eq!(check("kubectl get svc <service name>"), "? <service name>");
        assert_eq!(check("kubectl cordon <node>"), "kubectl cordon node-1");
        assert_eq!(check("kubectl get pod <pod-name>"), "? <pod-name>");
        assert_eq!(check("cat <<EOF > x"), "cat <<EOF > x");
        assert_eq!(check("kubectl scale sts db --replicas=<n>"), "? <n>");
    }
}
