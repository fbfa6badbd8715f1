//! Services as table rows, with the DNS names they give.

use std::rc::Rc;

use crate::Text;

/// A name in the cluster's DNS and what it answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DnsRow {
    /// The full name.
    pub name: Text,
    /// The addresses it answers with, comma-separated.
    pub addresses: Text,
    /// The Pod or Service behind it.
    pub backend: Text,
}

/// One Service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceRow {
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// Its type: `ClusterIP`, `NodePort`…
    pub kind: Text,
    /// Its address; `None` for a headless Service, as kubectl prints it.
    pub cluster_ip: Text,
    /// Its ports as kubectl prints them.
    pub ports: Text,
    /// Its ready endpoints as `address:port`.
    pub endpoints: Rc<[Text]>,
    /// The names it gives, its own first.
    pub dns: Rc<[DnsRow]>,
}
