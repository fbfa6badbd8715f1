//! `-f`: files, folders and standard input to objects. Models: cli-runtime/pkg/resource (builder.go, visitor.go).

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::targets::Item;
use api::ObjectKey;
use manifest::{Body, Diagnostic, Manifest, Positions};
use serde_json::{Map, Value};

/// What kubectl calls standard input.
const STDIN: &str = "STDIN";
const EXTENSIONS: &[&str] = &["json", "yaml", "yml"];

/// The objects of all files, and what could not be read.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) items: Vec<Item>,
    pub(crate) errors: Vec<CmdError>,
}

/// Where an object was written.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    file: String,
    positions: Positions,
}

impl Origin {
    /// `web.yaml:12:5`: where this part of the object is written.
    pub(crate) fn place(&self, path: &[schema::Segment]) -> String {
        let start = self.positions.nearest(path).label().start;
        format!("{}:{}:{}", self.file, start.line, start.column)
    }
}

/// Whether the command names files.
pub(crate) fn names_files(args: &Args) -> bool {
    !args.texts("filename").is_empty() || args.given("kustomize")
}

/// Reads everything that `-f` names. A path that does not exist stops everything.
pub(crate) fn load(call: &mut Call<'_>, args: &Args) -> Result<Loaded, CmdError> {
    if args.given("kustomize") {
        return kustomized(call, args);
    }
    let mut loaded = Loaded::default();
    for (source, text) in sources(call, args)? {
        let manifest = manifest::parse(&source, &text);
        read(call, args, &source, manifest, &mut loaded);
    }
    Ok(loaded)
}

/// The objects that a folder of kustomize stands for.
fn kustomized(call: &Call<'_>, args: &Args) -> Result<Loaded, CmdError> {
    if !args.texts("filename").is_empty() {
        return Err(CmdError::new("only one of -f or -k can be specified"));
    }
    let folder = args.text("kustomize");
    let objects = crate::kustomize::build(call.env.files, folder).map_err(CmdError::new)?;
    let documents: Vec<String> = objects.iter().map(manifest::to_yaml).collect();
    let mut loaded = Loaded::default();
    read(call, args, folder, manifest::parse(folder, &documents.join("---\n")), &mut loaded);
    Ok(loaded)
}

/// The files and their texts.
fn sources(call: &mut Call<'_>, args: &Args) -> Result<Vec<(String, String)>, CmdError> {
    let (mut found, mut errors, mut stdin_used) = (Vec::new(), Vec::new(), false);
    for path in args.texts("filename") {
        if path == "-" {
            if stdin_used {
                errors.push(CmdError::new("standard input cannot be used for multiple arguments"));
            }
            stdin_used = true;
            found.push((STDIN.to_owned(), call.stdin.to_owned()));
        } else if path.starts_with("http://") || path.starts_with("https://") {
            match file_behind(call, path) {
                Some((file, text)) => {
                    call.complain(format_args!(
                        "podground: there is no network here: the file {file} stands for {path}"
                    ));
                    found.push((path.clone(), text));
                }
                None => errors.push(
                    CmdError::new(format!("unable to read URL \"{path}\", there is no network here"))
                        .hint("save what it serves as a file of the same name, and the command works as it stands"),
                ),
            }
        } else if let Some(text) = call.env.files.read(path) {
            found.push((path.clone(), text));
        } else if call.env.files.list(path).is_some() {
            let before = found.len();
            folder(call, path, args.is("recursive"), &mut found);
            if found.len() == before {
                errors.push(CmdError::new(format!(
                    "error reading [{path}]: recognized file extensions are [.json .yaml .yml]"
                )));
            }
        } else {
            errors.push(CmdError::new(format!("the path \"{path}\" does not exist")));
        }
    }
    CmdError::all(errors).map(|()| found)
}

/// The file at hand that a URL ends with: `examples/application/web/web.yaml`, …, `web.yaml`. Pages of documentation
/// name their manifests by URL, and readers have them as files.
fn file_behind(call: &Call<'_>, url: &str) -> Option<(String, String)> {
    let (_, path) = url.split_once("://")?;
    let path = path.split(['?', '#']).next()?;
    let parts: Vec<&str> = path.split('/').skip(1).filter(|part| !part.is_empty()).collect();
    let files = (0..parts.len()).map(|start| parts[start..].join("/"));
    files.filter_map(|file| Some((file.clone(), call.env.files.read(&file)?))).next()
}

fn folder(call: &Call<'_>, path: &str, recursive: bool, found: &mut Vec<(String, String)>) {
    let base = path.trim_end_matches('/');
    for name in call.env.files.list(path).unwrap_or_default() {
        let inner = if base == "." { name.clone() } else { format!("{base}/{name}") };
        let known = name.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
        match call.env.files.read(&inner) {
            Some(text) if known => found.push((inner, text)),
            Some(_) => {}
            None if recursive => folder(call, &inner, recursive, found),
            None => {}
        }
    }
}

fn read(call: &Call<'_>, args: &Args, source: &str, manifest: Manifest, loaded: &mut Loaded) {
    for document in manifest.documents {
        let item = match document.body {
            Err(failure) => {
                let error = CmdError::new(format!("error parsing {source}: {}", failure.message));
                Err(with_advice(error, &failure.diagnostic))
            }
            Ok(body) => item(call, args, source, body),
        };
        match item {
            Ok(item) => loaded.items.push(item),
            Err(error) => loaded.errors.push(error),
        }
    }
}

fn with_advice(error: CmdError, diagnostic: &Diagnostic) -> CmdError {
    let start = diagnostic.span.start;
    match &diagnostic.hint {
        Some(hint) => error.hint(format!("{}:{}:{}: {hint}", diagnostic.file, start.line, start.column)),
        None => error.hint(format!("{}:{}:{}", diagnostic.file, start.line, start.column)),
    }
}

fn item(call: &Call<'_>, args: &Args, source: &str, body: Body) -> Result<Item, CmdError> {
    let Body { value, positions } = body;
    let origin = Origin { file: source.to_owned(), positions };
    let text = |path: &str| crate::fields::text(&value, path).to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let problem = match (value.is_object(), api_version.is_empty(), kind.is_empty()) {
        (false, ..) => Some("invalid object to validate"),
        (_, true, true) => Some("[apiVersion not set, kind not set]"),
        (_, true, false) => Some("apiVersion not set"),
        (_, false, true) => Some("kind not set"),
        _ => None,
    };
    if let Some(problem) = problem {
        let message = format!(
            "error validating \"{source}\": error validating data: {problem}; if you choose to ignore these errors, turn validation off with --validate=false"
        );
        let place = origin.place(&[]);
        return Err(CmdError::new(message).hint(format!("the object at {place}")));
    }
    let (name, namespace) = (text("metadata.name"), text("metadata.namespace"));
    let found = call.lister().served(&api_version, &kind);
    let Some((kind_id, info)) = found else {
        let message = format!(
            "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"{source}\": no matches for kind \"{kind}\" in version \"{api_version}\"\nensure CRDs are installed first"
        );
        return Err(unknown_kind_advice(CmdError::new(message), &origin, &api_version, &kind));
    };
    // Objects of an older version are checked against that version.
    let info = schema::lookup(&api_version, &kind).unwrap_or(info);
    let (default_namespace, required) = call.namespace(args);
    let namespace = match (info.namespaced, namespace.is_empty()) {
        (false, _) => String::new(),
        (true, true) => default_namespace,
        (true, false) if required && namespace != default_namespace => {
            return Err(CmdError::new(format!(
                "the namespace from the provided object \"{namespace}\" does not match the namespace \"{default_namespace}\". You must pass '--namespace={namespace}' to perform this operation."
            )));
        }
        (true, false) => namespace,
    };
    let mut body = value;
    set_namespace(&mut body, &namespace);
    Ok(Item {
        info,
        key: ObjectKey::new(kind_id, namespace, name),
        object: None,
        body: Some(body),
        source: source.to_owned(),
        origin: Some(origin),
    })
}

/// Another version or spelling that exists.
fn unknown_kind_advice(error: CmdError, origin: &Origin, api_version: &str, kind: &str) -> CmdError {
    let place = origin.place(&[schema::Segment::Key("kind".to_owned())]);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if group.contains('.') && !group.ends_with("k8s.io") {
        return error.hint(format!(
            "{place}: {kind} is a custom kind: apply its CustomResourceDefinition first, in a command of its own"
        ));
    }
    let same = apiserver::resources().iter().find(|info| info.kind.eq_ignore_ascii_case(kind));
    // A slip of two letters, but not most of a short word.
    let slip = |distance: usize| distance <= 2 && distance * 3 <= kind.len();
    let close = || apiserver::resources().iter().find(|info| slip(crate::fields::distance(info.kind, kind)));
    match same.or_else(close) {
        Some(info) if info.kind == kind => {
            error.hint(format!("{place}: {kind} is served as apiVersion: {}, not {api_version}", info.api_version()))
        }
        Some(info) => {
            error.hint(format!("{place}: did you mean kind: {} (apiVersion: {})?", info.kind, info.api_version()))
        }
        None => error.hint(format!("{place}: no such kind is known here")),
    }
}

/// Writes the namespace into the object's metadata; an empty one is taken out.
fn set_namespace(body: &mut Value, namespace: &str) {
    let Some(map) = body.as_object_mut() else { return };
    if namespace.is_empty() {
        if let Some(meta) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            meta.remove("namespace");
        }
        return;
    }
    let meta = map.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    if meta.is_null() {
        *meta = Value::Object(Map::new());
    }
    if let Some(meta) = meta.as_object_mut() {
        meta.insert("namespace".to_owned(), Value::from(namespace));
    }
}
