//! Walks a value by the nodes of a template. Models: client-go/util/jsonpath/jsonpath.go.

use super::Node;
use serde_json::Value;
use std::cmp::Ordering;

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EvalError(pub(crate) String);

fn error<T>(message: impl Into<String>) -> Result<T, EvalError> {
    Err(EvalError(message.into()))
}

/// The values each node finds; what stands between `range` and `end` is repeated for each value of the range.
pub(super) fn results(nodes: &[Node], data: &Value, allow_missing: bool) -> Result<Vec<Vec<Value>>, EvalError> {
    let mut all = Vec::new();
    let mut index = 0;
    while index < nodes.len() {
        let node = &nodes[index];
        if is_end(node) {
            return error("not in range, nothing to end");
        }
        let found = walk(vec![data.clone()], std::slice::from_ref(node), allow_missing)?;
        index += 1;
        if is_range(node) {
            let body = &nodes[index..];
            let length = matching_end(body).unwrap_or(body.len());
            for value in &found {
                all.extend(results(&body[..length], value, allow_missing)?);
            }
            index += length + 1;
        } else {
            all.push(found);
        }
    }
    Ok(all)
}

fn is_range(node: &Node) -> bool {
    matches!(node, Node::Action(inner) if inner.first() == Some(&Node::Range))
}

fn is_end(node: &Node) -> bool {
    matches!(node, Node::Action(inner) if inner.first() == Some(&Node::End))
}

fn matching_end(nodes: &[Node]) -> Option<usize> {
    let mut depth = 0usize;
    for (index, node) in nodes.iter().enumerate() {
        if is_range(node) {
            depth += 1;
        } else if is_end(node) {
            if depth == 0 {
                return Some(index);
            }
            depth -= 1;
        }
    }
    None
}

fn walk(mut values: Vec<Value>, nodes: &[Node], allow_missing: bool) -> Result<Vec<Value>, EvalError> {
    for node in nodes {
        values = step(values, node, allow_missing)?;
    }
    Ok(values)
}

fn step(values: Vec<Value>, node: &Node, allow_missing: bool) -> Result<Vec<Value>, EvalError> {
    match node {
        Node::Action(inner) => walk(values, inner, allow_missing),
        Node::Text(text) => Ok(vec![Value::String(text.clone())]),
        Node::Literal(value) => Ok(values.iter().map(|_| value.clone()).collect()),
        Node::Range => Ok(values),
        Node::End => error("not in range, nothing to end"),
        Node::Field(name) => {
            let found: Vec<Value> = values.iter().filter_map(|value| value.get(name).cloned()).collect();
            if found.is_empty() && !values.is_empty() && !allow_missing {
                return error(format!("{name} is not found"));
            }
            Ok(found)
        }
        Node::Wildcard => Ok(values.iter().flat_map(children).collect()),
        Node::Recursive => {
            let mut found = Vec::new();
            for value in &values {
                descend(value, &mut found);
            }
            Ok(found)
        }
        Node::Union(alternatives) => {
            let mut found = Vec::new();
            for alternative in alternatives {
                found.extend(walk(values.clone(), alternative, allow_missing)?);
            }
            Ok(found)
        }
        Node::Slice { from, to, step, single } => {
            let mut found = Vec::new();
            for value in values.iter().filter(|value| !value.is_null()) {
                found.extend(slice(value, (*from, *to, *step), *single)?);
            }
            Ok(found)
        }
        Node::Filter { left, operator, right } => {
            let mut found = Vec::new();
            for value in &values {
                let Value::Array(items) = value else {
                    let text = crate::fields::go_text(value);
                    return error(format!("{text} is not array or slice and cannot be filtered"));
                };
                for item in items {
                    if passes(item, left, operator, right, allow_missing)? {
                        found.push(item.clone());
                    }
                }
            }
            Ok(found)
        }
    }
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Object(map) => map.values().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The value and everything below it that has parts.
fn descend(value: &Value, found: &mut Vec<Value>) {
    let below = children(value);
    if !below.is_empty() {
        found.push(value.clone());
        for child in &below {
            descend(child, found);
        }
    }
}

type Bounds = (Option<i64>, Option<i64>, Option<i64>);

fn slice(value: &Value, (from, to, step): Bounds, single: bool) -> Result<Vec<Value>, EvalError> {
    let Value::Array(items) = value else {
        return error(format!("{} is not array or slice", go_type(value)));
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_end = |index: i64| if index < 0 { index + length } else { index };
    let start = from_end(from.unwrap_or(0));
    let end = match to {
        _ if single => start + 1,
        Some(to) => from_end(to),
        None => length,
    };
    if start == end {
        return Ok(Vec::new());
    }
    if start < 0 || start >= length {
        return error(format!("array index out of bounds: index {start}, length {length}"));
    }
    if end < 0 || end > length {
        return error(format!("array index out of bounds: index {}, length {length}", end - 1));
    }
    if start > end {
        return error(format!("starting index {start} is greater than ending index {end}"));
    }
    let step = step.unwrap_or(1);
    if step <= 0 {
        return error("step must be > 0");
    }
    let index = |n: i64| usize::try_from(n).unwrap_or(0);
    Ok(items[index(start)..index(end)].iter().step_by(index(step)).cloned().collect())
}

fn passes(item: &Value, left: &[Node], operator: &str, right: &[Node], allow_missing: bool) -> Result<bool, EvalError> {
    let lefts = walk(vec![item.clone()], left, allow_missing);
    if operator == "exists" {
        return Ok(lefts.is_ok_and(|found| !found.is_empty()));
    }
    let (lefts, rights) = (lefts?, walk(vec![item.clone()], right, allow_missing)?);
    let (left, right) = match (lefts.as_slice(), rights.as_slice()) {
        ([left], [right]) => (left, right),
        ([], _) | (_, []) => return Ok(false),
        _ => return error("can only compare one element at a time"),
    };
    let order = compare(left, right);
    let same_type = order.is_some() || left == right;
    if !same_type && std::mem::discriminant(left) != std::mem::discriminant(right) {
        return error("incompatible types for comparison");
    }
    match operator {
        "==" => Ok(left == right || order == Some(Ordering::Equal)),
        "!=" => Ok(left != right && order != Some(Ordering::Equal)),
        "<" => Ok(order == Some(Ordering::Less)),
        ">" => Ok(order == Some(Ordering::Greater)),
        "<=" => Ok(matches!(order, Some(Ordering::Less | Ordering::Equal))),
        ">=" => Ok(matches!(order, Some(Ordering::Greater | Ordering::Equal))),
        _ => error(format!("unrecognized filter operator {operator}")),
    }
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
