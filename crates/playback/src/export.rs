//! A session as a script for a real cluster on kind or kwok: its nodes, its files and its commands, in their order.
//!
//! The command language is a subset of what bash reads, so the commands stay as they were given; `sim`, and the names of
//! kind's nodes, are bash functions at the top of the script.

use crate::scenario::Scenario;
use crate::{Entry, Input};
use cluster::MachineSpec;
use console::Engine;
use std::fmt::Write as _;

/// The script.
pub(crate) fn export(engine: Engine, scenario: &Scenario, log: &[Entry]) -> String {
    let mut script = head(engine);
    let machines = machines(scenario);
    match engine {
        Engine::Kind => kind_cluster(&mut script, &machines, &joined(log)),
        Engine::Kwok => kwok_cluster(&mut script, &machines),
    }
    script.push_str(HELPERS);
    script.push_str(if engine == Engine::Kind { KIND_SIM } else { KWOK_SIM });
    script.push_str("\n# The session.\nstarted=$SECONDS\n");
    for file in &scenario.files {
        write_file(&mut script, &file.name, &file.content);
    }
    for entry in log {
        if entry.at.as_millis() >= 1000 {
            writeln!(script, "at {}", entry.at.as_millis() / 1000).unwrap_or_default();
        }
        match &entry.input {
            Input::Command(text) if text.trim().is_empty() => {}
            Input::Command(text) => {
                script.push_str(text.trim_end());
                script.push('\n');
            }
            Input::WriteFile { path, content } => write_file(&mut script, path, content),
            Input::DeleteFile { path } => writeln!(script, "rm -f -- {}", quoted(path)).unwrap_or_default(),
        }
    }
    script
}

fn head(engine: Engine) -> String {
    let name = engine.name();
    let needs = match engine {
        Engine::Kind => "kind, docker and kubectl. IMAGE chooses the node image, such as kindest/node of v1.36.",
        Engine::Kwok => "kwokctl and kubectl. Pods of kwok are never really started.",
    };
    format!(
        "#!/usr/bin/env bash
# A session of podground, to go on with on a real cluster ({name}).
# It needs {needs}
set -eu
cluster=${{CLUSTER:-podground}}
work=$(mktemp -d)
cd \"$work\"
echo \"files are in $work\"
"
    )
}

/// The nodes that are there at the start.
fn machines(scenario: &Scenario) -> Vec<MachineSpec> {
    let options = &scenario.options;
    let mut machines = Vec::new();
    if options.control_plane {
        machines.push(MachineSpec::control_plane("control-plane"));
    }
    machines.extend((1..=options.nodes).map(|n| MachineSpec::worker(&format!("node-{n}"))));
    machines.extend(options.machines.iter().cloned());
    machines
}

/// The names of nodes that join later.
fn joined(log: &[Entry]) -> Vec<&str> {
    let mut names = Vec::new();
    for entry in log {
        let Input::Command(text) = &entry.input else { continue };
        for line in text.split(['\n', ';']) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["sim", "node", "add", name, ..] = words.as_slice()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !names.contains(name)
            {
                names.push(*name);
            }
        }
    }
    names
}

fn kind_cluster(script: &mut String, machines: &[MachineSpec], joined: &[&str]) {
    let workers: Vec<&MachineSpec> = machines.iter().filter(|machine| machine.name != "control-plane").collect();
    script.push_str("cat > kind.yaml <<'PODGROUND'\nkind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n");
    for machine in &workers {
        script.push_str("- role: worker\n");
        labels(script, "  ", machine);
    }
    for _ in joined {
        script.push_str("- role: worker\n");
    }
    script.push_str(
        "PODGROUND\nkind create cluster --name \"$cluster\" --config kind.yaml ${IMAGE:+--image \"$IMAGE\"}\n",
    );
    if !joined.is_empty() {
        script.push_str(
            "# kind cannot add nodes later: those that join in the session are there, cordoned, from the start.\n",
        );
    }
    script.push_str(
        "\n# kind gives its nodes names of its own.\ndeclare -A node=(\n  [control-plane]=\"$cluster-control-plane\"\n",
    );
    let names = workers.iter().map(|machine| machine.name.as_str()).chain(joined.iter().copied());
    for (index, name) in names.enumerate() {
        let number = if index == 0 { String::new() } else { (index + 1).to_string() };
        writeln!(script, "  [{name}]=\"$cluster-worker{number}\"").unwrap_or_default();
    }
    writeln!(script, ")\nlate_nodes=({})", joined.join(" ")).unwrap_or_default();
    for machine in &workers {
        for taint in &machine.taints {
            let value = if taint.value.is_empty() { String::new() } else { format!("={}", taint.value) };
            let words = quoted(&format!("{}{value}:{}", taint.key, taint.effect));
            writeln!(script, "kubectl taint nodes \"${{node[{}]}}\" {words}", machine.name).unwrap_or_default();
        }
    }
}

fn kwok_cluster(script: &mut String, machines: &[MachineSpec]) {
    script.push_str("cat > nodes.yaml <<'PODGROUND'\n");
    for machine in machines {
        kwok_node(script, machine);
    }
    script.push_str("PODGROUND\nkwokctl create cluster --name \"$cluster\"\nkubectl apply -f nodes.yaml\n");
}

fn kwok_node(script: &mut String, machine: &MachineSpec) {
    let name = &machine.name;
    write!(
        script,
        "---\napiVersion: v1\nkind: Node\nmetadata:\n  name: {name}\n  annotations:\n    kwok.x-k8s.io/node: fake\n  labels:\n    \
         kubernetes.io/hostname: {name}\n    kubernetes.io/os: linux\n    kubernetes.io/arch: amd64\n    type: kwok\n"
    )
    .unwrap_or_default();
    for (label, value) in &machine.labels {
        writeln!(script, "    {label}: {}", text_value(value)).unwrap_or_default();
    }
    if !machine.taints.is_empty() {
        script.push_str("spec:\n  taints:\n");
        for taint in &machine.taints {
            let value = text_value(&taint.value);
            writeln!(script, "  - {{key: {}, value: {value}, effect: {}}}", taint.key, taint.effect)
                .unwrap_or_default();
        }
    }
    let sizes = format!(
        "{{cpu: {}, memory: {}, pods: {}}}",
        text_value(&machine.cpu.to_string()),
        machine.memory,
        machine.pods
    );
    writeln!(script, "status:\n  phase: Running\n  allocatable: {sizes}\n  capacity: {sizes}").unwrap_or_default();
}

fn labels(script: &mut String, indent: &str, machine: &MachineSpec) {
    if !machine.labels.is_empty() {
        writeln!(script, "{indent}labels:").unwrap_or_default();
    }
    for (label, value) in &machine.labels {
        writeln!(script, "{indent}  {label}: {}", text_value(value)).unwrap_or_default();
    }
}

/// A text that YAML reads as a text.
fn text_value(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A here-document whose last line stands in no line of the text.
fn write_file(script: &mut String, path: &str, content: &str) {
    let mut mark = "PODGROUND".to_owned();
    while content.lines().any(|line| line == mark) {
        mark.push('_');
    }
    let path = quoted(path);
    let end = if content.is_empty() || content.ends_with('\n') { "" } else { "\n" };
    writeln!(script, "mkdir -p -- \"$(dirname -- {path})\"\ncat > {path} <<'{mark}'\n{content}{end}{mark}")
        .unwrap_or_default();
}

/// A word that a shell reads as it is.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let word = if word.starts_with('-') { format!("./{word}") } else { word.to_owned() };
    if !word.is_empty() && word.chars().all(is_plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

const HELPERS: &str = r#"
# From here on a command that fails stops nothing, as in the session.
set +eu

# Waits until so many seconds after the start, as the session did, but never long at a time.
at() {
  local rest=$((started + $1 - SECONDS)) longest=${LONGEST_WAIT:-30}
  ((rest > longest)) && rest=$longest
  if ((rest > 0)); then command sleep "$rest"; fi
}
# Durations as podground reads them: 90, 90s, 5m, 1h30m, 250ms.
sleep() {
  local text=$1 total=0
  while [[ $text =~ ^([0-9]+)(ms|[hms]?)(.*)$ ]]; do
    case ${BASH_REMATCH[2]} in
      h) total=$((total + BASH_REMATCH[1] * 3600000)) ;;
      m) total=$((total + BASH_REMATCH[1] * 60000)) ;;
      ms) total=$((total + BASH_REMATCH[1])) ;;
      *) total=$((total + BASH_REMATCH[1] * 1000)) ;;
    esac
    text=${BASH_REMATCH[3]}
  done
  command sleep "$((total / 1000)).$(printf %03d "$((total % 1000))")"
}
skipped() { echo "only podground can do this, skipped: sim $*" >&2; }
# A watch ends by itself after a while. k is short for kubectl.
kubectl() {
  local words=() word name extra=()
  for word in "$@"; do
    case $word in -w | --watch | --watch=true) extra=("--request-timeout=${WATCH_SECONDS:-10}s") ;; esac
    name=${word#node/}
    if [[ $name =~ ^[a-z0-9.-]+$ && -n ${node[$name]+x} ]]; then word=${word%"$name"}${node[$name]}; fi
    words+=("$word")
  done
  command kubectl "${words[@]}" "${extra[@]}"
}
k() { kubectl "$@"; }
"#;

const KIND_SIM: &str = r#"sim() {
  local name=${3-none}
  name=${node[$name]:-$name}
  case "$1 ${2-}" in
    advance*) sleep "$2" ;;
    settle*) command sleep 15 ;;
    clock*) date ;;
    "node add") command kubectl uncordon "$name" ;;
    "node remove") docker rm -f "$name" && command kubectl delete node "$name" ;;
    "node stop") docker stop "$name" ;;
    "node start") docker start "$name" ;;
    "node partition") docker network disconnect kind "$name" ;;
    "node heal") docker network connect kind "$name" ;;
    "pod crash") command kubectl exec "${@:3}" -- sh -c 'kill 1' ;;
    *) skipped "$@" ;;
  esac
}
for late in "${late_nodes[@]}"; do command kubectl cordon "${node[$late]}"; done
"#;

const KWOK_SIM: &str = r#"declare -A node=()
sim() {
  case "$1 ${2-}" in
    advance*) sleep "$2" ;;
    settle*) command sleep 15 ;;
    clock*) date ;;
    "node add") sed -e "s/@NAME@/$3/g" > "$3.node.yaml" <<'PODGROUND_NODE' && command kubectl apply -f "$3.node.yaml" ;;
apiVersion: v1
kind: Node
metadata:
  name: "@NAME@"
  annotations: {kwok.x-k8s.io/node: fake}
  labels: {kubernetes.io/hostname: "@NAME@", kubernetes.io/os: linux, kubernetes.io/arch: amd64, type: kwok}
status:
  phase: Running
  allocatable: {cpu: "4", memory: 16Gi, pods: 110}
  capacity: {cpu: "4", memory: 16Gi, pods: 110}
PODGROUND_NODE
    "node remove") command kubectl delete node "$3" ;;
    *) skipped "$@" ;;
  esac
}
"#;
