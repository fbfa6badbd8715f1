//! The nodes of a saved session: how many, or each with what it is made of.

use crate::scenario::ScenarioError;
use api::{Quantity, Taint};
use cluster::{MachineSpec, Options};
use serde_json::{Map, Value, json};

/// The most nodes: Kubernetes' own limit.
const MOST: u64 = 5000;

/// `3`, or `[{"name": "big", "cpu": "16", "labels": {"disk": "ssd"}, "taints": [{…}]}, …]`.
pub(crate) fn nodes_value(options: &Options) -> Value {
    if options.machines.is_empty() {
        return options.nodes.into();
    }
    options.machines.iter().map(machine_value).collect::<Vec<_>>().into()
}

pub(crate) fn read_nodes(value: &Value, options: &mut Options) -> Result<(), ScenarioError> {
    match value {
        Value::Array(machines) if machines.len() as u64 <= MOST => {
            options.nodes = 0;
            options.machines = machines.iter().map(machine).collect::<Result<_, _>>()?;
            let mut names: Vec<&str> = options.machines.iter().map(|machine| machine.name.as_str()).collect();
            names.sort_unstable();
            match names.windows(2).find(|pair| pair[0] == pair[1]) {
                Some(pair) => Err(ScenarioError::new(format!("nodes: two are named {}", pair[0]))),
                None => Ok(()),
            }
        }
        value => match value.as_u64().filter(|n| *n <= MOST).and_then(|n| u32::try_from(n).ok()) {
            Some(n) => {
                options.nodes = n;
                Ok(())
            }
            None => Err(ScenarioError::new(format!("nodes: {value} is no number of nodes from 0 to {MOST}"))),
        },
    }
}

fn machine_value(machine: &MachineSpec) -> Value {
    let usual = MachineSpec::worker(&machine.name);
    let mut map = Map::new();
    map.insert("name".into(), machine.name.as_str().into());
    if machine.cpu != usual.cpu {
        map.insert("cpu".into(), machine.cpu.to_string().into());
    }
    if machine.memory != usual.memory {
        map.insert("memory".into(), machine.memory.to_string().into());
    }
    if machine.pods != usual.pods {
        map.insert("pods".into(), machine.pods.into());
    }
    if !machine.labels.is_empty() {
        let labels = machine.labels.iter().map(|(name, value)| (name.to_string(), value.as_str().into()));
        map.insert("labels".into(), Value::Object(labels.collect()));
    }
    if !machine.taints.is_empty() {
        let taint = |taint: &Taint| json!({"key": taint.key.as_str(), "value": taint.value.as_str(), "effect": taint.effect.as_str()});
        map.insert("taints".into(), machine.taints.iter().map(taint).collect::<Vec<_>>().into());
    }
    Value::Object(map)
}

fn machine(value: &Value) -> Result<MachineSpec, ScenarioError> {
    let wrong = |what: &str| ScenarioError::new(format!("nodes: {value}: {what}"));
    let word = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = word(value, "name");
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if name.is_empty() || name.len() > 253 || !name.chars().all(fits) {
        return Err(wrong("a node needs a name of lower-case letters, digits, - and ."));
    }
    let mut machine = MachineSpec::worker(&name);
    for (field, place) in [("cpu", &mut machine.cpu), ("memory", &mut machine.memory)] {
        if let Some(found) = value.get(field) {
            let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            *place = Quantity::parse(&text).ok_or_else(|| wrong(&format!("{field} is no quantity")))?;
        }
    }
    if let Some(pods) = value.get("pods") {
        machine.pods = pods.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or_else(|| wrong("pods is no number"))?;
    }
    for (name, label) in value.get("labels").and_then(Value::as_object).into_iter().flatten() {
        let label = label.as_str().ok_or_else(|| wrong("a label is no text"))?;
        machine.labels.push((name.as_str().into(), label.into()));
    }
    for taint in value.get("taints").and_then(Value::as_array).into_iter().flatten() {
        let [key, effect] = ["key", "effect"].map(|field| word(taint, field));
        if key.is_empty() || !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect.as_str()) {
            return Err(wrong("a taint needs a key and an effect (NoSchedule, PreferNoSchedule, NoExecute)"));
        }
        let taint =
            Taint { key: key.into(), value: word(taint, "value").into(), effect: effect.into(), ..Taint::default() };
        machine.taints.push(taint);
    }
    Ok(machine)
}
