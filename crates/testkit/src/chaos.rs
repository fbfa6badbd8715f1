//! Seeded random runs: workloads, users and faults, with every invariant looked at after every step.

use crate::checkers::{Checkers, settled};
use crate::fixtures;
use cluster::Cluster;
use playback::{Scenario, Session};
use sim::{Rng, SimDuration, SimTime};
use std::collections::BTreeSet;

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed, to repeat it.
    pub seed: u64,
    /// What broke, with the moment and the commands before it; empty if nothing did.
    pub broken: Vec<String>,
    /// Interesting states that were reached at least once.
    pub reached: BTreeSet<&'static str>,
    /// The commands that were given.
    pub commands: Vec<String>,
    /// A digest of everything that happened, to compare runs.
    pub digest: u64,
}

/// Runs one seed for `minutes` of virtual time.
pub fn run(seed: u64, minutes: u64) -> Report {
    let mut rng = Rng::new(seed);
    let mut report = Report { seed, ..Report::default() };
    let mut session = session(seed);
    let mut checkers = Checkers::default();
    for manifest in ["mysql.yaml", "fluentd.yaml", "cache.yaml", "web.yaml", "jobs.yaml"] {
        give(&mut session, &mut report, format!("kubectl apply -f {manifest}"));
    }
    let end = SimTime::ZERO + SimDuration::from_secs(minutes * 60);
    while session.cluster().now() < end && report.broken.is_empty() {
        let pause = SimDuration::from_millis(200 + rng.below(20_000));
        let until = session.cluster().now() + pause;
        follow(&mut session, until, &mut checkers, &mut report);
        let command = command(&mut rng, session.cluster());
        give(&mut session, &mut report, command);
    }
    for command in [
        "for n in $(kubectl get nodes -o name); do kubectl uncordon $n; done",
        "sim image fix redis:8",
        "sim image fix mysql:8.4",
    ] {
        give(&mut session, &mut report, command.to_owned());
    }
    let rest = session.cluster().now() + SimDuration::from_secs(900);
    follow(&mut session, rest, &mut checkers, &mut report);
    if report.broken.is_empty() {
        report.broken.extend(settled(session.cluster()));
        report.broken.extend(checkers.mirror_equals_store(session.cluster().lister()).err());
    }
    report.digest = cluster::digest(session.cluster());
    report
}

fn session(seed: u64) -> Session {
    let mut scenario = Scenario::default();
    scenario.options.seed = seed;
    let files = [
        ("mysql.yaml", fixtures::MYSQL),
        ("fluentd.yaml", fixtures::FLUENTD),
        ("cache.yaml", fixtures::PARALLEL),
        ("web.yaml", fixtures::WEB),
        ("jobs.yaml", fixtures::JOBS),
    ];
    scenario.files = files
        .iter()
        .map(|(name, content)| playback::ScenarioFile { name: (*name).into(), content: (*content).into() })
        .collect();
    Session::new(scenario)
}

fn give(session: &mut Session, report: &mut Report, command: String) {
    session.run(&command);
    report.commands.push(format!("{} {command}", session.cluster().now().as_millis()));
    // A command that waits goes on while time does.
}

/// Moves on to `until`, looking at every step.
fn follow(session: &mut Session, until: SimTime, checkers: &mut Checkers, report: &mut Report) {
    while session.cluster().now() < until {
        let steps = session.cluster().steps();
        let step = session.step_towards(until);
        if session.cluster().steps() == steps {
            continue;
        }
        note(session.cluster(), report);
        let broken = checkers.look(session.cluster(), step.as_ref());
        if !broken.is_empty() {
            let at = session.cluster().now().as_millis();
            report.broken.extend(broken.into_iter().map(|what| format!("at {at} ms: {what}")));
            return;
        }
    }
}

/// What a user or the world does next.
fn command(rng: &mut Rng, cluster: &Cluster) -> String {
    let lister = cluster.lister();
    let pods: Vec<&str> = lister.list_in::<api::Pod>("default").map(|pod| pod.metadata.name.as_str()).collect();
    let nodes: Vec<&str> = lister.list::<api::Node>().map(|node| node.metadata.name.as_str()).collect();
    let mut pick = |names: &[&str]| -> String {
        let at = usize::try_from(rng.below(names.len() as u64)).unwrap_or(0);
        names.get(at).copied().unwrap_or("none").to_owned()
    };
    let (pod, node, set) = (pick(&pods), pick(&nodes), pick(&["mysql", "cache"]));
    let job = pick(&["import", "shards"]);
    match rng.below(24) {
        0 | 1 => format!("kubectl scale statefulset {set} --replicas={}", rng.below(6)),
        2 | 3 => format!("kubectl delete pod {pod} --wait=false"),
        4 => format!("kubectl delete pod {pod} --grace-period=0 --force"),
        5 => format!("sim node add extra-{}", rng.below(1000)),
        6 if nodes.len() > 2 => format!("sim node remove {node}"),
        7 => format!("sim pod crash {pod}"),
        8 => format!("sim pod {} {pod}", if rng.below(2) == 0 { "unready" } else { "ready" }),
        9 => format!(
            "sim image {} {}",
            ["break", "crash", "unready", "fix"][rng.below(4) as usize],
            ["redis:8", "mysql:8.4"][rng.below(2) as usize]
        ),
        10 => format!("kubectl delete statefulset {set} --wait=false"),
        11 => "kubectl apply -f mysql.yaml -f cache.yaml -f fluentd.yaml -f web.yaml -f jobs.yaml".to_owned(),
        13 => format!("kubectl scale deployment web --replicas={}", rng.below(9)),
        14 | 15 => {
            let image = ["nginx:1.25", "nginx:1.26", "nginx:1.27"][rng.below(3) as usize];
            format!(
                "kubectl patch deployment web -p '{{\"spec\":{{\"template\":{{\"spec\":{{\"containers\":[{{\"name\":\"nginx\",\"image\":\"{image}\"}}]}}}}}}}}'"
            )
        }
        16 => {
            format!("kubectl rollout {} deployment web", ["undo", "restart", "pause", "resume"][rng.below(4) as usize])
        }
        17 => format!(
            "kubectl patch deployment web -p '{}'",
            [
                r#"{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}"#,
                r#"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":2}}}}"#,
                r#"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"50%","maxUnavailable":0}}}}"#,
            ][rng.below(3) as usize]
        ),
        18 => format!(
            "kubectl delete deployment web --wait=false --cascade={}",
            ["background", "foreground", "orphan"][rng.below(3) as usize]
        ),
        19 => format!(
            "kubectl delete job {job} --wait=false --cascade={}",
            ["background", "foreground", "orphan"][rng.below(3) as usize]
        ),
        20 => format!("kubectl patch job {job} -p '{{\"spec\":{{\"suspend\":{}}}}}'", rng.below(2) == 0),
        21 => format!("kubectl patch job import -p '{{\"spec\":{{\"parallelism\":{}}}}}'", rng.below(4)),
        22 => format!("kubectl create job manual-{} --from=cronjob/report", rng.below(1000)),
        12 => format!("kubectl {} {node}", if rng.below(2) == 0 { "cordon" } else { "uncordon" }),
        _ => format!("kubectl label node {node} disk=ssd --overwrite"),
    }
}

/// Notes interesting states.
fn note(cluster: &Cluster, report: &mut Report) {
    for record in cluster.waits() {
        let state = match record.wait.rule.as_str() {
            "RollingUpdate" if record.wait.who.kind == api::Kind::Deployment => "a rollout waits for its new pods",
            "ProgressDeadlineExceeded" => "a rollout is late",
            "Recreate" => "a rollout waits for its old pods to be gone",
            "BackOff" if record.wait.who.kind == api::Kind::Job => "a Job waits after failures",
            "Suspended" if record.wait.who.kind == api::Kind::Job => "a Job is suspended",
            "PodReplacementPolicy" => "a pod is replaced only at its end",
            "Forbid" => "a start waits for the Job before it",
            "OrderedReady" => "a pod waits for a lower ordinal",
            "FailedScheduling" => "a pod cannot be scheduled",
            "CrashLoopBackOff" => "a container waits in crash loop back-off",
            "ImagePullBackOff" | "ErrImagePull" => "an image cannot be pulled",
            "PodGC" => "a pod is left over from a node that is gone",
            "WaitForFirstConsumer" | "WaitForPodScheduled" => "a claim waits for its pod",
            _ => continue,
        };
        report.reached.insert(state);
    }
}
