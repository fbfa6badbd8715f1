//! Tables of well-known kinds that have no type of their own here, read from their JSON.

use super::{Printer, col, created, first_few, wide};
use crate::fields::{at, int, list, map, scalar, text};
use api::{LabelSelector, Object, Wire};
use serde_json::Value;

/// By kind name.
pub(super) const PRINTERS: &[(&str, Printer)] = &[
    ("ClusterRoleBinding", BINDING),
    ("HorizontalPodAutoscaler", AUTOSCALER),
    ("Ingress", INGRESS),
    ("IngressClass", INGRESS_CLASS),
    ("NetworkPolicy", NETWORK_POLICY),
    ("PodTemplate", POD_TEMPLATE),
    ("PriorityClass", PRIORITY_CLASS),
    ("RoleBinding", BINDING),
    ("RuntimeClass", RUNTIME_CLASS),
];

const AUTOSCALER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("REFERENCE"),
        col("TARGETS"),
        col("MINPODS"),
        col("MAXPODS"),
        col("REPLICAS"),
        col("AGE"),
    ],
    row: |object, now| {
        let body = object.write_body();
        vec![
            name(object),
            format!("{}/{}", text(&body, "spec.scaleTargetRef.kind"), text(&body, "spec.scaleTargetRef.name")),
            autoscaler_targets(&body),
            or(at(&body, "spec.minReplicas"), "<unset>"),
            int(&body, "spec.maxReplicas").to_string(),
            int(&body, "status.currentReplicas").to_string(),
            created(object, now),
        ]
    },
};

const INGRESS: Printer = Printer {
    columns: &[col("NAME"), col("CLASS"), col("HOSTS"), col("ADDRESS"), col("PORTS"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let hosts: Vec<String> =
            list(&body, "spec.rules").iter().map(|r| text(r, "host").to_owned()).filter(|h| !h.is_empty()).collect();
        let addresses: Vec<String> = list(&body, "status.loadBalancer.ingress")
            .iter()
            .map(|entry| scalar(if entry["ip"].is_string() { &entry["ip"] } else { &entry["hostname"] }))
            .collect();
        let ports = if list(&body, "spec.tls").is_empty() { "80" } else { "80, 443" };
        vec![
            name(object),
            or(at(&body, "spec.ingressClassName"), "<none>"),
            first_few(&hosts, 3, "*"),
            addresses.join(","),
            ports.to_owned(),
            created(object, now),
        ]
    },
};

const INGRESS_CLASS: Printer = Printer {
    columns: &[col("NAME"), col("CONTROLLER"), col("PARAMETERS"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let parameters = at(&body, "spec.parameters");
        let parameters = if parameters.is_null() {
            "<none>".to_owned()
        } else {
            let group = text(parameters, "apiGroup");
            let dot = if group.is_empty() { "" } else { "." };
            format!("{}{dot}{group}/{}", text(parameters, "kind"), text(parameters, "name"))
        };
        vec![name(object), text(&body, "spec.controller").to_owned(), parameters, created(object, now)]
    },
};

const NETWORK_POLICY: Printer = Printer {
    columns: &[col("NAME"), col("POD-SELECTOR"), col("AGE")],
    row: |object, now| vec![name(object), selector(at(&object.write_body(), "spec.podSelector")), created(object, now)],
};

const POD_TEMPLATE: Printer = Printer {
    columns: &[col("NAME"), col("CONTAINERS"), col("IMAGES"), col("POD LABELS")],
    row: |object, _| {
        let body = object.write_body();
        let [containers, images] = containers(&body["template"]);
        vec![name(object), containers, images, pairs(&body, "template.metadata.labels")]
    },
};

const PRIORITY_CLASS: Printer = Printer {
    columns: &[col("NAME"), col("VALUE"), col("GLOBAL-DEFAULT"), col("AGE"), col("PREEMPTIONPOLICY")],
    row: |object, now| {
        let body = object.write_body();
        vec![
            name(object),
            int(&body, "value").to_string(),
            at(&body, "globalDefault").as_bool().unwrap_or(false).to_string(),
            created(object, now),
            text(&body, "preemptionPolicy").to_owned(),
        ]
    },
};

const BINDING: Printer = Printer {
    columns: &[col("NAME"), col("ROLE"), col("AGE"), wide("USERS"), wide("GROUPS"), wide("SERVICEACCOUNTS")],
    row: |object, now| {
        let body = object.write_body();
        let of = |kind: &str| {
            let named: Vec<String> = list(&body, "subjects")
                .iter()
                .filter(|subject| text(subject, "kind") == kind)
                .map(|subject| match text(subject, "namespace") {
                    namespace if kind == "ServiceAccount" => format!("{namespace}/{}", text(subject, "name")),
                    _ => text(subject, "name").to_owned(),
                })
                .collect();
            named.join(", ")
        };
        let role = format!("{}/{}", text(&body, "roleRef.kind"), text(&body, "roleRef.name"));
        vec![name(object), role, created(object, now), of("User"), of("Group"), of("ServiceAccount")]
    },
};

const RUNTIME_CLASS: Printer = Printer {
    columns: &[col("NAME"), col("HANDLER"), col("AGE")],
    row: |object, now| vec![name(object), text(&object.write_body(), "handler").to_owned(), created(object, now)],
};

fn name(object: &Object) -> String {
    object.meta().name.to_string()
}

fn or(value: &Value, absent: &str) -> String {
    if value.is_null() { absent.to_owned() } else { scalar(value) }
}

fn containers(template: &Value) -> [String; 2] {
    let join = |field: &str| {
        let cells: Vec<&str> = list(template, "spec.containers").iter().map(|c| text(c, field)).collect();
        cells.join(",")
    };
    [join("name"), join("image")]
}

fn selector(value: &Value) -> String {
    if value.is_null() {
        return "<none>".to_owned();
    }
    LabelSelector::read(value.clone()).to_string()
}

fn pairs(body: &Value, path: &str) -> String {
    let pairs: Vec<String> = map(body, path).map(|(key, value)| format!("{key}={}", scalar(value))).collect();
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}

/// `cpu: 83%/50%`, at most two of them. Models: formatHPAMetrics.
fn autoscaler_targets(body: &Value) -> String {
    let metrics = list(body, "spec.metrics");
    if metrics.is_empty() {
        return "<none>".to_owned();
    }
    let statuses = list(body, "status.currentMetrics");
    let cell = |(index, metric): (usize, &Value)| target_cell(metric, statuses.get(index).unwrap_or(&Value::Null));
    let cells: Vec<String> = metrics.iter().enumerate().map(cell).collect();
    let shown = cells[..cells.len().min(2)].join(", ");
    if cells.len() > 2 { format!("{shown} + {} more...", cells.len() - 2) } else { shown }
}

fn target_cell(metric: &Value, status: &Value) -> String {
    let (source, of_resource) = match text(metric, "type") {
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "External" => ("external", false),
        _ => return "<unknown type>".to_owned(),
    };
    let target = |name: &str| at(metric, &format!("{source}.target.{name}"));
    let current = |name: &str| or(at(status, &format!("{source}.current.{name}")), "<unknown>");
    let average = !target("averageValue").is_null();
    if !of_resource {
        let name = if average { "averageValue" } else { "value" };
        let suffix = if average && source != "pods" { " (avg)" } else { "" };
        return format!("{}/{}{suffix}", current(name), scalar(target(name)));
    }
    let resource = text(metric, &format!("{source}.name"));
    if average {
        return format!("{resource}: {}/{}", current("averageValue"), scalar(target("averageValue")));
    }
    let percent = |value: String| if value.starts_with('<') { value } else { format!("{value}%") };
    let goal = percent(or(target("averageUtilization"), "<auto>"));
    format!("{resource}: {}/{goal}", percent(current("averageUtilization")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::printer;
    use serde_json::json;

    #[test]
    fn every_listed_kind_exists() {
        for (kind, _) in PRINTERS {
            assert!(apiserver::resources().iter().any(|info| info.kind == *kind), "{kind}");
        }
    }

    #[test]
    fn a_deployment_and_a_replica_set() {
        let now = api::Time::parse("2026-01-01T00:00:18Z").expect("a time");
        let cells = |api_version: &str, kind: &str, body: Value| {
            let kind = apiserver::kind_of(api_version, kind).expect("a kind");
            let object = Object::read(kind, body);
            (printer(kind).row)(&object, now).join("|")
        };
        let meta = json!({"name": "web", "creationTimestamp": "2026-01-01T00:00:00Z"});
        let spec = json!({"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}});
        let status = json!({"readyReplicas": 2, "updatedReplicas": 2, "availableReplicas": 2});
        let deployment = cells("apps/v1", "Deployment", json!({"metadata": meta, "spec": spec, "status": status}));
        assert_eq!(deployment, "web|2/2|2|2|18s|c|nginx:1|app=web");
        let set = cells("apps/v1", "ReplicaSet", json!({"metadata": meta, "spec": spec, "status": {"replicas": 1}}));
        assert_eq!(set, "web|2|1|0|18s|c|nginx:1|app=web");
    }
}
