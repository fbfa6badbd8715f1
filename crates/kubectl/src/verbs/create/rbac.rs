//! Roles and their bindings. Models: kubectl/pkg/cmd/create/create_{role,clusterrole,rolebinding,clusterrolebinding}.go.

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
use std::collections::BTreeMap;

/// Verbs that a rule about resources usually has.
const RESOURCE_VERBS: &[&str] = &[
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "approve",
    "sign",
    "escalate",
    "impersonate",
];
/// Verbs that a rule about URLs may have.
const URL_VERBS: &[&str] = &["*", "get", "post", "put", "delete", "patch", "head", "options"];

const RULE_FLAGS: &[Flag] = &[
    Flag::texts("resource", "Resource that the rule applies to"),
    Flag::array(
        "resource-name",
        "Resource in the white list that the rule applies to, repeat this flag for multiple items",
    ),
    Flag::texts("verb", "Verb that applies to the resources contained in the rule"),
];

pub(super) const ROLE: Verb = Verb {
    usage: "role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    examples: "  # Create a role that lets somebody look at pods\n  kubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods",
    flags: &[MADE[0], MADE[1], MADE[2], MADE[3], MADE[4], RULE_FLAGS],
    run: role,
    ..Verb::named("role", "Create a role with single rule")
};

pub(super) const CLUSTER_ROLE: Verb = Verb {
    usage: "clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    examples: "  # Create a cluster role for a URL\n  kubectl create clusterrole \"foo\" --verb=get --non-resource-url=/logs/*",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        RULE_FLAGS,
        &[
            Flag::texts("aggregation-rule", "An aggregation label selector for combining ClusterRoles."),
            Flag::texts("non-resource-url", "A partial url that user should have access to."),
        ],
    ],
    run: cluster_role,
    ..Verb::named("clusterrole", "Create a cluster role")
};

fn role(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    let verbs = verbs(args)?;
    if args.texts("resource").is_empty() {
        return Err(CmdError::new("at least one resource must be specified"));
    }
    warn_of_verbs(call, &verbs);
    let rules = rules(args, &verbs)?;
    let body = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name}, "rules": rules});
    make(call, args, body, "created", "failed to create role: ")
}

fn cluster_role(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let mut body =
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name(args)?}});
    if args.given("aggregation-rule") {
        if ["non-resource-url", "verb", "resource", "resource-name"].iter().any(|flag| args.given(flag)) {
            return Err(CmdError::new(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        let pairs = args.texts("aggregation-rule").iter().map(|pair| match pair.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), Value::from(value))),
            None => Err(CmdError::new(format!(
                "invalid argument \"{pair}\" for \"--aggregation-rule\" flag: malformed pair, expect string=string"
            ))),
        });
        let labels: Map<String, Value> = pairs.collect::<Result<_, _>>()?;
        body["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": labels}]});
        // The field has no omitempty.
        body["rules"] = Value::Null;
        return make(call, args, body, "created", "");
    }
    let verbs = verbs(args)?;
    let urls = args.texts("non-resource-url");
    if args.texts("resource").is_empty() && urls.is_empty() {
        return Err(CmdError::new("one of resource or nonResourceURL must be specified"));
    }
    if !args.texts("resource").is_empty() {
        warn_of_verbs(call, &verbs);
    }
    let mut rules = rules(args, &verbs)?;
    if !urls.is_empty() {
        check_urls(urls, &verbs)?;
        rules.push(json!({"nonResourceURLs": urls, "verbs": verbs}));
    }
    body["rules"] = rules.into();
    make(call, args, body, "created", "")
}

/// The verbs, each once; `*` stands for all.
fn verbs(args: &Args) -> Result<Vec<String>, CmdError> {
    let mut verbs: Vec<String> = Vec::new();
    for verb in args.texts("verb") {
        if verb == "*" {
            return Ok(vec![verb.clone()]);
        }
        if !verbs.contains(verb) {
            verbs.push(verb.clone());
        }
    }
    if verbs.is_empty() { Err(CmdError::new("at least one verb must be specified")) } else { Ok(verbs) }
}

fn warn_of_verbs(call: &mut Call<'_>, verbs: &[String]) {
    for verb in verbs.iter().filter(|verb| !RESOURCE_VERBS.contains(&verb.as_str())) {
        call.warn(format_args!("'{verb}' is not a standard resource verb"));
    }
}

fn check_urls(urls: &[String], verbs: &[String]) -> Result<(), CmdError> {
    if let Some(verb) = verbs.iter().find(|verb| !URL_VERBS.contains(&verb.as_str())) {
        return Err(CmdError::new(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return Err(CmdError::new("nonResourceURL should start with /"));
        }
        if url.find('*').is_some_and(|at| at + 1 < url.len()) {
            return Err(CmdError::new("nonResourceURL only supports wildcard matches when '*' is at the end"));
        }
    }
    Ok(())
}

/// One rule for each API group. Models: generateResourcePolicyRules.
fn rules(args: &Args, verbs: &[String]) -> Result<Vec<Value>, CmdError> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for word in args.texts("resource") {
        let (kind, sub) = word.split_once('/').map_or((word.as_str(), None), |(kind, sub)| (kind, Some(sub)));
        if kind.is_empty() {
            return Err(CmdError::new("resource must be specified if apiGroup/subresource specified"));
        }
        if word == "*" {
            groups = [("*".to_owned(), vec!["*".to_owned()])].into();
            break;
        }
        let (group, plural) = match kind.split_once('.').unwrap_or((kind, "")) {
            ("*", group) => (group.to_owned(), "*".to_owned()),
            _ => {
                let (info, _) = targets::resource(kind)?;
                (info.group.to_owned(), info.plural.to_owned())
            }
        };
        let resource = sub.map_or_else(|| plural.clone(), |sub| format!("{plural}/{sub}"));
        let resources = groups.entry(group).or_default();
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    let mut names: Vec<&String> = Vec::new();
    for name in args.texts("resource-name") {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rule = |(group, resources): (String, Vec<String>)| {
        let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rule
    };
    Ok(groups.into_iter().map(rule).collect())
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
