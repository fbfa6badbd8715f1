//! Images: their names, sizes and digests, and what a command has decided about them.
//!
//! No registry is asked: an image exists unless it was broken by hand, and its size and digest follow from its name.
//! Models: pkg/util/parsers (names), pkg/kubelet/images/image_manager.go (messages).

use crate::hash::{hash64, hex};
use api::Str;
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;

/// How containers of an image, and pulls of it, behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImageBehaviour {
    /// It can be pulled and runs.
    #[default]
    Works,
    /// Pulling it fails.
    Broken,
    /// Its containers exit right after their start.
    Crashes {
        /// With this code.
        exit_code: i32,
    },
    /// Its containers run but never pass their readiness probe.
    Unready,
}

/// An image as a runtime names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// With registry and tag: `docker.io/library/nginx:1.27`.
    pub(crate) name: Str,
    /// With its digest: `docker.io/library/nginx@sha256:…`.
    pub(crate) id: Str,
    /// Its compressed size.
    pub(crate) bytes: u64,
}

/// What is known of images, by the name in the manifest.
#[derive(Clone, Default)]
pub(crate) struct Images {
    /// Those that do not just work, by full name.
    behaviours: GenericOrdMap<Str, ImageBehaviour, RcK>,
    /// Those that were looked up, so that pods share their names.
    known: GenericOrdMap<Str, Image, RcK>,
}

impl Images {
    /// Sets how an image behaves from now on.
    pub(crate) fn set(&mut self, image: &str, behaviour: ImageBehaviour) {
        let name = parse(image).map_or_else(|_| image.into(), |image| image.name);
        if behaviour == ImageBehaviour::Works {
            self.behaviours.remove(&name);
        } else {
            self.behaviours.insert(name, behaviour);
        }
    }

    /// How an image (by its full name) behaves.
    pub(crate) fn behaviour(&self, name: &str) -> ImageBehaviour {
        self.behaviours.get(name).copied().unwrap_or_default()
    }

    /// The image that a manifest names, or why it names none.
    pub(crate) fn look_up(&mut self, image: &Str) -> Result<Image, String> {
        if let Some(known) = self.known.get(image) {
            return Ok(known.clone());
        }
        let found = parse(image)?;
        self.known.insert(image.clone(), found.clone());
        Ok(found)
    }
}

/// Reads an image name; the error is the second half of upstream's message.
pub(crate) fn parse(image: &str) -> Result<Image, String> {
    let wrong = |why: &str| Err(format!("couldn't parse image name \"{image}\": invalid reference format{why}"));
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    };
    let (registry, repository) = match path.split_once('/') {
        Some((host, repository)) if host.contains(['.', ':']) || host == "localhost" => {
            (host.to_owned(), repository.to_owned())
        }
        Some(_) => ("docker.io".to_owned(), path.to_owned()),
        None => ("docker.io".to_owned(), format!("library/{path}")),
    };
    if repository.chars().any(|c| c.is_ascii_uppercase()) {
        return wrong(&format!(": repository name ({repository}) must be lowercase"));
    }
    let tag_ok = |tag: &str| {
        let first = tag.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        first && tag.len() <= 128 && tag.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    };
    let digest_ok = |digest: &str| {
        digest.split_once(':').is_some_and(|(_, hex)| hex.len() >= 32 && hex.chars().all(|c| c.is_ascii_hexdigit()))
    };
    if path.is_empty() || !repository.split('/').all(is_path_part) || tag.is_some_and(|t| !tag_ok(t)) {
        return wrong("");
    }
    if digest.is_some_and(|d| !digest_ok(d)) {
        return wrong("");
    }
    let full = format!("{registry}/{repository}");
    let name = match (tag, digest) {
        (_, Some(digest)) => format!("{full}@{digest}"),
        (tag, None) => format!("{full}:{}", tag.unwrap_or("latest")),
    };
    let id = digest.map_or_else(|| format!("{full}@sha256:{}", hex(&name, 64)), |d| format!("{full}@{d}"));
    Ok(Image { bytes: size(&repository, &name), name: name.into(), id: id.into() })
}

fn is_path_part(part: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    edge(part.chars().next())
        && edge(part.chars().last())
        && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
}

/// Compressed sizes of images that tutorials use, in megabytes.
const SIZES: &[(&str, u64)] = &[
    ("agnhost", 52),
    ("alpine", 4),
    ("busybox", 2),
    ("cassandra", 150),
    ("centos", 84),
    ("debian", 49),
    ("elasticsearch", 620),
    ("filebeat", 120),
    ("fluent-bit", 33),
    ("fluentd", 22),
    ("fluentd-elasticsearch", 58),
    ("grafana", 130),
    ("hello-world", 1),
    ("httpd", 59),
    ("kibana", 450),
    ("kubernetes-zookeeper", 150),
    ("mariadb", 120),
    ("memcached", 31),
    ("mongo", 275),
    ("mysql", 240),
    ("nginx", 72),
    ("nginx-slim", 25),
    ("node", 395),
    ("node-exporter", 13),
    ("pause", 1),
    ("perl", 350),
    ("postgres", 155),
    ("prometheus", 110),
    ("python", 370),
    ("rabbitmq", 95),
    ("redis", 45),
    ("tomcat", 200),
    ("ubuntu", 30),
    ("wordpress", 240),
    ("zookeeper", 150),
];

fn size(repository: &str, name: &str) -> u64 {
    let last = repository.rsplit('/').next().unwrap_or(repository);
    let known = SIZES.iter().find(|(known, _)| *known == last).map(|(_, megabytes)| *megabytes);
    // Slim and Alpine variants are about a third as big.
    let megabytes = match known {
        Some(m) if m > 6 && (name.contains("alpine") || name.contains("slim")) => m / 3,
        Some(m) => m,
        None => 20 + hash64(repository) % 160,
    };
    megabytes * 1_000_000 + hash64(name) % 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed() {
        let full = |image: &str| parse(image).map(|i| i.name.to_string());
        assert_eq!(full("nginx").as_deref(), Ok("docker.io/library/nginx:latest"));
        assert_eq!(full("nginx:1.27").as_deref(), Ok("docker.io/library/nginx:1.27"));
        assert_eq!(full("acme/app").as_deref(), Ok("docker.io/acme/app:latest"));
        assert_eq!(full("registry.k8s.io/pause:3.10").as_deref(), Ok("registry.k8s.io/pause:3.10"));
        assert_eq!(full("localhost:5000/x:y").as_deref(), Ok("localhost:5000/x:y"));
    }

    #[test]
    fn wrong_names_say_why() {
        let why = |image: &str| parse(image).expect_err(image);
        assert_eq!(
            why("Nginx"),
            "couldn't parse image name \"Nginx\": invalid reference format: repository name (library/Nginx) must be lowercase"
        );
        assert_eq!(why("nginx:"), "couldn't parse image name \"nginx:\": invalid reference format");
        assert!(parse("a b").is_err() && parse("").is_err() && parse("x@sha256:12").is_err());
    }

    #[test]
    fn behaviours_hold_for_every_way_to_name_the_image() {
        let mut images = Images::default();
        images.set("nginx", ImageBehaviour::Broken);
        let name = images.look_up(&"docker.io/library/nginx:latest".into()).expect("a name").name;
        assert_eq!(images.behaviour(&name), ImageBehaviour::Broken);
        images.set("nginx:latest", ImageBehaviour::Works);
        assert_eq!(images.behaviour(&name), ImageBehaviour::Works);
    }
}
