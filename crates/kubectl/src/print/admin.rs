//! Tables of kinds that those look at who run a cluster: storage drivers, webhooks, fairness, certificates, devices.

use super::{Printer, col, created};
use crate::fields::{at, int, list, scalar, text};
use api::{Object, StrMap, Time, Wire, labels_text};
use serde_json::Value;

/// By kind name.
pub(super) const PRINTERS: &[(&str, Printer)] = &[
    ("CSIDriver", CSI_DRIVER),
    ("CSINode", CSI_NODE),
    ("CSIStorageCapacity", CSI_CAPACITY),
    ("CertificateSigningRequest", CERTIFICATE_REQUEST),
    ("ComponentStatus", COMPONENT_STATUS),
    ("DeviceClass", NAME_AND_AGE),
    ("FlowSchema", FLOW_SCHEMA),
    ("IPAddress", IP_ADDRESS),
    ("MutatingAdmissionPolicy", MUTATING_POLICY),
    ("MutatingAdmissionPolicyBinding", POLICY_BINDING),
    ("MutatingWebhookConfiguration", WEBHOOKS),
    ("PriorityLevelConfiguration", PRIORITY_LEVEL),
    ("ResourceClaim", RESOURCE_CLAIM),
    ("ResourceClaimTemplate", NAME_AND_AGE),
    ("ResourceSlice", RESOURCE_SLICE),
    ("ServiceCIDR", SERVICE_CIDR),
    ("ValidatingAdmissionPolicy", VALIDATING_POLICY),
    ("ValidatingAdmissionPolicyBinding", POLICY_BINDING),
    ("ValidatingWebhookConfiguration", WEBHOOKS),
    ("VolumeAttachment", VOLUME_ATTACHMENT),
    ("VolumeAttributesClass", ATTRIBUTES_CLASS),
    ("APIService", API_SERVICE),
];

const NAME_AND_AGE: Printer =
    Printer { columns: &[col("NAME"), col("AGE")], row: |object, now| vec![name(object), created(object, now)] };

const CSI_DRIVER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("ATTACHREQUIRED"),
        col("PODINFOONMOUNT"),
        col("STORAGECAPACITY"),
        col("TOKENREQUESTS"),
        col("REQUIRESREPUBLISH"),
        col("MODES"),
        col("AGE"),
    ],
    row: |object, now| {
        let body = object.write_body();
        let switch = |path: &str, default: bool| at(&body, path).as_bool().unwrap_or(default).to_string();
        let tokens = match at(&body, "spec.tokenRequests").as_array() {
            None => "<unset>".to_owned(),
            Some(requests) => requests.iter().map(|it| text(it, "audience")).collect::<Vec<_>>().join(","),
        };
        vec![
            name(object),
            switch("spec.attachRequired", true),
            switch("spec.podInfoOnMount", false),
            switch("spec.storageCapacity", false),
            tokens,
            switch("spec.requiresRepublish", false),
            joined(&body, "spec.volumeLifecycleModes", "<none>"),
            created(object, now),
        ]
    },
};

const CSI_NODE: Printer = Printer {
    columns: &[col("NAME"), col("DRIVERS"), col("AGE")],
    row: |object, now| counted(object, now, "spec.drivers"),
};

const CSI_CAPACITY: Printer = Printer {
    columns: &[col("NAME"), col("STORAGECLASSNAME"), col("CAPACITY")],
    row: |object, _| {
        let body = object.write_body();
        vec![name(object), text(&body, "storageClassName").to_owned(), or(&body["capacity"], "<unset>")]
    },
};

const CERTIFICATE_REQUEST: Printer = Printer {
    columns: &[
        col("NAME"),
        col("AGE"),
        col("SIGNERNAME"),
        col("REQUESTOR"),
        col("REQUESTEDDURATION"),
        col("CONDITION"),
    ],
    row: |object, now| {
        let body = object.write_body();
        let duration = at(&body, "spec.expirationSeconds")
            .as_u64()
            .map_or_else(|| "<none>".to_owned(), |seconds| api::human_duration(sim::SimDuration::from_secs(seconds)));
        vec![
            name(object),
            created(object, now),
            or(at(&body, "spec.signerName"), "<none>"),
            text(&body, "spec.username").to_owned(),
            duration,
            certificate_state(&body),
        ]
    },
};

/// How far a certificate request is. Models: extractCSRStatus.
pub(crate) fn certificate_state(body: &Value) -> String {
    let has = |kind: &str| list(body, "status.conditions").iter().any(|it| text(it, "type") == kind);
    let mut state = if has("Denied") {
        "Denied"
    } else if has("Approved") {
        "Approved"
    } else {
        "Pending"
    }
    .to_owned();
    if has("Failed") {
        state.push_str(",Failed");
    }
    if !text(body, "status.certificate").is_empty() {
        state.push_str(",Issued");
    }
    state
}

const COMPONENT_STATUS: Printer = Printer {
    columns: &[col("NAME"), col("STATUS"), col("MESSAGE"), col("ERROR")],
    row: |object, _| {
        let body = object.write_body();
        let healthy = list(&body, "conditions").iter().find(|it| text(it, "type") == "Healthy");
        let Some(healthy) = healthy else {
            return vec![name(object), "Unknown".to_owned(), String::new(), String::new()];
        };
        let status = if text(healthy, "status") == "True" { "Healthy" } else { "Unhealthy" };
        vec![name(object), status.to_owned(), text(healthy, "message").to_owned(), text(healthy, "error").to_owned()]
    },
};

const FLOW_SCHEMA: Printer = Printer {
    columns: &[
        col("NAME"),
        col("PRIORITYLEVEL"),
        col("MATCHINGPRECEDENCE"),
        col("DISTINGUISHERMETHOD"),
        col("AGE"),
        col("MISSINGPL"),
    ],
    row: |object, now| {
        let body = object.write_body();
        let dangling = list(&body, "status.conditions").iter().find(|it| text(it, "type") == "Dangling");
        vec![
            name(object),
            text(&body, "spec.priorityLevelConfiguration.name").to_owned(),
            int(&body, "spec.matchingPrecedence").to_string(),
            or(at(&body, "spec.distinguisherMethod.type"), "<none>"),
            created(object, now),
            dangling.map_or("?", |it| text(it, "status")).to_owned(),
        ]
    },
};

const IP_ADDRESS: Printer = Printer {
    columns: &[col("NAME"), col("PARENTREF")],
    row: |object, _| {
        let body = object.write_body();
        let parent = at(&body, "spec.parentRef");
        if parent.is_null() {
            return vec![name(object), "<none>".to_owned()];
        }
        let mut reference = text(parent, "resource").to_lowercase();
        for (sign, field) in [(".", "group"), ("/", "namespace"), ("/", "name")] {
            match text(parent, field) {
                "" => {}
                value => reference.push_str(&format!("{sign}{value}")),
            }
        }
        vec![name(object), reference]
    },
};

const MUTATING_POLICY: Printer = Printer {
    columns: &[col("NAME"), col("MUTATIONS"), col("PARAMKIND"), col("AGE")],
    row: |object, now| policy(object, now, "spec.mutations"),
};

const VALIDATING_POLICY: Printer = Printer {
    columns: &[col("NAME"), col("VALIDATIONS"), col("PARAMKIND"), col("AGE")],
    row: |object, now| policy(object, now, "spec.validations"),
};

fn policy(object: &Object, now: Time, rules: &str) -> Vec<String> {
    let body = object.write_body();
    let kind = at(&body, "spec.paramKind");
    let kind = if kind.is_null() {
        "<unset>".to_owned()
    } else {
        format!("{}/{}", text(kind, "apiVersion"), text(kind, "kind"))
    };
    vec![name(object), list(&body, rules).len().to_string(), kind, created(object, now)]
}

const POLICY_BINDING: Printer = Printer {
    columns: &[col("NAME"), col("POLICYNAME"), col("PARAMREF"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let reference = at(&body, "spec.paramRef");
        let param = match (text(reference, "namespace"), text(reference, "name")) {
            (_, "") if at(reference, "selector.matchLabels").is_object() => {
                labels_text(&StrMap::read(at(reference, "selector.matchLabels").clone()))
            }
            (_, "") => "<unset>".to_owned(),
            ("", param) => format!("*/{param}"),
            (namespace, param) => format!("{namespace}/{param}"),
        };
        vec![name(object), text(&body, "spec.policyName").to_owned(), param, created(object, now)]
    },
};

const WEBHOOKS: Printer = Printer {
    columns: &[col("NAME"), col("WEBHOOKS"), col("AGE")],
    row: |object, now| counted(object, now, "webhooks"),
};

const PRIORITY_LEVEL: Printer = Printer {
    columns: &[
        col("NAME"),
        col("TYPE"),
        col("NOMINALCONCURRENCYSHARES"),
        col("QUEUES"),
        col("HANDSIZE"),
        col("QUEUELENGTHLIMIT"),
        col("AGE"),
    ],
    row: |object, now| {
        let body = object.write_body();
        let limited = |path: &str| or(at(at(&body, "spec.limited"), path), "<none>");
        vec![
            name(object),
            text(&body, "spec.type").to_owned(),
            limited("nominalConcurrencyShares"),
            limited("limitResponse.queuing.queues"),
            limited("limitResponse.queuing.handSize"),
            limited("limitResponse.queuing.queueLengthLimit"),
            created(object, now),
        ]
    },
};

const RESOURCE_CLAIM: Printer = Printer {
    columns: &[col("NAME"), col("STATE"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let deleted = object.meta().deletion_timestamp.is_some();
        let mut states = Vec::new();
        if deleted {
            states.push("deleted");
        }
        if at(&body, "status.allocation").is_null() {
            if !deleted {
                states.push("pending");
            }
        } else {
            states.push("allocated");
            if !list(&body, "status.reservedFor").is_empty() {
                states.push("reserved");
            }
        }
        vec![name(object), states.join(","), created(object, now)]
    },
};

const RESOURCE_SLICE: Printer = Printer {
    columns: &[col("NAME"), col("NODE"), col("DRIVER"), col("POOL"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let field = |path: &str| text(&body, path).to_owned();
        vec![name(object), field("spec.nodeName"), field("spec.driver"), field("spec.pool.name"), created(object, now)]
    },
};

const SERVICE_CIDR: Printer = Printer {
    columns: &[col("NAME"), col("CIDRS"), col("AGE")],
    row: |object, now| vec![name(object), joined(&object.write_body(), "spec.cidrs", ""), created(object, now)],
};

const VOLUME_ATTACHMENT: Printer = Printer {
    columns: &[col("NAME"), col("ATTACHER"), col("PV"), col("NODE"), col("ATTACHED"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let field = |path: &str| text(&body, path).to_owned();
        vec![
            name(object),
            field("spec.attacher"),
            field("spec.source.persistentVolumeName"),
            field("spec.nodeName"),
            at(&body, "status.attached").as_bool().unwrap_or(false).to_string(),
            created(object, now),
        ]
    },
};

const ATTRIBUTES_CLASS: Printer = Printer {
    columns: &[col("NAME"), col("DRIVERNAME"), col("AGE")],
    row: |object, now| vec![name(object), text(&object.write_body(), "driverName").to_owned(), created(object, now)],
};

/// Models: kube-aggregator/pkg/registry/apiservice/rest/storage_apiservice.go.
const API_SERVICE: Printer = Printer {
    columns: &[col("NAME"), col("SERVICE"), col("AVAILABLE"), col("AGE")],
    row: |object, now| {
        let body = object.write_body();
        let service = at(&body, "spec.service");
        let service = if service.is_null() {
            "Local".to_owned()
        } else {
            format!("{}/{}", text(service, "namespace"), text(service, "name"))
        };
        let available = list(&body, "status.conditions").iter().find(|it| text(it, "type") == "Available");
        let available = available.map_or_else(
            || "Unknown".to_owned(),
            |it| match text(it, "status") {
                "True" => "True".to_owned(),
                status => format!("{status} ({})", text(it, "reason")),
            },
        );
        vec![name(object), service, available, created(object, now)]
    },
};

fn counted(object: &Object, now: Time, path: &str) -> Vec<String> {
    vec![name(object), list(&object.write_body(), path).len().to_string(), created(object, now)]
}

fn joined(body: &Value, path: &str, empty: &str) -> String {
    let items: Vec<String> = list(body, path).iter().map(scalar).collect();
    if items.is_empty() { empty.to_owned() } else { items.join(",") }
}

fn or(value: &Value, missing: &str) -> String {
    match scalar(value) {
        text if text.is_empty() => missing.to_owned(),
        text => text,
    }
}

fn name(object: &Object) -> String {
    object.meta().name.to_string()
}

#[cfg(test)]
mod tests {
    use super::PRINTERS;

    #[test]
    fn every_listed_kind_exists() {
        for (kind, _) in PRINTERS {
            assert!(apiserver::resources().iter().any(|info| info.kind == *kind), "{kind}");
        }
    }
}
