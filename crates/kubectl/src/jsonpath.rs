//! kubectl's dialect of JSONPath: text with `{…}` actions. Models: staging/src/k8s.io/client-go/util/jsonpath.
//!
//! Fields, indexes, slices, unions, wildcards, recursive descent, filters, quoted text, `range` … `end`.

mod eval;
mod parse;

use crate::fields::go_escape;
use serde_json::Value;

pub(crate) use eval::EvalError;

/// One step of a path, or a piece of text.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Field(String),
    Slice {
        from: Option<i64>,
        to: Option<i64>,
        step: Option<i64>,
        single: bool,
    },
    Union(Vec<Vec<Node>>),
    Wildcard,
    Recursive,
    Filter {
        left: Vec<Node>,
        operator: String,
        right: Vec<Node>,
    },
    Literal(Value),
    Range,
    End,
    /// One `{…}`.
    Action(Vec<Node>),
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonPath {
    nodes: Vec<Node>,
    allow_missing: bool,
}

impl JsonPath {
    /// Parses a template; with `allow_missing`, a field that is not there is nothing instead of an error.
    pub(crate) fn parse(text: &str, allow_missing: bool) -> Result<JsonPath, String> {
        Ok(JsonPath { nodes: parse::template(text)?, allow_missing })
    }

    /// Parses one path as people write it: with or without braces and leading dot.
    pub(crate) fn relaxed(text: &str) -> Result<JsonPath, String> {
        let bare = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        let bare = bare.strip_prefix('.').unwrap_or(bare);
        if bare.is_empty() || bare.contains(['{', '}']) {
            return Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'".into());
        }
        JsonPath::parse(&format!("{{.{bare}}}"), true)
    }

    /// The values found, one list for each action and text.
    pub(crate) fn find(&self, data: &Value) -> Result<Vec<Vec<Value>>, EvalError> {
        eval::results(&self.nodes, data, self.allow_missing)
    }

    /// The text of the template filled in.
    pub(crate) fn execute(&self, data: &Value) -> Result<String, EvalError> {
        let mut text = String::new();
        for results in self.find(data)? {
            let texts: Vec<String> = results.iter().map(printed).collect();
            text.push_str(&texts.join(" "));
        }
        Ok(text)
    }
}

/// A value as a template prints it: scalars bare, the others as JSON.
pub(crate) fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => go_escape(&value.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(template: &str, expected: &str) {
        let data = json!({
            "kind": "List",
            "items": [
                {"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x"}}, "n": 1, "ports": [80, 443]},
                {"metadata": {"name": "b", "labels": {}}, "n": 2, "ports": []},
            ],
        });
        let path = JsonPath::parse(template, true);
        let text = path.and_then(|path| path.execute(&data).map_err(|error| error.0));
        assert_eq!(text.unwrap_or_else(|error| format!("error: {error}")), expected, "{template}");
    }

    #[test]
    fn templates() {
        check("{.items[*].metadata.name}", "a b");
        check("{.items[0].metadata}", r#"{"labels":{"app.kubernetes.io/name":"x"},"name":"a"}"#);
        check("{range .items[*]}{.metadata.name}{'='}{.n}{\"\\n\"}{end}done", "a=1\nb=2\ndone");
        check("{.items[?(@.metadata.name==\"b\")].n}", "2");
        check("{.items[?(@.n>1)].metadata.name}", "b");
        check(r"{.items[0].metadata.labels.app\.kubernetes\.io/name}", "x");
        check("{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", "x");
        check("{..name}", "a b");
        check("{.items[-1:].metadata.name} {.items[0:1].n}", "b 1");
        check("{.items[*]['n', 'metadata.name']}", "1 2 a b");
        check("{$.kind}{.missing}", "List");
        check("{.items[5].n}", "error: array index out of bounds: index 5, length 2");
        check("{.items", "error: unclosed action");
        check("{.items[}", "error: unterminated array");
        check("{end}", "error: not in range, nothing to end");
    }

    #[test]
    fn a_missing_field_is_an_error_if_asked_for() {
        let path = JsonPath::parse("{.a.b}", false).expect("valid");
        assert_eq!(path.execute(&json!({"a": {}})).expect_err("missing").0, "b is not found");
    }
}
