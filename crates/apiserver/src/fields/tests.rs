//! Who manages what after creations, updates, applies and what brains write.

use crate::registry::tests::server;
use crate::{PatchType, Server, Writer};
use api::{Kind, Object, ObjectKey};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn by(server: &mut Server, manager: &str) {
    server.set_writer(Some(Writer { manager: manager.into(), subresource: "" }));
}

fn deployment(replicas: Option<i64>, image: &str) -> Value {
    let mut value = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": image, "ports": [{"containerPort": 80}]}]}}}});
    if let Some(replicas) = replicas {
        value["spec"]["replicas"] = replicas.into();
    }
    value
}

fn key() -> ObjectKey {
    ObjectKey::new(Kind::Deployment, "default", "web")
}

/// Each manager with its fields, without what the status adds.
fn check(server: &Server, object: &Object, expected: Expect) {
    let managed = server.managed_fields(object);
    let lines: Vec<String> = managed
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| {
            format!(
                "{} {} {}{}\n",
                e["manager"],
                e["operation"],
                e.get("subresource").map_or(String::new(), |s| format!("{s} ")),
                e["fieldsV1"]
            )
        })
        .map(|line| line.replace('"', ""))
        .collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn who_creates_manages_what_was_given_and_what_was_defaulted() {
    let mut server = server();
    by(&mut server, "kubectl-create");
    let created = server.create_from(deployment(Some(2), "a")).expect("created");
    check(
        &server,
        &created,
        expect![[r#"
            kubectl-create Update {f:metadata:{f:labels:{.:{},f:app:{}}},f:spec:{f:progressDeadlineSeconds:{},f:replicas:{},f:revisionHistoryLimit:{},f:selector:{},f:strategy:{f:rollingUpdate:{.:{},f:maxSurge:{},f:maxUnavailable:{}},f:type:{}},f:template:{f:metadata:{f:labels:{.:{},f:app:{}}},f:spec:{f:containers:{k:{\name\:\c\}:{.:{},f:image:{},f:imagePullPolicy:{},f:name:{},f:ports:{.:{},k:{\containerPort\:80,\protocol\:\TCP\}:{.:{},f:containerPort:{},f:protocol:{}}},f:resources:{},f:terminationMessagePath:{},f:terminationMessagePolicy:{}}},f:dnsPolicy:{},f:restartPolicy:{},f:schedulerName:{},f:securityContext:{},f:terminationGracePeriodSeconds:{}}}}}
        "#]],
    );
}

#[test]
fn an_update_takes_the_fields_it_changes() {
    let mut server = server();
    by(&mut server, "kubectl-create");
    let pod = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "labels": {"a": "1"}}, "data": {"x": "1", "y": "2"}});
    let key = server.create_from(pod).expect("created").key();
    by(&mut server, "kubectl-patch");
    let patched = server.patch(&key, PatchType::Merge, &json!({"data": {"x": "9", "y": null, "z": "3"}}), false);
    check(
        &server,
        &patched.expect("patched"),
        expect![[r#"
        kubectl-create Update {f:data:{},f:metadata:{f:labels:{.:{},f:a:{}}}}
        kubectl-patch Update {f:data:{f:x:{},f:z:{}}}
    "#]],
    );
}

#[test]
fn applying_merges_conflicts_and_removes() {
    let mut server = server();
    by(&mut server, "first");
    let created = server.apply_config(Kind::Deployment, deployment(Some(2), "a"), false, false).expect("applied");
    check(
        &server,
        &created,
        expect![[r#"
            first Apply {f:metadata:{f:labels:{f:app:{}}},f:spec:{f:replicas:{},f:selector:{},f:template:{f:metadata:{f:labels:{f:app:{}}},f:spec:{f:containers:{k:{\name\:\c\}:{.:{},f:image:{},f:name:{},f:ports:{k:{\containerPort\:80,\protocol\:\TCP\}:{.:{},f:containerPort:{}}}}}}}}}
        "#]],
    );
    by(&mut server, "second");
    let refused = |server: &mut Server, body: Value| {
        server.apply_config(Kind::Deployment, body, false, false).expect_err("refused").message
    };
    expect![[r#"Apply failed with 1 conflict: conflict with "first": .spec.replicas"#]]
        .assert_eq(&refused(&mut server, deployment(Some(3), "a")));
    expect![[r#"
        Apply failed with 2 conflicts: conflicts with "first":
        - .spec.replicas
        - .spec.template.spec.containers[name="c"].image"#]]
    .assert_eq(&refused(&mut server, deployment(Some(3), "b")));
    let forced = server.apply_config(Kind::Deployment, deployment(Some(3), "a"), true, false).expect("forced");
    check(
        &server,
        &forced,
        expect![[r#"
            first Apply {f:metadata:{f:labels:{f:app:{}}},f:spec:{f:selector:{},f:template:{f:metadata:{f:labels:{f:app:{}}},f:spec:{f:containers:{k:{\name\:\c\}:{.:{},f:image:{},f:name:{},f:ports:{k:{\containerPort\:80,\protocol\:\TCP\}:{.:{},f:containerPort:{}}}}}}}}}
            second Apply {f:metadata:{f:labels:{f:app:{}}},f:spec:{f:replicas:{},f:selector:{},f:template:{f:metadata:{f:labels:{f:app:{}}},f:spec:{f:containers:{k:{\name\:\c\}:{.:{},f:image:{},f:name:{},f:ports:{k:{\containerPort\:80,\protocol\:\TCP\}:{.:{},f:containerPort:{}}}}}}}}}
        "#]],
    );
    // What its only manager leaves out goes, and the default comes back; what another manages stays.
    let left = server.apply_config(Kind::Deployment, deployment(None, "a"), false, false).expect("applied");
    assert_eq!(left.write_body()["spec"]["replicas"], 1);
    by(&mut server, "first");
    let mut other = deployment(None, "a");
    other["spec"]["template"]["spec"]["containers"][0].as_object_mut().map(|c| c.remove("ports"));
    let kept = server.apply_config(Kind::Deployment, other, false, false).expect("applied");
    assert_eq!(kept.write_body().pointer("/spec/template/spec/containers/0/ports/0/containerPort"), Some(&json!(80)));
}

#[test]
fn the_autoscaler_takes_the_replicas_from_who_applied_them() {
    let mut server = server();
    by(&mut server, "kubectl-client-side-apply");
    server.create_from(deployment(Some(2), "a")).expect("created");
    server.set_writer(None);
    server.patch(&key(), PatchType::Merge, &json!({"spec": {"replicas": 5}}), false).expect("scaled");
    by(&mut server, "kubectl");
    let error = server.apply_config(Kind::Deployment, deployment(Some(2), "a"), false, false).expect_err("refused");
    expect![[r#"Apply failed with 1 conflict: conflict with "kube-controller-manager" with subresource "scale" using apps/v1: .spec.replicas"#]].assert_eq(&error.message);
}
