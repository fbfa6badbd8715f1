//! Help while a manifest is written: what could stand at the cursor, and what a field means.
//!
//! A text that is being written is rarely a valid one, so nothing here parses it: the path to the cursor follows from the
//! indentation of the lines above.

use schema::{Definition, Field, Resource, Type};

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is shown.
    pub label: String,
    /// What is written; line breaks carry their indentation.
    pub insert: String,
    /// The type, or what it is.
    pub detail: String,
    /// What it means; may be empty.
    pub about: String,
}

/// What could stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The column, counting from one, at which the text to be replaced begins.
    pub from: usize,
    /// The suggestions, in their order.
    pub list: Vec<Suggestion>,
}

/// What a field means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The path: `spec.replicas`.
    pub path: String,
    /// The type between angle brackets, and whether it is required.
    pub ty: String,
    /// The first sentence of its description; may be empty.
    pub about: String,
    /// The values that are permitted; empty where any will do.
    pub values: Vec<&'static str>,
}

/// Fields that name an object: the last names of the path, and the plural of its kind.
const NAMED: &[(&[&str], &str)] = &[
    (&["serviceName"], "services"),
    (&["storageClassName"], "storageclasses"),
    (&["claimName"], "persistentvolumeclaims"),
    (&["configMap", "name"], "configmaps"),
    (&["configMapRef", "name"], "configmaps"),
    (&["configMapKeyRef", "name"], "configmaps"),
    (&["secretName"], "secrets"),
    (&["secretRef", "name"], "secrets"),
    (&["secretKeyRef", "name"], "secrets"),
    (&["nodeName"], "nodes"),
    (&["metadata", "namespace"], "namespaces"),
    (&["serviceAccountName"], "serviceaccounts"),
    (&["priorityClassName"], "priorityclasses"),
    (&["volumeName"], "persistentvolumes"),
];

/// One line, cut into its parts.
struct Line<'t> {
    /// Columns of the dashes of list items, counting from 0.
    dashes: Vec<usize>,
    /// Column of the key or value behind them.
    start: usize,
    /// The key, if there is one.
    key: Option<&'t str>,
    /// The text behind the dashes.
    rest: &'t str,
}

impl<'t> Line<'t> {
    fn read(line: &'t str) -> Self {
        let (mut start, mut dashes, mut rest) = (0, Vec::new(), line);
        loop {
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            start += spaces;
            rest = &rest[spaces..];
            if rest == "-" || rest.starts_with("- ") {
                dashes.push(start);
                start += 1;
                rest = &rest[1..];
            } else {
                break;
            }
        }
        let key = rest.split_once(':').filter(|(_, behind)| behind.is_empty() || behind.starts_with(' '));
        let key = key.map(|(key, _)| key.trim_matches(['"', '\''])).filter(|key| is_name(key));
        Self { dashes, start, key, rest }
    }

    fn is_blank(&self) -> bool {
        self.rest.trim().is_empty() && self.dashes.is_empty() || self.rest.starts_with('#')
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_./$".contains(character))
}

/// The document around a line: its lines, and the number of the first one.
fn document<'t>(lines: &[&'t str], line: usize) -> (Vec<&'t str>, usize) {
    let is_mark = |at: &usize| lines[*at].starts_with("---");
    let first = (0..line.min(lines.len())).rev().find(is_mark).map_or(0, |at| at + 1);
    let last = (line..lines.len()).find(is_mark).unwrap_or(lines.len());
    (lines.get(first..last).unwrap_or(&[]).to_vec(), first)
}

fn top<'t>(lines: &[&'t str], key: &str) -> Option<&'t str> {
    let value =
        |line: &&'t str| line.strip_prefix(key)?.strip_prefix(':').map(|rest| rest.trim().trim_matches(['"', '\'']));
    lines.iter().find_map(value).filter(|value| !value.is_empty())
}

fn resource(lines: &[&str]) -> Option<&'static Resource> {
    let kind = top(lines, "kind")?;
    let known = top(lines, "apiVersion").and_then(|version| schema::lookup(version, kind));
    known.or_else(|| schema::resources().iter().find(|resource| resource.kind == kind && resource.preferred))
}

/// The keys around a line whose own key or value begins at a column, outermost first.
fn path_above<'t>(lines: &[&'t str], at: usize, own: &Line<'t>) -> Vec<&'t str> {
    let mut path = Vec::new();
    // A list may stand at the column of its key.
    let (mut column, mut may_equal) = match own.dashes.first() {
        Some(dash) => (*dash, true),
        None => (own.start, false),
    };
    for text in lines[..at.min(lines.len())].iter().rev() {
        let line = Line::read(text);
        if line.is_blank() {
            continue;
        }
        let (Some(key), outer) = (line.key, line.dashes.first()) else { continue };
        if line.start < column || may_equal && line.start == column && outer.is_none() {
            path.push(key);
            (column, may_equal) = outer.map_or((line.start, false), |dash| (*dash, true));
        } else if let Some(dash) = outer.filter(|dash| line.start == column && **dash < column && !may_equal) {
            // A sibling on the line of the dash: from here on the list's own key is looked for.
            (column, may_equal) = (*dash, true);
        }
    }
    path.reverse();
    path
}

/// What could stand at a place (line and column count from one). `names` gives the names of the cluster's objects by plural.
pub fn suggest(text: &str, line: usize, column: usize, names: &dyn Fn(&str) -> Vec<String>) -> Suggestions {
    let all: Vec<&str> = text.lines().chain([""]).collect();
    let at = line.saturating_sub(1).min(all.len().saturating_sub(1));
    let (lines, first) = document(&all, at);
    let whole = all[at];
    let before: String = whole.chars().take(column.saturating_sub(1)).collect();
    let own = Line::read(&before);
    if own.rest.starts_with('#') || before.contains(" #") {
        return Suggestions::default();
    }
    let mut path = path_above(&lines, at - first.min(at), &own);
    let resource = resource(&lines);
    if let Some(key) = own.key {
        path.push(key);
        let typed = own.rest.split_once(':').map_or("", |(_, value)| value.trim_start());
        let from = before.chars().count() + 1 - typed.chars().count();
        return Suggestions { from, list: values(resource, &path, typed, &lines, names) };
    }
    let from = before.chars().count() + 1 - own.rest.chars().count();
    let is_item = !own.dashes.is_empty();
    Suggestions { from, list: keys(resource, &path, own.start, is_item, &lines, first, at) }
}

fn field_at(resource: &'static Resource, path: &[&str]) -> Option<&'static Field> {
    schema::explain(resource.definition()?, path.iter().copied()).ok().flatten()
}

fn definition_at(resource: &'static Resource, path: &[&str]) -> Option<&'static Definition> {
    match path {
        [] => resource.definition(),
        path => field_at(resource, path)?.ty.definition(),
    }
}

fn keys(
    resource: Option<&'static Resource>,
    path: &[&str],
    column: usize,
    is_item: bool,
    lines: &[&str],
    first: usize,
    at: usize,
) -> Vec<Suggestion> {
    let Some(resource) = resource else {
        let heads = if path.is_empty() { &["apiVersion", "kind", "metadata", "spec"][..] } else { &[] };
        let head = |name: &&str| Suggestion {
            label: (*name).to_owned(),
            insert: if *name == "metadata" { "metadata:\n  name: ".to_owned() } else { format!("{name}: ") },
            detail: String::new(),
            about: String::new(),
        };
        return heads.iter().map(head).collect();
    };
    let Some(definition) = definition_at(resource, path) else { return Vec::new() };
    let taken = if is_item { Vec::new() } else { siblings(lines, at - first.min(at), column) };
    let fits = |field: &&Field| field.name != "status" && !taken.contains(&field.name);
    let mut fields: Vec<&Field> = definition.fields.iter().filter(fits).collect();
    fields.sort_by_key(|field| !field.required);
    fields.into_iter().map(|field| suggestion(field, column)).collect()
}

/// The keys that the mapping around a line has already.
fn siblings<'t>(lines: &[&'t str], at: usize, column: usize) -> Vec<&'t str> {
    let own = |text: &&'t str| Line::read(text);
    let ends = |line: &Line<'_>| !line.is_blank() && line.start < column;
    let above = lines[..at.min(lines.len())].iter().rev().map(own).take_while(|line| !ends(line));
    let mut keys = Vec::new();
    for line in above {
        keys.extend(line.key.filter(|_| line.start == column));
        if !line.dashes.is_empty() && line.start == column {
            break;
        }
    }
    let below = lines.iter().skip(at + 1).map(own).take_while(|line| !ends(line) && line.dashes.is_empty());
    keys.extend(below.filter(|line| line.start == column).filter_map(|line| line.key));
    keys
}

fn suggestion(field: &Field, column: usize) -> Suggestion {
    let inner = " ".repeat(column + 2);
    let insert = match &field.ty {
        Type::Object(_) | Type::Map(_) => format!("{}:\n{inner}", field.name),
        Type::Array(_) => format!("{}:\n{inner}- ", field.name),
        _ => format!("{}: ", field.name),
    };
    let required = if field.required { " required" } else { "" };
    Suggestion {
        label: field.name.to_owned(),
        insert,
        detail: format!("{}{required}", field.ty.explain_name()),
        about: field.description().to_owned(),
    }
}

fn values(
    resource: Option<&'static Resource>,
    path: &[&str],
    typed: &str,
    lines: &[&str],
    names: &dyn Fn(&str) -> Vec<String>,
) -> Vec<Suggestion> {
    let plain = |label: &str, detail: &str| Suggestion {
        label: label.to_owned(),
        insert: label.to_owned(),
        detail: detail.to_owned(),
        about: String::new(),
    };
    match path {
        ["kind"] => {
            let served =
                schema::resources().iter().filter(|resource| resource.preferred && resource.verbs.contains(&"create"));
            let mut kinds: Vec<Suggestion> = served.map(|each| plain(each.kind, &each.api_version())).collect();
            kinds.sort_by(|a, b| a.label.cmp(&b.label));
            kinds.dedup_by(|a, b| a.label == b.label);
            return kinds;
        }
        ["apiVersion"] => {
            let own = top(lines, "kind").unwrap_or_default();
            let of_kind = |each: &&Resource| own.is_empty() || each.kind == own;
            let mut versions: Vec<String> =
                schema::resources().iter().filter(of_kind).map(Resource::api_version).collect();
            versions.sort();
            versions.dedup();
            return versions.iter().map(|version| plain(version, own)).collect();
        }
        _ => {}
    }
    if let Some((_, plural)) = NAMED.iter().find(|(tail, _)| path.ends_with(tail)) {
        return names(plural).iter().map(|name| plain(name, plural)).collect();
    }
    let Some(field) = resource.and_then(|resource| field_at(resource, path)) else { return Vec::new() };
    if !field.values.is_empty() {
        return field.values.iter().map(|value| plain(value, field.name)).collect();
    }
    match field.ty {
        Type::Bool => vec![plain("true", "boolean"), plain("false", "boolean")],
        Type::Quantity if typed.is_empty() => {
            ["100m", "500m", "1", "128Mi", "1Gi"].map(|each| plain(each, "Quantity")).to_vec()
        }
        _ => Vec::new(),
    }
}

/// What the field at a place means (line and column count from one).
pub fn meaning(text: &str, line: usize, column: usize) -> Option<Meaning> {
    let all: Vec<&str> = text.lines().collect();
    let at = line.checked_sub(1).filter(|at| *at < all.len())?;
    let (lines, first) = document(&all, at);
    let own = Line::read(all[at]);
    let key = own.key?;
    let begins = all[at][..own.start].chars().count() + 1;
    if !(begins..=begins + key.chars().count()).contains(&column) {
        return None;
    }
    let mut path = path_above(&lines, at - first, &own);
    path.push(key);
    let field = field_at(resource(&lines)?, &path)?;
    let required = if field.required { " -required-" } else { "" };
    Some(Meaning {
        path: path.join("."),
        ty: format!("<{}>{required}", field.ty.explain_name()),
        about: field.description().to_owned(),
        values: field.values.clone(),
    })
}

/// A text without what nobody sees: blanks at the ends of lines, tabs and carriage returns, several empty lines in a row.
pub fn tidied(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines() {
        let line = line.trim_end();
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if line.is_empty() && std::mem::replace(&mut blank, true) {
            continue;
        }
        blank = line.is_empty();
        tidy.push_str(&line[..indent].replace('\t', "  "));
        tidy.push_str(&line[indent..]);
        tidy.push('\n');
    }
    let length = tidy.trim_end().len();
    tidy.truncate(length);
    tidy.push_str(if length > 0 { "\n" } else { "" });
    tidy
}

#[cfg(test)]
mod tests {
    use super::{meaning, suggest, tidied};

    const HEAD: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\nspec:\n";

    /// The labels at the end of a text.
    fn at_the_end(text: &str) -> Vec<String> {
        let line = text.split('\n').count();
        let column = text.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let names = |plural: &str| vec![format!("a-{plural}")];
        suggest(text, line, column, &names).list.into_iter().map(|each| each.label).collect()
    }

    #[test]
    fn keys_follow_from_the_indentation() {
        assert_eq!(at_the_end(""), ["apiVersion", "kind", "metadata", "spec"]);
        let spec = at_the_end(&format!("{HEAD}  replicas: 3\n  "));
        assert!(spec.contains(&"serviceName".to_owned()) && !spec.contains(&"replicas".to_owned()), "{spec:?}");
        let list = format!("{HEAD}  template:\n    spec:\n      containers:\n      - name: db\n        ");
        let container = at_the_end(&list);
        assert!(
            container.contains(&"imagePullPolicy".to_owned()) && !container.contains(&"name".to_owned()),
            "{container:?}"
        );
        assert!(
            at_the_end(&format!("{HEAD}  template:\n    spec:\n      containers:\n        - "))
                .contains(&"image".to_owned())
        );
        assert!(
            at_the_end(&format!("{list}ports:\n        - containerPort: 80\n      ")).contains(&"volumes".to_owned())
        );
    }

    #[test]
    fn values_are_those_permitted_or_there() {
        assert_eq!(at_the_end(&format!("{HEAD}  podManagementPolicy: ")), ["OrderedReady", "Parallel"]);
        assert_eq!(at_the_end(&format!("{HEAD}  serviceName: ")), ["a-services"]);
        assert_eq!(at_the_end("kind: DaemonSet\napiVersion: "), ["apps/v1"]);
        assert!(at_the_end("kind: ").contains(&"CronJob".to_owned()));
    }

    #[test]
    fn a_field_is_explained_where_it_stands() {
        let text = format!("{HEAD}  replicas: 3\n  template:\n    spec:\n      restartPolicy: Always\n");
        let found = meaning(&text, 9, 10).expect("a field");
        assert_eq!((found.path.as_str(), found.ty.as_str()), ("spec.template.spec.restartPolicy", "<string>"));
        assert_eq!(meaning(&text, 9, 24), None);
    }

    #[test]
    fn tidying_changes_only_what_nobody_sees() {
        assert_eq!(tidied("a: 1  \r\n\n\n\tb: 2\n\n"), "a: 1\n\n  b: 2\n");
        assert_eq!(tidied(" \n"), "");
    }
}
