//! Decisions of the Job controller, one branch at a time. Pods have no kubelet: a test says what becomes of them.

use super::CONTROLLER;
use crate::world::World;
use api::{JobStatus, Kind, ObjectKey, Pod};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// A status as tests show it.
pub(crate) fn status_words(status: &JobStatus) -> String {
    let uncounted = status.uncounted_terminated_pods.as_ref().map_or(0, |u| u.succeeded.len() + u.failed.len());
    let conditions: Vec<String> =
        status.conditions.iter().map(|c| format!("{}={}({})", c.r#type, c.status, c.reason)).collect();
    let optional = |what: &str, value: &str| if value.is_empty() { String::new() } else { format!(" {what}={value}") };
    format!(
        "status active={} ready={} terminating={} succeeded={} failed={} uncounted={uncounted}{}{} [{}]",
        status.active,
        status.ready.unwrap_or(0),
        status.terminating.unwrap_or(0),
        status.succeeded,
        status.failed,
        optional("completed", &status.completed_indexes),
        optional("failedIndexes", status.failed_indexes.as_deref().unwrap_or("")),
        conditions.join(" ")
    )
}

/// A world with a Job `pi`; `spec` is merged into its spec.
fn pi(spec: Value) -> World {
    let mut world = World::new(&CONTROLLER, Kind::Job, "pi");
    let mut job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "pi"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}},
    });
    for (field, value) in spec.as_object().into_iter().flatten() {
        job["spec"][field] = value.clone();
    }
    world.create(job);
    world
}

/// The names of the pods that have not ended, in the order in which they were made; those of one moment by name.
fn live(world: &World) -> Vec<String> {
    let mut pods: Vec<&std::rc::Rc<Pod>> = world.lister().list::<Pod>().filter(|pod| !pod.is_finished()).collect();
    pods.sort_by_key(|pod| (pod.metadata.creation_timestamp, pod.metadata.name.clone()));
    pods.iter().map(|pod| pod.metadata.name.to_string()).collect()
}

/// Lets the first pod that has not ended end like this.
fn end(world: &mut World, phase: &str) {
    let name = live(world).first().cloned().expect("a pod that has not ended");
    world.ready(&name);
    world.set_status(&name, phase, false);
}

/// The same with an exit code.
fn exit(world: &mut World, code: i32) {
    let name = live(world).first().cloned().expect("a pod that has not ended");
    world.ready(&name);
    let at = world.server.now().to_string();
    let status = json!({"status": {"phase": "Failed", "containerStatuses": [{"name": "c", "image": "busybox:1", "imageID": "",
        "lastState": {}, "ready": false, "restartCount": 0,
        "state": {"terminated": {"exitCode": code, "finishedAt": at}}}]}});
    let key = ObjectKey::new(Kind::Pod, "default", name);
    world.server.patch(&key, apiserver::PatchType::Merge, &status, true).expect("patched");
}

/// What the controller does, with the random ends of names left out.
fn check(world: &mut World, expected: Expect) {
    let mut words = world.step();
    let names: Vec<String> = world.lister().list::<Pod>().map(|pod| pod.metadata.name.to_string()).collect();
    for name in names {
        let stem = name.rsplit_once('-').map_or("", |(stem, _)| stem);
        words = words.replace(&name, &format!("{stem}-?"));
    }
    expected.assert_eq(&words);
}

#[test]
fn each_end_is_noted_then_released_then_counted() {
    let mut world = pi(json!({"completions": 3, "parallelism": 2}));
    check(
        &mut world,
        expect![[r#"
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=2 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []
    "#]],
    );
    check(&mut world, expect![""]);
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        status active=2 ready=0 terminating=0 succeeded=0 failed=0 uncounted=1 []
        update Pod default/pi-? owners=[pi]
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=2 ready=0 terminating=0 succeeded=1 failed=0 uncounted=0 []
    "#]],
    );
    check(&mut world, expect![""]);
    end(&mut world, "Succeeded");
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=1 failed=0 uncounted=2 [SuccessCriteriaMet=True(CompletionsReached)]
        update Pod default/pi-? owners=[pi]
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=0 succeeded=3 failed=0 uncounted=0 [SuccessCriteriaMet=True(CompletionsReached) Complete=True(CompletionsReached)]
        Completed Job completed
    "#]],
    );
    check(&mut world, expect![""]);
}

#[test]
fn failures_wait_longer_each_time_and_end_the_job() {
    let mut world = pi(json!({"backoffLimit": 1}));
    world.settle();
    end(&mut world, "Failed");
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=0 failed=0 uncounted=1 []
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=0 succeeded=0 failed=1 uncounted=0 []
        recheck 10s
        wait BackOff: after a failure the next pod is made 10s after the last one, at 2026-11-20T15:07:10Z
    "#]],
    );
    world.pass_time(9);
    check(
        &mut world,
        expect![[r#"
        recheck 1s
        wait BackOff: after a failure the next pod is made 10s after the last one, at 2026-11-20T15:07:10Z
    "#]],
    );
    world.pass_time(1);
    check(
        &mut world,
        expect![[r#"
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=1 ready=0 terminating=0 succeeded=0 failed=1 uncounted=0 []
    "#]],
    );
    end(&mut world, "Failed");
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=0 failed=1 uncounted=1 [FailureTarget=True(BackoffLimitExceeded)]
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=0 succeeded=0 failed=2 uncounted=0 [FailureTarget=True(BackoffLimitExceeded) Failed=True(BackoffLimitExceeded)]
        BackoffLimitExceeded Job has reached the specified backoff limit
    "#]],
    );
}

#[test]
fn a_success_ends_the_row_of_failures() {
    let mut world = pi(json!({"completions": 2, "parallelism": 1}));
    world.settle();
    end(&mut world, "Failed");
    world.settle();
    world.pass_time(10);
    world.settle();
    world.pass_time(1);
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        status active=1 ready=0 terminating=0 succeeded=0 failed=1 uncounted=1 []
        update Pod default/pi-? owners=[pi]
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=1 ready=0 terminating=0 succeeded=1 failed=1 uncounted=0 []
    "#]],
    );
}

#[test]
fn a_deleted_pod_counts_as_failed_unless_it_is_replaced_only_at_its_end() {
    let mut world = pi(json!({}));
    world.settle();
    let name = live(&world)[0].clone();
    world.ready(&name);
    world.delete(Kind::Pod, &name);
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=1 succeeded=0 failed=0 uncounted=1 []
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=1 succeeded=0 failed=1 uncounted=0 []
        recheck 10s
        wait BackOff: after a failure the next pod is made 10s after the last one, at 2026-11-20T15:07:10Z
    "#]],
    );
    let mut world = pi(json!({"podReplacementPolicy": "Failed"}));
    world.settle();
    let name = live(&world)[0].clone();
    world.ready(&name);
    world.delete(Kind::Pod, &name);
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=1 succeeded=0 failed=0 uncounted=0 []
        wait PodReplacementPolicy: pi-? is replaced only after ending (podReplacementPolicy: Failed)
    "#]],
    );
}

#[test]
fn restarts_in_place_count_against_the_limit() {
    let template = json!({"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "c", "image": "busybox:1"}]}});
    let mut world = pi(json!({"backoffLimit": 2, "template": template}));
    world.settle();
    let name = live(&world)[0].clone();
    world.ready(&name);
    let restarted = json!({"status": {"containerStatuses": [{"name": "c", "image": "busybox:1", "imageID": "", "lastState": {},
        "ready": true, "restartCount": 2, "state": {"running": {"startedAt": "2026-11-20T15:07:00Z"}}}]}});
    let key = ObjectKey::new(Kind::Pod, "default", name.as_str());
    world.server.patch(&key, apiserver::PatchType::Merge, &restarted, true).expect("patched");
    check(
        &mut world,
        expect![[r#"
        delete Pod default/pi-?
          SuccessfulDelete Deleted pod: pi-?
        status active=0 ready=0 terminating=1 succeeded=0 failed=0 uncounted=1 [FailureTarget=True(BackoffLimitExceeded)]
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=1 succeeded=0 failed=1 uncounted=0 [FailureTarget=True(BackoffLimitExceeded)]
    "#]],
    );
    check(
        &mut world,
        expect![[r#"
        wait TerminatingPods: the end of the Job waits for pi-? to be gone
    "#]],
    );
    world.gone(&name);
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=0 failed=1 uncounted=0 [FailureTarget=True(BackoffLimitExceeded)]
        status active=0 ready=0 terminating=0 succeeded=0 failed=1 uncounted=0 [FailureTarget=True(BackoffLimitExceeded) Failed=True(BackoffLimitExceeded)]
        BackoffLimitExceeded Job has reached the specified backoff limit
    "#]],
    );
}

#[test]
fn the_deadline_counts_from_the_start() {
    let mut world = pi(json!({"activeDeadlineSeconds": 30}));
    check(
        &mut world,
        expect![[r#"
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=1 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []
        requeue 30s
    "#]],
    );
    world.pass_time(30);
    check(
        &mut world,
        expect![[r#"
        delete Pod default/pi-6sk4n
          SuccessfulDelete Deleted pod: pi-6sk4n
        status active=0 ready=0 terminating=1 succeeded=0 failed=0 uncounted=1 [FailureTarget=True(DeadlineExceeded)]
        update Pod default/pi-6sk4n owners=[pi]
        status active=0 ready=0 terminating=1 succeeded=0 failed=1 uncounted=0 [FailureTarget=True(DeadlineExceeded)]
    "#]],
    );
}

#[test]
fn a_suspended_job_has_no_pods_and_starts_anew() {
    let mut world = pi(json!({"activeDeadlineSeconds": 30}));
    world.settle();
    world.pass_time(20);
    world.patch(json!({"spec": {"suspend": true}}));
    check(
        &mut world,
        expect![[r#"
        update Pod default/pi-6sk4n owners=[pi]
        delete Pod default/pi-6sk4n
          SuccessfulDelete Deleted pod: pi-6sk4n
        status active=0 ready=0 terminating=1 succeeded=0 failed=0 uncounted=0 [Suspended=True(JobSuspended)]
        Suspended Job suspended
        wait Suspended: no pod runs as long as spec.suspend is true
    "#]],
    );
    world.settle();
    world.pass_time(20);
    world.patch(json!({"spec": {"suspend": false}}));
    check(
        &mut world,
        expect![[r#"
        create pod pi-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        Resumed Job resumed
        status active=1 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 [Suspended=False(JobResumed)]
        requeue 30s
    "#]],
    );
}

#[test]
fn a_work_queue_is_done_once_all_its_pods_are() {
    let mut world = pi(json!({"parallelism": 3}));
    world.settle();
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        status active=2 ready=0 terminating=0 succeeded=0 failed=0 uncounted=1 []
        update Pod default/pi-? owners=[pi]
        status active=2 ready=0 terminating=0 succeeded=1 failed=0 uncounted=0 []
    "#]],
    );
    end(&mut world, "Succeeded");
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=1 failed=0 uncounted=2 [SuccessCriteriaMet=True(CompletionsReached)]
        update Pod default/pi-? owners=[pi]
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=0 succeeded=3 failed=0 uncounted=0 [SuccessCriteriaMet=True(CompletionsReached) Complete=True(CompletionsReached)]
        Completed Job completed
    "#]],
    );
}

#[test]
fn fewer_are_wanted() {
    let mut world = pi(json!({"completions": 5, "parallelism": 3}));
    world.settle();
    let first = live(&world)[0].clone();
    world.ready(&first);
    world.patch(json!({"spec": {"parallelism": 1}}));
    check(
        &mut world,
        expect![[r#"
        update Pod default/pi-cdrfk owners=[pi]
        delete Pod default/pi-cdrfk
          SuccessfulDelete Deleted pod: pi-cdrfk
        update Pod default/pi-jss25 owners=[pi]
        delete Pod default/pi-jss25
          SuccessfulDelete Deleted pod: pi-jss25
        status active=1 ready=1 terminating=2 succeeded=0 failed=0 uncounted=0 []
    "#]],
    );
    assert_eq!(live(&world), [first], "the one that has come furthest stays");
}

#[test]
fn each_index_has_one_pod_and_may_have_a_limit_of_its_own() {
    let mut world =
        pi(json!({"completions": 3, "parallelism": 3, "completionMode": "Indexed", "backoffLimitPerIndex": 1}));
    check(
        &mut world,
        expect![[r#"
        create pod pi-0-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        create pod pi-1-* 
          SuccessfulCreate Created pod: {name}
        create pod pi-2-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=3 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []
    "#]],
    );
    end(&mut world, "Failed");
    check(
        &mut world,
        expect![[r#"
        status active=2 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []
        recheck 10s
        wait BackOff: indexes whose pods failed get their next pods from 2026-11-20T15:07:10Z on (back-off)
    "#]],
    );
    world.pass_time(10);
    check(
        &mut world,
        expect![[r#"
        create pod pi-0-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        status active=3 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []
    "#]],
    );
    check(
        &mut world,
        expect![[r#"
        status active=3 ready=0 terminating=0 succeeded=0 failed=0 uncounted=1 []
        update Pod default/pi-0-? owners=[pi]
        status active=3 ready=0 terminating=0 succeeded=0 failed=1 uncounted=0 []
    "#]],
    );
    end(&mut world, "Succeeded");
    end(&mut world, "Succeeded");
    end(&mut world, "Failed");
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=2 failed=1 uncounted=1 completed=1,2 failedIndexes=0 [FailureTarget=True(FailedIndexes)]
        update Pod default/pi-0-? owners=[pi]
        update Pod default/pi-1-? owners=[pi]
        update Pod default/pi-2-? owners=[pi]
        status active=0 ready=0 terminating=0 succeeded=2 failed=2 uncounted=0 completed=1,2 failedIndexes=0 [FailureTarget=True(FailedIndexes) Failed=True(FailedIndexes)]
        FailedIndexes Job has failed indexes
    "#]],
    );
}

#[test]
fn some_indexes_may_be_enough() {
    let policy = json!({"rules": [{"succeededIndexes": "1-2", "succeededCount": 1}]});
    let mut world =
        pi(json!({"completions": 3, "parallelism": 3, "completionMode": "Indexed", "successPolicy": policy}));
    world.settle();
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        status active=2 ready=0 terminating=0 succeeded=1 failed=0 uncounted=0 completed=0 []
        update Pod default/pi-0-? owners=[pi]
    "#]],
    );
    end(&mut world, "Succeeded");
    check(
        &mut world,
        expect![[r#"
        delete Pod default/pi-2-jss25
          SuccessfulDelete Deleted pod: pi-2-jss25
        status active=0 ready=0 terminating=1 succeeded=2 failed=0 uncounted=0 completed=0,1 [SuccessCriteriaMet=True(SuccessPolicy)]
        update Pod default/pi-1-? owners=[pi]
        update Pod default/pi-2-jss25 owners=[pi]
    "#]],
    );
}

#[test]
fn exit_codes_may_fail_the_job_or_not_count() {
    let policy = json!({"rules": [
        {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [3]}},
        {"action": "FailJob", "onExitCodes": {"containerName": "c", "operator": "In", "values": [42]}}]});
    let mut world = pi(json!({"backoffLimit": 0, "podFailurePolicy": policy}));
    world.settle();
    exit(&mut world, 3);
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []
        update Pod default/pi-? owners=[pi]
        recheck 10s
        wait BackOff: after a failure the next pod is made 10s after the last one, at 2026-11-20T15:07:10Z
    "#]],
    );
    world.pass_time(10);
    world.settle();
    exit(&mut world, 42);
    check(
        &mut world,
        expect![[r#"
        status active=0 ready=0 terminating=0 succeeded=0 failed=0 uncounted=1 [FailureTarget=True(PodFailurePolicy)]
        update Pod default/pi-? owners=[pi]
        status active=0 ready=0 terminating=0 succeeded=0 failed=1 uncounted=0 [FailureTarget=True(PodFailurePolicy) Failed=True(PodFailurePolicy)]
        PodFailurePolicy Container c for pod default/pi-? failed with exit code 42 matching FailJob rule at index 1
    "#]],
    );
}

#[test]
fn pods_that_cannot_be_made_are_not_counted() {
    let template = json!({"spec": {"restartPolicy": "Never", "priorityClassName": "none",
        "containers": [{"name": "c", "image": "busybox:1"}]}});
    let mut world = pi(json!({"completions": 4, "parallelism": 4, "template": template}));
    let words = world.step();
    assert!(words.contains("error: pods"), "{words}");
    let job = world.lister().get::<api::Job>("default", "pi").expect("the Job");
    assert_eq!(status_words(&job.status), "status active=0 ready=0 terminating=0 succeeded=0 failed=0 uncounted=0 []");
    assert!(job.status.start_time.is_some());
}

#[test]
fn a_pod_that_lost_its_job_may_go() {
    let mut world = pi(json!({}));
    world.settle();
    let key = ObjectKey::new(Kind::Pod, "default", live(&world)[0].as_str());
    assert_eq!(world.step_at(&key), "", "the Job will count it");
    world.delete(Kind::Job, "pi");
    let words = world.step_at(&key);
    assert!(words.starts_with("update Pod default/pi-"), "{words}");
    assert!(!super::tracking::is_tracked(&world.pod(&key.name)));
}
