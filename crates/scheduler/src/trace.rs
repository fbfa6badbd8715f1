//! The record of one attempt to schedule a pod: what every plugin said about every node, for people to look at.
//! The idea is kube-scheduler-simulator's result store.

use crate::counts::Map;
use crate::cycle::{Rejection, Scores};
use crate::plugins::ALL;
use api::{ObjectKey, Str, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// In clusters with more nodes than this, a trace keeps the counts only.
pub(crate) const MAX_ROWS: usize = 200;

/// How many rows all traces together keep; those of the oldest are dropped, their counts stay.
const MAX_ROWS_KEPT: usize = 60_000;

/// The latest trace of each pod.
#[derive(Clone, Default)]
pub(crate) struct Traces {
    traces: Map<ObjectKey, (u64, Rc<SchedulingTrace>)>,
    /// The pods whose traces have rows, by the number of the trace: oldest first.
    detailed: Map<u64, ObjectKey>,
    rows: usize,
    number: u64,
}

impl Traces {
    /// The latest trace of a pod.
    pub(crate) fn get(&self, pod: &ObjectKey) -> Option<&Rc<SchedulingTrace>> {
        self.traces.get(pod).map(|(_, trace)| trace)
    }

    /// Keeps this trace instead of the pod's last one.
    pub(crate) fn insert(&mut self, trace: &Rc<SchedulingTrace>) {
        self.remove(&trace.pod);
        self.number += 1;
        self.traces.insert(trace.pod.clone(), (self.number, trace.clone()));
        let rows = trace.examination.row_count();
        if rows > 0 {
            self.rows += rows;
            self.detailed.insert(self.number, trace.pod.clone());
        }
        while self.rows > MAX_ROWS_KEPT
            && let Some((_, pod)) = self.detailed.get_min().cloned()
        {
            self.shorten(&pod);
        }
    }

    /// Forgets a pod.
    pub(crate) fn remove(&mut self, pod: &ObjectKey) {
        if let Some((number, trace)) = self.traces.remove(pod) {
            self.rows -= trace.examination.row_count();
            self.detailed.remove(&number);
        }
    }

    /// Drops the rows of a pod's trace.
    fn shorten(&mut self, pod: &ObjectKey) {
        let Some((number, trace)) = self.traces.get(pod).cloned() else { return };
        let examination = Examination { detail: None, ..Examination::clone(&trace.examination) };
        let short = SchedulingTrace { examination: Rc::new(examination), ..SchedulingTrace::clone(&trace) };
        self.rows -= trace.examination.row_count();
        self.detailed.remove(&number);
        self.traces.insert(pod.clone(), (number, Rc::new(short)));
    }
}

/// What happened when a pod was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulingTrace {
    /// The pod.
    pub pod: ObjectKey,
    /// When.
    pub at: Time,
    /// How often it was tried by then.
    pub attempts: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What was said about the nodes.
    pub examination: Rc<Examination>,
}

/// What was said about the nodes in one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// How many nodes there were.
    pub nodes: usize,
    /// How many of them were examined.
    pub examined: usize,
    /// How many of those fit.
    pub feasible: usize,
    /// How often each reason was given, most frequent first.
    pub reasons: Vec<(String, usize)>,
    /// What the rows are made of; nothing in large clusters.
    pub(crate) detail: Option<Rc<Detail>>,
}

/// What was said about each node, as the cycle left it: rows are made when somebody looks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    /// All nodes by name, with their places.
    pub(crate) nodes: Rc<Vec<(Str, u32)>>,
    /// The places of the nodes that fit.
    pub(crate) feasible: Vec<u32>,
    /// Why others do not.
    pub(crate) rejected: Vec<(u32, Rejection)>,
    /// By plugin, the points of those that fit.
    pub(crate) scores: Scores,
}

impl Examination {
    /// One row a node, sorted by name; none in large clusters.
    pub fn rows(&self) -> Vec<NodeRow> {
        self.detail.as_ref().map(|detail| detail.rows()).unwrap_or_default()
    }

    fn row_count(&self) -> usize {
        self.detail.as_ref().map_or(0, |detail| detail.nodes.len())
    }
}

impl Detail {
    fn rows(&self) -> Vec<NodeRow> {
        let fitting: BTreeMap<u32, usize> = self.feasible.iter().enumerate().map(|(i, slot)| (*slot, i)).collect();
        let rejected: BTreeMap<u32, &Rejection> = self.rejected.iter().map(|(slot, why)| (*slot, why)).collect();
        let row = |(name, slot): &(Str, u32)| {
            let (fits, rejection) = (fitting.get(slot).copied(), rejected.get(slot));
            let verdict = match (fits, rejection) {
                (Some(_), _) => NodeVerdict::Fits,
                (None, Some(why)) => NodeVerdict::Rejected {
                    plugin: ALL[why.plugin].name,
                    reasons: why.reasons.iter().map(ToString::to_string).collect(),
                    resolvable: why.resolvable,
                },
                (None, None) => NodeVerdict::NotExamined,
            };
            let points = |(plugin, points): &(usize, Vec<i64>)| Some((ALL[*plugin].name, *points.get(fits?)?));
            let scores: Vec<(&'static str, i64)> = self.scores.iter().filter_map(points).collect();
            NodeRow { node: name.clone(), verdict, total: scores.iter().map(|(_, n)| n).sum(), scores }
        };
        self.nodes.iter().map(row).collect()
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was bound to this node.
    Bound {
        /// The node.
        node: Str,
    },
    /// It goes to this node as soon as its volumes are there.
    AwaitsVolumes {
        /// The node.
        node: Str,
    },
    /// No node fits.
    Unschedulable {
        /// The whole message.
        message: String,
        /// The node on which pods of lower priority make room for it.
        nominated: Option<Str>,
    },
    /// Something went wrong; it is tried again.
    Failed {
        /// What.
        message: String,
    },
    /// It is held back.
    Gated {
        /// By what.
        message: String,
    },
    /// Another scheduler is to bind it.
    Foreign,
    /// It is being deleted.
    Deleted,
}

/// What was said about one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// The node.
    pub node: Str,
    /// What the filters said.
    pub verdict: NodeVerdict,
    /// Points by plugin, weights included, if the node was scored.
    pub scores: Vec<(&'static str, i64)>,
    /// Their sum.
    pub total: i64,
}

/// What the filters said about one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeVerdict {
    /// The pod fits.
    Fits,
    /// It does not.
    Rejected {
        /// The plugin that said so.
        plugin: &'static str,
        /// Why.
        reasons: Vec<String>,
        /// Whether it would fit if pods were taken off the node.
        resolvable: bool,
    },
    /// Nobody was asked.
    NotExamined,
}

/// What one filter said about one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginVerdict {
    /// The pod may go there.
    Passed,
    /// It may not.
    Rejected,
    /// An earlier plugin had rejected the node already.
    NotAsked,
}

impl NodeRow {
    /// What each filter said, in the order in which they are asked.
    pub fn verdicts(&self) -> Vec<(&'static str, PluginVerdict)> {
        let filters = ALL.iter().filter(|plugin| plugin.filter.is_some()).map(|plugin| plugin.name);
        let rejecting = match &self.verdict {
            NodeVerdict::Rejected { plugin, .. } => Some(*plugin),
            NodeVerdict::Fits | NodeVerdict::NotExamined => None,
        };
        let mut asked = self.verdict != NodeVerdict::NotExamined;
        let mut verdicts = Vec::new();
        for name in filters {
            let rejected = rejecting == Some(name);
            let verdict = match (asked, rejected) {
                (true, true) => PluginVerdict::Rejected,
                (true, false) => PluginVerdict::Passed,
                (false, _) => PluginVerdict::NotAsked,
            };
            asked &= !rejected;
            verdicts.push((name, verdict));
        }
        verdicts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_traces_lose_their_rows_but_not_their_counts() {
        let trace = |name: &str| {
            let nodes = Rc::new((0..20_000).map(|slot| ("n".into(), slot)).collect());
            let detail = Detail { nodes, feasible: Vec::new(), rejected: Vec::new(), scores: Vec::new() };
            let examination = Examination { nodes: 200, detail: Some(Rc::new(detail)), ..Examination::default() };
            let pod = ObjectKey::new(api::Kind::Pod, "ns", name);
            let outcome = Outcome::Foreign;
            Rc::new(SchedulingTrace { pod, at: Time::default(), attempts: 1, outcome, examination: examination.into() })
        };
        let mut traces = Traces::default();
        for name in ["a", "b", "a", "c", "d"] {
            traces.insert(&trace(name));
        }
        let rows = |name: &str| traces.get(&trace(name).pod).map(|t| (t.examination.rows().len(), t.examination.nodes));
        assert_eq!(
            ["a", "b", "c", "d"].map(rows),
            [Some((20_000, 200)), Some((0, 200)), Some((20_000, 200)), Some((20_000, 200))]
        );
    }

    #[test]
    fn filters_behind_the_rejecting_one_were_not_asked() {
        let verdict = NodeVerdict::Rejected { plugin: "NodeName", reasons: Vec::new(), resolvable: false };
        let row = NodeRow { node: "n".into(), verdict, scores: Vec::new(), total: 0 };
        let first: Vec<_> = row.verdicts().into_iter().take(3).collect();
        assert_eq!(
            first,
            [
                ("NodeUnschedulable", PluginVerdict::Passed),
                ("NodeName", PluginVerdict::Rejected),
                ("TaintToleration", PluginVerdict::NotAsked),
            ]
        );
    }
}
