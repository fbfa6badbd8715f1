//! What the logs of containers tell whose program is not modelled.

use super::*;

impl World {
    /// The log of the container `a`, each line with the second in which it was written.
    fn log(&self, pod: &Pod, previous: bool) -> Option<String> {
        let lines = self.kubelets.log(&pod.metadata.uid, "a", previous, self.now)?;
        let text = |line: LogLine| format!("{:2} {}\n", line.time.unix_millis() / 1000, line.text);
        Some(lines.into_iter().map(text).collect())
    }
}

#[test]
fn a_log_tells_of_probes_signals_and_exits() {
    let mut world = World::new(Timing::Instant);
    let probe = json!({"periodSeconds": 2, "failureThreshold": 2, "httpGet": {"port": 80}});
    let annotations = json!({"podground.dev/ready-after": "5s", "podground.dev/ignore-sigterm": "true"});
    let container = json!({"name": "a", "image": "nginx:1.25", "readinessProbe": probe});
    world.pod("web", annotations, json!({"containers": [container]}));
    world.run(10);
    let web = world.get("web");
    world.kubelets.crash(&web, "a", 3, world.now);
    world.run(10);
    assert_eq!(
        world.log(&web, true).expect("a run before"),
        " 0 podground: nginx:1.25 started (images are not run here: this is what the model did)\n 0 podground: readiness probe failed\n 2 podground: readiness probe failed\n 6 podground: readiness probe passed\n10 podground: exited with code 3\n"
    );
    world.delete("web");
    world.run(40);
    assert_eq!(world.log(&web, false), None, "nothing is left of a pod that is gone");
}

#[test]
fn a_log_ends_with_a_signal_and_is_bounded() {
    let mut world = World::new(Timing::Instant);
    let annotations = json!({"podground.dev/ignore-sigterm": "true", "podground.dev/ready-after": "1h"});
    let probe = json!({"periodSeconds": 1, "failureThreshold": 2, "httpGet": {"port": 80}});
    let container = json!({"name": "a", "image": "nginx", "livenessProbe": probe,
        "lifecycle": {"preStop": {"sleep": {"seconds": 3}}}});
    world.pod("web", annotations, json!({"terminationGracePeriodSeconds": 8, "containers": [container]}));
    world.run(1);
    let web = world.get("web");
    for n in 0..300 {
        let request = crate::Request { method: "GET".into(), path: format!("/{n}\n"), ..Default::default() };
        world.kubelets.note_request(&web.metadata.uid, "a", &request, world.now);
    }
    world.run(9);
    let log = world.log(&web, true).expect("a run before");
    assert_eq!(log.lines().count(), 1 + 200 + 1 + 2, "start, notes, that there were more, and the end");
    let few: Vec<&str> =
        log.lines().map(str::trim_start).filter(|line| !line.contains("GET /") || line.contains("/7?")).collect();
    expect![[r#"
        0 podground: nginx started (images are not run here: this is what the model did)
        0 podground: liveness probe failed
        1 podground: liveness probe failed
        1 podground: preStop hook
        1 podground: GET /7? from 
        1 podground: further probes and requests are not told
        4 podground: SIGTERM
        9 podground: SIGKILL after 8 s of grace
        9 podground: exited with code 137
    "#]]
    .assert_eq(&format!("{}\n", few.join("\n")));
}
