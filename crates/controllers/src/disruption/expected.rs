//! How many pods a budget counts on: by number, or by the scale of the controllers that keep them.
//! Models: getExpectedPodCount, getExpectedScale and the finders of pkg/controller/disruption/disruption.go.

use api::{
    Deployment, IntOrString, Kind, OwnerReference, Pod, PodDisruptionBudget, ReplicaSet, ReplicationController,
    Resource, StatefulSet, Str,
};
use apiserver::{Lister, kind_of, resource};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a budget counts on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    /// How many pods there should be.
    pub(super) pods: i32,
    /// How many of them must be healthy.
    pub(super) healthy: i32,
    /// Whether some of them have no controller, though controllers are counted.
    pub(super) has_unmanaged: bool,
}

pub(super) fn count(lister: Lister<'_>, budget: &PodDisruptionBudget, pods: &[&Rc<Pod>]) -> Result<Expected, String> {
    let spec = &budget.spec;
    if let Some(most) = &spec.max_unavailable {
        let (pods, has_unmanaged) = scale(lister, pods)?;
        let healthy = (pods - portion(most, pods)?).max(0);
        return Ok(Expected { pods, healthy, has_unmanaged });
    }
    match &spec.min_available {
        Some(IntOrString::Int(healthy)) => {
            let pods = i32::try_from(pods.len()).unwrap_or(i32::MAX);
            Ok(Expected { pods, healthy: *healthy, has_unmanaged: false })
        }
        Some(percent) => {
            let (pods, has_unmanaged) = scale(lister, pods)?;
            Ok(Expected { pods, healthy: portion(percent, pods)?, has_unmanaged })
        }
        None => Ok(Expected::default()),
    }
}

fn portion(amount: &IntOrString, of: i32) -> Result<i32, String> {
    amount
        .scaled(of, true)
        .ok_or_else(|| "invalid value for IntOrString: invalid type: string is not a percentage".to_owned())
}

/// The sum of what the pods' controllers want, each counted once; and whether some pod has none.
fn scale(lister: Lister<'_>, pods: &[&Rc<Pod>]) -> Result<(i32, bool), String> {
    let (mut scales, mut found): (BTreeMap<Str, i32>, BTreeMap<Str, ()>) = Default::default();
    let mut has_unmanaged = false;
    for pod in pods {
        let Some(owner) = pod.metadata.controller() else {
            has_unmanaged = true;
            continue;
        };
        if found.insert(owner.uid.clone(), ()).is_some() {
            continue;
        }
        let (uid, replicas) = scale_of(lister, owner, &pod.metadata.namespace)?
            .ok_or_else(|| format!("found no controllers for pod \"{}\"", pod.metadata.name))?;
        scales.insert(uid, replicas);
    }
    Ok((scales.values().sum(), has_unmanaged))
}

/// The scale of a controller; for a ReplicaSet of a Deployment, the Deployment's.
fn scale_of(lister: Lister<'_>, owner: &OwnerReference, namespace: &str) -> Result<Option<(Str, i32)>, String> {
    let Some(kind) = kind_of(&owner.api_version, &owner.kind) else {
        return Err(format!("no matches for kind \"{}\" in version \"{}\"", owner.kind, owner.api_version));
    };
    let is_it = |uid: &Str| *uid == owner.uid;
    let found = |uid: &Str, replicas: Option<i32>| is_it(uid).then(|| (uid.clone(), replicas.unwrap_or(0)));
    let name = &owner.name;
    Ok(match kind {
        Kind::ReplicaSet => {
            lister.get::<ReplicaSet>(namespace, name).filter(|set| is_it(&set.metadata.uid)).map(|set| {
                deployment_of(lister, set).unwrap_or_else(|| (set.metadata.uid.clone(), set.spec.replicas.unwrap_or(0)))
            })
        }
        Kind::StatefulSet => {
            lister.get::<StatefulSet>(namespace, name).and_then(|set| found(&set.metadata.uid, set.spec.replicas))
        }
        Kind::Deployment => {
            lister.get::<Deployment>(namespace, name).and_then(|it| found(&it.metadata.uid, it.spec.replicas))
        }
        Kind::ReplicationController => lister
            .get::<ReplicationController>(namespace, name)
            .and_then(|it| found(&it.metadata.uid, it.spec.replicas)),
        _ => {
            let resource = resource(kind).map_or_else(String::new, |info| info.qualified_plural());
            return Err(format!("{resource} does not implement the scale subresource"));
        }
    })
}

/// The Deployment that a ReplicaSet belongs to. A set whose Deployment is gone counts as the scale of itself.
fn deployment_of(lister: Lister<'_>, set: &ReplicaSet) -> Option<(Str, i32)> {
    let owner = set.metadata.controller().filter(|owner| owner.kind == "Deployment")?;
    let deployment = lister.get::<Deployment>(&set.meta().namespace, &owner.name)?;
    (deployment.metadata.uid == owner.uid)
        .then(|| (deployment.metadata.uid.clone(), deployment.spec.replicas.unwrap_or(0)))
}

/// The selector as Go prints it.
pub(super) fn selector_text(budget: &PodDisruptionBudget) -> String {
    let Some(selector) = &budget.spec.selector else { return "nil".to_owned() };
    let labels: String = selector.match_labels.iter().map(|(key, value)| format!("{key}: {value},")).collect();
    let requirements: String = selector
        .match_expressions
        .iter()
        .map(|r| {
            let values: Vec<&str> = r.values.iter().map(Str::as_str).collect();
            format!("LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},", r.key, r.operator, values.join(" "))
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{requirements}}},}}"
    )
}
