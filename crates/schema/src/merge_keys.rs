//! How lists and maps merge: the patch and list extensions of upstream's API types, which the JSON schemas leave out.
//!
//! Models: the `patchStrategy`, `patchMergeKey`, `listType`, `listMapKey` and `mapType` markers in staging/src/k8s.io/api (v1.36).
//! Only what differs from the default is listed: a list without a row is replaced as a whole, a map merges by key.

/// How a list merges under server-side apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType {
    /// Replaced as a whole.
    Atomic,
    /// Merged by the value of its items.
    Set,
    /// Merged by these fields of its items.
    Map(&'static [&'static str]),
}

/// How one field merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeRule {
    /// Strategic merge patch: merge the list instead of replacing it.
    pub merge: bool,
    /// Strategic merge patch: fields the patch does not name are cleared (a union, such as a volume).
    pub retain_keys: bool,
    /// Strategic merge patch: the field that identifies an item; without one, items are compared as values.
    pub patch_key: Option<&'static str>,
    /// Server-side apply: the list type.
    pub list: ListType,
}

impl MergeRule {
    /// The rule of a field without a row: replace.
    pub const REPLACE: Self = Self { merge: false, retain_keys: false, patch_key: None, list: ListType::Atomic };
}

/// The rule of `field` in the definition named `definition`.
#[must_use]
pub fn merge_rule(definition: &str, field: &str) -> MergeRule {
    RULES
        .binary_search_by(|(row_definition, row_field, _)| (*row_definition, *row_field).cmp(&(definition, field)))
        .map_or(MergeRule::REPLACE, |at| RULES[at].2)
}

/// Whether server-side apply treats this map or object as one value.
#[must_use]
pub fn is_atomic_map(definition: &str, field: &str) -> bool {
    ATOMIC_MAPS.binary_search(&(definition, field)).is_ok()
}

/// Whether server-side apply treats every object of this definition as one value.
#[must_use]
pub fn is_atomic_object(definition: &str) -> bool {
    ATOMIC_OBJECTS.binary_search(&definition).is_ok()
}

const fn by(patch_key: &'static str, list: ListType) -> MergeRule {
    MergeRule { merge: true, retain_keys: false, patch_key: Some(patch_key), list }
}

const fn union_by(patch_key: &'static str, list: ListType) -> MergeRule {
    MergeRule { merge: true, retain_keys: true, patch_key: Some(patch_key), list }
}

const fn list(list: ListType) -> MergeRule {
    MergeRule { list, ..MergeRule::REPLACE }
}

use ListType::{Atomic, Map, Set};

/// Sorted by definition and field.
const RULES: &[(&str, &str, MergeRule)] = &[
    ("admissionregistration.v1.MutatingAdmissionPolicySpec", "matchConditions", by("name", Map(&["name"]))),
    ("admissionregistration.v1.MutatingWebhook", "matchConditions", by("name", Map(&["name"]))),
    ("admissionregistration.v1.MutatingWebhookConfiguration", "webhooks", by("name", Map(&["name"]))),
    ("admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec", "validationActions", list(Set)),
    ("admissionregistration.v1.ValidatingAdmissionPolicySpec", "matchConditions", by("name", Map(&["name"]))),
    ("admissionregistration.v1.ValidatingAdmissionPolicySpec", "variables", by("name", Map(&["name"]))),
    ("admissionregistration.v1.ValidatingAdmissionPolicyStatus", "conditions", list(Map(&["type"]))),
    ("admissionregistration.v1.ValidatingWebhook", "matchConditions", by("name", Map(&["name"]))),
    ("admissionregistration.v1.ValidatingWebhookConfiguration", "webhooks", by("name", Map(&["name"]))),
    ("apiextensions.v1.CustomResourceDefinitionStatus", "conditions", list(Map(&["type"]))),
    ("apiextensions.v1.JSONSchemaProps", "x-kubernetes-validations", by("rule", Map(&["rule"]))),
    ("apiregistration.v1.APIServiceStatus", "conditions", by("type", Map(&["type"]))),
    ("apps.v1.DaemonSetStatus", "conditions", by("type", Map(&["type"]))),
    ("apps.v1.DeploymentSpec", "strategy", MergeRule { retain_keys: true, ..MergeRule::REPLACE }),
    ("apps.v1.DeploymentStatus", "conditions", by("type", Map(&["type"]))),
    ("apps.v1.ReplicaSetStatus", "conditions", by("type", Map(&["type"]))),
    ("apps.v1.StatefulSetStatus", "conditions", by("type", Map(&["type"]))),
    ("autoscaling.v2.HorizontalPodAutoscalerStatus", "conditions", by("type", Map(&["type"]))),
    ("batch.v1.JobStatus", "conditions", by("type", Atomic)),
    ("batch.v1.PodFailurePolicyOnExitCodesRequirement", "values", list(Set)),
    ("batch.v1.UncountedTerminatedPods", "failed", list(Set)),
    ("batch.v1.UncountedTerminatedPods", "succeeded", list(Set)),
    ("certificates.v1.CertificateSigningRequestStatus", "conditions", list(Map(&["type"]))),
    ("core.v1.ComponentStatus", "conditions", by("type", Map(&["type"]))),
    ("core.v1.Container", "env", by("name", Map(&["name"]))),
    ("core.v1.Container", "ports", by("containerPort", Map(&["containerPort", "protocol"]))),
    ("core.v1.Container", "volumeDevices", by("devicePath", Map(&["devicePath"]))),
    ("core.v1.Container", "volumeMounts", by("mountPath", Map(&["mountPath"]))),
    ("core.v1.ContainerRestartRuleOnExitCodes", "values", list(Set)),
    ("core.v1.ContainerStatus", "allocatedResourcesStatus", by("name", Map(&["name"]))),
    ("core.v1.ContainerStatus", "volumeMounts", by("mountPath", Map(&["mountPath"]))),
    ("core.v1.EphemeralContainer", "env", by("name", Map(&["name"]))),
    ("core.v1.EphemeralContainer", "ports", by("containerPort", Map(&["containerPort", "protocol"]))),
    ("core.v1.EphemeralContainer", "volumeDevices", by("devicePath", Map(&["devicePath"]))),
    ("core.v1.EphemeralContainer", "volumeMounts", by("mountPath", Map(&["mountPath"]))),
    ("core.v1.NamespaceStatus", "conditions", by("type", Map(&["type"]))),
    ("core.v1.NodeAllocatableResourceClaimStatus", "containers", list(Set)),
    ("core.v1.NodeSpec", "podCIDRs", MergeRule { merge: true, ..list(Set) }),
    ("core.v1.NodeStatus", "addresses", by("type", Map(&["type"]))),
    ("core.v1.NodeStatus", "conditions", by("type", Map(&["type"]))),
    ("core.v1.PersistentVolumeClaimStatus", "conditions", by("type", Map(&["type"]))),
    ("core.v1.PodSpec", "containers", by("name", Map(&["name"]))),
    ("core.v1.PodSpec", "ephemeralContainers", by("name", Map(&["name"]))),
    ("core.v1.PodSpec", "hostAliases", by("ip", Map(&["ip"]))),
    ("core.v1.PodSpec", "imagePullSecrets", by("name", Map(&["name"]))),
    ("core.v1.PodSpec", "initContainers", by("name", Map(&["name"]))),
    ("core.v1.PodSpec", "resourceClaims", union_by("name", Map(&["name"]))),
    ("core.v1.PodSpec", "schedulingGates", by("name", Map(&["name"]))),
    ("core.v1.PodSpec", "topologySpreadConstraints", by("topologyKey", Map(&["topologyKey", "whenUnsatisfiable"]))),
    ("core.v1.PodSpec", "volumes", union_by("name", Map(&["name"]))),
    ("core.v1.PodStatus", "conditions", by("type", Map(&["type"]))),
    ("core.v1.PodStatus", "hostIPs", by("ip", Atomic)),
    ("core.v1.PodStatus", "podIPs", by("ip", Map(&["ip"]))),
    ("core.v1.PodStatus", "resourceClaimStatuses", union_by("name", Map(&["name"]))),
    ("core.v1.ReplicationControllerStatus", "conditions", by("type", Map(&["type"]))),
    ("core.v1.ResourceRequirements", "claims", list(Map(&["name"]))),
    ("core.v1.ResourceStatus", "resources", list(Map(&["resourceID"]))),
    ("core.v1.ServiceAccount", "secrets", by("name", Map(&["name"]))),
    ("core.v1.ServiceSpec", "ports", by("port", Map(&["port", "protocol"]))),
    ("core.v1.ServiceStatus", "conditions", by("type", Map(&["type"]))),
    ("discovery.v1.Endpoint", "addresses", list(Set)),
    ("flowcontrol.v1.FlowSchemaStatus", "conditions", by("type", Map(&["type"]))),
    ("flowcontrol.v1.NonResourcePolicyRule", "nonResourceURLs", list(Set)),
    ("flowcontrol.v1.NonResourcePolicyRule", "verbs", list(Set)),
    ("flowcontrol.v1.PriorityLevelConfigurationStatus", "conditions", by("type", Map(&["type"]))),
    ("flowcontrol.v1.ResourcePolicyRule", "apiGroups", list(Set)),
    ("flowcontrol.v1.ResourcePolicyRule", "namespaces", list(Set)),
    ("flowcontrol.v1.ResourcePolicyRule", "resources", list(Set)),
    ("flowcontrol.v1.ResourcePolicyRule", "verbs", list(Set)),
    ("meta.v1.ObjectMeta", "finalizers", MergeRule { merge: true, ..list(Set) }),
    ("meta.v1.ObjectMeta", "ownerReferences", by("uid", Map(&["uid"]))),
    ("networking.v1.ServiceCIDRStatus", "conditions", by("type", Map(&["type"]))),
    ("policy.v1.PodDisruptionBudgetStatus", "conditions", by("type", Map(&["type"]))),
    ("resource.v1.AllocatedDeviceStatus", "conditions", list(Map(&["type"]))),
    ("resource.v1.ResourceClaimStatus", "devices", list(Map(&["driver", "device", "pool", "shareID"]))),
    ("resource.v1.ResourceClaimStatus", "reservedFor", by("uid", Map(&["uid"]))),
    ("storage.v1.CSIDriverSpec", "volumeLifecycleModes", list(Set)),
    ("storage.v1.CSINodeSpec", "drivers", by("name", Map(&["name"]))),
];

/// Sorted by definition and field.
const ATOMIC_MAPS: &[(&str, &str)] = &[
    ("core.v1.PodSpec", "nodeSelector"),
    ("core.v1.ReplicationControllerSpec", "selector"),
    ("core.v1.ServiceSpec", "selector"),
    ("node.v1.Scheduling", "nodeSelector"),
];

/// Sorted.
const ATOMIC_OBJECTS: &[&str] = &[
    "admissionregistration.v1.MatchResources",
    "admissionregistration.v1.NamedRuleWithOperations",
    "admissionregistration.v1.ParamKind",
    "admissionregistration.v1.ParamRef",
    "admissionregistration.v1.Variable",
    "autoscaling.v1.CrossVersionObjectReference",
    "core.v1.ConfigMapKeySelector",
    "core.v1.EndpointAddress",
    "core.v1.EndpointPort",
    "core.v1.FileKeySelector",
    "core.v1.LocalObjectReference",
    "core.v1.NodeSelector",
    "core.v1.NodeSelectorTerm",
    "core.v1.ObjectFieldSelector",
    "core.v1.ObjectReference",
    "core.v1.ResourceFieldSelector",
    "core.v1.ScopeSelector",
    "core.v1.SecretKeySelector",
    "core.v1.SecretReference",
    "core.v1.TopologySelectorTerm",
    "core.v1.TypedLocalObjectReference",
    "discovery.v1.EndpointPort",
    "meta.v1.LabelSelector",
    "meta.v1.OwnerReference",
    "networking.v1.ServiceBackendPort",
    "rbac.v1.RoleRef",
    "rbac.v1.Subject",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_name_real_fields() {
        assert!(RULES.is_sorted_by_key(|(definition, field, _)| (*definition, *field)));
        assert!(ATOMIC_MAPS.is_sorted() && ATOMIC_OBJECTS.is_sorted());
        let fields =
            RULES.iter().map(|(definition, field, _)| (*definition, *field)).chain(ATOMIC_MAPS.iter().copied());
        for (definition, field) in fields {
            let known = crate::definition(definition).and_then(|d| d.field(field));
            assert!(known.is_some(), "{definition} {field}");
        }
        for name in ATOMIC_OBJECTS {
            assert!(crate::definition(name).is_some(), "{name}");
        }
    }

    #[test]
    fn containers_merge_by_name_and_tolerations_are_replaced() {
        assert_eq!(merge_rule("core.v1.PodSpec", "containers").patch_key, Some("name"));
        assert_eq!(merge_rule("core.v1.Container", "ports").list, Map(&["containerPort", "protocol"]));
        assert_eq!(merge_rule("core.v1.PodSpec", "tolerations"), MergeRule::REPLACE);
        assert!(merge_rule("core.v1.PodSpec", "volumes").retain_keys);
    }
}
