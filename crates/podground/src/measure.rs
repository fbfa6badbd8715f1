//! `podground bench NODES PODS --kind KIND`: one workload brought up to the last Ready pod, and what that cost, as one
//! line of JSON.

use crate::bench::{daemon_manifest, deployment_manifest, peak_kib, set_manifest};
use api::Pod;
use playback::{Input, Scenario, Session};
use sim::SimDuration;
use std::time::{Duration, Instant};

/// The most nodes: Kubernetes' own limit.
const MAX_NODES: u32 = 5000;
/// How many pods a node takes.
const PODS_PER_NODE: u32 = 110;
/// Virtual time after which the run is given up.
const LONGEST: SimDuration = SimDuration::from_secs(24 * 3600);

/// What is brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Workload {
    Deployment,
    DaemonSet,
    StatefulSet,
}

/// What the command line asks for.
#[derive(Debug)]
pub struct Request {
    nodes: u32,
    pods: u32,
    workload: Workload,
    policy: &'static str,
}

impl Request {
    /// Reads numbers and options; an error is one line for the user.
    pub fn parse(numbers: &[String], kind: Option<&str>, policy: Option<&str>) -> Result<Self, String> {
        let workload = match kind.unwrap_or("deployment").to_ascii_lowercase().as_str() {
            "deployment" => Workload::Deployment,
            "daemonset" => Workload::DaemonSet,
            "statefulset" => Workload::StatefulSet,
            other => return Err(format!("--kind: \"{other}\" is none of deployment, daemonset, statefulset")),
        };
        let policy = match policy {
            None => "OrderedReady",
            Some(_) if workload != Workload::StatefulSet => {
                return Err("--policy is for --kind statefulset".to_owned());
            }
            Some("OrderedReady") => "OrderedReady",
            Some("Parallel") => "Parallel",
            Some(other) => return Err(format!("--policy: \"{other}\" is none of OrderedReady, Parallel")),
        };
        let nodes = match numbers.first() {
            Some(text) => number("NODES", text)?,
            None => return Err("--kind and --policy need NODES and PODS (podground bench NODES PODS)".to_owned()),
        };
        let pods = match (numbers.get(1), workload) {
            (Some(text), _) => number("PODS", text)?,
            (None, Workload::DaemonSet) => nodes,
            (None, _) => return Err("how many pods? (podground bench NODES PODS --kind KIND)".to_owned()),
        };
        if let Some(more) = numbers.get(2) {
            return Err(format!("\"{more}\": only NODES and PODS are numbers"));
        }
        let request = Request { nodes, pods, workload, policy };
        request.check_room()?;
        Ok(request)
    }

    /// Says at once what no scheduler could do.
    fn check_room(&self) -> Result<(), String> {
        let Request { nodes, pods, .. } = *self;
        if !(1..=MAX_NODES).contains(&nodes) {
            return Err(format!("NODES: 1 to {MAX_NODES}, not {nodes}"));
        }
        let room = nodes * PODS_PER_NODE;
        if pods > room {
            let needed = pods.div_ceil(PODS_PER_NODE);
            return Err(format!(
                "{pods} pods do not fit on {nodes} nodes: a node takes {PODS_PER_NODE} pods, so there is room for {room}; {pods} pods need {needed} nodes"
            ));
        }
        if self.workload == Workload::DaemonSet && pods % nodes != 0 {
            return Err(format!(
                "a DaemonSet has one pod on each node: PODS must be a multiple of NODES ({pods} is none of {nodes})"
            ));
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        match self.workload {
            Workload::Deployment => "deployment",
            Workload::DaemonSet => "daemonset",
            Workload::StatefulSet => "statefulset",
        }
    }

    fn manifest(&self) -> String {
        match self.workload {
            Workload::Deployment => deployment_manifest(self.pods, "app:1"),
            Workload::StatefulSet => set_manifest(self.pods, self.policy),
            Workload::DaemonSet => (0..self.pods / self.nodes).map(|i| daemon_manifest(&format!("d{i}"))).collect(),
        }
    }
}

fn number(name: &str, text: &str) -> Result<u32, String> {
    text.replace(['_', ','], "").parse().map_err(|_| format!("{name}: \"{text}\" is no number"))
}

/// Brings the workload up from an empty cluster, as a user's session does, and prints the line.
pub fn run(request: &Request) -> Result<i32, String> {
    let (begun, cpu) = (Instant::now(), cpu_time());
    let mut scenario = Scenario::default();
    scenario.options.nodes = request.nodes;
    let mut session = Session::new(scenario).forward_only();
    session.input(Input::WriteFile { path: "m.yaml".into(), content: request.manifest().into() });
    session.run("kubectl apply -f m.yaml");
    session.settle(LONGEST);
    let (ready, last) = readiness(&session);
    if ready < request.pods as usize {
        return Err(format!(
            "{ready} of {} pods are Ready, and nothing is left to happen: {}",
            request.pods,
            why(&session)
        ));
    }
    let wall = begun.elapsed();
    let cpu = match (cpu, cpu_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        // One thread that never waits: it is on a processor for as long as it takes.
        _ => wall,
    };
    putln!(
        "{{\"nodes\": {}, \"pods\": {ready}, \"kind\": \"{}\", \"wall_s\": {:.4}, \"cpu_s\": {:.4}, \"rss_mb\": {:.1}, \"virtual_s\": {:.3}}}",
        request.nodes,
        request.kind(),
        wall.as_secs_f64(),
        cpu.as_secs_f64(),
        peak_kib().unwrap_or(0) as f64 / 1024.0,
        last.as_millis() as f64 / 1000.0
    );
    // The process ends here: taking a hundred thousand pods apart would only take time.
    std::mem::forget(session);
    Ok(0)
}

/// How many pods are Ready, and when the last of them became so.
fn readiness(session: &Session) -> (usize, SimDuration) {
    let cluster = session.cluster();
    let since = |pod: &Pod| {
        let ready = pod.status.conditions.iter().find(|c| c.r#type == "Ready" && c.status == "True")?;
        let at = ready.last_transition_time?;
        Some(cluster.clock().sim_time(at.unix_millis()).since(sim::SimTime::ZERO))
    };
    let times: Vec<SimDuration> = cluster.lister().list::<Pod>().filter_map(|pod| since(pod)).collect();
    (times.len(), times.into_iter().max().unwrap_or(SimDuration::ZERO))
}

/// What holds the first pod back that is not Ready, in the cluster's own words.
fn why(session: &Session) -> String {
    let wait = session.cluster().waits().find(|record| record.wait.who.kind == api::Kind::Pod);
    wait.map_or("no pod waits for anything".to_owned(), |record| {
        format!("{}: {}", record.wait.who.name, record.wait.message)
    })
}

/// How long this process has been on a processor, to the nanosecond, where the system tells. Linux adds up at each tick
/// of its clock and whenever a thread gives way, so this one does first: a run may be shorter than a tick.
fn cpu_time() -> Option<Duration> {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(numbers: &[&str], kind: &str, policy: Option<&str>, expected: Expect) {
        let numbers: Vec<String> = numbers.iter().map(|text| (*text).to_owned()).collect();
        let answer = Request::parse(&numbers, Some(kind), policy);
        let text = answer.map_or_else(|why| why, |r| format!("{} {} {} {}", r.nodes, r.pods, r.kind(), r.policy));
        expected.assert_eq(&text);
    }

    #[test]
    fn what_cannot_be_is_said_before_anything_runs() {
        check(&["100", "1000"], "deployment", None, expect!["100 1000 deployment OrderedReady"]);
        check(&["5000"], "daemonset", None, expect!["5000 5000 daemonset OrderedReady"]);
        check(&["3", "50"], "statefulset", Some("Parallel"), expect!["3 50 statefulset Parallel"]);
        check(
            &["5", "1000"],
            "deployment",
            None,
            expect![
                "1000 pods do not fit on 5 nodes: a node takes 110 pods, so there is room for 550; 1000 pods need 10 nodes"
            ],
        );
        check(
            &["100", "150"],
            "daemonset",
            None,
            expect!["a DaemonSet has one pod on each node: PODS must be a multiple of NODES (150 is none of 100)"],
        );
        check(&["100", "x"], "deployment", None, expect![[r#"PODS: "x" is no number"#]]);
        check(&["100", "10"], "pod", None, expect![[r#"--kind: "pod" is none of deployment, daemonset, statefulset"#]]);
        check(&["100", "10"], "deployment", Some("Parallel"), expect!["--policy is for --kind statefulset"]);
    }
}
