//! The page's pictures: inline SVG in the colour of the text around them. All are decoration; the words are elsewhere.

use view::{Severity, TileState};
use yew::{Html, html};

/// A picture drawn with lines on a square of 16.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    /// A plus.
    Plus,
    /// A minus.
    Minus,
    /// A cross.
    Cross,
    /// A waste bin.
    Bin,
    /// Three dots.
    More,
    /// A triangle: run.
    Play,
    /// Two bars: stop.
    Pause,
    /// A triangle against a bar, to the right.
    StepForward,
    /// The same to the left.
    StepBack,
    /// A half-filled circle.
    Theme,
    /// A question mark.
    Help,
    /// A chain link.
    Share,
    /// An arrow out of a box.
    Open,
    /// An arrow in a circle.
    Reset,
    /// A clock face.
    Clock,
    /// A tick.
    Check,
    /// A warning triangle.
    Warning,
    /// An arrow to the right.
    Arrow,
    /// A light bulb: a repair.
    Fix,
    /// A filled circle: a machine that runs.
    Lamp,
    /// The power sign.
    Power,
    /// A cut line.
    Unplugged,
    /// A drum: storage.
    Disk,
    /// A sun.
    Sun,
    /// A crescent.
    Moon,
    /// A gear.
    Gear,
    /// Four squares.
    Grid,
    /// A full and an empty half.
    Contrast,
    /// Two sheets: copy.
    Copy,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Plus => "M8 3v10M3 8h10",
            Self::Minus => "M3 8h10",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Bin => "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.8 7v3.6M9.2 7v3.6",
            Self::More => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::Play => "M5 3.2v9.6L12.6 8z",
            Self::Pause => "M5.4 3.5v9M10.6 3.5v9",
            Self::StepForward => "M4 3.5v9L10.4 8zM12 3.5v9",
            Self::StepBack => "M12 3.5v9L5.6 8zM4 3.5v9",
            Self::Theme => "M8 2.5a5.5 5.5 0 1 0 0 11z",
            Self::Help => "M5.6 6a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.3 1-1.3 1.9M8 12.7v.01",
            Self::Share => {
                "M6.6 9.4l2.8-2.8M7.2 4.8l1.3-1.3a2.8 2.8 0 0 1 4 4l-1.3 1.3M8.8 11.2l-1.3 1.3a2.8 2.8 0 0 1-4-4l1.3-1.3"
            }
            Self::Open => "M7 3.5H3.5v9h9V9M9.5 3h3.5v3.5M12.8 3.2L7.5 8.5",
            Self::Reset => "M3.2 8a4.8 4.8 0 1 0 1.6-3.6M3.2 3v2.6h2.6",
            Self::Clock => "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3",
            Self::Check => "M3.5 8.5l3 3 6-6.5",
            Self::Warning => "M8 2.8L14 13H2zM8 6.6v3M8 11.4v.01",
            Self::Arrow => "M2.5 8h11M10 4.5L13.5 8 10 11.5",
            Self::Lamp => "M8 4.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6z",
            Self::Power => "M8 2.5V8M4.7 4.6a5 5 0 1 0 6.6 0",
            Self::Unplugged => "M2 8h3.5M10.5 8H14M6.5 10.5l3-5",
            Self::Disk => {
                "M3.5 4.5c0-1 2-1.7 4.5-1.7s4.5.7 4.5 1.7v7c0 1-2 1.7-4.5 1.7s-4.5-.7-4.5-1.7zM3.5 4.5c0 1 2 1.7 4.5 1.7s4.5-.7 4.5-1.7"
            }
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1"
            }
            Self::Moon => "M13 9.6A5.4 5.4 0 0 1 6.4 3 5.4 5.4 0 1 0 13 9.6z",
            Self::Gear => {
                "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6l1.4 1.4M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4"
            }
            Self::Grid => "M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z",
            Self::Contrast => "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11M10 5v6M12 6.5v3",
            Self::Copy => "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
            Self::Fix => "M6 12.5h4M6.5 14h3M5.6 10.2a4 4 0 1 1 4.8 0c-.4.3-.6.7-.6 1.1H6.2c0-.4-.2-.8-.6-1.1z",
        }
    }
}

/// An icon.
pub fn icon(icon: Icon) -> Html {
    let filled = matches!(icon, Icon::Play | Icon::StepForward | Icon::StepBack | Icon::Lamp);
    html! {
        <svg class={if filled { "icon filled" } else { "icon" }} viewBox="0 0 16 16" aria-hidden="true">
            if icon == Icon::Theme {
                <circle cx="8" cy="8" r="5.5" />
                <path d={icon.path()} style="fill:currentColor" />
            } else {
                <path d={icon.path()} />
            }
        </svg>
    }
}

/// The glyph of a Pod's state.
pub fn glyph(state: TileState) -> Html {
    let path = match state {
        TileState::Ready => "M3.5 8.5l3 3 6-6.5",
        TileState::NotReady => "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
        TileState::Starting => "M3.4 8h.01M8 8h.01M12.6 8h.01",
        TileState::Unscheduled => "M8 3v6.2M8 12.6v.01",
        TileState::Failing => "M4 4l8 8M12 4l-8 8",
        TileState::Completed => "M4.5 13.5v-11M4.5 3h7.5l-2 2.7 2 2.8H4.5",
        TileState::Terminating => "M8 3v10M4.2 9.2L8 13l3.8-3.8",
        TileState::Unknown => "M5.6 6a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.3 1-1.3 1.9M8 12.8v.01",
    };
    html! {
        <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
            <path d={path} />
            if state == TileState::NotReady {
                <path d="M8 3a5 5 0 0 1 0 10z" style="fill:currentColor" />
            }
        </svg>
    }
}

/// The icon that goes with a severity.
pub fn severity_icon(severity: Severity) -> Html {
    icon(match severity {
        Severity::Good => Icon::Check,
        Severity::Busy | Severity::Waiting => Icon::Clock,
        Severity::Bad => Icon::Warning,
    })
}

/// The style class of a severity.
pub fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "good",
        Severity::Busy => "busy",
        Severity::Waiting => "waiting",
        Severity::Bad => "bad",
    }
}

/// The style class of a Pod's state.
pub fn state_class(state: TileState) -> &'static str {
    match state {
        TileState::Ready => "st-ready",
        TileState::NotReady => "st-not-ready",
        TileState::Starting => "st-starting",
        TileState::Unscheduled => "st-unscheduled",
        TileState::Failing => "st-failing",
        TileState::Completed => "st-completed",
        TileState::Terminating => "st-terminating",
        TileState::Unknown => "st-unknown",
    }
}

/// The page's mark.
pub fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M12 1.8 21 7v10l-9 5.2L3 17V7z" fill="#3b5bdb" />
            <rect x="7" y="9" width="4" height="6" rx="1.2" fill="#fff" />
            <rect x="13" y="6.5" width="4" height="8.5" rx="1.2" fill="#fff" opacity=".75" />
        </svg>
    }
}
