//! `kubectl version`, `api-versions`, `api-resources`, `auth can-i`, and what is told of the context.
//!
//! Models: kubectl/pkg/cmd/{version,apiresources,auth}.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::to_json;
use crate::print::tabs;
use crate::targets;
use apiserver::ResourceInfo;
use serde_json::json;

/// The version of Kubernetes that is modelled.
const VERSION: &str = "v1.36.2";
const KUSTOMIZE: &str = "v5.8.1";

pub(super) const VERSION_VERB: Verb = Verb {
    usage: "version [flags]",
    long: "Prints which version of Kubernetes is modelled.",
    flags: &[&[
        Flag::on("client", "If true, shows client version only (no server required)."),
        Flag::text("output", "One of 'yaml' or 'json'.").short('o'),
    ]],
    run: version,
    ..Verb::named("version", "Print the client and server version information")
};

/// What a client or server says of its version.
pub(super) fn version_info() -> serde_json::Value {
    json!({"major": "1", "minor": "36", "gitVersion": VERSION, "platform": "podground/wasm32"})
}

fn version(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if !args.words.is_empty() {
        return Err(CmdError::new(format!("extra arguments: [{}]", args.words.join(" "))));
    }
    let one = version_info();
    let mut value = json!({"clientVersion": one, "kustomizeVersion": KUSTOMIZE});
    if !args.is("client") {
        value["serverVersion"] = one;
    }
    match args.text("output") {
        "" => {
            call.say(format_args!("Client Version: {VERSION}\nKustomize Version: {KUSTOMIZE}"));
            if !args.is("client") {
                call.say(format_args!("Server Version: {VERSION}"));
            }
        }
        "json" => {
            // This verb indents by two.
            let text = to_json(&value).replace("    ", "  ");
            call.print(&text);
        }
        "yaml" => call.print(&manifest::to_yaml(&value)),
        _ => return Err(CmdError::new("--output must be 'yaml' or 'json'")),
    }
    Ok(Outcome::Done)
}

pub(super) const API_VERSIONS: Verb = Verb {
    usage: "api-versions",
    run: |call, args| {
        no_words(args)?;
        let mut versions: Vec<String> =
            call.lister().resources().into_iter().map(schema::Resource::api_version).collect();
        versions.sort();
        versions.dedup();
        versions.into_iter().for_each(|version| call.say(version));
        Ok(Outcome::Done)
    },
    ..Verb::named("api-versions", "Print the supported API versions on the server, in the form of \"group/version\"")
};

const RESOURCE_FLAGS: &[Flag] = &[
    Flag::text("api-group", "Limit to resources in the specified API group."),
    Flag::on("cached", "Use the cached list of resources if available."),
    Flag::texts("categories", "Limit to resources that belong to the specified categories."),
    Flag::off(
        "namespaced",
        "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.",
    ),
    Flag::on("no-headers", "When using the default or custom-column output format, don't print headers."),
    Flag::text("output", "Output format. One of: (json, yaml, name, wide).").short('o'),
    Flag::text("sort-by", "If non-empty, sort list of resources using specified field. One of (name, kind)."),
    Flag::texts("verbs", "Limit to resources that support the specified verbs."),
];

pub(super) const API_RESOURCES: Verb = Verb {
    usage: "api-resources [flags]",
    long: "Lists every kind that the server knows.",
    flags: &[RESOURCE_FLAGS],
    run: api_resources,
    ..Verb::named("api-resources", "Print the supported API resources on the server")
};

fn api_resources(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    no_words(args)?;
    let output = args.text("output");
    if !matches!(output, "" | "wide" | "name" | "json" | "yaml") {
        return Err(CmdError::new(format!(
            "unable to match a printer suitable for the output format \"{output}\", allowed formats are: json,name,wide,yaml"
        )));
    }
    let wanted = |info: &&ResourceInfo| {
        info.preferred
            && args.maybe("api-group").is_none_or(|group| info.group == group)
            && (!args.given("namespaced") || info.namespaced == args.is("namespaced"))
            && args.texts("verbs").iter().all(|verb| info.verbs.contains(&verb.as_str()))
            && args.texts("categories").iter().all(|category| info.categories.contains(&category.as_str()))
    };
    let mut found: Vec<&ResourceInfo> = call.lister().resources().into_iter().filter(wanted).collect();
    match args.text("sort-by") {
        "" => {}
        "name" => found.sort_by_key(|info| info.plural),
        "kind" => found.sort_by_key(|info| info.kind),
        _ => return Err(CmdError::new("--sort-by accepts only name or kind")),
    }
    if matches!(output, "json" | "yaml") {
        let value = json!({"apiVersion": "v1", "kind": "APIResourceList", "groupVersion": "",
            "resources": found.iter().map(|info| described(info)).collect::<Vec<_>>()});
        let text = if output == "json" { to_json(&value) } else { manifest::to_yaml(&value) };
        call.print(&text);
        return Ok(Outcome::Done);
    }
    if output == "name" {
        found.into_iter().for_each(|info| call.say(info.qualified_plural()));
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    if !args.is("no-headers") {
        let more = if output == "wide" { "\tVERBS\tCATEGORIES" } else { "" };
        text.push_str(&format!("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND{more}\n"));
    }
    for info in found {
        let more = if output == "wide" {
            format!("\t{}\t{}", info.verbs.join(","), info.categories.join(","))
        } else {
            String::new()
        };
        let (short, version) = (info.short_names.join(","), info.api_version());
        text.push_str(&format!("{}\t{short}\t{version}\t{}\t{}{more}\n", info.plural, info.namespaced, info.kind));
    }
    call.print(&tabs::TABLE.layout(&text));
    Ok(Outcome::Done)
}

/// One kind as discovery tells of it.
fn described(info: &ResourceInfo) -> serde_json::Value {
    let mut value = json!({"name": info.plural, "singularName": info.singular(), "namespaced": info.namespaced,
        "kind": info.kind, "verbs": info.verbs, "version": info.version});
    for (field, list) in [("shortNames", info.short_names), ("categories", info.categories)] {
        if !list.is_empty() {
            value[field] = json!(list);
        }
    }
    if !info.group.is_empty() {
        value["group"] = info.group.into();
    }
    value
}

fn no_words(args: &Args) -> Result<(), CmdError> {
    match args.words.as_slice() {
        [] => Ok(()),
        words => Err(CmdError::usage(&args.command, &format!("unexpected arguments: [{}]", words.join(" ")))),
    }
}

pub(super) const AUTH: Verb = Verb {
    usage: "auth",
    long: "There is one user here, who may do everything.",
    subs: &[CAN_I, WHO_AM_I],
    run: |call, args| super::group(call, args, &AUTH),
    ..Verb::named("auth", "Inspect authorization")
};

const CAN_I: Verb = Verb {
    usage: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    flags: &[
        flags::ALL_NAMESPACES,
        &[
            Flag::on("list", "If true, prints all allowed actions."),
            Flag::on("no-headers", "If true, prints allowed actions without headers"),
            Flag::on("quiet", "If true, suppress output and just return the exit code.").short('q'),
            Flag::text("subresource", "SubResource such as pod/log or deployment/scale"),
        ],
    ],
    run: |call, args| {
        if args.is("list") {
            call.print(
                &tabs::TABLE
                    .layout("Resources\tNon-Resource URLs\tResource Names\tVerbs\n*.*\t[]\t[]\t[*]\n\t[*]\t[]\t[*]\n"),
            );
            return Ok(Outcome::Done);
        }
        match args.words.as_slice() {
            [_, kind] | [_, kind, _] => {
                let bare = kind.split('/').next().unwrap_or(kind);
                if !bare.is_empty() && bare != "*" && targets::resource_in(call, bare).is_err() {
                    call.warn(format_args!("the server doesn't have a resource type '{bare}'\n"));
                }
            }
            _ => {
                let message = "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.";
                return Err(CmdError::new(message));
            }
        }
        if !args.is("quiet") {
            call.say("yes");
        }
        Ok(Outcome::Done)
    },
    ..Verb::named("can-i", "Check whether an action is allowed")
};

const WHO_AM_I: Verb =
    Verb {
        usage: "whoami",
        run: |call, _| {
            call.print(&tabs::TABLE.layout(
                "ATTRIBUTE\tVALUE\nUsername\tkubernetes-admin\nGroups\t[system:masters system:authenticated]\n",
            ));
            Ok(Outcome::Done)
        },
        ..Verb::named("whoami", "Experimental: Check self subject attributes")
    };

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn what_is_told_of_the_cluster() {
        let mut world = World::new();
        expect![["Client Version: v1.36.2\nKustomize Version: v5.8.1\nServer Version: v1.36.2\n"]]
            .assert_eq(&world.kubectl("version"));
        expect![[r"
            NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND
            controllerrevisions                apps/v1      true         ControllerRevision
            daemonsets            ds           apps/v1      true         DaemonSet
            deployments           deploy       apps/v1      true         Deployment
            replicasets           rs           apps/v1      true         ReplicaSet
            statefulsets          sts          apps/v1      true         StatefulSet
        "]]
        .assert_eq(&world.kubectl("api-resources --api-group=apps"));
        expect![["yes\n"]].assert_eq(&world.kubectl("auth can-i create pods"));
        assert!(world.kubectl("api-versions").contains("apps/v1\n"));
    }
}
