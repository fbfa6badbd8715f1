//! `kubectl config`: one cluster, one user, one context, whose namespace can be changed. Models: kubectl/pkg/cmd/config.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::print::tabs;
use serde_json::json;

pub(crate) const NAME: &str = "podground";

pub(super) const VERB: Verb = Verb {
    usage: "config SUBCOMMAND",
    long: "There is one cluster here, with one user and one context.",
    examples: "  # Make commands be about another namespace\n  kubectl config set-context --current --namespace=shop",
    subs: &[
        CURRENT,
        DELETE_CLUSTER,
        DELETE_CONTEXT,
        DELETE_USER,
        GET_CLUSTERS,
        GET_CONTEXTS,
        GET_USERS,
        RENAME_CONTEXT,
        SET,
        SET_CLUSTER,
        SET_CONTEXT,
        SET_CREDENTIALS,
        UNSET,
        USE_CONTEXT,
        VIEW,
    ],
    run: |call, args| super::group(call, args, &VERB),
    ..Verb::named("config", "Modify kubeconfig files")
};

const CURRENT: Verb = Verb {
    run: |call, _| {
        call.say(NAME);
        Ok(Outcome::Done)
    },
    ..Verb::named("current-context", "Display the current-context")
};

/// There is no file behind the one context, so nothing in it can be added, renamed or taken away.
fn fixed(args: &Args) -> Result<Outcome, CmdError> {
    Err(CmdError::Refused(format!(
        "podground: {}: there is one cluster here with one user and one context, {NAME}; only its namespace can be set (kubectl config set-context --current --namespace=NAME)",
        args.command
    )))
}

/// Takes something out of the configuration by its name: what is not there cannot be, what is there stays.
fn delete(args: &Args, what: &str) -> Result<Outcome, CmdError> {
    match args.words.as_slice() {
        [name] if name != NAME => Err(CmdError::new(format!("cannot delete {what} {name}, not in /root/.kube/config"))),
        _ => fixed(args),
    }
}

const DELETE_CLUSTER: Verb = Verb {
    usage: "delete-cluster NAME",
    run: |_, args| delete(args, "cluster"),
    ..Verb::named("delete-cluster", "Delete the specified cluster from the kubeconfig")
};

const DELETE_CONTEXT: Verb = Verb {
    usage: "delete-context NAME",
    run: |_, args| delete(args, "context"),
    ..Verb::named("delete-context", "Delete the specified context from the kubeconfig")
};

const DELETE_USER: Verb = Verb {
    usage: "delete-user NAME",
    run: |_, args| delete(args, "user"),
    ..Verb::named("delete-user", "Delete the specified user from the kubeconfig")
};

const RENAME_CONTEXT: Verb = Verb {
    usage: "rename-context CONTEXT_NAME NEW_NAME",
    run: |_, args| match args.words.as_slice() {
        [name, _] if name != NAME => {
            Err(CmdError::new(format!("cannot rename the context \"{name}\", it's not in /root/.kube/config")))
        }
        _ => fixed(args),
    },
    ..Verb::named("rename-context", "Rename a context from the kubeconfig file")
};

const SET: Verb = Verb {
    usage: "set PROPERTY_NAME PROPERTY_VALUE",
    flags: &[&[Flag::on("set-raw-bytes", "When writing a []byte PROPERTY_VALUE, write the given string directly.")]],
    run: |_, args| fixed(args),
    ..Verb::named("set", "Set an individual value in a kubeconfig file")
};

const SET_CLUSTER: Verb = Verb {
    usage: "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority]",
    flags: &[&[
        Flag::on("embed-certs", "embed-certs for the cluster entry in kubeconfig"),
        Flag::text("proxy-url", "proxy-url for the cluster entry in kubeconfig"),
    ]],
    run: |_, args| fixed(args),
    ..Verb::named("set-cluster", "Set a cluster entry in kubeconfig")
};

const SET_CREDENTIALS: Verb = Verb {
    usage: "set-credentials NAME [--client-certificate=path/to/certfile] [--token=bearer_token]",
    flags: &[&[
        Flag::text("auth-provider", "Auth provider for the user entry in kubeconfig"),
        Flag::on("embed-certs", "Embed client cert/key for the user entry in kubeconfig"),
        Flag::text("exec-command", "Command for the exec credential plugin for the user entry in kubeconfig"),
    ]],
    run: |_, args| fixed(args),
    ..Verb::named("set-credentials", "Set a user entry in kubeconfig")
};

const UNSET: Verb = Verb {
    usage: "unset PROPERTY_NAME",
    run: |_, args| fixed(args),
    ..Verb::named("unset", "Unset an individual value in a kubeconfig file")
};

const GET_CLUSTERS: Verb = Verb {
    run: |call, _| {
        call.say(format_args!("NAME\n{NAME}"));
        Ok(Outcome::Done)
    },
    ..Verb::named("get-clusters", "Display clusters defined in the kubeconfig")
};

const GET_USERS: Verb = Verb {
    run: |call, _| {
        call.say(format_args!("NAME\n{NAME}"));
        Ok(Outcome::Done)
    },
    ..Verb::named("get-users", "Display users defined in the kubeconfig")
};

const GET_CONTEXTS: Verb = Verb {
    usage: "get-contexts [(-o|--output=)name)]",
    flags: &[&[
        Flag::on("no-headers", "When using the default or custom-column output format, don't print headers."),
        Flag::text("output", "Output format. One of: (name).").short('o'),
    ]],
    run: |call, args| {
        if let Some(missing) = args.words.iter().find(|name| *name != NAME) {
            return Err(CmdError::new(format!("context {missing} not found")));
        }
        if args.text("output") == "name" {
            call.say(NAME);
            return Ok(Outcome::Done);
        }
        let head = if args.is("no-headers") { "" } else { "CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n" };
        let namespace = &call.env.namespace;
        let namespace = if namespace == "default" { "" } else { namespace };
        let text = format!("{head}*\t{NAME}\t{NAME}\t{NAME}\t{namespace}\n");
        call.print(&tabs::TABLE.layout(&text));
        Ok(Outcome::Done)
    },
    ..Verb::named("get-contexts", "Describe one or many contexts")
};

const SET_CONTEXT: Verb = Verb {
    usage: "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    flags: &[&[Flag::on("current", "Modify the current context")]],
    run: |call, args| {
        let current = match args.words.as_slice() {
            [] if args.is("current") => true,
            [name] if !args.is("current") => name == NAME,
            [] => return Err(CmdError::new("you must specify a non-empty context name or --current")),
            _ => return Err(CmdError::new("you must specify either a context name or --current")),
        };
        if !current {
            return Err(CmdError::Refused(format!("podground: there is one context here, {NAME}")));
        }
        if let Some(namespace) = args.maybe("namespace") {
            let namespace = if namespace.is_empty() { "default" } else { namespace };
            call.output.namespace = Some(namespace.to_owned());
        }
        call.say(format_args!("Context \"{NAME}\" modified."));
        Ok(Outcome::Done)
    },
    ..Verb::named("set-context", "Set a context entry in kubeconfig")
};

const USE_CONTEXT: Verb = Verb {
    aliases: &["use"],
    usage: "use-context CONTEXT_NAME",
    run: |call, args| match args.words.as_slice() {
        [name] if name == NAME => {
            call.say(format_args!("Switched to context \"{NAME}\"."));
            Ok(Outcome::Done)
        }
        [name] => Err(CmdError::new(format!("no context exists with the name: \"{name}\""))),
        names => Err(CmdError::usage(&args.command, &format!("Unexpected args: [{}]", names.join(" ")))),
    },
    ..Verb::named("use-context", "Set the current-context in a kubeconfig file")
};

const VIEW: Verb = Verb {
    usage: "view [flags]",
    flags: &[&[
        Flag::on("flatten", "Flatten the resulting kubeconfig file into self-contained output."),
        Flag::on("merge", "Merge the full hierarchy of kubeconfig files").at("true"),
        Flag::on("minify", "Remove all information not used by current-context from the output"),
        Flag::text("output", "Output format.").short('o'),
        Flag::on("raw", "Display raw byte data and sensitive data"),
    ]],
    run: view,
    ..Verb::named("view", "Display merged kubeconfig settings or a specified kubeconfig file")
};

fn view(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let mut context = json!({"cluster": NAME, "user": NAME});
    if call.env.namespace != "default" {
        context["namespace"] = call.env.namespace.as_str().into();
    }
    let value = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": NAME,
        "clusters": [{"name": NAME, "cluster": {"server": "https://podground.invalid"}}],
        "contexts": [{"name": NAME, "context": context}],
        "users": [{"name": NAME, "user": {}}],
    });
    let text = if args.given("output") {
        crate::output::Format::of_result(call, args)?.render(&value)?
    } else {
        manifest::to_yaml(&value)
    };
    call.print(&text);
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn the_namespace_of_the_context() {
        let mut world = World::new();
        expect![["Context \"podground\" modified.\n"]]
            .assert_eq(&world.kubectl("config set-context --current --namespace=kube-system"));
        expect![["! No resources found in kube-system namespace.\n"]].assert_eq(&world.kubectl("get pods"));
        expect![[r"
            CURRENT   NAME        CLUSTER     AUTHINFO    NAMESPACE
            *         podground   podground   podground   kube-system
        "]]
        .assert_eq(&world.kubectl("config get-contexts"));
        expect![["kube-system"]].assert_eq(&world.kubectl("config view --minify -o jsonpath={..namespace}"));
        expect![["! error: no context exists with the name: \"x\"\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("config use-context x"));
    }
}
