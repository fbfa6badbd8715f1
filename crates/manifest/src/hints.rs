//! Plain words for what the reader of YAML refuses, and the piece of text to look at.

use crate::positions::Source;
use crate::yaml::Error;

/// What to say and to show beside the refusal.
pub(crate) struct Advice {
    /// What to underline, as offsets in the file.
    pub start: usize,
    pub end: usize,
    pub hint: Option<String>,
    pub fix: Option<Repair>,
}

/// Title of a repair and what it replaces: start, end, new text.
pub(crate) type Repair = (String, Vec<(usize, usize, String)>);

/// Advice for a document that begins at `offset`.
pub(crate) fn yaml(error: &Error, source: &Source, offset: usize) -> Advice {
    let at = offset + error.mark.at;
    let line = source.point(at).line;
    let (line_start, line_text) = source.line(line);
    let from_mark =
        |start: usize| Advice { start, end: (line_start + line_text.len()).max(start), hint: None, fix: None };
    let tabs = line_text.len() - line_text.trim_start_matches([' ', '\t']).len();
    let indentation = &line_text[..tabs];
    if error.problem.contains("tab") || (indentation.contains('\t') && error.problem.contains("cannot start any token"))
    {
        let spaces = indentation.replace('\t', "  ");
        return Advice {
            start: line_start,
            end: line_start + tabs,
            hint: Some("YAML indents with spaces, never with tabs".to_owned()),
            fix: Some(("Replace the tabs by spaces".to_owned(), vec![(line_start, line_start + tabs, spaces)])),
        };
    }
    if let Some(column) = line_text.find('\u{a0}') {
        let start = line_start + column;
        let edits = line_text.match_indices('\u{a0}').map(|(column, found)| {
            let start = line_start + column;
            (start, start + found.len(), " ".to_owned())
        });
        return Advice {
            start,
            end: start + '\u{a0}'.len_utf8(),
            hint: Some("this line has non-breaking spaces, which copying from a web page can leave behind".to_owned()),
            fix: Some(("Replace them by spaces".to_owned(), edits.collect())),
        };
    }
    let hint = hint(error, line_text);
    // What is missing at the end is better looked for where the thing began.
    let open = [
        "found unexpected end of stream",
        "could not find expected ':'",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
    ];
    match error.context {
        Some(context) if open.contains(&error.problem.as_str()) => {
            let start = offset + context.at;
            let (line_start, line_text) = source.line(source.point(start).line);
            Advice { start, end: (line_start + line_text.len()).max(start), hint, fix: None }
        }
        _ => Advice { hint, ..from_mark(at) },
    }
}

fn hint(error: &Error, line: &str) -> Option<String> {
    let problem = error.problem.as_str();
    Some(match problem {
        "mapping values are not allowed in this context" => {
            "either this line is indented too far, or its value contains `: ` and needs quotes".to_owned()
        }
        "did not find expected key" => "this line does not line up with the keys of its block".to_owned(),
        "did not find expected '-' indicator" => "this line does not line up with the items of its list".to_owned(),
        "did not find expected ',' or ']'" => "the list in brackets is not closed".to_owned(),
        "did not find expected ',' or '}'" => "the mapping in braces is not closed".to_owned(),
        "could not find expected ':'" => "a line here is not of the form `key: value`".to_owned(),
        "found unexpected end of stream" => "the quote is never closed".to_owned(),
        "found character that cannot start any token" => {
            let character = line.trim_start().chars().find(|character| "@`%".contains(*character)).unwrap_or('@');
            format!("a value that begins with `{character}` needs quotes")
        }
        "block sequence entries are not allowed in this context" => {
            "a list begins on a line of its own, below its key".to_owned()
        }
        "found unknown escape character" => {
            "between double quotes a backslash begins an escape: write `\\\\`, or use single quotes".to_owned()
        }
        "did not find expected alphabetic or numeric character" => {
            "a value that begins with `*` or `&` needs quotes".to_owned()
        }
        "document contains excessive aliasing" => "aliases of aliases would fill the memory".to_owned(),
        "control characters are not allowed" => {
            "the text contains a character that cannot be seen; is the file binary?".to_owned()
        }
        _ if problem.starts_with("invalid map key") && line.contains("{{") => {
            "this looks like a template (Helm, Jinja): render it first, or put quotes around it".to_owned()
        }
        _ if problem.starts_with("invalid map key") => {
            "a key must be text; `{` and `[` at its beginning need quotes".to_owned()
        }
        _ if problem.starts_with("exceeded max depth") => {
            "lists and maps may be nested 100 deep at most: is a bracket missing?".to_owned()
        }
        _ if problem.contains("UTF-8") => "the file is not text, or not in UTF-8".to_owned(),
        _ if problem.starts_with("unknown anchor") => {
            "a value that begins with `*` refers to an anchor; text needs quotes".to_owned()
        }
        _ => return None,
    })
}

/// The same for JSON.
pub(crate) fn json(message: &str) -> String {
    match message {
        "exceeded max depth" => "lists and maps may be nested 100 deep at most: is a bracket missing?",
        "unexpected EOF" => "the text ends before the last brace or bracket is closed",
        _ if message.contains("looking for beginning of object key string") => {
            "JSON wants its keys in double quotes, and no comma after the last one"
        }
        _ if message.contains("looking for beginning of value") => {
            "JSON wants texts in double quotes, and no comma after the last item"
        }
        _ => "the file begins with `{`, so it is read as JSON",
    }
    .to_owned()
}
