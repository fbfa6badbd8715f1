//! Pods in a table; the words for how a pod is doing are `api::pod_status`'s.
//! Models: printPod in pkg/printers/internalversion/printers.go.

use super::{Column, Printer, col, created, wide};
use api::{Object, Pod, Resource, Time, pod_status};

const COLUMNS: &[Column] = &[
    col("NAME"),
    col("READY"),
    col("STATUS"),
    col("RESTARTS"),
    col("AGE"),
    wide("IP"),
    wide("NODE"),
    wide("NOMINATED NODE"),
    wide("READINESS GATES"),
];

pub(super) const PRINTER: Printer = Printer { columns: COLUMNS, row };

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(pod) = Pod::from_object(object) else { return Vec::new() };
    let summary = pod_status(pod);
    vec![
        pod.metadata.name.to_string(),
        summary.ready_text(),
        summary.status.clone(),
        summary.restarts_text(now),
        created(object, now),
        super::or_none(pod.status.pod_ips.first().map_or(pod.status.pod_ip.as_str(), |address| &address.ip)),
        super::or_none(&pod.spec.node_name),
        super::or_none(&pod.status.nominated_node_name),
        readiness_gates(pod),
    ]
}

fn readiness_gates(pod: &Pod) -> String {
    let gates = pod.spec.rest.get("readinessGates").and_then(|gates| gates.as_array());
    let Some(gates) = gates.filter(|gates| !gates.is_empty()) else { return "<none>".to_owned() };
    let is_true = |gate: &&serde_json::Value| {
        pod.status.condition(gate["conditionType"].as_str().unwrap_or("")).is_some_and(|c| c.status == "True")
    };
    format!("{}/{}", gates.iter().filter(is_true).count(), gates.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Wire;
    use serde_json::{Value, json};

    fn pod(containers: usize, status: Value) -> Pod {
        let container = |i: usize| json!({"name": format!("c{i}"), "image": "i"});
        let mut pod = Pod::read(json!({
            "metadata": {"name": "p"},
            "spec": {"containers": (0..containers).map(container).collect::<Vec<_>>()},
            "status": status,
        }));
        if pod.status.reason == "deleted" {
            pod.status.reason = Default::default();
            pod.metadata.deletion_timestamp = Some(Time::default());
        }
        pod
    }

    fn terminated(code: i32, reason: &str) -> Value {
        json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": null, "finishedAt": "2026-01-01T00:00:00Z"}})
    }

    fn check(containers: usize, status: Value, expected: &str) {
        let summary = pod_status(&pod(containers, status));
        assert_eq!(format!("{} {}", summary.ready_text(), summary.status), expected);
    }

    #[test]
    fn the_status_word() {
        let running = json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}});
        check(1, json!({"phase": "Pending"}), "0/1 Pending");
        check(
            1,
            json!({"phase": "Running", "containerStatuses": [{"name": "c0", "ready": true, "state": running}]}),
            "1/1 Running",
        );
        let waiting = json!({"waiting": {"reason": "ImagePullBackOff"}});
        check(
            1,
            json!({"phase": "Pending", "containerStatuses": [{"name": "c0", "state": waiting}]}),
            "0/1 ImagePullBackOff",
        );
        let both = json!([{"name": "c0", "ready": true, "state": running}, {"name": "c1", "state": terminated(0, "Completed")}]);
        check(2, json!({"phase": "Running", "containerStatuses": both}), "1/2 NotReady");
        check(
            1,
            json!({"phase": "Succeeded", "containerStatuses": [{"name": "c0", "state": terminated(0, "Completed")}]}),
            "0/1 Completed",
        );
        check(
            1,
            json!({"phase": "Failed", "containerStatuses": [{"name": "c0", "state": terminated(3, "")}]}),
            "0/1 ExitCode:3",
        );
        check(1, json!({"phase": "Running", "reason": "deleted"}), "0/1 Terminating");
        check(1, json!({"phase": "Succeeded", "reason": "deleted"}), "0/1 Succeeded");
        let gated = json!([{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]);
        check(1, json!({"phase": "Pending", "conditions": gated}), "0/1 SchedulingGated");
        check(1, json!({"phase": "Failed", "reason": "Evicted"}), "0/1 Evicted");
    }

    #[test]
    fn init_containers_come_first() {
        let mut with_init = pod(
            1,
            json!({
                "phase": "Pending",
                "initContainerStatuses": [{"name": "i", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": terminated(1, "Error")}],
                "containerStatuses": [{"name": "c0", "state": {"waiting": {"reason": "PodInitializing"}}}],
            }),
        );
        with_init.spec.init_containers = vec![api::Container { name: "i".into(), ..Default::default() }].into();
        let summary = pod_status(&with_init);
        assert_eq!(summary.status, "Init:CrashLoopBackOff");
        let now = Time::parse("2026-01-01T00:00:15Z").expect("a time");
        assert_eq!(summary.restarts_text(now), "2 (15s ago)");
    }
}
