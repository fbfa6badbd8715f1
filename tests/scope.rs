//! SCOPE.md, the tables of `apiserver::scope` and the code say the same.

use apiserver::scope::{WITHOUT_EFFECT, WITHOUT_SIGHT};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- fields: made by `cargo xtask bless scope` -->\n";
const END: &str = "<!-- end of fields -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn scope_md() -> String {
    std::fs::read_to_string(root().join("SCOPE.md")).expect("SCOPE.md is there")
}

/// Fields that something acts on without a type of their own: they are read out of `rest`.
const READ_AS_THEY_ARE: &[(&str, &[&str])] = &[
    (
        "core.v1.PodSpec",
        &[
            "automountServiceAccountToken",
            "dnsConfig",
            "dnsPolicy",
            "enableServiceLinks",
            "hostAliases",
            "readinessGates",
            "securityContext",
            "serviceAccount",
            "setHostnameAsFQDN",
        ],
    ),
    ("core.v1.Container", &["lifecycle", "securityContext", "stdin", "workingDir"]),
    ("core.v1.EnvVarSource", &["resourceFieldRef"]),
    ("core.v1.PodAffinityTerm", &["matchLabelKeys", "mismatchLabelKeys"]),
    ("core.v1.Probe", &["exec", "grpc", "httpGet", "tcpSocket", "terminationGracePeriodSeconds"]),
    ("core.v1.VolumeMount", &["recursiveReadOnly", "subPathExpr"]),
    ("core.v1.PersistentVolumeClaimSpec", &["volumeAttributesClassName"]),
    ("core.v1.ServicePort", &["appProtocol"]),
    (
        "core.v1.ServiceSpec",
        &["externalIPs", "externalTrafficPolicy", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy"],
    ),
    ("discovery.v1.Endpoint", &["zone"]),
    ("discovery.v1.EndpointPort", &["appProtocol"]),
    ("storage.v1.StorageClass", &["allowedTopologies"]),
];

/// The definitions whose every field is accounted for, with the fields that have a type here.
const TYPED: &[(&str, &[&str])] = &[
    ("apps.v1.DaemonSetSpec", api::DaemonSetSpec::FIELDS),
    ("apps.v1.DaemonSetUpdateStrategy", api::DaemonSetUpdateStrategy::FIELDS),
    ("apps.v1.DeploymentSpec", api::DeploymentSpec::FIELDS),
    ("apps.v1.DeploymentStrategy", api::DeploymentStrategy::FIELDS),
    ("apps.v1.ReplicaSetSpec", api::ReplicaSetSpec::FIELDS),
    ("apps.v1.StatefulSetSpec", api::StatefulSetSpec::FIELDS),
    ("apps.v1.StatefulSetUpdateStrategy", api::StatefulSetUpdateStrategy::FIELDS),
    ("batch.v1.CronJobSpec", api::CronJobSpec::FIELDS),
    ("batch.v1.JobSpec", api::JobSpec::FIELDS),
    ("coordination.v1.LeaseSpec", api::LeaseSpec::FIELDS),
    ("core.v1.ConfigMap", api::ConfigMap::FIELDS),
    ("core.v1.Container", api::Container::FIELDS),
    ("core.v1.EnvVarSource", api::EnvVarSource::FIELDS),
    ("core.v1.Event", api::Event::FIELDS),
    ("core.v1.NodeSpec", api::NodeSpec::FIELDS),
    ("core.v1.PersistentVolumeClaimSpec", api::PersistentVolumeClaimSpec::FIELDS),
    ("core.v1.PodAffinityTerm", api::PodAffinityTerm::FIELDS),
    ("core.v1.PodSpec", api::PodSpec::FIELDS),
    ("core.v1.Probe", api::Probe::FIELDS),
    ("core.v1.ReplicationControllerSpec", api::ReplicationControllerSpec::FIELDS),
    ("core.v1.ResourceRequirements", api::ResourceRequirements::FIELDS),
    ("core.v1.Secret", api::Secret::FIELDS),
    ("core.v1.ServiceAccount", api::ServiceAccount::FIELDS),
    ("core.v1.ServicePort", api::ServicePort::FIELDS),
    ("core.v1.ServiceSpec", api::ServiceSpec::FIELDS),
    ("core.v1.Toleration", api::Toleration::FIELDS),
    ("core.v1.TopologySpreadConstraint", api::TopologySpreadConstraint::FIELDS),
    ("core.v1.VolumeMount", api::VolumeMount::FIELDS),
    ("discovery.v1.Endpoint", api::Endpoint::FIELDS),
    ("discovery.v1.EndpointPort", api::EndpointPort::FIELDS),
    ("storage.v1.StorageClass", api::StorageClass::FIELDS),
];

fn listed(table: &[(&'static str, &[&'static str])], definition: &str) -> BTreeSet<&'static str> {
    let rows = table.iter().filter(|(name, _)| *name == definition);
    rows.flat_map(|(_, fields)| fields.iter().copied()).collect()
}

#[test]
fn every_field_of_what_is_modelled_is_acted_on_or_listed() {
    let mut wrong = Vec::new();
    for (name, typed) in TYPED {
        let definition = schema::definition(name).unwrap_or_else(|| panic!("{name} is in the schema"));
        let ours: Vec<BTreeSet<&str>> = vec![
            typed.iter().copied().collect(),
            listed(READ_AS_THEY_ARE, name),
            listed(WITHOUT_EFFECT, name),
            listed(WITHOUT_SIGHT, name),
        ];
        let common = ["apiVersion", "kind", "metadata"];
        for field in definition.fields.iter().map(|field| field.name).filter(|field| !common.contains(field)) {
            let times = ours.iter().filter(|set| set.contains(field)).count();
            if times != 1 {
                wrong.push(format!("{name}.{field} stands in {times} of: typed, read as it is, without effect"));
            }
        }
    }
    for (name, fields) in WITHOUT_EFFECT.iter().chain(WITHOUT_SIGHT).chain(READ_AS_THEY_ARE) {
        let definition = schema::definition(name).unwrap_or_else(|| panic!("{name} is in the schema"));
        let unknown = fields.iter().filter(|field| definition.field(field).is_none());
        wrong.extend(unknown.map(|field| format!("{name} has no field {field}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sources of every brain.
fn brains() -> String {
    let mut text = String::new();
    for room in ["controllers", "scheduler", "kubelet", "network", "cluster"] {
        add_sources(&root().join("crates").join(room).join("src"), &mut text);
    }
    text
}

fn add_sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            add_sources(&path, text);
        } else {
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            // Tests may name anything.
            text.push_str(source.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
}

#[test]
fn no_brain_reads_a_field_that_is_said_to_have_no_effect() {
    let sources = brains();
    let read = |field: &str| sources.contains(&format!(".get(\"{field}\")"));
    let fields = WITHOUT_EFFECT.iter().flat_map(|(name, fields)| fields.iter().map(move |field| (name, field)));
    let wrong: Vec<String> =
        fields.filter(|(_, field)| read(field)).map(|(name, field)| format!("{name}.{field}")).collect();
    assert!(wrong.is_empty(), "some brain reads {}: take them off the list", wrong.join(", "));
}

/// What people call a definition.
fn called(definition: &str) -> &str {
    match definition {
        "core.v1.PodSpec" => "a pod, and every template of pods",
        "core.v1.Container" => "a container",
        "core.v1.ResourceRequirements" => "resources of a container",
        "core.v1.EnvVarSource" => "source of a variable",
        "core.v1.PodSecurityContext" => "security context of a pod",
        "core.v1.SecurityContext" => "security context of a container",
        "core.v1.VolumeMount" => "mount of a volume",
        other => other.rsplit('.').next().unwrap_or(other).trim_end_matches("Spec"),
    }
}

fn fields_section() -> String {
    let mut rows: BTreeMap<&str, [String; 2]> = BTreeMap::new();
    for (column, table) in [WITHOUT_EFFECT, WITHOUT_SIGHT].into_iter().enumerate() {
        for (definition, fields) in table {
            let names: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
            rows.entry(called(definition)).or_default()[column] = names.join(", ");
        }
    }
    let mut text = "| part | no effect, and it is said | no effect that could be seen, so nothing is said |\n| --- | --- | --- |\n".to_owned();
    for (part, [told, quiet]) in rows {
        text.push_str(&format!("| {part} | {told} | {quiet} |\n"));
    }
    text
}

#[test]
fn scope_md_lists_the_fields_without_effect() {
    let page = scope_md();
    let (before, rest) = page.split_once(BEGIN).expect("the section begins");
    let (section, after) = rest.split_once(END).expect("the section ends");
    let wanted = fields_section();
    if std::env::var_os("PODGROUND_BLESS").is_some() {
        std::fs::write(root().join("SCOPE.md"), format!("{before}{BEGIN}{wanted}{END}{after}")).expect("written");
        return;
    }
    assert_eq!(section, wanted, "bless with: cargo xtask bless");
}

#[test]
fn scope_md_names_every_kind_with_what_it_does() {
    let page = scope_md();
    let (_, table) = page.split_once("| kinds | what they do here |\n| --- | --- |\n").expect("the table of kinds");
    let table = table.split("\n\n").next().unwrap_or_default();
    let mut said: BTreeMap<&str, &str> = BTreeMap::new();
    for row in table.lines() {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (kinds, does) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        said.extend(kinds.split(", ").map(|kind| (kind, does)));
    }
    let mut wrong = Vec::new();
    for info in schema::resources() {
        let Some(kind) = apiserver::kind_of(&info.api_version(), info.kind) else { continue };
        let without = apiserver::scope::no_effect(kind).is_some();
        match said.get(info.kind) {
            None => wrong.push(format!("{} is not in the table of kinds", info.kind)),
            // The old version of a kind is stored as it is, and so are the newer Events that nobody writes.
            Some(_) if !info.preferred || info.group == "events.k8s.io" => {}
            Some(does) if does.starts_with("stored and shown") != without => {
                wrong.push(format!("{} is said to be {does:?}; without effect in the code: {without}", info.kind));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
