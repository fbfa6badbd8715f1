//! One StatefulSet as a lane: ordinals from left to right, what each missing one waits for, and their claims.

use view::{OrdinalSlot, SlotClaim, SlotState, StatefulSetLane};
use yew::{AttrValue, Callback, Html, Properties, classes, component, html};

use super::on;
use super::pod_tile::image_tag;
use super::workloads::{lit, view_scale, view_title};
use crate::app_state::Action;
use crate::icons::{Icon, glyph, icon, state_class};
use crate::intent::Intent;

/// What a lane shows.
#[derive(PartialEq, Properties)]
pub struct StatefulSetProps {
    /// The StatefulSet.
    pub lane: StatefulSetLane,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A lane.
#[component]
pub fn StatefulSet(props: &StatefulSetProps) -> Html {
    let StatefulSetProps { lane, emit } = props;
    let name = &lane.target.name;
    html! {
        <section class="lane" aria-label={format!("StatefulSet {name}")} data-lane={lane.target.key()} data-lane-of={lane.target.to_string()}
            style={format!("--owner:var(--work-{})", lane.colour)} onmouseenter={lit(emit, Some(&lane.target))} onmouseleave={lit(emit, None)}>
            <header>
                { view_title(&lane.target, emit) }
                <small>{ [&*lane.policy, &*lane.strategy].join(" · ") }{ " · revision " }{ &*lane.revision }
                    if lane.current_revision != lane.revision && !lane.current_revision.is_empty() {
                        { " from " }{ &*lane.current_revision }
                    }
                </small>
                <small class="share">{ format!("{}/{} ready", lane.ready, lane.desired) }</small>
                { view_scale(&lane.target, lane.desired, emit) }
            </header>
            <ol class="slots">
                { for lane.slots.iter().map(|slot| view_slot(slot, lane, emit)) }
            </ol>
        </section>
    }
}

fn view_slot(slot: &OrdinalSlot, lane: &StatefulSetLane, emit: &Callback<Intent>) -> Html {
    let data_ordinal = slot.ordinal.to_string();
    let is_held = slot.ordinal < lane.partition;
    let is_first = slot.ordinal == lane.partition && lane.partition > 0;
    let class = |extra: Option<&'static str>| {
        classes!("slot", extra, is_held.then_some("held"), is_first.then_some("partition"))
    };
    let claims = html! { { for slot.claims.iter().map(view_claim) } };
    match &slot.state {
        SlotState::Pod(pod) => html! {
            <li key={slot.ordinal} class={class(slot.is_surplus.then_some("surplus"))}>
                <button type="button" class={classes!("box", state_class(pod.state))} data-ordinal={data_ordinal}
                    data-of={pod.target().to_string()} data-owner={lane.target.to_string()} data-revision={pod.revision.to_string()}
                    title={format!("{} · {}", pod.name, pod.line())}
                    aria-label={format!("{}: {}, {}", pod.name, pod.line(), pod.state.word())}
                    onclick={on(emit, Action::Selected(Some(pod.target())))}>
                    <b>{ slot.ordinal }</b>
                    <span class="badge">{ glyph(pod.state) }</span>
                </button>
                <b class="dns" title={AttrValue::from(slot.dns.clone())}>{ &*slot.dns }</b>
                <small>{ pod.line() }</small>
                if lane.current_revision != lane.revision {
                    <small class="rev" title={pod.revision.to_string()}>
                        { if pod.revision == lane.revision { "new " } else { "old " } }<span>{ image_tag(&pod.image) }</span>
                    </small>
                }
                if is_first {
                    <small class="partition-word">{ format!("partition {}: those before keep theirs", lane.partition) }</small>
                }
                { claims }
            </li>
        },
        SlotState::Missing(reason) => html! {
            <li key={slot.ordinal} class={class(Some("missing"))}>
                <span class="box ghost" data-ordinal={data_ordinal}><b>{ slot.ordinal }</b></span>
                <small>{ &**reason }</small>
                { claims }
            </li>
        },
    }
}

fn view_claim(claim: &SlotClaim) -> Html {
    let text = if claim.is_bound { &claim.size } else { &claim.status };
    html! {
        <span class={if claim.is_bound { "claim" } else { "claim pending" }} data-claim={AttrValue::from(claim.name.clone())}
            data-claim-status={AttrValue::from(claim.status.clone())}
            title={format!("PersistentVolumeClaim {}: {}, {}", claim.name, claim.status, claim.size)}>
            { icon(Icon::Disk) }
            { &*claim.name }{ " · " }{ &**text }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use yew::Callback;

    use super::{StatefulSet, StatefulSetProps};
    use crate::{fixture, testing::words};

    #[test]
    fn ordinals_stand_in_order_with_what_they_wait_for() {
        let props = StatefulSetProps { lane: fixture::snapshot().stateful_sets[0].clone(), emit: Callback::noop() };
        expect![[r#"
            StatefulSet mysql
            OrderedReady · RollingUpdate · revision mysql-7d4b
            2/5 ready
            scale
            5
            0
            mysql-0.mysql
            Running 1/1
            data-mysql-0 · 5Gi
            1
            mysql-1.mysql
            Running 1/1
            data-mysql-1 · 5Gi
            2
            mysql-2.mysql
            ContainerCreating
            data-mysql-2 · Pending
            3
            after mysql-2
            4
            after mysql-3"#]]
        .assert_eq(&words::<StatefulSet>(props));
    }
}
