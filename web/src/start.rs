//! How the page starts: what the address asks for, what an earlier visit left, and else the first example.
//!
//! A link comes before the draft, the draft before the default. Where a link opens, the draft is offered, not lost.

use wasm_bindgen::JsValue;

use crate::app_state::{AppState, Notice};
use crate::commands;
use crate::driver::Driver;
use crate::examples::{self, EXAMPLES, Example};
use crate::files::{Files, NamedText};
use crate::intent::Intent;
use crate::session::{Opened, Session};
use crate::settings::{Pace, Settings};
use crate::storage::{self, Draft};
use crate::time::TimeDeed;
use crate::url::{self, Content, Link, Presentation};

/// Everything that the application starts with.
pub struct Start {
    /// The state.
    pub state: AppState,
    /// The session.
    pub session: Session,
    /// How the page is to be shown.
    pub presentation: Presentation,
}

/// The start that the address and the browser's storage ask for.
pub fn from_location() -> Start {
    let location = gloo::utils::window().location();
    let link = url::parse(&location.search().unwrap_or_default(), &location.hash().unwrap_or_default());
    let path = location.pathname().unwrap_or_default();
    let root = gloo::utils::document_element();
    let embedded = root.has_attribute("data-embed") || path.contains("/embed/");
    // A frame in another page neither reads nor writes what the whole page keeps.
    let draft = if embedded { Ok(None) } else { storage::load_draft() };
    let mut settings = if embedded { Settings::default() } else { storage::load_settings() };
    settings.theme = link.presentation.theme.unwrap_or(settings.theme);
    settings.projector = link.presentation.projector.unwrap_or(settings.projector);
    settings.still |= link.presentation.still;
    settings.narration |= link.presentation.narrate;
    start(link, draft, settings, embedded)
}

/// How far into a session a link may lead without its own inputs leading there: an hour.
const MOST_AHEAD_MS: u64 = 3_600_000;

fn start(mut link: Link, draft: Result<Option<Draft>, String>, settings: Settings, embedded: bool) -> Start {
    if link.content == Content::None {
        link.nodes = settings.nodes;
    }
    let mut complaints = link.complaints.clone();
    let draft = draft.unwrap_or_else(|reason| {
        complaints.push(format!("The work of your last visit cannot be read: {reason}."));
        None
    });
    let is_link = link.content != Content::None;
    let is_first = !is_link && !embedded && draft.is_none();
    let offers_draft = is_link && draft.is_some();
    let mut notice = None;
    let opened = match &link.content {
        Content::None => draft.and_then(|draft| from_draft(draft, &link, settings.pace)),
        Content::Yaml(text) => {
            Some(fresh(&link, settings.pace, vec![NamedText { name: "manifest.yaml".into(), content: text.clone() }]))
        }
        Content::Example(name) => match examples::find(name) {
            Some(example) => Some(fresh(&link, settings.pace, example_files(example))),
            None => {
                complaints.push(format!("There is no example named {name}."));
                None
            }
        },
        // A frame shows a session from its start; the whole page goes on where it was left.
        Content::Session(json) => match Session::open(json, !embedded) {
            Ok(opened) => Some(opened),
            Err(reason) => {
                notice = Some(damaged(&reason, json));
                None
            }
        },
        // Who opens a link is asked before anything is asked of anybody else.
        Content::Elsewhere(address) => {
            notice = Some(elsewhere(address));
            None
        }
        Content::Damaged(reason, raw) => {
            notice = Some(damaged(reason, raw));
            None
        }
    };
    let opened = opened.unwrap_or_else(|| fresh(&link, settings.pace, example_files(&EXAMPLES[0])));
    let Opened { mut session, files, playing } = opened;
    if let Some(speed) = link.presentation.speed_milli {
        session.set_speed(speed);
    }
    session.play(playing && !embedded && link.at_ms.is_none());
    if let Some(at_ms) = link.at_ms {
        session.seek(at_ms.min(MOST_AHEAD_MS.max(session.clock().end_ms)));
    }
    let hint = (is_first && !settings.hint_done).then_some(0);
    let mut state = AppState::new(Files::new(files), settings, embedded);
    state.hint = hint;
    state.selected = link.selected.take();
    if offers_draft {
        notice = notice.or_else(|| Some(kept_draft()));
    }
    let complaint =
        (!complaints.is_empty()).then(|| Notice { is_bad: true, text: complaints.join(" ").into(), button: None });
    state.notice = notice.or(complaint);
    // A first visit starts with the example at work, unless the link says otherwise.
    link.presentation.autoplay = link.presentation.autoplay.or(is_first.then_some(true));
    Start { state, session, presentation: link.presentation }
}

fn elsewhere(address: &str) -> Notice {
    Notice {
        is_bad: false,
        text: format!("The link wants a manifest from {address}. Nothing has been asked there yet.").into(),
        button: Some(("Fetch it".into(), Box::new(TimeDeed::Fetch(address.into()).into()))),
    }
}

fn kept_draft() -> Notice {
    Notice {
        is_bad: false,
        text: "A link was opened. The work of your last visit is kept until you change something here.".into(),
        button: Some(("Back to my work".into(), Box::new(Intent::BackToDraft))),
    }
}

fn fresh(link: &Link, pace: Pace, files: Vec<NamedText>) -> Opened {
    Opened { session: Session::new(link.nodes, link.presentation.seed, pace), files, playing: true }
}

fn from_draft(draft: Draft, link: &Link, pace: Pace) -> Option<Opened> {
    // A session of another version may not open; the files are still there.
    let opened = draft.session.and_then(|json| Session::open(&json, true).ok());
    (!draft.files.is_empty()).then(|| match opened {
        Some(opened) => Opened { files: draft.files, ..opened },
        None => fresh(link, pace, draft.files),
    })
}

fn damaged(reason: &str, raw: &str) -> Notice {
    Notice {
        is_bad: true,
        text: format!("This link cannot be opened: {reason}. An example is shown in its place.").into(),
        button: Some(("Copy the link's text".into(), Box::new(Intent::Copy(raw.into())))),
    }
}

/// Writes the files into the session and applies them, without a word about it.
pub fn apply(driver: &Driver, files: &Files) {
    let texts = files.to_texts();
    driver.with(|session| {
        session.write_files(&texts);
        for command in commands::apply(&texts) {
            session.run(&command);
        }
    });
}

/// Whether the page shows one part at a time.
pub fn is_narrow() -> bool {
    matches("(max-width: 760px)")
}

/// An example's files.
pub fn example_files(example: &Example) -> Vec<NamedText> {
    let file = |(name, content): &(&str, &str)| NamedText { name: (*name).into(), content: (*content).into() };
    example.files.iter().map(file).collect()
}

/// Makes the document look as the settings say.
pub fn show_settings(settings: &Settings) {
    let root = gloo::utils::document_element();
    let switch = |on: bool| if on { "on" } else { "off" };
    for (name, value) in [
        ("data-theme", settings.theme.word()),
        ("data-projector", switch(settings.projector)),
        ("data-still", switch(settings.still)),
    ] {
        let shown = root.set_attribute(name, value);
        debug_assert!(shown.is_ok(), "the name of the attribute is fixed");
    }
}

/// Takes the fragment out of the address, so that a reload goes on with what was done since.
pub fn forget_fragment() {
    let window = gloo::utils::window();
    let location = window.location();
    let has_fragment = location.hash().is_ok_and(|hash| !hash.is_empty());
    if let (true, Ok(href), Ok(history)) = (has_fragment, location.href(), window.history()) {
        let bare = href.split('#').next().unwrap_or_default();
        // A page from a disk may not change its address; then it stays as it is.
        history.replace_state_with_url(&JsValue::NULL, "", Some(bare)).unwrap_or_default();
    }
}

/// Leaves the link for the draft: the same page without its fragment.
pub fn back_to_draft() {
    forget_fragment();
    gloo::utils::window().location().reload().unwrap_or_default();
}

/// Whether the system asks for less motion.
pub fn wants_less_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

fn matches(query: &str) -> bool {
    gloo::utils::window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}
