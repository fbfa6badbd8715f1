//! What a link asks for: the query says how the page is shown, the fragment says what is in it. The fragment never reaches a
//! server. An unknown or bad value never stops the page; it is said, and the default is used.

use playback::{LinkContent, pairs};
use view::ObjectRef;

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
    /// What is at this address, if the person agrees to ask there.
    Elsewhere(String),
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
    /// The moment to show, in virtual milliseconds.
    pub at_ms: Option<u64>,
    /// The object to show.
    pub selected: Option<ObjectRef>,
    /// What was not understood, for people.
    pub complaints: Vec<String>,
}

/// Nodes at the start, unless a link says otherwise.
const DEFAULT_NODES: u32 = 3;
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
        at_ms: None,
        selected: None,
        complaints: Vec::new(),
    };
    for (key, value) in pairs(query.trim_start_matches('?')) {
        link.read_query(&key, &value);
    }
    let fragment = playback::parse_fragment(fragment);
    link.content = match fragment.content {
        LinkContent::None => Content::None,
        LinkContent::Yaml(text) => Content::Yaml(text),
        LinkContent::Example(name) => Content::Example(name),
        LinkContent::Session(json) => Content::Session(json),
        LinkContent::Damaged(reason, raw) => Content::Damaged(reason, raw),
        LinkContent::Source(address) => Content::Elsewhere(address),
        LinkContent::Gist(id, file) => {
            let file = file.map_or_else(String::new, |file| format!("#{file}"));
            Content::Elsewhere(format!("https://api.github.com/gists/{id}{file}"))
        }
        LinkContent::Lesson(name) => {
            link.complaints.push(format!("The link says lesson={name}, which this version cannot open yet."));
            Content::None
        }
    };
    link.nodes = fragment.nodes.unwrap_or(DEFAULT_NODES);
    (link.at_ms, link.selected) = (fragment.at_ms, fragment.selected);
    link.complaints.extend(fragment.complaints);
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

/// A speed in thousandths.
fn milli(value: &str) -> Option<u32> {
    let milli = u32::try_from(playback::thousandths(value)?).ok()?;
    (1..=1_000_000).contains(&milli).then_some(milli)
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
