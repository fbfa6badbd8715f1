//! Tokens to a tree of nodes: the grammar, by recursive descent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::scanner::{Kind, Scanner, Token};
use super::{Error, MAX_DEPTH, Mark, Result};

/// Index of a node in its [`Tree`].
pub(crate) type NodeId = usize;

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content<'a> {
    /// Text; `implicit` when its form may decide its type (it is not quoted).
    Scalar { value: Cow<'a, str>, implicit: bool },
    /// A list.
    Sequence(Vec<NodeId>),
    /// Keys and values in the order of the text.
    Mapping(Vec<(NodeId, NodeId)>),
    /// Another node, by the name of its anchor.
    Alias { name: &'a str, target: NodeId },
}

/// A node with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node<'a> {
    pub start: Mark,
    pub end: Mark,
    /// Tag in its long form; empty without one.
    pub tag: String,
    pub content: Content<'a>,
}

/// The first document of a text.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a> {
    pub nodes: Vec<Node<'a>>,
    /// `None` for a text without a document.
    pub root: Option<NodeId>,
    pub rest: Rest,
}

/// What follows the first document. Upstream never looks at it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Rest {
    #[default]
    Nothing,
    /// More text, from here on.
    Ignored(Mark),
}

/// Reads the first document of a text.
pub(crate) fn read(text: &str) -> Result<Tree<'_>> {
    let mut parser =
        Parser { scanner: Scanner::new(text), tree: Tree::default(), anchors: BTreeMap::new(), tags: BTreeMap::new() };
    parser.document()?;
    Ok(parser.tree)
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    tree: Tree<'a>,
    anchors: BTreeMap<&'a str, NodeId>,
    /// Handle to prefix.
    tags: BTreeMap<String, String>,
}

/// What may stand before a node's content.
#[derive(Default)]
struct Properties<'a> {
    anchor: Option<&'a str>,
    tag: Option<(String, String, Mark)>,
    start: Option<Mark>,
    end: Option<Mark>,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<()> {
        if self.scanner.peek()?.kind == Kind::StreamEnd {
            return Ok(());
        }
        let implicit =
            !matches!(self.scanner.peek()?.kind, Kind::Version(..) | Kind::TagDirective { .. } | Kind::DocumentStart);
        self.directives()?;
        if !implicit {
            let token = self.scanner.peek()?;
            if token.kind != Kind::DocumentStart {
                return Err(Error::parser("did not find expected <document start>", token.start, None));
            }
            self.scanner.next()?;
        }
        let token = self.scanner.peek()?;
        let mark = token.start;
        let empty = matches!(
            token.kind,
            Kind::Version(..) | Kind::TagDirective { .. } | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd
        );
        let root = if empty && !implicit { self.empty(mark) } else { self.node(true, false, 0)? };
        self.tree.root = Some(root);
        self.end_of_document()
    }

    /// Upstream looks at one token after the document, and ignores what that is.
    fn end_of_document(&mut self) -> Result<()> {
        let token = self.scanner.peek()?;
        let (ended, mark) = (token.kind == Kind::StreamEnd, token.start);
        if token.kind == Kind::DocumentEnd {
            self.scanner.next()?;
            // Whatever is wrong behind the end does not concern this document.
            if let Ok(next) = self.scanner.peek()
                && !matches!(next.kind, Kind::StreamEnd | Kind::DocumentEnd)
            {
                self.tree.rest = Rest::Ignored(next.start);
            }
        } else if !ended {
            self.tree.rest = Rest::Ignored(mark);
        }
        Ok(())
    }

    fn directives(&mut self) -> Result<()> {
        let mut version = false;
        loop {
            let start = self.scanner.peek()?.start;
            match self.scanner.peek()?.kind.clone() {
                Kind::Version(major, minor) => {
                    if version {
                        return Err(Error::parser("found duplicate %YAML directive", start, None));
                    }
                    if (major, minor) != (1, 1) {
                        return Err(Error::parser("found incompatible YAML document", start, None));
                    }
                    version = true;
                }
                Kind::TagDirective { handle, prefix } => {
                    if self.tags.insert(handle.to_owned(), prefix).is_some() {
                        return Err(Error::parser("found duplicate %TAG directive", start, None));
                    }
                }
                _ => break,
            }
            self.scanner.next()?;
        }
        self.tags.entry("!".to_owned()).or_insert_with(|| "!".to_owned());
        self.tags.entry("!!".to_owned()).or_insert_with(|| "tag:yaml.org,2002:".to_owned());
        Ok(())
    }

    fn add(&mut self, node: Node<'a>, anchor: Option<&'a str>) -> NodeId {
        let id = self.tree.nodes.len();
        self.tree.nodes.push(node);
        if let Some(name) = anchor {
            self.anchors.insert(name, id);
        }
        id
    }

    /// A null that is not written down.
    fn empty(&mut self, mark: Mark) -> NodeId {
        let content = Content::Scalar { value: Cow::Borrowed(""), implicit: true };
        self.add(Node { start: mark, end: mark, tag: String::new(), content }, None)
    }

    fn node(&mut self, block: bool, indentless: bool, depth: usize) -> Result<NodeId> {
        if depth > MAX_DEPTH {
            let mark = self.scanner.peek()?.start;
            return Err(Error::scanner(format!("exceeded max depth of {MAX_DEPTH}"), mark, None));
        }
        if let Kind::Alias(name) = self.scanner.peek()?.kind {
            let token = self.scanner.next()?;
            return self.alias(name, &token);
        }
        let properties = self.properties()?;
        let tag = self.tag(&properties)?;
        let token = self.scanner.peek()?;
        let start = properties.start.unwrap_or(token.start);
        let (kind, token_start) = (token.kind.clone(), token.start);
        let node = Node { start, end: token.end, tag, content: Content::Sequence(Vec::new()) };
        match kind {
            Kind::BlockEntry if indentless => {
                let id = self.add(node, properties.anchor);
                self.block_sequence(id, true, depth)
            }
            Kind::Scalar { value, plain } => {
                self.scanner.next()?;
                let implicit = (node.tag.is_empty() && plain) || node.tag == "!";
                Ok(self.add(Node { content: Content::Scalar { value, implicit }, ..node }, properties.anchor))
            }
            Kind::FlowSequenceStart => {
                let id = self.add(node, properties.anchor);
                self.flow_sequence(id, depth)
            }
            Kind::FlowMappingStart => {
                let id = self.add(Node { content: Content::Mapping(Vec::new()), ..node }, properties.anchor);
                self.flow_mapping(id, depth)
            }
            Kind::BlockSequenceStart if block => {
                let id = self.add(node, properties.anchor);
                self.block_sequence(id, false, depth)
            }
            Kind::BlockMappingStart if block => {
                let id = self.add(Node { content: Content::Mapping(Vec::new()), ..node }, properties.anchor);
                self.block_mapping(id, depth)
            }
            _ if properties.anchor.is_some() || !node.tag.is_empty() => {
                let content = Content::Scalar { value: Cow::Borrowed(""), implicit: node.tag.is_empty() };
                let end = properties.end.unwrap_or(start);
                Ok(self.add(Node { content, end, ..node }, properties.anchor))
            }
            _ => Err(Error::parser("did not find expected node content", token_start, Some(start))),
        }
    }

    fn alias(&mut self, name: &'a str, token: &Token<'a>) -> Result<NodeId> {
        let Some(&target) = self.anchors.get(name) else {
            return Err(Error::plain(format!("unknown anchor '{name}' referenced"), token.start));
        };
        let content = Content::Alias { name, target };
        Ok(self.add(Node { start: token.start, end: token.end, tag: String::new(), content }, None))
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Result<Properties<'a>> {
        let mut properties = Properties::default();
        loop {
            let token = self.scanner.peek()?;
            match &token.kind {
                Kind::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name),
                Kind::Tag { handle, suffix } if properties.tag.is_none() => {
                    properties.tag = Some((handle.clone(), suffix.clone(), token.start));
                }
                _ => return Ok(properties),
            }
            properties.start = properties.start.or(Some(token.start));
            properties.end = Some(token.end);
            self.scanner.next()?;
        }
    }

    fn tag(&self, properties: &Properties<'a>) -> Result<String> {
        let Some((handle, suffix, mark)) = &properties.tag else { return Ok(String::new()) };
        if handle.is_empty() {
            return Ok(suffix.clone());
        }
        match self.tags.get(handle) {
            Some(prefix) => Ok(format!("{prefix}{suffix}")),
            None => Err(Error::parser("found undefined tag handle", *mark, properties.start)),
        }
    }

    fn push_item(&mut self, id: NodeId, item: NodeId) {
        let end = self.tree.nodes[item].end;
        let node = &mut self.tree.nodes[id];
        node.end = end;
        if let Content::Sequence(items) = &mut node.content {
            items.push(item);
        }
    }

    fn push_entry(&mut self, id: NodeId, key: NodeId, value: NodeId) {
        let end = self.tree.nodes[value].end;
        let node = &mut self.tree.nodes[id];
        node.end = end;
        if let Content::Mapping(entries) = &mut node.content {
            entries.push((key, value));
        }
    }

    /// `- a` lines; without indentation of their own (`indentless`) they belong to the mapping around them.
    fn block_sequence(&mut self, id: NodeId, indentless: bool, depth: usize) -> Result<NodeId> {
        let context = self.scanner.peek()?.start;
        if !indentless {
            self.scanner.next()?;
        }
        loop {
            let token = self.scanner.peek()?;
            if token.kind != Kind::BlockEntry {
                let start = token.start;
                return match token.kind {
                    _ if indentless => Ok(id),
                    Kind::BlockEnd => {
                        self.scanner.next()?;
                        Ok(id)
                    }
                    _ => Err(Error::parser("did not find expected '-' indicator", start, Some(context))),
                };
            }
            let mark = token.end;
            self.scanner.next()?;
            let kind = &self.scanner.peek()?.kind;
            let ends = matches!(kind, Kind::BlockEntry | Kind::BlockEnd)
                || (indentless && matches!(kind, Kind::Key | Kind::Value));
            let item = if ends { self.empty(mark) } else { self.node(true, false, depth + 1)? };
            self.push_item(id, item);
        }
    }

    fn block_mapping(&mut self, id: NodeId, depth: usize) -> Result<NodeId> {
        let context = self.scanner.peek()?.start;
        self.scanner.next()?;
        loop {
            let token = self.scanner.peek()?;
            let (start, end) = (token.start, token.end);
            let key = match token.kind {
                Kind::Key => {
                    self.scanner.next()?;
                    self.block_node_or_empty(end, depth)?
                }
                Kind::BlockEnd => {
                    self.scanner.next()?;
                    return Ok(id);
                }
                _ => return Err(Error::parser("did not find expected key", start, Some(context))),
            };
            let token = self.scanner.peek()?;
            let (start, end) = (token.start, token.end);
            let value = if token.kind == Kind::Value {
                self.scanner.next()?;
                self.block_node_or_empty(end, depth)?
            } else {
                self.empty(start)
            };
            self.push_entry(id, key, value);
        }
    }

    fn block_node_or_empty(&mut self, mark: Mark, depth: usize) -> Result<NodeId> {
        let ends = matches!(self.scanner.peek()?.kind, Kind::Key | Kind::Value | Kind::BlockEnd);
        if ends { Ok(self.empty(mark)) } else { self.node(true, true, depth + 1) }
    }

    fn flow_sequence(&mut self, id: NodeId, depth: usize) -> Result<NodeId> {
        let context = self.scanner.next()?.start;
        let mut first = true;
        loop {
            let token = self.scanner.peek()?;
            if token.kind == Kind::FlowSequenceEnd {
                break;
            }
            if !first {
                if token.kind != Kind::FlowEntry {
                    return Err(Error::parser("did not find expected ',' or ']'", token.start, Some(context)));
                }
                self.scanner.next()?;
            }
            first = false;
            let token = self.scanner.peek()?;
            let item = match token.kind {
                Kind::FlowSequenceEnd => break,
                Kind::Key => self.flow_pair(depth + 1)?,
                _ => self.node(false, false, depth + 1)?,
            };
            self.push_item(id, item);
        }
        self.tree.nodes[id].end = self.scanner.next()?.end;
        Ok(id)
    }

    /// `[a: b]` is a list of one mapping.
    fn flow_pair(&mut self, depth: usize) -> Result<NodeId> {
        let token = self.scanner.next()?;
        let content = Content::Mapping(Vec::new());
        let id = self.add(Node { start: token.start, end: token.end, tag: String::new(), content }, None);
        let next = self.scanner.peek()?;
        let end = next.end;
        let ends = |kind: &Kind<'_>| matches!(kind, Kind::FlowEntry | Kind::FlowSequenceEnd);
        let key = if next.kind == Kind::Value || ends(&next.kind) {
            // Upstream swallows the indicator here.
            self.scanner.next()?;
            self.empty(end)
        } else {
            self.node(false, false, depth + 1)?
        };
        if self.scanner.peek()?.kind == Kind::Value {
            self.scanner.next()?;
            if !ends(&self.scanner.peek()?.kind) {
                let value = self.node(false, false, depth + 1)?;
                self.push_entry(id, key, value);
                return Ok(id);
            }
        }
        let mark = self.scanner.peek()?.start;
        let value = self.empty(mark);
        self.push_entry(id, key, value);
        Ok(id)
    }

    fn flow_mapping(&mut self, id: NodeId, depth: usize) -> Result<NodeId> {
        let context = self.scanner.next()?.start;
        let mut first = true;
        loop {
            let token = self.scanner.peek()?;
            if token.kind == Kind::FlowMappingEnd {
                break;
            }
            if !first {
                if token.kind != Kind::FlowEntry {
                    return Err(Error::parser("did not find expected ',' or '}'", token.start, Some(context)));
                }
                self.scanner.next()?;
            }
            first = false;
            match self.scanner.peek()?.kind {
                Kind::FlowMappingEnd => break,
                Kind::Key => {
                    self.scanner.next()?;
                    let token = self.scanner.peek()?;
                    let (start, empty) =
                        (token.start, matches!(token.kind, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd));
                    let key = if empty { self.empty(start) } else { self.node(false, false, depth + 1)? };
                    let value = self.flow_value(depth)?;
                    self.push_entry(id, key, value);
                }
                _ => {
                    let key = self.node(false, false, depth + 1)?;
                    let mark = self.scanner.peek()?.start;
                    let value = self.empty(mark);
                    self.push_entry(id, key, value);
                }
            }
        }
        self.tree.nodes[id].end = self.scanner.next()?.end;
        Ok(id)
    }

    fn flow_value(&mut self, depth: usize) -> Result<NodeId> {
        if self.scanner.peek()?.kind == Kind::Value {
            self.scanner.next()?;
            if !matches!(self.scanner.peek()?.kind, Kind::FlowEntry | Kind::FlowMappingEnd) {
                return self.node(false, false, depth + 1);
            }
        }
        let mark = self.scanner.peek()?.start;
        Ok(self.empty(mark))
    }
}
