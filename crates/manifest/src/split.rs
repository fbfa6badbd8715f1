//! A stream into its documents, as kubectl does before any YAML is read.
//!
//! Models: staging/src/k8s.io/apimachinery/pkg/util/yaml/decoder.go (YAMLReader): a line that begins with `---` divides. So a
//! document that cannot be read does not hurt its neighbours, and lines in messages count from the document's beginning.

/// A piece of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk<'a> {
    /// The text of a document, from this offset on.
    Document { offset: usize, bytes: &'a [u8] },
    /// A dividing line with something else on it, which upstream refuses.
    BadSeparator { offset: usize, line: &'a [u8], text: &'a [u8] },
}

/// The pieces of a stream, in order; texts without any line are left out.
pub(crate) fn split(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = 0;
    let mut done = false;
    std::iter::from_fn(move || {
        while !done {
            let start = at;
            let mut begun = false;
            loop {
                let Some(line) = next_line(bytes, at) else {
                    done = true;
                    break;
                };
                let here = at;
                at += line.len();
                let Some(after) = line.strip_prefix(b"---") else {
                    begun = true;
                    continue;
                };
                let text = after.trim_ascii();
                if !text.is_empty() && text[0] != b'#' {
                    if begun {
                        // First the document that ends here; the line is met again next time.
                        at = here;
                        return Some(Chunk::Document { offset: start, bytes: &bytes[start..here] });
                    }
                    return Some(Chunk::BadSeparator { offset: here, line: line.trim_ascii_end(), text });
                }
                if begun {
                    return Some(Chunk::Document { offset: start, bytes: &bytes[start..here] });
                }
                // A dividing line before any text is part of the document that follows.
                begun = true;
            }
            if begun {
                return Some(Chunk::Document { offset: start, bytes: &bytes[start..] });
            }
        }
        None
    })
}

/// The line at an offset, with its break.
fn next_line(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
    Some(&rest[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        split(text.as_bytes())
            .map(|chunk| match chunk {
                Chunk::Document { offset, bytes } => format!("{offset}:{}", show(bytes)),
                Chunk::BadSeparator { offset, text, .. } => format!("{offset}!{}", show(text)),
            })
            .collect()
    }

    #[test]
    fn dividing_lines() {
        assert_eq!(pieces(""), Vec::<String>::new());
        assert_eq!(pieces("a: 1"), ["0:a: 1"]);
        assert_eq!(pieces("a\n---\nb\n"), ["0:a\n", "6:b\n"]);
        assert_eq!(pieces("---\na\n--- # c\n\nb"), ["0:---\na\n", "14:\nb"]);
        assert_eq!(pieces("a\n---\n---\nb\n"), ["0:a\n", "6:---\nb\n"]);
        assert_eq!(pieces("a\n---x\nb\n"), ["0:a\n", "2!x", "7:b\n"]);
        assert_eq!(pieces("a\r\n---\r\nb"), ["0:a\r\n", "8:b"]);
    }
}
