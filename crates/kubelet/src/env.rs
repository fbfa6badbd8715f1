//! The environment of a container. Models: pkg/kubelet/kubelet_pods.go makeEnvironmentVariables.

use api::{ConfigMap, Container, EnvFromSource, EnvVar, KeySelector, Node, Pod, Quantity, Secret, Service, Str, Time};
use apiserver::Lister;
use serde_json::Value;

/// Name and value of each variable, in order; a later one wins over an earlier one of the same name.
pub(crate) type Variables = Vec<(Str, Str)>;

/// What of a running pod an environment can tell, beside its spec.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) pod_ip: Str,
    pub(crate) host_ip: Str,
}

/// The environment that the manifest asks for; the error is what upstream says if something is missing.
pub(crate) fn resolve(
    pod: &Pod,
    container: &Container,
    facts: &Facts,
    links: &Variables,
    lister: Lister<'_>,
) -> Result<Variables, String> {
    // Values may refer to what names Services, and to variables before them.
    let mut variables = links.clone();
    for source in &container.env_from {
        add_all(pod, source, lister, &mut variables)?;
    }
    for variable in &container.env {
        if let Some(value) = value_of(pod, container, variable, facts, lister, &variables)? {
            variables.push((variable.name.clone(), value));
        }
    }
    Ok(variables.split_off(links.len()))
}

/// The variables that name the Services which were there at `at`, sorted.
/// Models: pkg/kubelet/envvars/envvars.go FromServices, pkg/kubelet/kubelet_pods.go getServiceEnvVarMap.
pub(crate) fn service_links(pod: &Pod, lister: Lister<'_>, at: Time) -> Variables {
    let mut variables = Variables::new();
    let wanted = pod.spec.rest.get("enableServiceLinks").and_then(Value::as_bool) != Some(false);
    let own = lister.list_in::<Service>(&pod.metadata.namespace).filter(|_| wanted);
    // The API server is named in every namespace.
    let master = lister.get::<Service>("default", "kubernetes");
    let master = master.into_iter().filter(|_| !wanted || pod.metadata.namespace != "default");
    for service in own.chain(master) {
        let spec = &service.spec;
        let there = service.metadata.creation_timestamp.is_none_or(|created| created <= at);
        if there && !spec.cluster_ip.is_empty() && spec.cluster_ip != "None" && !spec.ports.is_empty() {
            add_links(service, &mut variables);
        }
    }
    variables.sort();
    variables
}

fn add_links(service: &Service, variables: &mut Variables) {
    let upper = |name: &str| name.replace('-', "_").to_uppercase();
    let (name, ip) = (upper(&service.metadata.name), &service.spec.cluster_ip);
    let mut add = |suffix: String, value: String| variables.push((format!("{name}_{suffix}").into(), value.into()));
    for (index, port) in service.spec.ports.iter().enumerate() {
        let number = port.port;
        let protocol = if port.protocol.is_empty() { "TCP" } else { &port.protocol };
        let url = format!("{}://{ip}:{number}", protocol.to_lowercase());
        if index == 0 {
            add("SERVICE_HOST".to_owned(), ip.to_string());
            add("SERVICE_PORT".to_owned(), number.to_string());
            add("PORT".to_owned(), url.clone());
        }
        if !port.name.is_empty() {
            add(format!("SERVICE_PORT_{}", upper(&port.name)), number.to_string());
        }
        let prefix = format!("PORT_{number}_{}", protocol.to_uppercase());
        add(prefix.clone(), url);
        add(format!("{prefix}_PROTO"), protocol.to_lowercase());
        add(format!("{prefix}_PORT"), number.to_string());
        add(format!("{prefix}_ADDR"), ip.to_string());
    }
}

fn add_all(pod: &Pod, source: &EnvFromSource, lister: Lister<'_>, variables: &mut Variables) -> Result<(), String> {
    let namespace = &pod.metadata.namespace;
    let mut add = |key: &Str, value: Str| variables.push((format!("{}{key}", source.prefix).into(), value));
    if let Some(reference) = &source.config_map_ref {
        match lister.get::<ConfigMap>(namespace, &reference.name) {
            Some(map) => map.data.iter().for_each(|(key, value)| add(key, value.clone())),
            None if reference.optional => {}
            None => return Err(format!("configmap \"{}\" not found", reference.name)),
        }
    }
    if let Some(reference) = &source.secret_ref {
        match lister.get::<Secret>(namespace, &reference.name) {
            Some(secret) => secret.data.iter().for_each(|(key, value)| add(key, decoded(value))),
            None if reference.optional => {}
            None => return Err(format!("secret \"{}\" not found", reference.name)),
        }
    }
    Ok(())
}

fn value_of(
    pod: &Pod,
    container: &Container,
    variable: &EnvVar,
    facts: &Facts,
    lister: Lister<'_>,
    before: &Variables,
) -> Result<Option<Str>, String> {
    let Some(from) = &variable.value_from else {
        return Ok(Some(expand(&variable.value, before).into()));
    };
    if let Some(key) = &from.config_map_key_ref {
        return from_map(pod, key, lister);
    }
    if let Some(key) = &from.secret_key_ref {
        return from_secret(pod, key, lister);
    }
    if let Some(field) = &from.field_ref {
        return Ok(Some(field_value(pod, &field.field_path, facts)));
    }
    Ok(from.rest.get("resourceFieldRef").map(|reference| resource_value(pod, container, reference, lister)))
}

fn from_map(pod: &Pod, key: &KeySelector, lister: Lister<'_>) -> Result<Option<Str>, String> {
    let namespace = &pod.metadata.namespace;
    let Some(map) = lister.get::<ConfigMap>(namespace, &key.name) else {
        return if key.optional { Ok(None) } else { Err(format!("configmap \"{}\" not found", key.name)) };
    };
    match map.data.get(&key.key) {
        Some(value) => Ok(Some(value.clone())),
        None if key.optional => Ok(None),
        None => Err(format!("couldn't find key {} in ConfigMap {namespace}/{}", key.key, key.name)),
    }
}

fn from_secret(pod: &Pod, key: &KeySelector, lister: Lister<'_>) -> Result<Option<Str>, String> {
    let namespace = &pod.metadata.namespace;
    let Some(secret) = lister.get::<Secret>(namespace, &key.name) else {
        return if key.optional { Ok(None) } else { Err(format!("secret \"{}\" not found", key.name)) };
    };
    match secret.data.get(&key.key) {
        Some(value) => Ok(Some(decoded(value))),
        None if key.optional => Ok(None),
        None => Err(format!("couldn't find key {} in Secret {namespace}/{}", key.key, key.name)),
    }
}

/// A field of the pod. Models: pkg/fieldpath ExtractFieldPathAsString and podFieldSelectorRuntimeValue.
pub(crate) fn field_value(pod: &Pod, path: &str, facts: &Facts) -> Str {
    let of_map = |prefix: &str, map: &api::StrMap| {
        let key = path.strip_prefix(prefix)?.strip_prefix("['")?.strip_suffix("']")?;
        Some(map.get(key).cloned().unwrap_or_default())
    };
    if let Some(value) = of_map("metadata.labels", &pod.metadata.labels)
        .or_else(|| of_map("metadata.annotations", &pod.metadata.annotations))
    {
        return value;
    }
    match path {
        "metadata.name" => pod.metadata.name.clone(),
        "metadata.namespace" => pod.metadata.namespace.clone(),
        "metadata.uid" => pod.metadata.uid.clone(),
        "spec.nodeName" => pod.spec.node_name.clone(),
        "spec.serviceAccountName" => pod.spec.service_account_name.clone(),
        "status.hostIP" | "status.hostIPs" => facts.host_ip.clone(),
        "status.podIP" | "status.podIPs" => facts.pod_ip.clone(),
        _ => Str::default(),
    }
}

/// What a container asks for or may use, in units of the divisor, rounded up. A missing limit is the node's.
pub(crate) fn resource_value(pod: &Pod, container: &Container, reference: &Value, lister: Lister<'_>) -> Str {
    let text = |field: &str| reference.get(field).and_then(Value::as_str).unwrap_or("");
    let named = text("containerName");
    let container = pod.spec.containers.iter().find(|c| c.name == *named).unwrap_or(container);
    let (side, resource) = text("resource").split_once('.').unwrap_or(("", ""));
    let resources = &container.resources;
    let amount = match side {
        "requests" => resources.requests.get(resource).cloned(),
        _ => resources.limits.get(resource).cloned().or_else(|| {
            lister.get::<Node>("", &pod.spec.node_name).and_then(|node| node.status.allocatable.get(resource).cloned())
        }),
    };
    let divisor = Quantity::parse(text("divisor")).map_or(1000, |q| q.milli()).max(1);
    let milli = amount.map_or(0, |q| q.milli());
    (milli.div_euclid(divisor) + i64::from(milli.rem_euclid(divisor) > 0)).to_string().into()
}

/// Puts variables in place of `$(NAME)`; `$$` stands for a dollar sign, an unknown name stays as it is.
/// Models: third_party/forked/golang/expansion.
pub(crate) fn expand(text: &str, variables: &Variables) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = rest.strip_prefix('(').and_then(|r| r.split_once(')'));
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) = name
            && let Some((_, value)) = variables.iter().rev().find(|(known, _)| known == name)
        {
            expanded.push_str(value);
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    expanded
}

/// The text of a base64 value; what is no text has its bytes replaced.
pub(crate) fn decoded(base64: &str) -> Str {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let sextets: Vec<u8> = base64.bytes().filter_map(value).collect();
    let mut bytes = Vec::with_capacity(sextets.len() * 3 / 4);
    for group in sextets.chunks(4) {
        let bits = group.iter().fold(0u32, |bits, six| bits << 6 | u32::from(*six)) << (6 * (4 - group.len()));
        let whole = bits.to_be_bytes();
        bytes.extend_from_slice(&whole[1..group.len().max(1)]);
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_expanded() {
        let variables = vec![("A".into(), "1".into()), ("A".into(), "2".into())];
        assert_eq!(expand("x$(A)y $$(A) $(B) $A $", &variables), "x2y $(A) $(B) $A $");
    }

    #[test]
    fn secrets_are_decoded() {
        for (text, base64) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("s3cr3t!", "czNjcjN0IQ==")] {
            assert_eq!(decoded(base64), *text, "{base64}");
        }
    }
}
