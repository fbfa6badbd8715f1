//! The table of resources: which kinds there are, and how requests name them.

use api::Kind;

/// How one kind is served.
pub type ResourceInfo = schema::Resource;

/// Every built-in resource, in the order of discovery.
pub fn resources() -> &'static [ResourceInfo] {
    schema::resources()
}

/// The resource and kind that a word of the command line names: plural, singular, short name, with or without group.
pub fn find(word: &str) -> Option<(&'static ResourceInfo, Kind)> {
    let info = schema::find(word)?;
    Some((info, kind_of(&info.api_version(), info.kind)?))
}

/// The built-in kind that a manifest's `apiVersion` and `kind` name.
pub fn kind_of(api_version: &str, kind: &str) -> Option<Kind> {
    if let Some(kind) = Kind::modelled(api_version, kind) {
        return Some(kind);
    }
    if (api_version, kind) == ("autoscaling/v1", "HorizontalPodAutoscaler") {
        // Another version of the same objects.
        return Some(Kind::HorizontalPodAutoscaler);
    }
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    resources()
        .iter()
        .position(|info| info.kind == kind && info.group == group && info.version == version)
        .and_then(|index| u32::try_from(index).ok())
        .map(Kind::Other)
}

/// How a kind is served. Of a custom kind only its names are certain: which versions there are, and what they look like,
/// the definition in the store says (see [`crate::Lister::resource`]).
pub fn resource(kind: Kind) -> Option<&'static ResourceInfo> {
    if kind.is_custom() {
        return crate::custom::known(kind);
    }
    if let Kind::Other(index) = kind {
        return resources().get(usize::try_from(index).ok()?);
    }
    let (api_version, name) = kind.type_meta();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    resources().iter().find(|info| info.kind == name && info.group == group && info.version == version)
}

/// `statefulsets.apps`, `pods`: how errors name a kind's resource.
pub(crate) fn qualified_resource(kind: Kind) -> String {
    resource(kind).map_or_else(String::new, ResourceInfo::qualified_plural)
}

/// `StatefulSet.apps`, `Pod`: how errors name a kind.
pub(crate) fn qualified_kind(kind: Kind) -> String {
    resource(kind).map_or_else(String::new, |info| {
        if info.group.is_empty() { info.kind.to_owned() } else { format!("{}.{}", info.kind, info.group) }
    })
}
