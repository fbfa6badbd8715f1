//! Pods: spec, containers, affinity, status. Models: staging/src/k8s.io/api/core/v1/types.go.

use crate::{LabelSelector, List, ObjectMeta, Quantity, ResourceList, Str, StrMap, Time, Wire};
use serde_json::Value;
use std::rc::Rc;

object! {
    /// A group of containers on one node.
    pub struct Pod {
        /// Name, labels, owners.
        metadata: ObjectMeta = "metadata" always,
        /// What is to run.
        spec: PodSpec = "spec" always,
        /// What runs.
        status: PodStatus = "status" always,
    }
}

object! {
    /// A pod to be made by a workload; `metadata` carries labels and annotations only.
    pub struct PodTemplateSpec {
        /// Labels and annotations of the pods.
        metadata: ObjectMeta = "metadata" always,
        /// Spec of the pods.
        spec: PodSpec = "spec" always,
    }
}

object! {
    /// What a pod is to run, and where it may.
    pub struct PodSpec {
        /// Run in order before the others, each to its end (or, with restartPolicy Always, beside them).
        init_containers: List<Container> = "initContainers",
        /// The containers.
        containers: List<Container> = "containers" always,
        /// Volumes to mount.
        volumes: List<Volume> = "volumes",
        /// `Always`, `OnFailure` or `Never`.
        restart_policy: Str = "restartPolicy",
        /// Seconds between SIGTERM and SIGKILL.
        termination_grace_period_seconds: Option<i64> = "terminationGracePeriodSeconds",
        /// Seconds after which the pod is failed.
        active_deadline_seconds: Option<i64> = "activeDeadlineSeconds",
        /// Labels the node must have.
        node_selector: StrMap = "nodeSelector",
        /// The node it is bound to.
        node_name: Str = "nodeName",
        /// Whether it uses the node's network.
        host_network: bool = "hostNetwork",
        /// Host name inside the pod.
        hostname: Str = "hostname",
        /// Governing Service for its DNS name.
        subdomain: Str = "subdomain",
        /// Rules on nodes and other pods.
        affinity: Option<Rc<Affinity>> = "affinity",
        /// Which scheduler binds it.
        scheduler_name: Str = "schedulerName",
        /// Taints it tolerates.
        tolerations: List<Toleration> = "tolerations",
        /// Name of its PriorityClass.
        priority_class_name: Str = "priorityClassName",
        /// The value of its priority class.
        priority: Option<i32> = "priority",
        /// `PreemptLowerPriority` or `Never`.
        preemption_policy: Str = "preemptionPolicy",
        /// Account it runs as.
        service_account_name: Str = "serviceAccountName",
        /// Extra resources of the pod itself.
        overhead: ResourceList = "overhead",
        /// What the pod as a whole asks for and may use, in place of the sum over its containers.
        resources: Option<ResourceRequirements> = "resources",
        /// How pods spread over domains.
        topology_spread_constraints: List<TopologySpreadConstraint> = "topologySpreadConstraints",
        /// What holds back scheduling.
        scheduling_gates: List<SchedulingGate> = "schedulingGates",
    }
}

object! {
    /// One gate that holds back scheduling until it is removed.
    pub struct SchedulingGate {
        /// Its name.
        name: Str = "name" always,
    }
}

object! {
    /// One container.
    pub struct Container {
        /// Its name within the pod.
        name: Str = "name" always,
        /// Its image.
        image: Str = "image",
        /// Entry point.
        command: List<Str> = "command",
        /// Arguments.
        args: List<Str> = "args",
        /// Ports it says it listens on.
        ports: List<ContainerPort> = "ports",
        /// Environment from whole ConfigMaps and Secrets.
        env_from: List<EnvFromSource> = "envFrom",
        /// Environment variables.
        env: List<EnvVar> = "env",
        /// What it asks for and may use.
        resources: ResourceRequirements = "resources" always,
        /// `Always` marks a restartable init container (a sidecar).
        restart_policy: Str = "restartPolicy",
        /// Where volumes are mounted.
        volume_mounts: List<VolumeMount> = "volumeMounts",
        /// Kills the container when it fails.
        liveness_probe: Option<Probe> = "livenessProbe",
        /// Decides whether it is Ready.
        readiness_probe: Option<Probe> = "readinessProbe",
        /// Holds back the other probes until it passes.
        startup_probe: Option<Probe> = "startupProbe",
        /// `Always`, `IfNotPresent` or `Never`.
        image_pull_policy: Str = "imagePullPolicy",
    }
}

object! {
    /// A port of a container.
    pub struct ContainerPort {
        /// Its name.
        name: Str = "name",
        /// The port on the node, if one is taken.
        host_port: i32 = "hostPort",
        /// The port in the container.
        container_port: i32 = "containerPort" always,
        /// `TCP`, `UDP` or `SCTP`.
        protocol: Str = "protocol",
        /// The address on the node.
        host_ip: Str = "hostIP",
    }
}

object! {
    /// One environment variable.
    pub struct EnvVar {
        /// Its name.
        name: Str = "name" always,
        /// Its value.
        value: Str = "value",
        /// Where the value comes from instead.
        value_from: Option<EnvVarSource> = "valueFrom",
    }
}

object! {
    /// Where the value of an environment variable comes from.
    pub struct EnvVarSource {
        /// A key of a ConfigMap.
        config_map_key_ref: Option<KeySelector> = "configMapKeyRef",
        /// A key of a Secret.
        secret_key_ref: Option<KeySelector> = "secretKeyRef",
        /// A field of the pod.
        field_ref: Option<FieldSelector> = "fieldRef",
    }
}

object! {
    /// A key of a ConfigMap or Secret.
    pub struct KeySelector {
        /// Name of the object.
        name: Str = "name",
        /// The key.
        key: Str = "key" always,
        /// Whether it may be missing.
        optional: bool = "optional",
    }
}

object! {
    /// A field of the pod itself.
    pub struct FieldSelector {
        /// Version the path is written against.
        api_version: Str = "apiVersion",
        /// The path, e.g. `metadata.name`.
        field_path: Str = "fieldPath" always,
    }
}

object! {
    /// A whole ConfigMap or Secret as environment.
    pub struct EnvFromSource {
        /// Put before each key.
        prefix: Str = "prefix",
        /// The ConfigMap.
        config_map_ref: Option<LocalReference> = "configMapRef",
        /// The Secret.
        secret_ref: Option<LocalReference> = "secretRef",
    }
}

object! {
    /// An object of the same namespace, by name.
    pub struct LocalReference {
        /// Its name.
        name: Str = "name",
        /// Whether it may be missing.
        optional: bool = "optional",
    }
}

object! {
    /// What a container asks for and may use.
    pub struct ResourceRequirements {
        /// The most it may use.
        limits: ResourceList = "limits",
        /// What the scheduler sets aside.
        requests: ResourceList = "requests",
    }
}

object! {
    /// Where a volume is mounted.
    pub struct VolumeMount {
        /// Path in the container.
        mount_path: Str = "mountPath" always,
        /// Name of the volume.
        name: Str = "name" always,
        /// Whether writing is refused.
        read_only: bool = "readOnly",
        /// A path inside the volume.
        sub_path: Str = "subPath",
    }
}

object! {
    /// A health check. What it does is kept in `rest`: its outcome is decided by the node model.
    pub struct Probe {
        /// Seconds before the first check.
        initial_delay_seconds: i32 = "initialDelaySeconds",
        /// Seconds until a check counts as failed.
        timeout_seconds: i32 = "timeoutSeconds",
        /// Seconds between checks.
        period_seconds: i32 = "periodSeconds",
        /// Passes in a row to count as passing.
        success_threshold: i32 = "successThreshold",
        /// Failures in a row to count as failing.
        failure_threshold: i32 = "failureThreshold",
    }
}

object! {
    /// A volume of a pod; sources without a type here stay in `rest`.
    pub struct Volume {
        /// Its name within the pod.
        name: Str = "name" always,
        /// A claim.
        persistent_volume_claim: Option<ClaimSource> = "persistentVolumeClaim",
        /// Keys of a ConfigMap as files.
        config_map: Option<ConfigMapSource> = "configMap",
        /// Keys of a Secret as files.
        secret: Option<SecretSource> = "secret",
    }
}

object! {
    /// A PersistentVolumeClaim as a volume.
    pub struct ClaimSource {
        /// Name of the claim.
        claim_name: Str = "claimName" always,
        /// Whether writing is refused.
        read_only: bool = "readOnly",
    }
}

object! {
    /// A ConfigMap as a volume.
    pub struct ConfigMapSource {
        /// File mode.
        default_mode: Option<i32> = "defaultMode",
        /// Name of the ConfigMap.
        name: Str = "name",
        /// Whether it may be missing.
        optional: Option<bool> = "optional",
    }
}

object! {
    /// A Secret as a volume.
    pub struct SecretSource {
        /// File mode.
        default_mode: Option<i32> = "defaultMode",
        /// Name of the Secret.
        secret_name: Str = "secretName",
        /// Whether it may be missing.
        optional: Option<bool> = "optional",
    }
}

object! {
    /// Rules on nodes and on other pods.
    pub struct Affinity {
        /// About nodes.
        node_affinity: Option<NodeAffinity> = "nodeAffinity",
        /// Near other pods.
        pod_affinity: Option<PodAffinity> = "podAffinity",
        /// Away from other pods.
        pod_anti_affinity: Option<PodAffinity> = "podAntiAffinity",
    }
}

object! {
    /// Rules on nodes.
    pub struct NodeAffinity {
        /// Must hold at scheduling time.
        required: Option<NodeSelector> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// Should hold.
        preferred: List<PreferredSchedulingTerm> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}

object! {
    /// Alternatives of node terms (ORed).
    pub struct NodeSelector {
        /// The alternatives.
        node_selector_terms: List<NodeSelectorTerm> = "nodeSelectorTerms" always,
    }
}

object! {
    /// Conditions on a node (ANDed).
    pub struct NodeSelectorTerm {
        /// On its labels.
        match_expressions: List<NodeSelectorRequirement> = "matchExpressions",
        /// On its fields (only `metadata.name`).
        match_fields: List<NodeSelectorRequirement> = "matchFields",
    }
}

object! {
    /// One condition on a node.
    pub struct NodeSelectorRequirement {
        /// Label or field.
        key: Str = "key" always,
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`.
        operator: Str = "operator" always,
        /// Values to compare with.
        values: List<Str> = "values",
    }
}

object! {
    /// A weighted wish about nodes.
    pub struct PreferredSchedulingTerm {
        /// 1 to 100.
        weight: i32 = "weight" always,
        /// The wish.
        preference: NodeSelectorTerm = "preference" always,
    }
}

object! {
    /// Rules on other pods.
    pub struct PodAffinity {
        /// Must hold.
        required: List<PodAffinityTerm> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// Should hold.
        preferred: List<WeightedPodAffinityTerm> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}

object! {
    /// Which pods, and over which domain.
    pub struct PodAffinityTerm {
        /// The pods meant.
        label_selector: Option<LabelSelector> = "labelSelector",
        /// Namespaces they are looked for in; the pod's own if empty.
        namespaces: List<Str> = "namespaces",
        /// Node label that makes a domain.
        topology_key: Str = "topologyKey" always,
        /// Namespaces by label.
        namespace_selector: Option<LabelSelector> = "namespaceSelector",
    }
}

object! {
    /// A weighted wish about other pods.
    pub struct WeightedPodAffinityTerm {
        /// 1 to 100.
        weight: i32 = "weight" always,
        /// The wish.
        pod_affinity_term: PodAffinityTerm = "podAffinityTerm" always,
    }
}

object! {
    /// A taint that a pod tolerates.
    pub struct Toleration {
        /// Taint key; empty with `Exists` means all.
        key: Str = "key",
        /// `Equal` (default) or `Exists`.
        operator: Str = "operator",
        /// Taint value for `Equal`.
        value: Str = "value",
        /// Effect; empty means all.
        effect: Str = "effect",
        /// How long a NoExecute taint is tolerated.
        toleration_seconds: Option<i64> = "tolerationSeconds",
    }
}

object! {
    /// How matching pods spread over the domains of a topology key.
    pub struct TopologySpreadConstraint {
        /// The largest difference allowed.
        max_skew: i32 = "maxSkew" always,
        /// Node label that makes a domain.
        topology_key: Str = "topologyKey" always,
        /// `DoNotSchedule` or `ScheduleAnyway`.
        when_unsatisfiable: Str = "whenUnsatisfiable" always,
        /// Which pods are counted.
        label_selector: Option<LabelSelector> = "labelSelector",
        /// Least number of domains.
        min_domains: Option<i32> = "minDomains",
        /// `Honor` or `Ignore`.
        node_affinity_policy: Str = "nodeAffinityPolicy",
        /// `Honor` or `Ignore`.
        node_taints_policy: Str = "nodeTaintsPolicy",
        /// Labels of the pod that refine the selector.
        match_label_keys: List<Str> = "matchLabelKeys",
    }
}

object! {
    /// What is known of a running pod.
    pub struct PodStatus {
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
        phase: Str = "phase",
        /// PodScheduled, Initialized, ContainersReady, Ready, ….
        conditions: List<PodCondition> = "conditions",
        /// Why it is in this phase, in sentences.
        message: Str = "message",
        /// Why it is in this phase, in a word.
        reason: Str = "reason",
        /// Where preemption made room for it.
        nominated_node_name: Str = "nominatedNodeName",
        /// Address of the node.
        host_ip: Str = "hostIP",
        /// Addresses of the node.
        host_ips: List<Address> = "hostIPs",
        /// Address of the pod.
        pod_ip: Str = "podIP",
        /// Addresses of the pod.
        pod_ips: List<Address> = "podIPs",
        /// When the kubelet saw it.
        start_time: Option<Time> = "startTime",
        /// State of the init containers.
        init_container_statuses: List<ContainerStatus> = "initContainerStatuses",
        /// State of the containers.
        container_statuses: List<ContainerStatus> = "containerStatuses",
        /// `Guaranteed`, `Burstable` or `BestEffort`.
        qos_class: Str = "qosClass",
        /// What the node has set aside for the pod.
        allocated_resources: ResourceList = "allocatedResources",
        /// What the pod as a whole asks for and may use.
        resources: Option<ResourceRequirements> = "resources",
    }
}

object! {
    /// One address.
    pub struct Address {
        /// The address.
        ip: Str = "ip" always,
    }
}

object! {
    /// One condition of a pod.
    pub struct PodCondition {
        /// Its name.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// Generation the condition speaks of.
        observed_generation: i64 = "observedGeneration",
        /// Never set by anything, always printed as null.
        last_probe_time: Null = "lastProbeTime" always,
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in sentences.
        message: Str = "message",
    }
}

/// A field that always prints as null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Null;

impl Wire for Null {
    fn read(_: Value) -> Self {
        Null
    }
    fn write(&self) -> Value {
        Value::Null
    }
    fn is_absent(&self) -> bool {
        true
    }
}

object! {
    /// State of one container.
    pub struct ContainerStatus {
        /// Its name.
        name: Str = "name" always,
        /// What it is doing.
        state: ContainerState = "state" always,
        /// How the run before ended.
        last_state: ContainerState = "lastState" always,
        /// Whether it passes its readiness probe.
        ready: bool = "ready" always,
        /// How often it was started anew.
        restart_count: i32 = "restartCount" always,
        /// The image it runs.
        image: Str = "image" always,
        /// Digest of the image.
        image_id: Str = "imageID" always,
        /// Name the runtime gave it.
        container_id: Str = "containerID",
        /// Whether the startup probe has passed.
        started: Option<bool> = "started",
        /// What the node has set aside for it.
        allocated_resources: ResourceList = "allocatedResources",
        /// What it asks for and may use, as the runtime knows it.
        resources: Option<ResourceRequirements> = "resources",
        /// How its volumes are mounted.
        volume_mounts: List<VolumeMountStatus> = "volumeMounts",
    }
}

object! {
    /// How a volume is mounted.
    pub struct VolumeMountStatus {
        /// Name of the volume.
        name: Str = "name" always,
        /// Path in the container.
        mount_path: Str = "mountPath" always,
        /// Whether writing is refused.
        read_only: bool = "readOnly",
        /// Whether that holds for mounts inside it: `Disabled`, `IfPossible` or `Enabled`.
        recursive_read_only: Str = "recursiveReadOnly",
    }
}

/// What a container is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ContainerState {
    /// Nothing is known.
    #[default]
    None,
    /// It does not run yet, or not now.
    Waiting {
        /// Why, in a word: `ContainerCreating`, `CrashLoopBackOff`, ….
        reason: Str,
        /// Why, in sentences.
        message: Str,
    },
    /// It runs.
    Running {
        /// Since when.
        started_at: Time,
    },
    /// It has ended.
    Terminated(Rc<Termination>),
}

object! {
    /// How a container ended.
    pub struct Termination {
        /// Exit code.
        exit_code: i32 = "exitCode" always,
        /// Signal that ended it, 0 for none.
        signal: i32 = "signal",
        /// `Completed`, `Error`, `OOMKilled`, ….
        reason: Str = "reason",
        /// More on the reason.
        message: Str = "message",
        /// When it had started.
        started_at: Option<Time> = "startedAt" always,
        /// When it ended.
        finished_at: Option<Time> = "finishedAt" always,
        /// Name the runtime gave it.
        container_id: Str = "containerID",
    }
}

impl Wire for ContainerState {
    fn read(value: Value) -> Self {
        let Value::Object(mut map) = value else {
            return ContainerState::None;
        };
        let text =
            |map: &serde_json::Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).unwrap_or("").into();
        if let Some(Value::Object(waiting)) = map.get("waiting") {
            return ContainerState::Waiting { reason: text(waiting, "reason"), message: text(waiting, "message") };
        }
        if let Some(running) = map.get("running") {
            return ContainerState::Running { started_at: Time::read(running["startedAt"].clone()) };
        }
        map.remove("terminated").map_or(ContainerState::None, |t| ContainerState::Terminated(Rc::read(t)))
    }

    fn write(&self) -> Value {
        match self {
            ContainerState::None => serde_json::json!({}),
            ContainerState::Waiting { reason, message } if message.is_empty() => {
                serde_json::json!({"waiting": {"reason": reason.as_str()}})
            }
            ContainerState::Waiting { reason, message } => {
                serde_json::json!({"waiting": {"message": message.as_str(), "reason": reason.as_str()}})
            }
            ContainerState::Running { started_at } => {
                serde_json::json!({"running": {"startedAt": started_at.write()}})
            }
            ContainerState::Terminated(end) => serde_json::json!({"terminated": end.write()}),
        }
    }

    fn is_absent(&self) -> bool {
        *self == ContainerState::None
    }
}

impl PodStatus {
    /// The condition of this type.
    pub fn condition(&self, r#type: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|c| c.r#type == *r#type)
    }

    /// Sets a condition, keeping its transition time if the status stays the same; upstream keeps the order of
    /// first appearance. Models: pkg/api/v1/pod UpdatePodCondition.
    pub fn set_condition(&mut self, mut new: PodCondition, now: Time) {
        let mut conditions: Vec<PodCondition> = self.conditions.to_vec();
        match conditions.iter_mut().find(|c| c.r#type == new.r#type) {
            Some(old) => {
                new.last_transition_time = if old.status == new.status { old.last_transition_time } else { Some(now) };
                *old = new;
            }
            None => {
                new.last_transition_time = Some(now);
                conditions.push(new);
            }
        }
        self.conditions = conditions.into();
    }
}

impl PodCondition {
    /// A condition with a status and no reason.
    pub fn new(r#type: &str, status: bool) -> Self {
        PodCondition {
            r#type: r#type.into(),
            status: if status { "True" } else { "False" }.into(),
            ..Default::default()
        }
    }

    /// The same with a reason and message.
    #[must_use]
    pub fn because(mut self, reason: &str, message: impl Into<Str>) -> Self {
        self.reason = reason.into();
        self.message = message.into();
        self
    }
}

impl Pod {
    /// Whether its Ready condition is True. Models: podutil.IsPodReady.
    pub fn is_ready(&self) -> bool {
        self.status.condition("Ready").is_some_and(|c| c.status == "True")
    }

    /// Whether it runs and its Ready condition is True.
    pub fn is_running_and_ready(&self) -> bool {
        self.status.phase == "Running" && self.is_ready()
    }

    /// Whether it has been Ready for at least this many seconds. Models: podutil.IsPodAvailable.
    pub fn is_available(&self, min_ready_seconds: i32, now: Time) -> bool {
        let Some(ready) = self.status.condition("Ready").filter(|c| c.status == "True") else {
            return false;
        };
        let wait = sim::SimDuration::from_secs(u64::try_from(min_ready_seconds).unwrap_or(0));
        min_ready_seconds == 0 || ready.last_transition_time.is_some_and(|since| since.plus(wait) <= now)
    }

    /// Whether it has ended for good.
    pub fn is_finished(&self) -> bool {
        self.status.phase == "Succeeded" || self.status.phase == "Failed"
    }

    /// Whether deletion was asked for.
    pub fn is_terminating(&self) -> bool {
        self.metadata.is_terminating()
    }

    /// What it asks the node for. Per resource: the larger of the largest init step and the sum of all containers
    /// and sidecars, plus overhead. Models: k8s.io/component-helpers/resource PodRequests.
    pub fn requests(&self) -> ResourceList {
        let mut total = self.total(|c| &c.resources.requests);
        for (name, amount) in self.spec.resources.iter().flat_map(|whole| whole.requests.iter()) {
            total = total.with(name, amount.clone());
        }
        add(&total, &self.spec.overhead)
    }

    /// The most it may use, counted as [`Pod::requests`]. Models: k8s.io/component-helpers/resource PodLimits.
    pub fn limits(&self) -> ResourceList {
        let total = self.total(|c| &c.resources.limits);
        // Overhead is added to limits that are set, it sets none.
        let overhead = self.spec.overhead.iter().filter(|(name, _)| total.has(name));
        add(&total, &overhead.map(|(name, amount)| (name.clone(), amount.clone())).collect())
    }

    fn total(&self, part: impl Fn(&Container) -> &ResourceList) -> ResourceList {
        let mut sum = self.spec.containers.iter().fold(ResourceList::default(), |sum, c| add(&sum, part(c)));
        let (mut sidecars, mut largest) = (ResourceList::default(), ResourceList::default());
        for container in &self.spec.init_containers {
            let amounts = part(container);
            if container.restart_policy == "Always" {
                sidecars = add(&sidecars, amounts);
                sum = add(&sum, amounts);
                largest = larger(&largest, &sidecars);
            } else {
                largest = larger(&largest, &add(&sidecars, amounts));
            }
        }
        larger(&sum, &largest)
    }
}

fn merged(a: &ResourceList, b: &ResourceList, with: impl Fn(&Quantity, &Quantity) -> Quantity) -> ResourceList {
    if b.is_empty() {
        return a.clone();
    }
    if a.is_empty() {
        return b.clone();
    }
    let mut sum: std::collections::BTreeMap<Str, Quantity> = a.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    for (name, amount) in b.iter() {
        let total = sum.get(name).map_or_else(|| amount.clone(), |have| with(have, amount));
        sum.insert(name.clone(), total);
    }
    sum.into()
}

fn add(a: &ResourceList, b: &ResourceList) -> ResourceList {
    merged(a, b, Quantity::plus)
}

fn larger(a: &ResourceList, b: &ResourceList) -> ResourceList {
    merged(a, b, |x, y| x.max(y).clone())
}

impl Toleration {
    /// Whether it tolerates this taint. Models: component-helpers/scheduling/corev1 ToleratesTaint.
    pub fn tolerates(&self, taint: &crate::Taint) -> bool {
        (self.effect.is_empty() || self.effect == taint.effect)
            && (self.key.is_empty() || self.key == taint.key)
            && match self.operator.as_str() {
                "" | "Equal" => self.value == taint.value,
                "Exists" => true,
                // The numeric operators are behind an alpha gate in v1.36.
                _ => false,
            }
    }
}
