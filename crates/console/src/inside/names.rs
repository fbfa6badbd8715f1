//! Looking names up: `nslookup` as the image's own kind of it prints, `dig`, `getent hosts`.

use super::host::Room;
use crate::files::Files;
use crate::host::{Outcome, Started};
use crate::world::Job;
use network::{Answer, Data, Looked, Query, Record, Resolver, ask};

/// How long a program waits for a name server that does not answer.
const NO_SERVER_MS: u64 = 15_000;

/// The kinds of `nslookup` there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// That of busybox up to 1.28, which asks the C library.
    OldBusybox,
    /// That of busybox since 1.29, which asks by itself and uses the search list for names without a dot only.
    Busybox,
    /// That of BIND, as in Debian's dnsutils.
    Bind,
}

fn style(image: &str) -> Style {
    let last = image.rsplit('/').next().unwrap_or(image);
    let (name, tag) = last.split_once(':').unwrap_or((last, ""));
    match name {
        "busybox" => {
            let mut numbers = tag.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(99));
            if (numbers.next().unwrap_or(99), numbers.next().unwrap_or(99)) < (1, 29) {
                Style::OldBusybox
            } else {
                Style::Busybox
            }
        }
        _ if name == "alpine" || tag.contains("alpine") => Style::Busybox,
        _ => Style::Bind,
    }
}

fn query_of(word: &str) -> Option<Query> {
    Some(match word.to_ascii_lowercase().as_str() {
        "a" => Query::A,
        "aaaa" => Query::Aaaa,
        "srv" => Query::Srv,
        "ptr" => Query::Ptr,
        "cname" => Query::Cname,
        "any" => Query::A,
        _ => return None,
    })
}

fn resolver(room: &Room<'_, '_>, files: &Files) -> Resolver {
    Resolver::of(&room.text("/etc/resolv.conf", files))
}

fn reversed(address: &str) -> Option<String> {
    let numbers = address.parse::<std::net::Ipv4Addr>().ok()?.octets();
    Some(format!("{}.{}.{}.{}.in-addr.arpa", numbers[3], numbers[2], numbers[1], numbers[0]))
}

pub(super) fn nslookup(room: &mut Room<'_, '_>, argv: &[String], files: &mut Files) -> Started<Job> {
    let mut query = None;
    let mut words = Vec::new();
    for word in &argv[1..] {
        let option = word.strip_prefix('-').map(|rest| rest.trim_start_matches('-'));
        match option.and_then(|rest| {
            rest.strip_prefix("type=").or_else(|| rest.strip_prefix("query=").or_else(|| rest.strip_prefix("q=")))
        }) {
            Some(kind) => match query_of(kind) {
                Some(known) => query = Some(known),
                None => return Started::Done(Outcome::error(1, format!("unknown query type: {kind}"))),
            },
            None if option.is_some() => {}
            None => words.push(word.as_str()),
        }
    }
    let Some(name) = words.first().copied() else {
        return Started::Done(Outcome::error(1, "podground: nslookup: nobody is there to type: name what to look up"));
    };
    let mut resolver = resolver(room, files);
    if let Some(server) = words.get(1) {
        let hosts = room.text("/etc/hosts", files);
        match resolver.addresses(room.world.cluster.lister(), &hosts, server).first() {
            Some(address) => resolver.server.clone_from(address),
            None => return Started::Done(Outcome::error(1, format!("nslookup: can't resolve '{server}'"))),
        }
    }
    if !resolver.asks_the_cluster() {
        let outcome = Outcome {
            exit_code: 1,
            stdout: ";; connection timed out; no servers could be reached\n\n".to_owned(),
            stderr: String::new(),
        };
        return room.after(NO_SERVER_MS, outcome);
    }
    let looking = Looking { room, resolver: &resolver, files };
    Started::Done(match style(&looking.room.inside.image) {
        Style::OldBusybox => looking.old_busybox(name),
        Style::Busybox => looking.busybox(name, query),
        Style::Bind => looking.bind(name, query),
    })
}

struct Looking<'l, 'r, 'w> {
    room: &'l Room<'r, 'w>,
    resolver: &'l Resolver,
    files: &'l Files,
}

impl Looking<'_, '_, '_> {
    fn name_of(&self, address: &str) -> Option<String> {
        match ask(self.room.world.cluster.lister(), &reversed(address)?, Query::Ptr) {
            Answer::Records(records) => records.into_iter().find_map(|record| match record.data {
                Data::Ptr(name) => Some(name),
                _ => None,
            }),
            _ => None,
        }
    }

    fn old_busybox(&self, name: &str) -> Outcome {
        let with_name = |number: usize, address: &str| {
            let name = self.name_of(address).map(|name| format!(" {name}")).unwrap_or_default();
            format!("Address {number}: {address}{name}\n")
        };
        let server = &self.resolver.server;
        let mut outcome = Outcome::ok(format!("Server:    {server}\n{}\n", with_name(1, server)));
        let hosts = self.room.text("/etc/hosts", self.files);
        let addresses = self.resolver.addresses(self.room.world.cluster.lister(), &hosts, name);
        if addresses.is_empty() {
            outcome.exit_code = 1;
            outcome.stderr = format!("nslookup: can't resolve '{name}'\n");
            return outcome;
        }
        outcome.stdout.push_str(&format!("Name:      {name}\n"));
        for (index, address) in addresses.iter().enumerate() {
            outcome.stdout.push_str(&with_name(index + 1, address));
        }
        outcome
    }

    fn busybox(&self, name: &str, query: Option<Query>) -> Outcome {
        let server = &self.resolver.server;
        let mut outcome = Outcome::ok(format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n"));
        let (names, queries) = match reversed(name) {
            Some(reversed) => (vec![reversed], vec![Query::Ptr]),
            None if name.contains('.') || self.resolver.search.is_empty() => (
                vec![name.trim_end_matches('.').to_owned()],
                query.map_or(vec![Query::A, Query::Aaaa], |query| vec![query]),
            ),
            None => {
                let names = self.resolver.search.iter().map(|domain| format!("{name}.{domain}")).collect();
                (names, query.map_or(vec![Query::A, Query::Aaaa], |query| vec![query]))
            }
        };
        for query in queries {
            for name in &names {
                match ask(self.room.world.cluster.lister(), name, query) {
                    Answer::Records(records) => outcome.stdout.push_str(&lines(&records)),
                    Answer::NoData => continue,
                    Answer::NxDomain => {
                        outcome.exit_code = 1;
                        outcome.stdout.push_str(&format!("** server can't find {name}: NXDOMAIN\n"));
                    }
                    Answer::Outside => fail_outside(&mut outcome, name),
                }
                outcome.stdout.push('\n');
            }
        }
        outcome
    }

    fn bind(&self, name: &str, query: Option<Query>) -> Outcome {
        let server = &self.resolver.server;
        let mut outcome = Outcome::ok(format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n"));
        let lister = self.room.world.cluster.lister();
        let looked = match reversed(name) {
            Some(reversed) => Looked { answer: ask(lister, &reversed, Query::Ptr), name: reversed },
            None => self.resolver.look_up(lister, name, query.unwrap_or(Query::A)),
        };
        match looked.answer {
            Answer::Records(records) => outcome.stdout.push_str(&lines(&records)),
            Answer::NoData => outcome.stdout.push_str(&format!("*** Can't find {name}: No answer\n")),
            Answer::NxDomain => {
                outcome.exit_code = 1;
                outcome.stdout.push_str(&format!("** server can't find {}: NXDOMAIN\n", looked.name));
            }
            // A short name that no domain of the cluster has: the name server asks the world last.
            Answer::Outside if !looked.name.contains('.') || looked.name.ends_with(".local") => {
                outcome.exit_code = 1;
                outcome.stdout.push_str(&format!("** server can't find {}: NXDOMAIN\n", looked.name));
            }
            Answer::Outside => fail_outside(&mut outcome, &looked.name),
        }
        outcome.stdout.push('\n');
        outcome
    }
}

/// A name that the cluster's name server would ask the world for.
fn fail_outside(outcome: &mut Outcome, name: &str) {
    outcome.exit_code = 1;
    outcome.stdout.push_str(&format!("** server can't find {name}: NXDOMAIN\n"));
    // What looks like a name of the world, and not like one that was meant for the cluster.
    let last = name.rsplit('.').next().unwrap_or("");
    if name.contains('.') && last.len() <= 3 && !outcome.stderr.contains("podground") {
        outcome
            .stderr
            .push_str("podground: there is no network beyond the cluster: names outside of it are not known\n");
    }
}

/// Records as `nslookup` lists them.
fn lines(records: &[Record]) -> String {
    let line = |record: &Record| match &record.data {
        Data::A(address) => format!("Name:\t{}\nAddress: {address}\n", record.name),
        Data::Cname(target) => format!("{}\tcanonical name = {target}.\n", record.name),
        Data::Srv { weight, port, target } => format!("{}\tservice = 0 {weight} {port} {target}.\n", record.name),
        Data::Ptr(target) => format!("{}\tname = {target}.\n", record.name),
    };
    records.iter().map(line).collect()
}

pub(super) fn dig(room: &mut Room<'_, '_>, argv: &[String], files: &mut Files) -> Started<Job> {
    let (mut query, mut name, mut short, mut search) = (Query::A, None, false, false);
    let mut rest = argv[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "+short" => short = true,
            "+search" => search = true,
            "-x" => {
                name = rest.next().and_then(|address| reversed(address));
                query = Query::Ptr;
            }
            "-t" => query = rest.next().and_then(|kind| query_of(kind)).unwrap_or(query),
            word if word.starts_with(['+', '-', '@']) => {}
            word => match query_of(word).filter(|_| !word.contains('.')) {
                Some(kind) => query = kind,
                None => name = Some(word.to_owned()),
            },
        }
    }
    let Some(name) = name else { return Started::Done(Outcome::error(1, "podground: dig: name what to look up")) };
    let resolver = resolver(room, files);
    if !resolver.asks_the_cluster() {
        let text = ";; communications error: timed out\n;; no servers could be reached\n".to_owned();
        return room.after(NO_SERVER_MS, Outcome { exit_code: 9, stdout: text, stderr: String::new() });
    }
    let lister = room.world.cluster.lister();
    let full = if search || name.ends_with('.') { name.clone() } else { format!("{name}.") };
    let looked = resolver.look_up(lister, &full, query);
    let records = match &looked.answer {
        Answer::Records(records) => records.as_slice(),
        _ => &[],
    };
    let value = |record: &Record| match &record.data {
        Data::A(address) => ("A", address.clone()),
        Data::Cname(target) => ("CNAME", format!("{target}.")),
        Data::Srv { weight, port, target } => ("SRV", format!("0 {weight} {port} {target}.")),
        Data::Ptr(target) => ("PTR", format!("{target}.")),
    };
    if short {
        return Started::Done(Outcome::ok(records.iter().map(|record| value(record).1 + "\n").collect::<String>()));
    }
    let status = if matches!(looked.answer, Answer::NxDomain | Answer::Outside) { "NXDOMAIN" } else { "NOERROR" };
    let kind = format!("{query:?}").to_uppercase();
    let mut text = format!(
        "\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: 0\n;; flags: qr aa rd; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: 0\n\n;; QUESTION SECTION:\n;{}.\tIN\t{kind}\n",
        records.len(),
        looked.name
    );
    if !records.is_empty() {
        text.push_str("\n;; ANSWER SECTION:\n");
    }
    for record in records {
        let (kind, value) = value(record);
        text.push_str(&format!("{}.\t30\tIN\t{kind}\t{value}\n", record.name));
    }
    text.push_str(&format!("\n;; SERVER: {}#53({})\n\n", resolver.server, resolver.server));
    Started::Done(Outcome::ok(text))
}

pub(super) fn getent(room: &mut Room<'_, '_>, argv: &[String], files: &mut Files) -> Started<Job> {
    let [_, database, name] = argv else {
        return Started::Done(Outcome::error(1, "podground: getent: only `getent hosts NAME` is available here"));
    };
    if !matches!(database.as_str(), "hosts" | "ahosts" | "ahostsv4") {
        return Started::Done(Outcome::error(1, format!("Unknown database: {database}")));
    }
    let resolver = resolver(room, files);
    let lister = room.world.cluster.lister();
    let addresses = resolver.addresses(lister, &room.text("/etc/hosts", files), name);
    if addresses.is_empty() {
        return Started::Done(Outcome { exit_code: 2, ..Outcome::default() });
    }
    let full = match resolver.look_up(lister, name, Query::A) {
        Looked { answer: Answer::Records(_), name } => name,
        _ => name.clone(),
    };
    Started::Done(Outcome::ok(addresses.iter().map(|address| format!("{address:<15} {full}\n")).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_decides_how_nslookup_prints() {
        assert_eq!(style("docker.io/library/busybox:1.28"), Style::OldBusybox);
        assert_eq!(style("docker.io/library/busybox:1.28.4-glibc"), Style::OldBusybox);
        assert_eq!(style("docker.io/library/busybox:1.36"), Style::Busybox);
        assert_eq!(style("docker.io/library/busybox:latest"), Style::Busybox);
        assert_eq!(style("docker.io/library/nginx:1.27-alpine"), Style::Busybox);
        assert_eq!(style("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.3"), Style::Bind);
    }
}
