//! What must hold for any text and any value.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// Pieces that mean something to YAML, so that random texts are more than one plain scalar.
fn piece() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "\n", "\n  ", "\n    ", "\n- ", "  ", " ", "\t", "\r\n", "a", "key", ": ", ":", "- ", "? ", "[", "]", "{", "}",
        ",", "#", " # c", "&a ", "*a", "!!str ", "!x ", "|", "|-\n  ", ">\n ", "'", "\"", "\\", "%", "@", "`", "---",
        "\n---\n", "\n...\n", "<<: ", "~", "0777", "1e3", ".inf", "é", "\u{feff}", "\u{2028}", "\0", "{\"a\": ", "1",
        "true", "null",
    ]);
    prop_oneof![9 => marks.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1_000_000_i32..1_000_000).prop_map(|number| Value::from(f64::from(number) + 0.5)),
        text().prop_map(Value::from),
        "[ -~]{0,120}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop_oneof![text(), "[a-z]{1,8}"], inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The only document of a text, which must be readable.
fn only(text: &str) -> Value {
    let manifest = manifest::parse("x", text);
    match &manifest.documents[..] {
        [] => Value::Null,
        [document] => match &document.body {
            Ok(body) => body.value.clone(),
            Err(failure) => panic!("{}\n{text}", failure.message),
        },
        many => panic!("{} documents\n{text}", many.len()),
    }
}

/// Upstream reads some characters as line breaks or not at all, wherever they stand.
fn without_odd_characters(value: &Value) -> bool {
    let plain = |text: &str| !text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\r']);
    match value {
        Value::String(text) => plain(text),
        Value::Array(items) => items.iter().all(without_odd_characters),
        Value::Object(map) => map.iter().all(|(key, value)| plain(key) && without_odd_characters(value)),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_text_makes_it_panic(text in text()) {
        let diagnostics = manifest::check("x", &text);
        for diagnostic in diagnostics {
            prop_assert!(diagnostic.span.start.offset <= diagnostic.span.end.offset);
            prop_assert!(diagnostic.span.end.offset <= text.len());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let manifest = manifest::parse_bytes("x", &bytes);
        prop_assert!(manifest.documents.len() <= bytes.len());
    }

    #[test]
    fn json_means_what_it_means_to_serde(value in prop::collection::btree_map("[a-z]{1,4}", value(), 0..4)) {
        let value = Value::Object(value.into_iter().collect());
        // An object with `items` would be taken apart, and an empty one is still an object.
        prop_assume!(value.get("items").is_none());
        prop_assert_eq!(only(&value.to_string()), value.clone());
        prop_assert_eq!(only(&serde_json::to_string_pretty(&value).unwrap()), value);
    }

    #[test]
    fn what_is_written_is_read_again(value in value()) {
        let value = Value::from_iter([("v".to_owned(), value)]);
        prop_assume!(without_odd_characters(&value));
        let text = manifest::to_yaml(&value);
        prop_assert_eq!(only(&text), value.clone(), "{}", text);
        let other: Value = serde_yaml::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(other, value, "{}", text);
    }
}
