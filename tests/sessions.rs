//! Saved sessions, links and exports: a stored session of every version of the format still opens and comes to the same.

use crate::{here, tutorial};
use playback::{Engine, Scenario, Session, encode, parse_fragment};
use serde_json::{Value, json};
use sim::SimTime;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

fn finish(session: &mut Session, script: &str) {
    session.run(script);
    while session.is_busy() {
        session.pump();
    }
}

/// Sessions that use everything the format has, by name.
fn examples() -> Vec<(&'static str, Session)> {
    let scenario = |json: Value| Session::open(&json.to_string()).expect("a scenario");
    let mut what_if = tutorial();
    what_if.seek(SimTime::from_millis(25_000));
    finish(&mut what_if, "kubectl scale statefulset mysql --replicas=1; sleep 20");
    what_if.set_mark(playback::MarkKind::User, "scaled down");
    let mut machines = scenario(json!({
        "v": 1, "seed": 7, "controlPlane": true, "timing": "classroom", "start": "2026-03-01T12:00:00Z",
        "nodes": [{"name": "big", "cpu": "16", "memory": "64Gi", "pods": 20, "labels": {"disk": "ssd"}},
                  {"name": "gpu-1", "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}],
        "files": [{"name": "it's.yaml", "content": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: \"PODGROUND\\n\"}\n"}],
        "lesson": {"of": "a newer version"}
    }));
    finish(
        &mut machines,
        "kubectl apply -f \"it's.yaml\"; for i in 1 2; do kubectl create deployment d$i --image=nginx; done",
    );
    finish(&mut machines, "sim node add late --label zone=b; sim advance 1m30s; kubectl get pods -o wide; sim settle");
    vec![("tutorial", tutorial()), ("what-if", what_if), ("machines", machines)]
}

/// What a saved session comes to a minute after its last input.
fn outcome(saved: &str) -> String {
    let mut session = Session::open(saved).expect("the stored session opens");
    let last = session.log().last().map_or(SimTime::ZERO, |entry| entry.at);
    let end = SimTime::from_millis(last.as_millis() + 60_000);
    session.seek(end);
    let mut text = session.transcript();
    writeln!(text, "digest {:016x}", cluster::digest(session.cluster())).expect("a string");
    for branch in session.branches().iter().skip(1) {
        session.switch(&branch.name);
        session.seek(end);
        writeln!(text, "digest of {} {:016x}", branch.name, cluster::digest(session.cluster())).expect("a string");
    }
    text
}

#[test]
fn stored_sessions_of_every_version_open_and_come_to_the_same() {
    let bless = std::env::var_os("PODGROUND_BLESS").is_some();
    let newest = here().join("golden/sessions/v1");
    if bless {
        std::fs::create_dir_all(&newest).expect("the folder can be made");
        for (name, session) in examples() {
            let file = newest.join(format!("{name}.json"));
            // A stored session is never written anew: it is what people have in their folders.
            if !file.exists() {
                std::fs::write(file, session.saved_whole() + "\n").expect("written");
            }
        }
    }
    let mut seen = 0;
    for file in stored() {
        let saved = std::fs::read_to_string(&file).expect("a stored session");
        let wanted = file.with_extension("outcome.txt");
        let found = outcome(&saved);
        if bless {
            std::fs::write(&wanted, &found).expect("written");
        }
        let text = std::fs::read_to_string(&wanted).expect("its outcome is stored beside it");
        assert_eq!(found, text, "{} (bless with: cargo xtask bless)", file.display());
        let again = Session::open(&saved).expect("it opens").saved_whole();
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(value(&again), value(&saved), "{}: opening and saving changed it", file.display());
        seen += 1;
    }
    assert!(seen >= 3, "the stored sessions are missing");
}

fn stored() -> Vec<PathBuf> {
    let versions = std::fs::read_dir(here().join("golden/sessions")).expect("the folder is there");
    let mut files: Vec<PathBuf> = versions
        .flatten()
        .flat_map(|version| std::fs::read_dir(version.path()).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

#[test]
fn the_published_schema_describes_what_is_saved() {
    let text = std::fs::read_to_string(here().join("../static/session.schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    for (name, session) in examples() {
        let saved: Value = serde_json::from_str(&session.saved_whole()).expect("JSON");
        let mut wrong = Vec::new();
        check(&saved, &schema, &schema, "", &mut wrong);
        // The one field of these examples that no version knows.
        wrong.retain(|line| line != "/lesson: not described");
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
    let mut wrong = Vec::new();
    let bad = json!({"v": 2, "nodes": "many", "actions": [{"op": "fly"}], "timing": "slow"});
    check(&bad, &schema, &schema, "", &mut wrong);
    assert_eq!(wrong.len(), 5, "the check sees what is wrong: {wrong:#?}");
}

/// Checks a value against the parts of JSON Schema that the published one uses, and that every field is described.
fn check(value: &Value, schema: &Value, root: &Value, path: &str, wrong: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return check(value, &root["$defs"][reference.trim_start_matches("#/$defs/")], root, path, wrong);
    }
    let mut say = |what: String| wrong.push(format!("{path}: {what}"));
    if let Some(kinds) = schema["oneOf"].as_array() {
        let fits = |kind: &&Value| {
            let mut found = Vec::new();
            check(value, kind, root, path, &mut found);
            found.is_empty()
        };
        if kinds.iter().filter(fits).count() != 1 {
            say("fits not exactly one".into());
        }
        return;
    }
    let right = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !right || schema.get("const").is_some_and(|only| only != value) {
        return say("of another type, or not the one value".into());
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        return say("none of the values".into());
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            wrong.push(format!("{path}: {name} is missing"));
        }
    }
    for (name, field) in value.as_object().into_iter().flatten().filter(|_| schema.get("properties").is_some()) {
        match schema["properties"].get(name) {
            Some(inner) => check(field, inner, root, &format!("{path}/{name}"), wrong),
            None => wrong.push(format!("{path}/{name}: not described")),
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(item, &schema["items"], root, &format!("{path}/{index}"), wrong);
    }
}

#[test]
fn a_link_opens_to_the_same_session_and_is_short() {
    for (name, session) in examples() {
        let fragment = session.fragment();
        let playback::LinkContent::Session(json) = parse_fragment(&fragment).content else { panic!("{name}") };
        let again = Session::open(&json).expect("a link opens");
        assert_eq!((again.saved(), again.fragment()), (session.saved(), fragment), "{name}");
    }
    let length = tutorial().fragment().len();
    assert!(length < 1_500, "a StatefulSet and a DaemonSet make a link of {length} characters");
}

#[test]
fn what_comes_from_a_newer_version_is_refused_with_a_reason() {
    let why = |text: &str| Session::open(text).err().expect("refused").to_string();
    assert_eq!(
        why(r#"{"v":2}"#),
        "this session was saved by a newer podground (format 2, known here: 1): open it there"
    );
    let kept = r#"{"actions":[{"by":"me","command":"","op":"run","t":1.5}],"files":[],"k8s":"1.36","new":[1],"nodes":3,"seed":1,"v":1}"#;
    assert_eq!(Session::open(kept).expect("it opens").saved(), kept);
    assert!(encode(kept).starts_with("df1:"));
}

#[test]
fn exports_are_scripts_that_bash_reads_and_manifests_that_parse() {
    let folder = here().join("../target/exports");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for (name, session) in examples().into_iter().chain([("empty", Session::new(Scenario::default()))]) {
        for engine in [Engine::Kind, Engine::Kwok] {
            let script = session.export(engine);
            let file = folder.join(format!("{name}-{}.sh", engine.name()));
            std::fs::write(&file, &script).expect("written");
            let checked = Command::new("bash").arg("-n").arg(&file).output().expect("bash is there");
            let complaints = String::from_utf8_lossy(&checked.stderr).into_owned();
            assert!(checked.status.success() && complaints.is_empty(), "{}: {complaints}", file.display());
            let (_, rest) = script.split_once("<<'PODGROUND'\n").expect("nodes");
            let (nodes, _) = rest.split_once("\nPODGROUND\n").expect("their end");
            let parsed = manifest::parse("nodes.yaml", nodes);
            for document in parsed.documents {
                assert!(document.body.is_ok(), "{}: {nodes}", file.display());
            }
        }
    }
}
