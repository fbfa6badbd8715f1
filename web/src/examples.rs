//! The examples of the menu. Their files are served under `static/examples/` too, and built in, so that the page needs no
//! further request for them.

/// One example: a name for links, a title for people, and its manifests.
pub struct Example {
    /// The name used in `#example=`.
    pub name: &'static str,
    /// The title in the menu.
    pub title: &'static str,
    /// What it is about: the group of the menu.
    pub topic: &'static str,
    /// What to watch for.
    pub watch: &'static str,
    /// File names and contents, in the order in which they are applied.
    pub files: &'static [(&'static str, &'static str)],
}

/// A file of `static/examples/`, built in.
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../static/examples/", $name)))
    };
}

/// Every example, in the order of the menu. The first one is what a new visitor sees.
pub const EXAMPLES: &[Example] = &[
    Example {
        name: "mysql",
        title: "MySQL in order",
        topic: "StatefulSet",
        watch: "mysql-1 is created once mysql-0 is Ready. Scale it, and it goes on in order.",
        files: &[file!("mysql-statefulset.yaml")],
    },
    Example {
        name: "both",
        title: "Database and log collector",
        topic: "StatefulSet",
        watch: "Power off a node: the collector is gone with it, the database pod waits for its return.",
        files: &[file!("mysql-statefulset.yaml"), file!("fluentd-daemonset.yaml")],
    },
    Example {
        name: "mongodb",
        title: "MongoDB in its own namespace",
        topic: "StatefulSet",
        watch: "Delete mongodb-0: it comes back under its name, with its disk.",
        files: &[file!("mongodb-namespace.yaml"), file!("mongodb-statefulset.yaml"), file!("logging-agent.yaml")],
    },
    Example {
        name: "mysql-db",
        title: "Agent beside a database",
        topic: "StatefulSet",
        watch: "Scale mysql-db to 4 and back: the claim of the fourth stays.",
        files: &[file!("node-monitor.yaml"), file!("mysql-db.yaml")],
    },
    Example {
        name: "parallel",
        title: "Nobody waits: Parallel",
        topic: "StatefulSet",
        watch: "All five are created at once; names stay as they are.",
        files: &[file!("parallel-statefulset.yaml")],
    },
    Example {
        name: "partition",
        title: "A canary by partition",
        topic: "StatefulSet",
        watch: "Change the image: only ordinal 2 is replaced.",
        files: &[file!("partition.yaml")],
    },
    Example {
        name: "fluentd",
        title: "One pod on every node",
        topic: "DaemonSet",
        watch: "Add a node: a pod is on it as soon as it is Ready.",
        files: &[file!("fluentd-daemonset.yaml")],
    },
    Example {
        name: "node-exporter",
        title: "An agent that tolerates everything",
        topic: "DaemonSet",
        watch: "Taint or cordon a node: its agent stays.",
        files: &[file!("node-exporter.yaml")],
    },
    Example {
        name: "web",
        title: "A rolling update",
        topic: "Deployment",
        watch: "Change the image to 1.29: the two ReplicaSets trade pods.",
        files: &[file!("web-deployment.yaml")],
    },
    Example {
        name: "workloads",
        title: "Four kinds side by side",
        topic: "Deployment",
        watch: "Power off a node and compare what each of them does.",
        files: &[file!("workloads.yaml")],
    },
    Example {
        name: "render",
        title: "Ten pieces of work, three at a time",
        topic: "Job",
        watch: "Crash a pod of it: another one takes over.",
        files: &[file!("parallel-job.yaml")],
    },
    Example {
        name: "cronjob",
        title: "Every minute, never twice",
        topic: "Job",
        watch: "The start after the first is skipped: its Job still runs.",
        files: &[file!("cronjob.yaml")],
    },
    Example {
        name: "too-big",
        title: "No room left",
        topic: "Why does it wait?",
        watch: "One pod stays without a node. Why? shows the scheduler’s table.",
        files: &[file!("too-big.yaml")],
    },
    Example {
        name: "labels",
        title: "A label that no node has",
        topic: "Why does it wait?",
        watch: "Why? offers to label a node. Then taint it with dedicated=db: web pods avoid it from now on.",
        files: &[file!("node-labels.yaml")],
    },
    Example {
        name: "spread",
        title: "Spread over the nodes",
        topic: "Why does it wait?",
        watch: "Power off a node: its pods may not all go elsewhere.",
        files: &[file!("spread.yaml")],
    },
    Example {
        name: "missing-class",
        title: "A class that does not exist",
        topic: "Why does it wait?",
        watch: "Follow the chain: pod, claim, class. One button creates it.",
        files: &[file!("missing-class.yaml")],
    },
    Example {
        name: "crash-loop",
        title: "A crash loop",
        topic: "Why does it wait?",
        watch: "The waits between restarts double: 10 s, 20 s, 40 s.",
        files: &[file!("crash-loop.yaml")],
    },
    Example {
        name: "broken-image",
        title: "A rollout that gets stuck",
        topic: "Why does it wait?",
        watch: "Break the new image, apply it, and undo the rollout.",
        files: &[file!("broken-image.yaml")],
    },
    Example {
        name: "drain",
        title: "A drain that waits for its budget",
        topic: "Nodes",
        watch: "Drain a node: two pods stay available all the time.",
        files: &[file!("drain.yaml")],
    },
];

/// The topics of the menu, in their order.
pub fn topics() -> Vec<&'static str> {
    let mut topics: Vec<&'static str> = Vec::new();
    for example in EXAMPLES {
        if !topics.contains(&example.topic) {
            topics.push(example.topic);
        }
    }
    topics
}

/// The example that a link names.
pub fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

#[cfg(test)]
mod tests {
    use super::EXAMPLES;

    #[test]
    fn served_index_lists_the_same_examples() {
        let index: serde_json::Value =
            serde_json::from_str(include_str!("../../static/examples/index.json")).expect("index.json is JSON");
        let built_in: Vec<serde_json::Value> = EXAMPLES
            .iter()
            .map(|each| {
                let files: Vec<&str> = each.files.iter().map(|(name, _)| *name).collect();
                serde_json::json!({
                    "name": each.name, "title": each.title, "topic": each.topic, "watch": each.watch, "files": files,
                })
            })
            .collect();
        assert_eq!(index, serde_json::Value::from(built_in));
    }

    #[test]
    fn every_example_can_be_applied_as_it_is() {
        for example in EXAMPLES {
            for (name, content) in example.files {
                let found = crate::session::Session::check(0, name, content);
                assert!(found.is_empty(), "{}: {name}: {found:?}", example.name);
            }
        }
    }
}
