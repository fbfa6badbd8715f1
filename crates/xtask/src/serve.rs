//! `serve`: the README's first command. Sets up, builds if something changed, serves `target/dist` on this machine.

use crate::process::{duration, run as run_loudly};
use crate::project::Project;
use crate::{Result, dist, setup};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Instant;

const USAGE: &str = "usage: cargo xtask serve [--port N] [--watch]";
const PORT: u16 = 8080;

struct Options {
    port: Option<u16>,
    watch: bool,
}

/// The command.
pub fn run(project: &Project, args: &[String]) -> Result<()> {
    let options = parse(args)?;
    let start = Instant::now();
    println!("podground: setting up what is missing (the first time takes some minutes)");
    setup::ensure(project, setup::PAGE)?;
    if options.watch {
        return watch(project, options.port.unwrap_or(PORT));
    }
    let folder = dist::fresh(project)?;
    let listener = listen(options.port)?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!(
        "\npodground is at  http://localhost:{}/   (ready in {}; Ctrl+C stops)",
        address.port(),
        duration(start.elapsed())
    );
    for stream in listener.incoming().flatten() {
        let folder = folder.clone();
        std::thread::spawn(move || answer(&stream, &folder));
    }
    Ok(())
}

/// The developer's loop: Trunk builds without optimisation and reloads the page on every change.
fn watch(project: &Project, port: u16) -> Result<()> {
    let mut trunk = project.command("trunk");
    trunk.args(["serve", "--skip-version-check", "--port", &port.to_string()]).env_remove("NO_COLOR");
    run_loudly(&mut trunk)
}

fn parse(args: &[String]) -> Result<Options> {
    let mut options = Options { port: None, watch: false };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--watch" => options.watch = true,
            "--port" => {
                let port = rest.next().and_then(|port| port.parse().ok());
                options.port = Some(port.ok_or_else(|| format!("--port needs a number\n{USAGE}"))?);
            }
            _ => return Err(format!("{arg:?} is not an option\n{USAGE}")),
        }
    }
    Ok(options)
}

/// The port that was asked for, or the usual one, or any free one.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port: u16| TcpListener::bind(("127.0.0.1", port));
    match port {
        Some(port) => bind(port).map_err(|error| format!("cannot listen on port {port}: {error}")),
        None => bind(PORT).or_else(|_| bind(0)).map_err(|error| format!("cannot listen on any port: {error}")),
    }
}

fn answer(stream: &TcpStream, folder: &Path) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(request)) = lines.next() else { return };
    // The headers must be read before the answer, or the browser sees a reset connection.
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let reply = if method == "GET" || method == "HEAD" {
        reply(folder, target)
    } else {
        Reply::Status("405 Method Not Allowed")
    };
    let mut head = String::new();
    let mut body = Vec::new();
    match reply {
        Reply::File(file) => match std::fs::read(&file) {
            Ok(bytes) => {
                head = format!("200 OK\r\nContent-Type: {}\r\nCache-Control: no-cache", content_type(&file));
                body = bytes;
            }
            Err(_) => head.push_str("404 Not Found"),
        },
        Reply::Redirect(to) => head = format!("308 Permanent Redirect\r\nLocation: {to}"),
        Reply::Status(status) => head.push_str(status),
    }
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    if method == "HEAD" {
        body.clear();
    }
    let mut stream = stream;
    // A browser that went away needs no answer.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)));
}

#[derive(Debug, PartialEq)]
enum Reply {
    File(PathBuf),
    Redirect(String),
    Status(&'static str),
}

/// Which file a request means. Never one outside of the folder.
fn reply(folder: &Path, target: &str) -> Reply {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if path.split('/').any(|part| part == "..") || path.contains('\\') || path.contains('%') || !path.starts_with('/') {
        return Reply::Status("400 Bad Request");
    }
    let file = folder.join(path.trim_start_matches('/'));
    if path.ends_with('/') {
        Reply::File(file.join("index.html"))
    } else if file.is_dir() {
        Reply::Redirect(format!("{path}/{}", &target[path.len()..]))
    } else {
        Reply::File(file)
    }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "md" | "txt" | "yaml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Reply, reply};
    use std::path::Path;

    #[test]
    fn requests_stay_in_the_folder() {
        let folder = Path::new("/nowhere/dist");
        assert_eq!(reply(folder, "/?a=b"), Reply::File(folder.join("index.html")));
        assert_eq!(reply(folder, "/embed/"), Reply::File(folder.join("embed/index.html")));
        assert_eq!(reply(folder, "/../secret"), Reply::Status("400 Bad Request"));
        assert_eq!(reply(folder, "/%2e%2e/secret"), Reply::Status("400 Bad Request"));
        assert_eq!(reply(Path::new(env!("CARGO_MANIFEST_DIR")), "/src?a"), Reply::Redirect("/src/?a".to_owned()));
        assert_eq!(reply(folder, "//etc/passwd"), Reply::File(folder.join("etc/passwd")));
    }
}
