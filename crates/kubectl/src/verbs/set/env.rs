//! `kubectl set env`. Models: kubectl/pkg/cmd/set/set_env.go.

use super::{COMMON, Verb, container_names, each};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::targets::{self, Rules};
use crate::verbs::pairs;
use serde_json::{Value, json};

const FLAGS: &[Flag] = &[
    Flag::text("containers", "The names of containers in the selected pod templates to change - may use wildcards")
        .short('c')
        .at("'*'"),
    Flag::array("env", "Specify a key-value pair for an environment variable to set into each container.").short('e'),
    Flag::text("from", "The name of a resource from which to inject environment variables"),
    Flag::texts("keys", "Comma-separated list of keys to import from specified resource"),
    Flag::on("list", "If true, display the environment and any changes in the standard format."),
    Flag::on("overwrite", "If true, allow environment to be overwritten.").at("true"),
    Flag::text("prefix", "Prefix to append to variable names"),
    Flag::on("resolve", "If true, show secret or configmap references when listing variables"),
];

pub(super) const VERB: Verb = Verb {
    usage: "env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    examples: "  kubectl set env statefulset/web MODE=fast\n  kubectl set env statefulset/web MODE-",
    flags: &[FLAGS, COMMON[0], COMMON[1], COMMON[2], COMMON[3], COMMON[4], COMMON[5], COMMON[6], COMMON[7]],
    run,
    ..Verb::named("env", "Update environment variables on a pod template")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (resources, changes) = pairs::split(&args.words, "environment")?;
    let (mut variables, mut removed): (Vec<Value>, Vec<String>) = Default::default();
    for change in changes.iter().chain(args.texts("env")) {
        match (change.split_once('='), change.strip_suffix('-')) {
            (Some((name, value)), _) => variables.push(json!({"name": name, "value": value})),
            (None, Some(name)) => removed.push(name.to_owned()),
            (None, None) => {
                return Err(CmdError::new(format!(
                    "environment variables must be of the form key=value, but is {change}"
                )));
            }
        }
    }
    if args.given("from") {
        variables.extend(imported(call, args)?);
    }
    let listing = args.is("list");
    if variables.is_empty() && removed.is_empty() && !listing {
        return Err(CmdError::new("at least one environment variable must be provided"));
    }
    let pattern = args.maybe("containers").unwrap_or("*");
    let overwrite = args.is_unless_off("overwrite", true);
    each(call, args, resources, "env updated", "failed to patch env update to pod template: ", |call, item, spec| {
        let names = container_names(spec, "containers", pattern);
        if names.is_empty() {
            let (kind, name) = (item.info.kind, &item.key.name);
            call.warn(format_args!("{kind}/{name} does not have any containers matching \"{pattern}\""));
        }
        let mut containers = Vec::new();
        for name in names {
            let container = fields::list(spec, "containers").iter().find(|c| fields::text(c, "name") == name);
            let have = container.map_or(&[][..], |container| fields::list(container, "env"));
            if listing {
                list(call, item.info.kind, &item.key.name, &name, have);
                continue;
            }
            check_overwrites(have, &variables, overwrite)?;
            let mut env = variables.clone();
            let gone = removed.iter().filter(|name| have.iter().any(|v| fields::text(v, "name") == **name));
            env.extend(gone.map(|name| json!({"name": name, "$patch": "delete"})));
            if !env.is_empty() {
                containers.push(json!({"name": name, "env": env}));
            }
        }
        Ok(if containers.is_empty() { Value::Null } else { json!({"containers": containers}) })
    })
}

fn check_overwrites(have: &[Value], variables: &[Value], overwrite: bool) -> Result<(), CmdError> {
    if overwrite {
        return Ok(());
    }
    let taken = have.iter().find(|old| variables.iter().any(|new| new["name"] == old["name"]));
    match taken {
        Some(old) => {
            let (name, value) = (fields::text(old, "name"), fields::text(old, "value"));
            Err(CmdError::new(format!("'{name}' already has a value ({value}), and --overwrite is false")))
        }
        None => Ok(()),
    }
}

fn list(call: &mut Call<'_>, kind: &str, name: &str, container: &str, variables: &[Value]) {
    call.say(format_args!("# {kind} {name}, container {container}"));
    for variable in variables {
        let name = fields::text(variable, "name");
        let source = &variable["valueFrom"];
        if source.is_null() {
            call.say(format_args!("{name}={}", fields::text(variable, "value")));
            continue;
        }
        let (map, secret, field) = (&source["configMapKeyRef"], &source["secretKeyRef"], &source["fieldRef"]);
        let from = if map.is_object() {
            format!("configmap {}, key {}", fields::text(map, "name"), fields::text(map, "key"))
        } else if secret.is_object() {
            format!("secret {}, key {}", fields::text(secret, "name"), fields::text(secret, "key"))
        } else {
            format!("field path {}", fields::text(field, "fieldPath"))
        };
        call.say(format_args!("# {name} from {from}"));
    }
}

/// Every key of a ConfigMap or Secret as a variable.
fn imported(call: &mut Call<'_>, args: &Args) -> Result<Vec<Value>, CmdError> {
    let words = [args.text("from").to_owned()];
    let items = targets::find(call, args, &words, Rules::default())?.all_or_error()?;
    let mut variables = Vec::new();
    for item in &items {
        let field = match item.info.kind {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            _ => return Err(CmdError::new("unsupported resource specified in --from")),
        };
        let keys = args.texts("keys");
        let value = item.value();
        for (key, _) in fields::map(&value, "data").filter(|(key, _)| keys.is_empty() || keys.contains(key)) {
            let name = format!("{}{}", args.text("prefix"), key.to_uppercase().replace(['-', '.'], "_"));
            let reference = json!({"name": item.key.name.as_str(), "key": key});
            variables.push(json!({"name": name, "valueFrom": {field: reference}}));
        }
    }
    Ok(variables)
}
