//! `kubectl replace`. Models: kubectl/pkg/cmd/replace.

use super::Verb;
use super::delete::{Deletion, How, delete_one};
use super::options::{self, DryRun, admit, print_one, refreshed};
use super::subresource::{self, Part};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::load;
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use api::Object;
use apiserver::Server;
use serde_json::Value;

pub(super) const VERB: Verb = Verb {
    usage: "replace -f FILENAME",
    long: "Puts the objects of a file in the place of those that are there. With --force they are deleted first and made anew.",
    examples: "  # Replace an object by what a file says\n  kubectl replace -f web.yaml\n\n  # Delete it and make it anew\n  kubectl replace --force -f web.yaml",
    flags: &[
        super::delete::FLAGS,
        flags::FILES,
        flags::DRY_RUN,
        flags::VALIDATE,
        flags::SAVE_CONFIG,
        flags::FIELD_MANAGER,
        &[Flag::text("subresource", "If specified, replace will operate on the subresource of the requested object.")],
    ],
    run,
    ..Verb::named("replace", "Replace a resource by file name or stdin")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if !load::names_files(args) {
        return Err(CmdError::usage("kubectl replace", "must specify --filename to replace"));
    }
    let (dry, format, how) = (DryRun::of(args)?, Format::of_result(call, args)?, options::validation(args)?);
    let found = targets::find(call, args, &[], Rules::default())?;
    let mut errors = found.errors;
    if found.items.is_empty() && errors.is_empty() {
        return Err(CmdError::new("no objects passed to replace"));
    }
    if args.is("force") {
        CmdError::all(errors)?;
        return by_force(call, args, found.items);
    }
    let part = subresource::part(args)?;
    if part == Part::Scale {
        return Err(CmdError::Refused(
            "podground: kubectl replace --subresource=scale is not available here: use kubectl scale".into(),
        ));
    }
    for item in &found.items {
        let Some(mut body) = item.body.clone() else { continue };
        if args.is("save-config") {
            options::set_last_applied(&mut body);
        }
        let replaced = match dry {
            DryRun::Client => Ok(None),
            _ => admit(call, item, &mut body, how).and_then(|()| put(call, item, body.clone(), part, dry).map(Some)),
        };
        match replaced {
            Ok(Some(object)) => {
                let item = refreshed(item, object);
                print_one(call, &format, &item, &item.value(), "replaced", dry)?;
            }
            Ok(None) => print_one(call, &format, item, &body, "replaced", dry)?,
            Err(error) => errors.push(error.while_doing("replacing", &item.source)),
        }
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn put(call: &mut Call<'_>, item: &Item, body: Value, part: Part, dry: DryRun) -> Result<Object, CmdError> {
    targets::stored(call, item.info, &item.key)?;
    subresource::check(item, part)?;
    let object = Object::read(item.key.kind, body);
    let put = |server: &mut Server| match part {
        Part::Status => server.update_status(object),
        Part::Whole | Part::Scale => server.update(object),
    };
    dry.ask(call, put).map_err(CmdError::from)
}

fn by_force(call: &mut Call<'_>, args: &Args, items: Vec<Item>) -> Result<Outcome, CmdError> {
    let how = How::of(args)?;
    let mut deletion = Deletion::default();
    for item in &items {
        match delete_one(call, item, &how) {
            Ok(uid) => deletion.and(item, uid),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    let mut bodies = Vec::new();
    for item in items {
        let Some(mut body) = item.body.clone() else { continue };
        admit(call, &item, &mut body, options::validation(args)?)?;
        bodies.push(body);
    }
    let replacement = Replacement { deletion, bodies };
    Ok(Outcome::follow(Follow::within(State::Replacement(replacement), call.now(), args.duration("timeout"))))
}

/// Objects that are to be gone, and what is made in their place then.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replacement {
    deletion: Deletion,
    bodies: Vec<Value>,
}

impl Replacement {
    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        if !self.deletion.is_over(call) {
            return Ok(Progress::Waiting);
        }
        for body in std::mem::take(&mut self.bodies) {
            let object = call.server.create_from(body)?;
            let Some(info) = call.lister().resource(object.kind()) else { continue };
            call.say(format_args!("{} replaced", targets::title(info, &object.meta().name)));
        }
        Ok(Progress::Done(0))
    }

    pub(crate) fn timed_out(&self) -> CmdError {
        self.deletion.timed_out()
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World, pod};
    use expect_test::expect;

    #[test]
    fn replaced_in_place_or_by_force() {
        let mut world = World::new().file("web.yaml", WEB);
        expect![["! Error from server (NotFound): error when replacing \"web.yaml\": statefulsets.apps \"web\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("replace -f web.yaml"));
        world.kubectl("create -f web.yaml");
        let mut world = world.file("web.yaml", &WEB.replace("replicas: 2", "replicas: 4"));
        expect![["statefulset.apps/web replaced\n"]].assert_eq(&world.kubectl("replace -f web.yaml"));
        expect![["4"]].assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.replicas}"));

        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web-0}\nspec: {containers: [{name: c, image: b}]}\n";
        let mut world = World::new().with([pod("web-0", "node-1")]).file("p.yaml", text);
        expect![[r#"
            pod "web-0" force deleted from default namespace
            pod/web-0 replaced
        "#]]
        .assert_eq(&world.kubectl("replace --force -f p.yaml"));
        expect![["b"]].assert_eq(&world.kubectl("get pod web-0 -o jsonpath={.spec.containers[0].image}"));
    }
}
