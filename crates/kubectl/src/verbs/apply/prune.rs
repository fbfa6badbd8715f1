//! `kubectl apply --prune`: what was applied once and is no longer among the files goes.
//! Models: kubectl/pkg/cmd/apply/prune.go and kubectl/pkg/util/prune.

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::output::Format;
use crate::targets::Item;
use crate::verbs::options::{DryRun, LAST_APPLIED, tell};
use api::{Kind, Object, ObjectKey, Selector, Str};
use apiserver::{DeleteOptions, Propagation, ResourceInfo};
use std::collections::BTreeSet;

/// What is pruned unless an allowlist says otherwise.
const DEFAULT: [&str; 16] = [
    "core/v1/ConfigMap",
    "core/v1/Endpoints",
    "core/v1/PersistentVolumeClaim",
    "core/v1/Pod",
    "core/v1/ReplicationController",
    "core/v1/Secret",
    "core/v1/Service",
    "batch/v1/Job",
    "batch/v1/CronJob",
    "networking.k8s.io/v1/Ingress",
    "apps/v1/DaemonSet",
    "apps/v1/Deployment",
    "apps/v1/ReplicaSet",
    "apps/v1/StatefulSet",
    "core/v1/Namespace",
    "core/v1/PersistentVolume",
];

/// What is to be pruned.
pub(super) struct Pruning {
    resources: Vec<(&'static ResourceInfo, Kind)>,
    labels: Selector,
    propagation: Propagation,
    /// The namespaces of what was applied, and the UIDs of it.
    namespaces: BTreeSet<Str>,
    applied: BTreeSet<Str>,
}

impl Pruning {
    /// Reads the flags; `None` if nothing is to be pruned.
    pub(super) fn of(call: &mut Call<'_>, args: &Args) -> Result<Option<Pruning>, CmdError> {
        if !args.is("prune") {
            return Ok(None);
        }
        if args.is("force") {
            return Err(CmdError::new("--force cannot be used with --prune"));
        }
        if args.given("applyset") {
            return Err(CmdError::Refused(
                "podground: kubectl apply --applyset is not available here: use --prune with -l or --all".into(),
            ));
        }
        if !args.is("all") && !args.given("selector") {
            return Err(CmdError::new(
                "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
            ));
        }
        if args.is("server-side") {
            return Err(CmdError::new(
                "--prune is in alpha and doesn't currently work on objects created by server-side apply",
            ));
        }
        let asked = args.texts("prune-allowlist");
        let words: Vec<&str> =
            if asked.is_empty() { DEFAULT.to_vec() } else { asked.iter().map(String::as_str).collect() };
        let resources = words.into_iter().map(|word| resource(call, word)).collect::<Result<_, _>>()?;
        let labels = Selector::parse(args.text("selector").trim()).map_err(CmdError::new)?;
        let propagation = match args.maybe("cascade") {
            Some("orphan") => Propagation::Orphan,
            Some("foreground") => Propagation::Foreground,
            _ => Propagation::Background,
        };
        let (namespaces, applied) = (BTreeSet::new(), BTreeSet::new());
        Ok(Some(Pruning { resources, labels, propagation, namespaces, applied }))
    }

    /// Notes what was applied.
    pub(super) fn visit(&mut self, call: &Call<'_>, item: &Item) {
        if item.info.namespaced {
            self.namespaces.insert(item.key.namespace.clone());
        }
        self.applied.extend(call.lister().object(&item.key).map(|object| object.meta().uid.clone()));
    }

    /// Deletes what was applied once and was not now.
    pub(super) fn prune(&self, call: &mut Call<'_>, format: &Format, dry: DryRun) -> Result<(), CmdError> {
        let namespaced = self.resources.iter().filter(|(info, _)| info.namespaced);
        let mut scopes: Vec<(Option<&Str>, &'static ResourceInfo, Kind)> = Vec::new();
        for namespace in &self.namespaces {
            scopes.extend(namespaced.clone().map(|(info, kind)| (Some(namespace), *info, *kind)));
        }
        let cluster_wide = self.resources.iter().filter(|(info, _)| !info.namespaced);
        scopes.extend(cluster_wide.map(|(info, kind)| (None, *info, *kind)));
        for (namespace, info, kind) in scopes {
            let objects: Vec<Object> = call
                .lister()
                .objects(kind, namespace.map(Str::as_str))
                .filter(|object| self.labels.matches(&object.meta().labels))
                .filter(|object| object.meta().annotations.has(LAST_APPLIED))
                .filter(|object| !self.applied.contains(&object.meta().uid))
                .cloned()
                .collect();
            for object in objects {
                let key: ObjectKey = object.key();
                if dry != DryRun::Client {
                    let options = DeleteOptions { propagation: self.propagation, ..Default::default() };
                    dry.ask(call, |server| server.delete(&key, &options))?;
                }
                tell(call, format, &Item::stored(info, object), "pruned", dry);
            }
        }
        Ok(())
    }
}

/// The kind that `group/version/Kind` names.
fn resource(call: &Call<'_>, word: &str) -> Result<(&'static ResourceInfo, Kind), CmdError> {
    let parts: Vec<&str> = word.split('/').collect();
    let [group, version, kind] = parts.as_slice() else {
        let message = format!("invalid GroupVersionKind format: {word}, please follow <group/version/kind>");
        return Err(CmdError::new(message));
    };
    let api_version = if *group == "core" { (*version).to_owned() } else { format!("{group}/{version}") };
    let found = call.lister().served(&api_version, kind).map(|(kind, info)| (info, kind));
    found.ok_or_else(|| CmdError::new(format!("no matches for kind \"{kind}\" in version \"{api_version}\"")))
}
