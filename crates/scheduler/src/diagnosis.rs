//! The message of a pod that fits nowhere, to the letter.
//! Models: pkg/scheduler/framework/types.go (FitError), pkg/scheduler/schedule_one.go (truncateMessage).

use crate::cycle::{NodeStatuses, Rejection};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is said when there is no node at all.
pub(crate) const NO_NODES: &str = "no nodes available to schedule pods";

/// The longest message an event may carry.
const EVENT_LIMIT: usize = 1024;

/// How often each reason was given.
pub(crate) type Histogram<'a> = BTreeMap<Cow<'a, str>, usize>;

/// Counts the reasons of all nodes, those that were not examined included.
pub(crate) fn histogram(statuses: &NodeStatuses, nodes: usize) -> Histogram<'_> {
    let mut reasons = count(statuses.explicit.iter().map(|(_, rejection)| rejection));
    if let (Some(absent), Some(others @ 1..)) = (&statuses.absent, nodes.checked_sub(statuses.explicit.len())) {
        *reasons.entry(absent.as_str().into()).or_insert(0) += others;
    }
    reasons
}

fn count<'a>(rejections: impl Iterator<Item = &'a Rejection>) -> Histogram<'a> {
    let mut reasons = Histogram::new();
    for reason in rejections.flat_map(|rejection| &rejection.reasons) {
        *reasons.entry(Cow::Borrowed(reason.as_ref())).or_insert(0) += 1;
    }
    reasons
}

/// `0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 Insufficient cpu.`
fn summary(nodes: usize, reasons: &Histogram<'_>) -> String {
    // Sorted as texts, count first: that is upstream's order.
    let mut texts: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    texts.sort_unstable();
    let mut message = format!("0/{nodes} nodes are available:");
    if !texts.is_empty() {
        message.push_str(&format!(" {}.", texts.join(", ")));
    }
    message
}

/// The message of a pod that no node fits; `after` is what the post-filter plugins have to say.
pub(crate) fn no_fit(nodes: usize, statuses: &NodeStatuses, after: &str) -> String {
    with(summary(nodes, &histogram(statuses, nodes)), after)
}

/// The message of a pod that was rejected before any node was looked at.
pub(crate) fn rejected(nodes: usize, reason: &str, after: &str) -> String {
    with(format!("0/{nodes} nodes are available: {reason}."), after)
}

fn with(mut message: String, after: &str) -> String {
    if !after.is_empty() {
        message.push(' ');
        message.push_str(after);
    }
    message
}

/// What preemption says when it finds no candidate; nodes it did not try could not be helped by it.
pub(crate) fn no_candidates(nodes: usize, rejections: &[Rejection]) -> String {
    let mut reasons = count(rejections.iter());
    if let Some(others @ 1..) = nodes.checked_sub(rejections.len()) {
        *reasons.entry("Preemption is not helpful for scheduling".into()).or_insert(0) += others;
    }
    summary(nodes, &reasons)
}

/// The message as an event carries it.
pub(crate) fn for_event(message: &str) -> String {
    if message.len() <= EVENT_LIMIT {
        return message.to_owned();
    }
    let suffix = " ...";
    let mut end = EVENT_LIMIT - suffix.len();
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &message[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_sorted_as_text_and_may_exceed_the_nodes() {
        let explicit = vec![
            (0, Rejection::of("node(s) had untolerated taint(s)")),
            (
                1,
                Rejection {
                    reasons: vec!["Insufficient cpu".into(), "Insufficient memory".into()],
                    ..Rejection::of("")
                },
            ),
            (2, Rejection { reasons: vec!["Insufficient cpu".into()], ..Rejection::of("") }),
        ];
        let statuses = NodeStatuses { explicit, absent: None };
        assert_eq!(
            no_fit(3, &statuses, ""),
            "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 2 Insufficient cpu."
        );
        assert_eq!(rejected(3, "x", "not found"), "0/3 nodes are available: x. not found");
        assert_eq!(for_event(&"é".repeat(600)).len(), 1024);
    }
}
