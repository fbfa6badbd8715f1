//! The status sentence, with its "Why?".

use view::{Segment, StatusSentence};
use yew::{Callback, Html, Properties, classes, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{severity_class, severity_icon};
use crate::intent::Intent;

/// What the sentence shows.
#[derive(PartialEq, Properties)]
pub struct StatusProps {
    /// The sentence.
    pub status: StatusSentence,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The sentence.
#[component]
pub fn Status(props: &StatusProps) -> Html {
    let StatusProps { status, emit, .. } = props;
    let about = status.segments.iter().find_map(|segment| match segment {
        Segment::Link { target, .. } => Some(target.clone()),
        _ => None,
    });
    html! {
        <section class={classes!("status", severity_class(status.severity))} aria-label="Status">
            <span class="status-icon">{ severity_icon(status.severity) }</span>
            <div class="status-words">
                <p role="status" data-status-sentence="">{ for status.segments.iter().map(|each| view_segment(each, emit)) }</p>
            </div>
            if let (Some(about), true) = (about, status.why.is_some()) {
                <button type="button" data-action="why" onclick={on(emit, Intent::AskWhy(about))}>{ "Why?" }</button>
            }
        </section>
    }
}

fn view_segment(segment: &Segment, emit: &Callback<Intent>) -> Html {
    match segment {
        Segment::Plain(text) => html! { { &**text } },
        Segment::Strong(text) => html! { <b>{ &**text }</b> },
        Segment::Link { text, target } => html! {
            <button type="button" class="link" onclick={on(emit, Action::Selected(Some(target.clone())))}>{ &**text }</button>
        },
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use yew::Callback;

    use super::{Status, StatusProps};
    use crate::{fixture, testing::render};

    #[test]
    fn the_sentence_links_to_what_it_speaks_of() {
        let props = StatusProps { status: fixture::snapshot().status.clone(), emit: Callback::noop() };
        expect![[r#"
            <section aria-label="Status" class="status waiting">
            <span class="status-icon">
            <svg viewBox="0 0 16 16" aria-hidden="true" class="icon">
            <path d="M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3">
            </path>
            </svg>
            </span>
            <div class="status-words">
            <p role="status" data-status-sentence="">
            <b>mysql-3 and mysql-4 are not created yet.</b> OrderedReady: the controller waits for <button type="button" class="link">mysql-2</button> to be Running and Ready.</p>
            </div>
            <button type="button" data-action="why">Why?</button>
            </section>"#]].assert_eq(&render::<Status>(props));
    }
}
