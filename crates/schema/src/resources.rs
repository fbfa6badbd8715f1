//! Every resource an API server of v1.36 serves by default, as `kubectl api-resources` knows it.
//!
//! Models: the discovery documents in api/discovery of kubernetes/kubernetes, without the API versions that are off by default
//! (pkg/controlplane/instance.go). Sorted by group, then by plural name, as `kubectl api-resources` prints.

use crate::{Definition, definition};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// The verbs of most resources.
const ALL_VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// One resource of the API: a kind together with the name it is served under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Version within the group.
    pub version: &'static str,
    /// Kind, as written in a manifest.
    pub kind: &'static str,
    /// Lower-case plural, as in a URL.
    pub plural: &'static str,
    /// Short names such as `po`.
    pub short_names: &'static [&'static str],
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Categories such as `all`.
    pub categories: &'static [&'static str],
    /// Verbs of the resource itself, sorted.
    pub verbs: &'static [&'static str],
    /// Subresources, sorted.
    pub subresources: &'static [&'static str],
    /// False for a version of a group that discovery does not prefer (`autoscaling/v1`).
    pub preferred: bool,
    /// What the definition of a custom kind says beside its names.
    pub custom: Option<&'static Custom>,
}

/// What one version of a custom resource's definition says beside its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custom {
    /// The name for one object, which need not be the kind's.
    pub singular: String,
    /// The structural schema; null if there is none.
    pub schema: Value,
    /// The columns of its table, beside the name.
    pub columns: Vec<CustomColumn>,
    /// What is told when this version is used.
    pub deprecation: Option<String>,
    /// Where its desired and its observed replicas stand, if it can be scaled.
    pub scale: Option<(String, String)>,
    /// The fields it can be selected by.
    pub selectable: Vec<String>,
}

/// A column of a custom resource's table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomColumn {
    /// Its head.
    pub head: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub ty: String,
    /// Where the value stands, as JSONPath.
    pub path: String,
    /// Whether it is there only in wide tables.
    pub wide: bool,
}

/// Keeps a custom resource for as long as the program runs, so that it can be named as built-in ones are. The same
/// resource is kept once.
pub fn keep(resource: Resource) -> &'static Resource {
    static KEPT: Mutex<Vec<&'static Resource>> = Mutex::new(Vec::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = kept.iter().find(|have| ***have == resource) {
        return same;
    }
    let resource: &'static Resource = Box::leak(Box::new(resource));
    kept.push(resource);
    resource
}

impl Resource {
    /// `apps/v1`, or `v1` for the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `deployments.apps`, or `pods` for the core group: the name error messages use.
    #[must_use]
    pub fn qualified_plural(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// The kind in lower case: `deployment`.
    #[must_use]
    pub fn singular(&self) -> String {
        self.kind.to_ascii_lowercase()
    }

    /// Name of the kind's definition in the schema table: `apps.v1.Deployment`.
    #[must_use]
    pub fn definition_name(&self) -> String {
        let module = match self.group {
            "" => "core",
            "flowcontrol.apiserver.k8s.io" => "flowcontrol",
            group => group.split('.').next().unwrap_or(group),
        };
        format!("{module}.{}.{}", self.version, self.kind)
    }

    /// The kind's schema.
    #[must_use]
    pub fn definition(&self) -> Option<&'static Definition> {
        if self.custom.is_some() {
            return None;
        }
        definition(&self.definition_name())
    }

    /// Whether the resource has this subresource.
    #[must_use]
    pub fn has_subresource(&self, name: &str) -> bool {
        self.subresources.contains(&name)
    }

    const fn short(mut self, names: &'static [&'static str]) -> Self {
        self.short_names = names;
        self
    }

    const fn in_all(self) -> Self {
        self.categories(&["all"])
    }

    const fn categories(mut self, names: &'static [&'static str]) -> Self {
        self.categories = names;
        self
    }

    const fn verbs(mut self, verbs: &'static [&'static str]) -> Self {
        self.verbs = verbs;
        self
    }

    const fn subresources(mut self, names: &'static [&'static str]) -> Self {
        self.subresources = names;
        self
    }

    const fn not_preferred(mut self) -> Self {
        self.preferred = false;
        self
    }
}

const fn namespaced(group: &'static str, version: &'static str, kind: &'static str, plural: &'static str) -> Resource {
    Resource {
        group,
        version,
        kind,
        plural,
        short_names: &[],
        namespaced: true,
        categories: &[],
        verbs: ALL_VERBS,
        subresources: &[],
        preferred: true,
        custom: None,
    }
}

const fn cluster(group: &'static str, version: &'static str, kind: &'static str, plural: &'static str) -> Resource {
    let mut resource = namespaced(group, version, kind, plural);
    resource.namespaced = false;
    resource
}

/// All resources, sorted by group and plural name.
#[must_use]
pub fn resources() -> &'static [Resource] {
    RESOURCES
}

/// The resource of a kind, as a manifest names it: `lookup("apps/v1", "Deployment")`.
#[must_use]
pub fn lookup(group_version: &str, kind: &str) -> Option<&'static Resource> {
    let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
    RESOURCES.iter().find(|r| r.kind == kind && r.group == group && r.version == version)
}

/// The resource a person means on a command line: `po`, `pods`, `pod`, `Pod`, `deployments.apps`, `deploy.v1.apps`.
///
/// Models: staging/src/k8s.io/client-go/restmapper (shortcuts first, then the priority of groups in discovery).
#[must_use]
pub fn find(name: &str) -> Option<&'static Resource> {
    let name = name.to_ascii_lowercase();
    let (word, rest) = name.split_once('.').unwrap_or((&name, ""));
    let named = |r: &Resource| r.plural == word || r.singular() == word || r.short_names.contains(&word);
    let versioned =
        |r: &Resource| rest.split_once('.') == Some((r.version, r.group)) || (r.group.is_empty() && rest == r.version);
    RESOURCES
        .iter()
        .find(|r| named(r) && r.preferred && (rest.is_empty() || rest == r.group))
        .or_else(|| RESOURCES.iter().find(|r| named(r) && versioned(r)))
}

static RESOURCES: &[Resource] = &[
    namespaced("", "v1", "Binding", "bindings").verbs(&["create"]),
    cluster("", "v1", "ComponentStatus", "componentstatuses").short(&["cs"]).verbs(&["get", "list"]),
    namespaced("", "v1", "ConfigMap", "configmaps").short(&["cm"]),
    namespaced("", "v1", "Endpoints", "endpoints").short(&["ep"]),
    namespaced("", "v1", "Event", "events").short(&["ev"]),
    namespaced("", "v1", "LimitRange", "limitranges").short(&["limits"]),
    cluster("", "v1", "Namespace", "namespaces")
        .short(&["ns"])
        .verbs(&["create", "delete", "get", "list", "patch", "update", "watch"])
        .subresources(&["finalize", "status"]),
    cluster("", "v1", "Node", "nodes").short(&["no"]).subresources(&["proxy", "status"]),
    namespaced("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims").short(&["pvc"]).subresources(&["status"]),
    cluster("", "v1", "PersistentVolume", "persistentvolumes").short(&["pv"]).subresources(&["status"]),
    namespaced("", "v1", "Pod", "pods").short(&["po"]).in_all().subresources(&[
        "attach",
        "binding",
        "ephemeralcontainers",
        "eviction",
        "exec",
        "log",
        "portforward",
        "proxy",
        "resize",
        "status",
    ]),
    namespaced("", "v1", "PodTemplate", "podtemplates"),
    namespaced("", "v1", "ReplicationController", "replicationcontrollers")
        .short(&["rc"])
        .in_all()
        .subresources(&["scale", "status"]),
    namespaced("", "v1", "ResourceQuota", "resourcequotas").short(&["quota"]).subresources(&["status"]),
    namespaced("", "v1", "Secret", "secrets"),
    namespaced("", "v1", "ServiceAccount", "serviceaccounts").short(&["sa"]).subresources(&["token"]),
    namespaced("", "v1", "Service", "services").short(&["svc"]).in_all().subresources(&["proxy", "status"]),
    cluster("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies")
        .categories(&["api-extensions"]),
    cluster("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings")
        .categories(&["api-extensions"]),
    cluster("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations")
        .categories(&["api-extensions"]),
    cluster("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies")
        .categories(&["api-extensions"])
        .subresources(&["status"]),
    cluster(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
    )
    .categories(&["api-extensions"]),
    cluster("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations")
        .categories(&["api-extensions"]),
    cluster("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
        .short(&["crd", "crds"])
        .categories(&["api-extensions"])
        .subresources(&["status"]),
    cluster("apiregistration.k8s.io", "v1", "APIService", "apiservices")
        .categories(&["api-extensions"])
        .subresources(&["status"]),
    namespaced("apps", "v1", "ControllerRevision", "controllerrevisions"),
    namespaced("apps", "v1", "DaemonSet", "daemonsets").short(&["ds"]).in_all().subresources(&["status"]),
    namespaced("apps", "v1", "Deployment", "deployments")
        .short(&["deploy"])
        .in_all()
        .subresources(&["scale", "status"]),
    namespaced("apps", "v1", "ReplicaSet", "replicasets").short(&["rs"]).in_all().subresources(&["scale", "status"]),
    namespaced("apps", "v1", "StatefulSet", "statefulsets").short(&["sts"]).in_all().subresources(&["scale", "status"]),
    cluster("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews").verbs(&["create"]),
    cluster("authentication.k8s.io", "v1", "TokenReview", "tokenreviews").verbs(&["create"]),
    namespaced("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews")
        .verbs(&["create"]),
    cluster("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews").verbs(&["create"]),
    cluster("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews").verbs(&["create"]),
    cluster("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews").verbs(&["create"]),
    namespaced("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        .short(&["hpa"])
        .in_all()
        .subresources(&["status"]),
    namespaced("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        .short(&["hpa"])
        .in_all()
        .subresources(&["status"])
        .not_preferred(),
    namespaced("batch", "v1", "CronJob", "cronjobs").short(&["cj"]).in_all().subresources(&["status"]),
    namespaced("batch", "v1", "Job", "jobs").in_all().subresources(&["status"]),
    cluster("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests")
        .short(&["csr"])
        .subresources(&["approval", "status"]),
    namespaced("coordination.k8s.io", "v1", "Lease", "leases"),
    namespaced("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    namespaced("events.k8s.io", "v1", "Event", "events").short(&["ev"]),
    cluster("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas").subresources(&["status"]),
    cluster("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations")
        .subresources(&["status"]),
    cluster("networking.k8s.io", "v1", "IngressClass", "ingressclasses"),
    namespaced("networking.k8s.io", "v1", "Ingress", "ingresses").short(&["ing"]).subresources(&["status"]),
    cluster("networking.k8s.io", "v1", "IPAddress", "ipaddresses").short(&["ip"]),
    namespaced("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies").short(&["netpol"]),
    cluster("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs").subresources(&["status"]),
    cluster("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses"),
    namespaced("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets").short(&["pdb"]).subresources(&["status"]),
    cluster("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings"),
    cluster("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles"),
    namespaced("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    namespaced("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    cluster("resource.k8s.io", "v1", "DeviceClass", "deviceclasses"),
    namespaced("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims").subresources(&["status"]),
    namespaced("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates"),
    cluster("resource.k8s.io", "v1", "ResourceSlice", "resourceslices"),
    cluster("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses").short(&["pc"]),
    cluster("storage.k8s.io", "v1", "CSIDriver", "csidrivers"),
    cluster("storage.k8s.io", "v1", "CSINode", "csinodes"),
    namespaced("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities"),
    cluster("storage.k8s.io", "v1", "StorageClass", "storageclasses").short(&["sc"]),
    cluster("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments").subresources(&["status"]),
    cluster("storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses").short(&["vac"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_schema_and_the_order_is_that_of_api_resources() {
        for resource in resources() {
            assert!(resource.definition().is_some(), "{}", resource.definition_name());
            assert!(resource.verbs.is_sorted() && resource.subresources.is_sorted(), "{}", resource.plural);
        }
        assert!(resources().is_sorted_by_key(|r| (r.group, r.plural)));
    }

    #[test]
    fn names_people_type() {
        let kind = |name| find(name).map(|r| (r.api_version(), r.kind));
        assert_eq!(kind("po"), Some(("v1".to_owned(), "Pod")));
        assert_eq!(kind("ev"), Some(("v1".to_owned(), "Event")));
        assert_eq!(kind("hpa"), Some(("autoscaling/v2".to_owned(), "HorizontalPodAutoscaler")));
        assert_eq!(kind("deployments.apps"), Some(("apps/v1".to_owned(), "Deployment")));
        assert_eq!(kind("deploy.v1.apps"), Some(("apps/v1".to_owned(), "Deployment")));
        assert_eq!(kind("hpa.v1.autoscaling"), Some(("autoscaling/v1".to_owned(), "HorizontalPodAutoscaler")));
        assert_eq!(kind("StatefulSet"), Some(("apps/v1".to_owned(), "StatefulSet")));
        assert_eq!(kind("nosuchkind"), None);
        assert_eq!(kind("pods.apps"), None);
    }
}
