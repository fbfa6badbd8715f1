//! Where each value of a document is written.

use std::collections::BTreeMap;
use std::rc::Rc;

use schema::Segment;
use serde_json::Value;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Point {
    /// Byte offset from the beginning of the file.
    pub offset: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Span {
    /// First character.
    pub start: Point,
    /// Behind the last character.
    pub end: Point,
}

/// Where the key and the value at a path are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The key, for an entry of a mapping.
    pub key: Option<Span>,
    /// The value.
    pub value: Span,
}

impl Place {
    /// The key if there is one, else the value: what to underline.
    #[must_use]
    pub fn label(&self) -> Span {
        self.key.unwrap_or(self.value)
    }
}

/// Byte range, the compact form of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Range {
    pub start: u32,
    pub end: u32,
}

impl Range {
    pub fn new(start: usize, end: usize) -> Self {
        // Texts beyond 4 GB do not get this far; a place there would merely be wrong.
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end.max(start)) }
    }
}

/// One value's place with its children, which lie next to each other and, in a mapping, are sorted by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Located {
    /// Number of the key's name; of no meaning for list items.
    pub name: u32,
    pub key: Option<Range>,
    pub value: Range,
    pub first_child: u32,
    pub children: u32,
}

/// A file's bytes and where its lines begin.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    bytes: Vec<u8>,
    line_starts: Vec<usize>,
    /// Characters before each block of bytes, so that a long line costs no more than a short one.
    block_starts: Vec<usize>,
}

/// Bytes of a block of [`Source`].
const BLOCK: usize = 256;

impl Source {
    pub fn new(bytes: &[u8]) -> Self {
        let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        let mut characters = 0;
        let mut block_starts = Vec::with_capacity(bytes.len() / BLOCK + 1);
        for block in bytes.chunks(BLOCK) {
            block_starts.push(characters);
            characters += count_characters(block);
        }
        Self { bytes: bytes.to_vec(), line_starts, block_starts }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = (offset / BLOCK).min(self.block_starts.len().saturating_sub(1));
        let before = self.block_starts.get(block).copied().unwrap_or(0);
        before + count_characters(&self.bytes[block * BLOCK..offset])
    }

    pub fn point(&self, offset: usize) -> Point {
        let offset = offset.min(self.bytes.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let column = self.characters_before(offset) - self.characters_before(start);
        Point { offset, line, column: column + 1 }
    }

    pub fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.point(start), end: self.point(end.max(start)) }
    }

    /// The text between two offsets; empty where they are not at characters' borders.
    pub fn slice(&self, start: usize, end: usize) -> &str {
        self.bytes.get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    /// A line without its break, counted from 1, and its offset.
    pub fn line(&self, line: usize) -> (usize, &str) {
        let start = line.checked_sub(1).and_then(|at| self.line_starts.get(at)).copied().unwrap_or(self.bytes.len());
        let end = self.line_starts.get(line).copied().unwrap_or(self.bytes.len());
        (start, self.slice(start, end).trim_end_matches(['\r', '\n']))
    }
}

/// Every byte that does not continue a character begins one.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// All values' places in one document of the stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arena {
    pub nodes: Vec<Located>,
    pub names: Vec<String>,
}

impl Arena {
    /// Lays the children of a value down next to each other.
    pub fn adopt(&mut self, parent: &mut Located, children: Vec<Located>) {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        parent.first_child = narrow(self.nodes.len());
        parent.children = narrow(children.len());
        self.nodes.extend(children);
    }
}

/// One entry of a mapping in the making.
#[derive(Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub value: Value,
    pub place: Located,
    /// Brought by a merge key, so that repeating it is no mistake.
    pub merged: bool,
}

/// A key that is there twice in one mapping; the last one wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duplicate {
    pub key: String,
    pub first: Range,
    pub second: Range,
}

/// Numbers for the names of keys, of which a document repeats few.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: BTreeMap<String, u32>,
}

impl Names {
    /// Makes an object of entries in the order of the text: the last one of a name wins.
    pub fn object(
        &mut self,
        arena: &mut Arena,
        parent: &mut Located,
        mut entries: Vec<Entry>,
        duplicates: &mut Vec<Duplicate>,
    ) -> Value {
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        entries.dedup_by(|later, kept| {
            let same = later.key == kept.key;
            if same {
                if !later.merged && !kept.merged {
                    let place = |entry: &Entry| entry.place.key.unwrap_or_default();
                    let (first, second) = (place(kept), place(later));
                    duplicates.push(Duplicate { key: later.key.clone(), first, second });
                }
                std::mem::swap(later, kept);
            }
            same
        });
        let mut children = Vec::with_capacity(entries.len());
        for entry in &mut entries {
            entry.place.name = self.number(arena, &entry.key);
            children.push(entry.place);
        }
        arena.adopt(parent, children);
        Value::Object(entries.into_iter().map(|entry| (entry.key, entry.value)).collect())
    }

    fn number(&mut self, arena: &mut Arena, key: &str) -> u32 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let number = u32::try_from(arena.names.len()).unwrap_or(u32::MAX);
        arena.names.push(key.to_owned());
        self.numbers.insert(key.to_owned(), number);
        number
    }
}

/// The places of all values of one object. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    arena: Rc<Arena>,
    source: Rc<Source>,
    root: Located,
}

impl Positions {
    pub(crate) fn new(arena: Arena, root: Located, source: Rc<Source>) -> Self {
        Self { arena: Rc::new(arena), source, root }
    }

    /// Where the value at this path is written.
    #[must_use]
    pub fn get(&self, path: &[Segment]) -> Option<Place> {
        let mut node = &self.root;
        for segment in path {
            let children = self.children(node);
            node = match segment {
                Segment::Index(index) => children.get(*index)?,
                Segment::Key(key) => {
                    let at = children.binary_search_by(|child| self.name(child.name).cmp(key)).ok()?;
                    &children[at]
                }
            };
        }
        Some(self.place(node))
    }

    /// Where the value at this path is written, or else the nearest one around it.
    #[must_use]
    pub fn nearest(&self, path: &[Segment]) -> Place {
        let found = (0..=path.len()).rev().find_map(|length| self.get(&path[..length]));
        found.unwrap_or_else(|| self.place(&self.root))
    }

    /// The path to the innermost key or value at a byte offset of the file.
    #[must_use]
    pub fn path_at(&self, value: &Value, offset: usize) -> Vec<Segment> {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let covers = |range: Range| range.start <= offset && offset <= range.end;
        let (mut path, mut node, mut value) = (Vec::new(), self.root, value);
        loop {
            let children = self.children(&node);
            // Behind the value's last character one is often still writing it: of two neighbours the latter wins.
            let inside = |child: &Located| covers(child.value) || child.key.is_some_and(covers);
            let Some(at) = children.iter().rposition(inside) else { return path };
            node = children[at];
            let next = match value {
                Value::Object(map) => {
                    let key = self.name(node.name);
                    path.push(Segment::Key(key.to_owned()));
                    map.get(key)
                }
                Value::Array(items) => {
                    path.push(Segment::Index(at));
                    items.get(at)
                }
                _ => None,
            };
            let Some(next) = next else { return path };
            value = next;
        }
    }

    /// The place of the whole object.
    #[must_use]
    pub fn root(&self) -> Span {
        self.span(self.root.value)
    }

    /// The positions of an item of a list at the top of the object.
    pub(crate) fn item(&self, list: &str, index: usize) -> Option<Self> {
        let list = self.children(&self.root).iter().find(|child| self.name(child.name) == list)?;
        let root = *self.children(list).get(index)?;
        Some(Self { root, ..self.clone() })
    }

    /// The text of a piece of the file.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.source.slice(span.start.offset, span.end.offset)
    }

    fn children(&self, node: &Located) -> &[Located] {
        let narrow = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (first, count) = (narrow(node.first_child), narrow(node.children));
        self.arena.nodes.get(first..first.saturating_add(count)).unwrap_or_default()
    }

    fn name(&self, number: u32) -> &str {
        usize::try_from(number).ok().and_then(|number| self.arena.names.get(number)).map_or("", String::as_str)
    }

    fn place(&self, node: &Located) -> Place {
        Place { key: node.key.map(|range| self.span(range)), value: self.span(node.value) }
    }

    fn span(&self, range: Range) -> Span {
        let narrow = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        self.source.span(narrow(range.start), narrow(range.end))
    }
}
