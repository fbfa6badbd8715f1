//! Garbage collector: deletes what has lost its owners, and carries out foreground and orphan deletion.
//!
//! Models: pkg/controller/garbagecollector (garbagecollector.go attemptToDeleteItem, orphanDependents).

use crate::{Controller, Ctx, Decision};
use api::{List, Object, ObjectKey, OwnerReference, Str};
use apiserver::{Change, DeleteOptions, Lister, Plan, Propagation, Wait, WatchEvent, Write};

/// The collector.
pub const CONTROLLER: Controller = Controller { name: "garbagecollector", keys, reconcile, period: None, when: None };

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    let meta = event.object.meta();
    match event.change {
        Change::Deleted => {
            keys.extend(lister.owned_by(&meta.uid).map(Object::key));
            // An owner that is deleted in the foreground waits for this one.
            for owner in &meta.owner_references {
                let owner = lister.owner(owner, &meta.namespace);
                keys.extend(owner.filter(|o| o.meta().has_finalizer(FOREGROUND)).map(Object::key));
            }
        }
        Change::Added if meta.owner_references.is_empty() => {}
        Change::Added | Change::Modified => {
            let holds = meta.is_terminating() && (meta.has_finalizer(FOREGROUND) || meta.has_finalizer(ORPHAN));
            let owners_changed =
                event.old.as_ref().is_none_or(|old| old.meta().owner_references != meta.owner_references);
            let dangling = || meta.owner_references.iter().any(|owner| lister.owner(owner, &meta.namespace).is_none());
            if holds || owners_changed && dangling() {
                keys.push(event.object.key());
            }
        }
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let Some(object) = ctx.lister.object(key) else { return Decision::default() };
    let meta = object.meta();
    if meta.is_terminating() && meta.has_finalizer(ORPHAN) {
        return orphan_dependents(ctx, object).into();
    }
    if meta.is_terminating() && meta.has_finalizer(FOREGROUND) {
        return delete_dependents_first(ctx, object).into();
    }
    collect(ctx, object).into()
}

/// Takes the owner's name off its dependents, then lets it go.
fn orphan_dependents(ctx: &Ctx<'_>, owner: &Object) -> Plan {
    let mut plan = Plan::default();
    for dependent in ctx.lister.owned_by(&owner.meta().uid) {
        let left = dependent.meta().owner_references.iter().filter(|o| o.uid != owner.meta().uid).cloned().collect();
        plan.write(Write::Update(with_owners(dependent, left)));
    }
    plan.write(Write::Update(without_finalizer(owner, ORPHAN)));
    plan
}

/// Deletes the dependents, and lets the owner go once none that blocks it is left.
fn delete_dependents_first(ctx: &Ctx<'_>, owner: &Object) -> Plan {
    let mut plan = Plan::default();
    let uid = &owner.meta().uid;
    let blocks = |object: &Object| {
        object.meta().owner_references.iter().any(|o| o.uid == *uid && o.block_owner_deletion == Some(true))
    };
    let dependents: Vec<&Object> = ctx.lister.owned_by(uid).collect();
    let blocking: Vec<ObjectKey> = dependents.iter().filter(|o| blocks(o)).map(|o| o.key()).collect();
    for dependent in dependents.iter().filter(|o| !o.meta().is_terminating()) {
        let propagation = match ctx.lister.owned_by(&dependent.meta().uid).next() {
            Some(_) => Propagation::Foreground,
            None => Propagation::Background,
        };
        plan.write(Write::Delete(dependent.key(), delete_exactly(dependent, propagation)));
    }
    if blocking.is_empty() {
        plan.write(Write::Update(without_finalizer(owner, FOREGROUND)));
        return plan;
    }
    plan.waits.push(Wait {
        who: owner.key(),
        message: format!("foreground deletion of {} waits for its {} dependents", owner.meta().name, blocking.len()),
        awaits: blocking,
        rule: "ForegroundDeletion".into(),
        doc: "concepts/architecture/garbage-collection/",
    });
    plan
}

/// Deletes an object all of whose owners are gone; takes off the names of gone owners if one is left.
fn collect(ctx: &Ctx<'_>, object: &Object) -> Plan {
    let mut plan = Plan::default();
    let meta = object.meta();
    let (solid, dangling): (Vec<OwnerReference>, Vec<OwnerReference>) =
        meta.owner_references.iter().cloned().partition(|owner| ctx.lister.owner(owner, &meta.namespace).is_some());
    if dangling.is_empty() || meta.is_terminating() {
        return plan;
    }
    if solid.is_empty() {
        let propagation = match () {
            () if meta.has_finalizer(ORPHAN) => Propagation::Orphan,
            () if meta.has_finalizer(FOREGROUND) => Propagation::Foreground,
            () => Propagation::Background,
        };
        plan.write(Write::Delete(object.key(), delete_exactly(object, propagation)));
    } else {
        plan.write(Write::Update(with_owners(object, solid.into())));
    }
    plan
}

fn delete_exactly(object: &Object, propagation: Propagation) -> DeleteOptions {
    DeleteOptions { uid: Some(object.meta().uid.clone()), propagation, ..Default::default() }
}

fn with_owners(object: &Object, owners: List<OwnerReference>) -> Object {
    let mut object = object.clone();
    object.meta_mut().owner_references = owners;
    object
}

fn without_finalizer(object: &Object, finalizer: &str) -> Object {
    let mut object = object.clone();
    let left: Vec<Str> = object.meta().finalizers.iter().filter(|f| *f != finalizer).cloned().collect();
    object.meta_mut().finalizers = left.into();
    object
}
