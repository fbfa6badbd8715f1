//! JSON patch, RFC 6902.

use serde_json::Value;

/// Applies a list of operations; the error says which one cannot be carried out and why.
pub fn json_patch(current: &Value, patch: &Value) -> Result<Value, String> {
    let operations = patch.as_array().ok_or("a JSON patch is a list of operations")?;
    let mut document = current.clone();
    for operation in operations {
        step(&mut document, operation)?;
    }
    Ok(document)
}

fn step(document: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |field: &str| operation.get(field).and_then(Value::as_str);
    let path = text("path").ok_or("operation without a path")?;
    let value = || operation.get("value").cloned().ok_or(format!("operation on {path} has no value"));
    let from = || text("from").ok_or(format!("operation on {path} has no from"));
    match text("op") {
        Some("add") => add(document, path, value()?),
        Some("replace") => {
            let place = document.pointer_mut(path).ok_or_else(|| missing("replace", path))?;
            *place = value()?;
            Ok(())
        }
        Some("remove") => remove(document, path).map(drop),
        Some("move") => {
            let moved = remove(document, from()?)?;
            add(document, path, moved)
        }
        Some("copy") => {
            let copied = document.pointer(from()?).cloned().ok_or_else(|| missing("copy", path))?;
            add(document, path, copied)
        }
        Some("test") if document.pointer(path) == Some(&value()?) => Ok(()),
        Some("test") => Err(format!("testing value {path} failed")),
        other => Err(format!("Unexpected kind: {}", other.unwrap_or("unknown"))),
    }
}

fn missing(operation: &str, path: &str) -> String {
    format!("{operation} operation does not apply: doc is missing key: {path}: missing value")
}

/// The container of a path and the last, unescaped part of it.
fn parent<'d>(document: &'d mut Value, path: &str) -> Option<(&'d mut Value, String)> {
    let (head, last) = path.rsplit_once('/')?;
    let last = last.replace("~1", "/").replace("~0", "~");
    document.pointer_mut(head).map(|container| (container, last))
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    match parent(document, path) {
        Some((Value::Object(map), key)) => {
            map.insert(key, value);
            Ok(())
        }
        Some((Value::Array(items), key)) if key == "-" => {
            items.push(value);
            Ok(())
        }
        Some((Value::Array(items), key)) => match key.parse::<usize>() {
            Ok(at) if at <= items.len() => {
                items.insert(at, value);
                Ok(())
            }
            _ => Err(missing("add", path)),
        },
        _ => Err(missing("add", path)),
    }
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let removed = match parent(document, path) {
        Some((Value::Object(map), key)) => map.remove(&key),
        Some((Value::Array(items), key)) => {
            key.parse::<usize>().ok().filter(|at| *at < items.len()).map(|at| items.remove(at))
        }
        _ => None,
    };
    removed.ok_or_else(|| missing("remove", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_in_order() {
        let document = json!({"a": [1, 3], "b/c": 1});
        let patch = json!([
            {"op": "add", "path": "/a/1", "value": 2},
            {"op": "add", "path": "/a/-", "value": 4},
            {"op": "remove", "path": "/b~1c"},
            {"op": "test", "path": "/a/0", "value": 1},
            {"op": "move", "from": "/a/3", "path": "/last"},
        ]);
        assert_eq!(json_patch(&document, &patch), Ok(json!({"a": [1, 2, 3], "last": 4})));
        assert!(json_patch(&document, &json!([{"op": "remove", "path": "/none"}])).is_err());
        assert!(json_patch(&document, &json!([{"op": "fly", "path": "/a"}])).is_err());
        assert!(json_patch(&document, &json!({})).is_err());
    }
}
