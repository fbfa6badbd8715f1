//! What is offered, and what the line becomes.

use super::{CompletionView, complete};
use crate::files::Files;
use crate::machine::Vars;
use apiserver::Server;
use expect_test::{Expect, expect};
use serde_json::json;

fn server() -> Server {
    let now = api::Time::parse("2026-01-01T00:00:00Z").expect("a time");
    let mut server = Server::new(now, sim::Rng::new(1));
    let mut create = |body| drop(server.create_from(body).expect("valid"));
    create(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}));
    create(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}));
    create(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "default"},
        "spec": {"containers": [{"name": "nginx", "image": "nginx:1.25"}]}}));
    server
}

/// `|` in the line is the cursor.
fn check(line: &str, expected: Expect) {
    let server = server();
    let mut files = Files::new();
    files.write("web.yaml", "").expect("a file");
    files.write("my file.yaml", "").expect("a file");
    let vars: Vars = [("NS", "default"), ("NAME", "web-0")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let view = CompletionView { lister: server.lister(), namespace: "default", files: &files, vars: &vars };
    let cursor = line.find('¦').expect("a cursor");
    let line = line.replace('¦', "");
    let found = complete(&line, cursor, view);
    let all: Vec<&str> = found.candidates.iter().map(|it| it.text.as_str()).collect();
    let one = match found.candidates.as_slice() {
        [only] => found.apply(&line, &only.text, !only.goes_on).0,
        _ => found.apply(&line, found.common(), false).0,
    };
    let one = if all.is_empty() { line } else { one };
    expected.assert_eq(&format!("{}\n{one}¦", all.join(" ")));
}

#[test]
fn the_word_at_the_cursor() {
    check(
        "kub¦",
        expect![[r#"
        kubectl
        kubectl ¦"#]],
    );
    check(
        "kubectl get po¦ -o wide",
        expect![[r#"
        po poddisruptionbudgets pods podtemplates
        kubectl get po -o wide¦"#]],
    );
    check(
        "k get pods w¦",
        expect![[r#"
        web-0
        k get pods web-0 ¦"#]],
    );
    check(
        "kubectl get pods \"we¦",
        expect![[r#"
        web-0"
        kubectl get pods "web-0" ¦"#]],
    );
    check(
        "kubectl get pods -n $N¦",
        expect![[r#"
        NAME NS
        kubectl get pods -n $N¦"#]],
    );
    check(
        "kubectl -n $NS get pods ¦",
        expect![[r#"
        web-0
        kubectl -n $NS get pods web-0 ¦"#]],
    );
    check(
        "kubectl get pods | gr¦",
        expect![[r#"
        grep
        kubectl get pods | grep ¦"#]],
    );
}

#[test]
fn the_command_at_the_cursor() {
    check(
        "echo $(kubectl get nodes no¦",
        expect![[r#"
        node-1
        echo $(kubectl get nodes node-1 ¦"#]],
    );
    check(
        "x=1; timeout 30 kubectl dr¦",
        expect![[r#"
        drain
        x=1; timeout 30 kubectl drain ¦"#]],
    );
    check(
        "for p in a b; do kubectl logs ¦",
        expect![[r#"
        daemonsets/ deployments/ jobs/ pods/ replicasets/ replicationcontrollers/ services/ statefulsets/ web-0
        for p in a b; do kubectl logs ¦"#]],
    );
    check(
        "kubectl apply -f m¦",
        expect![[r#"
        my\ file.yaml
        kubectl apply -f my\ file.yaml ¦"#]],
    );
    check(
        "cat <w¦",
        expect![[r#"
        web.yaml
        cat <web.yaml ¦"#]],
    );
    check(
        "# kubectl ¦",
        expect![[r#"

        # kubectl ¦"#]],
    );
    check(
        "kubectl get pods > ¦",
        expect![[r#"
        my\ file.yaml web.yaml
        kubectl get pods > ¦"#]],
    );
    check(
        "kubectl get pods 'ä¦",
        expect![[r#"

        kubectl get pods 'ä¦"#]],
    );
}

#[test]
fn verbs_of_the_simulation() {
    check(
        "sim n¦",
        expect![[r#"
        node
        sim node ¦"#]],
    );
    check(
        "sim node ¦",
        expect![[r#"
        add heal partition remove start stop
        sim node ¦"#]],
    );
    check(
        "sim node stop ¦",
        expect![[r#"
        node-1
        sim node stop node-1 ¦"#]],
    );
    check(
        "sim node add x --c¦",
        expect![[r#"
        --cpu
        sim node add x --cpu ¦"#]],
    );
    check(
        "sim pod crash ¦",
        expect![[r#"
        web-0
        sim pod crash web-0 ¦"#]],
    );
    check(
        "sim image break ¦",
        expect![[r#"
        nginx:1.25
        sim image break nginx:1.25 ¦"#]],
    );
}
