//! What a file's text means, and in which words it is refused.

use expect_test::{Expect, expect};
use manifest::{Body, Segment, parse, parse_bytes};

/// One line for each document (its value or kubectl's error), then the diagnostics.
fn check(text: impl AsRef<[u8]>, expected: Expect) {
    let manifest = parse_bytes("x.yaml", text.as_ref());
    let mut shown = String::new();
    for document in &manifest.documents {
        let line = document.span.start.line;
        let body = match &document.body {
            Ok(body) => body.value.to_string(),
            Err(failure) => format!("error parsing x.yaml: {}", failure.message),
        };
        shown.push_str(&format!("{} line {line}: {body}\n", document.index));
    }
    for diagnostic in &manifest.diagnostics {
        shown.push_str(&format!("{diagnostic}\n"));
        for edit in diagnostic.fix.iter().flat_map(|fix| &fix.edits) {
            shown.push_str(&format!("  fix {}-{}: {:?}\n", edit.span.start.column, edit.span.end.column, edit.text));
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn streams() {
    check("", expect![[r#""#]]);
    check("# nothing\n---\n# here\n", expect![[r#""#]]);
    check(
        "---\na: 1\n--- # two\n\nb: 2\n---\n---\n",
        expect![[r#"
        0 line 2: {"a":1}
        1 line 5: {"b":2}
    "#]],
    );
    check(
        "a: 1\r\nb:\r\n- 2\r\n---\r\nc: 3",
        expect![[r#"
        0 line 1: {"a":1,"b":[2]}
        1 line 5: {"c":3}
    "#]],
    );
    check(
        "\u{feff}a: 1\n",
        expect![[r#"
        0 line 1: {"a":1}
    "#]],
    );
    check(
        "a: 1\n...\nb: 2\n",
        expect![[r#"
        0 line 1: {"a":1}
        x.yaml:3:1: warning: what follows the end of the document is ignored (kubectl reads one document between two `---` lines; begin another one with a line `---`)
    "#]],
    );
}

#[test]
fn a_bad_document_does_not_hurt_the_others() {
    check(
        "a: 1\n---\nb: [\n---x\n---\nc: 3\n",
        expect![[r#"
        0 line 1: {"a":1}
        1 line 4: error parsing x.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content
        2 line 4: error parsing x.yaml: invalid Yaml document separator: x
        3 line 6: {"c":3}
        x.yaml:4:1: error: did not find expected node content
        x.yaml:4:1: error: invalid Yaml document separator: x (only a comment may follow `---` on its line: begin the document on the next one)
    "#]],
    );
}

/// Texts as the recorded control plane refused them.
#[test]
// tidy: long because it is one table of inputs and outputs
fn errors_in_the_words_of_kubectl() {
    check(
        "a:\n  b: 1\n  c: 2\n d: 3\n",
        expect![[r#"
            0 line 4: error parsing x.yaml: error converting YAML to JSON: yaml: line 3: did not find expected key
            x.yaml:4:2: error: did not find expected key (this line does not line up with the keys of its block)
        "#]],
    );
    check(
        "a:\n  b:\n\tc: 1\n",
        expect![[r#"
        0 line 3: error parsing x.yaml: error converting YAML to JSON: yaml: line 3: found character that cannot start any token
        x.yaml:3:1: error: found character that cannot start any token (YAML indents with spaces, never with tabs)
          fix 1-2: "  "
    "#]],
    );
    check(
        "a: 1\nb:\n\tc: 1\n",
        expect![[r#"
        0 line 3: error parsing x.yaml: error converting YAML to JSON: yaml: line 3: found character that cannot start any token
        x.yaml:3:1: error: found character that cannot start any token (YAML indents with spaces, never with tabs)
          fix 1-2: "  "
    "#]],
    );
    check(
        "a: \"x\nb: 1\n",
        expect![[r#"
            0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: line 3: found unexpected end of stream
            x.yaml:1:4: error: found unexpected end of stream (the quote is never closed)
        "#]],
    );
    check(
        "a: b: c\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context
        x.yaml:1:5: error: mapping values are not allowed in this context (either this line is indented too far, or its value contains `: ` and needs quotes)
    "#]],
    );
    check(
        "a:\n- b\n - c\n  - d\n",
        expect![[r#"
        0 line 1: {"a":["b - c - d"]}
    "#]],
    );
    check(
        "a: 1\nb\nc: 2\n",
        expect![[r#"
            0 line 2: error parsing x.yaml: error converting YAML to JSON: yaml: line 3: could not find expected ':'
            x.yaml:2:1: error: could not find expected ':' (a line here is not of the form `key: value`)
        "#]],
    );
    check(
        "a: [1\nb: 2\n",
        expect![[r#"
            0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'
            x.yaml:1:4: error: did not find expected ',' or ']' (the list in brackets is not closed)
        "#]],
    );
    check(
        "a: {{ .Values.x }}\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}
        x.yaml:1:5: error: invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)} (this looks like a template (Helm, Jinja): render it first, or put quotes around it)
    "#]],
    );
    check(
        "a: @x\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: found character that cannot start any token
        x.yaml:1:4: error: found character that cannot start any token (a value that begins with `@` needs quotes)
    "#]],
    );
    check(
        "a: !x!y z\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: found undefined tag handle
        x.yaml:1:4: error: found undefined tag handle
    "#]],
    );
    check(
        "a: *b\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: unknown anchor 'b' referenced
        x.yaml:1:4: error: unknown anchor 'b' referenced (a value that begins with `*` refers to an anchor; text needs quotes)
    "#]],
    );
    check(
        "a: &a [*a]\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: anchor 'a' value contains itself
        x.yaml:1:8: error: anchor 'a' value contains itself
    "#]],
    );
    check(
        "a: .inf\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: json: unsupported value: +Inf
        x.yaml:1:4: error: json: unsupported value: +Inf
    "#]],
    );
    check(
        "~: b\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: "b"
        x.yaml:1:1: error: unsupported map key of type: %!s(<nil>), key: <nil>, value: "b"
    "#]],
    );
    check(
        "a:\n  b: 1\n\u{a0} c: 2\n",
        expect![[r#"
        0 line 1: {"a":{"b":1},"  c":2}
    "#]],
    );
}

#[test]
fn what_is_no_text() {
    check(
        b"a: \0\n",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: control characters are not allowed
        x.yaml:1:4: error: control characters are not allowed (the text contains a character that cannot be seen; is the file binary?)
    "#]],
    );
    check(
        b"a: 1\n---\nb: \xff\xfe\n",
        expect![[r#"
        0 line 1: {"a":1}
        1 line 3: error parsing x.yaml: error converting YAML to JSON: yaml: invalid leading UTF-8 octet
        x.yaml:3:4: error: invalid leading UTF-8 octet (the file is not text, or not in UTF-8)
    "#]],
    );
    check(
        b"a: \xc3",
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: incomplete UTF-8 octet sequence
        x.yaml:1:4: error: incomplete UTF-8 octet sequence (the file is not text, or not in UTF-8)
    "#]],
    );
    check(
        b"\xff\xfea\0:\0 \x001\0",
        expect![[r#"
        0 line 1: {"a":1}
    "#]],
    );
}

#[test]
fn keys() {
    check(
        "on: 1\n1: a\n1.5: b\nnull_: c\n",
        expect![[r#"
        0 line 1: {"1":"a","1.5":"b","null_":"c","true":1}
    "#]],
    );
    check(
        "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n",
        expect![[r#"
        0 line 1: {"a":3,"b":{"c":2}}
        x.yaml:4:3: warning: the key "c" is set twice: on line 3 and on line 4 (the last one wins, silently)
        x.yaml:5:1: warning: the key "a" is set twice: on line 1 and on line 5 (the last one wins, silently)
    "#]],
    );
    check(
        "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\nc:\n  l: 3\n  <<: [*x]\n",
        expect![[r#"
        0 line 1: {"a":{"k":1,"l":2},"b":{"k":1,"l":3},"c":{"k":1,"l":2}}
    "#]],
    );
}

#[test]
fn json_streams() {
    check(
        "{\"a\": 1.0, \"b\": \"\\u00e9\\ud83d\\ude00\"}\n{\"c\": [1, 2]}",
        expect![[r#"
        0 line 1: {"a":1,"b":"é😀"}
        1 line 2: {"c":[1,2]}
    "#]],
    );
    check(
        "{\"a\": 1}\n---\nb: 2\n",
        expect![[r#"
        0 line 1: {"a":1}
        1 line 3: {"b":2}
    "#]],
    );
    check(
        "{a: 1}",
        expect![[r#"
        0 line 1: {"a":1}
    "#]],
    );
    check(
        "{\"a\": 1,\n \"b\" 2}",
        expect![[r#"
        0 line 2: error parsing x.yaml: json: offset 15: invalid character '2' after object key
        x.yaml:2:6: error: invalid character '2' after object key (the file begins with `{`, so it is read as JSON)
    "#]],
    );
    check(
        "{\"a\": [1",
        expect![[r#"
        0 line 1: error parsing x.yaml: unexpected EOF
        x.yaml:1:9: error: unexpected EOF (the text ends before the last brace or bracket is closed)
    "#]],
    );
    check(
        "{\"a\": 1}{\"b\": 2}{c}",
        expect![[r#"
        0 line 1: {"a":1}
        1 line 1: {"b":2}
        2 line 1: error parsing x.yaml: invalid character 'c' looking for beginning of object key string
        x.yaml:1:18: error: invalid character 'c' looking for beginning of object key string (JSON wants its keys in double quotes, and no comma after the last one)
    "#]],
    );
}

#[test]
fn lists_are_taken_apart() {
    let text = "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- kind: Service\n  metadata: {name: b}\n";
    check(
        text,
        expect![[r#"
        0 line 4: {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}
        0 line 5: {"kind":"Service","metadata":{"name":"b"}}
    "#]],
    );
    let manifest = parse("x.yaml", text);
    let body = manifest.documents[1].body.as_ref().unwrap();
    let path = [Segment::Key("metadata".to_owned()), Segment::Key("name".to_owned())];
    let place = body.positions.get(&path).unwrap();
    assert_eq!((place.value.start.line, place.value.start.column), (6, 20));
    assert_eq!(body.name(), Some("b"));
}

#[test]
fn positions() {
    let text = "a:\n  - b: 'ü'\n    c:   \"x y\"   # comment\n  - |\n    text\n  - *\n".replace("*", "plain text");
    let manifest = parse("x.yaml", &text);
    let Body { value, positions } = manifest.documents[0].body.as_ref().unwrap();
    let key = |name: &str| Segment::Key(name.to_owned());
    let show = |path: &[Segment]| {
        let place = positions.get(path).unwrap();
        (place.key.map(|span| positions.text(span).to_owned()), positions.text(place.value).to_owned())
    };
    assert_eq!(show(&[key("a"), Segment::Index(0), key("c")]), (Some("c".to_owned()), "\"x y\"".to_owned()));
    assert_eq!(show(&[key("a"), Segment::Index(2)]), (None, "plain text".to_owned()));
    let ue = positions.get(&[key("a"), Segment::Index(0), key("b")]).unwrap().value;
    assert_eq!((ue.start.column, ue.end.column, ue.end.offset), (8, 11, 14));
    let offset = text.find("x y").unwrap();
    assert_eq!(positions.path_at(value, offset), [key("a"), Segment::Index(0), key("c")]);
    assert_eq!(positions.get(&[key("nope")]), None);
}

#[test]
fn what_would_fill_memory_or_stack_is_refused() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        bomb.push_str(&format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(",")));
    }
    check(
        &bomb,
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: document contains excessive aliasing
        x.yaml:1:8: error: document contains excessive aliasing (aliases of aliases would fill the memory)
    "#]],
    );
    check(
        "[".repeat(100_000),
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: exceeded max depth of 100
        x.yaml:1:101: error: exceeded max depth of 100 (lists and maps may be nested 100 deep at most: is a bracket missing?)
    "#]],
    );
    check(
        "{\"a\":".repeat(100_000),
        expect![[r#"
            0 line 1: error parsing x.yaml: json: offset 506: exceeded max depth
            x.yaml:1:506: error: exceeded max depth (lists and maps may be nested 100 deep at most: is a bracket missing?)
        "#]],
    );
    let blocks: String = (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    check(
        blocks,
        expect![[r#"
        0 line 101: error parsing x.yaml: error converting YAML to JSON: yaml: line 101: exceeded max depth of 100
        x.yaml:101:102: error: exceeded max depth of 100 (lists and maps may be nested 100 deep at most: is a bracket missing?)
    "#]],
    );
    let chain: String = (1..5_000).map(|at| format!("- &a{at} [*a{}]\n", at - 1)).collect();
    check(
        format!("- &a0 x\n{chain}"),
        expect![[r#"
        0 line 1: error parsing x.yaml: error converting YAML to JSON: yaml: exceeded max depth of 100
        x.yaml:1:3: error: exceeded max depth of 100 (lists and maps may be nested 100 deep at most: is a bracket missing?)
    "#]],
    );
}

#[test]
fn ten_thousand_documents() {
    let text: String = (0..10_000).map(|at| format!("a: {at}\n---\n")).collect();
    let manifest = parse("x.yaml", &text);
    assert_eq!(manifest.documents.len(), 10_000);
    assert_eq!(manifest.documents[9_999].span.start.line, 19_999);
}
