//! The last scheduling attempt of a pod as a table of nodes and plugins.

use super::text;
use crate::{ScheduleRow, Scheduling, Text, Verdict};
use scheduler::{NodeRow, NodeVerdict, Outcome, PluginVerdict, SchedulingTrace};

pub(super) fn table(trace: &SchedulingTrace) -> Scheduling {
    let chosen = match &trace.outcome {
        Outcome::Bound { node } | Outcome::AwaitsVolumes { node } => Some(node),
        _ => None,
    };
    let rows = trace.examination.rows();
    let filters: Vec<&'static str> =
        rows.first().map(NodeRow::verdicts).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
    let scorers = scorers(&rows);
    let row = |row: &NodeRow| ScheduleRow {
        node: text(&row.node),
        verdicts: row.verdicts().into_iter().map(|(_, verdict)| shown(verdict)).collect(),
        scores: if row.scores.is_empty() { Vec::new() } else { scorers.iter().map(|name| points(row, name)).collect() },
        total: row.total,
        reason: reason(&row.verdict),
        is_chosen: chosen == Some(&row.node),
    };
    Scheduling {
        outcome: outcome(trace),
        attempts: trace.attempts,
        rows: rows.iter().map(row).collect(),
        filters: filters.into_iter().map(text).collect(),
        scorers: scorers.into_iter().map(text).collect(),
    }
}

/// The plugins that gave any node points, in their order.
fn scorers(rows: &[NodeRow]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|row| &row.scores) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    names
}

fn points(row: &NodeRow, plugin: &str) -> i64 {
    row.scores.iter().find(|(name, _)| *name == plugin).map_or(0, |(_, points)| *points)
}

fn shown(verdict: PluginVerdict) -> Verdict {
    match verdict {
        PluginVerdict::Passed => Verdict::Passed,
        PluginVerdict::Rejected => Verdict::Rejected,
        PluginVerdict::NotAsked => Verdict::NotAsked,
    }
}

fn reason(verdict: &NodeVerdict) -> Text {
    match verdict {
        NodeVerdict::Fits => text(""),
        NodeVerdict::Rejected { plugin, reasons, .. } => format!("{plugin}: {}", reasons.join(", ")).into(),
        NodeVerdict::NotExamined => text("not looked at: enough other nodes fit"),
    }
}

fn outcome(trace: &SchedulingTrace) -> Text {
    let seen = &trace.examination;
    match &trace.outcome {
        Outcome::Bound { node } => {
            format!("{} of {} nodes fit; {node} has the most points.", seen.feasible, seen.nodes).into()
        }
        Outcome::AwaitsVolumes { node } => format!("It goes to {node} as soon as its volumes are there.").into(),
        Outcome::Unschedulable { message, .. } | Outcome::Failed { message } | Outcome::Gated { message } => {
            text(message)
        }
        Outcome::Foreign => text("Another scheduler is to bind it."),
        Outcome::Deleted => text("It is being deleted."),
    }
}
