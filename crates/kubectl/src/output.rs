//! `-o`: objects as JSON, YAML, names, paths, templates and columns. Models: staging/src/k8s.io/cli-runtime/pkg/printers.

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields::{self, go_escape};
use crate::jsonpath::{JsonPath, printed};
use crate::print::tabs;
use crate::template::Template;
use serde::Serialize as _;
use serde_json::{Value, json};

/// How objects are to be printed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Format {
    /// Each verb's own way.
    Human {
        /// With the wide columns.
        wide: bool,
    },
    Json,
    Yaml,
    Kyaml,
    Name,
    Path(JsonPath, String),
    PathAsJson(JsonPath, String),
    Template(Template, String),
    Columns(Vec<(String, JsonPath)>, bool),
}

/// The formats of verbs that tell a result in a line.
const RESULT_FORMATS: &str =
    "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";
/// The formats of `kubectl get`.
const GET_FORMATS: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

impl Format {
    /// Reads `-o` of a verb that tells its result in a line.
    pub(crate) fn of_result(call: &Call<'_>, args: &Args) -> Result<Format, CmdError> {
        Self::read(call, args, false)
    }

    /// Reads `-o` of `kubectl get`.
    pub(crate) fn of_get(call: &Call<'_>, args: &Args) -> Result<Format, CmdError> {
        Self::read(call, args, true)
    }

    fn read(call: &Call<'_>, args: &Args, tables: bool) -> Result<Format, CmdError> {
        let output = args.text("output");
        let (name, given) = match output.split_once('=') {
            Some((name, argument)) => (name, Some(argument)),
            None if output.is_empty() && args.given("template") => ("go-template", None),
            None => (output, None),
        };
        let argument = given.or_else(|| args.maybe("template")).filter(|text| !text.is_empty());
        let missing = |what: &str| CmdError::new(format!("{what} format specified but no {what} given"));
        let template = || argument.ok_or_else(|| CmdError::new("template format specified but no template given"));
        match name {
            "" => Ok(Format::Human { wide: false }),
            "wide" if tables => Ok(Format::Human { wide: true }),
            "json" => Ok(Format::Json),
            "yaml" => Ok(Format::Yaml),
            "kyaml" => Ok(Format::Kyaml),
            "name" => Ok(Format::Name),
            "jsonpath" => path(template()?).map(|path| Format::Path(path, argument.unwrap_or("").to_owned())),
            "jsonpath-as-json" => {
                path(template()?).map(|path| Format::PathAsJson(path, argument.unwrap_or("").to_owned()))
            }
            "jsonpath-file" => {
                let text = call.read_file(template()?)?;
                path(&text).map(|path| Format::Path(path, text))
            }
            "go-template" | "template" => go_template(template()?),
            "go-template-file" | "templatefile" => go_template(&call.read_file(template()?)?),
            "custom-columns" if tables => {
                let spec = argument
                    .ok_or_else(|| CmdError::new("custom-columns format specified but no custom columns given"))?;
                Ok(Format::Columns(columns(spec)?, args.is("no-headers")))
            }
            "custom-columns-file" if tables => {
                let file = argument.ok_or_else(|| missing("custom-columns"))?;
                Ok(Format::Columns(columns_of_file(&call.read_file(file)?)?, args.is("no-headers")))
            }
            _ => Err(CmdError::new(format!(
                "unable to match a printer suitable for the output format \"{output}\", allowed formats are: {}",
                if tables { GET_FORMATS } else { RESULT_FORMATS }
            ))),
        }
    }

    /// Whether results are told in words or tables.
    pub(crate) fn is_human(&self) -> bool {
        matches!(self, Format::Human { .. })
    }

    /// Whether managed fields are printed: as JSON and YAML only if asked for, else if the format names them.
    pub(crate) fn reveals_managed(&self, asked: bool) -> bool {
        match self {
            Format::Json | Format::Yaml | Format::Kyaml => asked,
            Format::Path(_, text) | Format::PathAsJson(_, text) | Format::Template(_, text) => {
                text.contains("managedFields")
            }
            Format::Columns(columns, _) => format!("{columns:?}").contains("managedFields"),
            Format::Human { .. } | Format::Name => false,
        }
    }

    /// Prints one value: an object or a list of them.
    pub(crate) fn render(&self, value: &Value) -> Result<String, CmdError> {
        match self {
            Format::Human { .. } => Ok(String::new()),
            Format::Json => Ok(to_json(value)),
            Format::Yaml => Ok(manifest::to_yaml(value)),
            Format::Kyaml => Ok(manifest::to_kyaml(value)),
            Format::Name => Ok(names(value)),
            Format::Path(path, text) => path.execute(value).map_err(|error| path_error(text, &error.0, value)),
            Format::PathAsJson(path, text) => {
                let found = path.find(value).map_err(|error| path_error(text, &error.0, value))?;
                Ok(found.into_iter().map(|results| to_json(&Value::Array(results))).collect())
            }
            Format::Template(template, text) => template.execute(value).map_err(|error| {
                let message = format!(
                    "error executing template \"{text}\": template: output:{}: executing \"output\" at <{}>: {}",
                    error.place, error.at, error.message
                );
                CmdError::new(message)
            }),
            Format::Columns(columns, no_headers) => {
                Ok(tabs::TABLE.layout(&custom_columns(columns, !no_headers, value)))
            }
        }
    }

    /// The cells of custom columns, to be laid out by a watch, which prints the headers but once.
    pub(crate) fn column_cells(&self, value: &Value, is_first: bool) -> Option<String> {
        let Format::Columns(columns, no_headers) = self else { return None };
        Some(custom_columns(columns, is_first && !no_headers, value))
    }
}

fn path(text: &str) -> Result<JsonPath, CmdError> {
    JsonPath::parse(text, true).map_err(|why| CmdError::new(format!("error parsing jsonpath {text}, {why}")))
}

fn go_template(text: &str) -> Result<Format, CmdError> {
    let template = Template::parse(text)
        .map_err(|why| CmdError::new(format!("error parsing template {text}, template: output:1: {why}")))?;
    Ok(Format::Template(template, text.to_owned()))
}

fn path_error(template: &str, why: &str, value: &Value) -> CmdError {
    CmdError::new(format!(
        "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
        fields::quote(template),
        fields::go_syntax(value)
    ))
}

/// JSON with four spaces, as kubectl indents it.
pub(crate) fn to_json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // Writing a Value into memory cannot fail.
    let _ = value.serialize(&mut serializer);
    format!("{}\n", go_escape(&String::from_utf8_lossy(&bytes)))
}

/// Several objects as one `List`.
pub(crate) fn list(items: Vec<Value>) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items})
}

fn names(value: &Value) -> String {
    if fields::text(value, "kind") == "List" {
        return fields::list(value, "items").iter().map(names).collect();
    }
    let group = fields::text(value, "apiVersion").split_once('/').map_or("", |(group, _)| group);
    let kind = fields::text(value, "kind").to_lowercase();
    let dot = if group.is_empty() { "" } else { "." };
    format!("{kind}{dot}{group}/{}\n", fields::text(value, "metadata.name"))
}

fn columns(spec: &str) -> Result<Vec<(String, JsonPath)>, CmdError> {
    let column = |part: &str| {
        let (head, path) = part.split_once(':').ok_or_else(|| {
            CmdError::new(format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"))
        })?;
        JsonPath::relaxed(path).map(|path| (head.to_owned(), path)).map_err(CmdError::new)
    };
    // A comma may also stand inside the brackets of a path.
    let (mut parts, mut depth, mut start) = (Vec::new(), 0i32, 0);
    for (at, c) in spec.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(&spec[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&spec[start..]);
    parts.into_iter().map(column).collect()
}

fn columns_of_file(text: &str) -> Result<Vec<(String, JsonPath)>, CmdError> {
    let mut lines = text.lines();
    let mut line = |what: &str| {
        let expected =
            "Expected format is one line of space separated headers, one line of space separated column specs.";
        let found =
            lines.next().ok_or_else(|| CmdError::new(format!("invalid template, missing {what} line. {expected}")))?;
        Ok::<Vec<String>, CmdError>(found.split_whitespace().map(str::to_owned).collect())
    };
    let (heads, paths) = (line("header")?, line("spec")?);
    if heads.len() != paths.len() {
        let message =
            format!("number of headers ({}) and field specifications ({}) don't match", heads.len(), paths.len());
        return Err(CmdError::new(message));
    }
    let parse = |path: &String| JsonPath::relaxed(path).map_err(CmdError::new);
    heads.into_iter().zip(paths.iter().map(parse)).map(|(head, path)| Ok((head, path?))).collect()
}

fn custom_columns(columns: &[(String, JsonPath)], headers: bool, value: &Value) -> String {
    let mut text = String::new();
    if headers {
        let heads: Vec<&str> = columns.iter().map(|(head, _)| head.as_str()).collect();
        text.push_str(&format!("{}\n", heads.join("\t")));
    }
    let items = match value.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().collect(),
        None => vec![value],
    };
    for item in items {
        let cells: Vec<String> = columns.iter().map(|(_, path)| cell(path, item)).collect();
        text.push_str(&format!("{}\n", cells.join("\t")));
    }
    text
}

fn cell(path: &JsonPath, item: &Value) -> String {
    let found: Vec<Value> = path.find(item).unwrap_or_default().into_iter().flatten().collect();
    if found.is_empty() {
        return "<none>".to_owned();
    }
    let text = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) | Value::Null => fields::go_text(value),
        scalar => printed(scalar),
    };
    found.iter().map(text).collect::<Vec<_>>().join(",").replace(['\n', '\t'], " ")
}
