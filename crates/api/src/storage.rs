//! Claims, volumes, classes. Models: staging/src/k8s.io/api/core/v1/types.go and storage/v1.

use crate::{LabelSelector, List, NodeSelector, ObjectMeta, ObjectReference, ResourceList, Str, StrMap};

object! {
    /// A request for storage.
    pub struct PersistentVolumeClaim {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is asked for.
        spec: PersistentVolumeClaimSpec = "spec" always,
        /// What it got.
        status: PersistentVolumeClaimStatus = "status" always,
    }
}

object! {
    /// What a claim asks for.
    pub struct PersistentVolumeClaimSpec {
        /// `ReadWriteOnce`, ….
        access_modes: List<Str> = "accessModes",
        /// Which volumes fit.
        selector: Option<LabelSelector> = "selector",
        /// How much.
        resources: VolumeResources = "resources" always,
        /// The volume it is bound to.
        volume_name: Str = "volumeName",
        /// Its class: absent means the default class, empty means none.
        storage_class_name: Option<Str> = "storageClassName",
        /// `Filesystem` or `Block`.
        volume_mode: Str = "volumeMode",
    }
}

object! {
    /// How much storage.
    pub struct VolumeResources {
        /// At most.
        limits: ResourceList = "limits",
        /// At least.
        requests: ResourceList = "requests",
    }
}

object! {
    /// What a claim got.
    pub struct PersistentVolumeClaimStatus {
        /// `Pending`, `Bound` or `Lost`.
        phase: Str = "phase",
        /// Access modes of the volume.
        access_modes: List<Str> = "accessModes",
        /// Size of the volume.
        capacity: ResourceList = "capacity",
        /// What is going on with it: a resize, mostly.
        conditions: List<PersistentVolumeClaimCondition> = "conditions",
        /// The size that is being made.
        allocated_resources: ResourceList = "allocatedResources",
        /// How far the making of it has come.
        allocated_resource_statuses: StrMap = "allocatedResourceStatuses",
    }
}

object! {
    /// What is going on with a claim.
    pub struct PersistentVolumeClaimCondition {
        /// `Resizing`, `FileSystemResizePending`, ….
        r#type: Str = "type" always,
        /// `True` or `False`.
        status: Str = "status" always,
        /// When it was last looked at.
        last_probe_time: Option<crate::Time> = "lastProbeTime" always,
        /// Since when.
        last_transition_time: Option<crate::Time> = "lastTransitionTime" always,
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in sentences.
        message: Str = "message",
    }
}

/// How far a resize has come: the volume itself is being enlarged.
pub const CONTROLLER_RESIZE_IN_PROGRESS: &str = "ControllerResizeInProgress";
/// How far a resize has come: the file system is to be enlarged on a node.
pub const NODE_RESIZE_PENDING: &str = "NodeResizePending";

impl PersistentVolumeClaim {
    /// How far the resize of this claim has come, if there is one.
    pub fn resize_status(&self) -> Option<&str> {
        self.status.allocated_resource_statuses.get("storage").map(|status| status.as_str())
    }
}

object! {
    /// A piece of storage.
    pub struct PersistentVolume {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What it is.
        spec: PersistentVolumeSpec = "spec" always,
        /// Whether it is taken.
        status: PersistentVolumeStatus = "status" always,
    }
}

object! {
    /// What a volume is; its source stays in `rest`.
    pub struct PersistentVolumeSpec {
        /// Its size.
        capacity: ResourceList = "capacity",
        /// How it can be mounted.
        access_modes: List<Str> = "accessModes",
        /// The claim it belongs to.
        claim_ref: Option<ObjectReference> = "claimRef",
        /// `Delete`, `Retain` or `Recycle`.
        persistent_volume_reclaim_policy: Str = "persistentVolumeReclaimPolicy",
        /// Its class.
        storage_class_name: Str = "storageClassName",
        /// `Filesystem` or `Block`.
        volume_mode: Str = "volumeMode",
        /// Where it can be used.
        node_affinity: Option<VolumeNodeAffinity> = "nodeAffinity",
    }
}

object! {
    /// Where a volume can be used.
    pub struct VolumeNodeAffinity {
        /// The nodes.
        required: Option<NodeSelector> = "required",
    }
}

object! {
    /// Whether a volume is taken.
    pub struct PersistentVolumeStatus {
        /// `Pending`, `Available`, `Bound`, `Released` or `Failed`.
        phase: Str = "phase",
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in sentences.
        message: Str = "message",
        /// When the phase last changed.
        last_phase_transition_time: Option<crate::Time> = "lastPhaseTransitionTime",
    }
}

object! {
    /// A way to provision volumes.
    pub struct StorageClass {
        /// Name and annotations.
        metadata: ObjectMeta = "metadata" always,
        /// Who makes the volumes.
        provisioner: Str = "provisioner" always,
        /// For the provisioner.
        parameters: StrMap = "parameters",
        /// What becomes of a volume whose claim is gone.
        reclaim_policy: Str = "reclaimPolicy",
        /// Whether claims may grow.
        allow_volume_expansion: Option<bool> = "allowVolumeExpansion",
        /// `Immediate` or `WaitForFirstConsumer`.
        volume_binding_mode: Str = "volumeBindingMode",
    }
}

/// Marks the class that claims without one get.
pub const DEFAULT_CLASS_ANNOTATION: &str = "storageclass.kubernetes.io/is-default-class";

impl StorageClass {
    /// Whether claims without a class get this one.
    pub fn is_default(&self) -> bool {
        self.metadata.annotations.get(DEFAULT_CLASS_ANNOTATION).is_some_and(|v| v == "true")
    }

    /// Whether binding waits until a pod that uses the claim is scheduled.
    pub fn waits_for_first_consumer(&self) -> bool {
        self.volume_binding_mode == "WaitForFirstConsumer"
    }

    /// The newest default class; of those made in the same second, the first by name.
    /// Models: GetDefaultClass in pkg/volume/util/storageclass.go.
    pub fn newest_default<'a>(classes: impl Iterator<Item = &'a std::rc::Rc<Self>>) -> Option<&'a std::rc::Rc<Self>> {
        classes.filter(|class| class.is_default()).max_by(|a, b| {
            let age = |class: &Self| class.metadata.creation_timestamp;
            age(a).cmp(&age(b)).then_with(|| b.metadata.name.cmp(&a.metadata.name))
        })
    }
}

/// `RWO,ROX`, in the order of the API's own list. Models: GetAccessModesAsString.
pub fn access_modes_text(modes: &[Str]) -> String {
    const SHORT: &[(&str, &str)] =
        &[("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let named: Vec<&str> =
        SHORT.iter().filter(|(mode, _)| modes.iter().any(|m| m == mode)).map(|(_, short)| *short).collect();
    named.join(",")
}
