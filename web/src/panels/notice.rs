//! A message across the page, with a button if there is something to do about it.

use yew::{Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the message shows.
#[derive(PartialEq, Properties)]
pub struct NoticeProps {
    /// The message.
    pub notice: crate::app_state::Notice,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The message.
#[component]
pub fn Notice(props: &NoticeProps) -> Html {
    let NoticeProps { notice, emit } = props;
    html! {
        <div class={if notice.is_bad { "notice bad" } else { "notice" }} role={if notice.is_bad { "alert" } else { "status" }}
            data-notice="">
            { icon(if notice.is_bad { Icon::Warning } else { Icon::Check }) }
            <p>{ &*notice.text }</p>
            if let Some((label, intent)) = &notice.button {
                <button type="button" data-action="notice" onclick={on(emit, (**intent).clone())}>{ &**label }</button>
            }
            <button type="button" class="bare" aria-label="Close message" onclick={on(emit, Action::Notified(None))}>
                { icon(Icon::Cross) }
            </button>
        </div>
    }
}
