//! What a link asks for: the query says how the page is shown, the fragment says what is in it. The fragment never reaches a
//! server. An unknown or bad value never stops the page; it is said, and the default is used.

use crate::theme::Theme;

/// How the page is to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Presentation {
    /// Light or dark.
    pub theme: Option<Theme>,
    /// Apply and run at once; nothing said leaves it to the page.
    pub autoplay: Option<bool>,
    /// Large, for a room.
    pub projector: Option<bool>,
    /// Nothing moves.
    pub still: bool,
    /// A screen reader hears every Event.
    pub narrate: bool,
    /// Speed in thousandths of real time.
    pub speed_milli: Option<u32>,
    /// The seed of every random choice.
    pub seed: u64,
    /// Whether the files can be changed.
    pub readonly: bool,
    /// The parts that are shown.
    pub layout: Layout,
}

/// The parts that are shown: `view=` in a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Layout {
    /// Editor and picture.
    #[default]
    Split,
    /// The editor alone.
    Editor,
    /// The picture alone.
    Cluster,
    /// The table alone.
    Table,
}

/// What is to be in the page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Content {
    /// Nothing in particular.
    #[default]
    None,
    /// This manifest.
    Yaml(String),
    /// The example of this name.
    Example(String),
    /// This session, as the JSON that `share` wrote.
    Session(String),
    /// A session that cannot be read: what is wrong, and the text as it came.
    Damaged(String, String),
}

/// Everything a link says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// How the page is to be shown.
    pub presentation: Presentation,
    /// What is to be in it.
    pub content: Content,
    /// How many nodes there are at the start.
    pub nodes: u32,
    /// What was not understood, for people.
    pub complaints: Vec<String>,
}

/// Nodes at the start, unless a link says otherwise.
const DEFAULT_NODES: u32 = 3;
/// The most nodes that a link may start with.
const MOST_NODES: u32 = 1_000;

/// Reads `location.search` and `location.hash`, each with or without its first character.
pub fn parse(query: &str, fragment: &str) -> Link {
    let mut link = Link {
        presentation: Presentation {
            theme: None,
            autoplay: None,
            projector: None,
            still: false,
            narrate: false,
            speed_milli: None,
            seed: 1,
            readonly: false,
            layout: Layout::Split,
        },
        content: Content::None,
        nodes: DEFAULT_NODES,
        complaints: Vec::new(),
    };
    for (key, value) in pairs(query.trim_start_matches('?')) {
        link.read_query(&key, &value);
    }
    for (key, value) in pairs(fragment.trim_start_matches('#')) {
        link.read_fragment(&key, value);
    }
    link
}

impl Link {
    fn read_query(&mut self, key: &str, value: &str) {
        let show = &mut self.presentation;
        let understood = match key {
            "theme" => Theme::from_word(value).map(|theme| show.theme = Some(theme)),
            "autoplay" => flag(value).map(|on| show.autoplay = Some(on)),
            "projector" => flag(value).map(|on| show.projector = Some(on)),
            "motion" => (value == "reduce").then(|| show.still = true),
            "narrate" => flag(value).map(|on| show.narrate = on),
            "readonly" => flag(value).map(|on| show.readonly = on),
            "speed" => milli(value).map(|speed| show.speed_milli = Some(speed)),
            "seed" => value.parse().ok().map(|seed| show.seed = seed),
            "view" => Layout::from_word(value).map(|layout| show.layout = layout),
            // Other pages and trackers add words of their own; those are none of our business.
            _ => Some(()),
        };
        if understood.is_none() {
            self.complaints.push(format!("The link says {key}={value}, which is not understood; the default is used."));
        }
    }

    fn read_fragment(&mut self, key: &str, value: String) {
        match key {
            "yaml" => self.content = Content::Yaml(value),
            "example" => self.content = Content::Example(value),
            "s" => {
                self.content = match playback::decode(&value) {
                    Ok(json) => Content::Session(json),
                    Err(reason) => Content::Damaged(reason.to_string(), value),
                }
            }
            "nodes" => match value.parse() {
                Ok(nodes) if nodes <= MOST_NODES => self.nodes = nodes,
                _ => self.complaints.push(format!(
                    "The link says nodes={value}: a number up to {MOST_NODES} is needed; {DEFAULT_NODES} are used."
                )),
            },
            "src" | "gist" | "lesson" => {
                self.complaints.push(format!("The link says {key}={value}, which this version cannot open yet."));
            }
            _ => {}
        }
    }
}

impl Layout {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "split" => Some(Self::Split),
            "editor" => Some(Self::Editor),
            "cluster" => Some(Self::Cluster),
            "table" => Some(Self::Table),
            _ => None,
        }
    }

    /// The word used in links and in the style sheet.
    pub fn word(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Editor => "editor",
            Self::Cluster => "cluster",
            Self::Table => "table",
        }
    }
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "" | "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// A decimal number in thousandths, without the detour over floats: `0.25` is 250.
fn milli(value: &str) -> Option<u32> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let part = format!("{part:0<3}");
    let milli = whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part.get(..3)?.parse().ok()?)?;
    (1..=1_000_000).contains(&milli).then_some(milli)
}

fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
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
    use super::{Content, parse};
    use playback::encode as pack;

    #[test]
    fn a_hand_written_link_brings_yaml_and_nodes() {
        let link = parse("", "#yaml=kind%3A%20Pod%0Ametadata:+{name:%20a}&nodes=5&v=1");
        assert_eq!(link.content, Content::Yaml("kind: Pod\nmetadata: {name: a}".into()));
        assert_eq!((link.nodes, link.complaints.len()), (5, 0));
    }

    #[test]
    fn a_session_comes_packed() {
        let link = parse("", &format!("#s={}&v=1", pack("{\"v\":1}")));
        assert_eq!(link.content, Content::Session("{\"v\":1}".into()));
        assert!(matches!(parse("", "#s=df1:AAAA").content, Content::Damaged(..)));
    }

    #[test]
    fn a_bad_value_is_said_and_the_default_used() {
        let link = parse("?speed=fast&theme=dark&autoplay&utm_source=x", "#nodes=many");
        assert_eq!(link.presentation.theme.map(|theme| theme.word()), Some("dark"));
        assert!(link.presentation.autoplay == Some(true) && link.presentation.speed_milli.is_none() && link.nodes == 3);
        assert_eq!(link.complaints.len(), 2);
    }

    #[test]
    fn speeds_are_thousandths() {
        let speed = |text: &str| parse(&format!("?speed={text}"), "").presentation.speed_milli;
        assert_eq!(speed("0.25"), Some(250));
        assert_eq!(speed("10"), Some(10_000));
        assert_eq!(speed("0"), None);
        assert_eq!(speed("1e3"), None);
    }
}
