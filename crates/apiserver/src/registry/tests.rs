//! What the tables of the kinds are made with: a manifest goes in, the server's words come out.

use crate::{PatchType, Server};
use api::{Status, Time};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use sim::Rng;

/// A server with the namespace `default`.
pub(crate) fn server() -> Server {
    let mut server = Server::new(Time::from_unix_millis(0), Rng::new(1));
    for (kind, name) in [("Namespace", "default"), ("ServiceAccount", "default")] {
        let body = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
        server.create_from(body).expect("created");
    }
    server
}

/// What the server says to a new object.
pub(super) fn refused(body: Value, expected: Expect) {
    expected.assert_eq(&words(server().create_from(body).map(|_| ())));
}

/// What it says to a change of an object that it accepts.
pub(super) fn refused_update(body: Value, patch: Value, expected: Expect) {
    refused_update_of(body, |_| {}, patch, expected);
}

/// The same if something happens to the object before.
pub(super) fn refused_update_of(body: Value, happens: impl Fn(&mut Server), patch: Value, expected: Expect) {
    let mut server = server();
    let created = server.create_from(body).expect("sound");
    happens(&mut server);
    expected.assert_eq(&words(server.patch(&created.key(), PatchType::Strategic, &patch, false).map(|_| ())));
}

/// As kubectl shows it: several mistakes on a line each.
fn words(result: Result<(), Status>) -> String {
    match result {
        Ok(()) => "accepted".to_owned(),
        Err(status) if status.causes.len() > 1 => {
            status.causes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        Err(status) => status.message,
    }
}

/// `sound` with `change` merged into it.
pub(super) fn merged(sound: Value, change: Value) -> Value {
    crate::json_merge(&sound, &change)
}

#[test]
fn kinds_without_code_of_their_own_are_accepted() {
    for (api_version, kind) in [
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("policy/v1", "PodDisruptionBudget"),
        ("v1", "LimitRange"),
    ] {
        refused(json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}), expect!["accepted"]);
    }
}
