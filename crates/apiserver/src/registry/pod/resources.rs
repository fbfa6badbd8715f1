//! Requests and limits. Models: ValidateContainerResourceRequirements, ValidateResourceQuantityValue and
//! pkg/apis/core/helper/helpers.go.

use crate::registry::check::{Causes, Path};
use crate::registry::names;
use api::{Quantity, ResourceList, ResourceRequirements};
use serde_json::Value;

/// The resources without a domain that the API knows.
const STANDARD: [&str; 20] = [
    "configmaps",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "storage",
];
/// Those of them that are counted in whole pieces.
const COUNTED: [&str; 9] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];
/// What a variable or file may say about the resources of a container.
const FIELDS: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether a resource is one of Kubernetes' own.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Whether more may be promised than there is.
pub(in crate::registry) fn is_overcommitted(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && names::qualified_name(&format!("requests.{name}")).is_empty()
}

/// Whether a resource comes in whole pieces only.
fn is_integer_resource(name: &str) -> bool {
    COUNTED.contains(&name) || is_extended(name)
}

/// Checks the name of any resource. Models: validateResourceName.
pub(in crate::registry) fn resource_name(name: &str, at: &Path<'_>, causes: &mut Causes) {
    let wrong = names::qualified_name(name);
    let is_known = name.contains('/') || STANDARD.contains(&name) || is_quota_huge_page(name);
    if wrong.is_empty() && !is_known {
        causes.invalid(at, name, "must be a standard resource type or fully qualified");
    }
    causes.each_invalid(at, name, wrong);
}

/// Whether a quota knows a resource by itself. Models: IsStandardQuotaResourceName.
pub(in crate::registry) fn is_quota_resource(name: &str) -> bool {
    name != "storage" && STANDARD.contains(&name) || is_quota_huge_page(name)
}

fn is_quota_huge_page(name: &str) -> bool {
    is_huge_page(name) || name.starts_with("requests.hugepages-")
}

/// Checks an amount of a resource.
pub(in crate::registry) fn quantity(name: &str, amount: &Quantity, at: &Path<'_>, causes: &mut Causes) {
    if amount.milli() < 0 {
        causes.invalid(at, amount.to_string(), "must be greater than or equal to 0");
    }
    if is_integer_resource(name) && amount.milli() % 1000 != 0 {
        causes.invalid(at, amount.to_string(), "must be an integer");
    }
}

/// Checks what a container asks for and may use.
pub(super) fn requirements(resources: &ResourceRequirements, at: &Path<'_>, causes: &mut Causes) {
    let (limits, requests) = (at.field("limits"), at.field("requests"));
    amounts(&resources.limits, &limits, causes);
    for (name, amount) in resources.requests.iter() {
        amount_of(name, amount, &requests.key(name), causes);
        match resources.limits.get(name) {
            Some(limit) if !is_overcommitted(name) && amount.milli() != limit.milli() => {
                causes.invalid(&requests, amount.to_string(), format!("must be equal to {name} limit of {limit}"));
            }
            Some(limit) if amount.milli() > limit.milli() => {
                let detail = format!("must be less than or equal to {name} limit of {limit}");
                causes.invalid(&requests, amount.to_string(), detail);
            }
            None if !is_overcommitted(name) => {
                causes.required(&limits, "Limit must be set for non overcommitable resources");
            }
            _ => {}
        }
    }
    let has = |wanted: &dyn Fn(&str) -> bool| {
        resources.limits.iter().chain(resources.requests.iter()).any(|(name, _)| wanted(name))
    };
    if has(&is_huge_page) && !has(&|name| name == "cpu" || name == "memory") {
        causes.forbidden(at, "HugePages require cpu or memory");
    }
}

/// Checks names and amounts of a list of limits.
pub(super) fn amounts(amounts: &ResourceList, at: &Path<'_>, causes: &mut Causes) {
    for (name, amount) in amounts.iter() {
        amount_of(name, amount, &at.key(name), causes);
    }
}

fn amount_of(name: &str, amount: &Quantity, at: &Path<'_>, causes: &mut Causes) {
    container_resource(name, at, causes);
    quantity(name, amount, at, causes);
    if let Some(size) = name.strip_prefix("hugepages-") {
        let page = Quantity::parse(size).map_or(0, |size| size.value());
        if page <= 0 || amount.value() % page != 0 {
            causes.invalid(at, amount.to_string(), format!("{amount} is not positive integer multiple of {name}"));
        }
    }
}

/// Checks the name of a resource of a container.
pub(in crate::registry) fn container_resource(name: &str, at: &Path<'_>, causes: &mut Causes) {
    let wrong = names::qualified_name(name);
    let named = wrong.is_empty();
    causes.each_invalid(at, name, wrong);
    if !name.contains('/') {
        if named && !STANDARD.contains(&name) && !is_huge_page(name) && !name.starts_with("requests.hugepages-") {
            causes.invalid(at, name, "must be a standard resource type or fully qualified");
        }
        if !["cpu", "memory", "ephemeral-storage"].contains(&name) && !is_huge_page(name) {
            causes.invalid(at, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        causes.invalid(at, name, "doesn't follow extended resource name standard");
    }
}

/// Checks a resource of a container that a variable or file holds.
pub(super) fn field_selector(selector: &Value, in_file: bool, at: &Path<'_>, causes: &mut Causes) {
    let text = |field: &str| selector.get(field).and_then(Value::as_str).unwrap_or("");
    let resource = text("resource");
    let huge = resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
    if in_file && text("containerName").is_empty() {
        causes.required(&at.field("containerName"), "");
    } else if resource.is_empty() {
        causes.required(&at.field("resource"), "");
    } else if !FIELDS.contains(&resource) && !huge {
        causes.unsupported(&at.field("resource"), resource, &FIELDS);
    }
    let divisor = text("divisor");
    if divisor.is_empty() || divisor == "0" {
        return;
    }
    let (allowed, told): (&[&str], &str) = match resource {
        "limits.cpu" | "requests.cpu" => (&["1m", "1"], "1m and 1 are supported with the cpu resource"),
        _ => (
            &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
            match resource.rsplit_once('.').map_or("", |(_, name)| name) {
                "memory" => {
                    "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource"
                }
                "ephemeral-storage" => {
                    "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the local ephemeral storage resource"
                }
                _ => {
                    "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the hugepages resource"
                }
            },
        ),
    };
    if !allowed.contains(&divisor) {
        causes.invalid(&at.field("divisor"), resource, format!("only divisor's values {told}"));
    }
}
