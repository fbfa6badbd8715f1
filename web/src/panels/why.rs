//! "Why?": the chain of waits down to its root, where the manifest says so, what the scheduler said, and what would fix it.

use view::{EventRow, Remedy, ScheduleRow, Scheduling, Verdict, WhyStep};
use yew::{Callback, Html, Properties, classes, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the answer says.
#[derive(PartialEq, Properties)]
pub struct WhyProps {
    /// The answer.
    pub why: std::rc::Rc<view::Why>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The answer. Nothing where there is nothing to explain.
#[component]
pub fn Why(props: &WhyProps) -> Html {
    let WhyProps { why, emit } = props;
    html! {
        <div class="why-answer" data-why={why.chain.len().to_string()}>
            if !why.chain.is_empty() {
                <h3>{ "Why it waits" }</h3>
                <ol class="chain">{ for why.chain.iter().enumerate().map(|(at, step)| view_step(at, step, why.chain.len(), emit)) }</ol>
            }
            if !why.remedies.is_empty() {
                <h3>{ "What would fix it" }</h3>
                <div class="deeds remedies">{ for why.remedies.iter().map(|remedy| view_remedy(remedy, emit)) }</div>
            }
            if let Some(cause) = &why.cause {
                if !why.chain.is_empty() {
                    <button type="button" class="cause" data-action="cause" onclick={on(emit, Intent::ShowCause(cause.clone()))}>
                        { icon(Icon::Open) }
                        <span>{ "In the manifest of " }<b>{ format!("{} {}", cause.object.kind, cause.object.name) }</b>
                            if !cause.path.is_empty() {
                                { ": " }<code>{ path_text(&cause.path) }</code>
                            }
                        </span>
                    </button>
                }
            }
            if let (Some(event), false) = (&why.event, why.chain.is_empty()) {
                { view_event(event) }
            }
            if let Some(scheduling) = &why.scheduling {
                { view_scheduling(scheduling) }
            }
        </div>
    }
}

fn path_text(path: &[view::Text]) -> String {
    let mut text = String::new();
    for name in path {
        if name.chars().all(|character| character.is_ascii_digit()) {
            text.push_str(&format!("[{name}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(name);
        }
    }
    text
}

fn view_step(at: usize, step: &WhyStep, count: usize, emit: &Callback<Intent>) -> Html {
    let is_root = at + 1 == count && count > 1;
    let name = html! { <>{ format!("{} ", step.target.kind) }<b>{ &*step.target.name }</b></> };
    html! {
        <li class={classes!(is_root.then_some("root"))}>
            <div class="chain-head">
                if at == 0 {
                    <span>{ name }</span>
                } else {
                    <button type="button" class="link" onclick={on(emit, Action::Selected(Some(step.target.clone())))}>{ name }</button>
                }
                if !step.rule.is_empty() {
                    <span class="rule" title={format!("kept by {}", step.keeper)}>{ &*step.rule }</span>
                }
            </div>
            <p>{ &*step.sentence }
                if !step.doc.is_empty() {
                    { " " }
                    <a class="doc" target="_blank" rel="noopener noreferrer" href={format!("https://kubernetes.io/docs/{}", step.doc)}
                        title={format!("kubernetes.io/docs/{} (leaves this page)", step.doc)}>{ "read more" }{ icon(Icon::Open) }</a>
                }
            </p>
        </li>
    }
}

fn view_remedy(remedy: &Remedy, emit: &Callback<Intent>) -> Html {
    html! {
        <button type="button" data-remedy="" title={remedy.command.to_string()} onclick={on(emit, Intent::Run(remedy.command.to_string()))}>
            { icon(Icon::Fix) }{ &*remedy.label }
        </button>
    }
}

fn view_event(event: &EventRow) -> Html {
    html! {
        <p class="why-event">
            { icon(if event.is_warning { Icon::Warning } else { Icon::Check }) }
            <span><b>{ &*event.reason }</b>{ " · " }{ &*event.time }
                if event.count > 1 {
                    { format!(" · ×{}", event.count) }
                }
                <br />{ &*event.message }
            </span>
        </p>
    }
}

fn view_scheduling(scheduling: &Scheduling) -> Html {
    // A filter that rejected nobody tells nothing, unless nobody was rejected at all.
    let rejected = |at: &usize| scheduling.rows.iter().any(|row| row.verdicts.get(*at) == Some(&Verdict::Rejected));
    let shown: Vec<usize> = (0..scheduling.filters.len()).filter(rejected).collect();
    let tries = if scheduling.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", scheduling.attempts) };
    html! {
        <section class="scheduling" aria-label="Scheduling">
            <h3>{ "What the scheduler said" }<span class="count">{ tries }</span></h3>
            <p>{ &*scheduling.outcome }</p>
            if !scheduling.rows.is_empty() {
                <div class="table-scroll" tabindex="0" role="region" aria-label="Nodes and plugins">
                    <table class="verdicts">
                        <thead><tr>
                            <th scope="col">{ "Node" }</th>
                            { for shown.iter().map(|at| html! { <th scope="col"><span>{ &*scheduling.filters[*at] }</span></th> }) }
                            { for scheduling.scorers.iter().map(|name| html! { <th scope="col" class="score"><span>{ &**name }</span></th> }) }
                            if !scheduling.scorers.is_empty() {
                                <th scope="col" class="score"><span>{ "Sum" }</span></th>
                            }
                        </tr></thead>
                        <tbody>{ for scheduling.rows.iter().map(|row| view_row(row, &shown, scheduling)) }</tbody>
                    </table>
                </div>
                <p class="small">
                    { format!("{} filters were asked; those that let every node pass are left out.", scheduling.filters.len()) }
                </p>
            }
        </section>
    }
}

fn view_row(row: &ScheduleRow, shown: &[usize], scheduling: &Scheduling) -> Html {
    let reason = (!row.reason.is_empty()).then(|| row.reason.to_string());
    html! {
        <tr class={classes!(row.is_chosen.then_some("chosen"))} title={reason.clone()}>
            <th scope="row">
                { &*row.node }
                if row.is_chosen {
                    <span class="sr">{ ", chosen" }</span>{ icon(Icon::Check) }
                }
                if let Some(reason) = reason {
                    <small>{ reason }</small>
                }
            </th>
            { for shown.iter().map(|at| view_verdict(row.verdicts.get(*at).copied().unwrap_or(Verdict::NotAsked))) }
            { for scheduling.scorers.iter().enumerate().map(|(at, _)| html! {
                <td class="score">{ row.scores.get(at).map_or_else(|| "–".to_owned(), ToString::to_string) }</td>
            }) }
            if !scheduling.scorers.is_empty() {
                <td class="score">{ if row.scores.is_empty() { "–".to_owned() } else { row.total.to_string() } }</td>
            }
        </tr>
    }
}

fn view_verdict(verdict: Verdict) -> Html {
    match verdict {
        Verdict::Passed => html! { <td class="pass">{ icon(Icon::Check) }<span class="sr">{ "passes" }</span></td> },
        Verdict::Rejected => {
            html! { <td class="reject">{ icon(Icon::Cross) }<span class="sr">{ "rejected" }</span></td> }
        }
        Verdict::NotAsked => {
            html! { <td class="not-asked"><span aria-hidden="true">{ "·" }</span><span class="sr">{ "not asked" }</span></td> }
        }
    }
}
