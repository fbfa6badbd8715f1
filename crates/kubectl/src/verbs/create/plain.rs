//! Namespaces, ServiceAccounts, quotas, budgets, priorities. Models: kubectl/pkg/cmd/create.

use super::{MADE, make, name};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::verbs::Verb;
use serde_json::{Map, Value, json};

pub(super) const NAMESPACE: Verb = Verb {
    aliases: &["ns"],
    usage: "namespace NAME [--dry-run=server|client|none]",
    examples: "  kubectl create namespace shop",
    flags: MADE,
    run: |call, args| {
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name(args)?}, "spec": {}, "status": {}});
        make(call, args, body, "created", "")
    },
    ..Verb::named("namespace", "Create a namespace with the specified name")
};

pub(super) const SERVICE_ACCOUNT: Verb = Verb {
    aliases: &["sa"],
    usage: "serviceaccount NAME [--dry-run=server|client|none]",
    flags: MADE,
    run: |call, args| {
        let body = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name(args)?}});
        make(call, args, body, "created", "failed to create serviceaccount: ")
    },
    ..Verb::named("serviceaccount", "Create a service account with the specified name")
};

pub(super) const QUOTA: Verb = Verb {
    aliases: &["resourcequota"],
    usage: "quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::texts("hard", "A comma-delimited set of resource=quantity pairs that define a hard limit."),
            Flag::texts("scopes", "A comma-delimited set of quota scopes."),
        ],
    ],
    run: |call, args| {
        let mut spec = json!({"hard": pairs(args.texts("hard"))?});
        if args.given("scopes") {
            spec["scopes"] = json!(args.texts("scopes"));
        }
        let body = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name(args)?}, "spec": spec, "status": {}});
        make(call, args, body, "created", "failed to create quota: ")
    },
    ..Verb::named("quota", "Create a quota with the specified name")
};

/// `key=value` texts as a map.
fn pairs(texts: &[String]) -> Result<Value, CmdError> {
    let mut map = Map::new();
    for text in texts {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| CmdError::new(format!("Invalid argument syntax {text}, expected <resource>=<value>")))?;
        map.insert(key.to_owned(), value.into());
    }
    Ok(Value::Object(map))
}

pub(super) const DISRUPTION_BUDGET: Verb = Verb {
    aliases: &["pdb"],
    usage: "poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::text("max-unavailable", "The maximum number or percentage of unavailable pods this budget requires."),
            Flag::text("min-available", "The minimum number or percentage of available pods this budget requires."),
            Flag::text("selector", "A label selector to use for this budget."),
        ],
    ],
    run: disruption_budget,
    ..Verb::named("poddisruptionbudget", "Create a pod disruption budget with the specified name")
};

fn disruption_budget(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if !args.given("selector") {
        return Err(CmdError::new("a selector must be specified"));
    }
    let amount = |text: &str| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
    let selector: Vec<String> = args.text("selector").split(',').map(str::to_owned).collect();
    let mut spec = json!({"selector": {"matchLabels": pairs(&selector)?}});
    match (args.maybe("min-available"), args.maybe("max-unavailable")) {
        (Some(least), None) => spec["minAvailable"] = amount(least),
        (None, Some(most)) => spec["maxUnavailable"] = amount(most),
        (None, None) => return Err(CmdError::new("one of min-available or max-unavailable must be specified")),
        _ => return Err(CmdError::new("min-available and max-unavailable cannot be both specified")),
    }
    let meta = json!({"name": name(args)?});
    let body = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta, "spec": spec, "status":
        {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0}});
    make(call, args, body, "created", "failed to create poddisruptionbudgets: ")
}

pub(super) const PRIORITY_CLASS: Verb = Verb {
    aliases: &["pc"],
    usage: "priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::text("description", "Guidelines on when this priority class should be used."),
            Flag::on("global-default", "Whether this PriorityClass should be considered as the default priority."),
            Flag::text("preemption-policy", "The policy for preempting pods with lower priority."),
            Flag::int("value", "0", "The value of this priority class."),
        ],
    ],
    run: |call, args| {
        let policy = args.maybe("preemption-policy").unwrap_or("PreemptLowerPriority");
        let mut body = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": {"name": name(args)?}, "value": args.int("value").unwrap_or(0), "preemptionPolicy": policy});
        if args.is("global-default") {
            body["globalDefault"] = true.into();
        }
        if args.given("description") {
            body["description"] = args.text("description").into();
        }
        make(call, args, body, "created", "failed to create priorityclass: ")
    },
    ..Verb::named("priorityclass", "Create a priority class with the specified name")
};
