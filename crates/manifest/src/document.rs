//! A file to its documents. It never fails as a whole: each document is there or says why not.
//!
//! Models: staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go (StreamVisitor) and the decoder below it.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value;

use crate::compose::{Composed, compose};
use crate::diagnostic::{Diagnostic, Edit, Fix, Severity};
use crate::hints;
use crate::json;
use crate::positions::{Duplicate, Positions, Range, Source, Span};
use crate::split::{Chunk, split};
use crate::yaml::{self, Rest};

/// A stream is tried as JSON if an open brace comes first within this many bytes.
const JSON_GUESS: usize = 4096;

/// A document with more repeated keys than this has another problem.
const MAX_WARNINGS: usize = 100;

/// A file's documents.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The documents, lists taken apart; empty and comment-only ones are left out, as kubectl does.
    pub documents: Vec<Document>,
    /// What was noticed while reading: every failure, and warnings. The schema is checked by [`crate::check`].
    pub diagnostics: Vec<Diagnostic>,
}

/// One document of a file, or one item of a list in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// Number of the document in the file, from 0; the items of a list share it.
    pub index: usize,
    /// Where it is written.
    pub span: Span,
    /// What it says, or why it cannot be read.
    pub body: Result<Body, Failure>,
}

/// What a document says.
#[derive(Debug, Clone)]
pub struct Body {
    /// The value; mostly an object.
    pub value: Value,
    /// Where each part of it is written.
    pub positions: Positions,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// kubectl's words after `error parsing FILE: `, with kubectl's line number, which counts from the document's first line.
    pub message: String,
    /// The same for people: with the right line and column, and a hint.
    pub diagnostic: Diagnostic,
}

impl Body {
    /// `apiVersion`, if it is there and text.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.value.get("apiVersion").and_then(Value::as_str)
    }

    /// `kind`, if it is there and text.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.value.get("kind").and_then(Value::as_str)
    }

    /// `metadata.name`, if it is there and text.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.value.get("metadata")?.get("name")?.as_str()
    }

    /// `metadata.namespace`, if it is there and text.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.value.get("metadata")?.get("namespace")?.as_str()
    }

    /// The built-in resource it is an object of.
    #[must_use]
    pub fn resource(&self) -> Option<&'static schema::Resource> {
        schema::lookup(self.api_version()?, self.kind()?)
    }
}

/// Reads a file's text.
#[must_use]
pub fn parse(file_name: &str, text: &str) -> Manifest {
    parse_bytes(file_name, text.as_bytes())
}

/// Reads a file's bytes, which may be UTF-16 with a byte order mark, or no text at all.
#[must_use]
pub fn parse_bytes(file_name: &str, bytes: &[u8]) -> Manifest {
    let decoded = utf16(bytes);
    let bytes = decoded.as_deref().map_or(bytes, str::as_bytes);
    let mut parser = Parser {
        file: file_name,
        source: Rc::new(Source::new(bytes)),
        index: 0,
        manifest: Manifest { documents: Vec::new(), diagnostics: Vec::new() },
    };
    let mut from = 0;
    let mut json_error = None;
    if looks_like_json(bytes) {
        (from, json_error) = parser.json_stream(bytes);
    }
    for chunk in split(&bytes[from..]) {
        parser.chunk(chunk, from, json_error.take());
    }
    parser.manifest
}

fn looks_like_json(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(JSON_GUESS)];
    head.trim_ascii_start().first() == Some(&b'{')
}

/// The text of a file that begins with the byte order mark of UTF-16, as some editors and shells write.
fn utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

struct Parser<'a> {
    file: &'a str,
    source: Rc<Source>,
    /// Number of the next document.
    index: usize,
    manifest: Manifest,
}

impl Parser<'_> {
    /// Reads JSON objects as long as there are some. What follows them is read as YAML, unless there was more than one.
    ///
    /// Returns where YAML begins and the error to report if that is no YAML either.
    fn json_stream(&mut self, bytes: &[u8]) -> (usize, Option<json::JsonError>) {
        let Ok(text) = std::str::from_utf8(bytes) else { return (0, None) };
        let (mut at, mut count) = (0, 0);
        loop {
            match json::read(text, at, 0) {
                None => return (bytes.len(), None),
                Some(Ok((composed, end))) => {
                    count += 1;
                    at = end;
                    self.body(composed);
                }
                Some(Err(error)) if count > 1 => {
                    self.json_failure(&error, error.message.clone());
                    return (bytes.len(), None);
                }
                Some(Err(error)) => {
                    // The rest of the line belongs to the last object.
                    let rest = &text[at..];
                    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
                    let line_break = usize::from(rest[blank..].starts_with('\n'));
                    return (at + blank + line_break, Some(error));
                }
            }
        }
    }

    fn json_failure(&mut self, error: &json::JsonError, message: String) {
        let hint = Some(hints::json(&error.message));
        self.fail(message, error.message.clone(), error.at, error.at + 1, hint, None);
    }

    fn chunk(&mut self, chunk: Chunk<'_>, base: usize, json_error: Option<json::JsonError>) {
        match chunk {
            Chunk::BadSeparator { offset, line, text } => {
                let text = String::from_utf8_lossy(text);
                let message = format!("invalid Yaml document separator: {text}");
                let hint = "only a comment may follow `---` on its line: begin the document on the next one";
                let start = base + offset;
                self.fail(message.clone(), message, start, start + line.len(), Some(hint.to_owned()), None);
            }
            Chunk::Document { offset, bytes } => {
                let offset = base + offset;
                match self.yaml(offset, bytes) {
                    Ok(Some(composed)) => self.body(composed),
                    Ok(None) => {}
                    Err(failed) => match json_error {
                        Some(error) => {
                            let message = if error.syntax {
                                format!("json: offset {}: {}", error.at + 1, error.message)
                            } else {
                                error.message.clone()
                            };
                            self.json_failure(&error, message);
                        }
                        None => self.yaml_failure(failed, offset),
                    },
                }
            }
        }
    }

    fn yaml(&mut self, offset: usize, bytes: &[u8]) -> Result<Option<Composed>, yaml::Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error))?;
        if let Some((at, _)) = text.char_indices().find(|(_, character)| !is_allowed(*character)) {
            let mark = yaml::Mark { at, ..yaml::Mark::default() };
            return Err(yaml::Error::plain("control characters are not allowed", mark));
        }
        // Upstream reads lines, and gives the last one a break if it has none.
        let text = if text.ends_with('\n') { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n")) };
        let tree = yaml::read(&text)?;
        if let Rest::Ignored(mark) = tree.rest {
            let start = offset + mark.at;
            self.warn(
                start,
                offset + bytes.len(),
                "what follows the end of the document is ignored".to_owned(),
                "kubectl reads one document between two `---` lines; begin another one with a line `---`".to_owned(),
            );
        }
        if tree.root.is_none() {
            return Ok(None);
        }
        compose(&tree, offset).map(Some)
    }

    fn body(&mut self, composed: Composed) {
        for duplicate in composed.duplicates.iter().take(MAX_WARNINGS) {
            self.duplicate(duplicate);
        }
        if composed.value.is_null() {
            return;
        }
        let positions = Positions::new(composed.arena, composed.root, Rc::clone(&self.source));
        let index = self.next_index();
        self.flatten(index, Body { value: composed.value, positions });
    }

    /// Takes lists apart, as kubectl does with anything that has `items`.
    fn flatten(&mut self, index: usize, body: Body) {
        let Body { value, positions } = body;
        let Value::Object(mut map) = value else {
            return self.push(index, Ok(Body { value, positions }), None);
        };
        let Some(Value::Array(items)) = map.get_mut("items").map(Value::take) else {
            return self.push(index, Ok(Body { value: Value::Object(map), positions }), None);
        };
        let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (list_kind, version) = (text("kind"), text("apiVersion"));
        let item_kind = list_kind.strip_suffix("List").unwrap_or(&list_kind);
        for (at, mut item) in items.into_iter().enumerate() {
            let Some(positions) = positions.item("items", at) else { continue };
            // The items of a PodList need not say that they are Pods.
            if let Value::Object(fields) = &mut item
                && !item_kind.is_empty()
                && fields.get("kind").is_none_or(|kind| kind == "")
            {
                fields.insert("kind".to_owned(), Value::from(item_kind));
                fields.insert("apiVersion".to_owned(), Value::from(version.as_str()));
            }
            self.flatten(index, Body { value: item, positions });
        }
    }

    fn next_index(&mut self) -> usize {
        self.index += 1;
        self.index - 1
    }

    fn push(&mut self, index: usize, body: Result<Body, Failure>, span: Option<Span>) {
        let span = span.or_else(|| body.as_ref().ok().map(|body| body.positions.root())).unwrap_or_default();
        self.manifest.documents.push(Document { index, span, body });
    }

    fn duplicate(&mut self, duplicate: &Duplicate) {
        let wide = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        let span = |range: Range| self.source.span(wide(range.start), wide(range.end));
        let (first, second) = (span(duplicate.first), span(duplicate.second));
        let (one, other) = (first.start.line, second.start.line);
        let message = format!("the key {:?} is set twice: on line {one} and on line {other}", duplicate.key);
        let hint = "the last one wins, silently".to_owned();
        self.warn(second.start.offset, second.end.offset, message, hint);
    }

    fn warn(&mut self, start: usize, end: usize, message: String, hint: String) {
        let span = self.source.span(start, end);
        self.manifest.diagnostics.push(Diagnostic {
            severity: Severity::Warning,
            file: self.file.to_owned(),
            span,
            message,
            path: Vec::new(),
            hint: Some(hint),
            fix: None,
        });
    }

    fn yaml_failure(&mut self, error: yaml::Error, offset: usize) {
        let advice = hints::yaml(&error, &self.source, offset);
        let message = format!("error converting YAML to JSON: {}", error.message);
        let (start, end) = (advice.start, advice.end);
        let fix = advice.fix.map(|(title, edits)| {
            let edits = edits.into_iter().map(|(start, end, text)| Edit { span: self.source.span(start, end), text });
            Fix { title, edits: edits.collect() }
        });
        self.fail(message, error.problem, start, end, advice.hint, fix);
    }

    fn fail(
        &mut self,
        message: String,
        problem: String,
        start: usize,
        end: usize,
        hint: Option<String>,
        fix: Option<Fix>,
    ) {
        let span = self.source.span(start, end);
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            file: self.file.to_owned(),
            span,
            message: problem,
            path: Vec::new(),
            hint,
            fix,
        };
        self.manifest.diagnostics.push(diagnostic.clone());
        let index = self.next_index();
        self.push(index, Err(Failure { message, diagnostic }), Some(span));
    }
}

/// What may be in a YAML text.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> yaml::Error {
    let at = error.valid_up_to();
    let leading = matches!(bytes.get(at), Some(0..=0x7f | 0xc0..=0xf7));
    let problem = match error.error_len() {
        None => "incomplete UTF-8 octet sequence",
        Some(_) if leading => "invalid trailing UTF-8 octet",
        Some(_) => "invalid leading UTF-8 octet",
    };
    yaml::Error::plain(problem, yaml::Mark { at, ..yaml::Mark::default() })
}
