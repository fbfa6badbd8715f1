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
            // An owner that is deleted in the foreground no longer waits for what does not block it any more.
            if let Some(old) = event.old.as_ref().filter(|_| owners_changed) {
                let owners = old.meta().owner_references.iter().filter_map(|o| lister.owner(o, &meta.namespace));
                keys.extend(owners.filter(|owner| is_deleting_dependents(owner)).map(Object::key));
            }
        }
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let Some(object) = ctx.lister.object(key) else { return plan.into() };
    let meta = object.meta();
    if meta.is_terminating() && meta.has_finalizer(ORPHAN) {
        orphan_dependents(ctx, object, &mut plan);
    } else if is_deleting_dependents(object) {
        delete_blocking_dependents(ctx, object, &mut plan);
    } else if !meta.is_terminating() {
        collect(ctx, object, &mut plan);
    }
    plan.into()
}

fn is_deleting_dependents(object: &Object) -> bool {
    object.meta().is_terminating() && object.meta().has_finalizer(FOREGROUND)
}

/// Takes the owner's name off its dependents, then lets it go.
fn orphan_dependents(ctx: &Ctx<'_>, owner: &Object, plan: &mut Plan) {
    for dependent in ctx.lister.owned_by(&owner.meta().uid) {
        let left = dependent.meta().owner_references.iter().filter(|o| o.uid != owner.meta().uid).cloned().collect();
        plan.write(Write::Update(with_owners(dependent, left)));
    }
    plan.write(Write::Update(without_finalizer(owner, ORPHAN)));
}

/// Deletes the dependents that block the owner, and lets it go once none is left. The others go after it.
fn delete_blocking_dependents(ctx: &Ctx<'_>, owner: &Object, plan: &mut Plan) {
    let uid = &owner.meta().uid;
    let blocks = |object: &&Object| {
        object.meta().owner_references.iter().any(|o| o.uid == *uid && o.block_owner_deletion == Some(true))
    };
    let blocking: Vec<&Object> = ctx.lister.owned_by(uid).filter(blocks).collect();
    if blocking.is_empty() {
        plan.write(Write::Update(without_finalizer(owner, FOREGROUND)));
        return;
    }
    for dependent in blocking.iter().filter(|dependent| !dependent.meta().is_terminating()) {
        collect(ctx, dependent, plan);
    }
    plan.waits.push(Wait {
        who: owner.key(),
        message: format!("foreground deletion of {} waits for its {} dependents", owner.meta().name, blocking.len()),
        awaits: blocking.iter().map(|object| object.key()).collect(),
        rule: "ForegroundDeletion".into(),
        doc: "concepts/architecture/garbage-collection/",
    });
}

/// What an owner reference leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// An object that stays; or one that nobody can tell anything of.
    Solid,
    /// Nothing any more.
    Gone,
    /// An object that waits for its dependents to be deleted.
    Waiting,
}

/// Models: classifyReferences.
fn classify(ctx: &Ctx<'_>, dependent: &Object, reference: &OwnerReference) -> Owner {
    // A kind that is not served cannot be asked for, and what stands nowhere cannot have an owner in a namespace.
    let Some((_, info)) = ctx.lister.served(&reference.api_version, &reference.kind) else { return Owner::Solid };
    let namespace = &dependent.meta().namespace;
    if info.namespaced && namespace.is_empty() {
        return Owner::Solid;
    }
    match ctx.lister.owner(reference, namespace) {
        None => Owner::Gone,
        Some(owner) if is_deleting_dependents(owner) => Owner::Waiting,
        Some(_) => Owner::Solid,
    }
}

/// Deletes an object all of whose owners are gone or wait for it; takes off the names of those if one stays.
fn collect(ctx: &Ctx<'_>, object: &Object, plan: &mut Plan) {
    let meta = object.meta();
    let states: Vec<Owner> = meta.owner_references.iter().map(|owner| classify(ctx, object, owner)).collect();
    if states.iter().all(|state| *state == Owner::Solid) {
        return;
    }
    if states.contains(&Owner::Solid) {
        let solid = meta.owner_references.iter().zip(&states).filter(|(_, state)| **state == Owner::Solid);
        plan.write(Write::Update(with_owners(object, solid.map(|(owner, _)| owner.clone()).collect())));
        return;
    }
    let dependents: Vec<&Object> = ctx.lister.owned_by(&meta.uid).collect();
    let propagation = match () {
        () if states.contains(&Owner::Waiting) && !dependents.is_empty() => {
            if dependents.iter().any(|dependent| is_deleting_dependents(dependent)) {
                // A circle: whoever waits for this one would wait for ever.
                let unblocked = |owner: &OwnerReference| OwnerReference {
                    block_owner_deletion: owner.block_owner_deletion.map(|_| false),
                    ..owner.clone()
                };
                let owners = meta.owner_references.iter().map(unblocked).collect();
                plan.write(Write::Update(with_owners(object, owners)));
            }
            Propagation::Foreground
        }
        () if meta.has_finalizer(ORPHAN) => Propagation::Orphan,
        () if meta.has_finalizer(FOREGROUND) => Propagation::Foreground,
        () => Propagation::Background,
    };
    plan.write(Write::Delete(object.key(), delete_exactly(object, propagation)));
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
