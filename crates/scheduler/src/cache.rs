//! The node cache: every node with the pods on it, kept from watch events, with what spans nodes beside it.
//! Models: pkg/scheduler/backend/cache (cache.go, snapshot.go, node_tree.go).

use crate::counts::{BySlot, Counts, Map, Matcher};
use crate::node_info::{NodeInfo, PodInfo};
use crate::terms::PodTerms;
use api::{Node, ObjectKey, Str};
use imbl::GenericVector;
use imbl::shared_ptr::RcK;
use std::cell::RefCell;
use std::rc::Rc;

/// Pods that share the same rules on other pods, and where they are.
#[derive(Clone, Default)]
pub(crate) struct Group {
    /// How many of them by the slot of their node.
    pub(crate) by_slot: BySlot,
}

/// The names of all nodes, sorted, with their places.
type Names = Rc<Vec<(Str, u32)>>;

/// Every node, in a place that stays the same while the node exists.
#[derive(Clone, Default)]
pub(crate) struct NodeCache {
    slots: GenericVector<Rc<NodeInfo>, RcK>,
    by_name: Map<Str, u32>,
    free: Vec<u32>,
    /// Zones in the order in which they appeared, each with its nodes in the order in which they came.
    zones: Rc<Vec<(Str, Vec<u32>)>>,
    order: RefCell<Option<Rc<Vec<u32>>>>,
    names: RefCell<Option<Names>>,
    groups: Map<Rc<PodTerms>, Group>,
    counts: RefCell<Counts>,
    nodes_with_image: Map<Str, i64>,
    len: usize,
}

impl NodeCache {
    /// How many nodes exist.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The node in this place.
    pub(crate) fn at(&self, slot: u32) -> Option<&NodeInfo> {
        self.slots.get(slot as usize).map(|info| &**info).filter(|info| info.exists)
    }

    /// The node of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&NodeInfo> {
        self.at(*self.by_name.get(name)?)
    }

    /// All nodes with their places, sorted by name.
    pub(crate) fn names(&self) -> Rc<Vec<(Str, u32)>> {
        let mut names = self.names.borrow_mut();
        let names = names.get_or_insert_with(|| {
            let mut all: Vec<(Str, u32)> = self.iter().map(|node| (node.name().clone(), node.slot)).collect();
            all.sort_unstable();
            Rc::new(all)
        });
        names.clone()
    }

    /// All places in the order in which nodes are examined: zone by zone in turn. Models: nodeTree.list.
    pub(crate) fn order(&self) -> Rc<Vec<u32>> {
        if let Some(order) = &*self.order.borrow() {
            return order.clone();
        }
        let mut order = Vec::with_capacity(self.len);
        let longest = self.zones.iter().map(|(_, slots)| slots.len()).max().unwrap_or(0);
        for turn in 0..longest {
            order.extend(self.zones.iter().filter_map(|(_, slots)| slots.get(turn)));
        }
        let order = Rc::new(order);
        *self.order.borrow_mut() = Some(order.clone());
        order
    }

    /// Every node that exists.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &NodeInfo> {
        self.slots.iter().map(|info| &**info).filter(|info| info.exists)
    }

    /// The rules that pods on nodes have on other pods.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (&PodTerms, &Group)> {
        self.groups.iter().map(|(terms, group)| (&**terms, group))
    }

    /// How many nodes have an image.
    pub(crate) fn nodes_with_image(&self, name: &str) -> i64 {
        self.nodes_with_image.get(name).copied().unwrap_or(0)
    }

    /// How many pods match, by the place of their node.
    pub(crate) fn count(&self, matcher: &Matcher) -> BySlot {
        self.counts.borrow_mut().by_slot(matcher, self.slots.iter().map(|info| &**info))
    }

    /// How many pods match, by their node's value of a label.
    pub(crate) fn count_by_domain(&self, matcher: &Matcher, key: &Str) -> Map<Str, i64> {
        let nodes = self.slots.iter().map(|info| &**info);
        self.counts.borrow_mut().by_domain(matcher, key, nodes, |slot| self.at(slot))
    }

    /// Takes the present state of a node.
    pub(crate) fn set_node(&mut self, node: &Rc<Node>) {
        let slot = self.slot_of(&node.metadata.name);
        let Some(info) = self.slots.get(slot as usize) else { return };
        let (existed, zone_before) = (info.exists, zone_key(&info.node));
        let relabelled = info.node.metadata.labels != node.metadata.labels;
        let images_before = info.images.clone();
        self.change(slot, |info| info.set_node(node));
        self.count_images(&images_before, -1);
        let images = self.at(slot).map(|info| info.images.clone()).unwrap_or_default();
        self.count_images(&images, 1);
        let zone = zone_key(node);
        if existed && zone != zone_before {
            self.leave_zone(&zone_before, slot);
        }
        if !existed || zone != zone_before {
            self.join_zone(zone, slot);
        }
        if !existed {
            self.len += 1;
        }
        if relabelled {
            self.counts.get_mut().forget_domains();
        }
    }

    /// Forgets a node; pods that are still bound to it stay known.
    pub(crate) fn remove_node(&mut self, name: &str) {
        let Some(slot) = self.by_name.get(name).copied() else { return };
        let Some(info) = self.at(slot) else { return };
        let (zone, images) = (zone_key(&info.node), info.images.clone());
        self.count_images(&images, -1);
        self.leave_zone(&zone, slot);
        self.change(slot, |info| {
            let mut nameless = Node::default();
            nameless.metadata.name = info.node.metadata.name.clone();
            info.node = Rc::new(nameless);
            info.exists = false;
            info.images = Default::default();
            info.allocatable = Default::default();
        });
        self.len -= 1;
        self.counts.get_mut().forget_domains();
        self.release(slot);
    }

    /// Puts a pod on the node of this name, which need not be known yet.
    pub(crate) fn add_pod(&mut self, node: &Str, pod: PodInfo) {
        let slot = self.slot_of(node);
        let pod = Rc::new(pod);
        self.change(slot, |info| info.add_pod(&pod));
        self.count_group(&pod, slot, 1);
        if let Some(info) = self.slots.get(slot as usize) {
            self.counts.get_mut().adjust(&pod, info, 1);
        }
    }

    /// Takes a pod off the node of this name.
    pub(crate) fn remove_pod(&mut self, node: &str, key: &ObjectKey) -> Option<Rc<PodInfo>> {
        let slot = *self.by_name.get(node)?;
        let mut removed = None;
        self.change(slot, |info| removed = info.remove_pod(key));
        let pod = removed?;
        self.count_group(&pod, slot, -1);
        if let Some(info) = self.slots.get(slot as usize) {
            self.counts.get_mut().adjust(&pod, info, -1);
        }
        self.release(slot);
        Some(pod)
    }

    /// Takes the present state of a pod that is on the node of this name already; puts it there if it is not.
    pub(crate) fn update_pod(&mut self, node: &Str, key: &ObjectKey, pod: PodInfo) {
        let Some(slot) = self.by_name.get(node).copied() else { return self.add_pod(node, pod) };
        let pod = Rc::new(pod);
        let mut replaced = None;
        self.change(slot, |info| {
            replaced = info.remove_pod(key);
            info.add_pod(&pod);
        });
        if let Some(old) = &replaced
            && old.terms != pod.terms
        {
            self.count_group(old, slot, -1);
        }
        if replaced.as_ref().is_none_or(|old| old.terms != pod.terms) {
            self.count_group(&pod, slot, 1);
        }
        let Some(info) = self.slots.get(slot as usize) else { return };
        match &replaced {
            Some(old) => self.counts.get_mut().replace(old, &pod, info),
            None => self.counts.get_mut().adjust(&pod, info, 1),
        }
    }

    fn slot_of(&mut self, name: &Str) -> u32 {
        if let Some(slot) = self.by_name.get(name) {
            return *slot;
        }
        let mut node = Node::default();
        node.metadata.name = name.clone();
        let mut info = NodeInfo { node: Rc::new(node), ..NodeInfo::default() };
        let slot = match self.free.pop() {
            Some(slot) => {
                info.slot = slot;
                self.slots.set(slot as usize, Rc::new(info));
                slot
            }
            None => {
                let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
                info.slot = slot;
                self.slots.push_back(Rc::new(info));
                slot
            }
        };
        self.by_name.insert(name.clone(), slot);
        slot
    }

    /// Gives the place back if neither a node nor a pod is there.
    fn release(&mut self, slot: u32) {
        let empty = self.slots.get(slot as usize).filter(|info| !info.exists && info.pods.is_empty());
        if let Some(name) = empty.map(|info| info.name().clone()) {
            self.by_name.remove(&name);
            self.free.push(slot);
        }
    }

    fn change(&mut self, slot: u32, change: impl FnOnce(&mut NodeInfo)) {
        if let Some(info) = self.slots.get_mut(slot as usize) {
            change(Rc::make_mut(info));
        }
    }

    fn count_group(&mut self, pod: &PodInfo, slot: u32, sign: i64) {
        let Some(terms) = &pod.terms else { return };
        let mut group = self.groups.get(terms).cloned().unwrap_or_default();
        let number = group.by_slot.get(&slot).copied().unwrap_or(0) + sign;
        if number == 0 {
            group.by_slot.remove(&slot);
        } else {
            group.by_slot.insert(slot, number);
        }
        if group.by_slot.is_empty() {
            self.groups.remove(terms);
        } else {
            self.groups.insert(terms.clone(), group);
        }
    }

    fn count_images(&mut self, images: &std::collections::BTreeMap<Str, i64>, sign: i64) {
        for name in images.keys() {
            let number = self.nodes_with_image(name) + sign;
            self.nodes_with_image.insert(name.clone(), number);
        }
    }

    fn join_zone(&mut self, zone: Str, slot: u32) {
        let zones = Rc::make_mut(&mut self.zones);
        match zones.iter_mut().find(|(name, _)| *name == zone) {
            Some((_, slots)) => slots.push(slot),
            None => zones.push((zone, vec![slot])),
        }
        (*self.order.get_mut(), *self.names.get_mut()) = (None, None);
    }

    fn leave_zone(&mut self, zone: &Str, slot: u32) {
        let zones = Rc::make_mut(&mut self.zones);
        for (_, slots) in zones.iter_mut().filter(|(name, _)| name == zone) {
            slots.retain(|s| *s != slot);
        }
        zones.retain(|(_, slots)| !slots.is_empty());
        (*self.order.get_mut(), *self.names.get_mut()) = (None, None);
    }
}

/// Region and zone of a node; empty if it has neither. Models: component-helpers/node/topology GetZoneKey.
fn zone_key(node: &Node) -> Str {
    let label = |key: &str| node.metadata.labels.get(key).map_or("", Str::as_str);
    match (label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone")) {
        ("", "") => Str::default(),
        (region, zone) => format!("{region}:{zone}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Namespaces;
    use crate::selector::Selector;
    use api::{Pod, Resource, Wire};
    use serde_json::json;

    fn node(name: &str, zone: &str) -> Rc<Node> {
        let labels = json!({"topology.kubernetes.io/zone": zone});
        Rc::new(Node::read(
            json!({"metadata": {"name": name, "labels": labels}, "status": {"allocatable": {"cpu": "4"}}}),
        ))
    }

    fn pod(name: &str, app: &str) -> PodInfo {
        let meta = json!({"name": name, "namespace": "ns", "labels": {"app": app}});
        let containers = json!([{"name": "c", "resources": {"requests": {"cpu": "500m"}}}]);
        PodInfo::new(Rc::new(Pod::read(json!({"metadata": meta, "spec": {"containers": containers}}))))
    }

    fn names(cache: &NodeCache) -> Vec<String> {
        cache.order().iter().filter_map(|slot| cache.at(*slot)).map(|info| info.name().to_string()).collect()
    }

    #[test]
    fn nodes_are_examined_zone_by_zone_in_turn() {
        let mut cache = NodeCache::default();
        for (name, zone) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")] {
            cache.set_node(&node(name, zone));
        }
        assert_eq!(names(&cache), ["a1", "b1", "a2", "b2", "a3"]);
        cache.set_node(&node("a1", "b"));
        assert_eq!(names(&cache), ["a2", "b1", "a3", "b2", "a1"]);
        cache.remove_node("b2");
        assert_eq!((names(&cache), cache.len()), (vec!["a2".into(), "b1".into(), "a3".into(), "a1".into()], 4));
    }

    #[test]
    fn pods_come_and_go_and_counts_follow() {
        let mut cache = NodeCache::default();
        cache.set_node(&node("n1", "a"));
        cache.set_node(&node("n2", "b"));
        let selector = Selector::of_labels(&[("app".into(), "web".into())].into_iter().collect());
        let matcher = Matcher { terms: vec![(Namespaces::All, selector)], live_only: true };
        cache.add_pod(&"n1".into(), pod("p1", "web"));
        assert_eq!(cache.count(&matcher).values().sum::<i64>(), 1);
        cache.add_pod(&"n2".into(), pod("p2", "web"));
        cache.add_pod(&"n2".into(), pod("p3", "db"));
        let by_zone = |cache: &NodeCache| {
            let counts = cache.count_by_domain(&matcher, &"topology.kubernetes.io/zone".into());
            counts.iter().map(|(zone, n)| format!("{zone}={n}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(by_zone(&cache), "a=1 b=1");
        let copy = cache.clone();
        let key = |name: &str| pod(name, "").pod.key();
        cache.update_pod(&"n2".into(), &key("p3"), pod("p3", "web"));
        cache.remove_pod("n1", &key("p1"));
        assert_eq!((by_zone(&cache), by_zone(&copy)), ("b=2".to_owned(), "a=1 b=1".to_owned()));
        cache.set_node(&node("n2", "a"));
        assert_eq!(by_zone(&cache), "a=2");
        assert_eq!(cache.get("n2").map(|info| info.requested.cpu_milli), Some(1000));
    }

    #[test]
    fn pods_of_an_unknown_node_wait_for_it() {
        let mut cache = NodeCache::default();
        cache.add_pod(&"late".into(), pod("p", "web"));
        assert!(cache.get("late").is_none() && cache.len() == 0);
        cache.set_node(&node("late", "a"));
        assert_eq!(cache.get("late").map(|info| info.pods.len()), Some(1));
        cache.remove_node("late");
        assert!(cache.get("late").is_none());
        cache.remove_pod("late", &pod("p", "").pod.key());
        assert!(cache.by_name.is_empty());
    }
}
