//! Where each value of a document is written.

use std::collections::BTreeMap;
use std::rc::Rc;

use schema::Segment;
use serde_json::{Map, Value};

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
}

impl Source {
    pub fn new(bytes: &[u8]) -> Self {
        let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Self { bytes: bytes.to_vec(), line_starts: std::iter::once(0).chain(starts).collect() }
    }

    pub fn point(&self, offset: usize) -> Point {
        let offset = offset.min(self.bytes.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        // Every byte that does not continue a character begins one.
        let column = self.bytes[start..offset].iter().filter(|byte| **byte & 0xC0 != 0x80).count();
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

/// Entries of a mapping in the making: each value with its place.
pub(crate) type Entries = BTreeMap<String, (Value, Located)>;

/// Numbers for the names of keys, of which a document repeats few.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: BTreeMap<String, u32>,
}

impl Names {
    /// Makes an object of its entries.
    pub fn object(&mut self, arena: &mut Arena, parent: &mut Located, entries: Entries) -> Value {
        let mut children = Vec::with_capacity(entries.len());
        let mut map = Map::new();
        for (key, (value, mut child)) in entries {
            child.name = self.number(arena, &key);
            children.push(child);
            map.insert(key, value);
        }
        arena.adopt(parent, children);
        Value::Object(map)
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

    pub(crate) fn source(&self) -> &Source {
        &self.source
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
