//! The status sentence, and the list of what is wrong or waits.

use super::{Context, reference, text};
use crate::{ObjectRef, PodTile, Problem, Segment, Severity, StatusSentence, TileState};
use api::{Node, ObjectKey};
use cluster::WaitRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What is wrong or waits, worst first.
pub(super) fn problems(ctx: &Context<'_>, pods: &[Rc<PodTile>]) -> Rc<[Problem]> {
    let mut problems: Vec<Problem> = Vec::new();
    for node in ctx.lister.list::<Node>().filter(|node| !node.is_ready()) {
        let text = format!("{} is not Ready", node.metadata.name).into();
        problems.push(Problem { severity: Severity::Bad, target: reference(&api::Resource::key(&**node)), text });
    }
    for pod in pods.iter().filter(|pod| pod.state == TileState::Failing) {
        let text = pod.waiting.clone().unwrap_or_else(|| format!("{} is {}", pod.name, pod.status).into());
        problems.push(Problem { severity: Severity::Bad, target: pod.target(), text });
    }
    let mut told: BTreeSet<ObjectRef> = problems.iter().map(|problem| problem.target.clone()).collect();
    for record in ctx.waits.values().flatten() {
        let target = reference(&record.wait.who);
        if told.insert(target.clone()) {
            problems.push(Problem { severity: severity_of(record), target, text: text(&record.wait.message) });
        }
    }
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    problems.into()
}

fn severity_of(record: &WaitRecord) -> Severity {
    match record.wait.rule.as_str() {
        "FailedScheduling"
        | "CrashLoopBackOff"
        | "ImagePullBackOff"
        | "ErrImagePull"
        | "FailedMount"
        | "CreateContainerConfigError"
        | "ProvisioningFailed"
        | "FailedCreate"
        | "ProgressDeadlineExceeded" => Severity::Bad,
        "ContainerCreating" | "ExternalProvisioning" | "ReadinessProbe" => Severity::Busy,
        _ => Severity::Waiting,
    }
}

/// One sentence on what is going on and what it waits for.
pub(super) fn sentence(ctx: &Context<'_>, pods: &[Rc<PodTile>]) -> StatusSentence {
    let nodes = ctx.lister.list::<Node>().count();
    if pods.is_empty() && ctx.waits.is_empty() {
        let plain = format!("{}. Nothing runs yet: write a manifest and press Apply.", counted(nodes, "node"));
        return StatusSentence { segments: [Segment::Plain(plain.into())].into(), ..StatusSentence::default() };
    }
    match worst(ctx) {
        Some(record) => about(record),
        None => calm(ctx, pods, nodes),
    }
}

/// The wait that explains most: failures first, then what holds others back, then the longest one.
fn worst<'c>(ctx: &'c Context<'_>) -> Option<&'c WaitRecord> {
    let mut awaited: BTreeMap<&ObjectKey, usize> = BTreeMap::new();
    for record in ctx.waits.values().flatten() {
        for key in record.wait.awaits.iter().collect::<BTreeSet<_>>() {
            *awaited.entry(key).or_default() += 1;
        }
    }
    let awaited = |key: &ObjectKey| awaited.get(key).copied().unwrap_or(0);
    ctx.waits
        .values()
        .flatten()
        .copied()
        .max_by_key(|record| {
            let severity = severity_of(record);
            let blocks = if severity == Severity::Bad { awaited(&record.wait.who) } else { record.wait.awaits.len() };
            (severity, blocks, std::cmp::Reverse((record.since, record.wait.who.clone())))
        })
        .filter(|record| severity_of(record) >= Severity::Busy)
}

fn about(record: &WaitRecord) -> StatusSentence {
    let wait = &record.wait;
    let name = Segment::Link { text: text(&wait.who.name), target: reference(&wait.who) };
    let message = wait.message.trim_end_matches('.');
    // The name as a whole: `mysql-2` does not begin with `mysql`.
    let rest = message.strip_prefix(wait.who.name.as_str()).filter(|rest| rest.starts_with(' '));
    let first_word = message.split(' ').next().unwrap_or("");
    let mut segments = match rest {
        Some(rest) => vec![name, Segment::Plain(text(rest))],
        // The sentence is about something else by name, such as the pod that a StatefulSet has not made yet.
        None if !first_word.chars().all(char::is_alphabetic) => vec![
            Segment::Link { text: text(first_word), target: reference(&wait.who) },
            Segment::Plain(text(&message[first_word.len()..])),
        ],
        None => vec![name, Segment::Strong(" waits. ".into()), Segment::Plain(capitalised(message))],
    };
    if let Some(first) = wait.awaits.first().filter(|key| !wait.message.contains(key.name.as_str())) {
        segments.push(Segment::Plain("; it waits for ".into()));
        segments.push(Segment::Link { text: text(&first.name), target: reference(first) });
    }
    segments.push(Segment::Plain(".".into()));
    StatusSentence { severity: severity_of(record), segments: segments.into(), why: Some(why(record)) }
}

/// A sentence with its first letter in capitals.
fn capitalised(sentence: &str) -> crate::Text {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect()).into()
}

/// The longer answer: the rule, who keeps it, where it is documented.
fn why(record: &WaitRecord) -> crate::Text {
    let wait = &record.wait;
    let awaits: Vec<String> = wait.awaits.iter().map(ObjectKey::to_string).collect();
    let mut lines = vec![wait.message.clone(), format!("Rule: {} (kept by {}).", wait.rule, record.reporter)];
    if !awaits.is_empty() {
        lines.push(format!("Waits for: {}.", awaits.join(", ")));
    }
    if !wait.doc.is_empty() {
        lines.push(format!("More: kubernetes.io/docs/{}", wait.doc));
    }
    lines.join("\n").into()
}

fn calm(ctx: &Context<'_>, pods: &[Rc<PodTile>], nodes: usize) -> StatusSentence {
    let ready = pods.iter().filter(|pod| pod.is_ready).count();
    let lost = ctx.lister.list::<Node>().filter(|node| !node.is_ready()).count();
    let running = pods.iter().filter(|pod| pod.state != TileState::Completed).count();
    let (severity, rest) = match (lost, ready == running) {
        (0, true) => (Severity::Good, format!("all {} ready.", counted(running, "pod"))),
        (0, false) => (Severity::Busy, format!("{ready} of {} ready.", counted(running, "pod"))),
        (lost, _) => (
            Severity::Bad,
            format!("{} not Ready; {ready} of {} ready.", counted(lost, "node"), counted(running, "pod")),
        ),
    };
    let segments = [Segment::Strong(format!("{}: ", counted(nodes, "node")).into()), Segment::Plain(rest.into())];
    StatusSentence { severity, segments: segments.into(), why: None }
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
