//! A container as its processes see it: its name, its environment, its files; and what they write.
//! Models: pkg/kubelet/kubelet_pods.go (GeneratePodHostNameAndDomain, ensureHostsFile), pkg/kubelet/network/dns.

use crate::env::{self, Facts, Variables};
use crate::files::{self, Disk, Entry, Mount, Place};
use crate::kubelets::Kubelets;
use crate::machine::{Machine, Power};
use crate::worker::{ContainerRun, Life, Run, Worker};
use api::{CLUSTER_DNS, CLUSTER_DOMAIN, ConfigMap, Container, Kind, Object, Pod, Secret, Str, Time};
use apiserver::Lister;
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A running container as its processes see it.
#[derive(Clone, Debug)]
pub struct Inside {
    /// Its pod as the kubelet knows it.
    pub pod: Rc<Pod>,
    /// Its name.
    pub container: Str,
    /// The runtime's name of its present run.
    pub run_id: Str,
    /// Its process does what is typed at its terminal, and nothing else is known of it.
    pub is_driven: bool,
    /// Its image, with registry and tag.
    pub image: Str,
    /// What `hostname` prints.
    pub hostname: String,
    /// What `hostname -f` prints.
    pub full_hostname: String,
    /// Address of the pod.
    pub address: Str,
    /// Its environment, in order.
    pub environment: Variables,
    /// Where its processes start.
    pub folder: String,
    /// Every file and folder by its path.
    pub files: BTreeMap<String, Entry>,
    /// The file systems, the outermost first.
    pub mounts: Vec<MountPoint>,
}

/// A file system in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountPoint {
    /// Where it is mounted.
    pub path: String,
    /// What `df` calls it.
    pub device: String,
    /// Its size, if it has one of its own.
    pub bytes: Option<i64>,
    /// Whether writing is refused.
    pub read_only: bool,
}

/// What looking for a running container came to.
#[derive(Clone, Debug)]
pub enum Found {
    /// It runs.
    Running(Box<Inside>),
    /// The kubelet knows of no such running container.
    NotRunning,
    /// The control plane does not reach the kubelet at this address.
    Unreachable(Str),
}

/// Something written by a process: the path and what is there now; `None` if it was removed.
pub type Written = (String, Option<Entry>);

impl Kubelets {
    /// The container of this name in the pod with this UID on this machine.
    pub fn inside(&self, machine: &str, uid: &str, container: &str, lister: Lister<'_>, now: Time) -> Found {
        let Some(machine) = self.machines.get(machine) else { return Found::NotRunning };
        if machine.cut || machine.power == Power::Off {
            return Found::Unreachable(machine.address());
        }
        self.look_inside(uid, container, lister, now)
            .map_or(Found::NotRunning, |inside| Found::Running(Box::new(inside)))
    }

    /// The same whether or not the control plane reaches the machine.
    pub(crate) fn look_inside(&self, uid: &str, container: &str, lister: Lister<'_>, now: Time) -> Option<Inside> {
        let worker = self.workers.get(uid)?;
        let machine = self.machines.get(&worker.machine)?;
        let index = worker.index_of(container)?;
        let run = Rc::clone(worker.containers[index].run().filter(|run| run.is_alive(now))?);
        let view = View { kubelets: self, worker, machine, index, run: &run, lister, now };
        Some(view.inside())
    }

    /// The runtime's name of a container's present run.
    pub fn run_id(&self, uid: &str, container: &str, now: Time) -> Option<Str> {
        let worker = self.workers.get(uid)?;
        let run = worker.containers[worker.index_of(container)?].run()?;
        run.is_alive(now).then(|| run.id.clone())
    }

    /// Whether packets from one machine reach another. A machine that is cut off is cut off from the others, too.
    pub fn is_reachable(&self, machine: &str, from: &str) -> bool {
        let connected =
            |name: &str| self.machines.get(name).is_some_and(|machine| machine.power != Power::Off && !machine.cut);
        machine == from && self.machines.get(machine).is_some_and(|machine| machine.power != Power::Off)
            || connected(machine) && connected(from)
    }

    /// Keeps what was written in a container. What lies in a volume goes where the volume keeps its files.
    pub fn write_files(&mut self, uid: &str, container: &str, written: &[Written], lister: Lister<'_>, now: Time) {
        let Some(worker) = self.workers.get(uid).cloned() else { return };
        let Some(machine) = self.machines.get(&worker.machine).cloned() else { return };
        let Some(index) = worker.index_of(container) else { return };
        let Some(run) = worker.containers[index].run().cloned() else { return };
        let view = View { kubelets: self, worker: &worker, machine: &machine, index, run: &run, lister, now };
        let (mounts, mut root) = (view.mounts(), view.root());
        let mut root_changed = false;
        for (path, entry) in written {
            let path = files::normal(path);
            let mount =
                mounts.iter().rev().find_map(|mount| files::below(&path, &mount.path).map(|rest| (mount, rest)));
            match mount {
                Some((mount, rest)) => self.write_to(uid, mount, rest, entry.clone()),
                None => {
                    change(&mut root, &path, entry.clone());
                    root_changed = true;
                }
            }
        }
        if let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut).filter(|_| root_changed) {
            worker.containers[index].root = Some(Rc::new(root));
        }
    }

    fn write_to(&mut self, uid: &str, mount: &Mount, rest: &str, entry: Option<Entry>) {
        let path = files::join(&mount.sub_path, rest);
        match &mount.place {
            Place::Pod(name) => {
                if let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) {
                    change(Rc::make_mut(&mut worker.scratch).entry(name.clone()).or_default(), &path, entry);
                }
            }
            Place::Machine(folder) => {
                let machine = self.workers.get(uid).map(|worker| worker.machine.clone()).unwrap_or_default();
                if let Some(machine) = self.machines.get_mut(&machine).map(Rc::make_mut) {
                    change(&mut machine.disk, &files::join(folder, &path), entry);
                }
            }
            Place::Volume(key) => {
                let mut disk = self.volumes.get(key).cloned().unwrap_or_default();
                change(&mut disk, &path, entry);
                self.volumes.insert(key.clone(), disk);
            }
            Place::Objects(_) => {}
        }
    }

    /// A ConfigMap or Secret has changed or is gone: pods that show it as files go on with the old one for a while.
    pub(crate) fn keep_old_files(&mut self, old: &Object, gone: bool, now: Time) {
        let key = old.key();
        let shows = |worker: &Worker| {
            worker.life == Life::Active
                && worker.sandbox.up
                && worker.pod.metadata.namespace == key.namespace
                && worker.shows(&key)
        };
        let uids: Vec<Str> =
            self.workers.iter().filter(|(_, worker)| shows(worker)).map(|(uid, _)| uid.clone()).collect();
        for uid in uids {
            let Some(worker) = self.workers.get_mut(&uid).map(Rc::make_mut) else { continue };
            worker.stale.retain(|stale| stale.until > now);
            if worker.stale.iter().any(|stale| stale.object.key() == key) {
                continue;
            }
            // A kubelet looks at a running pod about once a minute.
            let wait = sim::SimDuration::from_secs(20 + crate::hash::hash64(&uid) % 50);
            let until = if gone { Time::from_unix_millis(i64::MAX) } else { now.plus(wait) };
            worker.stale.push(Stale { object: old.clone(), until });
        }
    }

    /// A PersistentVolume is gone: if it was to be deleted, so are its files.
    pub(crate) fn drop_volume(&mut self, volume: &api::PersistentVolume) {
        if volume.spec.persistent_volume_reclaim_policy == "Delete"
            && let Place::Volume(key) = files::disk_of_volume(volume)
        {
            self.volumes.remove(&key);
        }
    }
}

/// An object as it was before its last change, and until when the pod's files show it so.
#[derive(Clone, Debug)]
pub(crate) struct Stale {
    object: Object,
    until: Time,
}

fn change(disk: &mut Disk, path: &str, entry: Option<Entry>) {
    match entry {
        Some(entry) => disk.put(path, entry),
        None => disk.remove(path),
    }
}

impl Worker {
    /// Whether a volume of the pod shows this ConfigMap or Secret.
    fn shows(&self, key: &api::ObjectKey) -> bool {
        let field = if key.kind == Kind::ConfigMap { "configMap" } else { "secret" };
        let part_shows = |part: &Value| {
            part.get(field).and_then(|source| source.get("name")).and_then(Value::as_str) == Some(key.name.as_str())
        };
        self.pod.spec.volumes.iter().any(|volume| {
            let direct = match key.kind {
                Kind::ConfigMap => volume.config_map.as_ref().is_some_and(|source| source.name == key.name),
                _ => volume.secret.as_ref().is_some_and(|source| source.secret_name == key.name),
            };
            let parts = volume.rest.get("projected").and_then(|p| p.get("sources")).and_then(Value::as_array);
            direct || parts.into_iter().flatten().any(part_shows)
        })
    }

    /// An object as the pod's files show it.
    fn seen(&self, kind: Kind, name: &str, now: Time, lister: Lister<'_>) -> Option<Object> {
        let stale = self.stale.iter().find(|stale| {
            let key = stale.object.key();
            key.kind == kind && key.name == *name && stale.until > now
        });
        if let Some(stale) = stale {
            return Some(stale.object.clone());
        }
        let namespace = &self.pod.metadata.namespace;
        match kind {
            Kind::ConfigMap => lister.get::<ConfigMap>(namespace, name).map(|map| Object::ConfigMap(Rc::clone(map))),
            _ => lister.get::<Secret>(namespace, name).map(|secret| Object::Secret(Rc::clone(secret))),
        }
    }

    /// The name of the pod's host within the cluster, if it has one.
    pub(crate) fn full_hostname(&self) -> String {
        let (spec, meta) = (&self.pod.spec, &self.pod.metadata);
        let host = self.hostname();
        if spec.subdomain.is_empty() || spec.host_network {
            return host.to_owned();
        }
        format!("{host}.{}.{}.svc.{CLUSTER_DOMAIN}", spec.subdomain, meta.namespace)
    }
}

/// One running container and everything around it.
struct View<'a> {
    kubelets: &'a Kubelets,
    worker: &'a Worker,
    machine: &'a Machine,
    index: usize,
    run: &'a Run,
    lister: Lister<'a>,
    now: Time,
}

impl View<'_> {
    fn inside(&self) -> Inside {
        let worker = self.worker;
        let pod = &worker.pod;
        let spec = worker.spec(self.index);
        let as_full = pod.spec.rest.get("setHostnameAsFQDN").and_then(Value::as_bool) == Some(true);
        let full_hostname = worker.full_hostname();
        let hostname = if as_full { full_hostname.clone() } else { worker.hostname().to_owned() };
        let mut mounts = vec![self.root_mount()];
        mounts.extend(self.mounts().iter().map(|mount| MountPoint {
            path: format!("/{}", mount.path),
            device: mount.device.clone(),
            bytes: mount.size.as_ref().map(|size| size.milli() / 1000),
            read_only: mount.read_only,
        }));
        Inside {
            environment: self.environment(&hostname),
            files: self.files(),
            folder: spec.rest.get("workingDir").and_then(Value::as_str).unwrap_or("/").to_owned(),
            address: worker.sandbox.ip.clone(),
            image: self.run.image.clone(),
            run_id: self.run.id.clone(),
            is_driven: self.run.program.is_none() && reads_input(spec),
            container: spec.name.clone(),
            pod: Rc::clone(pod),
            hostname,
            full_hostname,
            mounts,
        }
    }

    fn root_mount(&self) -> MountPoint {
        let context = self.worker.spec(self.index).rest.get("securityContext");
        let read_only = context.and_then(|c| c.get("readOnlyRootFilesystem")).and_then(Value::as_bool);
        MountPoint {
            path: "/".to_owned(),
            device: "overlay".to_owned(),
            bytes: None,
            read_only: read_only == Some(true),
        }
    }

    fn mounts(&self) -> Vec<Mount> {
        let none = Variables::new();
        let variables = self.run.variables.as_deref().unwrap_or(&none);
        files::mounts_of(&self.worker.pod, &self.worker.spec(self.index).volume_mounts, variables, self.lister)
    }

    /// What a container's processes find in their environment, beside what the image sets.
    fn environment(&self, hostname: &str) -> Variables {
        const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let mut all: Variables = vec![("PATH".into(), PATH.into()), ("HOSTNAME".into(), hostname.into())];
        let own = self.run.variables.as_deref().map(Vec::as_slice).unwrap_or_default();
        let links = env::service_links(&self.worker.pod, self.lister, self.run.created_at);
        let is_own = |name: &Str| own.iter().any(|(known, _)| known == name);
        all.extend(own.iter().cloned());
        all.extend(links.into_iter().filter(|(name, _)| !is_own(name)));
        if !is_own(&"HOME".into()) {
            all.push(("HOME".into(), "/root".into()));
        }
        all
    }

    /// The files outside of volumes.
    fn root(&self) -> Disk {
        if let Some(root) = &self.worker.containers[self.index].root {
            return Disk::clone(root);
        }
        let made = self.run.started_at;
        let mut root = files::of_image(&self.run.image, made);
        root.put("etc/hostname", Entry::file(format!("{}\n", self.worker.hostname()), made));
        root.put("etc/hosts", Entry::file(self.hosts(), made));
        root.put("etc/resolv.conf", Entry::file(self.resolv_conf(), made));
        root
    }

    fn files(&self) -> BTreeMap<String, Entry> {
        let mut all: BTreeMap<String, Entry> =
            self.root().iter().map(|(path, entry)| (format!("/{path}"), entry.clone())).collect();
        let made = self.run.started_at;
        for mount in self.mounts() {
            let place = format!("/{}", mount.path);
            let inside = format!("{place}/");
            all.retain(|path, _| *path != place && !path.starts_with(&inside));
            let (disk, folder) = self.disk_of(&mount);
            let folder = files::join(&folder, &mount.sub_path);
            let file = disk.get(&folder).filter(|entry| entry.text.is_some() && !folder.is_empty());
            // A file that is mounted by itself is no link.
            let top = file.map(|entry| Entry {
                link: None,
                mode: if entry.link.is_some() { 0o644 } else { entry.mode },
                ..entry.clone()
            });
            add_folders(&mut all, &place, made);
            all.insert(place.clone(), top.unwrap_or_else(|| Entry { mode: 0o777, ..Entry::folder(made) }));
            for (path, entry) in disk.iter() {
                if let Some(rest) = files::below(path, &folder).filter(|rest| !rest.is_empty()) {
                    all.insert(format!("{place}/{rest}"), entry.clone());
                }
            }
        }
        all.insert("/".to_owned(), Entry::folder(made));
        all
    }

    /// The files of a volume, and the folder of them that it is.
    fn disk_of(&self, mount: &Mount) -> (Disk, String) {
        let worker = self.worker;
        match &mount.place {
            Place::Pod(name) => (worker.scratch.get(name).cloned().unwrap_or_default(), String::new()),
            Place::Machine(folder) => (self.machine.disk.clone(), folder.clone()),
            Place::Volume(key) => (self.kubelets.volumes.get(key).cloned().unwrap_or_default(), String::new()),
            Place::Objects(name) => {
                let facts = Facts { pod_ip: worker.sandbox.ip.clone(), host_ip: self.machine.address() };
                let find = |kind: Kind, name: &str| worker.seen(kind, name, self.now, self.lister);
                let since = worker.start_time.unwrap_or(self.run.started_at);
                let volume = worker.pod.spec.volumes.iter().find(|volume| volume.name == *name);
                let disk =
                    volume.and_then(|volume| files::keys_of(&worker.pod, volume, &facts, self.lister, &find, since));
                (disk.unwrap_or_default(), String::new())
            }
        }
    }

    /// Models: pkg/kubelet/kubelet_pods.go managedHostsFileContent.
    fn hosts(&self) -> String {
        let (worker, spec) = (self.worker, &self.worker.pod.spec);
        let mut text = String::from(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n",
        );
        if spec.host_network {
            text = text.replacen("file.", "file (host network).", 1);
        }
        let (address, host, full) = (&worker.sandbox.ip, worker.hostname(), worker.full_hostname());
        if full == host {
            text.push_str(&format!("{address}\t{host}\n"));
        } else {
            text.push_str(&format!("{address}\t{full}\t{host}\n"));
        }
        let aliases = spec.rest.get("hostAliases").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !aliases.is_empty() {
            text.push_str("\n# Entries added by HostAliases.\n");
        }
        for alias in aliases {
            let names: Vec<&str> = alias
                .get("hostnames")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let address = alias.get("ip").and_then(Value::as_str).unwrap_or("");
            text.push_str(&format!("{address}\t{}\n", names.join("\t")));
        }
        text
    }

    /// Models: pkg/kubelet/network/dns/dns.go GetPodDNS.
    fn resolv_conf(&self) -> String {
        let (spec, namespace) = (&self.worker.pod.spec, &self.worker.pod.metadata.namespace);
        let policy = spec.rest.get("dnsPolicy").and_then(Value::as_str).unwrap_or("ClusterFirst");
        let config = spec.rest.get("dnsConfig");
        let in_cluster = policy == "ClusterFirstWithHostNet" || policy == "ClusterFirst" && !spec.host_network;
        let (mut servers, mut searches, mut options) = (Vec::new(), Vec::new(), Vec::new());
        if in_cluster {
            servers.push(CLUSTER_DNS.to_owned());
            searches.extend([
                format!("{namespace}.svc.{CLUSTER_DOMAIN}"),
                format!("svc.{CLUSTER_DOMAIN}"),
                CLUSTER_DOMAIN.to_owned(),
            ]);
            options.push("ndots:5".to_owned());
        } else if policy != "None" {
            servers.push(NODE_DNS.to_owned());
        }
        let list = |name: &str| {
            config.and_then(|c| c.get(name)).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
        };
        let add = |to: &mut Vec<String>, from: &[Value]| {
            for text in from.iter().filter_map(Value::as_str).filter(|text| !text.is_empty()) {
                if !to.iter().any(|known| known == text) {
                    to.push(text.to_owned());
                }
            }
        };
        add(&mut servers, list("nameservers"));
        add(&mut searches, list("searches"));
        for option in list("options") {
            let name = option.get("name").and_then(Value::as_str).unwrap_or("");
            let value = option.get("value").and_then(Value::as_str);
            options.retain(|known| known.split(':').next() != Some(name));
            options.push(value.map_or(name.to_owned(), |value| format!("{name}:{value}")));
        }
        let mut text = String::new();
        if !searches.is_empty() {
            text.push_str(&format!("search {}\n", searches.join(" ")));
        }
        servers.iter().for_each(|server| text.push_str(&format!("nameserver {server}\n")));
        if !options.is_empty() {
            text.push_str(&format!("options {}\n", options.join(" ")));
        }
        text
    }
}

/// Whether a container's process reads what is typed.
pub(crate) fn reads_input(spec: &Container) -> bool {
    spec.rest.get("stdin").and_then(Value::as_bool) == Some(true)
}

/// The name server that machines themselves ask; it knows nothing of the cluster.
const NODE_DNS: &str = "10.0.255.254";

fn add_folders(all: &mut BTreeMap<String, Entry>, path: &str, made: Time) {
    for (end, _) in path.match_indices('/').skip(1) {
        all.entry(path[..end].to_owned()).or_insert_with(|| Entry::folder(made));
    }
}

impl ContainerRun {
    /// A new run finds the files of its image, and nothing of what the one before wrote.
    pub(crate) fn forget_files(&mut self) {
        self.root = None;
    }
}
