//! What stands behind a Service: EndpointSlices and the older Endpoints.
//! Models: staging/src/k8s.io/api/discovery/v1/types.go, staging/src/k8s.io/api/core/v1/types.go.

use crate::{List, ObjectMeta, ObjectReference, Str};

object! {
    /// Addresses behind a Service.
    pub struct EndpointSlice {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// `IPv4`.
        address_type: Str = "addressType" always,
        /// The addresses.
        endpoints: List<Endpoint> = "endpoints" always,
        /// The ports of all of them.
        ports: List<EndpointPort> = "ports" always,
    }
}

object! {
    /// One address behind a Service.
    pub struct Endpoint {
        /// Addresses of the pod.
        addresses: List<Str> = "addresses" always,
        /// ready, serving, terminating.
        conditions: EndpointConditions = "conditions" always,
        /// Host name inside the Service's name.
        hostname: Str = "hostname",
        /// Node of the pod.
        node_name: Str = "nodeName",
        /// The pod.
        target_ref: Option<ObjectReference> = "targetRef",
    }
}

object! {
    /// What an endpoint can do.
    pub struct EndpointConditions {
        /// Gets traffic and a name.
        ready: Option<bool> = "ready",
        /// Would, were it not terminating.
        serving: Option<bool> = "serving",
        /// On its way out.
        terminating: Option<bool> = "terminating",
    }
}

object! {
    /// A port of an endpoint slice.
    pub struct EndpointPort {
        /// Its name.
        name: Str = "name" always,
        /// The number.
        port: Option<i32> = "port",
        /// `TCP`, `UDP` or `SCTP`.
        protocol: Str = "protocol",
    }
}

object! {
    /// All addresses behind a Service in one object, as before there were slices.
    pub struct Endpoints {
        /// The Service's name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Addresses by the ports they share.
        subsets: List<EndpointSubset> = "subsets",
    }
}

object! {
    /// Addresses that share ports.
    pub struct EndpointSubset {
        /// Those that are ready.
        addresses: List<EndpointAddress> = "addresses",
        /// Those that are not.
        not_ready_addresses: List<EndpointAddress> = "notReadyAddresses",
        /// The ports of all of them.
        ports: List<SubsetPort> = "ports",
    }
}

object! {
    /// One address of Endpoints.
    pub struct EndpointAddress {
        /// The address.
        ip: Str = "ip" always,
        /// Host name inside the Service's name.
        hostname: Str = "hostname",
        /// Node of the pod.
        node_name: Str = "nodeName",
        /// The pod.
        target_ref: Option<ObjectReference> = "targetRef",
    }
}

object! {
    /// A port of Endpoints.
    pub struct SubsetPort {
        /// Its name.
        name: Str = "name",
        /// The number.
        port: i32 = "port" always,
        /// `TCP`, `UDP` or `SCTP`.
        protocol: Str = "protocol",
    }
}
