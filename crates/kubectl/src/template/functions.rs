//! The functions of templates. Models: Go's text/template/funcs.go, and kubectl's own in cli-runtime/pkg/printers/template.go.

use crate::fields::go_text;
use serde_json::Value;
use std::cmp::Ordering;

const NAMES: &[&str] = &[
    "and",
    "or",
    "not",
    "len",
    "index",
    "slice",
    "print",
    "printf",
    "println",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "exists",
    "base64decode",
    "html",
    "js",
    "urlquery",
];

/// Whether there is a function of this name.
pub(super) fn exists(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a function; `None` stands for a value that is not there.
pub(super) fn call(name: &str, arguments: &[Option<Value>]) -> Result<Option<Value>, String> {
    let value = |n: usize| arguments.get(n).and_then(Option::as_ref).unwrap_or(&Value::Null);
    let needs = |count: usize| {
        if arguments.len() < count {
            return Err(format!("wrong number of args for {name}: want at least {count} got {}", arguments.len()));
        }
        Ok(())
    };
    let is_true = |argument: &&Option<Value>| argument.as_ref().is_some_and(truth);
    match name {
        "and" => {
            needs(1)?;
            Ok(arguments.iter().find(|a| !is_true(a)).or(arguments.last()).cloned().flatten())
        }
        "or" => {
            needs(1)?;
            Ok(arguments.iter().find(is_true).or(arguments.last()).cloned().flatten())
        }
        "not" => needs(1).map(|()| Some(Value::Bool(!truth(value(0))))),
        "len" => needs(1).and_then(|()| length(value(0)).map(|n| Some(Value::from(n)))),
        "index" => needs(1).and_then(|()| index(value(0), &arguments[1..])),
        "slice" => needs(1).and_then(|()| slice(value(0), &arguments[1..]).map(Some)),
        "print" | "html" | "js" | "urlquery" => Ok(Some(Value::from(joined(arguments, "")))),
        "println" => Ok(Some(Value::from(format!("{}\n", joined(arguments, " "))))),
        "printf" => needs(1).map(|()| Some(Value::from(formatted(&go_text(value(0)), &arguments[1..])))),
        "eq" => needs(2).map(|()| Some(Value::Bool((1..arguments.len()).any(|n| value(0) == value(n))))),
        "ne" => needs(2).map(|()| Some(Value::Bool(value(0) != value(1)))),
        "lt" | "le" | "gt" | "ge" => {
            needs(2)?;
            let order = compare(value(0), value(1)).ok_or("incompatible types for comparison")?;
            Ok(Some(Value::Bool(match name {
                "lt" => order == Ordering::Less,
                "le" => order != Ordering::Greater,
                "gt" => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })))
        }
        "exists" => {
            Ok(Some(Value::Bool(index(value(0), arguments.get(1..).unwrap_or(&[])).is_ok_and(|v| v.is_some()))))
        }
        "base64decode" => {
            needs(1)?;
            let bytes = crate::base64::decode(&go_text(value(0))).ok_or("base64 decode failed")?;
            Ok(Some(Value::from(String::from_utf8_lossy(&bytes).into_owned())))
        }
        _ => Err(format!("function \"{name}\" not defined")),
    }
}

/// Whether a value counts as true: not zero, not empty, not null.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        other => !crate::fields::is_empty(other),
    }
}

/// The Go type of a decoded value.
pub(super) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "interface {}",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn length(value: &Value) -> Result<usize, String> {
    match value {
        Value::Array(items) => Ok(items.len()),
        Value::Object(map) => Ok(map.len()),
        Value::String(text) => Ok(text.len()),
        Value::Null => Err("error calling len: len of nil pointer".to_owned()),
        other => Err(format!("error calling len: len of type {}", go_type(other))),
    }
}

fn index(value: &Value, keys: &[Option<Value>]) -> Result<Option<Value>, String> {
    let mut found = Some(value.clone());
    for key in keys {
        let key = key.as_ref().unwrap_or(&Value::Null);
        found = match (found, key) {
            (Some(Value::Array(items)), Value::Number(number)) => {
                let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
                let item = at.and_then(|at| items.get(at).cloned());
                Some(item.ok_or("error calling index: reflect: slice index out of range")?)
            }
            (Some(Value::Object(mut map)), Value::String(name)) => map.remove(name),
            (None | Some(Value::Null), _) => return Err("error calling index: index of untyped nil".to_owned()),
            (Some(other), _) => {
                return Err(format!("error calling index: can't index item of type {}", go_type(&other)));
            }
        };
    }
    Ok(found)
}

fn slice(value: &Value, bounds: &[Option<Value>]) -> Result<Value, String> {
    let bound = |n: usize, default: usize| {
        let given = bounds.get(n).and_then(Option::as_ref).and_then(Value::as_u64);
        given.and_then(|n| usize::try_from(n).ok()).unwrap_or(default)
    };
    let outside = || "error calling slice: index out of range".to_owned();
    match value {
        Value::Array(items) => {
            items.get(bound(0, 0)..bound(1, items.len())).map(|part| Value::from(part.to_vec())).ok_or_else(outside)
        }
        Value::String(text) => text.get(bound(0, 0)..bound(1, text.len())).map(Value::from).ok_or_else(outside),
        other => Err(format!("error calling slice: can't slice item of type {}", go_type(other))),
    }
}

fn joined(arguments: &[Option<Value>], between: &str) -> String {
    let texts: Vec<String> = arguments.iter().map(|a| a.as_ref().map_or_else(|| "<nil>".to_owned(), go_text)).collect();
    texts.join(between)
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// `printf`: `%s`, `%v`, `%d`, `%q`, `%t`, `%%`, with widths.
fn formatted(format: &str, arguments: &[Option<Value>]) -> String {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let spec = &rest[at + 1..];
        let length = spec.find(|c: char| c.is_alphabetic() || c == '%').unwrap_or(spec.len());
        let verb = spec[length..].chars().next();
        rest = spec.get(length + 1..).unwrap_or("");
        if verb == Some('%') {
            out.push('%');
            continue;
        }
        let Some(argument) = arguments.next() else {
            out.push_str(&format!("%!{}(MISSING)", verb.unwrap_or(' ')));
            continue;
        };
        let text = argument.as_ref().map_or_else(|| "<nil>".to_owned(), go_text);
        let text = if verb == Some('q') { crate::fields::quote(&text) } else { text };
        let flags = &spec[..length];
        let width: usize =
            flags.trim_start_matches(['-', '+', '0', ' ']).split('.').next().and_then(|w| w.parse().ok()).unwrap_or(0);
        let width = width.min(1000);
        out.push_str(&if flags.starts_with('-') { format!("{text:<width$}") } else { format!("{text:>width$}") });
    }
    out.push_str(rest);
    out
}
