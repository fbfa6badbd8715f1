//! `kubectl taint`. Models: kubectl/pkg/cmd/taint.

use super::Verb;
use super::options::{DryRun, print_one, refreshed};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use api::{Node, Resource, Taint, Wire};
use apiserver::PatchType;
use serde_json::{Value, json};

pub(super) const VERB: Verb = Verb {
    usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    long: "Puts taints on nodes (KEY=VALUE:EFFECT) or takes them off (KEY:EFFECT- or KEY-). The effects are NoSchedule, PreferNoSchedule and NoExecute.",
    examples: "  # Keep pods away that do not tolerate it\n  kubectl taint nodes node-1 dedicated=db:NoSchedule\n\n  # Take it off\n  kubectl taint nodes node-1 dedicated-",
    flags: &[
        &[
            Flag::on("all", "Select all nodes in the cluster"),
            Flag::on(
                "overwrite",
                "If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.",
            ),
        ],
        flags::SELECTOR,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::VALIDATE,
        flags::FIELD_MANAGER,
    ],
    run,
    ..Verb::named("taint", "Update the taints on one or more nodes")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let is_taint = |word: &&String| word.contains('=') || word.contains(':') || word.ends_with('-');
    let first = args.words.iter().position(|word| is_taint(&word)).unwrap_or(args.words.len());
    let (resources, specs) = args.words.split_at(first);
    if let Some(word) = specs.iter().find(|word| !is_taint(word)) {
        return Err(CmdError::new(format!("all resources must be specified before taint changes: {word}")));
    }
    let Some((kind, names)) = resources.split_first() else {
        return Err(CmdError::new("one or more resources must be specified as <resource> <name>"));
    };
    if specs.is_empty() {
        return Err(CmdError::new("at least one taint update is required"));
    }
    let (add, remove) = parse(specs).map_err(|why| CmdError::usage(&args.command, &why))?;
    check(args, kind, names, &add, &remove)?;
    let by_list = args.is("all") || args.given("selector");
    let words: Vec<String> =
        if by_list { vec!["nodes".to_owned()] } else { names.iter().map(|name| format!("nodes/{name}")).collect() };
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let found = targets::find(call, args, &words, Rules::default())?;
    let mut errors = found.errors;
    for item in &found.items {
        errors.extend(taint(call, item, &add, &remove, args.is("overwrite"), dry, &format).err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn check(args: &Args, kind: &str, names: &[String], add: &[Taint], remove: &[Taint]) -> Result<(), CmdError> {
    let (info, _) = targets::resource(kind)?;
    if info.kind != "Node" {
        return Err(CmdError::new(format!("invalid resource type {kind}, only node types are supported")));
    }
    let clashes = |taint: &&Taint| {
        add.iter().any(|new| new.key == taint.key && (taint.effect.is_empty() || taint.effect == new.effect))
    };
    let both: Vec<String> =
        remove.iter().filter(clashes).map(|taint| format!("{}={}", taint.key, taint.effect)).collect();
    if !both.is_empty() {
        return Err(CmdError::new(format!(
            "can not both modify and remove the following taint(s) in the same command: {}",
            both.join(", ")
        )));
    }
    if args.is("all") && args.given("selector") {
        return Err(CmdError::new("setting 'all' parameter with a non empty selector is prohibited"));
    }
    if names.is_empty() && !args.is("all") && !args.given("selector") {
        return Err(CmdError::new("at least one resource name must be specified since 'all' parameter is not set"));
    }
    Ok(())
}

/// What is to be put on, and what is to be taken off.
fn parse(specs: &[String]) -> Result<(Vec<Taint>, Vec<Taint>), String> {
    let (mut add, mut remove): (Vec<Taint>, Vec<Taint>) = Default::default();
    for spec in specs {
        if let Some(spec) = spec.strip_suffix('-') {
            remove.push(parse_one(spec)?);
            continue;
        }
        let taint = parse_one(spec)?;
        if taint.effect.is_empty() {
            return Err(format!("invalid taint spec: {spec}"));
        }
        if add.iter().any(|known| known.key == taint.key && known.effect == taint.effect) {
            return Err(format!("duplicated taints with the same key and effect: {taint}"));
        }
        add.push(taint);
    }
    Ok((add, remove))
}

fn parse_one(spec: &str) -> Result<Taint, String> {
    let invalid = || format!("invalid taint spec: {spec}");
    let (pair, effect) = match spec.split(':').collect::<Vec<_>>().as_slice() {
        [pair] => (*pair, ""),
        [pair, effect] => (*pair, *effect),
        _ => return Err(invalid()),
    };
    if spec.contains(':') && !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    let (key, value) = match pair.split('=').collect::<Vec<_>>().as_slice() {
        [key] => (*key, ""),
        [key, value] if !effect.is_empty() => (*key, *value),
        _ => return Err(invalid()),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if key.is_empty() || !key.chars().all(is_name) {
        return Err(format!(
            "{}, name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            invalid()
        ));
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into(), ..Taint::default() })
}

fn taint(
    call: &mut Call<'_>,
    item: &Item,
    add: &[Taint],
    remove: &[Taint],
    overwrite: bool,
    dry: DryRun,
    format: &Format,
) -> Result<(), CmdError> {
    let Some(node) = item.object.as_ref().and_then(Node::from_object) else { return Ok(()) };
    let same = |a: &Taint, b: &Taint| a.key == b.key && a.effect == b.effect;
    let old = &node.spec.taints;
    if !overwrite && old.iter().any(|have| add.iter().any(|new| same(have, new))) {
        let name = &item.key.name;
        return Err(CmdError::new(format!(
            "node {name} already has {} taint(s) with same effect(s) and --overwrite is false",
            add.iter()
                .filter(|new| old.iter().any(|have| same(have, new)))
                .map(|t| t.key.as_str())
                .collect::<Vec<_>>()
                .join(",")
        )));
    }
    let mut taints = add.to_vec();
    taints.extend(old.iter().filter(|have| !add.iter().any(|new| same(have, new))).cloned());
    let added = taints.len() != old.len();
    let mut removed = false;
    for gone in remove {
        let before = taints.len();
        taints.retain(|taint| taint.key != gone.key || !gone.effect.is_empty() && taint.effect != gone.effect);
        removed = before != taints.len();
        if !removed {
            return Err(CmdError::new(format!("taint \"{gone}\" not found").replace(":\"", "\"")));
        }
    }
    let operation = match (added, removed) {
        _ if overwrite => "modified",
        (true, true) => "modified",
        (true, false) => "tainted",
        (false, _) => "untainted",
    };
    let taints: Vec<Value> = taints.iter().map(Wire::write).collect();
    let taints = if taints.is_empty() { Value::Null } else { Value::Array(taints) };
    let patch = json!({"spec": {"taints": taints}});
    if dry == DryRun::Client {
        return print_one(call, format, item, &apiserver::json_merge(&item.value(), &patch), operation, dry);
    }
    let object = dry.ask(call, |server| server.patch(&item.key, PatchType::Merge, &patch, false))?;
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), operation, dry)
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn taints_on_and_off() {
        let mut world = World::new();
        expect![["node/node-1 tainted\n"]].assert_eq(&world.kubectl("taint node node-1 a=b:NoSchedule"));
        expect![[
            "! error: node node-1 already has a taint(s) with same effect(s) and --overwrite is false\n[exit 1]\n"
        ]]
        .assert_eq(&world.kubectl("taint node node-1 a=b:NoSchedule"));
        expect![["{\"effect\":\"NoSchedule\",\"key\":\"a\",\"value\":\"b\"}"]]
            .assert_eq(&world.kubectl("get node node-1 -o jsonpath={.spec.taints[0]}"));
        expect![["node/node-1 untainted\n"]].assert_eq(&world.kubectl("taint node node-1 a-"));
        expect![["! error: taint \"a\" not found\n[exit 1]\n"]].assert_eq(&world.kubectl("taint node node-1 a-"));
        expect![["! error: invalid taint effect: Never, unsupported taint effect\n! See 'kubectl taint -h' for help and examples\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("taint node node-1 a=b:Never"));
    }
}
