//! What lies in a container before anything is written: the folders every image has, and the pages that well-known
//! web servers bring along. Programs are not among them, as none is run.

use super::{Disk, Entry};
use api::Time;

/// Folders that every image has.
const FOLDERS: &[&str] = &[
    "bin",
    "dev",
    "etc",
    "home",
    "proc",
    "root",
    "run",
    "sys",
    "tmp",
    "usr/bin",
    "usr/lib",
    "usr/local/bin",
    "usr/share",
    "var/lib",
    "var/log",
    "var/run",
];

/// A kind of image whose files or answers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// nginx and what is built like it.
    Nginx,
    /// The Apache web server.
    Httpd,
    /// Anything else.
    Other,
}

/// The family of an image, by the last part of its name.
pub(crate) fn family(image: &str) -> Family {
    match base_name(image) {
        "nginx" | "nginx-slim" | "nginx-unprivileged" | "openresty" => Family::Nginx,
        "httpd" => Family::Httpd,
        _ => Family::Other,
    }
}

/// `nginx` of `docker.io/library/nginx:1.27@sha256:…`.
pub(crate) fn base_name(image: &str) -> &str {
    let path = image.split('@').next().unwrap_or(image);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split(':').next().unwrap_or(last)
}

impl Family {
    /// The folder whose files it serves.
    pub(crate) fn web_folder(self) -> Option<&'static str> {
        match self {
            Family::Nginx => Some("usr/share/nginx/html"),
            Family::Httpd => Some("usr/local/apache2/htdocs"),
            Family::Other => None,
        }
    }
}

/// The page that nginx shows before it has one of its own.
const WELCOME: &str = "<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
</body>
</html>
";
const IT_WORKS: &str = "<html><body><h1>It works!</h1></body></html>\n";

/// The files of an image, as of `made`.
pub(crate) fn files(image: &str, made: Time) -> Disk {
    let mut disk = Disk::default();
    for folder in FOLDERS {
        disk.put(folder, Entry::folder(made));
    }
    for folder in ["tmp", "var/tmp"] {
        disk.put(folder, Entry { mode: 0o1777, ..Entry::folder(made) });
    }
    disk.put("root", Entry { mode: 0o700, ..Entry::folder(made) });
    let page = match family(image) {
        Family::Nginx => WELCOME,
        Family::Httpd => IT_WORKS,
        Family::Other => return disk,
    };
    if let Some(folder) = family(image).web_folder() {
        disk.put(&format!("{folder}/index.html"), Entry::file(page, made));
    }
    if family(image) == Family::Nginx {
        disk.put("etc/nginx/conf.d", Entry::folder(made));
        disk.put("var/log/nginx", Entry::folder(made));
    }
    disk
}
