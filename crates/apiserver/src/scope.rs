//! What acts on nothing here: kinds, and fields of kinds that are modelled. The user is told once of each; SCOPE.md
//! shows the same tables to people, and a test keeps both in step with the code.

use crate::Server;
use api::Kind;
use schema::Definition;
use serde_json::Value;

/// Kinds without a type of their own that something acts on all the same.
const ACTED_ON: &[&str] = &["CustomResourceDefinition", "PriorityClass"];

/// Fields that are checked, kept and shown, by the schema's definition they are part of; the user is told.
pub const WITHOUT_EFFECT: &[(&str, &[&str])] = &[
    (
        "core.v1.PodSpec",
        &[
            "ephemeralContainers",
            "hostIPC",
            "hostPID",
            "hostUsers",
            "hostnameOverride",
            "resourceClaims",
            "runtimeClassName",
            "schedulingGroup",
            "shareProcessNamespace",
        ],
    ),
    ("core.v1.Container", &["restartPolicyRules", "volumeDevices"]),
    ("core.v1.ResourceRequirements", &["claims"]),
    ("core.v1.EnvVarSource", &["fileKeyRef"]),
    ("core.v1.NodeSpec", &["configSource", "externalID"]),
    ("core.v1.PersistentVolumeClaimSpec", &["dataSource", "dataSourceRef"]),
    (
        "core.v1.ServiceSpec",
        &["loadBalancerClass", "loadBalancerIP", "loadBalancerSourceRanges", "sessionAffinity", "trafficDistribution"],
    ),
];

/// Fields that are kept and shown as well, and of which nobody would expect to see anything in a cluster that runs no
/// program: nothing is said.
pub const WITHOUT_SIGHT: &[(&str, &[&str])] = &[
    ("core.v1.PodSpec", &["imagePullSecrets", "os"]),
    ("core.v1.Container", &["resizePolicy", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty"]),
    (
        "core.v1.PodSecurityContext",
        &[
            "appArmorProfile",
            "fsGroup",
            "fsGroupChangePolicy",
            "seLinuxChangePolicy",
            "seLinuxOptions",
            "seccompProfile",
            "supplementalGroups",
            "supplementalGroupsPolicy",
            "sysctls",
            "windowsOptions",
        ],
    ),
    (
        "core.v1.SecurityContext",
        &[
            "allowPrivilegeEscalation",
            "appArmorProfile",
            "capabilities",
            "privileged",
            "procMount",
            "seLinuxOptions",
            "seccompProfile",
            "windowsOptions",
        ],
    ),
    ("core.v1.VolumeMount", &["mountPropagation"]),
    ("core.v1.ServiceAccount", &["automountServiceAccountToken", "imagePullSecrets", "secrets"]),
    ("core.v1.ServiceSpec", &["allocateLoadBalancerNodePorts", "healthCheckNodePort", "sessionAffinityConfig"]),
    ("core.v1.PersistentVolumeSpec", &["mountOptions"]),
    ("storage.v1.StorageClass", &["mountOptions"]),
    ("core.v1.Event", &["related"]),
    ("coordination.v1.LeaseSpec", &["acquireTime", "leaseTransitions", "preferredHolder", "strategy"]),
    ("discovery.v1.Endpoint", &["deprecatedTopology", "hints"]),
];

/// What to tell the user about a kind that nothing acts on; `None` if something does.
pub fn no_effect(kind: Kind) -> Option<String> {
    let Kind::Other(_) = kind else { return None };
    if kind.is_custom() {
        let name = crate::resource(kind)?.kind;
        return Some(format!(
            "{name} objects have no effect here: they are checked, stored and shown, but no controller of theirs runs (see SCOPE.md)"
        ));
    }
    let info = crate::resource(kind).filter(|info| !ACTED_ON.contains(&info.kind) && info.verbs.contains(&"get"))?;
    Some(format!("{} objects have no effect here: they are checked, stored and shown (see SCOPE.md)", info.kind))
}

/// Labels of a namespace whose rules are not enforced here begin with this.
const POD_SECURITY: FieldName = ("core.v1.Namespace", "pod-security.kubernetes.io/");

/// The labels about pod security that an object, as its author wrote it, asks for.
fn pod_security_labels(kind: Kind, body: &Value) -> Vec<&str> {
    let labels = body["metadata"]["labels"].as_object().filter(|_| kind == Kind::Namespace);
    let set = labels.into_iter().flatten().filter(|(_, value)| !value.is_null());
    set.map(|(label, _)| label.as_str()).filter(|label| label.starts_with(POD_SECURITY.1)).collect()
}

impl Server {
    /// What to tell the user of an object that is new: that nothing acts on its kind, or on some of the fields that
    /// its author wrote. Each is told the first time, then never again.
    pub fn scope_warnings(&mut self, kind: Kind, body: &Value) -> Vec<String> {
        let told = &mut self.told;
        let of_kind = no_effect(kind).filter(|_| told.insert((kind, None)));
        let mut fields = fields_without_effect(kind, body);
        fields.retain(|(field, _)| told.insert((kind, Some(*field))));
        let mut paths: Vec<String> = fields.into_iter().map(|(_, path)| path).collect();
        paths.sort();
        let of_fields = match paths.as_slice() {
            [] => None,
            [one] => Some(format!("{one} has no effect here: it is checked, stored and shown (see SCOPE.md)")),
            many => {
                let many = many.join(", ");
                Some(format!("{many} have no effect here: they are checked, stored and shown (see SCOPE.md)"))
            }
        };
        let of_labels = !pod_security_labels(kind, body).is_empty() && told.insert((kind, Some(POD_SECURITY)));
        let of_labels = of_labels.then(|| {
            "labels pod-security.kubernetes.io/… have no effect here: pods are admitted whatever they ask for (see SCOPE.md)"
                .to_owned()
        });
        of_kind.into_iter().chain(of_fields).chain(of_labels).collect()
    }
}

/// A field of a definition.
pub(crate) type FieldName = (&'static str, &'static str);

/// The fields of an object, as its author wrote it, that have no effect here, each with its path.
pub(crate) fn fields_without_effect(kind: Kind, body: &Value) -> Vec<(FieldName, String)> {
    let mut found = Vec::new();
    if let Some(definition) = crate::resource(kind).and_then(|info| info.definition()) {
        walk(definition, body, "", &mut found);
    }
    found
}

fn walk(definition: &'static Definition, value: &Value, path: &str, found: &mut Vec<(FieldName, String)>) {
    let Some(map) = value.as_object() else { return };
    let list =
        WITHOUT_EFFECT.iter().find(|(name, _)| *name == definition.name).map_or(&[] as &[&str], |(_, list)| list);
    for (name, value) in map {
        let Some(field) = definition.field(name).filter(|_| !value.is_null()) else { continue };
        let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if list.contains(&name.as_str()) {
            found.push(((definition.name, field.name), here));
        } else if let Some(below) = field.ty.definition() {
            for item in items(value) {
                walk(below, item, &here, found);
            }
        }
    }
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_without_effect_are_found_wherever_they_are() {
        let body = json!({"metadata": {"name": "web"}, "spec": {"replicas": 2, "template": {"spec": {
            "hostPID": true, "runtimeClassName": null, "tty": "unknown here",
            "containers": [{"name": "c", "image": "nginx", "tty": true, "resources": {"claims": [{"name": "gpu"}]}}],
        }}}});
        let paths = |kind| fields_without_effect(kind, &body).into_iter().map(|(_, path)| path).collect::<Vec<_>>();
        let expected = ["spec.template.spec.containers.resources.claims", "spec.template.spec.hostPID"];
        assert_eq!(paths(Kind::StatefulSet), expected);
        assert_eq!(paths(Kind::Deployment), expected);
        assert_eq!(paths(Kind::ConfigMap), [""; 0]);
    }
}
