//! The record of the control loop: who looked, what woke it, what it saw and what it decided, newest first.

use std::rc::Rc;

use playback::Stride;
use yew::{Callback, Html, Properties, component, html};

use crate::intent::Intent;
use crate::time::{Look, TimeAction, TimeDeed, Timeline};

/// What the part shows.
#[derive(PartialEq, Properties)]
pub struct TraceProps {
    /// The timeline with its looks.
    pub timeline: Rc<Timeline>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The part.
#[component]
pub fn Trace(props: &TraceProps) -> Html {
    let emit = &props.emit;
    let step = emit.reform(|on: bool| TimeDeed::Step(on).into());
    let by_reconcile = {
        let (emit, step) = (emit.clone(), step);
        move |forward: bool| {
            let (emit, step) = (emit.clone(), step.clone());
            Callback::from(move |_| {
                emit.emit(TimeAction::Stride(Stride::Reconcile).into());
                step.emit(forward);
            })
        }
    };
    html! {
        <div class="trace" data-trace="">
            <p class="trace-head">
                { "Each look of a controller, the scheduler or a kubelet, newest first." }
                <button type="button" data-action="reconcile-back" onclick={by_reconcile(false)}>{ "Reconcile back" }</button>
                <button type="button" data-action="reconcile" onclick={by_reconcile(true)}>{ "Next reconcile" }</button>
            </p>
            if props.timeline.looks.is_empty() {
                <p class="empty">{ "Nothing has been recorded yet: let time run, or step on." }</p>
            }
            <ol>{ for props.timeline.looks.iter().map(view_look) }</ol>
        </div>
    }
}

fn view_look(look: &Look) -> Html {
    let decided = if look.decided.is_empty() { "nothing to do" } else { &look.decided };
    html! {
        <li key={look.step.to_string()} class={if look.decided.is_empty() { "idle" } else { "acts" }}>
            <span class="time-of">{ &*look.time }</span>{ " " }<b>{ &*look.brain }</b>{ " " }<span>{ &*look.key }</span>
            <dl>
                <dt>{ "Woken by" }</dt><dd>{ &*look.why }</dd>
                <dt>{ "Saw" }</dt><dd>{ &*look.saw }</dd>
                <dt>{ "Decided" }</dt><dd><pre>{ decided }</pre></dd>
                if let Some(words) = &look.failed {
                    <dt>{ "Failed" }</dt><dd>{ &**words }</dd>
                }
            </dl>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use expect_test::expect;
    use yew::Callback;

    use super::{Trace, TraceProps};
    use crate::testing::words;
    use crate::time::{Look, Timeline};

    #[test]
    fn a_look_says_why_what_it_saw_and_what_it_decided() {
        let look = Look {
            step: 7,
            time: "00:12.0".into(),
            brain: "statefulset".into(),
            key: "StatefulSet default/web".into(),
            why: "MODIFIED Pod default/web-0".into(),
            saw: "generation 1, resourceVersion 40; pods: web-0 Running, Ready".into(),
            decided: "create Pod default/web-1".into(),
            failed: None,
        };
        let timeline = Rc::new(Timeline { looks: vec![look], ..Timeline::default() });
        expect![[r#"
            Each look of a controller, the scheduler or a kubelet, newest first.Reconcile back
            Next reconcile
            00:12.0 statefulset StatefulSet default/web
            Woken by
            MODIFIED Pod default/web-0
            Saw
            generation 1, resourceVersion 40; pods: web-0 Running, Ready
            Decided
            create Pod default/web-1"#]]
        .assert_eq(&words::<Trace>(TraceProps { timeline, emit: Callback::noop() }));
    }
}
