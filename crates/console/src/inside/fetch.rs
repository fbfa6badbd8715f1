//! `curl` and `wget`: connections between pods.

use super::host::Room;
use crate::files::Files;
use crate::flags::Flags;
use crate::host::{Outcome, Started};
use crate::world::Job;
use cluster::{Connection, Request, Response};
use network::Resolver;

/// How long a connection is tried that nobody answers.
const PATIENCE_MS: u64 = 127_000;

/// A URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Url {
    tls: bool,
    host: String,
    port: i32,
    path: String,
}

impl Url {
    fn parse(text: &str) -> Option<Url> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| (1..=65_535).contains(port))?),
            None => (authority, if tls { 443 } else { 80 }),
        };
        if host.is_empty() {
            return None;
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Some(Url { tls, host: host.to_owned(), port, path })
    }
}

/// What calling a URL came to.
enum Called {
    NoSuchHost,
    /// At this address.
    At(String, Connection),
}

fn call(room: &mut Room<'_, '_>, files: &Files, url: &Url, method: &str) -> Called {
    let resolver = Resolver::of(&room.text("/etc/resolv.conf", files));
    let hosts = room.text("/etc/hosts", files);
    let addresses = resolver.addresses(room.world.cluster.lister(), &hosts, &url.host);
    let Some(address) = addresses.into_iter().next() else { return Called::NoSuchHost };
    let host = if url.port == 80 { url.host.clone() } else { format!("{}:{}", url.host, url.port) };
    let client = room.inside.address.to_string();
    // A handshake is no request that a server here would understand.
    let method = if url.tls { "" } else { method };
    let request = Request { method: method.to_owned(), path: url.path.clone(), host, client };
    let connection = room.world.cluster.connect(&room.inside.pod, &address, url.port, &request);
    Called::At(address, connection)
}

fn millis(seconds: &str) -> Option<u64> {
    let seconds: f64 = seconds.parse().ok()?;
    (seconds.is_finite() && seconds > 0.0).then_some((seconds * 1000.0) as u64)
}

const CURL: &[(&str, char)] = &[
    ("silent", 's'),
    ("show-error", 'S'),
    ("fail", 'f'),
    ("location", 'L'),
    ("insecure", 'k'),
    ("verbose", 'v'),
    ("head", 'I'),
    ("include", 'i'),
    ("output", 'o'),
    ("write-out", 'w'),
    ("max-time", 'm'),
    ("connect-timeout", 'C'),
    ("request", 'X'),
    ("header", 'H'),
    ("data", 'd'),
    ("user-agent", 'A'),
    ("user", 'u'),
    ("retry", 'R'),
    ("cacert", 'E'),
    ("http1.1", '1'),
    ("ipv4", '4'),
    ("no-progress-meter", 's'),
];

pub(super) fn curl(room: &mut Room<'_, '_>, argv: &[String], files: &mut Files) -> Started<Job> {
    let flags = match Flags::parse("curl", &argv[1..], "sSfLkvIig4N1#o:w:m:C:X:H:d:A:u:R:E:", CURL) {
        Ok(flags) => flags,
        Err(outcome) => return Started::Done(outcome),
    };
    if flags.words.is_empty() {
        return Started::Done(Outcome::error(2, "curl: try 'curl --help' or 'curl --manual' for more information"));
    }
    let mut all = Outcome::default();
    for word in &flags.words {
        match curl_one(room, &flags, word, files) {
            Started::Done(outcome) => {
                all.exit_code = outcome.exit_code;
                all.stdout.push_str(&outcome.stdout);
                all.stderr.push_str(&outcome.stderr);
            }
            // What comes after one that nobody answers is not called any more.
            Started::Waiting { job: Job::Later { at_ms, outcome }, .. } => {
                all.exit_code = outcome.exit_code;
                all.stderr.push_str(&outcome.stderr);
                all.stdout.push_str(&outcome.stdout);
                let left = at_ms.saturating_sub(crate::host::Host::now_ms(room));
                return room.after(left, all);
            }
            other => return other,
        }
    }
    Started::Done(all)
}

fn curl_one(room: &mut Room<'_, '_>, flags: &Flags, word: &str, files: &mut Files) -> Started<Job> {
    let failed = |code: i32, message: String| {
        let quiet = flags.has('s') && !flags.has('S');
        let stdout = flags.value('w').map(|format| written(format, 0, 0)).unwrap_or_default();
        Outcome {
            exit_code: code,
            stdout,
            stderr: if quiet { String::new() } else { format!("curl: ({code}) {message}\n") },
        }
    };
    let Some(mut url) = Url::parse(word) else {
        return Started::Done(failed(3, "URL rejected: Malformed input to a URL function".to_owned()));
    };
    let method = if flags.has('I') { "HEAD" } else { flags.value('X').unwrap_or("GET") };
    for _ in 0..4 {
        let (host, port) = (url.host.clone(), url.port);
        let response = match call(room, files, &url, method) {
            Called::NoSuchHost => return Started::Done(failed(6, format!("Could not resolve host: {host}"))),
            Called::At(_, Connection::Refused) => {
                let message =
                    format!("Failed to connect to {host} port {port} after 0 ms: Could not connect to server");
                return Started::Done(failed(7, message));
            }
            Called::At(_, Connection::Silence) => {
                let limit = [flags.value('m'), flags.value('C')].into_iter().flatten().filter_map(millis).min();
                let message = match limit {
                    Some(limit) => format!("Connection timed out after {limit} milliseconds"),
                    None => format!(
                        "Failed to connect to {host} port {port} after {PATIENCE_MS} ms: Could not connect to server"
                    ),
                };
                return room.after(limit.unwrap_or(PATIENCE_MS), failed(28, message));
            }
            Called::At(_, Connection::ApiServer) => {
                return Started::Done(failed(60, "podground: the API server answers kubectl only".to_owned()));
            }
            Called::At(_, Connection::Answered(_)) if url.tls => {
                return Started::Done(failed(35, "podground: TLS is not modelled: use http://".to_owned()));
            }
            Called::At(_, Connection::Answered(response)) if response.status == 0 => {
                return Started::Done(failed(1, "Received HTTP/0.9 when not allowed".to_owned()));
            }
            Called::At(_, Connection::Answered(response)) => response,
        };
        if response.status == 301 && flags.has('L') {
            url.path.push('/');
            continue;
        }
        if response.status >= 400 && flags.has('f') {
            return Started::Done(failed(22, format!("The requested URL returned error: {}", response.status)));
        }
        return Started::Done(curl_output(flags, &response, files));
    }
    Started::Done(failed(47, "Maximum (50) redirects followed".to_owned()))
}

fn curl_output(flags: &Flags, response: &Response, files: &mut Files) -> Outcome {
    let mut outcome = Outcome::default();
    let mut text = String::new();
    if flags.has('I') || flags.has('i') {
        text.push_str(&head(response));
    }
    if !flags.has('I') {
        text.push_str(&response.body);
    }
    match flags.value('o') {
        None | Some("-") => outcome.stdout = text,
        Some(path) => {
            if let Err(error) = files.write(path, text) {
                return Outcome::error(
                    23,
                    format!("curl: (23) Failure writing output to destination: {path}: {error}"),
                );
            }
        }
    }
    if let Some(format) = flags.value('w') {
        outcome.stdout.push_str(&written(format, response.status, response.body.len()));
    }
    outcome
}

fn head(response: &Response) -> String {
    let mut text = format!("HTTP/1.1 {} {}\n", response.status, response.reason());
    response.headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
    text + "\n"
}

/// What `-w` asks for.
fn written(format: &str, status: u16, bytes: usize) -> String {
    let status = format!("{status:03}");
    format
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("%{http_code}", &status)
        .replace("%{response_code}", &status)
        .replace("%{size_download}", &bytes.to_string())
}

const WGET: &[(&str, char)] = &[
    ("quiet", 'q'),
    ("output-document", 'O'),
    ("timeout", 'T'),
    ("tries", 't'),
    ("spider", 's'),
    ("no-check-certificate", 'k'),
    ("server-response", 'S'),
    ("header", 'H'),
    ("post-data", 'd'),
    ("no-verbose", 'q'),
];

pub(super) fn wget(room: &mut Room<'_, '_>, argv: &[String], files: &mut Files) -> Started<Job> {
    let flags = match Flags::parse("wget", &argv[1..], "qsSkcnvO:T:t:H:d:U:P:", WGET) {
        Ok(flags) => flags,
        Err(outcome) => return Started::Done(outcome),
    };
    let Some(word) = flags.words.first() else {
        return Started::Done(Outcome::error(1, "wget: missing URL"));
    };
    let failed = |before: &str, message: String| Outcome {
        exit_code: 1,
        stdout: String::new(),
        stderr: format!("{before}wget: {message}\n"),
    };
    let Some(mut url) = Url::parse(word) else {
        return Started::Done(failed("", format!("not an http or ftp url: {word}")));
    };
    for _ in 0..4 {
        let (host, port) = (url.host.clone(), url.port);
        let (address, connection) = match call(room, files, &url, "GET") {
            Called::NoSuchHost => return Started::Done(failed("", format!("bad address '{host}'"))),
            Called::At(address, connection) => (address, connection),
        };
        let said = if flags.has('q') { String::new() } else { format!("Connecting to {host} ({address}:{port})\n") };
        let response = match connection {
            Connection::Refused => {
                return Started::Done(failed(
                    &said,
                    format!("can't connect to remote host ({address}): Connection refused"),
                ));
            }
            Connection::Silence => {
                let limit = flags.value('T').and_then(millis);
                let message = match limit {
                    Some(_) => "download timed out".to_owned(),
                    None => format!("can't connect to remote host ({address}): Connection timed out"),
                };
                return room.after(limit.unwrap_or(PATIENCE_MS), failed(&said, message));
            }
            Connection::ApiServer => {
                return Started::Done(failed(&said, "podground: the API server answers kubectl only".to_owned()));
            }
            Connection::Answered(_) if url.tls => {
                return Started::Done(failed(&said, "podground: TLS is not modelled: use http://".to_owned()));
            }
            Connection::Answered(response) if response.status == 0 => {
                return Started::Done(failed(&said, "bad header line from the server".to_owned()));
            }
            Connection::Answered(response) => response,
        };
        if response.status == 301 {
            url.path.push('/');
            continue;
        }
        if response.status != 200 {
            let message = format!("server returned error: HTTP/1.1 {} {}", response.status, response.reason());
            return Started::Done(failed(&said, message));
        }
        return Started::Done(wget_output(&flags, &url, &response, said, files));
    }
    Started::Done(failed("", "too many redirections".to_owned()))
}

fn wget_output(flags: &Flags, url: &Url, response: &Response, said: String, files: &mut Files) -> Outcome {
    let mut outcome = Outcome { stderr: said, ..Outcome::default() };
    let quiet = flags.has('q');
    let mut say = |text: String| {
        if !quiet {
            outcome.stderr.push_str(&text);
        }
    };
    if flags.has('s') {
        say("remote file exists\n".to_owned());
        return outcome;
    }
    let bar = |name: &str| {
        let bytes = response.body.len();
        format!("{name:<20} 100% |{}| {bytes:>5}  0:00:00 ETA\n", "*".repeat(32))
    };
    let file = match flags.value('O') {
        Some("-") => {
            say(format!("writing to stdout\n{}written to stdout\n", bar("-")));
            outcome.stdout.clone_from(&response.body);
            return outcome;
        }
        Some(path) => path.to_owned(),
        None => match url.path.rsplit('/').next().filter(|name| !name.is_empty()) {
            Some(name) => name.split('?').next().unwrap_or(name).to_owned(),
            None => "index.html".to_owned(),
        },
    };
    say(format!("saving to '{file}'\n{}'{file}' saved\n", bar(&file)));
    if let Err(error) = files.write(&file, response.body.as_str()) {
        return Outcome::error(1, format!("wget: can't open '{file}': {error}"));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let parse =
            |text: &str| Url::parse(text).map(|url| format!("{} {} {} {}", url.tls, url.host, url.port, url.path));
        assert_eq!(parse("localhost").as_deref(), Some("false localhost 80 /"));
        assert_eq!(parse("http://web-0.nginx:8080/a?b=c").as_deref(), Some("false web-0.nginx 8080 /a?b=c"));
        assert_eq!(parse("https://kubernetes/version").as_deref(), Some("true kubernetes 443 /version"));
        assert_eq!((parse("ftp://x"), parse("http://:80"), parse("a:99999")), (None, None, None));
    }
}
