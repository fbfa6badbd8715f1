//! Which containers accept connections, and what well-known servers answer to a GET.
//!
//! No image is run. A container listens at the ports it declares and at the usual port of a well-known image, unless
//! its command is one that is understood (`sleep 3600` listens to nothing). Web servers that serve a folder serve the
//! files of the container; a few small demonstration servers say what they would; every other says that it cannot.

use crate::files::{Family, base_name, family};
use crate::inside::Inside;
use crate::kubelets::Kubelets;
use crate::worker::{Run, State, Worker};
use api::{Container, Str, Time};
use apiserver::Lister;
use std::rc::Rc;

/// The usual ports of well-known images.
const USUAL_PORTS: &[(&str, i32)] = &[
    ("agnhost", 8080),
    ("cassandra", 9042),
    ("echoserver", 8080),
    ("elasticsearch", 9200),
    ("hello-app", 8080),
    ("hpa-example", 80),
    ("http-echo", 5678),
    ("httpd", 80),
    ("kubernetes-zookeeper", 2181),
    ("mariadb", 3306),
    ("memcached", 11211),
    ("mongo", 27017),
    ("mysql", 3306),
    ("nginx", 80),
    ("nginx-slim", 80),
    ("postgres", 5432),
    ("rabbitmq", 5672),
    ("redis", 6379),
    ("serve_hostname", 9376),
    ("whoami", 80),
    ("wordpress", 80),
    ("zookeeper", 2181),
];

/// Servers that do not speak HTTP, by the last part of their image's name.
const NOT_HTTP: &[&str] = &[
    "cassandra",
    "kubernetes-zookeeper",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "postgres",
    "rabbitmq",
    "redis",
    "zookeeper",
];

/// What is asked of a server.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET` or `HEAD`; empty if what was sent is no request.
    pub method: String,
    /// With a slash in front; what follows `?` does not matter.
    pub path: String,
    /// The name and port by which it was called.
    pub host: String,
    /// Who asks.
    pub client: String,
}

/// What it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code, 0 if it does not speak HTTP.
    pub status: u16,
    /// Name and value of each header.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// The words of the status code.
    pub fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            301 => "Moved Permanently",
            403 => "Forbidden",
            404 => "Not Found",
            _ => "Unknown",
        }
    }
}

impl Kubelets {
    /// The container of a pod that accepts connections at this port.
    pub fn listener(&self, uid: &str, port: i32, now: Time) -> Option<Str> {
        let worker = self.workers.get(uid).filter(|worker| worker.sandbox.up)?;
        let listening = |index: &usize| {
            let container = &worker.containers[*index];
            let answers = worker.health(*index).is_some_and(|health| health.answers_from <= now);
            answers && container.run().is_some_and(|run| run.is_alive(now) && listens(worker.spec(*index), run, port))
        };
        (0..worker.containers.len()).find(listening).map(|index| worker.spec(index).name.clone())
    }

    /// A container of a pod has answered: its log tells so.
    pub fn note_request(&mut self, uid: &str, container: &str, request: &Request, now: Time) {
        let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) else { return };
        let Some(index) = worker.index_of(container) else { return };
        if let State::Running(run) = &mut worker.containers[index].state {
            Rc::make_mut(run).note_request(now, &request.method, &request.path, &request.client);
        }
    }

    /// What a container of a pod answers.
    pub fn respond(&self, uid: &str, container: &str, request: &Request, lister: Lister<'_>, now: Time) -> Response {
        let Some(worker) = self.workers.get(uid) else { return Response::default() };
        let Some(inside) = self.look_inside(uid, container, lister, now) else { return Response::default() };
        answer(worker, &inside, request, now)
    }
}

fn listens(spec: &Container, run: &Run, port: i32) -> bool {
    if run.program.is_some() {
        return false;
    }
    let is_tcp = |protocol: &str| matches!(protocol, "" | "TCP");
    let declared = spec.ports.iter().any(|declared| declared.container_port == port && is_tcp(&declared.protocol));
    declared || usual_port(spec, &run.image) == Some(port)
}

/// Whether a container's image, left to its own command, is known to run until it is stopped.
pub(crate) fn serves(spec: &Container) -> bool {
    spec.command.is_empty() && (base_name(&spec.image) == "pause" || usual_port(spec, &spec.image).is_some())
}

fn usual_port(spec: &Container, image: &str) -> Option<i32> {
    let name = base_name(image);
    if name == "agnhost" {
        return match subcommand(spec)? {
            "netexec" => Some(flag(spec, "http-port").and_then(|port| port.parse().ok()).unwrap_or(8080)),
            "serve-hostname" => Some(flag(spec, "port").and_then(|port| port.parse().ok()).unwrap_or(9376)),
            _ => None,
        };
    }
    USUAL_PORTS.iter().find(|(known, _)| *known == name).map(|(_, port)| *port)
}

/// What agnhost is told to be.
fn subcommand(spec: &Container) -> Option<&str> {
    let words = spec.command.iter().chain(&spec.args).map(|word| word.as_str());
    words.into_iter().find(|word| !word.contains('/') && !word.starts_with('-') && *word != "agnhost")
}

fn flag<'a>(spec: &'a Container, name: &str) -> Option<&'a str> {
    let mut words = spec.command.iter().chain(&spec.args);
    while let Some(word) = words.next() {
        let Some(rest) = word.trim_start_matches('-').strip_prefix(name) else { continue };
        match rest.strip_prefix('=') {
            Some(value) => return Some(value),
            None if rest.is_empty() => return words.next().map(|value| value.as_str()),
            None => {}
        }
    }
    None
}

fn answer(worker: &Worker, inside: &Inside, request: &Request, now: Time) -> Response {
    let image = base_name(&inside.image);
    let Some(spec) = worker.index_of(&inside.container).map(|index| worker.spec(index)) else {
        return Response::default();
    };
    if NOT_HTTP.contains(&image) {
        return Response::default();
    }
    if let Some(folder) = family(&inside.image).web_folder() {
        return serve(inside, folder, request, now);
    }
    let host = &inside.hostname;
    let path = request.path.split('?').next().unwrap_or("/");
    match (image, subcommand(spec)) {
        ("serve_hostname", _) | ("agnhost", Some("serve-hostname")) => text(format!("{host}\n"), now),
        ("agnhost", Some("netexec")) => match path {
            "/hostname" | "/hostName" => text(host.clone(), now),
            "/clientip" => text(format!("{}:0", request.client), now),
            "/healthz" => text(String::new(), now),
            _ => text(format!("NOW: {now}"), now),
        },
        ("hello-app", _) => {
            let version = inside.image.rsplit_once(':').map_or("1.0", |(_, tag)| tag);
            text(format!("Hello, world!\nVersion: {version}.0\nHostname: {host}\n"), now)
        }
        ("hpa-example", _) => text("OK!".to_owned(), now),
        ("http-echo", _) => text(format!("{}\n", flag(spec, "text").unwrap_or("hello-world")), now),
        ("whoami", _) => text(
            format!(
                "Hostname: {host}\nIP: 127.0.0.1\nIP: {}\nRemoteAddr: {}\nGET {path} HTTP/1.1\nHost: {}\n",
                inside.address, request.client, request.host
            ),
            now,
        ),
        _ => text(format!("podground: {} is not run here, what it would answer is not modelled\n", inside.image), now),
    }
}

fn text(body: String, now: Time) -> Response {
    let headers = vec![
        ("Date".to_owned(), http_date(now)),
        ("Content-Length".to_owned(), body.len().to_string()),
        ("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned()),
    ];
    Response { status: 200, headers, body }
}

/// A file of the folder that a web server serves.
fn serve(inside: &Inside, folder: &str, request: &Request, now: Time) -> Response {
    let path = request.path.split(['?', '#']).next().unwrap_or("/");
    let mut at = format!("/{}", crate::files::join(folder, &crate::files::normal(path)));
    let is_folder = |path: &str| inside.files.get(path).is_some_and(|entry| entry.text.is_none());
    let status = if !is_folder(&at) {
        404
    } else if !path.ends_with('/') {
        301
    } else {
        at.push_str("/index.html");
        403
    };
    match inside.files.get(&at).filter(|entry| entry.text.is_some()) {
        // Servers run as a user of their own: what others may not read is forbidden.
        Some(entry) if entry.mode & 0o004 != 0 => {
            let body = entry.text.as_deref().unwrap_or("").to_owned();
            page(inside, 200, body, media_type(&at), Some(entry.modified), now)
        }
        Some(_) => failure(inside, 403, now),
        None => failure(inside, status, now),
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html" | "htm") => "text/html",
        Some("txt") => "text/plain",
        Some("json") => "application/json",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        _ => "application/octet-stream",
    }
}

/// The version that an image's tag tells: `nginx/1.27.0`.
fn server_name(inside: &Inside) -> String {
    let tag = inside.image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let version = tag.split('-').next().unwrap_or("");
    let name = if family(&inside.image) == Family::Nginx { "nginx" } else { "Apache" };
    // The tags of other images count these images, not the server in them.
    let is_its_own = matches!(base_name(&inside.image), "nginx" | "httpd");
    if is_its_own && version.contains('.') && version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        format!("{name}/{version}")
    } else {
        name.to_owned()
    }
}

fn failure(inside: &Inside, status: u16, now: Time) -> Response {
    let reason = Response { status, ..Response::default() }.reason();
    let body = if family(&inside.image) == Family::Nginx {
        let server = server_name(inside);
        format!(
            "<html>\n<head><title>{status} {reason}</title></head>\n<body>\n<center><h1>{status} {reason}</h1></center>\n<hr><center>{server}</center>\n</body>\n</html>\n"
        )
    } else {
        format!("<html><head>\n<title>{status} {reason}</title>\n</head><body>\n<h1>{reason}</h1>\n</body></html>\n")
    };
    page(inside, status, body, "text/html", None, now)
}

fn page(inside: &Inside, status: u16, body: String, media: &str, modified: Option<Time>, now: Time) -> Response {
    let mut headers = vec![
        ("Server".to_owned(), server_name(inside)),
        ("Date".to_owned(), http_date(now)),
        ("Content-Type".to_owned(), media.to_owned()),
        ("Content-Length".to_owned(), body.len().to_string()),
    ];
    headers.extend(modified.map(|time| ("Last-Modified".to_owned(), http_date(time))));
    headers.push(("Connection".to_owned(), "keep-alive".to_owned()));
    Response { status, headers, body }
}

/// `Thu, 01 Jan 2026 00:00:00 GMT`
fn http_date(time: Time) -> String {
    let text = time.rfc1123z();
    text.rsplit_once(' ').map_or(text.clone(), |(date, _)| format!("{date} GMT"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Wire;
    use serde_json::json;

    #[test]
    fn agnhost_is_what_its_arguments_say() {
        let spec = |args: serde_json::Value| Container::read(json!({"name": "a", "image": "agnhost", "args": args}));
        let port = |args| usual_port(&spec(args), "registry.k8s.io/e2e-test-images/agnhost:2.53");
        assert_eq!(port(json!(["netexec", "--http-port=9000"])), Some(9000));
        assert_eq!(port(json!(["serve-hostname"])), Some(9376));
        assert_eq!(port(json!(["/agnhost", "netexec", "--http-port", "81"])), Some(81));
        assert_eq!(port(json!(["pause"])), None);
    }
}
