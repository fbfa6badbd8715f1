//! Containers: what is to run, and what it is doing. Models: staging/src/k8s.io/api/core/v1/types.go.

use crate::{List, ResourceList, Str, Time, Wire};
use serde_json::Value;
use std::rc::Rc;

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
        liveness_probe: Option<Rc<Probe>> = "livenessProbe",
        /// Decides whether it is Ready.
        readiness_probe: Option<Rc<Probe>> = "readinessProbe",
        /// Holds back the other probes until it passes.
        startup_probe: Option<Rc<Probe>> = "startupProbe",
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
        persistent_volume_claim: Option<Rc<ClaimSource>> = "persistentVolumeClaim",
        /// Keys of a ConfigMap as files.
        config_map: Option<Rc<ConfigMapSource>> = "configMap",
        /// Keys of a Secret as files.
        secret: Option<Rc<SecretSource>> = "secret",
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
