//! `podground bench [NAME]`: how long the simulator takes, by the real clock. Figures are for people and for BENCHMARKS.md;
//! no test looks at them. With numbers it measures one workload (see [`crate::measure`]).

use crate::measure::{self, Request};
use cluster::{Cluster, Options};
use lexopt::{Arg, ValueExt};
use playback::{Input, Scenario, Session};
use sim::{SimDuration, SimTime};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// One measured thing.
struct Bench {
    name: &'static str,
    run: fn() -> Vec<(String, String)>,
}

const BENCHES: &[Bench] = &[
    Bench { name: "daemonset", run: daemon_set },
    Bench { name: "statefulset", run: stateful_set },
    Bench { name: "deployment", run: deployment },
    Bench { name: "pods", run: pods },
    Bench { name: "clone", run: clone },
    Bench { name: "seek", run: seek },
    Bench { name: "snapshot", run: snapshot },
    Bench { name: "manifest", run: manifest_check },
];

/// Runs all of them, or the one named, and prints one line a figure; with numbers, that workload.
pub fn main(mut args: lexopt::Parser) -> Result<i32, String> {
    let (mut values, mut kind, mut policy) = (Vec::new(), None, None);
    while let Some(arg) = args.next().map_err(|error| error.to_string())? {
        match arg {
            Arg::Value(value) => values.push(value.to_string_lossy().into_owned()),
            Arg::Long("kind") => kind = Some(text("kind", &mut args)?),
            Arg::Long("policy") => policy = Some(text("policy", &mut args)?),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let has_number = values.first().is_some_and(|value| value.starts_with(|c: char| c.is_ascii_digit()));
    if has_number || kind.is_some() || policy.is_some() {
        return measure::run(&Request::parse(&values, kind.as_deref(), policy.as_deref())?);
    }
    let only = values.into_iter().next();
    if let Some(name) = &only
        && BENCHES.iter().all(|bench| bench.name != name)
    {
        let names: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
        return Err(format!("no benchmark {name} (there are: {})", names.join(", ")));
    }
    for bench in BENCHES.iter().filter(|bench| only.as_ref().is_none_or(|name| bench.name == name)) {
        for (what, figure) in (bench.run)() {
            putln!("{:<64} {figure:>12}", what);
        }
    }
    Ok(0)
}

fn text(name: &str, args: &mut lexopt::Parser) -> Result<String, String> {
    args.value().and_then(|value| value.string()).map_err(|_| format!("--{name} needs a value"))
}

fn ms(elapsed: Duration) -> String {
    format!("{:.1} ms", elapsed.as_secs_f64() * 1000.0)
}

/// The most memory this process has had, in KiB, where the system tells.
pub(crate) fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split_once(' ')?.0.parse().ok()
}

fn session(nodes: u32, manifest: &str) -> Session {
    let mut scenario = Scenario::default();
    scenario.options.nodes = nodes;
    let mut session = Session::new(scenario);
    session.input(Input::WriteFile { path: "m.yaml".into(), content: manifest.into() });
    session.run("kubectl apply -f m.yaml");
    session
}

fn ready(cluster: &Cluster) -> usize {
    cluster.lister().list::<api::Pod>().filter(|pod| pod.is_ready()).count()
}

pub(crate) fn daemon_manifest(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      containers:\n      - name: c\n        image: agent:1\n        resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}\n---\n"
    )
}

pub(crate) fn set_manifest(replicas: u32, policy: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: s}}\nspec:\n  podManagementPolicy: {policy}\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: s}}}}\n  template:\n    metadata: {{labels: {{app: s}}}}\n    spec:\n      containers:\n      - name: c\n        image: app:1\n        resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}\n"
    )
}

/// Runs until everything is Ready; answers with the figures.
fn until_ready(what: &str, mut session: Session, wanted: usize) -> Vec<(String, String)> {
    let begun = Instant::now();
    while ready(session.cluster()) < wanted && session.cluster().now() < SimTime::from_millis(7_200_000) {
        session.settle(SimDuration::from_secs(60));
        if session.cluster().next_progress_at().is_none() {
            break;
        }
    }
    let elapsed = begun.elapsed();
    let reached = ready(session.cluster());
    let mut line = what.to_owned();
    let _ok = write!(line, ": {reached} of {wanted} Ready, {} steps", session.cluster().steps());
    let mut figures = vec![(line, ms(elapsed))];
    if let Some(peak) = peak_kib() {
        figures.push((format!("{what}: peak memory so far"), format!("{} MiB", peak / 1024)));
    }
    figures
}

fn daemon_set() -> Vec<(String, String)> {
    until_ready("DaemonSet over 5,000 nodes", session(5000, &daemon_manifest("a")), 5000)
}

fn stateful_set() -> Vec<(String, String)> {
    until_ready("StatefulSet Parallel of 1,000 on 100 nodes", session(100, &set_manifest(1000, "Parallel")), 1000)
}

pub(crate) fn deployment_manifest(replicas: u32, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: d}}}}\n  template:\n    metadata: {{labels: {{app: d}}}}\n    spec:\n      containers:\n      - name: c\n        image: {image}\n        resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}\n"
    )
}

/// A Deployment of 1,000: start, a rolling update, its end.
fn deployment() -> Vec<(String, String)> {
    let what = "Deployment of 1,000 on 100 nodes";
    let mut session = session(100, &deployment_manifest(1000, "app:1"));
    let mut figures = Vec::new();
    let mut timed = |name: &str, session: &mut Session| {
        let (begun, from) = (Instant::now(), session.cluster().now());
        session.settle(SimDuration::from_secs(3600));
        let seconds = session.cluster().now().since(from).as_millis() / 1000;
        let line = format!("{what}: {name}, {} Ready after {seconds} s", ready(session.cluster()));
        figures.push((line, ms(begun.elapsed())));
    };
    timed("start", &mut session);
    let update = deployment_manifest(1000, "app:2");
    session.input(Input::WriteFile { path: "m.yaml".into(), content: update.into() });
    session.run("kubectl apply -f m.yaml");
    timed("rolling update", &mut session);
    session.run("kubectl delete deployment d");
    timed("deletion", &mut session);
    figures
}

fn pods() -> Vec<(String, String)> {
    let manifests = |n: u32| (0..n).map(|i| daemon_manifest(&format!("d{i}"))).collect::<String>();
    let mut figures = until_ready("1,000 pods on 100 nodes (10 DaemonSets)", session(100, &manifests(10)), 1000);
    figures.extend(until_ready("10,000 pods on 1,000 nodes", session(1000, &manifests(10)), 10_000));
    figures.extend(until_ready("100,000 pods on 5,000 nodes", session(5000, &manifests(20)), 100_000));
    figures
}

fn ten_thousand() -> Session {
    let manifest: String = (0..10).map(|i| daemon_manifest(&format!("d{i}"))).collect();
    let mut session = session(1000, &manifest);
    session.settle(SimDuration::from_secs(600));
    session
}

fn clone() -> Vec<(String, String)> {
    let session = ten_thousand();
    let begun = Instant::now();
    let clones: Vec<Cluster> = (0..100).map(|_| session.cluster().clone()).collect();
    let each = begun.elapsed() / 100;
    vec![(format!("clone of a cluster with {} pods", ready(&clones[0])), ms(each))]
}

fn seek() -> Vec<(String, String)> {
    let manifest: String = (0..10).map(|i| daemon_manifest(&format!("d{i}"))).collect();
    let mut session = session(100, &manifest);
    session.seek(SimTime::from_millis(600_000));
    let mut worst = Duration::ZERO;
    for at in [3_000, 599_000, 1_000, 300_000, 10_000, 450_000, 0] {
        let begun = Instant::now();
        session.seek(SimTime::from_millis(at));
        worst = worst.max(begun.elapsed());
    }
    session.seek(SimTime::from_millis(600_000));
    let begun = Instant::now();
    session.step_back();
    vec![
        ("seek in a 10-minute session of 1,000 pods, slowest of 7".to_owned(), ms(worst)),
        ("step back there".to_owned(), ms(begun.elapsed())),
    ]
}

/// A first picture, and then those of a second of frames at tenfold speed while one of ten sets is rolled out anew.
fn snapshot() -> Vec<(String, String)> {
    let mut session = ten_thousand();
    let begun = Instant::now();
    let first = session.snapshot();
    let mut figures = vec![(format!("first picture of {} pods", first.pods.len()), ms(begun.elapsed()))];
    session.run("kubectl rollout restart daemonset d0");
    let mut frames = Vec::new();
    for _ in 0..60 {
        let at = session.cluster().now() + SimDuration::from_millis(167);
        session.seek(at);
        let begun = Instant::now();
        session.snapshot();
        frames.push(begun.elapsed());
    }
    frames.sort_unstable();
    figures.push(("next picture in a frame, 95th percentile of 60".to_owned(), ms(frames[56])));
    figures
}

fn manifest_check() -> Vec<(String, String)> {
    let one = daemon_manifest("a");
    let text = one.repeat((1 << 20) / one.len());
    let begun = Instant::now();
    let diagnostics = manifest::check("big.yaml", &text);
    let parsed = begun.elapsed();
    let begun = Instant::now();
    let fresh = Cluster::new(&Options::default());
    vec![
        (format!("manifest of 1 MB parsed and checked ({} findings)", diagnostics.len()), ms(parsed)),
        (format!("a fresh cluster of {} nodes", fresh.lister().list::<api::Node>().count()), ms(begun.elapsed())),
    ]
}
