//! A small cluster for the tests of verbs: two namespaces, two nodes, and a way to type commands.

use crate::{Env, Files, Follow, LogLine, Started};
use api::{Object, Pod, Time};
use apiserver::Server;
use serde_json::{Value, json};
use sim::{Rng, SimDuration};
use std::collections::BTreeMap;

/// A cluster and a folder.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) files: Folder,
    pub(crate) namespace: String,
}

#[derive(Default)]
pub(crate) struct Folder(pub(crate) BTreeMap<String, String>);

impl Files for Folder {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
    fn list(&self, dir: &str) -> Option<Vec<String>> {
        let prefix = if dir == "." { String::new() } else { format!("{}/", dir.trim_end_matches('/')) };
        let names: std::collections::BTreeSet<String> =
            self.0.keys().filter_map(|path| path.strip_prefix(&prefix)?.split('/').next().map(str::to_owned)).collect();
        (!names.is_empty()).then(|| names.into_iter().collect())
    }
}

fn no_logs(pod: &Pod, _: &str, previous: bool) -> Option<Vec<LogLine>> {
    let started = pod.status.start_time?;
    let line = |ms, text: &str| LogLine { time: started.plus(SimDuration::from_millis(ms)), text: text.to_owned() };
    (!previous).then(|| vec![line(0, "starting"), line(2000, "ready")])
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Time::parse("2026-01-01T00:00:00Z").expect("a time");
        let mut server = Server::new(now, Rng::new(1));
        for name in ["default", "kube-system"] {
            create(&mut server, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        for name in ["node-1", "node-2"] {
            create(
                &mut server,
                json!({
                    "apiVersion": "v1", "kind": "Node",
                    "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
                    "status": {"capacity": {"cpu": "4", "memory": "16Gi", "pods": "110"},
                        "allocatable": {"cpu": "4", "memory": "16Gi", "pods": "110"},
                        "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:00Z",
                            "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "KubeletReady", "message": "kubelet is posting ready status"}],
                        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": name}],
                        "nodeInfo": {"kubeletVersion": "v1.36.2"}},
                }),
            );
        }
        World { server, files: Folder::default(), namespace: "default".to_owned() }
    }

    /// With these objects, written as JSON.
    pub(crate) fn with(mut self, objects: impl IntoIterator<Item = Value>) -> Self {
        for object in objects {
            create(&mut self.server, object);
        }
        self
    }

    /// With a file.
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Moves the clock on.
    pub(crate) fn later(&mut self, seconds: u64) {
        let now = self.server.now().plus(SimDuration::from_secs(seconds));
        self.server.set_now(now);
    }

    /// Types a command; the answer is what it printed, errors behind `! `, the exit code if it is not 0.
    pub(crate) fn kubectl(&mut self, line: &str) -> String {
        self.kubectl_with(line, "")
    }

    pub(crate) fn kubectl_with(&mut self, line: &str, stdin: &str) -> String {
        match self.start(line, stdin) {
            Started::Done(output) => shown(&output),
            Started::Follow(output, _) => format!("{}…\n", shown(&output)),
        }
    }

    /// Starts a command that waits.
    pub(crate) fn follow(&mut self, line: &str) -> (String, Follow) {
        match self.start(line, "") {
            Started::Follow(output, follow) => (shown(&output), follow),
            Started::Done(output) => panic!("it does not wait: {}", shown(&output)),
        }
    }

    /// Polls a command that waits.
    pub(crate) fn poll(&mut self, follow: &mut Follow) -> (String, Option<i32>) {
        let env = Env { files: &self.files, namespace: self.namespace.clone(), logs: &no_logs };
        let (output, code) = follow.poll(&mut self.server, &env);
        (shown(&output), code)
    }

    fn start(&mut self, line: &str, stdin: &str) -> Started {
        let env = Env { files: &self.files, namespace: self.namespace.clone(), logs: &no_logs };
        let started = crate::run(&mut self.server, &env, &words(line), stdin);
        let namespace = match &started {
            Started::Done(output) | Started::Follow(output, _) => output.namespace.clone(),
        };
        if let Some(namespace) = namespace {
            self.namespace = namespace;
        }
        started
    }
}

fn shown(output: &crate::Output) -> String {
    let mut text = output.stdout.clone();
    for line in output.stderr.lines() {
        text.push_str(&format!("! {line}\n"));
    }
    if output.exit_code != 0 {
        text.push_str(&format!("[exit {}]\n", output.exit_code));
    }
    text
}

/// Splits at blanks outside single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn create(server: &mut Server, mut body: Value) {
    let status = body.as_object_mut().and_then(|map| map.remove("status"));
    let created = server.create_from(body).expect("a valid object");
    if let Some(status) = status {
        let info = apiserver::resource(created.kind()).expect("a resource");
        let mut value = created.write_as(&info.api_version(), info.kind);
        value["status"] = status;
        server.update_status(Object::read(created.kind(), value)).expect("a valid status");
    }
}

/// A running pod.
pub(crate) fn pod(name: &str, node: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"}},
        "spec": {"nodeName": node, "containers": [{"name": "nginx", "image": "nginx:1.25"}]},
        "status": {
            "phase": "Running", "podIP": "10.244.1.4", "podIPs": [{"ip": "10.244.1.4"}], "hostIP": "10.0.0.1",
            "startTime": "2026-01-01T00:00:00Z",
            "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": null, "lastTransitionTime": "2026-01-01T00:00:02Z"}],
            "containerStatuses": [{"name": "nginx", "image": "nginx:1.25", "imageID": "", "ready": true, "restartCount": 0,
                "lastState": {}, "started": true, "state": {"running": {"startedAt": "2026-01-01T00:00:02Z"}}}],
        },
    })
}

/// A StatefulSet as a tutorial writes it.
pub(crate) const WEB: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: 'nginx:1.25'}]}
";
