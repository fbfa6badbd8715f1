//! What a user or the world does next in a seeded run.

use api::{Node, Object, PersistentVolumeClaim, Pod, Resource};
use cluster::Cluster;
use sim::Rng;

const IMAGES: &[&str] = &["redis:8", "mysql:8.4", "nginx:1.25", "nginx:1.26", "agent:1", "agent:2", "busybox:1"];

/// Draws of one turn.
struct Draw<'a> {
    rng: &'a mut Rng,
    cluster: &'a Cluster,
}

impl Draw<'_> {
    fn below(&mut self, n: u64) -> u64 {
        self.rng.below(n)
    }

    fn of<'a>(&mut self, names: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.below(names.len() as u64)).unwrap_or(0);
        names.get(at).copied().unwrap_or("none")
    }

    fn named<T: Resource + 'static>(&mut self) -> String {
        let lister = self.cluster.lister();
        let names: Vec<&str> = lister.list::<T>().map(|object| object.meta().name.as_str()).collect();
        self.of(&names).to_owned()
    }

    fn pod(&mut self) -> String {
        let pods = self.cluster.lister().list_in::<Pod>("default");
        let names: Vec<&str> = pods.map(|pod| pod.metadata.name.as_str()).collect();
        self.of(&names).to_owned()
    }

    fn cascade(&mut self) -> &'static str {
        self.of(&["background", "foreground", "orphan"])
    }
}

/// The next command.
pub(super) fn next(rng: &mut Rng, cluster: &Cluster) -> String {
    let mut draw = Draw { rng, cluster };
    match draw.below(10) {
        0 | 1 => on_pods(&mut draw),
        2 | 3 => on_nodes(&mut draw),
        4 => on_images(&mut draw),
        5 => on_stateful_sets(&mut draw),
        6 => on_daemon_sets(&mut draw),
        7 => on_deployments(&mut draw),
        8 => on_jobs(&mut draw),
        _ => on_the_rest(&mut draw),
    }
}

fn on_pods(draw: &mut Draw<'_>) -> String {
    let pod = draw.pod();
    match draw.below(7) {
        0..=2 => format!("kubectl delete pod {pod} --wait=false"),
        3 => format!("kubectl delete pod {pod} --grace-period=0 --force"),
        4 => format!("sim pod crash {pod} --exit-code {}", draw.below(3)),
        5 => format!("sim pod unready {pod}"),
        _ => format!("sim pod ready {pod}"),
    }
}

fn on_nodes(draw: &mut Draw<'_>) -> String {
    let node = draw.named::<Node>();
    match draw.below(17) {
        0 => format!("sim node add extra-{} --label disk=ssd", draw.below(1000)),
        1 if draw.cluster.lister().list::<Node>().count() > 2 => format!("sim node remove {node}"),
        2 => format!("sim node stop {node}"),
        3 | 4 => format!("sim node start {node}"),
        5 => format!("sim node partition {node}"),
        6 | 7 => format!("sim node heal {node}"),
        8 => format!("kubectl taint node {node} dedicated=db:NoSchedule --overwrite"),
        9 => format!("kubectl taint node {node} broken=yes:NoExecute --overwrite"),
        10 => format!("kubectl taint node {node} {}-", draw.of(&["dedicated", "broken"])),
        11 | 14 | 15 => {
            format!("kubectl drain {node} --ignore-daemonsets --force --delete-emptydir-data --timeout=90s")
        }
        12 => format!("kubectl uncordon {node}"),
        13 => format!("kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute --overwrite"),
        _ => format!("kubectl label node {node} disk={} --overwrite", draw.of(&["ssd", "hdd"])),
    }
}

fn on_images(draw: &mut Draw<'_>) -> String {
    let image = draw.of(IMAGES);
    format!("sim image {} {image}", draw.of(&["break", "crash", "unready", "fix", "fix"]))
}

fn on_stateful_sets(draw: &mut Draw<'_>) -> String {
    let set = draw.of(&["mysql", "cache", "zk"]);
    let patch = |what: &str| format!("kubectl patch statefulset {set} -p '{{\"spec\":{what}}}'");
    match draw.below(12) {
        0..=2 => format!("kubectl scale statefulset {set} --replicas={}", draw.below(6)),
        3 => format!("kubectl delete statefulset {set} --wait=false --cascade={}", draw.cascade()),
        4 | 5 => format!("kubectl rollout restart statefulset {set}"),
        6 => format!("kubectl rollout undo statefulset {set}"),
        7 => patch(&format!(
            r#"{{"updateStrategy":{{"type":"RollingUpdate","rollingUpdate":{{"partition":{}}}}}}}"#,
            draw.below(4)
        )),
        8 => patch(r#"{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}"#),
        9 => patch(&format!(r#"{{"minReadySeconds":{}}}"#, draw.below(20))),
        10 => patch(&format!(r#"{{"ordinals":{{"start":{}}}}}"#, draw.below(3))),
        _ => patch(&format!(
            r#"{{"persistentVolumeClaimRetentionPolicy":{{"whenDeleted":"{}","whenScaled":"{}"}}}}"#,
            draw.of(&["Retain", "Delete"]),
            draw.of(&["Retain", "Delete"])
        )),
    }
}

fn on_daemon_sets(draw: &mut Draw<'_>) -> String {
    let image = draw.of(&["agent:1", "agent:2", "agent:3"]);
    match draw.below(7) {
        0..=2 => format!("kubectl set image daemonset agent agent={image}"),
        3 => "kubectl rollout undo daemonset agent".to_owned(),
        4 => format!(
            "kubectl patch daemonset agent -p '{}'",
            draw.of(&[
                r#"{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":2}}}}"#,
                r#"{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}"#,
                r#"{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}"#,
            ])
        ),
        5 => format!("kubectl delete daemonset agent --wait=false --cascade={}", draw.cascade()),
        _ => "kubectl rollout restart daemonset fluentd -n kube-system".to_owned(),
    }
}

fn on_deployments(draw: &mut Draw<'_>) -> String {
    match draw.below(9) {
        0 => format!("kubectl scale deployment web --replicas={}", draw.below(9)),
        1..=3 => format!("kubectl set image deployment web nginx={}", draw.of(&["nginx:1.25", "nginx:1.26", "nginx:1.27"])),
        4 | 5 => format!("kubectl rollout {} deployment web", draw.of(&["undo", "restart", "pause", "resume"])),
        6 => format!(
            "kubectl patch deployment web -p '{}'",
            draw.of(&[
                r#"{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}"#,
                r#"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":2}}}}"#,
                r#"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"50%","maxUnavailable":0}}}}"#,
            ])
        ),
        7 => format!("kubectl scale deployment urgent --replicas={}", draw.below(5)),
        _ => format!("kubectl delete deployment web --wait=false --cascade={}", draw.cascade()),
    }
}

fn on_jobs(draw: &mut Draw<'_>) -> String {
    let job = draw.of(&["import", "shards"]);
    match draw.below(4) {
        0 => format!("kubectl delete job {job} --wait=false --cascade={}", draw.cascade()),
        1 => format!("kubectl patch job {job} -p '{{\"spec\":{{\"suspend\":{}}}}}'", draw.below(2) == 0),
        2 => format!("kubectl patch job import -p '{{\"spec\":{{\"parallelism\":{}}}}}'", draw.below(4)),
        _ => format!("kubectl create job manual-{} --from=cronjob/report", draw.below(1000)),
    }
}

fn on_the_rest(draw: &mut Draw<'_>) -> String {
    let workload = draw.of(&["mysql", "cache", "zk", "web", "agent", "jobs", "disks", "urgent", "bounds"]);
    match draw.below(8) {
        0..=2 => format!("kubectl apply -f {workload}.yaml"),
        3 => format!("kubectl delete pvc {} --wait=false", draw.named::<PersistentVolumeClaim>()),
        4 => "kubectl delete -f disks.yaml --wait=false".to_owned(),
        5 => {
            format!("kubectl patch quota bounds -p '{{\"spec\":{{\"hard\":{{\"pods\":\"{}\"}}}}}}'", 4 + draw.below(16))
        }
        6 => format!(
            "kubectl patch pdb {} -p '{{\"spec\":{}}}'",
            draw.of(&["mysql", "web", "cache"]),
            draw.of(&[
                r#"{"minAvailable":1,"maxUnavailable":null}"#,
                r#"{"minAvailable":null,"maxUnavailable":1}"#,
                r#"{"minAvailable":null,"maxUnavailable":"34%"}"#,
            ])
        ),
        _ => {
            format!("kubectl label pod {} app{}", draw.pod(), draw.of(&["-", "=cache --overwrite", "=web --overwrite"]))
        }
    }
}

/// Mends what a run has broken, so that it can come to rest.
pub(super) fn mend(cluster: &Cluster) -> Vec<String> {
    let nodes = cluster.lister().list::<Node>().map(|node| node.metadata.name.clone());
    // A quota may hold back what is to come to rest.
    let mut commands = vec!["kubectl delete quota bounds --ignore-not-found".to_owned()];
    for node in nodes {
        commands.push(format!("sim node start {node}; sim node heal {node}; kubectl uncordon {node}"));
        let taints = ["dedicated", "broken", "node.kubernetes.io/out-of-service"];
        commands.extend(taints.map(|taint| format!("kubectl taint node {node} {taint}-")));
    }
    commands.extend(IMAGES.iter().map(|image| format!("sim image fix {image}")));
    for pod in cluster.lister().everything().filter(|object| matches!(object, Object::Pod(_))) {
        let meta = pod.meta();
        commands.push(format!("sim pod ready {} -n {}", meta.name, meta.namespace));
    }
    commands
}
