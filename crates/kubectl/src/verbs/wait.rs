//! `kubectl wait`. Models: kubectl/pkg/cmd/wait.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields::{at, list, text};
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::jsonpath::{JsonPath, printed};
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};
use api::{ObjectKey, Status, Str};
use apiserver::ResourceInfo;
use serde_json::Value;
use sim::SimDuration;

const FLAGS: &[Flag] = &[
    Flag::array(
        "for",
        "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
    ),
    Flag::duration(
        "timeout",
        "30s",
        "The length of time to wait before giving up. Zero means check once and don't wait, negative means wait for a week.",
    ),
];

pub(super) const VERB: Verb = Verb {
    usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    long: "Waits until objects have a condition, have a value at a path, exist, or are gone.",
    examples: "  # Wait until a pod is Ready\n  kubectl wait --for=condition=Ready pod/web-0\n\n  # Wait until a StatefulSet has three Ready pods\n  kubectl wait --for=jsonpath='{.status.readyReplicas}'=3 sts/web --timeout=60s",
    flags: &[
        FLAGS,
        flags::ALL,
        flags::ALL_NAMESPACES,
        flags::FILES,
        flags::SELECTOR,
        flags::FIELD_SELECTOR,
        flags::OUTPUT,
        flags::LOCAL,
    ],
    run,
    ..Verb::named("wait", "Wait for a specific condition on one or many resources")
};

/// What an object is to be.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Created,
    Deleted,
    Has { name: String, status: String },
    Path { path: JsonPath, value: Option<String> },
}

/// Objects that are waited for, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// How the objects are found, while they are still to come.
    to_find: Option<Box<Args>>,
    items: Vec<Awaited>,
    conditions: Vec<Condition>,
    /// How many conditions the first item has met.
    met: usize,
    /// Look once, don't wait.
    once: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Awaited {
    info: &'static ResourceInfo,
    key: ObjectKey,
    uid: Str,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let conditions = conditions(args.texts("for"))?;
    let timeout = args.duration("timeout").unwrap_or(SimDuration::from_secs(if args.given("timeout") {
        // Negative: a week.
        7 * 24 * 3600
    } else {
        30
    }));
    let once = timeout == SimDuration::ZERO;
    let mut waiting = Waiting { to_find: None, items: Vec::new(), conditions, met: 0, once };
    if waiting.conditions.contains(&Condition::Created) {
        waiting.to_find = Some(Box::new(args.clone()));
    } else {
        waiting.items = find(call, args, waiting.conditions.contains(&Condition::Deleted))?;
        if waiting.items.is_empty() {
            if waiting.conditions.contains(&Condition::Deleted) {
                return Ok(Outcome::Done);
            }
            return Err(CmdError::new("no matching resources found"));
        }
    }
    Ok(Outcome::follow(Follow::within(State::Wait(waiting), call.now(), Some(timeout))))
}

fn conditions(texts: &[String]) -> Result<Vec<Condition>, CmdError> {
    let unknown = |text: &str| CmdError::new(format!("unrecognized condition: \"{text}\""));
    if texts.is_empty() {
        return Err(CmdError::new("unrecognized condition: []"));
    }
    let mut conditions = Vec::new();
    for text in texts {
        conditions.push(match text.to_lowercase().as_str() {
            "delete" => Condition::Deleted,
            "create" => Condition::Created,
            _ => match text.split_once('=') {
                Some(("condition", rest)) => {
                    let (name, status) = rest.split_once('=').unwrap_or((rest, "true"));
                    Condition::Has { name: name.to_owned(), status: status.to_owned() }
                }
                Some(("jsonpath", rest)) => path_condition(rest)?,
                _ => return Err(unknown(text)),
            },
        });
    }
    // Nothing can be looked at before it exists.
    conditions.sort_by_key(|condition| *condition != Condition::Created);
    Ok(conditions)
}

/// `{.status.phase}=Running`, `{.status.phase}`.
fn path_condition(text: &str) -> Result<Condition, CmdError> {
    let text = text.trim_matches(['\'', '"']);
    let end = text.rfind('}').map_or_else(|| text.find('=').unwrap_or(text.len()), |at| at + 1);
    let (path, value) = text.split_at(end);
    let path = path.trim_matches(['\'', '"']);
    let value = value.trim_start_matches(['\'', '"']);
    let value = match value.strip_prefix('=') {
        None if value.is_empty() => None,
        None => {
            return Err(CmdError::new(
                "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
            ));
        }
        Some("") => {
            return Err(CmdError::new(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            ));
        }
        Some(value) => Some(value.trim_matches(['\'', '"']).to_owned()),
    };
    if path.is_empty() {
        return Err(CmdError::new("jsonpath expression cannot be empty"));
    }
    let path = JsonPath::relaxed(path).map_err(CmdError::new)?;
    Ok(Condition::Path { path, value })
}

fn find(call: &mut Call<'_>, args: &Args, deleted: bool) -> Result<Vec<Awaited>, CmdError> {
    let rules = Rules { latest: true, ..Rules::default() };
    let mut found = targets::find(call, args, &args.words, rules)?;
    if deleted {
        found.errors.retain(|error| !error.is_not_found());
    }
    CmdError::all(found.errors)?;
    let awaited = |item: Item| {
        let uid = item.object.as_ref().map(|object| object.meta().uid.clone()).unwrap_or_default();
        Awaited { info: item.info, key: item.key, uid }
    };
    Ok(found.items.into_iter().map(awaited).collect())
}

impl Waiting {
    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        if let Some(args) = &self.to_find {
            match find(call, args, false) {
                Ok(items) if items.is_empty() => return self.not_yet(),
                Ok(items) => {
                    self.items = items;
                    self.to_find = None;
                }
                Err(error) if error.is_not_found() => return self.not_yet(),
                Err(error) => return Err(error),
            }
        }
        while let Some(item) = self.items.first() {
            while let Some(condition) = self.conditions.get(self.met) {
                if !is_met(call, item, condition)? {
                    return self.not_yet();
                }
                call.say(format_args!("{} condition met", targets::title(item.info, &item.key.name)));
                self.met += 1;
            }
            self.items.remove(0);
            self.met = 0;
        }
        Ok(Progress::Done(0))
    }

    fn not_yet(&self) -> Result<Progress, CmdError> {
        match self.items.first() {
            Some(item) if self.once => {
                let name = format!("{}/{}", item.info.plural, item.key.name);
                Err(CmdError::new(format!("condition not met for {name}")))
            }
            None if self.once => Err(CmdError::new("timed out waiting for the condition")),
            _ => Ok(Progress::Waiting),
        }
    }

    pub(crate) fn timed_out(&self) -> CmdError {
        match self.items.first() {
            Some(item) => {
                let name = format!("{}/{}", item.info.plural, item.key.name);
                CmdError::new(format!("timed out waiting for the condition on {name}"))
            }
            None => CmdError::new("timed out waiting for the condition"),
        }
    }
}

fn is_met(call: &Call<'_>, item: &Awaited, condition: &Condition) -> Result<bool, CmdError> {
    let object = call.lister().object(&item.key);
    let object = match (condition, object) {
        (Condition::Created, object) => return Ok(object.is_some()),
        (Condition::Deleted, object) => return Ok(object.is_none_or(|object| object.meta().uid != item.uid)),
        (_, None) => return Err(Status::not_found(&item.info.qualified_plural(), &item.key.name).into()),
        (_, Some(object)) => targets::with_type(item.info, object),
    };
    match condition {
        Condition::Has { name, status } => Ok(has_condition(&object, name, status)),
        Condition::Path { path, value } => has_value(&object, path, value.as_deref()),
        Condition::Created | Condition::Deleted => Ok(true),
    }
}

/// Whether the object says so of its present generation.
fn has_condition(object: &Value, name: &str, status: &str) -> bool {
    let conditions = list(object, "status.conditions");
    let Some(found) = conditions.iter().find(|c| text(c, "type").eq_ignore_ascii_case(name)) else { return false };
    let observed = found.get("observedGeneration").or_else(|| at(object, "status").get("observedGeneration"));
    let generation = at(object, "metadata.generation").as_i64();
    if let (Some(observed), Some(generation)) = (observed.and_then(Value::as_i64), generation)
        && observed < generation
    {
        return false;
    }
    text(found, "status").eq_ignore_ascii_case(status)
}

fn has_value(object: &Value, path: &JsonPath, wanted: Option<&str>) -> Result<bool, CmdError> {
    let results = path.find(object).map_err(|error| CmdError::new(error.0))?;
    let Some(first) = results.first().filter(|first| !first.is_empty()) else { return Ok(false) };
    if results.len() > 1 {
        return Err(CmdError::new("given jsonpath expression matches more than one list"));
    }
    if first.len() > 1 {
        return Err(CmdError::new("given jsonpath expression matches more than one value"));
    }
    let Some(wanted) = wanted else { return Ok(true) };
    if first[0].is_array() || first[0].is_object() {
        return Err(CmdError::new("jsonpath leads to a nested object or list which is not supported"));
    }
    Ok(printed(&first[0]).trim() == wanted.trim())
}

#[cfg(test)]
mod tests {
    use crate::fixture::{World, pod};
    use expect_test::expect;

    #[test]
    fn conditions_paths_creation_deletion() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        expect![["pod/web-0 condition met\n"]].assert_eq(&world.kubectl("wait --for=condition=ready pod/web-0"));
        expect![["pod/web-0 condition met\n"]]
            .assert_eq(&world.kubectl("wait pod/web-0 --for=jsonpath='{.status.phase}'=Running"));
        let (text, mut follow) = world.follow("wait --for=condition=Ready=false pod --all --timeout=10s");
        assert_eq!(text, "");
        world.later(10);
        expect![["! error: timed out waiting for the condition on pods/web-0\n[exit 1]\n"]]
            .assert_eq(&world.poll(&mut follow).0);
        expect![["! error: condition not met for pods/web-0\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("wait --for=delete pod/web-0 --timeout=0"));
        let (_, mut follow) = world.follow("wait --for=create cm/c");
        world.kubectl_with("create -f -", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
        expect![["configmap/c condition met\n"]].assert_eq(&world.poll(&mut follow).0);
        expect![[""]].assert_eq(&world.kubectl("wait --for=delete pod/gone"));
        expect![["! Error from server (NotFound): pods \"gone\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("wait --for=condition=Ready pod/gone"));
        expect![["! error: unrecognized condition: \"x\"\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("wait --for=x pod/web-0"));
        expect![["! error: no matching resources found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("wait --for=condition=Ready pod -l app=none"));
    }
}
