//! Custom resources: what their definitions say, and what that means for their objects.
//!
//! Models: staging/src/k8s.io/apiextensions-apiserver (pkg/apiserver/customresource_handler.go, pkg/registry). Conversion
//! by webhook and rules in CEL are kept but not carried out.

mod definition;
mod structural;
mod values;

use crate::{Lister, ResourceInfo};
use api::{Cause, Generic, Kind, Object, Rest};
use serde_json::{Map, Value};
use std::rc::Rc;
use std::sync::OnceLock;

pub use definition::CLEANUP;
pub(crate) use definition::{default, mark_for_deletion, prepare_for_create, prepare_for_update, validate};
pub use values::unknown_fields;

/// The kind of the definitions themselves.
pub fn definition_kind() -> Kind {
    static KIND: OnceLock<Option<Kind>> = OnceLock::new();
    let find = || crate::kind_of("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    KIND.get_or_init(find).unwrap_or(Kind::Other(u32::MAX >> 1))
}

/// A definition as the server reads it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// The name of the definition's object.
    pub(crate) name: api::Str,
    /// The kind it defines.
    pub(crate) kind: Kind,
    /// Whether its objects are served.
    pub(crate) established: bool,
    /// Whether its names are somebody else's, so that it will not be served.
    pub(crate) rejected: bool,
    /// Whether it is going.
    pub(crate) terminating: bool,
    /// Its versions that are served, the preferred one first.
    pub(crate) served: Vec<&'static ResourceInfo>,
    /// The version in which objects are stored.
    pub(crate) stored: &'static ResourceInfo,
}

/// What is known of a custom kind from whichever definition was read last; its names are those of all.
pub(crate) fn known(kind: Kind) -> Option<&'static ResourceInfo> {
    definition::known(kind)
}

impl Definition {
    /// Reads the definition's object; nothing if it is of another kind or names no storage version.
    pub(crate) fn read(object: &Object) -> Option<Definition> {
        match object {
            Object::Other(kind, generic) if *kind == definition_kind() => definition::read(generic),
            _ => None,
        }
    }

    fn custom(&self) -> Option<&'static schema::Custom> {
        self.stored.custom
    }
}

impl<'a> Lister<'a> {
    pub(crate) fn definition(self, kind: Kind) -> Option<&'a Rc<Definition>> {
        if !kind.is_custom() {
            return None;
        }
        // Of several that ask for the same names only one gets them.
        let mut found = self.definitions().iter().filter(|definition| definition.kind == kind);
        found.clone().find(|definition| definition.established).or_else(|| found.next())
    }

    /// How a kind is served: a custom one in the version that discovery prefers.
    pub fn resource(self, kind: Kind) -> Option<&'static ResourceInfo> {
        if kind.is_custom() {
            return self.definition(kind).filter(|d| d.established)?.served.first().copied();
        }
        crate::resource(kind)
    }

    /// Every resource that is served, sorted by group and plural name.
    pub fn resources(self) -> Vec<&'static ResourceInfo> {
        let mut all: Vec<&ResourceInfo> = crate::resources().iter().collect();
        for definition in self.definitions().iter().filter(|definition| definition.established) {
            all.extend(definition.served.iter().copied());
        }
        all.sort_by_key(|info| (info.group, info.plural));
        all
    }

    /// The kind that a manifest's `apiVersion` and `kind` name, and how it is served in that version.
    pub fn served(self, api_version: &str, kind: &str) -> Option<(Kind, &'static ResourceInfo)> {
        if let Some(built_in) = crate::kind_of(api_version, kind) {
            return Some((built_in, crate::resource(built_in)?));
        }
        let (group, version) = api_version.split_once('/')?;
        let found = self.definition(Kind::custom(group, kind)).filter(|definition| definition.established)?;
        let info = found.served.iter().find(|info| info.version == version && info.kind == kind)?;
        Some((found.kind, info))
    }

    /// The resource a person means on a command line: `po`, `deployments.apps`, `ct`, `crontabs.v1.example.com`.
    pub fn find(self, word: &str) -> Option<(&'static ResourceInfo, Kind)> {
        if let Some(info) = schema::find(word) {
            return Some((info, crate::kind_of(&info.api_version(), info.kind)?));
        }
        let word = word.to_ascii_lowercase();
        let (name, rest) = word.split_once('.').unwrap_or((&word, ""));
        let is_named = |info: &ResourceInfo| {
            info.plural == name
                || info.singular() == name
                || info.short_names.contains(&name)
                || info.custom.is_some_and(|custom| custom.singular == name)
        };
        let definitions = self.definitions().iter().filter(|definition| definition.established);
        for definition in definitions {
            let fits = |info: &&&'static ResourceInfo| {
                rest.is_empty()
                    || rest == info.group
                    || rest.split_once('.').is_some_and(|(v, group)| v == info.version && group == info.group)
            };
            if let Some(info) = definition.served.iter().filter(|info| is_named(info)).find(fits) {
                return Some((info, definition.kind));
            }
        }
        None
    }

    /// Whether a kind is defined and about to be served.
    pub fn is_installing(self) -> bool {
        self.definitions().iter().any(|d| !d.established && !d.rejected && !d.terminating)
    }

    /// The name of the definition of a custom kind.
    pub fn definition_name(self, kind: Kind) -> Option<&'a api::Str> {
        self.definition(kind).map(|definition| &definition.name)
    }
}

/// Takes out what the schema does not know and fills in its defaults.
pub(crate) fn shape(definition: &Definition, object: &mut Object) {
    let (Some(custom), Object::Other(_, generic)) = (definition.custom(), object) else { return };
    let mut value = Value::Object(generic.rest.iter().map(|(k, v)| (k.clone(), v.clone())).collect());
    values::prune(&mut value, &custom.schema);
    values::fill_defaults(&mut value, &custom.schema);
    let Value::Object(map) = value else { return };
    let rest = Rest::from(map);
    if rest != generic.rest {
        Rc::make_mut(generic).rest = rest;
    }
}

/// Everything in which an object is not as its schema wants it.
pub(crate) fn check(definition: &Definition, object: &Object) -> Vec<Cause> {
    let Some(custom) = definition.custom() else { return Vec::new() };
    values::check(&object.write_body(), &custom.schema)
}

fn has_status(definition: &Definition) -> bool {
    definition.stored.has_subresource("status")
}

/// Drops the status, if it is a subresource, and begins to count generations.
pub(crate) fn prepare_object_for_create(definition: &Definition, object: &mut Object) {
    let Object::Other(_, generic) = object else { return };
    let generic = Rc::make_mut(generic);
    generic.metadata.generation = 1;
    if has_status(definition) {
        generic.rest = without_status(generic).into();
    }
}

/// Keeps the part that a write is not about, and counts generations.
pub(crate) fn prepare_object_for_update(definition: &Definition, new: &mut Object, old: &Object, to_status: bool) {
    let (Object::Other(_, new), Object::Other(_, old)) = (new, old) else { return };
    let new = Rc::make_mut(new);
    let with_status = |of: &Generic, status: &Generic| {
        let mut fields = without_status(of);
        if let Some(status) = status.rest.get("status") {
            fields.insert("status".to_owned(), status.clone());
        }
        Rest::from(fields)
    };
    if to_status {
        new.rest = with_status(old, new);
        let managed = new.metadata.managed_fields.clone();
        new.metadata = old.metadata.clone();
        new.metadata.managed_fields = managed;
        return;
    }
    if has_status(definition) {
        new.rest = with_status(new, old);
    }
    let changed =
        if has_status(definition) { without_status(new) != without_status(old) } else { new.rest != old.rest };
    if changed {
        new.metadata.generation += 1;
    }
}

fn without_status(object: &Generic) -> Map<String, Value> {
    object.rest.iter().filter(|(name, _)| *name != "status").map(|(k, v)| (k.clone(), v.clone())).collect()
}

#[cfg(test)]
mod tests;
