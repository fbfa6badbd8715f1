//! A tree of YAML nodes to a JSON value: aliases, merge keys, keys that are not texts, duplicate keys.
//!
//! Models: go.yaml.in/yaml/v2 (decode.go) and sigs.k8s.io/yaml (the conversion to JSON).

use serde_json::Value;

use crate::positions::{Arena, Duplicate, Entry, Located, Names, Range};
use crate::resolve::{Scalar, resolve_tagged};
use crate::yaml::{Content, Error, MAX_DEPTH, Mark, Node, NodeId, Tree};

/// Fewer steps than this through aliases are never too many.
const FREE_ALIAS_STEPS: usize = 100;
/// Nor are any in a document with fewer steps than this.
const FREE_STEPS: usize = 1_000;
/// Up to this many steps nearly all may come from aliases, from the second number on a tenth.
const ALIAS_RANGE: (u64, u64) = (400_000, 4_000_000);

/// What a document means.
#[derive(Debug)]
pub(crate) struct Composed {
    pub value: Value,
    pub arena: Arena,
    pub root: Located,
    pub duplicates: Vec<Duplicate>,
}

/// Composes a tree whose text begins at `offset` of the file.
pub(crate) fn compose(tree: &Tree<'_>, offset: usize) -> Result<Composed, Error> {
    let mut composer = Composer {
        tree,
        offset,
        arena: Arena::default(),
        names: Names::default(),
        duplicates: Vec::new(),
        open_aliases: Vec::new(),
        steps: 0,
        alias_steps: 0,
    };
    let (value, root) = match tree.root {
        Some(root) => composer.node(root, 0)?,
        None => (Value::Null, Located::default()),
    };
    Ok(Composed { value, arena: composer.arena, root, duplicates: composer.duplicates })
}

struct Composer<'a> {
    tree: &'a Tree<'a>,
    offset: usize,
    arena: Arena,
    names: Names,
    duplicates: Vec<Duplicate>,
    /// The alias nodes that are being followed.
    open_aliases: Vec<NodeId>,
    steps: usize,
    alias_steps: usize,
}

impl<'a> Composer<'a> {
    fn node(&mut self, id: NodeId, depth: usize) -> Result<(Value, Located), Error> {
        let node = &self.tree.nodes[id];
        self.count_step(node.start)?;
        if depth > MAX_DEPTH {
            return Err(Error::plain(format!("exceeded max depth of {MAX_DEPTH}"), node.start));
        }
        let mut located = Located { value: self.range(node), ..Located::default() };
        let value = match &node.content {
            Content::Alias { target, .. } => {
                if self.open_aliases.contains(&id) {
                    return Err(contains_itself(node));
                }
                self.open_aliases.push(id);
                let (value, inner) = self.node(*target, depth + 1)?;
                self.open_aliases.pop();
                // The value stands here; what is inside it is written at the anchor.
                located = Located { value: located.value, ..inner };
                value
            }
            Content::Scalar { value, implicit } => {
                let text = self.decoded(node, value)?;
                let scalar = self.scalar(node, &text, *implicit)?;
                scalar.into_value(&text).map_err(|message| json_error(message, node.start))?
            }
            Content::Sequence(items) => {
                let mut values = Vec::with_capacity(items.len());
                let mut children = Vec::with_capacity(items.len());
                for item in items {
                    let (value, child) = self.node(*item, depth + 1)?;
                    values.push(value);
                    children.push(child);
                }
                self.arena.adopt(&mut located, children);
                Value::Array(values)
            }
            Content::Mapping(pairs) => {
                let mut entries = Vec::with_capacity(pairs.len());
                self.mapping(pairs, &mut entries, depth)?;
                self.names.object(&mut self.arena, &mut located, entries, &mut self.duplicates)
            }
        };
        Ok((value, located))
    }

    fn mapping(&mut self, pairs: &[(NodeId, NodeId)], entries: &mut Vec<Entry>, depth: usize) -> Result<(), Error> {
        for &(key_id, value_id) in pairs {
            let key_node = &self.tree.nodes[key_id];
            if is_merge(key_node) {
                let own = entries.len();
                self.merge(value_id, entries, depth)?;
                entries[own..].iter_mut().for_each(|entry| entry.merged = true);
                continue;
            }
            let key = self.key(key_id, value_id, depth)?;
            let (value, mut place) = self.node(value_id, depth + 1)?;
            place.key = Some(self.range(key_node));
            entries.push(Entry { key, value, place, merged: false });
        }
        Ok(())
    }

    /// `<<: *other`. What it brings replaces keys above it and is replaced by keys below it.
    fn merge(&mut self, id: NodeId, entries: &mut Vec<Entry>, depth: usize) -> Result<(), Error> {
        let node = &self.tree.nodes[id];
        let wants_map = || Error::plain("map merge requires map or sequence of maps as the value", node.start);
        let sources: Vec<NodeId> = match &node.content {
            Content::Mapping(_) | Content::Alias { .. } => vec![id],
            // Earlier ones win, so they come last.
            Content::Sequence(items) => items.iter().rev().copied().collect(),
            Content::Scalar { .. } => return Err(wants_map()),
        };
        for source in sources {
            let source_node = &self.tree.nodes[source];
            self.count_step(source_node.start)?;
            let target = match &source_node.content {
                Content::Alias { target, .. } => *target,
                _ => source,
            };
            let Content::Mapping(pairs) = &self.tree.nodes[target].content else { return Err(wants_map()) };
            if target != source {
                if self.open_aliases.contains(&source) {
                    return Err(contains_itself(source_node));
                }
                self.open_aliases.push(source);
            }
            if depth > MAX_DEPTH {
                return Err(Error::plain(format!("exceeded max depth of {MAX_DEPTH}"), source_node.start));
            }
            self.mapping(pairs, entries, depth + 1)?;
            if target != source {
                self.open_aliases.pop();
            }
        }
        Ok(())
    }

    fn key(&mut self, id: NodeId, value: NodeId, depth: usize) -> Result<String, Error> {
        let node = &self.tree.nodes[id];
        let target = match &node.content {
            Content::Alias { target, .. } => &self.tree.nodes[*target],
            _ => node,
        };
        if let Content::Scalar { value: text, implicit } = &target.content {
            self.count_step(node.start)?;
            let text = self.decoded(target, text)?;
            let scalar = self.scalar(target, &text, *implicit)?;
            let (kind, shown) = match scalar {
                Scalar::Unsigned(number) => ("uint64", format!("{number:#x}")),
                _ => ("%!s(<nil>)", "<nil>".to_owned()),
            };
            if let Some(key) = scalar.into_key(&text) {
                return Ok(key);
            }
            let (value, _) = self.node(value, depth + 1)?;
            let value = if value.is_null() { "<nil>".to_owned() } else { go_syntax(&value) };
            let message = format!("unsupported map key of type: {kind}, key: {shown}, value: {value}");
            return Err(json_error(message, node.start));
        }
        let (value, _) = self.node(id, depth + 1)?;
        Err(Error::plain(format!("invalid map key: {}", go_syntax(&value)), node.start))
    }

    fn scalar(&self, node: &Node<'_>, text: &str, implicit: bool) -> Result<Scalar, Error> {
        if node.tag.is_empty() && !implicit {
            return Ok(Scalar::Text);
        }
        resolve_tagged(&node.tag, text).map_err(|message| Error::plain(message, node.start))
    }

    /// The text of a scalar, which a tag can say is base64.
    fn decoded<'t>(&self, node: &Node<'_>, text: &'t str) -> Result<std::borrow::Cow<'t, str>, Error> {
        if node.tag != "tag:yaml.org,2002:binary" {
            return Ok(text.into());
        }
        let bytes = decode_base64(text)
            .ok_or_else(|| Error::plain("!!binary value contains invalid base64 data", node.start))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned().into())
    }

    /// Refuses a document that is nearly all aliases: a few lines could fill the memory.
    fn count_step(&mut self, mark: Mark) -> Result<(), Error> {
        self.steps += 1;
        if !self.open_aliases.is_empty() {
            self.alias_steps += 1;
        }
        if self.alias_steps <= FREE_ALIAS_STEPS || self.steps <= FREE_STEPS {
            return Ok(());
        }
        let (low, high) = ALIAS_RANGE;
        let (all, aliased) = (self.steps as u64, self.alias_steps as u64);
        // Of a hundred steps, from 99 down to 10, in whole numbers so that every machine agrees.
        let allowed = 99 * (high - low) - 89 * (all.clamp(low, high) - low);
        if aliased * 100 * (high - low) > all * allowed {
            return Err(Error::plain("document contains excessive aliasing", mark));
        }
        Ok(())
    }

    fn range(&self, node: &Node<'_>) -> Range {
        Range::new(self.offset + node.start.at, self.offset + node.end.at)
    }
}

fn contains_itself(alias: &Node<'_>) -> Error {
    let name = if let Content::Alias { name, .. } = alias.content { name } else { "" };
    Error::plain(format!("anchor '{name}' value contains itself"), alias.start)
}

fn is_merge(node: &Node<'_>) -> bool {
    matches!(&node.content, Content::Scalar { value, implicit } if value == "<<"
        && (*implicit || node.tag == "tag:yaml.org,2002:merge"))
}

/// An error of the conversion to JSON, which upstream does not begin with `yaml: `.
fn json_error(message: String, mark: Mark) -> Error {
    Error { problem: message.clone(), message, mark, context: None }
}

/// A value as Go's `%#v` prints it: how upstream shows a key that is not a scalar.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => schema::go_quote(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}:{}", schema::go_quote(key), go_syntax(value))).collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 2 {
        return None;
    }
    let digit = |byte: u8| -> Option<u32> {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        Some(u32::from(value))
    };
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    for (index, group) in bytes.chunks(4).enumerate() {
        let last = (index + 1) * 4 == bytes.len();
        let used = if last { 4 - padding } else { 4 };
        let mut bits = 0;
        for &byte in &group[..used] {
            bits = (bits << 6) | digit(byte)?;
        }
        bits <<= 6 * (4 - used);
        out.extend_from_slice(&bits.to_be_bytes()[1..used]);
    }
    Some(out)
}
