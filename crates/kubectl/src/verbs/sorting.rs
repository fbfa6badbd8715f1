//! `--sort-by`. Models: kubectl/pkg/cmd/get/sorter.go.

use crate::errors::CmdError;
use crate::jsonpath::JsonPath;
use crate::targets::Item;
use api::Quantity;
use serde_json::Value;
use std::cmp::Ordering;

/// Sorts the items of each kind by the field at a path; items without it come first.
pub(super) fn sort(items: &mut Vec<Item>, field: &str) -> Result<(), CmdError> {
    let path = JsonPath::relaxed(field).or_else(|_| JsonPath::parse(field, true)).map_err(CmdError::new)?;
    let key = |item: &Item| path.find(&item.value()).ok().and_then(|found| found.into_iter().flatten().next());
    let mut keyed: Vec<(Option<Value>, Item)> = items.drain(..).map(|item| (key(&item), item)).collect();
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_none()) {
        let bare = field.trim_start_matches(['{', '.']).trim_end_matches('}');
        return Err(CmdError::new(format!("couldn't find any field with path \"{{.{bare}}}\" in the list of objects")));
    }
    let mut rest = keyed.as_mut_slice();
    while !rest.is_empty() {
        let info = rest[0].1.info;
        let length = rest.iter().take_while(|(_, item)| item.info == info).count();
        let (group, after) = rest.split_at_mut(length);
        let texts = || group.iter().filter_map(|(key, _)| key.as_ref()?.as_str());
        let amounts = texts().all(|text| Quantity::parse(text).is_some());
        group.sort_by(|(a, _), (b, _)| compare(a.as_ref(), b.as_ref(), amounts));
        rest = after;
    }
    items.extend(keyed.into_iter().map(|(_, item)| item));
    Ok(())
}

/// Texts compare as amounts if all are (`amounts`), so that the order is one. What is not there comes first, then null.
fn compare(a: Option<&Value>, b: Option<&Value>, amounts: bool) -> Ordering {
    match (a, b) {
        (Some(Value::String(a)), Some(Value::String(b))) => match (Quantity::parse(a), Quantity::parse(b)) {
            (Some(x), Some(y)) if amounts => x.milli().cmp(&y.milli()),
            _ => natural(a, b),
        },
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0))
        }
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// Values of different types come in this order.
fn rank(value: Option<&Value>) -> u8 {
    match value {
        None => 0,
        Some(Value::Null) => 1,
        Some(Value::Bool(_)) => 2,
        Some(Value::Number(_)) => 3,
        Some(Value::String(_)) => 4,
        Some(Value::Array(_) | Value::Object(_)) => 5,
    }
}

/// Runs of digits compare as numbers: `web-2` before `web-10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (x, y) = (run_of_digits(a), run_of_digits(b));
        if x > 0 && y > 0 {
            let (m, n) = (a[..x].trim_start_matches('0'), b[..y].trim_start_matches('0'));
            let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n)).then_with(|| x.cmp(&y));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[x..], &b[y..]);
            continue;
        }
        match (a.chars().next(), b.chars().next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(c), Some(d)) if c != d => return c.cmp(&d),
            (Some(c), Some(d)) => (a, b) = (&a[c.len_utf8()..], &b[d.len_utf8()..]),
        }
    }
}

fn run_of_digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_compare_as_numbers() {
        assert_eq!(natural("web-2", "web-10"), Ordering::Less);
        assert_eq!(natural("web-10", "web-10"), Ordering::Equal);
        assert_eq!(natural("a", "b1"), Ordering::Less);
        assert_eq!(compare(Some(&"1Gi".into()), Some(&"900Mi".into()), true), Ordering::Greater);
        assert_eq!(compare(Some(&Value::Null), Some(&"900Mi".into()), true), Ordering::Less);
        assert_eq!(compare(None, Some(&Value::Null), true), Ordering::Less);
    }
}
