//! `kubectl get --raw`: what a GET of a path would answer. Discovery, objects and lists are there; watches, logs,
//! metrics and the OpenAPI documents are not. Keys of objects come sorted.
//!
//! Models: the paths of staging/src/k8s.io/apiserver/pkg/endpoints and kubectl/pkg/rawhttp.

use super::info::version_info;
use crate::call::Call;
use crate::errors::CmdError;
use crate::select::Filter;
use crate::targets::{Item, reveal, stored, with_type};
use api::{Kind, ObjectKey, Status, StatusReason};
use apiserver::ResourceInfo;
use serde_json::{Value, json};

/// The answer to a GET of this path.
pub(super) fn get(call: &Call<'_>, uri: &str) -> Result<String, CmdError> {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    if !path.starts_with('/') {
        return Err(CmdError::new(format!("invalid raw URI {uri}: it has to begin with /")));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let query: Vec<(String, String)> = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let value = match parts.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => return Ok("ok".to_owned()),
        ["version"] => version_info(),
        ["api"] => json!({"kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "podground.invalid:443"}]}),
        ["apis"] => groups(call),
        ["apis", group] => one_group(call, group).ok_or_else(not_found)?,
        ["api", version] => resources(call, "", version)?,
        ["apis", group, version] => resources(call, group, version)?,
        ["api", version, rest @ ..] => return objects(call, "", version, rest, &query),
        ["apis", group, version, rest @ ..] => return objects(call, group, version, rest, &query),
        [] => json!({"paths": paths(call)}),
        _ => return Err(refuse(path)),
    };
    Ok(format!("{value}\n"))
}

fn not_found() -> CmdError {
    Status::new(StatusReason::NotFound, "the server could not find the requested resource").into()
}

fn refuse(path: &str) -> CmdError {
    CmdError::Refused(format!(
        "podground: kubectl get --raw {path}: not available here: only /api, /apis, /version, /healthz and objects below them"
    ))
}

/// `a=b`, with `%2C` and its like decoded.
fn pair(text: &str) -> (String, String) {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let hex: String = rest.by_ref().take(2).map(char::from).collect();
                    bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b'?'));
                }
                other => bytes.push(other),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decode(name), decode(value))
}

fn paths(call: &Call<'_>) -> Vec<String> {
    let mut paths: Vec<String> =
        ["/api", "/apis", "/healthz", "/livez", "/readyz", "/version"].map(str::to_owned).into();
    for info in call.lister().resources() {
        match info.group {
            "" => paths.push(format!("/api/{}", info.version)),
            group => paths.extend([format!("/apis/{group}"), format!("/apis/{group}/{}", info.version)]),
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

fn groups(call: &Call<'_>) -> Value {
    let mut names: Vec<&str> = call.lister().resources().iter().map(|info| info.group).collect();
    names.dedup();
    let groups: Vec<Value> = names
        .into_iter()
        .filter(|group| !group.is_empty())
        .filter_map(|group| one_group(call, group))
        .map(|mut group| {
            for field in ["kind", "apiVersion"] {
                group.as_object_mut().map(|group| group.remove(field));
            }
            group
        })
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn one_group(call: &Call<'_>, group: &str) -> Option<Value> {
    let resources = call.lister().resources();
    let of_group: Vec<&&ResourceInfo> = resources.iter().filter(|info| info.group == group).collect();
    let preferred = of_group.iter().find(|info| info.preferred).or_else(|| of_group.first())?.version;
    let mut versions: Vec<&str> = of_group.iter().map(|info| info.version).collect();
    versions.sort_unstable_by_key(|version| (*version != preferred, *version));
    versions.dedup();
    let one = |version: &str| json!({"groupVersion": format!("{group}/{version}"), "version": version});
    let versions: Vec<Value> = versions.into_iter().map(one).collect();
    Some(
        json!({"kind": "APIGroup", "apiVersion": "v1", "name": group, "versions": versions, "preferredVersion": one(preferred)}),
    )
}

fn resources(call: &Call<'_>, group: &str, version: &str) -> Result<Value, CmdError> {
    let all = call.lister().resources();
    let served: Vec<&&ResourceInfo> = all.iter().filter(|i| i.group == group && i.version == version).collect();
    let Some(first) = served.first() else { return Err(not_found()) };
    let mut list = Vec::new();
    for info in &served {
        let mut entry = json!({"kind": info.kind, "name": info.plural, "namespaced": info.namespaced, "verbs": info.verbs,
            "singularName": info.custom.map_or_else(|| info.singular(), |custom| custom.singular.clone())});
        if !info.short_names.is_empty() {
            entry["shortNames"] = json!(info.short_names);
        }
        if !info.categories.is_empty() {
            entry["categories"] = json!(info.categories);
        }
        list.push(entry);
        for sub in info.subresources {
            let kind = if *sub == "scale" { "Scale" } else { info.kind };
            list.push(json!({"kind": kind, "name": format!("{}/{sub}", info.plural), "namespaced": info.namespaced,
                "singularName": "", "verbs": ["get", "patch", "update"]}));
        }
    }
    Ok(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": first.api_version(), "resources": list}))
}

/// An object, a part of it, or a list.
fn objects(
    call: &Call<'_>,
    group: &str,
    version: &str,
    path: &[&str],
    query: &[(String, String)],
) -> Result<String, CmdError> {
    let (namespace, rest) = match path {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() && !["status", "finalize"].contains(&rest[0]) => {
            (Some(*namespace), rest)
        }
        rest => (None, rest),
    };
    let all = call.lister().resources();
    let plural = rest.first().copied().unwrap_or("");
    let info = all.iter().find(|info| info.group == group && info.version == version && info.plural == plural);
    let info: &'static ResourceInfo = info.copied().ok_or_else(not_found)?;
    let (kind, _) = call.lister().served(&info.api_version(), info.kind).ok_or_else(not_found)?;
    let value = match rest {
        [_] => list(call, info, kind, namespace, query)?,
        [_, name] => object(call, info, kind, namespace, name)?,
        [_, name, "status"] if info.has_subresource("status") => object(call, info, kind, namespace, name)?,
        [_, name, "scale"] if info.has_subresource("scale") => {
            let key = ObjectKey::new(kind, namespace.unwrap_or(""), *name);
            super::subresource::scale(&Item::stored(info, stored(call, info, &key)?))
        }
        [_, _, "log"] => {
            return Err(CmdError::Refused("podground: kubectl get --raw: read logs with kubectl logs".into()));
        }
        _ => return Err(not_found()),
    };
    Ok(format!("{value}\n"))
}

fn object(
    call: &Call<'_>,
    info: &'static ResourceInfo,
    kind: Kind,
    namespace: Option<&str>,
    name: &str,
) -> Result<Value, CmdError> {
    let key = ObjectKey::new(kind, namespace.unwrap_or(""), name);
    let object = call.lister().object(&key).ok_or_else(|| Status::not_found(&info.qualified_plural(), name))?;
    let mut value = with_type(info, object);
    reveal(call, &mut value);
    Ok(value)
}

fn list(
    call: &Call<'_>,
    info: &'static ResourceInfo,
    kind: Kind,
    namespace: Option<&str>,
    query: &[(String, String)],
) -> Result<Value, CmdError> {
    let asked = |name: &str| query.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value.as_str());
    if ["1", "true"].contains(&asked("watch")) {
        return Err(CmdError::Refused("podground: kubectl get --raw: watch with kubectl get -w".into()));
    }
    let filter = Filter::parse(info, asked("labelSelector"), asked("fieldSelector"))?;
    let found = call.lister().objects(kind, namespace).filter(|object| filter.matches(object));
    let items: Vec<Value> = found
        .map(|object| {
            let mut value = with_type(info, object);
            reveal(call, &mut value);
            // Items of built-in lists do not say again what they are.
            if let (None, Some(map)) = (info.custom, value.as_object_mut()) {
                map.remove("apiVersion");
                map.remove("kind");
            }
            value
        })
        .collect();
    Ok(json!({"kind": format!("{}List", info.kind), "apiVersion": info.api_version(),
        "metadata": {"resourceVersion": call.lister().resource_version().to_string()}, "items": items}))
}
