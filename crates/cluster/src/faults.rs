//! What no client of the API can do: machines that come, go, stop and are cut off; containers and images that fail.

use crate::{Cluster, MachineSpec};
use api::{Kind, ObjectKey, Pod, Status};
use apiserver::{DeleteOptions, Plan, Write};

impl Cluster {
    /// A new machine joins: its kubelet registers the Node, which turns Ready.
    pub fn add_node(&mut self, machine: &MachineSpec) -> Result<(), Status> {
        let key = ObjectKey::cluster(Kind::Node, machine.name.clone());
        if self.lister().object(&key).is_some() || self.kubelets.has_machine(&machine.name) {
            return Err(Status::already_exists("nodes", &machine.name));
        }
        let now = self.time();
        let plan = self.kubelets.add_machine(machine, now);
        self.apply_now(&plan)
    }

    /// The machine is gone for good and its Node object, if it still has one, is deleted.
    pub fn remove_node(&mut self, name: &str) -> Result<(), Status> {
        let key = ObjectKey::cluster(Kind::Node, name);
        let is_known = self.lister().object(&key).is_some();
        if !is_known && !self.kubelets.has_machine(name) {
            return Err(Status::not_found("nodes", name));
        }
        self.kubelets.remove_machine(name);
        self.touch();
        let mut plan = Plan::default();
        if is_known {
            plan.write(Write::Delete(key, DeleteOptions::default()));
        }
        self.apply_now(&plan)
    }

    /// The machine loses power (`on` false) or boots again.
    pub fn power_node(&mut self, name: &str, on: bool) -> Result<(), Status> {
        self.machine(name)?;
        let now = self.time();
        self.kubelets.power(name, on, now);
        self.touch();
        Ok(())
    }

    /// The machine is cut off from the control plane, or reconnects (`cut` false).
    pub fn partition_node(&mut self, name: &str, cut: bool) -> Result<(), Status> {
        self.machine(name)?;
        let now = self.time();
        self.kubelets.partition(name, cut, now);
        self.touch();
        Ok(())
    }

    /// A container exits now. Without a name it is the pod's first one.
    pub fn crash_container(&mut self, pod: &ObjectKey, container: Option<&str>, exit_code: i32) -> Result<(), Status> {
        let target = self.running_pod(pod)?;
        let container = container
            .map_or_else(|| target.spec.containers.first().map(|c| c.name.to_string()), |c| Some(c.to_owned()));
        let container = container.unwrap_or_default();
        if !target.spec.containers.iter().chain(&target.spec.init_containers).any(|c| c.name == *container) {
            let message = format!("container {container} is not valid for pod {}", pod.name);
            return Err(Status::new(api::StatusReason::BadRequest, message));
        }
        let now = self.time();
        if !self.kubelets.crash(&target, &container, exit_code, now) {
            let message = format!("container {container} of pod {} is not running", pod.name);
            return Err(Status::new(api::StatusReason::BadRequest, message));
        }
        self.touch();
        Ok(())
    }

    /// From now on the pod's readiness probe fails (`false`), passes (`true`).
    pub fn set_ready(&mut self, pod: &ObjectKey, ready: bool) -> Result<(), Status> {
        let target = self.running_pod(pod)?;
        let now = self.time();
        self.kubelets.set_ready(&target, ready, now);
        self.touch();
        Ok(())
    }

    /// From now on the pods of this workload (or this pod) use so much CPU, in per cent of what they request.
    pub fn set_load(&mut self, workload: &ObjectKey, percent: u32) -> Result<(), Status> {
        self.server.set_load(workload, percent)?;
        self.touch();
        Ok(())
    }

    /// Changes how an image behaves from now on.
    pub fn set_image(&mut self, image: &str, behaviour: kubelet::ImageBehaviour) {
        let now = self.time();
        self.kubelets.set_image(image, behaviour, now);
        self.touch();
    }

    fn running_pod(&self, key: &ObjectKey) -> Result<std::rc::Rc<Pod>, Status> {
        self.server.get(key)?;
        self.server.pod(&key.namespace, &key.name).cloned().ok_or_else(|| Status::not_found("pods", &key.name))
    }

    fn machine(&self, name: &str) -> Result<(), Status> {
        if self.kubelets.has_machine(name) { Ok(()) } else { Err(Status::not_found("nodes", name)) }
    }
}
