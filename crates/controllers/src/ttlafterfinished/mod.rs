//! TTL-after-finished controller: deletes Jobs some time after their end.
//!
//! Models: pkg/controller/ttlafterfinished (Kubernetes 1.36).

use crate::{Controller, Ctx, Decision};
use api::{Job, Object, ObjectKey, Resource, Time};
use apiserver::{Change, DeleteOptions, Lister, Plan, Propagation, Wait, WatchEvent, Write};
use sim::SimDuration;

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "ttl-after-finished-controller", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::Job(job) = &event.object
        && event.change != Change::Deleted
        && expires_at(job).is_some()
    {
        keys.push(job.key());
    }
}

/// When a Job that has ended is to go.
fn expires_at(job: &Job) -> Option<Time> {
    let seconds = job.spec.ttl_seconds_after_finished.filter(|_| !job.metadata.is_terminating())?;
    let end = job.finished()?.last_transition_time?;
    Some(end.plus(SimDuration::from_secs(u64::try_from(seconds).unwrap_or(0))))
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let Some(job) = ctx.lister.get::<Job>(&key.namespace, &key.name) else { return plan.into() };
    let Some(expires_at) = expires_at(job) else { return plan.into() };
    if expires_at > ctx.now {
        plan.requeue(expires_at.since(ctx.now));
        plan.waits.push(Wait {
            who: job.key(),
            awaits: Vec::new(),
            rule: "TTLAfterFinished".into(),
            message: format!("the Job and its pods are deleted at {expires_at} (ttlSecondsAfterFinished)"),
            doc: "concepts/workloads/controllers/ttlafterfinished/",
        });
        return plan.into();
    }
    let uid = Some(job.metadata.uid.clone());
    let options = DeleteOptions { uid, propagation: Propagation::Foreground, ..Default::default() };
    plan.write(Write::Delete(job.key(), options));
    plan.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use api::{JobCondition, Kind};
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn a_job_goes_some_time_after_its_end() {
        let mut world = World::new(&CONTROLLER, Kind::Job, "pi");
        world.create(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "pi"},
            "spec": {"ttlSecondsAfterFinished": 5, "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}}));
        assert_eq!(world.step(), "");
        let mut job = Job::clone(world.lister().get::<Job>("default", "pi").expect("the Job"));
        job.status.push_condition(JobCondition::new("Failed", true, "", "", world.server.now()));
        world.server.update_status(job.into_object()).expect("updated");
        expect![[r#"
            requeue 5s
            wait TTLAfterFinished: the Job and its pods are deleted at 2026-11-20T15:07:05Z (ttlSecondsAfterFinished)
        "#]]
        .assert_eq(&world.step());
        world.pass_time(5);
        expect![[r#"
            delete Job default/pi
        "#]]
        .assert_eq(&world.step());
        let job = world.lister().get::<Job>("default", "pi").expect("the Job");
        assert!(job.metadata.has_finalizer("foregroundDeletion"));
    }
}
