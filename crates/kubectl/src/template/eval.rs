//! Fills in a template. Models: Go's text/template/exec.go.

use super::functions::{self, truth};
use super::{Node, Pipeline, TemplateError, Term};
use crate::fields::go_text;
use serde_json::Value;

/// A value, or that there is none: Go tells a missing key from a null.
type Found = Option<Value>;

pub(super) fn execute(nodes: &[Node], data: &Value) -> Result<String, TemplateError> {
    let mut state = State { root: data, variables: Vec::new(), out: String::new() };
    state.nodes(nodes, &Some(data.clone()))?;
    Ok(state.out)
}

struct State<'d> {
    root: &'d Value,
    variables: Vec<(String, Found)>,
    out: String,
}

impl State<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Found) -> Result<(), TemplateError> {
        let scope = self.variables.len();
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Action(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() {
                        self.out.push_str(&value.as_ref().map_or_else(|| "<no value>".to_owned(), go_text));
                    }
                }
                Node::If { condition, then, otherwise } => {
                    let inner = self.variables.len();
                    let holds = self.pipeline(condition, dot)?.as_ref().is_some_and(truth);
                    self.nodes(if holds { then } else { otherwise }, dot)?;
                    self.variables.truncate(inner);
                }
                Node::With { value, then, otherwise } => {
                    let inner = self.variables.len();
                    let value = self.pipeline(value, dot)?;
                    if value.as_ref().is_some_and(truth) {
                        self.nodes(then, &value)?
                    } else {
                        self.nodes(otherwise, dot)?
                    }
                    self.variables.truncate(inner);
                }
                Node::Range { over, body, otherwise } => self.range(over, body, otherwise, dot)?,
            }
        }
        self.variables.truncate(scope);
        Ok(())
    }

    fn range(&mut self, over: &Pipeline, body: &[Node], otherwise: &[Node], dot: &Found) -> Result<(), TemplateError> {
        let bare = Pipeline { variables: Vec::new(), ..over.clone() };
        let value = self.pipeline(&bare, dot)?;
        let pairs: Vec<(Value, Value)> = match value {
            Some(Value::Array(items)) => {
                items.into_iter().enumerate().map(|(i, item)| (Value::from(i), item)).collect()
            }
            Some(Value::Object(map)) => map.into_iter().map(|(key, value)| (Value::from(key), value)).collect(),
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Number(number)) => {
                (0..number.as_i64().unwrap_or(0)).map(|i| (Value::from(i), Value::from(i))).collect()
            }
            Some(other) => return Err(failed(over, &format!("range can't iterate over {}", go_text(&other)))),
        };
        if pairs.is_empty() {
            return self.nodes(otherwise, dot);
        }
        for (key, item) in pairs {
            let scope = self.variables.len();
            match over.variables.as_slice() {
                [element] => self.variables.push((element.clone(), Some(item.clone()))),
                [index, element] => {
                    self.variables.push((index.clone(), Some(key)));
                    self.variables.push((element.clone(), Some(item.clone())));
                }
                _ => {}
            }
            self.nodes(body, &Some(item))?;
            self.variables.truncate(scope);
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Found) -> Result<Found, TemplateError> {
        let mut piped: Option<Found> = None;
        for command in &pipeline.commands {
            piped = Some(self.command(command, piped, dot, pipeline)?);
        }
        let value = piped.unwrap_or(None);
        if let Some(name) = pipeline.variables.first() {
            match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
                Some((_, slot)) if !pipeline.declares => slot.clone_from(&value),
                _ => self.variables.push((name.clone(), value.clone())),
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        command: &[Term],
        piped: Option<Found>,
        dot: &Found,
        whole: &Pipeline,
    ) -> Result<Found, TemplateError> {
        let Some((first, rest)) = command.split_first() else { return Ok(None) };
        let Term::Function(name) = first else {
            if !rest.is_empty() || piped.is_some() {
                return Err(failed(whole, &format!("can't give argument to non-function {}", whole.text)));
            }
            return self.term(first, dot, whole);
        };
        let mut arguments = Vec::new();
        for term in rest {
            arguments.push(self.term(term, dot, whole)?);
        }
        arguments.extend(piped);
        functions::call(name, &arguments).map_err(|why| failed(whole, &why))
    }

    fn term(&mut self, term: &Term, dot: &Found, whole: &Pipeline) -> Result<Found, TemplateError> {
        let (value, fields) = match term {
            Term::Literal(value) => return Ok(Some(value.clone())),
            Term::Function(name) => return functions::call(name, &[]).map_err(|why| failed(whole, &why)),
            Term::Dot(fields) => (dot.clone(), fields),
            Term::Variable(name, fields) if name.is_empty() => (Some(self.root.clone()), fields),
            Term::Variable(name, fields) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                let (_, value) = known.ok_or_else(|| failed(whole, &format!("undefined variable \"${name}\"")))?;
                (value.clone(), fields)
            }
            Term::Nested(inner, fields) => (self.pipeline(inner, dot)?, fields),
        };
        let mut value = value;
        for field in fields {
            value = match value {
                Some(Value::Object(mut map)) => map.remove(field),
                None => return Err(failed(whole, &format!("nil data; no entry for key \"{field}\""))),
                Some(Value::Null) => {
                    return Err(failed(whole, &format!("nil pointer evaluating interface {{}}.{field}")));
                }
                Some(other) => {
                    let kind = functions::go_type(&other);
                    return Err(failed(whole, &format!("can't evaluate field {field} in type {kind}")));
                }
            };
        }
        Ok(value)
    }
}

fn failed(pipeline: &Pipeline, message: &str) -> TemplateError {
    TemplateError { place: "1:2".to_owned(), at: pipeline.text.clone(), message: message.to_owned() }
}
