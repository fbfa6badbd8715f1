//! What can be done to an object: every button of the menus with the console command it stands for.

use view::{Machine, ObjectRef, Snapshot, Text};

use crate::commands;

/// A value that a deed needs before it can be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// What the field is called.
    pub label: &'static str,
    /// What it holds at first.
    pub value: String,
    /// What it may hold; anything if empty.
    pub choices: Vec<String>,
}

/// Something that can be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    /// Its name, for tests and keys.
    pub id: &'static str,
    /// What the button says.
    pub label: &'static str,
    /// The command: `{}` stands for the value as one word, `{line}` for the value as typed, `{raw}` inside quotes.
    template: String,
    /// The value it needs.
    pub field: Option<Field>,
    /// Whether something is lost by it.
    pub is_harmful: bool,
}

impl Deed {
    fn new(id: &'static str, label: &'static str, template: String) -> Self {
        Self { id, label, template, field: None, is_harmful: false }
    }

    fn harmful(self) -> Self {
        Self { is_harmful: true, ..self }
    }

    fn asking(self, label: &'static str, value: impl Into<String>) -> Self {
        Self { field: Some(Field { label, value: value.into(), choices: Vec::new() }), ..self }
    }

    fn choosing(self, label: &'static str, choices: Vec<String>) -> Self {
        let value = choices.first().cloned().unwrap_or_default();
        Self { field: Some(Field { label, value, choices }), ..self }
    }

    /// The command, with this value in its place.
    pub fn command(&self, value: &str) -> String {
        let raw = value.replace(['\'', '"', '\\'], "");
        let command = self.template.replace("{line}", value).replace("{raw}", &raw);
        command.replace("{}", &commands::quoted(value))
    }
}

/// Everything that can be done to an object now.
pub fn of(target: &ObjectRef, snapshot: &Snapshot) -> Vec<Deed> {
    match &*target.kind {
        "Node" => of_node(target, snapshot),
        "Pod" => of_pod(target),
        "PersistentVolumeClaim" => of_claim(target, snapshot),
        "PersistentVolume" => {
            let patch = r#"{"spec":{"persistentVolumeReclaimPolicy":"{raw}"}}"#;
            let policy = Deed::new(
                "reclaim",
                "Reclaim policy…",
                format!("kubectl patch {} -p '{patch}'", target.kubectl_words()),
            );
            vec![policy.choosing("Reclaim policy", words(&["Retain", "Delete"])), delete(target)]
        }
        "StorageClass" => {
            let default = format!(
                "kubectl annotate {} storageclass.kubernetes.io/is-default-class={{}} --overwrite",
                target.kubectl_words()
            );
            let default = Deed::new("default-class", "Default class…", default);
            vec![default.choosing("Default class", words(&["true", "false"])), delete(target)]
        }
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" | "CronJob" => {
            of_workload(target, snapshot)
        }
        _ => vec![delete(target)],
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn delete(target: &ObjectRef) -> Deed {
    Deed::new("delete", "Delete", format!("kubectl delete {} --wait=false", target.kubectl_words())).harmful()
}

fn of_node(target: &ObjectRef, snapshot: &Snapshot) -> Vec<Deed> {
    let name = &target.name;
    let Some(card) = snapshot.nodes.iter().find(|card| card.name == *name) else { return Vec::new() };
    let mut deeds = vec![if card.cordoned {
        Deed::new("uncordon", "Uncordon", format!("kubectl uncordon {name}"))
    } else {
        Deed::new("cordon", "Cordon", format!("kubectl cordon {name}"))
    }];
    deeds.push(
        Deed::new("drain", "Drain", format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data"))
            .harmful(),
    );
    match card.machine {
        Machine::On => {
            deeds.push(Deed::new("stop-node", "Power off", format!("sim node stop {name}")).harmful());
            deeds.push(Deed::new("partition", "Cut the network", format!("sim node partition {name}")).harmful());
        }
        Machine::Stopped => deeds.push(Deed::new("start-node", "Power on", format!("sim node start {name}"))),
        Machine::Partitioned => deeds.push(Deed::new("heal", "Heal the network", format!("sim node heal {name}"))),
    }
    deeds.push(
        Deed::new("taint", "Taint…", format!("kubectl taint nodes {name} {{}}"))
            .asking("Taint: key=value:Effect", "dedicated=infra:NoSchedule"),
    );
    let taints: Vec<String> = card.taints.iter().filter(|taint| is_ours(taint)).map(|taint| untaint(taint)).collect();
    if !taints.is_empty() {
        deeds.push(
            Deed::new("untaint", "Remove taint…", format!("kubectl taint nodes {name} {{}}-"))
                .choosing("Taint", taints),
        );
    }
    deeds.push(
        Deed::new("label", "Label…", format!("kubectl label nodes {name} {{}} --overwrite"))
            .asking("Label: key=value", "disktype=ssd"),
    );
    deeds.push(Deed::new("remove", "Remove", format!("sim node remove {name}")).harmful());
    deeds
}

/// Whether a taint is a person's and not the node controller's, whose prefix the card leaves out.
fn is_ours(taint: &str) -> bool {
    let theirs = ["unreachable", "not-ready", "unschedulable", "memory-pressure", "disk-pressure", "pid-pressure"];
    !theirs.contains(&taint.split([':', '=']).next().unwrap_or(""))
}

/// `key:Effect` of `key=value:Effect`: what a removal names.
fn untaint(taint: &str) -> String {
    let (pair, effect) = taint.rsplit_once(':').unwrap_or((taint, ""));
    format!("{}:{effect}", pair.split('=').next().unwrap_or(pair))
}

fn of_pod(target: &ObjectRef) -> Vec<Deed> {
    let (name, words) = (&target.name, target.kubectl_words());
    let place = if &*target.namespace == "default" { String::new() } else { format!(" -n {}", target.namespace) };
    vec![
        Deed::new("crash", "Crash container", format!("sim pod crash {name}{place}")).harmful(),
        Deed::new("unready", "Fail readiness", format!("sim pod unready {name}{place}")),
        Deed::new("ready", "Pass readiness", format!("sim pod ready {name}{place}")),
        Deed::new("exec", "Run in it…", format!("kubectl exec {name}{place} -- {{line}}"))
            .asking("Command", "hostname"),
        Deed::new("delete-pod", "Delete", format!("kubectl delete {words} --wait=false")).harmful(),
        Deed::new("force-delete", "Force delete", format!("kubectl delete {words} --force --grace-period=0")).harmful(),
    ]
}

fn of_claim(target: &ObjectRef, snapshot: &Snapshot) -> Vec<Deed> {
    let row = snapshot.claims.iter().find(|row| row.name == target.name && row.namespace == target.namespace);
    let size = row.map_or("", |row| &*row.capacity);
    let number: u64 = size.trim_end_matches(char::is_alphabetic).parse().unwrap_or(5);
    let unit = size.trim_start_matches(|character: char| character.is_ascii_digit());
    let larger = format!("{}{}", number * 2, if unit.is_empty() { "Gi" } else { unit });
    let patch = r#"{"spec":{"resources":{"requests":{"storage":"{raw}"}}}}"#;
    let expand = Deed::new("expand", "Expand…", format!("kubectl patch {} -p '{patch}'", target.kubectl_words()));
    vec![expand.asking("New size", larger), delete(target)]
}

fn of_workload(target: &ObjectRef, snapshot: &Snapshot) -> Vec<Deed> {
    let (kind, words) = (&*target.kind, target.kubectl_words());
    let mut deeds = Vec::new();
    if let (true, Some(replicas)) = (kind != "DaemonSet" && kind != "Job", desired(target, snapshot)) {
        let scale = Deed::new("scale", "Scale to…", format!("kubectl scale {words} --replicas={{}}"));
        deeds.push(scale.asking("Replicas", replicas.to_string()));
    }
    let rolls = matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet");
    if rolls {
        deeds.push(Deed::new("restart", "Restart", format!("kubectl rollout restart {words}")));
    }
    if rolls || matches!(kind, "ReplicaSet" | "ReplicationController" | "CronJob") {
        let image = Deed::new("image", "Change image…", format!("kubectl set image {words} '*={{raw}}'"));
        deeds.push(image.asking("Image of every container", image_of(target, snapshot)));
    }
    if kind == "Deployment" {
        let paused = snapshot.deployments.iter().any(|lane| lane.target == *target && lane.is_paused);
        deeds.push(if paused {
            Deed::new("resume", "Resume", format!("kubectl rollout resume {words}"))
        } else {
            Deed::new("pause", "Pause", format!("kubectl rollout pause {words}"))
        });
    }
    if rolls {
        deeds.push(
            Deed::new("undo", "Undo rollout…", format!("kubectl rollout undo {words} --to-revision={{}}"))
                .asking("To revision (0 is the one before)", "0"),
        );
        deeds.push(Deed::new("history", "History", format!("kubectl rollout history {words}")));
    }
    if kind == "StatefulSet" {
        let patch = r#"{"spec":{"updateStrategy":{"rollingUpdate":{"partition":{raw}}}}}"#;
        let partition =
            Deed::new("partition-update", "Partition…", format!("kubectl patch {words} --type merge -p '{patch}'"));
        deeds.push(partition.asking("Update only ordinals from", "0"));
    }
    if matches!(kind, "Job" | "CronJob") {
        let suspend = Deed::new(
            "suspend",
            "Suspend…",
            format!("kubectl patch {words} -p '{{\"spec\":{{\"suspend\":{{raw}}}}}}'"),
        );
        deeds.push(suspend.choosing("Suspended", self::words(&["true", "false"])));
    }
    if kind == "CronJob" {
        let place = if &*target.namespace == "default" { String::new() } else { format!(" -n {}", target.namespace) };
        let run = format!("kubectl create job {{}} --from=cronjob/{}{place}", target.name);
        deeds.push(Deed::new("run-now", "Run now…", run).asking("Name of the Job", format!("{}-now", target.name)));
    }
    let cascade =
        Deed::new("delete", "Delete…", format!("kubectl delete {words} --wait=false --cascade={{}}")).harmful();
    deeds.push(cascade.choosing("What it owns", self::words(&["background", "foreground", "orphan"])));
    deeds
}

/// How many pods a workload wants.
pub fn desired(target: &ObjectRef, snapshot: &Snapshot) -> Option<u32> {
    let chip = snapshot.workloads.iter().find(|chip| chip.target == *target).map(|chip| chip.desired);
    let sets = snapshot.deployments.iter().flat_map(|lane| lane.sets.iter());
    chip.or_else(|| sets.into_iter().find(|set| set.target == *target).map(|set| set.desired))
}

/// The image that a workload's pods run now.
fn image_of(target: &ObjectRef, snapshot: &Snapshot) -> String {
    let is_its = |pod: &&std::rc::Rc<view::PodTile>| pod.owner.as_ref().is_some_and(|owner| owner.target == *target);
    let image: Option<&Text> = snapshot.pods.iter().find(is_its).map(|pod| &pod.image);
    image.map_or_else(|| "nginx:1.29".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use view::ObjectRef;

    use super::of;
    use crate::fixture;

    fn offered(kind: &str, namespace: &str, name: &str) -> String {
        let deeds = of(&ObjectRef::new(kind, namespace, name), &fixture::snapshot());
        let line = |deed: &super::Deed| {
            format!("{}: {}", deed.label, deed.command(deed.field.as_ref().map_or("", |field| &field.value)))
        };
        deeds.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_node_offers_what_its_machine_can_do() {
        expect![[r#"
            Cordon: kubectl cordon node-1
            Drain: kubectl drain node-1 --ignore-daemonsets --delete-emptydir-data
            Power off: sim node stop node-1
            Cut the network: sim node partition node-1
            Taint…: kubectl taint nodes node-1 dedicated=infra:NoSchedule
            Label…: kubectl label nodes node-1 disktype=ssd --overwrite
            Remove: sim node remove node-1"#]]
        .assert_eq(&offered("Node", "", "node-1"));
        expect![[r#"
            Cordon: kubectl cordon node-2
            Drain: kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data
            Power on: sim node start node-2
            Taint…: kubectl taint nodes node-2 dedicated=infra:NoSchedule
            Label…: kubectl label nodes node-2 disktype=ssd --overwrite
            Remove: sim node remove node-2"#]]
        .assert_eq(&offered("Node", "", "node-2"));
    }

    #[test]
    fn pods_workloads_and_claims_have_their_own() {
        expect![[r#"
            Crash container: sim pod crash mysql-0
            Fail readiness: sim pod unready mysql-0
            Pass readiness: sim pod ready mysql-0
            Run in it…: kubectl exec mysql-0 -- hostname
            Delete: kubectl delete pod mysql-0 --wait=false
            Force delete: kubectl delete pod mysql-0 --force --grace-period=0"#]]
        .assert_eq(&offered("Pod", "default", "mysql-0"));
        expect![[r#"
            Scale to…: kubectl scale statefulset mysql --replicas=5
            Restart: kubectl rollout restart statefulset mysql
            Change image…: kubectl set image statefulset mysql '*=example:1'
            Undo rollout…: kubectl rollout undo statefulset mysql --to-revision=0
            History: kubectl rollout history statefulset mysql
            Partition…: kubectl patch statefulset mysql --type merge -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
            Delete…: kubectl delete statefulset mysql --wait=false --cascade=background"#]].assert_eq(&offered("StatefulSet", "default", "mysql"));
        expect![[r#"
            Expand…: kubectl patch persistentvolumeclaim data-mysql-0 -p '{"spec":{"resources":{"requests":{"storage":"10Gi"}}}}'
            Delete: kubectl delete persistentvolumeclaim data-mysql-0 --wait=false"#]].assert_eq(&offered("PersistentVolumeClaim", "default", "data-mysql-0"));
        expect![[r#"
            Change image…: kubectl set image cronjob report -n batch '*=nginx:1.29'
            Suspend…: kubectl patch cronjob report -n batch -p '{"spec":{"suspend":true}}'
            Run now…: kubectl create job report-now --from=cronjob/report -n batch
            Delete…: kubectl delete cronjob report -n batch --wait=false --cascade=background"#]]
        .assert_eq(&offered("CronJob", "batch", "report"));
    }
}
