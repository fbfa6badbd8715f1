//! Writes `crates/schema/src/table.txt` and `descriptions.txt` from the JSON schemas of `k8s-openapi` (Kubernetes v1.36).
//!
//! Run it from anywhere: `cargo run --manifest-path crates/schemagen/Cargo.toml`. The format of both files is described in
//! `crates/schema/src/table.rs`, which reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use k8s_openapi::api;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use k8s_openapi::apimachinery::pkg::apis::meta;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// Asks the generator for each named type of a module, which brings in everything it refers to.
macro_rules! roots {
    ($generator:ident, $module:path, $($kind:ident)+) => {{
        use $module as module;
        $($generator.subschema_for::<module::$kind>();)+
    }};
}

/// Every kind that an API server of v1.36 serves by default.
fn add_roots(generator: &mut SchemaGenerator) {
    roots!(generator, api::core::v1, Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount);
    roots!(generator, api::admissionregistration::v1, MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration);
    roots!(generator, apiextensions::v1, CustomResourceDefinition);
    roots!(generator, apiregistration::v1, APIService);
    roots!(generator, api::apps::v1, ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet);
    roots!(generator, api::authentication::v1, SelfSubjectReview TokenRequest TokenReview);
    roots!(generator, api::authorization::v1, LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview);
    roots!(generator, api::autoscaling::v1, HorizontalPodAutoscaler Scale);
    roots!(generator, api::autoscaling::v2, HorizontalPodAutoscaler);
    roots!(generator, api::batch::v1, CronJob Job);
    roots!(generator, api::certificates::v1, CertificateSigningRequest);
    roots!(generator, api::coordination::v1, Lease);
    roots!(generator, api::discovery::v1, EndpointSlice);
    roots!(generator, api::events::v1, Event);
    roots!(generator, api::flowcontrol::v1, FlowSchema PriorityLevelConfiguration);
    roots!(generator, api::networking::v1, IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR);
    roots!(generator, api::node::v1, RuntimeClass);
    roots!(generator, api::policy::v1, Eviction PodDisruptionBudget);
    roots!(generator, api::rbac::v1, ClusterRole ClusterRoleBinding Role RoleBinding);
    roots!(generator, api::resource::v1, DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice);
    roots!(generator, api::scheduling::v1, PriorityClass);
    roots!(generator, api::storage::v1, CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass);
    roots!(generator, meta::v1, DeleteOptions Status);
}

fn main() -> std::io::Result<()> {
    let mut generator = SchemaSettings::draft07().into_generator();
    add_roots(&mut generator);
    let definitions: BTreeMap<String, Map<String, Value>> = generator
        .take_definitions(true)
        .into_iter()
        .filter_map(|(name, schema)| Some((short_name(&name), schema.as_object()?.clone())))
        .collect();

    let (mut table, mut descriptions) = (String::new(), String::new());
    for (name, schema) in &definitions {
        if scalar(name).is_some() {
            continue;
        }
        table.push_str(&format!(".{name}\n"));
        descriptions.push_str(&format!("{}\n", description(schema)));
        let required: BTreeSet<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (field, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let property = property.as_object().expect("a property is an object");
            let mark = if required.contains(field.as_str()) { "!" } else { "" };
            table.push_str(&format!("{field} {mark}{}\n", type_code(name, property)));
            descriptions.push_str(&format!("{}\n", description(property)));
        }
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/src");
    std::fs::write(target.join("table.txt"), table)?;
    std::fs::write(target.join("descriptions.txt"), descriptions)?;
    println!("{} definitions", definitions.len());
    Ok(())
}

/// `io.k8s.api.apps.v1.Deployment` becomes `apps.v1.Deployment`.
fn short_name(name: &str) -> String {
    let name = name.strip_prefix("io.k8s.").unwrap_or(name);
    let prefixes = [
        "apimachinery.pkg.apis.",
        "apimachinery.pkg.",
        "apiextensions-apiserver.pkg.apis.",
        "kube-aggregator.pkg.apis.",
        "api.",
    ];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name).to_owned()
}

/// The one-letter code of a definition that is read by its own rules and not field by field.
fn scalar(name: &str) -> Option<&'static str> {
    Some(match name {
        "api.resource.Quantity" => "q",
        "util.intstr.IntOrString" => "x",
        "meta.v1.Time" => "t",
        "meta.v1.MicroTime" => "m",
        "runtime.RawExtension" | "meta.v1.FieldsV1" | "meta.v1.Patch" => "*",
        _ if name.starts_with("apiextensions.v1.JSON") && name != "apiextensions.v1.JSONSchemaProps" => "*",
        _ => return None,
    })
}

fn type_code(owner: &str, schema: &Map<String, Value>) -> String {
    if let Some(target) = reference(schema) {
        let name = short_name(&target);
        if let Some(code) = scalar(&name) {
            return code.to_owned();
        }
        let (group, _) = owner.rsplit_once('.').expect("a definition has a group");
        return name.strip_prefix(group).and_then(|rest| rest.strip_prefix('.')).unwrap_or(&name).to_owned();
    }
    let format = schema.get("format").and_then(Value::as_str);
    let inner = |key: &str| type_code(owner, schema[key].as_object().expect("an element type is an object"));
    match (schema.get("type").and_then(Value::as_str), format) {
        (Some("array"), _) => format!("[{}", inner("items")),
        (Some("object"), _) if schema.contains_key("additionalProperties") => {
            format!("{{{}", inner("additionalProperties"))
        }
        (Some("string"), Some("byte")) => "y".to_owned(),
        (Some("string"), _) => "s".to_owned(),
        (Some("integer"), Some("int32")) => "i".to_owned(),
        (Some("integer"), _) => "l".to_owned(),
        (Some("number"), _) => "n".to_owned(),
        (Some("boolean"), _) => "b".to_owned(),
        _ => "*".to_owned(),
    }
}

/// The definition a schema refers to; a reference with a description of its own is wrapped in `allOf`.
fn reference(schema: &Map<String, Value>) -> Option<String> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    let wrapped = || schema.get("allOf")?.get(0)?.get("$ref")?.as_str();
    let target = direct.or_else(wrapped)?;
    Some(target.rsplit('/').next().unwrap_or(target).to_owned())
}

/// The whole description on one line: a line break is written `\n`.
fn description(schema: &Map<String, Value>) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.trim().replace('\\', "\\\\").replace('\n', "\\n")
}
