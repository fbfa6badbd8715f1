//! What processes in containers see and do: their files, their names, their connections.

use crate::Cluster;
use api::{Pod, Str};
use kubelet::{Found, Request, Response, Written};
use network::Route;

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// A server has answered.
    Answered(Response),
    /// The API server, which speaks to its clients only.
    ApiServer,
    /// It was refused.
    Refused,
    /// Nobody answers, for ever.
    Silence,
}

impl Cluster {
    /// A running container, reached through the kubelet of its machine.
    pub fn inside(&self, machine: &str, uid: &str, container: &str) -> Found {
        self.kubelets.inside(machine, uid, container, self.lister(), self.time())
    }

    /// Keeps what a process has written.
    pub fn write_files(&mut self, uid: &str, container: &str, written: &[Written]) {
        let now = self.time();
        self.kubelets.write_files(uid, container, written, self.server.lister(), now);
    }

    /// The process of a container ends by itself, with this exit code.
    pub fn end_process(&mut self, pod: &Pod, container: &str, exit_code: i32) {
        let now = self.time();
        self.kubelets.crash(pod, container, exit_code, now);
        self.touch();
    }

    /// A process in a pod connects to an address.
    pub fn connect(&mut self, client: &Pod, address: &str, port: i32, request: &Request) -> Connection {
        let turn = network::service_at(self.lister(), address, port).map(|service| service.metadata.uid.clone());
        let turn = turn.map_or(0, |uid| self.take_turn(&uid));
        let now = self.time();
        let lister = self.server.lister();
        match network::route(lister, client, address, port, turn) {
            Route::ApiServer => Connection::ApiServer,
            Route::Refused => Connection::Refused,
            Route::Silence => Connection::Silence,
            Route::Pod { pod, port } => {
                if !self.kubelets.is_reachable(&pod.spec.node_name, &client.spec.node_name) {
                    return Connection::Silence;
                }
                let uid = &pod.metadata.uid;
                match self.kubelets.listener(uid, port, now) {
                    Some(container) => {
                        let response = self.kubelets.respond(uid, &container, request, lister, now);
                        let uid = uid.clone();
                        // Only what speaks HTTP has understood what was asked.
                        if response.status > 0 && !request.method.is_empty() {
                            self.kubelets.note_request(&uid, &container, request, now);
                        }
                        Connection::Answered(response)
                    }
                    None => Connection::Refused,
                }
            }
        }
    }

    /// Connections to a Service go to its endpoints in turn.
    fn take_turn(&mut self, service: &Str) -> u32 {
        let turn = self.turns.get(service).copied().unwrap_or(0);
        self.turns.insert(service.clone(), turn.wrapping_add(1));
        turn
    }
}
