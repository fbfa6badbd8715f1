//! What would end a wait: commands that a button can run, best first.

use super::{Context, reference};
use crate::{ObjectRef, Remedy};
use api::{
    DaemonSet, Deployment, Kind, Node, Object, ObjectKey, PersistentVolumeClaim, Pod, StatefulSet, StorageClass,
};
use scheduler::{NodeVerdict, SchedulingTrace};

/// The most remedies that are offered.
const MOST: usize = 6;

/// What ends the waits of this chain, whose last member is the root.
pub(super) fn of(ctx: &Context<'_>, chain: &[ObjectKey], trace: Option<&SchedulingTrace>) -> Vec<Remedy> {
    let mut found = Vec::new();
    for key in chain.iter().rev() {
        let rule = ctx.wait(key).map_or("", |record| record.wait.rule.as_str());
        match ctx.lister.object(key) {
            Some(Object::Pod(pod)) => about_pod(ctx, pod, rule, trace, &mut found),
            Some(Object::PersistentVolumeClaim(claim)) => about_claim(ctx, claim, rule, &mut found),
            Some(Object::Node(node)) => about_node(ctx, node, &mut found),
            Some(Object::Deployment(deployment)) => about_deployment(deployment, &mut found),
            Some(Object::StatefulSet(set)) => about_stateful_set(set, rule, &mut found),
            Some(Object::Job(job)) if job.spec.suspend == Some(true) => {
                found.push(patched("Resume the Job", &reference(key), r#"{"spec":{"suspend":false}}"#));
            }
            None if key.kind == Kind::PersistentVolumeClaim => missing_claim(ctx, key, &mut found),
            None => missing(key, &mut found),
            Some(_) => {}
        }
    }
    let mut unique: Vec<Remedy> = Vec::new();
    for remedy in found {
        if unique.iter().all(|known| known.command != remedy.command) {
            unique.push(remedy);
        }
    }
    unique.truncate(MOST);
    unique
}

fn remedy(label: impl Into<String>, command: impl Into<String>) -> Remedy {
    Remedy { label: label.into().into(), command: command.into().into() }
}

fn patched(label: &str, target: &ObjectRef, patch: &str) -> Remedy {
    remedy(label, format!("kubectl patch {} --type merge -p '{patch}'", target.kubectl_words()))
}

fn about_pod(ctx: &Context<'_>, pod: &Pod, rule: &str, trace: Option<&SchedulingTrace>, found: &mut Vec<Remedy>) {
    let target = ObjectRef::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
    let place = if &*target.namespace == "default" { String::new() } else { format!(" -n {}", target.namespace) };
    let name = &pod.metadata.name;
    let owner = super::pods::workload(ctx, pod);
    let image = pod.spec.containers.first().map_or("", |container| container.image.as_str());
    match rule {
        "FailedScheduling" if waits_for_a_claim(ctx, pod) => {}
        "FailedScheduling" | "Preemption" => unschedulable(ctx, pod, trace, found),
        "ErrImagePull" | "ImagePullBackOff" | "CrashLoopBackOff" | "ErrImageNeverPull" | "InvalidImageName" => {
            found.extend(undo(ctx, owner.as_ref()));
            if rule != "InvalidImageName" {
                found.push(remedy(format!("Make {image} work"), format!("sim image fix {image}")));
            }
            found.push(remedy(format!("Delete {name}"), format!("kubectl delete pod {name}{place} --wait=false")));
        }
        "ReadinessProbe" | "StartupProbe" => {
            found.push(remedy(format!("Let {name} pass its probe"), format!("sim pod ready {name}{place}")));
            found.extend(undo(ctx, owner.as_ref()));
        }
        "TolerationSeconds" | "NodeUnreachable" | "Terminating" if is_lost(ctx, pod) => {
            found.extend(ctx.lister.get::<Node>("", &pod.spec.node_name).and_then(|node| revive(ctx, node)));
            found.push(remedy(
                format!("Force-delete {name}"),
                format!("kubectl delete pod {name}{place} --force --grace-period=0"),
            ));
        }
        _ => {}
    }
}

fn is_lost(ctx: &Context<'_>, pod: &Pod) -> bool {
    ctx.lister.get::<Node>("", &pod.spec.node_name).is_some_and(|node| !node.is_ready())
}

/// Then the claim is what is to be repaired.
fn waits_for_a_claim(ctx: &Context<'_>, pod: &Pod) -> bool {
    let key = api::Resource::key(pod);
    ctx.wait(&key).is_some_and(|record| !record.wait.awaits.is_empty())
}

/// Back to the template before, if there was another.
fn undo(ctx: &Context<'_>, owner: Option<&ObjectRef>) -> Option<Remedy> {
    let owner = owner?;
    let uid = match &*owner.kind {
        "Deployment" => &ctx.lister.get::<Deployment>(&owner.namespace, &owner.name)?.metadata.uid,
        "StatefulSet" => &ctx.lister.get::<StatefulSet>(&owner.namespace, &owner.name)?.metadata.uid,
        "DaemonSet" => &ctx.lister.get::<DaemonSet>(&owner.namespace, &owner.name)?.metadata.uid,
        _ => return None,
    };
    let is_revision = |object: &&Object| matches!(object.kind(), Kind::ReplicaSet | Kind::ControllerRevision);
    if ctx.lister.owned_by(uid).filter(is_revision).count() < 2 {
        return None;
    }
    Some(remedy(
        format!("Undo the rollout of {}", owner.name),
        format!("kubectl rollout undo {}", owner.kubectl_words()),
    ))
}

/// What would give a pod a node, from what the plugins said.
fn unschedulable(ctx: &Context<'_>, pod: &Pod, trace: Option<&SchedulingTrace>, found: &mut Vec<Remedy>) {
    let rows = trace.map(|trace| trace.examination.rows()).unwrap_or_default();
    let rejecting = |row: &scheduler::NodeRow| match &row.verdict {
        NodeVerdict::Rejected { plugin, .. } => *plugin,
        NodeVerdict::Fits | NodeVerdict::NotExamined => "",
    };
    let mut needs_room = rows.is_empty();
    for row in rows {
        let Some(node) = ctx.lister.get::<Node>("", &row.node) else { continue };
        match rejecting(&row) {
            "NodeUnschedulable" => {
                found.push(remedy(format!("Uncordon {}", row.node), format!("kubectl uncordon {}", row.node)));
            }
            "TaintToleration" if node.is_ready() => found.extend(untaint(node)),
            "TaintToleration" => found.extend(revive(ctx, node)),
            "NodeAffinity" => found.extend(labelled(pod, node)),
            "NodeResourcesFit" | "NodePorts" | "InterPodAffinity" | "PodTopologySpread" => needs_room = true,
            _ => {}
        }
    }
    if needs_room {
        found.insert(0, remedy("Add a node", format!("sim node add {}", free_name(ctx))));
        if let Some(owner) = super::pods::workload(ctx, pod).filter(is_scaled)
            && let Some(replicas) = replicas(ctx, &owner).filter(|replicas| *replicas > 0)
        {
            let words = owner.kubectl_words();
            found.push(remedy(
                format!("Scale {} down to {}", owner.name, replicas - 1),
                format!("kubectl scale {words} --replicas={}", replicas - 1),
            ));
        }
    }
}

fn is_scaled(owner: &ObjectRef) -> bool {
    matches!(&*owner.kind, "Deployment" | "StatefulSet" | "ReplicaSet")
}

fn replicas(ctx: &Context<'_>, owner: &ObjectRef) -> Option<i32> {
    match &*owner.kind {
        "Deployment" => ctx.lister.get::<Deployment>(&owner.namespace, &owner.name)?.spec.replicas,
        "StatefulSet" => ctx.lister.get::<StatefulSet>(&owner.namespace, &owner.name)?.spec.replicas,
        _ => ctx.lister.get::<api::ReplicaSet>(&owner.namespace, &owner.name)?.spec.replicas,
    }
}

/// `node-N` with the next free number.
fn free_name(ctx: &Context<'_>) -> String {
    let number = |node: &std::rc::Rc<Node>| node.metadata.name.strip_prefix("node-")?.parse::<u32>().ok();
    let last = ctx.lister.list::<Node>().filter_map(number).max().unwrap_or(0);
    format!("node-{}", last.saturating_add(1))
}

fn untaint(node: &Node) -> Vec<Remedy> {
    let name = &node.metadata.name;
    let ours = node.spec.taints.iter().filter(|taint| !taint.key.starts_with("node.kubernetes.io/"));
    ours.map(|taint| {
        remedy(
            format!("Remove the taint {} of {name}", taint.key),
            format!("kubectl taint nodes {name} {}:{}-", taint.key, taint.effect),
        )
    })
    .collect()
}

/// What brings a machine back that nobody hears.
fn revive(ctx: &Context<'_>, node: &Node) -> Option<Remedy> {
    let name = &node.metadata.name;
    match ctx.cluster.kubelets().power_and_network(name)? {
        (false, _) => Some(remedy(format!("Power on {name}"), format!("sim node start {name}"))),
        (true, false) => Some(remedy(format!("Heal the network of {name}"), format!("sim node heal {name}"))),
        _ => None,
    }
}

/// The labels that a node selector asks for, put on a node that lacks them.
fn labelled(pod: &Pod, node: &Node) -> Option<Remedy> {
    let lacks = pod.spec.node_selector.iter().filter(|(key, value)| node.metadata.labels.get(key) != Some(value));
    let pairs: Vec<String> = lacks.map(|(key, value)| format!("{key}={value}")).collect();
    let name = &node.metadata.name;
    (!pairs.is_empty()).then(|| {
        let pairs = pairs.join(" ");
        remedy(format!("Label {name} {pairs}"), format!("kubectl label nodes {name} {pairs} --overwrite"))
    })
}

fn about_claim(ctx: &Context<'_>, claim: &PersistentVolumeClaim, rule: &str, found: &mut Vec<Remedy>) {
    let meta = &claim.metadata;
    let class = claim.spec.storage_class_name.as_deref().unwrap_or("");
    if meta.is_terminating() {
        for pod in ctx.lister.pods_using_claim(&meta.namespace, &meta.name) {
            let target = ObjectRef::new("Pod", &meta.namespace, &pod.metadata.name);
            found.push(remedy(
                format!("Delete {}, which uses it", target.name),
                format!("kubectl delete {} --wait=false", target.kubectl_words()),
            ));
        }
        return;
    }
    let is_class_missing = !class.is_empty() && ctx.lister.get::<StorageClass>("", class).is_none();
    if matches!(rule, "ProvisioningFailed" | "FailedBinding") && is_class_missing {
        found.push(create_class(class));
    }
}

fn create_class(class: &str) -> Remedy {
    remedy(
        format!("Create StorageClass {class}"),
        format!(
            "kubectl apply -f - <<'EOF'\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata:\n  name: {class}\n\
             provisioner: podground.dev/disk\nvolumeBindingMode: WaitForFirstConsumer\nEOF"
        ),
    )
}

fn missing_claim(ctx: &Context<'_>, key: &ObjectKey, found: &mut Vec<Remedy>) {
    let default = ctx.lister.list::<StorageClass>().any(|class| class.is_default());
    if default {
        found.push(remedy(
            format!("Create claim {}", key.name),
            format!(
                "kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: {}\n  namespace: {}\n\
                 spec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1Gi\nEOF",
                key.name, key.namespace
            ),
        ));
    }
}

fn missing(key: &ObjectKey, found: &mut Vec<Remedy>) {
    let place = if key.namespace == "default" { String::new() } else { format!(" -n {}", key.namespace) };
    match key.kind {
        Kind::ConfigMap => found.push(remedy(
            format!("Create ConfigMap {}", key.name),
            format!("kubectl create configmap {}{place}", key.name),
        )),
        Kind::Secret => found.push(remedy(
            format!("Create Secret {}", key.name),
            format!("kubectl create secret generic {}{place}", key.name),
        )),
        _ => {}
    }
}

fn about_node(ctx: &Context<'_>, node: &Node, found: &mut Vec<Remedy>) {
    found.extend(revive(ctx, node));
    if node.spec.unschedulable {
        let name = &node.metadata.name;
        found.push(remedy(format!("Uncordon {name}"), format!("kubectl uncordon {name}")));
    }
}

fn about_deployment(deployment: &Deployment, found: &mut Vec<Remedy>) {
    let meta = &deployment.metadata;
    let target = ObjectRef::new("Deployment", &meta.namespace, &meta.name);
    if deployment.spec.paused {
        found.push(remedy(
            format!("Resume {}", meta.name),
            format!("kubectl rollout resume {}", target.kubectl_words()),
        ));
    }
}

fn about_stateful_set(set: &StatefulSet, rule: &str, found: &mut Vec<Remedy>) {
    let meta = &set.metadata;
    let target = ObjectRef::new("StatefulSet", &meta.namespace, &meta.name);
    if rule == "Partition" {
        let patch = r#"{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}"#;
        found.push(patched("Set the partition to 0", &target, patch));
    }
}
