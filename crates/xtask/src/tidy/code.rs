//! Rust text with everything blanked that is not code, and the functions in it.

/// The same text with comments and the insides of literals replaced by spaces; every byte stays where it is.
pub fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            for &c in &chars[at..end] {
                if c == '\n' { out.push(c) } else { out.extend(std::iter::repeat_n(' ', c.len_utf8())) }
            }
            at = end;
        }
    }
    out
}

/// Where the comment or literal that starts here ends; `at` itself if none starts here.
fn skip(chars: &[char], at: usize) -> usize {
    let starts = |text: &str| chars[at..].iter().copied().take(text.len()).eq(text.chars());
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if starts("//") {
        return (at..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len());
    }
    if starts("/*") {
        return block_comment_end(chars, at);
    }
    if chars[at] == '"' {
        return string_end(chars, at + 1);
    }
    if !in_word && (starts("r\"") || starts("r#") || starts("br\"") || starts("br#")) {
        return raw_string_end(chars, at);
    }
    if chars[at] == '\'' {
        return char_end(chars, at);
    }
    at
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

/// `r#"…"#` with any number of hashes; a raw identifier (`r#type`) is no string.
fn raw_string_end(chars: &[char], at: usize) -> usize {
    let r = at + usize::from(chars[at] == 'b');
    let hashes = chars[r + 1..].iter().take_while(|&&c| c == '#').count();
    let open = r + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return at;
    }
    let closes =
        |i: usize| chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes;
    (open + 1..chars.len()).find(|&i| closes(i)).map_or(chars.len(), |i| i + 1 + hashes)
}

/// `'x'` and `'\n'`, but not the lifetime `'a`.
fn char_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => (at + 3..chars.len()).find(|&i| chars[i] == '\'').map_or(at, |i| i + 1),
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}

/// A function and the lines it covers, from 1.
#[derive(Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line with `fn`.
    pub first: usize,
    /// The line of its closing brace.
    pub last: usize,
}

/// The functions with a body in blanked text.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = code[from..].find("fn ") {
        let at = from + offset;
        from = at + 3;
        let before = code[..at].chars().next_back();
        let name: String = code[from..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() || before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        if let Some(end) = body_end(&code[from..]) {
            let line = |position: usize| code[..position].matches('\n').count() + 1;
            found.push(Function { name, first: line(at), last: line(from + end) });
        }
    }
    found
}

/// Where the body that follows a signature ends; `None` for a declaration without one.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0;
    let mut parens = 0;
    for (position, c) in code.char_indices() {
        match c {
            '(' | '[' if depth == 0 => parens += 1,
            ')' | ']' if depth == 0 => parens -= 1,
            ';' if depth == 0 && parens == 0 => return None,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(position);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{blanked, functions};

    #[test]
    fn what_is_not_code_disappears() {
        assert_eq!(blanked("a // ü\nc"), "a      \nc");
        assert_eq!(blanked("x(\"{\\\"\", '{', 'a)"), "x(     ,    , 'a)");
        assert_eq!(blanked("r#\"{\"# r#type"), "       r#type");
        assert_eq!(blanked("a /* { /* */ \n*/ b"), "a            \n   b");
        assert_eq!(blanked("('\\'', '\\u{7b}')"), "(    ,         )");
    }

    #[test]
    fn functions_know_their_lines() {
        let code = "fn a() -> [u8; 2] {\n  if b {\n  }\n}\ntrait T { fn c(); }\n";
        let lines: Vec<_> = functions(code).into_iter().map(|f| (f.name, f.first, f.last)).collect();
        assert_eq!(lines, [("a".to_owned(), 1, 4)]);
    }
}
