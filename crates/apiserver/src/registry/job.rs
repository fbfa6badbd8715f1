//! Jobs: defaults, the generated selector, what may change. The checks of a spec are in `job_spec.rs`.
//! Models: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/job/strategy.go.

use super::check::{Causes, Path};
use super::workload::{self, SPEC};
use super::{Part, internal, job_spec, meta, names, pod};
use api::{Affinity, Container, Job, JobSpec, JobStatus, LabelSelector, List, PodTemplateSpec, Str, Wire};
use std::rc::Rc;

const JOB_NAME: &str = "batch.kubernetes.io/job-name";
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";
const OLD_JOB_NAME: &str = "job-name";
const OLD_CONTROLLER_UID: &str = "controller-uid";

pub(super) fn default(job: &mut Job) {
    let spec = &mut job.spec;
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    // With a limit for each index, that of the whole Job is none unless the author sets one.
    spec.backoff_limit.get_or_insert(if spec.backoff_limit_per_index.is_some() { i32::MAX } else { 6 });
    set(&mut spec.completion_mode, "NonIndexed");
    spec.suspend.get_or_insert(false);
    set(
        &mut spec.pod_replacement_policy,
        if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" },
    );
    spec.manual_selector.get_or_insert(false);
    default_spec(spec);
}

/// The defaults that also the template of a CronJob gets.
pub(super) fn default_spec(spec: &mut JobSpec) {
    pod::default_template(&mut spec.template);
    let Some(policy) = &mut spec.pod_failure_policy else { return };
    let lacks_status = |rule: &api::PodFailurePolicyRule| rule.on_pod_conditions.iter().any(|c| c.status.is_empty());
    if policy.rules.iter().any(lacks_status) {
        let policy = Rc::make_mut(policy);
        let mut rules = policy.rules.to_vec();
        for rule in &mut rules {
            let mut patterns = rule.on_pod_conditions.to_vec();
            patterns.iter_mut().for_each(|pattern| set(&mut pattern.status, "True"));
            rule.on_pod_conditions = patterns.into();
        }
        policy.rules = rules.into();
    }
}

fn set(field: &mut Str, value: &str) {
    if field.is_empty() {
        *field = value.into();
    }
}

/// Needs the UID, which goes into the labels.
pub(super) fn prepare_for_create(job: &mut Job) {
    job.metadata.generation = 1;
    job.status = JobStatus::default();
    if job.spec.manual_selector != Some(true) {
        generate_selector(job);
    }
    inherit_labels(job);
}

/// Labels the pods with the Job's name and UID, and selects by the UID. Models: generateSelector.
fn generate_selector(job: &mut Job) {
    let (name, uid) = (job.metadata.name.clone(), job.metadata.uid.clone());
    let template = Rc::make_mut(&mut job.spec.template);
    let labels = [(OLD_JOB_NAME, &name), (JOB_NAME, &name), (OLD_CONTROLLER_UID, &uid), (CONTROLLER_UID, &uid)];
    for (label, value) in labels {
        // What the author has set wrongly is refused, not repaired.
        if !template.metadata.labels.has(label) {
            template.metadata.labels = template.metadata.labels.with(label, value.clone());
        }
    }
    let selector = job.spec.selector.get_or_insert_with(LabelSelector::default);
    if !selector.match_labels.has(CONTROLLER_UID) {
        selector.match_labels = selector.match_labels.with(CONTROLLER_UID, uid);
    }
}

/// A Job without labels gets those of its pods.
fn inherit_labels(job: &mut Job) {
    if job.metadata.labels.is_empty() {
        job.metadata.labels = job.spec.template.metadata.labels.clone();
    }
}

pub(super) fn prepare_for_update(new: &mut Job, old: &Job, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
            inherit_labels(new);
            if new.spec != old.spec {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(job: &Job, causes: &mut Causes) {
    let spec = &job.spec;
    generated_labels(job, causes);
    job_spec::validate(spec, &SPEC, causes);
    match &spec.selector {
        None => causes.required(&SPEC.field("selector"), ""),
        Some(selector) => {
            meta::selector(selector, &SPEC.field("selector"), causes);
            if !selector.matches(&spec.template.metadata.labels) {
                workload::labels_do_not_match(&spec.template, &SPEC.field("template"), causes);
            }
        }
    }
    if let Some(completions) = spec.completions.filter(|n| job.is_indexed() && *n > 0) {
        // The host name of the last pod.
        let longest = format!("{}-{}", job.metadata.name, completions - 1);
        if !names::dns_label(&longest).is_empty() {
            let detail = format!("will not able to create pod with invalid DNS label: {longest}");
            causes.invalid(&meta::META.field("name"), job.metadata.name.as_str(), detail);
        }
    }
}

/// Models: validateGeneratedSelector.
fn generated_labels(job: &Job, causes: &mut Causes) {
    let Some(selector) = job.spec.selector.as_ref().filter(|_| job.spec.manual_selector != Some(true)) else {
        return;
    };
    let (name, uid) = (&job.metadata.name, &job.metadata.uid);
    let expected = [(OLD_CONTROLLER_UID, uid), (OLD_JOB_NAME, name), (CONTROLLER_UID, uid), (JOB_NAME, name)];
    let template = SPEC.field("template");
    let metadata = template.field("metadata");
    let at = metadata.field("labels");
    let labels = &job.spec.template.metadata.labels;
    for (label, value) in expected {
        match labels.get(label) {
            None => causes.required(&at.key(label), &format!("must be '{value}'")),
            Some(given) if given != value => {
                causes.invalid(&at.key(label), labels.write(), format!("must be '{value}'"));
            }
            Some(_) => {}
        }
    }
    let labels = expected.iter().map(|(label, value)| (Str::from(*label), (*value).clone())).collect();
    if !selector.matches(&labels) {
        let shown = meta::selector_text(selector);
        causes.told(&SPEC.field("selector"), "Invalid value", &shown, "`selector` not auto-generated");
    }
}

pub(super) fn validate_update(new: &Job, old: &Job, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    validate(new, causes);
    let (spec, before) = (&new.spec, &old.spec);
    let completions = SPEC.field("completions");
    match spec.completions {
        _ if !new.is_indexed() => causes.immutable(&completions, &spec.completions, &before.completions),
        Some(count) if spec.completions != before.completions && spec.completions != spec.parallelism => {
            causes.invalid(&completions, count, "can only be modified in tandem with spec.parallelism");
        }
        _ => {}
    }
    if let (Some(new), true) = (&spec.selector, spec.selector != before.selector) {
        let shown = meta::selector_text(new);
        causes.told(&SPEC.field("selector"), "Invalid value", &shown, "field is immutable");
    }
    template_update(spec, old, causes);
    causes.immutable(&SPEC.field("completionMode"), &spec.completion_mode, &before.completion_mode);
    causes.immutable(&SPEC.field("podFailurePolicy"), &spec.pod_failure_policy, &before.pod_failure_policy);
    let limit = SPEC.field("backoffLimitPerIndex");
    causes.immutable(&limit, &spec.backoff_limit_per_index, &before.backoff_limit_per_index);
    causes.immutable(&SPEC.field("managedBy"), &spec.managed_by, &before.managed_by);
    causes.immutable(&SPEC.field("successPolicy"), &spec.success_policy, &before.success_policy);
}

/// The template stays as it is; while a Job is suspended and has no pods, its pods may be sent elsewhere and may ask
/// for more or less. Models: validatePodTemplateUpdate, with the gates of v1.36.
fn template_update(spec: &JobSpec, old: &Job, causes: &mut Causes) {
    let (new, before) = (&spec.template, &old.spec.template);
    if new == before {
        return;
    }
    let at = SPEC.field("template");
    let rests = old.is_suspended()
        && (old.status.start_time.is_none() || old.status.holds("Suspended").is_some())
        && old.status.active == 0;
    if !rests {
        return causes.told(&at, "Invalid value", &internal::pod_template(new), "field is immutable");
    }
    let mut allowed = PodTemplateSpec::clone(before);
    allowed.spec.node_selector = new.spec.node_selector.clone();
    allowed.spec.tolerations = new.spec.tolerations.clone();
    allowed.spec.scheduling_gates = new.spec.scheduling_gates.clone();
    allowed.spec.affinity = with_node_affinity_of(allowed.spec.affinity.as_deref(), new.spec.affinity.as_deref());
    allowed.spec.containers = with_resources_of(&allowed.spec.containers, &new.spec.containers);
    allowed.spec.init_containers = with_resources_of(&allowed.spec.init_containers, &new.spec.init_containers);
    if allowed.spec != new.spec {
        let shown = internal::pod_spec_text(&new.spec);
        causes.told(&Path::root("spec.template.spec"), "Invalid value", &shown, "field is immutable");
    }
}

/// The node affinity may change, the rest of the affinity not.
fn with_node_affinity_of(old: Option<&Affinity>, new: Option<&Affinity>) -> Option<Rc<Affinity>> {
    let node_affinity = new.and_then(|affinity| affinity.node_affinity.clone());
    let affinity = Affinity { node_affinity, ..old.cloned().unwrap_or_default() };
    (affinity != Affinity::default() || new.is_some()).then(|| Rc::new(affinity))
}

fn with_resources_of(old: &List<Container>, new: &List<Container>) -> List<Container> {
    if old.len() != new.len() {
        return old.clone();
    }
    let changed = |(old, new): (&Container, &Container)| {
        let resources = if old.name == new.name { &new.resources } else { &old.resources };
        Container { resources: resources.clone(), ..old.clone() }
    };
    old.iter().zip(new).map(changed).collect()
}

#[cfg(test)]
mod tests {
    use crate::PatchType;
    use crate::registry::tests::{merged, refused, refused_update, server};
    use expect_test::expect;
    use serde_json::{Value, json};

    /// A sound Job, with this merged into its spec.
    fn job(spec: Value) -> Value {
        let sound = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "pi"}, "spec": {
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}});
        merged(sound, json!({ "spec": spec }))
    }

    #[test]
    fn selectors_and_labels() {
        refused(job(json!({})), expect!["accepted"]);
        refused(
            job(json!({"template": {"metadata": {"labels": {"job-name": "other"}}}})),
            expect![[
                r#"Job.batch "pi" is invalid: spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"71bb54d8-d101-45b9-834d-0bff90150280","batch.kubernetes.io/job-name":"pi","controller-uid":"71bb54d8-d101-45b9-834d-0bff90150280","job-name":"other"}: must be 'pi'"#
            ]],
        );
        refused(
            job(json!({"selector": {"matchLabels": {"app": "pi"}}})),
            expect![[r#"
            spec.selector: Invalid value: {"matchLabels":{"app":"pi","batch.kubernetes.io/controller-uid":"71bb54d8-d101-45b9-834d-0bff90150280"}}: `selector` not auto-generated
            spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"71bb54d8-d101-45b9-834d-0bff90150280","batch.kubernetes.io/job-name":"pi","controller-uid":"71bb54d8-d101-45b9-834d-0bff90150280","job-name":"pi"}: `selector` does not match template `labels`"#]],
        );
        refused(
            job(json!({"manualSelector": true, "selector": {"matchLabels": {"app": "pi"}},
                "template": {"metadata": {"labels": {"app": "pi"}}}})),
            expect!["accepted"],
        );
        refused(
            job(json!({"manualSelector": true})),
            expect![[r#"Job.batch "pi" is invalid: spec.selector: Required value"#]],
        );
    }

    #[test]
    fn what_may_change() {
        refused_update(job(json!({})), json!({"spec": {"parallelism": 3, "suspend": true}}), expect!["accepted"]);
        refused_update(
            job(json!({})),
            json!({"spec": {"completions": 3, "completionMode": "Indexed", "backoffLimitPerIndex": 1}}),
            expect![[r#"
                spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism
                spec.completionMode: Invalid value: "Indexed": field is immutable
                spec.backoffLimitPerIndex: Invalid value: 1: field is immutable"#]],
        );
        let indexed = || job(json!({"completions": 3, "parallelism": 3, "completionMode": "Indexed"}));
        refused_update(
            indexed(),
            json!({"spec": {"completions": 4}}),
            expect![[
                r#"Job.batch "pi" is invalid: spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism"#
            ]],
        );
        refused_update(indexed(), json!({"spec": {"completions": 4, "parallelism": 4}}), expect!["accepted"]);
    }

    /// What a change of the template comes to, in short.
    fn change(spec: Value, active: i32, template: Value) -> String {
        let mut server = server();
        let key = server.create_from(job(spec)).expect("sound").key();
        let status = json!({"status": {"active": active}});
        server.patch(&key, PatchType::Merge, &status, true).expect("patched");
        let body = json!({"spec": {"template": {"spec": template}}});
        let refusal = server.patch(&key, PatchType::Strategic, &body, false).map_err(|status| status.causes);
        refusal
            .map_or_else(|causes| causes.iter().map(|cause| cause.field.clone()).collect(), |_| "accepted".to_owned())
    }

    #[test]
    fn the_template_may_change_a_little_while_the_job_is_suspended() {
        let elsewhere = json!({"nodeSelector": {"disk": "ssd"},
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "2"}}}]});
        let image = json!({"containers": [{"name": "c", "image": "busybox:2"}]});
        let suspended = json!({"suspend": true});
        assert_eq!(change(suspended.clone(), 0, elsewhere.clone()), "accepted");
        assert_eq!(change(suspended.clone(), 0, image.clone()), "spec.template.spec");
        assert_eq!(change(suspended, 1, elsewhere.clone()), "spec.template");
        assert_eq!(change(json!({}), 0, elsewhere), "spec.template");
        assert_eq!(change(json!({}), 0, image), "spec.template");
    }
}
