//! ConfigMaps and Secrets from literals and files. Models: kubectl/pkg/cmd/create (create_configmap.go, create_secret*.go).

use super::{MADE, make, name};
use crate::args::Args;
use crate::base64;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::verbs::Verb;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SOURCES: &[Flag] = &[
    Flag::on("append-hash", "Append a hash of the object to its name."),
    Flag::texts("from-env-file", "Specify the path to a file to read lines of key=val pairs."),
    Flag::texts("from-file", "Key file can be specified using its file path, or with a key: key=path."),
    Flag::array("from-literal", "Specify a key and literal value to insert (i.e. mykey=somevalue)"),
];

pub(super) const CONFIG_MAP: Verb = Verb {
    aliases: &["cm"],
    usage: "configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    long: "Makes a ConfigMap from files, folders and literal values.",
    examples: "  kubectl create configmap web --from-literal=mode=fast --from-file=app.properties",
    flags: &[MADE[0], MADE[1], MADE[2], MADE[3], MADE[4], SOURCES],
    run: |call, args| {
        let data = data(call, args, "configmap")?;
        let mut body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name(args)?}});
        if !data.is_empty() {
            body["data"] = data.into_iter().map(|(key, value)| (key, Value::from(value))).collect::<Map<_, _>>().into();
        }
        make(call, args, body, "created", "failed to create configmap: ")
    },
    ..Verb::named("configmap", "Create a config map from a local file, directory or literal value")
};

pub(super) const SECRET: Verb = Verb {
    usage: "secret (docker-registry | generic | tls)",
    long: "Makes a Secret.",
    subs: &[DOCKER, GENERIC, TLS],
    run: |call, args| crate::verbs::group(call, args, &SECRET),
    ..Verb::named("secret", "Create a secret using a specified subcommand")
};

const GENERIC: Verb = Verb {
    usage: "generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]",
    examples: "  kubectl create secret generic db --from-literal=password=hello",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        SOURCES,
        &[Flag::text("type", "The type of secret to create")],
    ],
    run: |call, args| {
        let data = data(call, args, "secret")?;
        secret(call, args, args.text("type"), data)
    },
    ..Verb::named("generic", "Create a secret from a local file, directory, or literal value")
};

const TLS: Verb = Verb {
    usage: "tls NAME --cert=path/to/cert/file --key=path/to/key/file",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::text("cert", "Path to PEM encoded public key certificate."),
            Flag::text("key", "Path to private key associated with given certificate."),
        ],
    ],
    run: |call, args| {
        let read = |flag: &str| match args.text(flag) {
            "" => Err(CmdError::new(format!("{flag} file not specified"))),
            path => call.read_file(path),
        };
        let data = BTreeMap::from([("tls.crt".to_owned(), read("cert")?), ("tls.key".to_owned(), read("key")?)]);
        secret(call, args, "kubernetes.io/tls", data)
    },
    ..Verb::named("tls", "Create a TLS secret")
};

const DOCKER: Verb = Verb {
    usage: "docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::text("docker-email", "Email for Docker registry"),
            Flag::text("docker-password", "Password for Docker registry authentication"),
            Flag::text("docker-server", "Server location for Docker registry").at("'https://index.docker.io/v1/'"),
            Flag::text("docker-username", "Username for Docker registry authentication"),
        ],
    ],
    run: |call, args| {
        let (user, password) = (args.text("docker-username"), args.text("docker-password"));
        let server = args.maybe("docker-server").unwrap_or("https://index.docker.io/v1/");
        let mut login = json!({"username": user, "password": password, "auth": base64::encode(format!("{user}:{password}").as_bytes())});
        if args.given("docker-email") {
            login["email"] = args.text("docker-email").into();
        }
        let text = json!({"auths": {server: login}}).to_string();
        let data = BTreeMap::from([(".dockerconfigjson".to_owned(), text)]);
        secret(call, args, "kubernetes.io/dockerconfigjson", data)
    },
    ..Verb::named("docker-registry", "Create a secret for use with a Docker registry")
};

fn secret(call: &mut Call<'_>, args: &Args, r#type: &str, data: BTreeMap<String, String>) -> Result<Outcome, CmdError> {
    let mut body = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name(args)?}});
    if !r#type.is_empty() {
        body["type"] = r#type.into();
    }
    if !data.is_empty() {
        let coded = data.into_iter().map(|(key, value)| (key, Value::from(base64::encode(value.as_bytes()))));
        body["data"] = coded.collect::<Map<_, _>>().into();
    }
    make(call, args, body, "created", "failed to create secret ")
}

/// The keys and values of all sources.
fn data(call: &Call<'_>, args: &Args, what: &str) -> Result<BTreeMap<String, String>, CmdError> {
    let (files, literals) = (args.texts("from-file"), args.texts("from-literal"));
    if args.given("from-env-file") && !(files.is_empty() && literals.is_empty()) {
        return Err(CmdError::new("from-env-file cannot be combined with from-file or from-literal"));
    }
    let mut data = Data { what, map: BTreeMap::new() };
    for source in files {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (Some(key), path),
            None => (None, source.as_str()),
        };
        data.file(call, key, path)?;
    }
    for literal in literals {
        let (key, value) = literal
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| CmdError::new(format!("invalid literal source {literal}, expected key=value")))?;
        data.add(key, value.trim_matches(['"', '\'']).to_owned())?;
    }
    for path in args.texts("from-env-file") {
        let text = call.read_file(path).map_err(|_| missing(path))?;
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            data.add(key, value.to_owned())?;
        }
    }
    Ok(data.map)
}

fn missing(path: &str) -> CmdError {
    CmdError::new(format!("error reading {path}: no such file or directory"))
}

struct Data<'a> {
    what: &'a str,
    map: BTreeMap<String, String>,
}

impl Data<'_> {
    fn file(&mut self, call: &Call<'_>, key: Option<&str>, path: &str) -> Result<(), CmdError> {
        let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        if let Some(text) = call.env.files.read(path) {
            return self.add(&key.map_or_else(|| base(path), str::to_owned), text);
        }
        let names = call.env.files.list(path).ok_or_else(|| missing(path))?;
        if key.is_some() {
            return Err(CmdError::new("cannot give a key name for a directory path"));
        }
        for name in names {
            if let Some(text) = call.env.files.read(&format!("{}/{name}", path.trim_end_matches('/'))) {
                self.add(&name, text)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, key: &str, value: String) -> Result<(), CmdError> {
        let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
        if key.is_empty() || !key.chars().all(is_key) {
            return Err(CmdError::new(if self.what == "secret" {
                format!("\"{key}\" is not valid key name for a Secret {rule}")
            } else {
                format!("\"{key}\" is not a valid key name for a ConfigMap: {rule}")
            }));
        }
        if self.map.insert(key.to_owned(), value).is_some() {
            return Err(CmdError::new(format!("cannot add key {key}, another key by that name already exists")));
        }
        Ok(())
    }
}
