//! What is offered, and what the line becomes.

use super::{Sight, complete};
use crate::fixture::{WEB, World, pod};
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    let mut world = World::new().with([pod("web-0", "node-1"), pod("web-1", "node-2")]).file("web.yaml", WEB);
    world.files.0.insert("k8s/db.yaml".to_owned(), String::new());
    world.kubectl("apply -f web.yaml");
    let sight = Sight { lister: world.server.lister(), namespace: "default", files: &world.files };
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let word = words.pop().unwrap_or_default();
    let found = complete(sight, &words, &word);
    let texts: Vec<String> =
        found.candidates.iter().map(|it| format!("{}{}", it.text, if it.goes_on { "…" } else { "" })).collect();
    expected.assert_eq(&format!("{}| {}", &word[..found.from], texts.join(" ")));
}

#[test]
fn verbs_flags_and_their_values() {
    check("de", expect!["| debug delete describe"]);
    check("rollout re", expect!["| restart resume"]);
    check("get pods --sh", expect!["| --show-kind --show-labels --show-managed-fields"]);
    check("get pods -o j", expect!["| json jsonpath-as-json=… jsonpath-file=… jsonpath=…"]);
    check("get pods -oy", expect!["-o| yaml"]);
    check("get pods --output=w", expect!["--output=| wide"]);
    check("-n ", expect!["| default kube-system"]);
    check("delete sts web --cascade=o", expect!["--cascade=| orphan"]);
    check("get pods -l ", expect!["| app=web"]);
    check("nope ", expect!["| "]);
    check("exec web-0 -- l", expect!["| "]);
}

#[test]
fn types_names_fields_and_files() {
    check("get statef", expect!["| statefulsets"]);
    check("get sts,po", expect!["sts,| po poddisruptionbudgets pods podtemplates"]);
    check("get pods ", expect!["| web-0 web-1"]);
    check("describe pod/", expect!["pod/| web-0 web-1"]);
    check("delete pods web-0 w", expect!["| web-1"]);
    check("-n kube-system get pods ", expect!["| "]);
    check("rollout status ", expect!["| daemonsets deployments statefulsets"]);
    check("logs web-0 -c ", expect!["| nginx"]);
    check("logs web-0 ", expect!["| nginx"]);
    check("set image sts/web ", expect!["| nginx=…"]);
    check("drain ", expect!["| node-1 node-2"]);
    check("explain sts.spec.ord", expect!["sts.spec.| ordinals"]);
    check("apply -f ", expect!["| k8s/… web.yaml"]);
    check("apply -f k8s/", expect!["| k8s/db.yaml"]);
    check("top po", expect!["| pod"]);
}
