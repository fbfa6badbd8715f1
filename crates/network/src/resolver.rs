//! The resolver of a container: `/etc/resolv.conf`, `/etc/hosts`, and the order in which names are tried.
//! Models: resolv.conf(5) as the C libraries read it.

use crate::dns::{Answer, Data, Query, Record, ask};
use api::CLUSTER_DNS;
use apiserver::Lister;

/// How a container looks names up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    /// The name server it asks.
    pub server: String,
    /// Domains that are tried in turn.
    pub search: Vec<String>,
    /// A name with at least that many dots is tried as it is first.
    pub ndots: usize,
}

/// What looking a name up came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The full name that was asked for last.
    pub name: String,
    /// The answer.
    pub answer: Answer,
}

/// The most names that are followed from one to the next.
const MOST_ALIASES: usize = 8;

impl Resolver {
    /// Reads the text of `/etc/resolv.conf`.
    pub fn of(text: &str) -> Resolver {
        let mut resolver = Resolver { server: String::new(), search: Vec::new(), ndots: 1 };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") if resolver.server.is_empty() => {
                    resolver.server = words.next().unwrap_or("").to_owned();
                }
                Some("search" | "domain") => resolver.search = words.map(str::to_owned).collect(),
                Some("options") => {
                    let ndots = words.filter_map(|word| word.strip_prefix("ndots:")?.parse().ok()).next_back();
                    resolver.ndots = ndots.unwrap_or(resolver.ndots);
                }
                _ => {}
            }
        }
        resolver
    }

    /// Whether the name server is the cluster's; no other one is known here.
    pub fn asks_the_cluster(&self) -> bool {
        self.server == CLUSTER_DNS
    }

    /// The full names that are tried for a name, in order.
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(full) = name.strip_suffix('.') {
            return vec![full.to_owned()];
        }
        let mut names: Vec<String> = self.search.iter().map(|domain| format!("{name}.{domain}")).collect();
        let first = name.matches('.').count() >= self.ndots;
        names.insert(if first { 0 } else { names.len() }, name.to_owned());
        names
    }

    /// Looks a name up: the first of the candidates that answers counts.
    pub fn look_up(&self, lister: Lister<'_>, name: &str, query: Query) -> Looked {
        let mut last = Looked { name: name.trim_end_matches('.').to_owned(), answer: Answer::NxDomain };
        for name in self.candidates(name) {
            let answer = follow(lister, &name, query);
            let found = matches!(answer, Answer::Records(_));
            last = Looked { name, answer };
            if found {
                break;
            }
        }
        last
    }

    /// The addresses of a name; an address stands for itself.
    pub fn addresses(&self, lister: Lister<'_>, hosts: &str, name: &str) -> Vec<String> {
        if name.parse::<std::net::Ipv4Addr>().is_ok() {
            return vec![name.to_owned()];
        }
        for line in hosts.lines() {
            let line = line.split('#').next().unwrap_or("");
            let mut words = line.split_whitespace();
            let Some(address) = words.next().filter(|address| !address.contains(':')) else { continue };
            if words.any(|known| known.eq_ignore_ascii_case(name)) {
                return vec![address.to_owned()];
            }
        }
        if !self.asks_the_cluster() {
            return Vec::new();
        }
        match self.look_up(lister, name, Query::A).answer {
            Answer::Records(records) => addresses_in(&records),
            _ => Vec::new(),
        }
    }
}

fn addresses_in(records: &[Record]) -> Vec<String> {
    let address = |record: &Record| match &record.data {
        Data::A(address) => Some(address.clone()),
        _ => None,
    };
    records.iter().filter_map(address).collect()
}

/// Asks, and asks on for what a name stands for, as the name server itself does.
fn follow(lister: Lister<'_>, name: &str, query: Query) -> Answer {
    let mut answer = ask(lister, name, query);
    for _ in 0..MOST_ALIASES {
        let Answer::Records(records) = &mut answer else { break };
        let Some(Record { data: Data::Cname(target), .. }) = records.last() else { break };
        if query == Query::Cname {
            break;
        }
        match ask(lister, &target.clone(), query) {
            Answer::Records(more) => records.extend(more),
            _ => break,
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_list_comes_first_for_short_names() {
        let text = "search a.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:2\n";
        let resolver = Resolver::of(text);
        assert!(resolver.asks_the_cluster());
        assert_eq!(resolver.candidates("web"), ["web.a.svc.cluster.local", "web.svc.cluster.local", "web"]);
        assert_eq!(resolver.candidates("x.y.z")[0], "x.y.z");
        assert_eq!(resolver.candidates("x.y.z."), ["x.y.z"]);
    }
}
