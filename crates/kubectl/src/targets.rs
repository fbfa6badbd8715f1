//! From the arguments of a command to the objects it is about: `TYPE NAME`, `TYPE/NAME`, lists, `all`, selectors, files.
//!
//! Models: staging/src/k8s.io/cli-runtime/pkg/resource/builder.go.

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::load::{self, Origin};
use crate::select::Filter;
use api::{Kind, Object, ObjectKey, Status};
use apiserver::ResourceInfo;
use serde_json::Value;

/// One object that a command is about.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) info: &'static ResourceInfo,
    pub(crate) key: ObjectKey,
    /// As it is stored.
    pub(crate) object: Option<Object>,
    /// As it is written in a file.
    pub(crate) body: Option<Value>,
    /// The file; empty if it was named on the command line.
    pub(crate) source: String,
    /// Where in the file.
    pub(crate) origin: Option<Origin>,
}

impl Item {
    /// A stored object.
    pub(crate) fn stored(info: &'static ResourceInfo, object: Object) -> Self {
        Item { info, key: object.key(), object: Some(object), body: None, source: String::new(), origin: None }
    }

    /// `pod/web-0`, `statefulset.apps/web`: how results are told.
    pub(crate) fn title(&self) -> String {
        title(self.info, &self.key.name)
    }

    /// The stored form with its type, or the one of the file.
    pub(crate) fn value(&self) -> Value {
        match (&self.object, &self.body) {
            (Some(object), _) => with_type(self.info, object),
            (None, Some(body)) => body.clone(),
            (None, None) => Value::Null,
        }
    }
}

/// `pod/web-0`, `statefulset.apps/web`.
pub(crate) fn title(info: &ResourceInfo, name: &str) -> String {
    // Reviews have no name.
    let name = if name.is_empty() { "<unknown>" } else { name };
    format!("{}/{name}", crate::print::table::kind_prefix(info))
}

/// An object's JSON with `apiVersion` and `kind`, without its managed fields (see [`reveal`]).
pub(crate) fn with_type(info: &ResourceInfo, object: &Object) -> Value {
    let mut value = object.write_as(&info.api_version(), info.kind);
    if !object.meta().managed_fields.is_empty()
        && let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut)
    {
        meta.remove("managedFields");
    }
    value
}

/// Writes its managed fields into an object's JSON, or into each of a list's.
pub(crate) fn reveal(call: &Call<'_>, value: &mut Value) {
    if let Some(items) = value.get_mut("items").and_then(Value::as_array_mut) {
        return items.iter_mut().for_each(|item| reveal(call, item));
    }
    let text = |path: &str| crate::fields::text(value, path).to_owned();
    let Some((kind, _)) = call.lister().served(&text("apiVersion"), &text("kind")) else { return };
    let key = ObjectKey::new(kind, text("metadata.namespace"), text("metadata.name"));
    let Some(managed) = call.lister().object(&key).map(|object| call.server.managed_fields(object)) else { return };
    if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.insert("managedFields".to_owned(), managed);
    }
}

/// What a verb allows.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    /// A type alone means all objects of it.
    pub(crate) type_means_all: bool,
    /// Only one type at a time.
    pub(crate) single_type: bool,
    /// Objects of files are looked up on the server.
    pub(crate) latest: bool,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    pub(crate) errors: Vec<CmdError>,
    /// Whether one object was asked for by its name, not a list.
    pub(crate) single: bool,
    /// The lists that were asked for.
    pub(crate) lists: Vec<(&'static ResourceInfo, Filter)>,
}

impl Found {
    /// The items, or every error.
    pub(crate) fn all_or_error(self) -> Result<Vec<Item>, CmdError> {
        CmdError::all(self.errors).map(|()| self.items)
    }
}

/// The kind that a word means, as the server knows it, custom ones included.
pub(crate) fn resource_in(call: &Call<'_>, word: &str) -> Result<(&'static ResourceInfo, Kind), CmdError> {
    let missing = || CmdError::new(format!("the server doesn't have a resource type \"{}\"", base(word)));
    call.lister().find(word).ok_or_else(missing)
}

/// What cannot be read cannot be asked for: reviews are answered, not stored.
fn check_readable(info: &ResourceInfo, verb: &str) -> Result<(), CmdError> {
    if info.verbs.contains(&verb) {
        return Ok(());
    }
    let why = "the server does not allow this method on the requested resource";
    Err(Status::new(api::StatusReason::MethodNotAllowed, why).into())
}

/// The built-in kind that a word means.
pub(crate) fn resource(word: &str) -> Result<(&'static ResourceInfo, Kind), CmdError> {
    let missing = || CmdError::new(format!("the server doesn't have a resource type \"{}\"", base(word)));
    apiserver::find(word).ok_or_else(missing)
}

fn base(word: &str) -> &str {
    word.split('.').next().unwrap_or(word)
}

/// `TYPE/NAME` taken apart; `None` if there is no slash.
fn split_name(word: &str) -> Result<Option<(String, String)>, CmdError> {
    let parts: Vec<&str> = word.split('/').collect();
    match parts.as_slice() {
        [_] => Ok(None),
        [kind, name] if !kind.is_empty() && !name.is_empty() && !kind.contains(',') => {
            Ok(Some(((*kind).to_owned(), (*name).to_owned())))
        }
        [_, _] => Err(CmdError::new("arguments in resource/name form must have a single resource and name")),
        _ => Err(CmdError::new("arguments in resource/name form may not have more than one slash")),
    }
}

/// What the words name.
enum Wanted {
    Named(Vec<(String, String)>),
    Types(Vec<String>),
    Nothing,
}

fn wanted(call: &Call<'_>, words: &[String]) -> Result<Wanted, CmdError> {
    let Some((first, names)) = words.split_first() else { return Ok(Wanted::Nothing) };
    let types: Vec<&str> = first.split(',').collect();
    if types.len() > 1 && !names.is_empty() {
        let pairs = types.iter().flat_map(|kind| names.iter().map(|name| ((*kind).to_owned(), name.clone())));
        return Ok(Wanted::Named(pairs.collect()));
    }
    let slashes = words.iter().filter(|word| word.contains('/')).count();
    if slashes == words.len() {
        let pairs: Result<Vec<_>, _> = words.iter().map(|word| split_name(word)).collect();
        return Ok(Wanted::Named(pairs?.into_iter().flatten().collect()));
    }
    if slashes > 0 {
        return Err(CmdError::new(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        ));
    }
    if names.is_empty() {
        return Ok(Wanted::Types(expand(call, first)));
    }
    Ok(Wanted::Named(names.iter().map(|name| (first.clone(), name.clone())).collect()))
}

/// Comma lists, and `all` for everything of that category.
fn expand(call: &Call<'_>, words: &str) -> Vec<String> {
    let mut types = Vec::new();
    for word in words.split(',') {
        let members: Vec<String> = call
            .lister()
            .resources()
            .into_iter()
            .filter(|info| info.preferred && info.categories.contains(&word))
            .map(schema::Resource::qualified_plural)
            .collect();
        if members.is_empty() { types.push(word.to_owned()) } else { types.extend(members) }
    }
    types
}

/// Finds what a command is about.
pub(crate) fn find(call: &mut Call<'_>, args: &Args, words: &[String], rules: Rules) -> Result<Found, CmdError> {
    if load::names_files(args) {
        return from_files(call, args, words, rules);
    }
    let (labels, fields) = (args.text("selector").trim(), args.text("field-selector").trim());
    let all = args.is("all");
    if all && !labels.is_empty() {
        return Err(CmdError::new("setting 'all' parameter but found a non empty selector. "));
    }
    let by_selector = all || !labels.is_empty() || !fields.is_empty();
    match wanted(call, words)? {
        Wanted::Nothing if by_selector => {
            Err(CmdError::new("at least one resource must be specified to use a selector"))
        }
        Wanted::Nothing => Err(CmdError::new(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        )),
        Wanted::Named(_) if by_selector && words.first().is_some_and(|word| word.contains('/')) => {
            Err(CmdError::new("selectors and the all flag cannot be used when passing resource/name arguments"))
        }
        Wanted::Named(_) if by_selector => Err(CmdError::new("name cannot be provided when a selector is specified")),
        Wanted::Named(pairs) => by_name(call, args, &pairs, rules),
        Wanted::Types(types) if by_selector || rules.type_means_all => lists(call, args, &types, rules),
        Wanted::Types(types) => {
            for word in &types {
                resource_in(call, word)?;
            }
            Err(CmdError::new("resource(s) were provided, but no name was specified"))
        }
    }
}

fn from_files(call: &mut Call<'_>, args: &Args, words: &[String], rules: Rules) -> Result<Found, CmdError> {
    if !words.is_empty() {
        return Err(CmdError::new(
            "when paths, URLs, or stdin is provided as input, you may not specify a resource by arguments as well",
        ));
    }
    let loaded = load::load(call, args)?;
    let mut found = Found { errors: loaded.errors, ..Found::default() };
    let labels = api::Selector::parse(args.text("selector").trim()).map_err(CmdError::new)?;
    for mut item in loaded.items {
        if !labels.is_everything() {
            let meta: api::ObjectMeta = api::Wire::read(item.value()["metadata"].clone());
            if !labels.matches(&meta.labels) {
                continue;
            }
        }
        if rules.latest {
            match stored(call, item.info, &item.key) {
                Ok(object) => item.object = Some(object),
                Err(error) => {
                    found.errors.push(error);
                    continue;
                }
            }
        }
        found.items.push(item);
    }
    found.single = found.items.len() == 1 && found.errors.is_empty();
    Ok(found)
}

fn by_name(call: &mut Call<'_>, args: &Args, pairs: &[(String, String)], rules: Rules) -> Result<Found, CmdError> {
    let mut found = Found { single: pairs.len() == 1, ..Found::default() };
    let (namespace, _) = call.namespace(args);
    let mut resources = Vec::new();
    for (word, name) in pairs {
        let (info, kind) = resource_in(call, word)?;
        check_readable(info, "get")?;
        if rules.single_type
            && resources.first().is_some_and(|(first, ..): &(&ResourceInfo, Kind, &String)| *first != info)
        {
            return Err(CmdError::new("you may only specify a single resource type"));
        }
        if info.namespaced && args.is("all-namespaces") {
            return Err(CmdError::new("a resource cannot be retrieved by name across all namespaces"));
        }
        resources.push((info, kind, name));
    }
    for (info, kind, name) in resources {
        let namespace = if info.namespaced { namespace.as_str() } else { "" };
        let key = ObjectKey::new(kind, namespace, name.as_str());
        match stored(call, info, &key) {
            Ok(object) => found.items.push(Item::stored(info, object)),
            Err(error) => found.errors.push(error),
        }
    }
    Ok(found)
}

/// The stored object, or the server's NotFound.
pub(crate) fn stored(call: &Call<'_>, info: &ResourceInfo, key: &ObjectKey) -> Result<Object, CmdError> {
    let found = call.lister().object(key).cloned();
    found.ok_or_else(|| {
        let error = CmdError::from(Status::not_found(&info.qualified_plural(), &key.name));
        let elsewhere = call.lister().objects(key.kind, None).find(|object| object.meta().name == key.name);
        match elsewhere {
            Some(object) => {
                error.hint(format!("there is one in namespace {0}: kubectl -n {0} …", object.meta().namespace))
            }
            None => error,
        }
    })
}

fn lists(call: &mut Call<'_>, args: &Args, types: &[String], rules: Rules) -> Result<Found, CmdError> {
    let mut found = Found::default();
    let mut infos: Vec<(&'static ResourceInfo, Kind)> = Vec::new();
    for word in types {
        let entry = resource_in(call, word)?;
        check_readable(entry.0, "list")?;
        if !infos.contains(&entry) {
            infos.push(entry);
        }
    }
    if rules.single_type && infos.len() > 1 {
        return Err(CmdError::new("you may only specify a single resource type"));
    }
    let (namespace, _) = call.namespace(args);
    let everywhere = args.is("all-namespaces");
    for (info, kind) in infos {
        let filter = Filter::parse(info, args.text("selector").trim(), args.text("field-selector").trim())?;
        let within = (info.namespaced && !everywhere).then_some(namespace.as_str());
        let objects = call.server.lister().objects(kind, within).filter(|object| filter.matches(object));
        found.items.extend(objects.map(|object| Item::stored(info, object.clone())));
        found.lists.push((info, filter));
    }
    Ok(found)
}
