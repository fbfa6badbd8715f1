//! Go templates, as far as `-o go-template` needs them. Models: Go's text/template.
//!
//! Fields, variables, `range`, `if`, `with`, `else`, pipelines, the usual functions and kubectl's own `exists` and
//! `base64decode`.

mod eval;
mod functions;
mod parse;

use serde_json::Value;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    nodes: Vec<Node>,
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateError {
    /// Line and column.
    pub(crate) place: String,
    /// The piece of the template.
    pub(crate) at: String,
    pub(crate) message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    /// `{{pipeline}}`, or `{{$x := pipeline}}`.
    Action(Pipeline),
    If {
        condition: Pipeline,
        then: Vec<Node>,
        otherwise: Vec<Node>,
    },
    With {
        value: Pipeline,
        then: Vec<Node>,
        otherwise: Vec<Node>,
    },
    Range {
        over: Pipeline,
        body: Vec<Node>,
        otherwise: Vec<Node>,
    },
}

/// Commands joined by `|`, whose result may be kept in variables.
#[derive(Clone, Debug, PartialEq)]
struct Pipeline {
    /// `$x`, or `$i, $x` of a range.
    variables: Vec<String>,
    /// Whether they are new (`:=`) or set (`=`).
    declares: bool,
    commands: Vec<Vec<Term>>,
    text: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// `.`, `.a.b`.
    Dot(Vec<String>),
    /// `$`, `$x.a`.
    Variable(String, Vec<String>),
    /// A name of a function.
    Function(String),
    Literal(Value),
    /// `(pipeline).a`.
    Nested(Pipeline, Vec<String>),
}

impl Template {
    /// Parses a template.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        Ok(Template { nodes: parse::template(text)? })
    }

    /// Fills in a template.
    pub(crate) fn execute(&self, data: &Value) -> Result<String, TemplateError> {
        eval::execute(&self.nodes, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(template: &str, expected: &str) {
        let data = json!({
            "kind": "List", "none": null, "n": 3,
            "items": [{"metadata": {"name": "a", "labels": {"app": "x", "b.c": "y"}}}, {"metadata": {"name": "b"}}],
            "data": {"password": "aGVsbG8="},
        });
        let result = Template::parse(template).and_then(|t| t.execute(&data).map_err(|error| error.message));
        assert_eq!(result.unwrap_or_else(|error| format!("error: {error}")), expected, "{template}");
    }

    #[test]
    fn templates() {
        check("{{.kind}} {{.missing}} {{.n}}", "List <no value> 3");
        check("{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}", "a\nb\n");
        check("{{range $i, $x := .items}}{{if $i}}, {{end}}{{$i}}={{$x.metadata.name}}{{end}}", "0=a, 1=b");
        check("{{range $k, $v := (index .items 0).metadata.labels}}{{$k}}:{{$v}} {{end}}", "app:x b.c:y ");
        check("{{index .items 0 \"metadata\" \"labels\" \"b.c\"}}", "y");
        check("{{if and .n (eq .kind \"List\")}}yes{{else}}no{{end}}", "yes");
        check("{{with .none}}some{{else}}nothing{{end}}", "nothing");
        check("a {{- /* gone */ -}} b{{- \" c\" }}", "ab c");
        check(
            "{{.data.password | base64decode}} {{len .items}} {{printf \"%s-%d|%v\" .kind .n .n}}",
            "hello 2 List-3|3",
        );
        check("{{$x := .n}}{{$x}}{{range .items}}{{$.kind}}{{end}}", "3ListList");
        check("{{if gt .n 2}}big{{else if eq .n 2}}two{{else}}small{{end}}", "big");
        check("{{.items}}", "[map[metadata:map[labels:map[app:x b.c:y] name:a]] map[metadata:map[name:b]]]");
        check("{{.kind", "error: unclosed action");
        check("{{range .items}}", "error: unexpected EOF");
        check("{{nope}}", "error: function \"nope\" not defined");
        check("{{index .items 5}}", "error: error calling index: reflect: slice index out of range");
    }
}
