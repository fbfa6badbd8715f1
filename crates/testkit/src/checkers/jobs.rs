//! Jobs: each end of a pod is counted once.

use api::{Object, Str};
use apiserver::{Change, WatchEvent};
use std::collections::{BTreeMap, BTreeSet};

/// What was counted of the pods of each Job, by the Job's UID.
#[derive(Default)]
pub(super) struct Ends {
    jobs: BTreeMap<Str, Tally>,
}

/// What was counted of the pods of a Job: noted as uncounted first, then counted, each once.
#[derive(Default)]
struct Tally {
    succeeded: i32,
    failed: i32,
    uncounted: BTreeSet<Str>,
    counted: BTreeSet<Str>,
}

impl Ends {
    /// The end of a pod enters the counts of its Job once: its UID is noted as uncounted, and when the note goes, one
    /// of the counts has grown by one. Indexes are counted by their text, which can hold each only once.
    pub(super) fn ends_count_once(&mut self, event: &WatchEvent) -> Option<String> {
        let Object::Job(job) = &event.object else { return None };
        let (uid, name, status) = (&job.metadata.uid, &job.metadata.name, &job.status);
        if event.change == Change::Deleted {
            self.jobs.remove(uid);
            return None;
        }
        let tally = self.jobs.entry(uid.clone()).or_default();
        let lists = status.uncounted_terminated_pods.clone().unwrap_or_default();
        let noted: Vec<&Str> = lists.succeeded.iter().chain(&lists.failed).collect();
        let uncounted: BTreeSet<Str> = noted.iter().map(|uid| (*uid).clone()).collect();
        if uncounted.len() < noted.len() {
            return Some(format!("Job {name} notes a pod twice"));
        }
        if let Some(again) = uncounted.intersection(&tally.counted).next() {
            return Some(format!("Job {name} notes pod {again}, which it has counted"));
        }
        let counted: Vec<Str> = tally.uncounted.difference(&uncounted).cloned().collect();
        let grown = |now: i32, before: i32| usize::try_from(now - before).unwrap_or(usize::MAX);
        let succeeded = if job.is_indexed() { 0 } else { grown(status.succeeded, tally.succeeded) };
        let grown = succeeded.saturating_add(grown(status.failed, tally.failed));
        if grown != counted.len() {
            return Some(format!("the counts of Job {name} grow by {grown} as {} pods are counted", counted.len()));
        }
        if job.is_indexed() && status.succeeded != indexes(&status.completed_indexes) {
            return Some(format!("Job {name} counts {} successes of {}", status.succeeded, status.completed_indexes));
        }
        tally.counted.extend(counted);
        (tally.succeeded, tally.failed, tally.uncounted) = (status.succeeded, status.failed, uncounted);
        None
    }
}

/// How many indexes a text such as `0-3,5` names.
fn indexes(text: &str) -> i32 {
    let parts = text.split(',').filter(|part| !part.is_empty());
    let size = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(last.parse::<i32>().ok()? - first.parse::<i32>().ok()? + 1)
    };
    parts.map(|part| size(part).unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::tests::event;
    use api::Kind;
    use serde_json::json;

    #[test]
    fn an_end_that_is_counted_twice_is_seen() {
        let job = |status: serde_json::Value| {
            let body =
                json!({"metadata": {"name": "pi", "namespace": "default", "uid": "j"}, "spec": {}, "status": status});
            event(Change::Modified, Object::read(Kind::Job, body))
        };
        let noted = || job(json!({"uncountedTerminatedPods": {"succeeded": ["a"]}}));
        let look = |events: &[WatchEvent]| {
            let mut ends = Ends::default();
            events.iter().find_map(|event| ends.ends_count_once(event))
        };
        let counted = || job(json!({"succeeded": 1}));
        assert_eq!(look(&[noted(), counted()]), None);
        for wrong in [
            vec![counted()],
            vec![noted(), job(json!({"succeeded": 2}))],
            vec![noted(), job(json!({}))],
            vec![noted(), counted(), job(json!({"succeeded": 1, "uncountedTerminatedPods": {"succeeded": ["a"]}}))],
            vec![job(json!({"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["a"]}}))],
        ] {
            assert!(look(&wrong).is_some());
        }
    }
}
