//! Decisions of the CronJob controller. The Jobs have no controller: a test says what becomes of them.

use super::CONTROLLER;
use crate::world::World;
use api::{Job, JobCondition, Kind, ObjectKey, Resource};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// A world at 15:07:00 with a CronJob `tick` of every five minutes; `spec` is merged into its spec.
fn tick(spec: Value) -> World {
    let mut world = World::new(&CONTROLLER, Kind::CronJob, "tick");
    let template = json!({"spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}});
    let mut body = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"},
        "spec": {"schedule": "*/5 * * * *", "jobTemplate": template}});
    for (field, value) in spec.as_object().into_iter().flatten() {
        body["spec"][field] = value.clone();
    }
    world.create(body);
    world
}

fn check(world: &mut World, expected: Expect) {
    expected.assert_eq(&world.step());
}

/// Lets a Job end.
fn end(world: &mut World, name: &str, condition: &str) {
    let now = world.server.now();
    let mut job = Job::clone(world.lister().get::<Job>("default", name).expect("a Job of this name"));
    job.status.push_condition(JobCondition::new(condition, true, "", "", now));
    job.status.start_time = Some(now);
    job.status.completion_time = (condition == "Complete").then_some(now);
    world.server.update_status(job.into_object()).expect("updated");
}

#[test]
fn a_job_is_started_noted_and_seen_to_end() {
    let mut world = tick(json!({"timeZone": "Asia/Tokyo"}));
    check(
        &mut world,
        expect![[r#"
        recheck 3m0.1s
    "#]],
    );
    world.pass_time(180);
    check(
        &mut world,
        expect![[r#"
        create Job default/tick-29919790
          SuccessfulCreate Created job {name}
        recheck 5m0.1s
    "#]],
    );
    check(
        &mut world,
        expect![[r#"
        status active=[{apiVersion:batch/v1,kind:Job,name:tick-29919790,namespace:default,resourceVersion:4,uid:e099ec6c-d736-4ca5-85e7-bb0f12278575}] lastScheduleTime=2026-11-20T15:10:00Z
        recheck 5m0.1s
    "#]],
    );
    check(
        &mut world,
        expect![[r#"
        recheck 5m0.1s
    "#]],
    );
    let job = world.lister().get::<Job>("default", "tick-29919790").expect("the Job");
    let scheduled = job.metadata.annotations.get("batch.kubernetes.io/cronjob-scheduled-timestamp");
    assert_eq!(scheduled.map(|text| text.as_str()), Some("2026-11-21T00:10:00+09:00"));
    end(&mut world, "tick-29919790", "Complete");
    check(
        &mut world,
        expect![[r#"
        SawCompletedJob Saw completed job: tick-29919790, condition: Complete
        status lastScheduleTime=2026-11-20T15:10:00Z lastSuccessfulTime=2026-11-20T15:10:00Z
        recheck 5m0.1s
    "#]],
    );
}

#[test]
fn only_the_last_missed_start_is_made_up_for() {
    let mut world = tick(json!({"suspend": true}));
    check(
        &mut world,
        expect![[r#"
        wait Suspended: nothing is started as long as spec.suspend is true
    "#]],
    );
    world.pass_time(1800);
    world.patch(json!({"spec": {"suspend": false}}));
    check(
        &mut world,
        expect![[r#"
        create Job default/tick-29919815
          SuccessfulCreate Created job {name}
        recheck 3m0.1s
    "#]],
    );
    world.settle();
    world.pass_time(100_000);
    check(
        &mut world,
        expect![[r#"
        TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew
        create Job default/tick-29921480
          SuccessfulCreate Created job {name}
        recheck 1m20.1s
    "#]],
    );
}

#[test]
fn a_start_that_is_too_late_is_left_out() {
    let mut world = tick(json!({"startingDeadlineSeconds": 60, "concurrencyPolicy": "Forbid"}));
    world.pass_time(180);
    world.step();
    world.settle();
    world.pass_time(300);
    check(
        &mut world,
        expect![[r#"
        JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid
        recheck 5m0.1s
        wait Forbid: a start that is due waits for the Job before it to end
    "#]],
    );
    world.pass_time(70);
    end(&mut world, "tick-29919790", "Complete");
    check(
        &mut world,
        expect![[r#"
        SawCompletedJob Saw completed job: tick-29919790, condition: Complete
        status lastScheduleTime=2026-11-20T15:10:00Z lastSuccessfulTime=2026-11-20T15:16:10Z
        recheck 3m50.1s
    "#]],
    );
}

#[test]
fn forbid_waits_and_replace_does_not() {
    let mut world = tick(json!({"concurrencyPolicy": "Forbid"}));
    world.pass_time(180);
    world.step();
    world.settle();
    world.pass_time(300);
    check(
        &mut world,
        expect![[r#"
        JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid
        recheck 5m0.1s
        wait Forbid: a start that is due waits for the Job before it to end
    "#]],
    );
    end(&mut world, "tick-29919790", "Failed");
    check(
        &mut world,
        expect![[r#"
        SawCompletedJob Saw completed job: tick-29919790, condition: Failed
        create Job default/tick-29919795
          SuccessfulCreate Created job {name}
        status lastScheduleTime=2026-11-20T15:10:00Z
        recheck 5m0.1s
    "#]],
    );
    let mut world = tick(json!({"concurrencyPolicy": "Replace"}));
    world.pass_time(180);
    world.step();
    world.settle();
    world.pass_time(300);
    check(
        &mut world,
        expect![[r#"
        delete Job default/tick-29919790
          SuccessfulDelete Deleted job tick-29919790
        create Job default/tick-29919795
          SuccessfulCreate Created job {name}
        status lastScheduleTime=2026-11-20T15:10:00Z
        recheck 5m0.1s
    "#]],
    );
}

#[test]
fn the_oldest_jobs_go_and_a_manual_one_is_noticed() {
    let mut world = tick(json!({"successfulJobsHistoryLimit": 1}));
    for _ in 0..2 {
        world.pass_time(300);
        world.step();
        world.settle();
        let name = world.lister().list::<Job>().last().expect("a Job").metadata.name.to_string();
        end(&mut world, &name, "Complete");
    }
    check(
        &mut world,
        expect![[r#"
        delete Job default/tick-29919790
          SuccessfulDelete Deleted job tick-29919790
        SawCompletedJob Saw completed job: tick-29919795, condition: Complete
        status lastScheduleTime=2026-11-20T15:15:00Z lastSuccessfulTime=2026-11-20T15:17:00Z
        recheck 3m0.1s
    "#]],
    );
    let uid = world.lister().get::<api::CronJob>("default", "tick").expect("it").metadata.uid.to_string();
    world.create(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "manual", "ownerReferences": [
        {"apiVersion": "batch/v1", "kind": "CronJob", "name": "tick", "uid": uid, "controller": true}]},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}}));
    check(
        &mut world,
        expect![[r#"
        UnexpectedJob Saw a job that the controller did not create or forgot: manual
        recheck 3m0.1s
    "#]],
    );
}

#[test]
fn a_job_that_vanished_is_missed() {
    let mut world = tick(json!({}));
    world.pass_time(180);
    world.step();
    world.settle();
    world.delete(Kind::Job, "tick-29919790");
    check(
        &mut world,
        expect![[r#"
        MissingJob Active job went missing: tick-29919790
        status lastScheduleTime=2026-11-20T15:10:00Z
        recheck 5m0.1s
    "#]],
    );
}

#[test]
fn a_name_that_is_taken_is_left_alone() {
    let mut world = tick(json!({}));
    world.create(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "tick-29919790"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}}));
    world.pass_time(180);
    check(
        &mut world,
        expect![[r#"
        recheck 5m0.1s
    "#]],
    );
    let key = ObjectKey::new(Kind::CronJob, "default", "tick");
    assert!(world.server.get(&key).is_ok());
}
