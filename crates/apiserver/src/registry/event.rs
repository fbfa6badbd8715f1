//! Events that clients write. Models: legacyValidateEvent of pkg/apis/core/validation/events.go.

use super::check::{Causes, Path};
use api::Event;

pub(super) fn validate(event: &Event, causes: &mut Causes) {
    let (namespace, about) = (&event.metadata.namespace, &event.involved_object.namespace);
    let fits = match (about.is_empty(), event.event_time.is_some()) {
        (true, false) => namespace.is_empty() || *namespace == "default",
        (true, true) => *namespace == "default" || *namespace == "kube-system",
        (false, false) => namespace == about,
        (false, true) => true,
    };
    if !fits {
        let at = Path::root("involvedObject");
        causes.invalid(&at.field("namespace"), about.as_str(), "does not match event.namespace");
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::refused;
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn events_are_where_their_object_is() {
        let event = |about: &str| json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "namespace": about}});
        refused(event("default"), expect!["accepted"]);
        refused(
            event("other"),
            expect![[
                r#"Event "e" is invalid: involvedObject.namespace: Invalid value: "other": does not match event.namespace"#
            ]],
        );
    }
}
