//! `kubectl rollout undo`. Models: polymorphichelpers/rollback.go.

use super::revisions::Revision;
use super::{Verb, group_kind, objects, revisions};
use crate::args::Args;
use crate::call::Call;
use crate::describe;
use crate::errors::CmdError;
use crate::fields;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::Item;
use crate::verbs::options::{DryRun, LAST_APPLIED, tell};
use api::Wire;
use apiserver::PatchType;

pub(super) const VERB: Verb = Verb {
    usage: "undo (TYPE NAME | TYPE/NAME) [flags]",
    long: "Goes back to the template before, or to the one of a revision.",
    examples: "  # Go back to the template before\n  kubectl rollout undo statefulset/web\n\n  # Go back to revision 3\n  kubectl rollout undo daemonset/agent --to-revision=3",
    flags: &[
        &[Flag::int("to-revision", "0", "The revision to rollback to. Default to 0 (last revision).")],
        flags::FILES,
        flags::SELECTOR,
        flags::DRY_RUN,
        flags::OUTPUT,
    ],
    run,
    ..Verb::named("undo", "Undo a previous rollout")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let to = args.int("to-revision").unwrap_or(0);
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let (items, mut errors) = objects(call, args)?;
    for item in &items {
        errors.extend(undo(call, item, to, dry, &format).err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn undo(call: &mut Call<'_>, item: &Item, to: i64, dry: DryRun, format: &Format) -> Result<(), CmdError> {
    let Some(revisions) = revisions::of(call, item) else {
        return Err(CmdError::new(format!("no rollbacker has been implemented for \"{}\"", group_kind(item))));
    };
    if item.object.as_ref().is_some_and(|object| object.meta().annotations.has(LAST_APPLIED)) {
        call.warn(format_args!(
            "resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            item.info.plural, item.key.name
        ));
    }
    let target = choose(item, &revisions, to)?;
    if dry == DryRun::Client {
        let template = describe::template(&Wire::read(target.template.clone()));
        call.say(format_args!("{} {template} (dry run)", item.title()));
        return Ok(());
    }
    let live = item.value();
    if fields::at(&live, "spec.paused").as_bool() == Some(true) {
        return Err(CmdError::new(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    if *fields::at(&live, "spec.template") == target.template {
        let message = format!("skipped rollback (current template already matches revision {to})");
        tell(call, format, item, &message, dry);
        return Ok(());
    }
    let restored = dry.ask(call, |server| server.patch(&item.key, PatchType::Strategic, &target.patch, false));
    restored.map_err(|status| CmdError::new(format!("failed restoring revision {to}: {}", status.message)))?;
    tell(call, format, item, "rolled back", dry);
    Ok(())
}

/// The revision to go back to: the one that is asked for, or the second newest.
fn choose<'r>(item: &Item, revisions: &'r [Revision], to: i64) -> Result<&'r Revision, CmdError> {
    if to != 0 {
        let found = revisions.iter().find(|revision| revision.number == to);
        return found.ok_or_else(|| CmdError::new(format!("unable to find specified revision {to} in history")));
    }
    let before_last = revisions.len().checked_sub(2).and_then(|index| revisions.get(index));
    before_last.ok_or_else(|| {
        if item.info.kind == "Deployment" {
            CmdError::new(format!("no rollout history found for deployment \"{}\"", item.key.name))
        } else {
            CmdError::new("no last revision to roll back to")
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn back_to_a_stored_template() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("create -f web.yaml");
        let set = world.server.lister().get::<api::StatefulSet>("default", "web").expect("stored").clone();
        for (number, image) in [(1, "nginx:1.24"), (2, "nginx:1.25")] {
            let template = json!({"$patch": "replace", "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": image}]}});
            world = world.with([json!({
                "apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": number,
                "metadata": {"name": format!("web-{number}"), "namespace": "default",
                    "annotations": {"kubernetes.io/change-cause": format!("image {image}")},
                    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": set.metadata.uid.as_str(), "controller": true}]},
                "data": {"spec": {"template": template}},
            })]);
        }
        expect![[r"
            statefulset.apps/web 
            REVISION  CHANGE-CAUSE
            1         image nginx:1.24
            2         image nginx:1.25

        "]]
        .assert_eq(&world.kubectl("rollout history sts/web"));
        assert!(world.kubectl("rollout history sts/web --revision=1").contains("    Image:\tnginx:1.24\n"));
        expect![["statefulset.apps/web rolled back\n"]].assert_eq(&world.kubectl("rollout undo sts/web"));
        expect![["nginx:1.24"]]
            .assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.template.spec.containers[*].image}"));
        expect![["! error: unable to find specified revision 9 in history\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("rollout undo sts/web --to-revision=9"));
        expect![["! error: no rollbacker has been implemented for \"Node\"\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("rollout undo node/node-1"));
    }
}
