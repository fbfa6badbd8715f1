//! The reconcilers: each reads the present through a [`Lister`] and answers with a [`Plan`].
//!
//! A controller is a row of plain functions, listed in [`all`]. `keys` says which keys a change concerns, as
//! upstream's informer handlers do; `reconcile` decides for one key. Controllers do not know each other: they meet
//! only in the store. The cluster's loop coalesces wakeups of one key and applies the plans.

use api::{ObjectKey, Str, Time};
use apiserver::{Lister, Plan, WatchEvent};
use sim::SimDuration;

mod back_off;
mod cronjob;
mod customresourcedefinition;
mod daemonset;
mod deployment;
mod disruption;
mod endpoint;
mod endpointslice;
mod endpointslicemirroring;
mod garbagecollector;
mod history;
mod job;
mod memory;
mod namespace;
mod nodelifecycle;
mod persistentvolume;
mod pod_control;
mod podautoscaler;
mod podgc;
mod replicaset;
mod replication;
mod resourcequota;
mod serviceaccount;
mod statefulset;
mod tainteviction;
mod ttlafterfinished;
#[cfg(test)]
mod world;

pub use back_off::{BackOff, BackOffKey, FailureRun};
pub use daemonset::{daemon_pod_node, daemon_refusal};
pub use deployment::rollout_bounds;
pub use memory::Memory;
pub use podautoscaler::AutoscalerMemory;

/// One controller.
pub struct Controller {
    /// Its name, as upstream's controller manager lists it.
    pub name: &'static str,
    /// Which keys are to be looked at because of a change.
    pub keys: fn(&WatchEvent, Lister<'_>, &mut Vec<ObjectKey>),
    /// What to do about one key.
    pub reconcile: fn(&Ctx<'_>, &ObjectKey) -> Decision,
    /// A controller that also looks at the world in regular intervals: the key to wake with.
    pub period: Option<(SimDuration, fn() -> ObjectKey)>,
    /// A controller that does not look at every change at once: when it looks at a key that a change concerns.
    pub when: Option<fn(&WatchEvent, &ObjectKey, Time) -> Look>,
}

/// When a key is looked at because of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As soon as the change is known.
    AtOnce,
    /// A little later, so that several changes need one look only.
    Gathered(SimDuration),
    /// So much later, as a schedule has it: nobody waits for it.
    Scheduled(SimDuration),
}

/// What a reconcile may look at.
pub struct Ctx<'a> {
    /// Everything stored.
    pub lister: Lister<'a>,
    /// The time on the API server's clock.
    pub now: Time,
    /// How often things have failed before.
    pub back_off: &'a BackOff,
    /// What autoscalers recommended and did of late.
    pub memory: &'a Memory,
}

/// What a reconcile decided.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// The writes, the next look, the waits.
    pub plan: Plan,
    /// Failures to be counted, so that the next try comes later.
    pub failed: Vec<BackOffKey>,
    /// Failures in a row by name, as they stand now; kept if the plan could be carried out.
    pub runs: Vec<(Str, FailureRun)>,
    /// Names in the back-off that no longer count.
    pub forgotten: Vec<Str>,
    /// Other keys of this controller that are to be looked at now.
    pub wake: Vec<ObjectKey>,
    /// What an autoscaler recommended and did of late, to be kept until its next look.
    pub remembered: Option<(ObjectKey, AutoscalerMemory)>,
}

impl From<Plan> for Decision {
    fn from(plan: Plan) -> Self {
        Decision { plan, ..Default::default() }
    }
}

/// How many keys a controller looks at in the same time; counts where a look takes time (see [`Plan::took`]).
/// Models: the concurrent-…-syncs options of kube-controller-manager, with their defaults.
pub fn workers(controller: &Controller) -> usize {
    match controller.name {
        "daemonset-controller" => 2,
        _ => 5,
    }
}

/// Every controller, in the order in which ties are broken.
pub fn all() -> &'static [Controller] {
    &[
        cronjob::CONTROLLER,
        daemonset::CONTROLLER,
        deployment::CONTROLLER,
        disruption::CONTROLLER,
        endpointslice::CONTROLLER,
        endpoint::CONTROLLER,
        endpointslicemirroring::CONTROLLER,
        garbagecollector::CONTROLLER,
        // After the garbage collector, which cannot tell whose a custom object was once its kind is gone.
        customresourcedefinition::CONTROLLER,
        job::CONTROLLER,
        namespace::CONTROLLER,
        nodelifecycle::CONTROLLER,
        persistentvolume::BINDER,
        persistentvolume::PROVISIONER,
        persistentvolume::RECLAIMER,
        persistentvolume::RESIZER,
        persistentvolume::VOLUME_PROTECTION,
        podautoscaler::CONTROLLER,
        podgc::CONTROLLER,
        replicaset::CONTROLLER,
        replication::CONTROLLER,
        resourcequota::CONTROLLER,
        serviceaccount::CONTROLLER,
        statefulset::CONTROLLER,
        // After the StatefulSet controller, whose view of a claim is a little behind on a real cluster too.
        persistentvolume::CLAIM_PROTECTION,
        tainteviction::CONTROLLER,
        ttlafterfinished::CONTROLLER,
    ]
}
