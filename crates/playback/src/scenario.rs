//! What a session starts from, and its saved form: inputs and actions, not the computed state.

use crate::chronicle::{Mark, MarkKind};
use crate::nodes::{nodes_value, read_nodes};
use crate::{Entry, Input};
use api::Time;
use cluster::{Options, Timing};
use serde_json::{Map, Value, json};
use sim::SimTime;
use std::fmt;
use std::rc::Rc;

/// The version of the saved form.
const VERSION: u64 = 1;

/// A file of the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioFile {
    /// Its name.
    pub name: Rc<str>,
    /// Its text.
    pub content: Rc<str>,
}

/// Another line of history, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedBranch {
    /// Its name.
    pub name: Rc<str>,
    /// Everything that was done in it.
    pub log: Vec<Entry>,
    /// How far it went.
    pub end: SimTime,
}

/// What a session starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Nodes, seed, clock, timing.
    pub options: Options,
    /// The files that are there at the start.
    pub files: Vec<ScenarioFile>,
    /// Marks that somebody set.
    pub marks: Vec<Mark>,
    /// Other lines of history.
    pub branches: Vec<SavedBranch>,
    /// Fields of a newer version, kept as they were.
    pub other: Map<String, Value>,
}

/// Why a saved session cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError(String);

impl ScenarioError {
    pub(crate) fn new(why: String) -> Self {
        ScenarioError(why)
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// The same start, before anything was done.
    pub(crate) fn without_history(&self) -> Self {
        Scenario { marks: Vec::new(), branches: Vec::new(), ..self.clone() }
    }

    pub(crate) fn with_marks(&self, marks: &[Mark]) -> Self {
        Scenario { marks: marks.to_vec(), branches: Vec::new(), ..self.clone() }
    }

    pub(crate) fn with_branches(self, branches: Vec<SavedBranch>) -> Self {
        Scenario { branches, ..self }
    }

    /// The saved form of a session that starts here, with its inputs.
    pub fn to_json(&self, log: &[Entry]) -> String {
        let mut map = self.other.clone();
        let options = &self.options;
        let defaults = Options::default();
        map.insert("v".into(), VERSION.into());
        map.insert("k8s".into(), "1.36".into());
        map.insert("nodes".into(), nodes_value(options));
        map.insert("seed".into(), options.seed.into());
        if options.control_plane {
            map.insert("controlPlane".into(), true.into());
        }
        if options.start != defaults.start {
            map.insert("start".into(), options.start.to_string().into());
        }
        if options.timing != defaults.timing {
            map.insert("timing".into(), timing_name(options.timing).into());
        }
        let files: Vec<Value> =
            self.files.iter().map(|f| json!({"name": f.name.as_ref(), "content": f.content.as_ref()})).collect();
        map.insert("files".into(), files.into());
        map.insert("actions".into(), log.iter().map(action).collect::<Vec<_>>().into());
        if !self.marks.is_empty() {
            map.insert("marks".into(), self.marks.iter().map(mark_value).collect::<Vec<_>>().into());
        }
        if !self.branches.is_empty() {
            map.insert("branches".into(), self.branches.iter().map(branch_value).collect::<Vec<_>>().into());
        }
        Value::Object(map).to_string()
    }

    /// Reads a saved session: what it starts from, and its inputs in order of time.
    pub fn from_json(text: &str) -> Result<(Scenario, Vec<Entry>), ScenarioError> {
        let fail = |why: String| Err(ScenarioError(why));
        let Ok(Value::Object(mut map)) = serde_json::from_str(text) else {
            return fail("this is no saved session: it is not a JSON object".into());
        };
        let version = map.remove("v").and_then(|v| v.as_u64()).unwrap_or(VERSION);
        if version > VERSION {
            return fail(format!(
                "this session was saved by a newer podground (format {version}, known here: {VERSION}): open it there"
            ));
        }
        map.remove("k8s");
        let mut scenario = Scenario::default();
        let options = &mut scenario.options;
        if let Some(nodes) = map.remove("nodes") {
            read_nodes(&nodes, options)?;
        }
        options.seed = map.remove("seed").and_then(|v| v.as_u64()).unwrap_or(options.seed);
        options.control_plane = map.remove("controlPlane") == Some(Value::Bool(true));
        if let Some(start) = map.remove("start") {
            options.start = match start.as_str().and_then(Time::parse) {
                Some(time) => time,
                None => return fail(format!("start: {start} is no time (RFC 3339)")),
            };
        }
        options.timing = timing_of(map.remove("timing").as_ref().and_then(Value::as_str).unwrap_or_default());
        scenario.files = list(&mut map, "files")?.iter().map(file).collect::<Result<_, _>>()?;
        let log = actions(&list(&mut map, "actions")?)?;
        scenario.marks = list(&mut map, "marks")?.iter().map(mark).collect::<Result<_, _>>()?;
        scenario.marks.sort_by_key(|mark| mark.at_ms);
        scenario.branches = list(&mut map, "branches")?.iter().map(branch).collect::<Result<_, _>>()?;
        scenario.other = map;
        Ok((scenario, log))
    }
}

fn timing_name(timing: Timing) -> &'static str {
    match timing {
        Timing::Instant => "instant",
        Timing::Classroom => "classroom",
        Timing::Realistic => "realistic",
    }
}

fn timing_of(name: &str) -> Timing {
    match name {
        "instant" => Timing::Instant,
        "classroom" => Timing::Classroom,
        _ => Timing::Realistic,
    }
}

fn list(map: &mut Map<String, Value>, field: &str) -> Result<Vec<Value>, ScenarioError> {
    match map.remove(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(ScenarioError(format!("{field}: not a list"))),
    }
}

fn text(value: &Value, field: &str) -> Result<Rc<str>, ScenarioError> {
    let found = value.get(field).and_then(Value::as_str);
    found.map(Rc::from).ok_or_else(|| ScenarioError(format!("{value}: {field} is missing or no text")))
}

fn file(value: &Value) -> Result<ScenarioFile, ScenarioError> {
    Ok(ScenarioFile { name: text(value, "name")?, content: text(value, "content")? })
}

/// A moment in the saved form: seconds.
fn seconds_value(ms: u64) -> Value {
    if ms.is_multiple_of(1000) { Value::from(ms / 1000) } else { json!(ms as f64 / 1000.0) }
}

fn seconds(value: &Value, field: &str) -> Result<SimTime, ScenarioError> {
    let found = value.get(field).and_then(Value::as_f64).filter(|t| (0.0..1e9).contains(t));
    let Some(t) = found else { return Err(ScenarioError(format!("{value}: {field} is no time in seconds"))) };
    Ok(SimTime::from_millis((t * 1000.0).round() as u64))
}

/// An input in the saved form.
fn action(entry: &Entry) -> Value {
    let mut map = entry.other.clone();
    map.insert("t".into(), seconds_value(entry.at.as_millis()));
    let fields: &[(&str, &Rc<str>)] = match &entry.input {
        Input::Command(command) => &[("command", command)],
        Input::WriteFile { path, content } => &[("name", path), ("content", content)],
        Input::DeleteFile { path } => &[("name", path)],
    };
    let op = match &entry.input {
        Input::Command(_) => "run",
        Input::WriteFile { .. } => "write",
        Input::DeleteFile { .. } => "delete",
    };
    map.insert("op".into(), op.into());
    for (name, text) in fields {
        map.insert((*name).into(), text.as_ref().into());
    }
    Value::Object(map)
}

fn actions(values: &[Value]) -> Result<Vec<Entry>, ScenarioError> {
    let mut log = values.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    log.sort_by_key(|entry| entry.at);
    Ok(log)
}

fn entry(value: &Value) -> Result<Entry, ScenarioError> {
    let at = seconds(value, "t")?;
    let input = match value.get("op").and_then(Value::as_str) {
        Some("run") => Input::Command(text(value, "command")?),
        Some("write") => Input::WriteFile { path: text(value, "name")?, content: text(value, "content")? },
        Some("delete") => Input::DeleteFile { path: text(value, "name")? },
        _ => return Err(ScenarioError(format!("{value}: op is none of run, write, delete"))),
    };
    let known: &[&str] = match &input {
        Input::Command(_) => &["t", "op", "command"],
        Input::WriteFile { .. } => &["t", "op", "name", "content"],
        Input::DeleteFile { .. } => &["t", "op", "name"],
    };
    Ok(Entry { at, input, other: others(value, known) })
}

/// The fields of an object that are not known here.
fn others(value: &Value, known: &[&str]) -> Map<String, Value> {
    let fields = value.as_object().into_iter().flatten();
    fields
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn mark_value(mark: &Mark) -> Value {
    let mut value = json!({"t": seconds_value(mark.at_ms), "text": mark.text.as_ref()});
    if mark.kind == MarkKind::Lesson {
        value["kind"] = mark.kind.word().into();
    }
    value
}

fn mark(value: &Value) -> Result<Mark, ScenarioError> {
    let is_lesson = value.get("kind").and_then(Value::as_str) == Some(MarkKind::Lesson.word());
    let kind = if is_lesson { MarkKind::Lesson } else { MarkKind::User };
    Ok(Mark { at_ms: seconds(value, "t")?.as_millis(), kind, text: text(value, "text")?, about: None })
}

fn branch_value(branch: &SavedBranch) -> Value {
    let actions: Vec<Value> = branch.log.iter().map(action).collect();
    json!({"name": branch.name.as_ref(), "end": seconds_value(branch.end.as_millis()), "actions": actions})
}

fn branch(value: &Value) -> Result<SavedBranch, ScenarioError> {
    let log = actions(value.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default())?;
    Ok(SavedBranch { name: text(value, "name")?, log, end: seconds(value, "end")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_sessions_come_back() {
        let scenario = Scenario {
            files: vec![ScenarioFile { name: "a.yaml".into(), content: "kind: Pod\n".into() }],
            options: Options { nodes: 5, seed: 9, ..Options::default() },
            other: serde_json::from_str(r#"{"view":"table"}"#).expect("json"),
            ..Scenario::default()
        };
        let other: Map<String, Value> = serde_json::from_str(r#"{"by":"somebody"}"#).expect("json");
        let log = vec![
            Entry { at: SimTime::from_millis(0), input: Input::Command("kubectl apply -f a.yaml".into()), other },
            Entry {
                at: SimTime::from_millis(12_345),
                input: Input::DeleteFile { path: "a.yaml".into() },
                other: Map::new(),
            },
        ];
        assert_eq!(Scenario::from_json(&scenario.to_json(&log)), Ok((scenario, log)));
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let why = |text: &str| Scenario::from_json(text).expect_err("refused").to_string();
        assert!(why("[]").contains("not a JSON object"));
        assert!(why(r#"{"v":2}"#).contains("newer podground"));
        assert!(why(r#"{"nodes":-1}"#).contains("nodes"));
        assert!(why(r#"{"actions":[{"t":1,"op":"fly"}]}"#).contains("op is none of"));
    }
}
