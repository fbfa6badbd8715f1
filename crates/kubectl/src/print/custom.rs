//! CUSTOM RESOURCES: the columns that their definition names. Models: apiextensions-apiserver
//! pkg/registry/customresource/tableconvertor.

use super::{Column, col, wide};
use crate::fields;
use crate::jsonpath::{JsonPath, printed};
use api::{Object, Time};
use schema::{Custom, CustomColumn};
use serde_json::Value;
use std::borrow::Cow;

pub(super) fn row(custom: &'static Custom, object: &Object, now: Time) -> (Cow<'static, [Column]>, Vec<String>) {
    let body = object.write_body();
    let (mut columns, mut cells) = (vec![col("NAME")], vec![object.meta().name.to_string()]);
    for column in &custom.columns {
        columns.push(if column.wide { wide(&column.head) } else { col(&column.head) });
        cells.push(cell(column, &body, now).unwrap_or_default());
    }
    (Cow::Owned(columns), cells)
}

/// What stands in a column; nothing if the value is missing or of another type. Models: cellForJSONValue.
fn cell(column: &CustomColumn, body: &Value, now: Time) -> Option<String> {
    let path = JsonPath::relaxed(&column.path).ok()?;
    let value = path.find(body).ok()?.into_iter().flatten().next()?;
    match column.ty.as_str() {
        "integer" => value
            .as_i64()
            .or_else(|| value.as_f64().map(|n| n.trunc()).and_then(|n| format!("{n}").parse().ok()))
            .map(|n| n.to_string()),
        "number" => value.is_number().then(|| printed(&value)),
        "boolean" => value.as_bool().map(|b| b.to_string()),
        "date" => {
            let text = value.as_str()?;
            Some(Time::parse(text).map_or_else(|| "<invalid>".to_owned(), |time| api::age(now, Some(time))))
        }
        _ if value.is_null() => None,
        _ if value.is_object() || value.is_array() => Some(fields::go_escape(&value.to_string())),
        _ => Some(printed(&value)),
    }
}
