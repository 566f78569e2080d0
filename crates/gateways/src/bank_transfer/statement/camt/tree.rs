//! The elements of a statement as small trees, one at a time: the parts of `Stmt` are handed over as they end, so that a long
//! file is never a tree as a whole.
//!
//! There are no document types, hence no entities but the five of XML; depth and size are bounded.

use crate::bank_transfer::statement::{StatementCode, StatementError};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Elements within elements: statements have about fifteen.
const MAX_DEPTH: usize = 48;

/// Elements in one part of a statement. The largest are batches, with about thirty for each transfer.
const MAX_NODES: usize = 400_000;

/// An element: its local name, its currency, its text and what stands in it.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) currency: Option<String>,
    pub(super) text: String,
    pub(super) line: u32,
    children: Vec<Node>,
}

impl Node {
    /// The first element of a path.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.children.iter().find(|child| child.name == *name))
    }

    /// The text at a path, when there is any.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|node| node.text.trim()).filter(|text| !text.is_empty())
    }

    /// The elements of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements of a name at any depth, in order.
    pub(super) fn texts_within<'a>(&'a self, name: &str, found: &mut Vec<&'a str>) {
        for child in &self.children {
            if child.name == name && !child.text.trim().is_empty() {
                found.push(child.text.trim());
            }
            child.texts_within(name, found);
        }
    }
}

/// Hands over each part of each statement, with the statement's number from 0. Gives how many statements there were.
pub(super) fn parts(
    text: &str,
    mut take: impl FnMut(usize, Node) -> Result<(), StatementError>,
) -> Result<usize, StatementError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut lines = Lines { text, at: 0, line: 1 };
    let (mut open, mut statements, mut nodes) = (Vec::<Node>::new(), 0usize, 0usize);
    loop {
        let line = lines.at(reader.buffer_position());
        let bad = |code| Err(StatementError::at(code, line));
        match reader.read_event() {
            Err(_) => return bad(StatementCode::BadXml),
            Ok(Event::DocType(_)) => return bad(StatementCode::DoctypeRefused),
            Ok(Event::Start(start)) => {
                nodes += 1;
                if open.len() >= MAX_DEPTH {
                    return bad(StatementCode::TooDeep);
                }
                if nodes > MAX_NODES {
                    return bad(StatementCode::TooLarge);
                }
                let node = node(&start, line)?;
                match (open.len(), node.name.as_str()) {
                    (0, "Document") | (1, "BkToCstmrStmt") | (3.., _) => {}
                    (0 | 1, _) => return bad(StatementCode::NotAStatement),
                    (_, name) => statements += usize::from(name == "Stmt"),
                }
                open.push(node);
            }
            Ok(Event::End(_)) => {
                let Some(node) = open.pop() else { return bad(StatementCode::BadXml) };
                // What stands outside a statement is not kept.
                let in_statement = open.get(2).is_some_and(|n| n.name == "Stmt");
                match (open.len(), open.last_mut()) {
                    (3, _) if in_statement => {
                        nodes = 0;
                        take(statements.saturating_sub(1), node)?;
                    }
                    (4.., Some(parent)) if in_statement => parent.children.push(node),
                    _ => {}
                }
            }
            Ok(Event::Text(content)) => add(&mut open, &content.xml10_content()),
            Ok(Event::CData(content)) => add(&mut open, &content.xml10_content()),
            Ok(Event::GeneralRef(entity)) => match resolved(&entity) {
                Some(content) => add(&mut open, &content),
                None => return bad(StatementCode::BadXml),
            },
            Ok(Event::Eof) if !open.is_empty() => return bad(StatementCode::Truncated),
            Ok(Event::Eof) => return Ok(statements),
            Ok(_) => {}
        }
    }
}

fn node(start: &BytesStart<'_>, line: u32) -> Result<Node, StatementError> {
    let bad = || StatementError::at(StatementCode::BadXml, line);
    let currency = start.try_get_attribute("Ccy").map_err(|_| bad())?.map(|a| a.value.trim().to_owned());
    Ok(Node { name: start.local_name().as_ref().to_owned(), currency, line, ..Node::default() })
}

fn add(open: &mut [Node], content: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(content);
    }
}

fn resolved(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref() {
        Ok(Some(c)) => Some(c.to_string()),
        Ok(None) => resolve_xml_entity(&entity.xml10_content()).map(str::to_owned),
        Err(_) => None,
    }
}

/// Counts lines as the reader goes on.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn at(&mut self, position: u64) -> u32 {
        let to = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.as_bytes().get(self.at..to).unwrap_or_default();
        self.line += u32::try_from(passed.iter().filter(|b| **b == b'\n').count()).unwrap_or(0);
        self.at = to;
        self.line
    }
}
