//! Lives of pods with lifecycle hooks.

use super::World;
use crate::Timing;
use expect_test::expect;
use serde_json::json;

#[test]
fn hooks_take_their_time() {
    let mut world = World::new(Timing::Instant);
    let lifecycle = json!({"postStart": {"sleep": {"seconds": 3}}, "preStop": {"exec": {"command": ["sleep", "5"]}}});
    world.pod("web", json!({}), json!({"containers": [{"name": "a", "image": "nginx", "lifecycle": lifecycle}]}));
    world.run(10);
    world.delete("web");
    world.run(20);
    world.story(expect![[r#"
        0.000 ADDED web Pending []
        0.000 Normal Pullingx1: Pulling image "nginx"
        0.000 Normal Pulledx1: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        0.000 Normal Createdx1: Container created
        0.000 Normal Startedx1: Container started
        0.000 MODIFIED web Pending [a ContainerCreating x0] Ready=False(ContainersNotReady)
        3.000 MODIFIED web Running [a running x0 ready] Ready=True
        10.000 MODIFIED web Running [a running x0 ready] Ready=True terminating(30)
        10.000 Normal Killingx1: Stopping container a
        15.000 MODIFIED web Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(30)
        15.000 MODIFIED web Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(0)
        15.000 DELETED web Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(0)
    "#]]);
}

#[test]
fn a_hook_that_fails_and_one_that_uses_up_the_grace() {
    let mut world = World::new(Timing::Instant);
    let post = json!({"postStart": {"exec": {"command": ["sh", "-c", "echo no; exit 3"]}}});
    world.pod("post", json!({}), json!({"containers": [{"name": "a", "image": "nginx", "lifecycle": post}]}));
    world.run(5);
    world.delete("post");
    world.run(5);
    let pre = json!({"preStop": {"exec": {"command": ["sh", "-c", "sleep 2; exit 1"]}}});
    let annotations = json!({"podground.dev/ignore-sigterm": "true"});
    let spec = json!({"terminationGracePeriodSeconds": 6,
        "containers": [{"name": "a", "image": "nginx", "lifecycle": pre}, {"name": "b", "image": "nginx"}],
        "initContainers": [{"name": "s", "image": "nginx", "restartPolicy": "Always"}]});
    world.pod("pre", annotations, spec);
    world.run(1);
    world.delete("pre");
    world.run(20);
    world.story(expect![[r#"
        0.000 ADDED post Pending []
        0.000 Normal Pullingx1: Pulling image "nginx"
        0.000 Normal Pulledx1: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        0.000 Normal Createdx1: Container created
        0.000 Normal Startedx1: Container started
        0.000 Warning FailedPostStartHookx1: PostStartHook failed
        0.000 Normal Killingx1: FailedPostStartHook
        0.000 Normal Pullingx2: Pulling image "nginx"
        0.000 Normal Pulledx2: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        0.000 Normal Createdx2: Container created
        0.000 Normal Startedx2: Container started
        0.000 Warning FailedPostStartHookx2: PostStartHook failed
        0.000 Normal Killingx2: FailedPostStartHook
        0.000 Warning BackOffx1: Back-off restarting failed container a in pod post_default(9afcd44d-14cf-4bfe-b476-cf8a4baa5dc0)
        0.000 MODIFIED post Running [a CrashLoopBackOff x1] Ready=False(ContainersNotReady)
        5.000 MODIFIED post Running [a CrashLoopBackOff x1] Ready=False(ContainersNotReady) terminating(30)
        5.000 MODIFIED post Failed [a CrashLoopBackOff x1] Ready=False(PodFailed) terminating(30)
        5.000 MODIFIED post Failed [a CrashLoopBackOff x1] Ready=False(PodFailed) terminating(0)
        5.000 DELETED post Failed [a CrashLoopBackOff x1] Ready=False(PodFailed) terminating(0)
        10.000 ADDED pre Pending []
        10.000 Normal Pullingx1: Pulling image "nginx"
        10.000 Normal Pulledx1: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        10.000 Normal Createdx1: Container created
        10.000 Normal Startedx1: Container started
        10.000 Normal Pullingx1: Pulling image "nginx"
        10.000 Normal Pulledx1: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        10.000 Normal Createdx1: Container created
        10.000 Normal Startedx1: Container started
        10.000 Normal Pullingx1: Pulling image "nginx"
        10.000 Normal Pulledx1: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        10.000 Normal Createdx1: Container created
        10.000 Normal Startedx1: Container started
        10.000 MODIFIED pre Running [s running x0 ready, a running x0 ready, b running x0 ready] Ready=True
        11.000 MODIFIED pre Running [s running x0 ready, a running x0 ready, b running x0 ready] Ready=True terminating(6)
        11.000 Normal Killingx1: Stopping container a
        11.000 Normal Killingx1: Stopping container b
        11.000 Normal Killingx1: Stopping container s
        13.000 Warning FailedPreStopHookx1: PreStopHook failed
        17.000 MODIFIED pre Running [s running x0 ready, a Error(137) x0, b Error(137) x0] Ready=False(ContainersNotReady) terminating(6)
        19.000 MODIFIED pre Failed [s Error(137) x0, a Error(137) x0, b Error(137) x0] Ready=False(PodFailed) terminating(6)
        19.000 MODIFIED pre Failed [s Error(137) x0, a Error(137) x0, b Error(137) x0] Ready=False(PodFailed) terminating(0)
        19.000 DELETED pre Failed [s Error(137) x0, a Error(137) x0, b Error(137) x0] Ready=False(PodFailed) terminating(0)
    "#]]);
}
