//! The lines of history: what lay ahead when somebody acted in the past, to go to, compare and drop.

use std::rc::Rc;

use playback::{Branch, Comparison, Difference, Tick};
use view::clock_text;
use yew::{Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::intent::Intent;
use crate::time::{TimeAction, TimeDeed, Timeline};

/// What the part shows.
#[derive(PartialEq, Properties)]
pub struct BranchesProps {
    /// The timeline.
    pub timeline: Rc<Timeline>,
    /// The comparison that is open, and with which line.
    pub comparison: Option<(Rc<str>, Rc<Comparison>)>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The part.
#[component]
pub fn Branches(props: &BranchesProps) -> Html {
    let others = props.timeline.branches.len() > 1;
    html! {
        <div class="branches">
            if !others {
                <p class="empty">{ "Rewind and do something else: what lay ahead is then kept here, to be compared and gone back to." }</p>
            }
            <ul>{ for props.timeline.branches.iter().filter(|_| others).map(|branch| view_branch(branch, &props.emit)) }</ul>
            if let Some((name, found)) = &props.comparison {
                { view_comparison(name, found, &props.emit) }
            }
        </div>
    }
}

fn view_branch(branch: &Branch, emit: &Callback<Intent>) -> Html {
    let name = &branch.name;
    html! {
        <li key={&**name} data-branch={name.to_string()}>
            <b>{ &**name }</b>
            if branch.is_current {
                <span class="note">{ format!("is shown, up to {}", clock_text(branch.end_ms)) }</span>
            } else {
                <span class="note">{ format!("from {} to {}: {}", clock_text(branch.parts_ms), clock_text(branch.end_ms), branch.first) }</span>
                <button type="button" data-action="switch" onclick={on(emit, TimeDeed::Switch(name.clone()))}>{ "Go there" }</button>
                <button type="button" data-action="compare" onclick={on(emit, TimeDeed::Compare(name.clone()))}>{ "Compare" }</button>
                <button type="button" data-action="drop" onclick={on(emit, TimeDeed::Drop(name.clone()))}>{ "Drop" }</button>
            }
        </li>
    }
}

fn view_comparison(name: &str, found: &Comparison, emit: &Callback<Intent>) -> Html {
    let is_same = found.objects.is_empty() && found.only_here.is_empty() && found.only_there.is_empty();
    html! {
        <section class="comparison" data-comparison="" aria-label={format!("Compared with {name}")}>
            <h3>{ format!("At {}, here and in {name}", clock_text(found.at_ms)) }
                <button type="button" class="bare" aria-label="Close the comparison" onclick={on(emit, TimeAction::Compared(None))}>{ "×" }</button>
            </h3>
            if is_same {
                <p>{ "Nothing differs." }</p>
            }
            <ul>{ for found.objects.iter().map(|difference| view_difference(difference, name, emit)) }</ul>
            { view_events("Events only here", &found.only_here) }
            { view_events(&format!("Events only in {name}"), &found.only_there) }
        </section>
    }
}

fn view_difference(difference: &Difference, name: &str, emit: &Callback<Intent>) -> Html {
    let words = match difference.is_there {
        (true, false) => "is only here".to_owned(),
        (false, true) => format!("is only in {name}"),
        _ => difference.fields.join(" · "),
    };
    html! {
        <li>
            <button type="button" class="link" onclick={on(emit, Action::Selected(Some(difference.object.clone())))}>{ difference.object.to_string() }</button>
            { " " }{ words }
        </li>
    }
}

fn view_events(title: &str, ticks: &[Tick]) -> Html {
    if ticks.is_empty() {
        return Html::default();
    }
    html! {
        <details>
            <summary>{ format!("{title} ({})", ticks.len()) }</summary>
            <ul>{ for ticks.iter().take(100).map(|tick| html! {
                <li>{ format!("{} {} {}: {}", clock_text(tick.at_ms), tick.reason, tick.about, tick.message) }</li>
            }) }</ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use expect_test::expect;
    use playback::{Branch, Comparison, Difference};
    use view::ObjectRef;
    use yew::Callback;

    use super::{Branches, BranchesProps};
    use crate::testing::words;
    use crate::time::Timeline;

    #[test]
    fn branches_say_what_was_done_there_and_how_they_differ() {
        let branch = |name: &str, is_current, first: &str| Branch {
            name: name.into(),
            is_current,
            parts_ms: 20_000,
            end_ms: 50_000,
            first: first.into(),
        };
        let branches =
            vec![branch("main", true, ""), branch("future-1", false, "kubectl scale deployment web --replicas=4")];
        let difference = |name: &str, is_there, fields: &[&str]| Difference {
            object: ObjectRef::new("Pod", "default", name),
            is_there,
            fields: fields.iter().map(|field| (*field).into()).collect(),
        };
        let found = Comparison {
            at_ms: 40_000,
            objects: vec![
                difference("web-0", (true, true), &["status.phase: Running ≠ Pending"]),
                difference("web-1", (false, true), &[]),
            ],
            only_here: Vec::new(),
            only_there: Vec::new(),
        };
        let props = BranchesProps {
            timeline: Rc::new(Timeline { branches, ..Timeline::default() }),
            comparison: Some(("future-1".into(), Rc::new(found))),
            emit: Callback::noop(),
        };
        expect![[r#"
            main
            is shown, up to 00:00:50.0
            future-1
            from 00:00:20.0 to 00:00:50.0: kubectl scale deployment web --replicas=4
            Go there
            Compare
            Drop
            At 00:00:40.0, here and in future-1×
            Pod default/web-0 status.phase: Running ≠ Pending
            Pod default/web-1 is only in future-1"#]]
        .assert_eq(&words::<Branches>(props));
    }
}
