//! The examples of the menu. Their files are served under `static/examples/` too, and built in, so that the page needs no
//! further request for them.

/// One example: a name for links, a title for people, and its manifests.
pub struct Example {
    /// The name used in `#example=`.
    pub name: &'static str,
    /// The title in the menu.
    pub title: &'static str,
    /// File names and contents, in the order in which they are applied.
    pub files: &'static [(&'static str, &'static str)],
}

const MYSQL: (&str, &str) = ("mysql-statefulset.yaml", include_str!("../../static/examples/mysql-statefulset.yaml"));
const FLUENTD: (&str, &str) = ("fluentd-daemonset.yaml", include_str!("../../static/examples/fluentd-daemonset.yaml"));

/// Every example, in the order of the menu. The first one is what a new visitor sees.
pub const EXAMPLES: &[Example] = &[
    Example { name: "mysql", title: "MySQL StatefulSet", files: &[MYSQL] },
    Example { name: "fluentd", title: "fluentd DaemonSet", files: &[FLUENTD] },
    Example { name: "both", title: "Both together", files: &[MYSQL, FLUENTD] },
];

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
                serde_json::json!({"name": each.name, "title": each.title, "files": files})
            })
            .collect();
        assert_eq!(index, serde_json::Value::from(built_in));
    }
}
