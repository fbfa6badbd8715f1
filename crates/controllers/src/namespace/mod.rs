//! Namespace controller: empties a namespace that is being deleted, then lets it go.
//!
//! Models: pkg/controller/namespace (deletion/namespaced_resources_deleter.go).

use crate::{Controller, Ctx, Decision};
use api::{Kind, Namespace, NamespaceStatus, Object, ObjectKey, Resource};
use apiserver::{Change, DeleteOptions, Lister, Plan, Wait, WatchEvent, Write};

/// The controller that deletes namespaces.
pub const CONTROLLER: Controller = Controller { name: "namespace", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::Namespace(namespace) = &event.object {
        if namespace.metadata.is_terminating() && event.change != Change::Deleted {
            keys.push(namespace.key());
        }
        return;
    }
    let name = &event.object.meta().namespace;
    if event.change == Change::Deleted
        && lister.get::<Namespace>("", name).is_some_and(|namespace| namespace.metadata.is_terminating())
    {
        keys.push(ObjectKey::cluster(Kind::Namespace, name.clone()));
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let going = ctx.lister.get::<Namespace>("", &key.name).filter(|namespace| namespace.metadata.is_terminating());
    let Some(namespace) = going else { return plan.into() };
    if namespace.status.phase != "Terminating" {
        let mut marked = Namespace::clone(namespace);
        marked.status = NamespaceStatus { phase: "Terminating".into(), ..marked.status };
        plan.write(Write::UpdateStatus(marked.into_object()));
    }
    let content: Vec<&Object> = ctx.lister.everything().filter(|object| object.meta().namespace == key.name).collect();
    if content.is_empty() {
        let mut freed = Namespace::clone(namespace);
        freed.spec.finalizers = Default::default();
        // The status write above has already changed the stored version.
        freed.metadata.resource_version = Default::default();
        plan.write(Write::Update(freed.into_object()));
        return plan.into();
    }
    for object in content.iter().filter(|object| !object.meta().is_terminating()) {
        let options = DeleteOptions { uid: Some(object.meta().uid.clone()), ..Default::default() };
        plan.steps.push(apiserver::Step {
            write: Write::Delete(object.key(), options),
            on_success: None,
            on_failure: None,
            keep_going: true,
        });
    }
    plan.waits.push(Wait {
        who: key.clone(),
        awaits: content.iter().map(|object| object.key()).take(10).collect(),
        rule: "NamespaceContentRemaining".into(),
        message: format!("{} is Terminating until the {} objects in it are gone", key.name, content.len()),
        doc: "concepts/overview/working-with-objects/namespaces/",
    });
    plan.into()
}
