//! StatefulSets: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/statefulset/strategy.go.

use super::check::{Causes, Path};
use super::workload::{self, SPEC};
use super::{Part, meta, names, persistentvolumeclaim, pod};
use api::{
    ClaimRetentionPolicy, PersistentVolumeClaim, RollingUpdateStatefulSet, StatefulSet, StatefulSetUpdateStrategy,
};

const MUTABLE: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

pub(super) fn default(set: &mut StatefulSet) {
    let spec = &mut set.spec;
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    if spec.pod_management_policy.is_empty() {
        spec.pod_management_policy = "OrderedReady".into();
    }
    let strategy = &mut spec.update_strategy;
    if strategy.r#type.is_empty() {
        strategy.r#type = "RollingUpdate".into();
        // Only an author who names no type gets the block.
        strategy.rolling_update.get_or_insert_with(RollingUpdateStatefulSet::default);
    }
    if let Some(rolling) = strategy.rolling_update.as_mut().filter(|_| strategy.r#type == "RollingUpdate") {
        rolling.partition.get_or_insert(0);
        // Gate MaxUnavailableStatefulSet is off in v1.36: the field is dropped on write.
        rolling.rest = Default::default();
    }
    let policy = spec.persistent_volume_claim_retention_policy.get_or_insert_with(ClaimRetentionPolicy::default);
    for field in [&mut policy.when_deleted, &mut policy.when_scaled] {
        if field.is_empty() {
            *field = "Retain".into();
        }
    }
    pod::default_template(&mut spec.template);
    let claims: Vec<PersistentVolumeClaim> = spec.volume_claim_templates.iter().map(default_claim).collect();
    if claims[..] != spec.volume_claim_templates[..] {
        spec.volume_claim_templates = claims.into();
    }
}

/// A claim template carries its type and a pending status, as the real server prints it.
fn default_claim(template: &PersistentVolumeClaim) -> PersistentVolumeClaim {
    let mut claim = template.clone();
    claim.rest = claim.rest.with("apiVersion", "v1".into()).with("kind", "PersistentVolumeClaim".into());
    persistentvolumeclaim::default(&mut claim);
    claim.status.phase = "Pending".into();
    claim
}

pub(super) fn prepare_for_create(set: &mut StatefulSet) {
    set.metadata.generation = 1;
    set.status = Default::default();
}

pub(super) fn prepare_for_update(new: &mut StatefulSet, old: &StatefulSet, part: Part) {
    keep_other_part!(new, old, part);
}

pub(super) fn validate(set: &StatefulSet, causes: &mut Causes) {
    validate_spec(set, true, causes);
}

/// Claims and the Service's name cannot change, so they are checked on creation only.
fn validate_spec(set: &StatefulSet, is_new: bool, causes: &mut Causes) {
    let spec = &set.spec;
    let policy = spec.pod_management_policy.as_str();
    if !["OrderedReady", "Parallel"].contains(&policy) {
        causes.invalid(&SPEC.field("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'");
    }
    update_strategy(&spec.update_strategy, &SPEC.field("updateStrategy"), causes);
    if let Some(policy) = &spec.persistent_volume_claim_retention_policy {
        let at = SPEC.field("persistentVolumeClaimRetentionPolicy");
        causes.one_of(&at.field("whenDeleted"), &policy.when_deleted, &["Retain", "Delete"]);
        causes.one_of(&at.field("whenScaled"), &policy.when_scaled, &["Retain", "Delete"]);
    }
    if is_new {
        let claims = SPEC.field("volumeClaimTemplates");
        for (i, claim) in spec.volume_claim_templates.iter().enumerate() {
            persistentvolumeclaim::validate_spec(&claim.spec, &claims.index(i).field("spec"), causes);
        }
    }
    causes.non_negative(&SPEC.field("replicas"), spec.replicas.unwrap_or(0));
    causes.non_negative(&SPEC.field("minReadySeconds"), spec.min_ready_seconds);
    causes.non_negative(&SPEC.field("ordinals.start"), spec.start_ordinal());
    if is_new && !spec.service_name.is_empty() {
        meta::name(&spec.service_name, &SPEC.field("serviceName"), names::dns_label, causes);
    }
    workload::required_selector(&spec.selector, "statefulset", causes);
    let template = SPEC.field("template");
    workload::template_matches(&spec.selector, &spec.template, &template, causes);
    let extra = pod::Extra { claims: &spec.volume_claim_templates, names_hosts: true };
    pod::validate_template(&spec.template, extra, &template, causes);
    workload::restarts_always(&spec.template, "StatefulSet", &template, causes);
}

fn update_strategy(strategy: &StatefulSetUpdateStrategy, at: &Path<'_>, causes: &mut Causes) {
    let shown = |rolling: &RollingUpdateStatefulSet| {
        format!("{{\"Partition\":{},\"MaxUnavailable\":null}}", rolling.partition.unwrap_or(0))
    };
    let rolling_at = at.field("rollingUpdate");
    match (strategy.r#type.as_str(), &strategy.rolling_update) {
        ("OnDelete", Some(rolling)) => {
            let detail = "only allowed for updateStrategy 'RollingUpdate'";
            causes.told(&rolling_at, "Invalid value", &shown(rolling), detail);
        }
        ("RollingUpdate", Some(rolling)) => {
            causes.non_negative(&rolling_at.field("partition"), rolling.partition.unwrap_or(0));
        }
        ("OnDelete" | "RollingUpdate", None) => {}
        (kind, rolling) => {
            let rolling = rolling.as_ref().map_or_else(|| "null".to_owned(), shown);
            let value = format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", schema::go_quote(kind));
            causes.told(at, "Invalid value", &value, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}

pub(super) fn validate_update(new: &StatefulSet, old: &StatefulSet, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    validate_spec(new, false, causes);
    let mut comparable = new.spec.clone();
    comparable.replicas = old.spec.replicas;
    comparable.ordinals = old.spec.ordinals.clone();
    comparable.template = old.spec.template.clone();
    comparable.update_strategy = old.spec.update_strategy.clone();
    comparable.revision_history_limit = old.spec.revision_history_limit;
    comparable.persistent_volume_claim_retention_policy = old.spec.persistent_volume_claim_retention_policy.clone();
    comparable.min_ready_seconds = old.spec.min_ready_seconds;
    if comparable != old.spec {
        causes.forbidden(&SPEC, MUTABLE);
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    /// A sound set, with this merged into its spec.
    fn set(spec: Value) -> Value {
        let sound = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {
            "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "db:1"}]}},
        }});
        merged(sound, json!({ "spec": spec }))
    }

    #[test]
    fn sound_sets() {
        refused(set(json!({})), expect!["accepted"]);
        refused(
            set(json!({
                "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "1Gi"}}}}],
                "template": {"spec": {"containers": [{"name": "c", "image": "db:1", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}]}},
            })),
            expect!["accepted"],
        );
    }

    #[test]
    fn numbers_names_and_policies() {
        refused(
            set(json!({"replicas": -1, "minReadySeconds": -1, "ordinals": {"start": -2}})),
            expect![[r#"
            spec.replicas: Invalid value: -1: must be greater than or equal to 0
            spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0
            spec.ordinals.start: Invalid value: -2: must be greater than or equal to 0"#]],
        );
        refused(
            set(json!({"serviceName": "My_Db", "podManagementPolicy": "Serial"})),
            expect![[r#"
            spec.podManagementPolicy: Invalid value: "Serial": must be 'OrderedReady' or 'Parallel'
            spec.serviceName: Invalid value: "My_Db": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"#]],
        );
        refused(
            set(json!({"updateStrategy": {"type": "Recreate"}})),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'"#
            ]],
        );
        refused(
            set(json!({"updateStrategy": {"type": "OnDelete", "rollingUpdate": {"partition": 1}}})),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'"#
            ]],
        );
        refused(
            set(json!({"updateStrategy": {"rollingUpdate": {"partition": -1}}})),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"#
            ]],
        );
        refused(
            set(json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Keep"}})),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete""#
            ]],
        );
    }

    #[test]
    fn selector_and_template() {
        refused(
            set(json!({"selector": null})),
            expect![[r#"
            spec.selector: Required value
            spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`"#]],
        );
        refused(
            set(json!({"selector": {"matchLabels": null}})),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for statefulset"#
            ]],
        );
        refused(
            set(json!({"selector": {"matchLabels": {"app": "other"}}})),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`"#
            ]],
        );
        refused(
            set(json!({"template": {"spec": {"restartPolicy": "Never", "activeDeadlineSeconds": 5}}})),
            expect![[r#"
                spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"
                spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported"#]],
        );
        refused(
            set(
                json!({"template": {"spec": {"containers": [{"name": "c", "image": "a", "volumeMounts": [{"name": "x", "mountPath": "/d"}]}]}}}),
            ),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec.template.spec.containers[0].volumeMounts[0].name: Not found: "x""#
            ]],
        );
        refused(
            set(json!({"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]})),
            expect![[r#"
            spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required
            spec.volumeClaimTemplates[0].spec.resources[storage]: Required value"#]],
        );
    }

    #[test]
    fn most_fields_are_for_ever() {
        refused_update(
            set(json!({})),
            json!({"spec": {"serviceName": "other"}}),
            expect![[
                r#"StatefulSet.apps "db" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"#
            ]],
        );
        refused_update(set(json!({})), json!({"spec": {"replicas": 3, "minReadySeconds": 5}}), expect!["accepted"]);
    }
}
