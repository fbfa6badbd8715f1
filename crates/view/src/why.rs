//! The answer to "Why?": the chain of waits down to its root, what the scheduler said, where the manifest says so, and what
//! would fix it.

use crate::{EventRow, ObjectRef, Text};

/// One link of the chain: this object waits because of this rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhyStep {
    /// Who waits.
    pub target: ObjectRef,
    /// The rule in a word, such as `OrderedReady`; empty where nothing is waited for any more.
    pub rule: Text,
    /// The rule in a sentence.
    pub sentence: Text,
    /// Which brain keeps the rule.
    pub keeper: Text,
    /// The page of the upstream documentation, below kubernetes.io/docs/; may be empty.
    pub doc: Text,
}

/// What a scheduler plugin said about a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The pod may go there.
    Passed,
    /// It may not.
    Rejected,
    /// Another plugin had rejected the node before.
    NotAsked,
}

/// What was said about one node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduleRow {
    /// The node.
    pub node: Text,
    /// One verdict for each of [`Scheduling::filters`].
    pub verdicts: Vec<Verdict>,
    /// Points for each of [`Scheduling::scorers`]; empty if the node was not scored.
    pub scores: Vec<i64>,
    /// Their sum.
    pub total: i64,
    /// Why the node was rejected; empty if it was not.
    pub reason: Text,
    /// Whether the pod was sent there.
    pub is_chosen: bool,
}

/// The last attempt to find a node for a pod.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scheduling {
    /// How it ended, as a sentence.
    pub outcome: Text,
    /// How often it was tried.
    pub attempts: u32,
    /// The filters in the order in which they are asked; only those that the table needs.
    pub filters: Vec<Text>,
    /// The plugins that give points; only those that gave any.
    pub scorers: Vec<Text>,
    /// The nodes; empty in large clusters.
    pub rows: Vec<ScheduleRow>,
}

/// Something that would fix it: a command of the console.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remedy {
    /// What a button says.
    pub label: Text,
    /// The command.
    pub command: Text,
}

/// The place in a manifest that the rule comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// The object whose manifest it is in.
    pub object: ObjectRef,
    /// The field: names, and numbers for items of lists.
    pub path: Vec<Text>,
}

/// The whole answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Why {
    /// From what was asked about down to the root. Empty if nothing waits.
    pub chain: Vec<WhyStep>,
    /// The latest Event about the root, or else about what was asked.
    pub event: Option<EventRow>,
    /// Where a manifest says so.
    pub cause: Option<Cause>,
    /// What the scheduler said of the pod at the root, or of the pod that was asked about.
    pub scheduling: Option<Scheduling>,
    /// What would fix it, best first.
    pub remedies: Vec<Remedy>,
}
