//! What a link says: the fragment of the URL contract. The page and the binary read it with the same eyes.
//!
//! `#s=df1:…` or `s=b64:…` (a session), `yaml=…`, `example=`, `lesson=`, `src=`, `gist=`; `nodes=`, `t=`, `sel=`; `v=1` at
//! the end, so that no link ends in a character that a chat program cuts off.

use crate::share;
use view::ObjectRef;

/// The version of links that is known here.
const VERSION: u64 = 1;

/// The most nodes that a link may start with.
const MOST_NODES: u32 = 1_000;

/// What is to be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LinkContent {
    /// Nothing in particular.
    #[default]
    None,
    /// This manifest.
    Yaml(String),
    /// The example of this name.
    Example(String),
    /// The lesson of this name, or at this address.
    Lesson(String),
    /// The manifest at this address.
    Source(String),
    /// A gist: its id, and the file in it.
    Gist(String, Option<String>),
    /// A saved session, as JSON.
    Session(String),
    /// Something that cannot be opened: why, and the text as it came.
    Damaged(String, String),
}

/// Everything that a fragment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// What is to be opened.
    pub content: LinkContent,
    /// How many nodes there are at the start.
    pub nodes: Option<u32>,
    /// The moment to show, in virtual milliseconds.
    pub at_ms: Option<u64>,
    /// The object to show.
    pub selected: Option<ObjectRef>,
    /// What was not understood, for people.
    pub complaints: Vec<String>,
}

/// Reads a fragment, with or without its `#`. Nothing in it can make this fail.
pub fn parse_fragment(text: &str) -> Fragment {
    let mut fragment = Fragment::default();
    let mut newer = None;
    for (key, value) in pairs(text.trim_start_matches('#')) {
        match &*key {
            "v" => newer = value.parse().ok().filter(|version: &u64| *version > VERSION),
            _ => fragment.read(&key, value),
        }
    }
    if let Some(version) = newer {
        let why = format!("it was made by a newer podground (links of version {version}, known here: {VERSION})");
        fragment = Fragment { content: LinkContent::Damaged(why, text.to_owned()), ..Fragment::default() };
    }
    fragment
}

impl Fragment {
    fn read(&mut self, key: &str, value: String) {
        match key {
            "s" => {
                self.content = match share::decode(&value) {
                    Ok(json) => LinkContent::Session(json),
                    Err(reason) => LinkContent::Damaged(reason.to_string(), value),
                }
            }
            "yaml" => self.content = LinkContent::Yaml(value),
            "example" => self.content = LinkContent::Example(value),
            "lesson" => self.content = LinkContent::Lesson(value),
            "src" => self.read_source(value),
            "gist" => {
                let (id, file) = value.split_once('/').map_or((&*value, None), |(id, file)| (id, Some(file)));
                if !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()) {
                    self.content = LinkContent::Gist(id.to_owned(), file.map(str::to_owned));
                } else {
                    self.complain(key, &value, "the id of a gist is needed");
                }
            }
            "nodes" => match value.parse() {
                Ok(nodes) if nodes <= MOST_NODES => self.nodes = Some(nodes),
                _ => self.complain(key, &value, &format!("a number up to {MOST_NODES} is needed")),
            },
            "t" => match thousandths(&value) {
                Some(ms) => self.at_ms = Some(ms),
                None => self.complain(key, &value, "a number of seconds is needed"),
            },
            "sel" => match selected(&value) {
                Some(object) => self.selected = Some(object),
                None => self.complain(key, &value, "an object such as pod/web-1 is needed"),
            },
            // Other pages and trackers add words of their own; those are none of our business.
            _ => {}
        }
    }

    fn read_source(&mut self, value: String) {
        if value.starts_with("https://") || value.starts_with("http://localhost") {
            self.content = LinkContent::Source(value);
        } else {
            self.complain("src", &value, "an address that starts with https:// is needed");
        }
    }

    fn complain(&mut self, key: &str, value: &str, needed: &str) {
        self.complaints.push(format!("The link says {key}={value}: {needed}; the default is used."));
    }
}

/// A fragment that opens this session, at this moment and with this object shown if they are given.
pub fn session_fragment(json: &str, at_ms: Option<u64>, selected: Option<&ObjectRef>) -> String {
    let t = at_ms.map_or_else(String::new, |ms| format!("&t={}", seconds_text(ms)));
    let sel = selected.map_or_else(String::new, |object| {
        let namespace =
            if matches!(&*object.namespace, "" | "default") { String::new() } else { format!("{}/", object.namespace) };
        format!("&sel={}/{namespace}{}", object.kind.to_lowercase(), object.name)
    });
    format!("#s={}{t}{sel}&v={VERSION}", share::encode(json))
}

/// `12.4`, `40`.
fn seconds_text(ms: u64) -> String {
    match ms % 1000 {
        0 => (ms / 1000).to_string(),
        rest => format!("{}.{rest:03}", ms / 1000).trim_end_matches('0').to_owned(),
    }
}

/// A decimal number in thousandths, without the detour over floats: `0.25` is 250.
pub fn thousandths(value: &str) -> Option<u64> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let part = format!("{part:0<3}");
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(part.get(..3)?.parse().ok()?)
}

/// Short names of kinds, as kubectl has them.
const SHORT: &[(&str, &str)] = &[
    ("po", "Pod"),
    ("no", "Node"),
    ("sts", "StatefulSet"),
    ("ds", "DaemonSet"),
    ("deploy", "Deployment"),
    ("rs", "ReplicaSet"),
    ("svc", "Service"),
    ("pvc", "PersistentVolumeClaim"),
    ("pv", "PersistentVolume"),
    ("sc", "StorageClass"),
    ("cj", "CronJob"),
];

/// `pod/web-1`, `statefulset/shop/db`, `node/node-1`.
fn selected(value: &str) -> Option<ObjectRef> {
    let (kind, rest) = value.split_once('/')?;
    let short = SHORT.iter().find(|(short, _)| *short == kind).map(|(_, kind)| *kind);
    let modelled = || api::Kind::MODELLED.iter().copied().find(|known| known.type_meta().1.to_lowercase() == kind);
    let kind = match short {
        Some(kind) => api::Kind::MODELLED.iter().copied().find(|known| known.type_meta().1 == kind)?,
        None => modelled()?,
    };
    let (namespace, name) = rest.split_once('/').unwrap_or(("default", rest));
    let namespace = if kind.is_namespaced() { namespace } else { "" };
    (!name.is_empty()).then(|| ObjectRef::new(kind.type_meta().1, namespace, name))
}

/// The pairs of a query or fragment.
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decoded(key), percent_decoded(value))
    })
}

/// `%20` and `+` are spaces. What is not valid stays as it is, so a sloppy link still shows something.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let (byte, used) = match (first, hex.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => (byte, 3),
            (b'+', _) => (b' ', 1),
            (other, _) => (*other, 1),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_link_says_what_when_and_which() {
        let link = parse_fragment("#yaml=kind%3A%20Pod%0Ametadata:+{name:%20a}&nodes=5&t=12.4&sel=po/web-1&v=1");
        assert_eq!(link.content, LinkContent::Yaml("kind: Pod\nmetadata: {name: a}".into()));
        assert_eq!((link.nodes, link.at_ms, link.complaints.len()), (Some(5), Some(12_400), 0));
        assert_eq!(link.selected, Some(ObjectRef::new("Pod", "default", "web-1")));
        let node = parse_fragment("sel=node/node-1").selected;
        assert_eq!(node, Some(ObjectRef::new("Node", "", "node-1")));
        assert_eq!(
            parse_fragment("gist=ab12/web.yaml").content,
            LinkContent::Gist("ab12".into(), Some("web.yaml".into()))
        );
    }

    #[test]
    fn newer_and_sloppy_links_are_told_of() {
        let newer = parse_fragment("#s=df2:xyz&v=99").content;
        let LinkContent::Damaged(why, raw) = newer else { panic!("opened") };
        assert!(why.contains("newer podground (links of version 99, known here: 1)") && raw.contains("df2"));
        let sloppy = parse_fragment("nodes=many&t=soon&sel=web&src=ftp://a&gist=../x");
        assert_eq!((sloppy.complaints.len(), sloppy.content), (5, LinkContent::None));
    }

    proptest! {
        #[test]
        fn a_session_comes_back(json in ".*", at in proptest::option::of(0u64..10_000_000), pod in "[a-z]{1,9}") {
            let object = ObjectRef::new("Pod", "shop", &pod);
            let text = session_fragment(&json, at, Some(&object));
            prop_assert!(text.ends_with("&v=1"));
            let link = parse_fragment(&text);
            prop_assert_eq!(link.content, LinkContent::Session(json));
            prop_assert_eq!((link.at_ms, link.selected), (at, Some(object)));
        }

        #[test]
        fn nothing_makes_reading_fail(text in ".*") {
            let _link = parse_fragment(&text);
        }
    }
}
