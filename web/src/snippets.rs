//! A short manifest of each kind, for "insert an example".

/// The kinds that have one, in the order of the menu.
pub const KINDS: [&str; 17] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "ConfigMap",
    "Secret",
    "PersistentVolumeClaim",
    "StorageClass",
    "Namespace",
    "PodDisruptionBudget",
    "PriorityClass",
    "HorizontalPodAutoscaler",
    "ResourceQuota",
    "LimitRange",
];

/// The manifest of a kind; nothing for others.
pub fn of(kind: &str) -> &'static str {
    match kind {
        "Pod" => include_str!("../snippets/Pod.yaml"),
        "Deployment" => include_str!("../snippets/Deployment.yaml"),
        "StatefulSet" => include_str!("../snippets/StatefulSet.yaml"),
        "DaemonSet" => include_str!("../snippets/DaemonSet.yaml"),
        "Job" => include_str!("../snippets/Job.yaml"),
        "CronJob" => include_str!("../snippets/CronJob.yaml"),
        "Service" => include_str!("../snippets/Service.yaml"),
        "ConfigMap" => include_str!("../snippets/ConfigMap.yaml"),
        "Secret" => include_str!("../snippets/Secret.yaml"),
        "PersistentVolumeClaim" => include_str!("../snippets/PersistentVolumeClaim.yaml"),
        "StorageClass" => include_str!("../snippets/StorageClass.yaml"),
        "Namespace" => include_str!("../snippets/Namespace.yaml"),
        "PodDisruptionBudget" => include_str!("../snippets/PodDisruptionBudget.yaml"),
        "PriorityClass" => include_str!("../snippets/PriorityClass.yaml"),
        "HorizontalPodAutoscaler" => include_str!("../snippets/HorizontalPodAutoscaler.yaml"),
        "ResourceQuota" => include_str!("../snippets/ResourceQuota.yaml"),
        "LimitRange" => include_str!("../snippets/LimitRange.yaml"),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, of};

    #[test]
    fn every_snippet_can_be_applied_as_it_is() {
        for kind in KINDS {
            let found = crate::session::Session::check(0, kind, of(kind));
            assert!(found.is_empty() && !of(kind).is_empty(), "{kind}: {found:?}");
        }
    }
}
