//! Reads the generated table once and answers questions about definitions and fields.
//!
//! `table.txt`: a line `.apps.v1.DeploymentSpec` begins a definition; each line after it is one field, `name type`, sorted by
//! name. `!` before the type marks a required field, `[` an array, `{` a map; a name with a capital letter refers to a
//! definition (of the same group and version where it has no dots); one small letter is a scalar (see [`Type`]).
//! `descriptions.txt` has one line for each line of `table.txt`, its line breaks written `\n`. `go_types.txt` has the same shape as `table.txt`; its columns
//! are `=` Go type, `<` embedded struct, `|` permitted values.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("table.txt");
const GO_TYPES: &str = include_str!("go_types.txt");

/// The type of a field, of an array's items or of a map's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// Floating-point number.
    Number,
    /// Text.
    String,
    /// Base64 text.
    Bytes,
    /// RFC 3339 time.
    Time,
    /// RFC 3339 time with microseconds.
    MicroTime,
    /// Amount such as `500m` or `1Gi`.
    Quantity,
    /// 32-bit integer or text.
    IntOrString,
    /// Any value; nothing below it is checked.
    Any,
    /// An object of the definition with this name.
    Object(&'static str),
    /// A list.
    Array(Box<Type>),
    /// An object with free keys.
    Map(Box<Type>),
}

impl Type {
    /// The definition of an object, through any number of lists and maps around it.
    #[must_use]
    pub fn definition(&self) -> Option<&'static Definition> {
        match self {
            Self::Object(name) => definition(name),
            Self::Array(item) | Self::Map(item) => item.definition(),
            _ => None,
        }
    }

    /// The name of the Go type, as decoding errors print it.
    #[must_use]
    pub fn go_name(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Int32 => "int32".to_owned(),
            Self::Int64 => "int64".to_owned(),
            Self::Number => "float64".to_owned(),
            Self::String => "string".to_owned(),
            Self::Bytes => "[]uint8".to_owned(),
            Self::Time => "v1.Time".to_owned(),
            Self::MicroTime => "v1.MicroTime".to_owned(),
            Self::Quantity => "resource.Quantity".to_owned(),
            Self::IntOrString => "intstr.IntOrString".to_owned(),
            Self::Any => "runtime.RawExtension".to_owned(),
            Self::Object(name) => name.split_once('.').map_or(*name, |(_, rest)| rest).to_owned(),
            Self::Array(item) => format!("[]{}", item.go_name()),
            Self::Map(value) => format!("map[string]{}", value.go_name()),
        }
    }

    /// The name `kubectl explain` prints between angle brackets: `[]Container`, `map[string]string`, `integer`.
    #[must_use]
    pub fn explain_name(&self) -> String {
        match self {
            Self::Bool => "boolean".to_owned(),
            Self::Int32 | Self::Int64 => "integer".to_owned(),
            Self::Number => "number".to_owned(),
            Self::String | Self::Bytes => "string".to_owned(),
            Self::Time => "string".to_owned(),
            Self::MicroTime => "string".to_owned(),
            Self::Quantity => "Quantity".to_owned(),
            Self::IntOrString => "IntOrString".to_owned(),
            Self::Any => "Object".to_owned(),
            Self::Object(name) => name.rsplit('.').next().unwrap_or(name).to_owned(),
            Self::Array(item) => format!("[]{}", item.explain_name()),
            Self::Map(value) => format!("map[string]{}", value.explain_name()),
        }
    }
}

/// One field of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name, as in a manifest.
    pub name: &'static str,
    /// Type of the value.
    pub ty: Type,
    /// Whether the schema calls it required. (The decoder does not; validation of each kind does.)
    pub required: bool,
    /// The Go type, where it is not the one that follows from `ty`.
    pub go_type: Option<&'static str>,
    /// The Go structs embedded between the definition and the field, joined by dots.
    pub embedded: Option<&'static str>,
    /// Permitted values, sorted; empty where any value of the type will do.
    pub values: Vec<&'static str>,
    line: usize,
}

impl Field {
    /// The description, with its line breaks; empty while descriptions are not loaded.
    #[must_use]
    pub fn description(&self) -> String {
        description(self.line)
    }

    /// The name of the Go type of the field.
    #[must_use]
    pub fn go_name(&self) -> String {
        self.go_type.map_or_else(|| self.ty.go_name(), str::to_owned)
    }
}

/// A named object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Name in the table: `apps.v1.DeploymentSpec`.
    pub name: &'static str,
    /// Fields, sorted by name.
    pub fields: Vec<Field>,
    line: usize,
}

impl Definition {
    /// The field with this exact name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &self.fields[at])
    }

    /// The description, with its line breaks; empty while descriptions are not loaded.
    #[must_use]
    pub fn description(&self) -> String {
        description(self.line)
    }

    /// The name of the Go struct: `DeploymentSpec`.
    #[must_use]
    pub fn go_struct(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

/// The definition with this name (`apps.v1.DeploymentSpec`).
#[must_use]
pub fn definition(name: &str) -> Option<&'static Definition> {
    table().get(name)
}

/// All definitions, sorted by name.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    table().values()
}

/// The field at a path of names below a definition, as `kubectl explain pod.spec.containers` walks: through lists and maps.
///
/// Errors with the number of names that could be followed.
pub fn explain<'a>(
    root: &'static Definition,
    path: impl IntoIterator<Item = &'a str>,
) -> Result<Option<&'static Field>, usize> {
    let (mut owner, mut found) = (Some(root), None);
    for (depth, name) in path.into_iter().enumerate() {
        let field = owner.and_then(|definition| definition.field(name)).ok_or(depth)?;
        owner = field.ty.definition();
        found = Some(field);
    }
    Ok(found)
}

fn table() -> &'static BTreeMap<&'static str, Definition> {
    static CELL: OnceLock<BTreeMap<&'static str, Definition>> = OnceLock::new();
    CELL.get_or_init(|| {
        let mut table = parse(TABLE);
        add_go_types(&mut table, GO_TYPES);
        table
    })
}

fn parse(text: &'static str) -> BTreeMap<&'static str, Definition> {
    // Definitions refer to each other by name, so the names come first.
    let names: BTreeMap<&str, &'static str> =
        text.lines().filter_map(|line| line.strip_prefix('.')).map(|name| (name, name)).collect();
    let mut table = BTreeMap::new();
    let mut current: Option<Definition> = None;
    for (number, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix('.') {
            table.extend(current.take().map(|done| (done.name, done)));
            current = Some(Definition { name, fields: Vec::new(), line: number });
        } else if let (Some(definition), Some((name, code))) = (&mut current, line.split_once(' ')) {
            let (required, code) = code.strip_prefix('!').map_or((false, code), |code| (true, code));
            let ty = parse_type(&names, definition.name, code);
            definition.fields.push(Field {
                name,
                ty,
                required,
                go_type: None,
                embedded: None,
                values: Vec::new(),
                line: number,
            });
        }
    }
    table.extend(current.map(|done| (done.name, done)));
    table
}

fn parse_type(names: &BTreeMap<&str, &'static str>, owner: &str, code: &str) -> Type {
    if let Some(item) = code.strip_prefix('[') {
        return Type::Array(Box::new(parse_type(names, owner, item)));
    }
    if let Some(value) = code.strip_prefix('{') {
        return Type::Map(Box::new(parse_type(names, owner, value)));
    }
    match code {
        "b" => Type::Bool,
        "i" => Type::Int32,
        "l" => Type::Int64,
        "n" => Type::Number,
        "s" => Type::String,
        "y" => Type::Bytes,
        "t" => Type::Time,
        "m" => Type::MicroTime,
        "q" => Type::Quantity,
        "x" => Type::IntOrString,
        _ => {
            let group = owner.rsplit_once('.').map_or("", |(group, _)| group);
            let local = format!("{group}.{code}");
            names.get(local.as_str()).or_else(|| names.get(code)).map_or(Type::Any, |name| Type::Object(name))
        }
    }
}

fn add_go_types(table: &mut BTreeMap<&'static str, Definition>, text: &'static str) {
    let mut current = "";
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('.') {
            current = name;
            continue;
        }
        let mut columns = line.split(' ');
        let field = columns.next().and_then(|name| {
            let fields = &mut table.get_mut(current)?.fields;
            fields.iter_mut().find(|field| field.name == name)
        });
        let Some(field) = field else { continue };
        for column in columns {
            let (sign, rest) = column.split_at(1);
            match sign {
                "=" => field.go_type = Some(rest),
                "<" => field.embedded = Some(rest),
                _ => field.values = rest.split('|').collect(),
            }
        }
    }
}

static DESCRIPTIONS: OnceLock<Vec<&'static str>> = OnceLock::new();

/// Gives the descriptions to a build without the feature `descriptions`: the text of `descriptions.txt`, loaded by the page.
///
/// The first call wins; it is kept for as long as the program runs.
pub fn load_descriptions(text: String) {
    if text.lines().count() == TABLE.lines().count() {
        DESCRIPTIONS.get_or_init(|| String::leak(text).lines().collect());
    }
}

fn description(line: usize) -> String {
    #[cfg(feature = "descriptions")]
    let lines = DESCRIPTIONS.get_or_init(|| include_str!("descriptions.txt").lines().collect());
    #[cfg(not(feature = "descriptions"))]
    let Some(lines) = DESCRIPTIONS.get() else { return String::new() };
    let mut text = String::new();
    let mut letters = lines.get(line).copied().unwrap_or("").chars();
    while let Some(letter) = letters.next() {
        text.push(match (letter, letter == '\\') {
            (_, true) => letters.next().map_or('\\', |next| if next == 'n' { '\n' } else { next }),
            (letter, false) => letter,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_files_fit_each_other() {
        assert_eq!(include_str!("descriptions.txt").lines().count(), TABLE.lines().count());
        let codes = ["b", "i", "l", "n", "s", "y", "t", "m", "q", "x", "*"];
        for (definition, line) in
            definitions().flat_map(|d| d.fields.iter().map(move |f| (d, f))).map(|(d, f)| (d, f.line))
        {
            let code = TABLE.lines().nth(line).and_then(|l| l.split_once(' ')).map_or("", |(_, code)| code);
            let code = code.trim_start_matches(['!', '[', '{']);
            let known = codes.contains(&code) || code.contains(char::is_uppercase);
            assert!(known, "{}: {code}", definition.name);
        }
        for definition in definitions() {
            assert!(definition.fields.is_sorted_by_key(|field| field.name), "{}", definition.name);
        }
    }

    #[test]
    fn every_line_of_the_go_types_names_a_field() {
        let mut current = None;
        for line in GO_TYPES.lines() {
            match line.strip_prefix('.') {
                Some(name) => current = definition(name),
                None => {
                    let name = line.split(' ').next().unwrap_or_default();
                    assert!(current.and_then(|d| d.field(name)).is_some(), "{line}");
                }
            }
        }
    }

    #[test]
    fn one_definition() {
        let strategy = definition("apps.v1.DeploymentSpec").unwrap();
        let text: String =
            strategy.fields.iter().map(|f| format!("{} <{}> {}\n", f.name, f.ty.explain_name(), f.go_name())).collect();
        expect![[r#"
            minReadySeconds <integer> int32
            paused <boolean> bool
            progressDeadlineSeconds <integer> int32
            replicas <integer> int32
            revisionHistoryLimit <integer> int32
            selector <LabelSelector> v1.LabelSelector
            strategy <DeploymentStrategy> v1.DeploymentStrategy
            template <PodTemplateSpec> v1.PodTemplateSpec
        "#]]
        .assert_eq(&text);
    }

    #[test]
    fn explain_walks_through_lists() {
        let pod = definition("core.v1.Pod").unwrap();
        let field = explain(pod, ["spec", "containers", "imagePullPolicy"]).unwrap().unwrap();
        assert_eq!(field.values, ["Always", "IfNotPresent", "Never"]);
        assert!(field.description().starts_with("Image pull policy. One of Always, Never, IfNotPresent."));
        assert_eq!(explain(pod, ["spec", "contaners", "image"]), Err(1));
        assert_eq!(explain(pod, []), Ok(None));
    }
}
