//! LimitRanger: gives containers the requests and limits of their namespace, and refuses what is out of bounds.
//! Models: plugin/pkg/admission/limitranger/admission.go.

use crate::store::Store;
use api::{
    Container, Kind, LimitRange, List, Object, PersistentVolumeClaim, Pod, Quantity, Resource, ResourceList, Str,
};
use std::rc::Rc;

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

fn ranges<'a>(store: &'a Store, namespace: &str) -> impl Iterator<Item = &'a Rc<LimitRange>> {
    store.list(Kind::LimitRange, Some(namespace)).filter_map(LimitRange::from_object)
}

/// Fills in what the containers of a pod leave open.
pub(super) fn mutate(pod: &mut Pod, store: &Store) {
    for range in ranges(store, &pod.metadata.namespace.clone()) {
        let (mut requests, mut limits) = (ResourceList::default(), ResourceList::default());
        for limit in range.spec.limits.iter().filter(|limit| limit.r#type == "Container") {
            requests =
                limit.default_request.iter().fold(requests, |all, (name, amount)| all.with(name, amount.clone()));
            limits = limit.default.iter().fold(limits, |all, (name, amount)| all.with(name, amount.clone()));
        }
        let mut notes = Vec::new();
        pod.spec.containers = filled(&pod.spec.containers, &requests, &limits, "container", &mut notes);
        pod.spec.init_containers = filled(&pod.spec.init_containers, &requests, &limits, "init container", &mut notes);
        if !notes.is_empty() {
            let note = format!("LimitRanger plugin set: {}", notes.join("; "));
            pod.metadata.annotations = pod.metadata.annotations.with(ANNOTATION, Str::from(note));
        }
    }
}

fn filled(
    containers: &List<Container>,
    requests: &ResourceList,
    limits: &ResourceList,
    what: &str,
    notes: &mut Vec<String>,
) -> List<Container> {
    let mut fill = |container: &Container| {
        let mut container = container.clone();
        let parts = [
            ("request", requests, &mut container.resources.requests),
            ("limit", limits, &mut container.resources.limits),
        ];
        for (part, defaults, have) in parts {
            let missing: Vec<(&Str, &Quantity)> = defaults.iter().filter(|(name, _)| !have.has(name)).collect();
            if missing.is_empty() {
                continue;
            }
            let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
            notes.push(format!("{} {part} for {what} {}", names.join(", "), container.name));
            *have = missing.into_iter().fold(have.clone(), |all, (name, amount)| all.with(name, amount.clone()));
        }
        container
    };
    containers.iter().map(&mut fill).collect()
}

/// Everything in which a new pod, or a claim, is out of bounds; the first range that is broken speaks.
pub(super) fn complaint(object: &Object, store: &Store) -> Option<String> {
    let find = |errors: &dyn Fn(&LimitRange) -> Vec<String>| {
        let broken =
            ranges(store, &object.meta().namespace).map(|range| errors(range)).find(|errors| !errors.is_empty())?;
        Some(aggregate(broken))
    };
    match object {
        Object::Pod(pod) => find(&|range| pod_errors(range, pod)),
        Object::PersistentVolumeClaim(claim) => find(&|range| claim_errors(range, claim)),
        _ => None,
    }
}

/// Several errors as one. Models: utilerrors.NewAggregate.
fn aggregate(mut errors: Vec<String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    errors.retain(|error| {
        !seen.contains(error) && {
            seen.push(error.clone());
            true
        }
    });
    if errors.len() == 1 { errors.remove(0) } else { format!("[{}]", errors.join(", ")) }
}

fn pod_errors(range: &LimitRange, pod: &Pod) -> Vec<String> {
    let mut errors = Vec::new();
    for limit in &range.spec.limits {
        let mut check = |requests: &ResourceList, limits: &ResourceList| {
            let kind = limit.r#type.as_str();
            let each = |bounds: &ResourceList, rule: Rule| -> Vec<String> {
                bounds.iter().filter_map(|(name, bound)| rule(kind, name, bound, requests, limits)).collect()
            };
            errors.extend(each(&limit.min, least));
            errors.extend(each(&limit.max, most));
            errors.extend(each(&limit.max_limit_request_ratio, ratio));
        };
        match limit.r#type.as_str() {
            "Container" => pod
                .spec
                .containers
                .iter()
                .chain(&pod.spec.init_containers)
                .for_each(|container| check(&container.resources.requests, &container.resources.limits)),
            // The sum that a quota would count: without overhead.
            "Pod" => {
                let mut bare = pod.clone();
                bare.spec.overhead = ResourceList::default();
                check(&bare.requests(), &bare.limits());
            }
            _ => {}
        }
    }
    errors
}

fn claim_errors(range: &LimitRange, claim: &PersistentVolumeClaim) -> Vec<String> {
    let (requests, none) = (&claim.spec.resources.requests, ResourceList::default());
    let mut errors = Vec::new();
    for limit in range.spec.limits.iter().filter(|limit| limit.r#type == "PersistentVolumeClaim") {
        let kind = limit.r#type.as_str();
        errors.extend(limit.min.iter().filter_map(|(name, bound)| least(kind, name, bound, requests, &none)));
        errors.extend(limit.max.iter().filter_map(|(name, bound)| {
            match requests.get(name) {
                None => Some(format!("maximum {name} usage per {kind} is {bound}.  No request is specified")),
                Some(request) => (request.milli() > bound.milli())
                    .then(|| format!("maximum {name} usage per {kind} is {bound}, but request is {request}")),
            }
        }));
    }
    errors
}

/// A rule over one resource: the type that is bound, the resource, the bound, requests and limits.
type Rule = fn(&str, &str, &Quantity, &ResourceList, &ResourceList) -> Option<String>;

fn least(kind: &str, name: &str, bound: &Quantity, requests: &ResourceList, limits: &ResourceList) -> Option<String> {
    let rule = format!("minimum {name} usage per {kind} is {bound}");
    let Some(request) = requests.get(name) else { return Some(format!("{rule}.  No request is specified")) };
    if request.milli() < bound.milli() {
        return Some(format!("{rule}, but request is {request}"));
    }
    let limit = limits.get(name).filter(|limit| limit.milli() < bound.milli())?;
    Some(format!("{rule}, but limit is {limit}"))
}

fn most(kind: &str, name: &str, bound: &Quantity, requests: &ResourceList, limits: &ResourceList) -> Option<String> {
    let rule = format!("maximum {name} usage per {kind} is {bound}");
    let Some(limit) = limits.get(name) else { return Some(format!("{rule}.  No limit is specified")) };
    if limit.milli() > bound.milli() {
        return Some(format!("{rule}, but limit is {limit}"));
    }
    let request = requests.get(name).filter(|request| request.milli() > bound.milli())?;
    Some(format!("{rule}, but request is {request}"))
}

fn ratio(kind: &str, name: &str, bound: &Quantity, requests: &ResourceList, limits: &ResourceList) -> Option<String> {
    let rule = format!("{name} max limit to request ratio per {kind} is {bound}");
    let amount = |list: &ResourceList| list.get(name).map_or(0, Quantity::milli);
    let (request, limit) = (amount(requests), amount(limits));
    if request == 0 {
        return Some(format!("{rule}, but no request is specified or request is 0"));
    }
    if limit == 0 {
        return Some(format!("{rule}, but no limit is specified or limit is 0"));
    }
    let exceeds = i128::from(limit) * 1000 > i128::from(bound.milli()) * i128::from(request);
    exceeds.then(|| format!("{rule}, but provided ratio is {}", quotient(limit, request)))
}

/// A quotient with six decimals, as Go's `%f` prints it.
pub(crate) fn quotient(a: i64, b: i64) -> String {
    let (a, b) = (i128::from(a), i128::from(b).max(1));
    let millionths = (a * 1_000_000 + b / 2) / b;
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::server;
    use expect_test::expect;
    use serde_json::{Value, json};

    /// What becomes of a pod with these resources under these limits.
    fn admitted(limits: Value, resources: Value) -> String {
        let mut server = server();
        let range =
            json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": limits}});
        server.create_from(range).expect("sound limits");
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
            "containers": [{"name": "c", "image": "i", "resources": resources}]}});
        match server.create_from(pod) {
            Ok(pod) => {
                let body = pod.write_body();
                format!(
                    "{} {} {}",
                    body["spec"]["containers"][0]["resources"],
                    body["metadata"]["annotations"],
                    body["status"]["qosClass"]
                )
            }
            Err(status) => status.message,
        }
    }

    #[test]
    fn containers_get_what_they_leave_open() {
        let limits =
            json!([{"type": "Container", "default": {"cpu": "1", "memory": "1Gi"}, "defaultRequest": {"cpu": "500m"}}]);
        expect![[r#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m","memory":"1Gi"}} {"kubernetes.io/limit-ranger":"LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c"} "Burstable""#]].assert_eq(&admitted(limits.clone(), json!({})));
        expect![[r#"{"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"2","memory":"1Gi"}} {"kubernetes.io/limit-ranger":"LimitRanger plugin set: memory request for container c; memory limit for container c"} "Guaranteed""#]].assert_eq(&admitted(limits, json!({"limits": {"cpu": "2"}})));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let limits = json!([
            {"type": "Container", "min": {"cpu": "200m"}, "max": {"cpu": "800m"}, "default": {"cpu": "800m"}, "defaultRequest": {"cpu": "800m"}},
            {"type": "Pod", "max": {"memory": "1Gi"}},
        ]);
        let ask = |resources: Value| admitted(limits.clone(), resources);
        expect![[r#"pods "p" is forbidden: [minimum cpu usage per Container is 200m, but request is 100m, maximum cpu usage per Container is 800m, but limit is 1500m]"#]].assert_eq(&ask(json!({"limits": {"cpu": "1500m", "memory": "1Gi"}, "requests": {"cpu": "100m"}})));
        expect![[r#"pods "p" is forbidden: maximum memory usage per Pod is 1Gi.  No limit is specified"#]]
            .assert_eq(&ask(json!({"requests": {"memory": "2Gi"}})));
        let ratio = json!([{"type": "Container", "maxLimitRequestRatio": {"memory": "2"}}]);
        expect![[r#"pods "p" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 3.000000"#]]
            .assert_eq(&admitted(ratio, json!({"limits": {"memory": "300Mi"}, "requests": {"memory": "100Mi"}})));
    }

    #[test]
    fn claims_have_bounds_too() {
        let mut server = server();
        let range = json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": [
            {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}, "max": {"storage": "2Gi"}}]}});
        server.create_from(range).expect("sound limits");
        let mut claim = |size: &str| {
            let body = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}});
            server.create_from(body).map_or_else(|status| status.message, |_| "accepted".to_owned())
        };
        expect![[r#"persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi"#]].assert_eq(&claim("500Mi"));
        expect![[r#"persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi"#]].assert_eq(&claim("5Gi"));
        expect!["accepted"].assert_eq(&claim("2Gi"));
    }
}
