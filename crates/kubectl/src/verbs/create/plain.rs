//! Namespaces, ServiceAccounts, quotas, budgets, priorities, roles. Models: kubectl/pkg/cmd/create.

use super::{MADE, make, name};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::targets;
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
            .ok_or_else(|| CmdError::new(format!("Invalid argument syntax {text}, expected <key>=<value>")))?;
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

const ROLE_FLAGS: &[&[Flag]] = &[
    MADE[0],
    MADE[1],
    MADE[2],
    MADE[3],
    MADE[4],
    &[
        Flag::texts("resource", "Resource that the rule applies to"),
        Flag::texts(
            "resource-name",
            "Resource in the white list that the rule applies to, repeat this flag for multiple items",
        ),
        Flag::texts("verb", "Verb that applies to the resources contained in the rule"),
    ],
];

pub(super) const ROLE: Verb = Verb {
    usage: "role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]",
    flags: ROLE_FLAGS,
    run: |call, args| role(call, args, "Role", "failed to create role: "),
    ..Verb::named("role", "Create a role with single rule")
};

pub(super) const CLUSTER_ROLE: Verb = Verb {
    usage: "clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename]",
    flags: ROLE_FLAGS,
    run: |call, args| role(call, args, "ClusterRole", "failed to create clusterrole: "),
    ..Verb::named("clusterrole", "Create a cluster role")
};

fn role(call: &mut Call<'_>, args: &Args, kind: &str, failing: &str) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    if args.texts("verb").is_empty() {
        return Err(CmdError::new("at least one verb must be specified"));
    }
    if args.texts("resource").is_empty() {
        return Err(CmdError::new("one or more resources must be specified"));
    }
    let mut rules: Vec<(String, Vec<String>)> = Vec::new();
    for word in args.texts("resource") {
        let (word, sub) = word.split_once('/').unwrap_or((word, ""));
        let (info, _) = targets::resource(word)?;
        let resource = if sub.is_empty() { info.plural.to_owned() } else { format!("{}/{sub}", info.plural) };
        match rules.iter_mut().find(|(group, _)| *group == info.group) {
            Some((_, resources)) => resources.push(resource),
            None => rules.push((info.group.to_owned(), vec![resource])),
        }
    }
    let rule = |(group, resources): &(String, Vec<String>)| {
        let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": args.texts("verb")});
        if args.given("resource-name") {
            rule["resourceNames"] = json!(args.texts("resource-name"));
        }
        rule
    };
    let rules: Vec<Value> = rules.iter().map(rule).collect();
    let body =
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "rules": rules});
    make(call, args, body, "created", failing)
}

const BINDING_FLAGS: &[&[Flag]] = &[
    MADE[0],
    MADE[1],
    MADE[2],
    MADE[3],
    MADE[4],
    &[
        Flag::text("clusterrole", "ClusterRole this binding should reference"),
        Flag::array("group", "Groups to bind to the role."),
        Flag::text("role", "Role this RoleBinding should reference"),
        Flag::array("serviceaccount", "Service accounts to bind to the role, in the format <namespace>:<name>."),
        Flag::array("user", "Usernames to bind to the role."),
    ],
];

pub(super) const ROLE_BINDING: Verb = Verb {
    usage: "rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]",
    flags: BINDING_FLAGS,
    run: |call, args| binding(call, args, "RoleBinding", "failed to create rolebinding: "),
    ..Verb::named("rolebinding", "Create a role binding for a particular role or cluster role")
};

pub(super) const CLUSTER_ROLE_BINDING: Verb = Verb {
    usage: "clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]",
    flags: BINDING_FLAGS,
    run: |call, args| binding(call, args, "ClusterRoleBinding", "failed to create clusterrolebinding: "),
    ..Verb::named("clusterrolebinding", "Create a cluster role binding for a particular cluster role")
};

fn binding(call: &mut Call<'_>, args: &Args, kind: &str, failing: &str) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    let (role_kind, role) = match (args.text("clusterrole"), args.text("role")) {
        ("", "") => return Err(CmdError::new("exactly one of clusterrole or role must be specified")),
        (role, "") => ("ClusterRole", role),
        ("", role) => ("Role", role),
        _ => return Err(CmdError::new("exactly one of clusterrole or role must be specified")),
    };
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        let named = args.texts(flag).iter();
        subjects.extend(named.map(|name| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name})));
    }
    for account in args.texts("serviceaccount") {
        let (namespace, account) =
            account.split_once(':').ok_or_else(|| CmdError::new("serviceaccount must be <namespace>:<name>"))?;
        subjects.push(json!({"kind": "ServiceAccount", "name": account, "namespace": namespace}));
    }
    let mut body = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role}});
    if !fields::is_empty(&Value::from(subjects.clone())) {
        body["subjects"] = subjects.into();
    }
    make(call, args, body, "created", failing)
}
