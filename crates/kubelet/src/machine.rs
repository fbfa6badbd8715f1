//! A machine: power, network, image store, pod addresses, and what its admitted pods have been granted.

use crate::files::Disk;
use api::{Pod, Quantity, Str, Taint, Time};
use sim::{SimDuration, Ticket};
use std::collections::{BTreeMap, BTreeSet};

/// What a machine is made of, and what its kubelet says about it when it registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSpec {
    /// Name of the machine and of its Node.
    pub name: Str,
    /// Processors.
    pub cpu: Quantity,
    /// Memory.
    pub memory: Quantity,
    /// How many pods it takes.
    pub pods: u32,
    /// Labels beside the usual ones.
    pub labels: Vec<(Str, Str)>,
    /// Taints it registers with.
    pub taints: Vec<Taint>,
}

impl MachineSpec {
    /// A worker of the usual size.
    pub fn worker(name: &str) -> Self {
        MachineSpec {
            name: name.into(),
            cpu: Quantity::decimal(4),
            memory: Quantity::bytes(16 << 30),
            pods: 110,
            labels: Vec::new(),
            taints: Vec::new(),
        }
    }

    /// A control-plane node: a worker with the usual role label and taint.
    pub fn control_plane(name: &str) -> Self {
        const ROLE: &str = "node-role.kubernetes.io/control-plane";
        MachineSpec {
            labels: vec![(ROLE.into(), Str::default())],
            taints: vec![Taint { key: ROLE.into(), effect: "NoSchedule".into(), ..Default::default() }],
            ..MachineSpec::worker(name)
        }
    }
}

/// Where a machine is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Its kubelet runs.
    On,
    /// It has power, its kubelet does not run yet.
    Booting,
    /// It has none.
    Off,
}

/// A machine and its kubelet.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) spec: MachineSpec,
    /// Counts machines in the order in which they joined; part of its addresses.
    pub(crate) number: u32,
    pub(crate) power: Power,
    /// Cut off from the control plane.
    pub(crate) cut: bool,
    /// How often it has booted; the first time is 0.
    pub(crate) boots: u32,
    /// Whether the Node was cordoned when the kubelet last looked.
    pub(crate) cordoned: bool,
    /// When the node status was last reported.
    pub(crate) reported: Option<Time>,
    pub(crate) store: ImageStore,
    pub(crate) addresses: Addresses,
    pub(crate) granted: Granted,
    /// Its files, as `hostPath` volumes show them.
    pub(crate) disk: Disk,
    /// The pods it has heard of, by UID.
    pub(crate) pods: BTreeSet<Str>,
    /// The next heartbeat.
    pub(crate) beat: Option<Ticket>,
    /// The end of its start, or of a partition.
    pub(crate) start: Option<Ticket>,
}

impl Machine {
    pub(crate) fn new(spec: MachineSpec, number: u32, power: Power) -> Self {
        Machine {
            spec,
            number,
            power,
            cut: false,
            boots: 0,
            cordoned: false,
            reported: None,
            store: ImageStore::default(),
            addresses: Addresses::default(),
            granted: Granted::default(),
            disk: Disk::default(),
            pods: BTreeSet::new(),
            beat: None,
            start: None,
        }
    }

    /// Whether its kubelet runs and reaches the control plane.
    pub(crate) fn is_connected(&self) -> bool {
        self.power == Power::On && !self.cut
    }

    /// Address of the machine: `10.0.0.N`.
    pub(crate) fn address(&self) -> Str {
        format!("10.0.{}.{}", self.number / 256, self.number % 256).into()
    }

    /// The first three numbers of its pods' addresses: `10.244.N`. The 256th machine goes on in 10.128, clear of
    /// the Services in 10.96.
    fn pod_network(&self) -> (u32, u32) {
        match self.number / 256 {
            0 => (244, self.number),
            block => (127 + block.min(116), self.number % 256),
        }
    }

    /// The range of its pods' addresses.
    pub(crate) fn pod_cidr(&self) -> Str {
        let (a, b) = self.pod_network();
        format!("10.{a}.{b}.0/24").into()
    }

    /// The address of a pod by its last number.
    pub(crate) fn pod_address(&self, host: u8) -> Str {
        let (a, b) = self.pod_network();
        format!("10.{a}.{b}.{host}").into()
    }
}

/// The images on a machine. Pulls of one machine run one after the other, as a kubelet's do by default.
#[derive(Clone, Default)]
pub(crate) struct ImageStore {
    /// Images by full name, with the time from which they are there.
    images: BTreeMap<Str, Time>,
    puller_free: Option<Time>,
}

/// When a pull runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pull {
    /// When it was asked for.
    pub(crate) asked: Time,
    /// When it began, after those before it.
    pub(crate) began: Time,
    /// When it ends.
    pub(crate) ends: Time,
}

impl ImageStore {
    pub(crate) fn has(&self, image: &str, now: Time) -> bool {
        self.images.get(image).is_some_and(|from| *from <= now)
    }

    /// Queues a pull: `full` is how long it takes, `confirm` how long if the image is there by then.
    pub(crate) fn pull(&mut self, image: &Str, now: Time, full: SimDuration, confirm: SimDuration) -> Pull {
        let began = self.puller_free.map_or(now, |free| free.max(now));
        let there = self.images.get(image).is_some_and(|from| *from <= began);
        let ends = began.plus(if there { confirm } else { full });
        self.puller_free = Some(ends);
        let from = self.images.entry(image.clone()).or_insert(ends);
        *from = (*from).min(ends);
        Pull { asked: now, began, ends }
    }

    /// Queues a pull that will fail.
    pub(crate) fn fail(&mut self, now: Time, takes: SimDuration) -> Pull {
        let began = self.puller_free.map_or(now, |free| free.max(now));
        let ends = began.plus(takes);
        self.puller_free = Some(ends);
        Pull { asked: now, began, ends }
    }

    /// Drops the pulls that are under way: the machine lost power.
    pub(crate) fn interrupt(&mut self, now: Time) {
        self.images.retain(|_, from| *from <= now);
        self.puller_free = None;
    }
}

/// The pod addresses of one machine, handed out in turn. Models: the host-local plugin of CNI.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    last: u8,
    used: BTreeSet<u8>,
}

impl Addresses {
    /// The next free address; `None` if all are in use. 0, 1 (the gateway) and 255 are never handed out.
    pub(crate) fn take(&mut self) -> Option<u8> {
        let ring = (2..=254u8).cycle().skip(usize::from(self.last.saturating_sub(1))).take(253);
        let free = ring.into_iter().find(|host| !self.used.contains(host))?;
        self.used.insert(free);
        self.last = free;
        Some(free)
    }

    pub(crate) fn release(&mut self, host: u8) {
        self.used.remove(&host);
    }

    pub(crate) fn release_all(&mut self) {
        self.used.clear();
    }
}

/// What admitted pods that have not ended were granted, in thousandths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Granted {
    amounts: BTreeMap<Str, i64>,
    pods: i64,
}

impl Granted {
    pub(crate) fn amount(&self, resource: &str) -> i64 {
        self.amounts.get(resource).copied().unwrap_or(0)
    }

    pub(crate) fn pods(&self) -> i64 {
        self.pods
    }

    pub(crate) fn add(&mut self, pod: &Pod) {
        self.pods += 1;
        for (resource, amount) in pod.requests().iter() {
            *self.amounts.entry(resource.clone()).or_insert(0) += amount.milli();
        }
    }

    pub(crate) fn take_back(&mut self, pod: &Pod) {
        self.pods -= 1;
        for (resource, amount) in pod.requests().iter() {
            if let Some(total) = self.amounts.get_mut(resource) {
                *total -= amount.milli();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_round_and_run_out() {
        let mut addresses = Addresses::default();
        assert_eq!((addresses.take(), addresses.take()), (Some(2), Some(3)));
        addresses.release(2);
        assert_eq!(addresses.take(), Some(4), "a freed address is not handed out at once");
        for _ in 5..=254 {
            addresses.take();
        }
        assert_eq!((addresses.take(), addresses.take()), (Some(2), None));
    }

    #[test]
    fn machines_have_addresses_of_their_own() {
        let machine = |number| Machine::new(MachineSpec::worker("n"), number, Power::On);
        assert_eq!((machine(1).address().as_str(), machine(1).pod_cidr().as_str()), ("10.0.0.1", "10.244.1.0/24"));
        assert_eq!(machine(5000).address().as_str(), "10.0.19.136");
        assert_eq!(machine(5000).pod_address(7).as_str(), "10.146.136.7");
    }

    #[test]
    fn pulls_queue_up_and_the_second_of_an_image_is_quick() {
        let at = Time::from_unix_millis;
        let secs = SimDuration::from_secs;
        let mut store = ImageStore::default();
        let nginx = Str::from("nginx");
        assert_eq!(store.pull(&nginx, at(0), secs(3), secs(1)).ends, at(3000));
        assert!(!store.has("nginx", at(2999)) && store.has("nginx", at(3000)));
        let second = store.pull(&nginx, at(1000), secs(3), secs(1));
        assert_eq!((second.began, second.ends), (at(3000), at(4000)));
        store.pull(&"redis".into(), at(3500), secs(3), secs(1));
        store.interrupt(at(3600));
        assert!(store.has("nginx", at(9000)) && !store.has("redis", at(9000)));
    }
}
