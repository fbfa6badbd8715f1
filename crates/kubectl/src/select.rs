//! Which objects of a kind are meant: label selectors, field selectors.
//!
//! Models: apimachinery/pkg/fields, and the fields that pkg/apis/*/v1/conversion.go lets a client select by.

use crate::errors::CmdError;
use crate::fields;
use api::{Object, Selector, Status, StatusReason};
use apiserver::ResourceInfo;

/// Both selectors of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    labels: Selector,
    fields: Vec<Term>,
    label_text: String,
    field_text: String,
}

/// `path=value` or `path!=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    path: String,
    equals: bool,
    value: String,
}

impl Filter {
    /// Reads both selectors for a request about `info`; the errors are the server's.
    pub(crate) fn parse(info: &ResourceInfo, labels: &str, fields: &str) -> Result<Filter, CmdError> {
        let refuse = |why: String| {
            let group_version = if info.group.is_empty() { "/v1".to_owned() } else { info.api_version() };
            let message = format!(
                "Unable to find \"{group_version}, Resource={}\" that match label selector \"{labels}\", field selector \"{fields}\": {why}",
                info.plural
            );
            CmdError::from(Status::new(StatusReason::BadRequest, message))
        };
        let parsed = Selector::parse(labels).map_err(refuse)?;
        let terms = terms(fields).map_err(refuse)?;
        for term in &terms {
            if !is_selectable(info, &term.path) {
                let path = &term.path;
                if info.custom.is_some() {
                    return Err(refuse(format!("field label not supported: {path}")));
                }
                return Err(refuse(match info.kind {
                    "Pod" | "Node" | "Namespace" | "Secret" | "Event" | "ReplicationController" => {
                        format!("field label not supported: {path}")
                    }
                    _ => format!(
                        "\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    ),
                }));
            }
        }
        Ok(Filter { labels: parsed, fields: terms, label_text: labels.to_owned(), field_text: fields.to_owned() })
    }

    /// Whether the object is meant.
    pub(crate) fn matches(&self, object: &Object) -> bool {
        self.labels.matches(&object.meta().labels) && self.fields.iter().all(|term| term.matches(object))
    }
}

impl Term {
    fn matches(&self, object: &Object) -> bool {
        let meta = object.meta();
        let value = match (self.path.as_str(), object) {
            ("metadata.name", _) => meta.name.to_string(),
            ("metadata.namespace", _) => meta.namespace.to_string(),
            ("spec.nodeName", Object::Pod(pod)) => pod.spec.node_name.to_string(),
            ("status.phase", Object::Pod(pod)) => pod.status.phase.to_string(),
            ("reason", Object::Event(event)) => event.reason.to_string(),
            ("type", Object::Event(event)) => event.r#type.to_string(),
            ("source", Object::Event(event)) => event.source.component.to_string(),
            (path, _) => match fields::at(&object.write_body(), path) {
                // A switch that is not written is off.
                serde_json::Value::Null if matches!(path, "spec.unschedulable" | "spec.hostNetwork") => {
                    "false".to_owned()
                }
                value => fields::scalar(value),
            },
        };
        (value == self.value) == self.equals
    }
}

fn terms(text: &str) -> Result<Vec<Term>, String> {
    let mut terms = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let signs = [("!=", false), ("==", true), ("=", true)];
        let term = signs.iter().find_map(|(sign, equals)| {
            let (path, value) = part.split_once(sign)?;
            Some(Term { path: path.to_owned(), equals: *equals, value: value.to_owned() })
        });
        terms.push(term.ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{part}'"))?);
    }
    Ok(terms)
}

fn is_selectable(info: &ResourceInfo, path: &str) -> bool {
    if matches!(path, "metadata.name" | "metadata.namespace") {
        return true;
    }
    if let Some(custom) = info.custom {
        return custom.selectable.iter().any(|field| field.trim_start_matches('.') == path);
    }
    let paths: &[&str] = match info.kind {
        "Pod" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        "Node" => &["spec.unschedulable"],
        "Namespace" => &["status.phase"],
        "Secret" => &["type"],
        "Service" => &["spec.clusterIP", "spec.type"],
        "Job" => &["status.successful"],
        "ReplicationController" | "ReplicaSet" => &["status.replicas"],
        "Event" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        _ => &[],
    };
    paths.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Kind;
    use expect_test::{Expect, expect};
    use serde_json::json;

    fn pods() -> &'static ResourceInfo {
        apiserver::resource(Kind::Pod).expect("pods")
    }

    #[test]
    fn objects_are_selected_by_labels_and_fields() {
        let pod = Object::read(
            Kind::Pod,
            json!({
                "metadata": {"name": "a", "labels": {"app": "web"}},
                "spec": {"nodeName": "node-1", "restartPolicy": "Always", "containers": []}, "status": {"phase": "Running"},
            }),
        );
        let matches = |labels, fields| Filter::parse(pods(), labels, fields).expect("valid").matches(&pod);
        assert!(matches("app=web", "status.phase=Running,spec.nodeName!=node-2"));
        assert!(matches("", "spec.restartPolicy==Always,spec.hostNetwork=false"));
        assert!(!matches("app!=web", "") && !matches("", "metadata.name=b"));
    }

    #[test]
    fn what_cannot_be_selected_by() {
        let check = |fields: &str, expected: Expect| {
            expected.assert_eq(&Filter::parse(pods(), "", fields).expect_err("refused").render().1);
        };
        check(
            "spec.foo=1",
            expect![[r#"
            Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=1": field label not supported: spec.foo
        "#]],
        );
        check(
            "phase",
            expect![[r#"
            Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "phase": invalid selector: 'phase'; can't understand 'phase'
        "#]],
        );
    }
}
