//! What holds whatever somebody does: going back and forth never changes what a moment is.

use crate::{Input, Scenario, Session, Stride};
use cluster::digest;
use proptest::prelude::*;
use sim::{SimDuration, SimTime};

/// Something that somebody does.
#[derive(Clone, Debug)]
enum Deed {
    Run(&'static str),
    Write(u8),
    Pass(u16),
    Seek(u16),
    Step(Stride, bool),
    Undo,
    Redo,
    Switch(u8),
    Drop(u8),
}

const COMMANDS: [&str; 9] = [
    "kubectl create deployment web --image=nginx --replicas=2",
    "kubectl scale deployment web --replicas=4",
    "kubectl delete pod -l app=web --wait=false",
    "kubectl rollout status deployment web",
    "sim node stop node-1",
    "sim image crash nginx",
    "x=1; sleep 3; kubectl get pods; echo $x",
    "sim rewind 2s",
    "kubectl get events -w",
];

fn deed() -> impl Strategy<Value = Deed> {
    let stride = prop_oneof![Just(Stride::Event), Just(Stride::Second), Just(Stride::Reconcile)];
    prop_oneof![
        5 => (0..COMMANDS.len()).prop_map(|index| Deed::Run(COMMANDS[index])),
        1 => any::<u8>().prop_map(Deed::Write),
        4 => (0u16..9000).prop_map(Deed::Pass),
        4 => (0u16..30_000).prop_map(Deed::Seek),
        4 => (stride, any::<bool>()).prop_map(|(stride, on)| Deed::Step(stride, on)),
        2 => Just(Deed::Undo),
        2 => Just(Deed::Redo),
        2 => any::<u8>().prop_map(Deed::Switch),
        1 => any::<u8>().prop_map(Deed::Drop),
    ]
}

fn act(session: &mut Session, deed: &Deed) {
    match deed {
        Deed::Run(command) => session.run(command),
        Deed::Write(n) => {
            session.input(Input::WriteFile { path: "a.yaml".into(), content: format!("n: {n}").into() });
        }
        Deed::Pass(ms) => {
            let to = session.cluster().now() + SimDuration::from_millis(u64::from(*ms));
            session.run_until(to, u64::MAX);
        }
        Deed::Seek(ms) => session.seek(SimTime::from_millis(u64::from(*ms))),
        Deed::Step(stride, on) => session.step_by(*stride, *on),
        Deed::Undo => {
            session.undo();
        }
        Deed::Redo => {
            session.redo();
        }
        Deed::Switch(n) => {
            session.switch(&name(session, *n));
        }
        Deed::Drop(n) => {
            session.drop_branch(&name(session, *n));
        }
    }
}

fn name(session: &Session, n: u8) -> String {
    let branches = session.branches();
    branches[usize::from(n) % branches.len()].name.to_string()
}

/// Everything that can be told of a session at its moment.
fn state(session: &Session) -> (u64, u64, String, Vec<String>) {
    let console: String = session.console().map(|line| format!("{}\n", line.text)).collect();
    let files = session.files().list("").unwrap_or_default();
    (session.cluster().now().as_millis(), digest(session.cluster()), console, files)
}

/// The same history played from its start to this moment.
fn straight(session: &Session) -> Session {
    let mut again = Session::open(&session.saved()).expect("a saved session opens");
    again.seek(session.cluster().now());
    again
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 60, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_done_equals_the_straight_run(deeds in prop::collection::vec(deed(), 1..14)) {
        let mut session = Session::new(Scenario::default());
        for deed in &deeds {
            act(&mut session, deed);
        }
        session.seek(session.cluster().now());
        let again = straight(&session);
        prop_assert_eq!(state(&again), state(&session));
        prop_assert_eq!(again.saved(), session.saved());
        let happened = |session: &Session| {
            let now_ms = session.cluster().now().as_millis();
            session.ticks().filter(|tick| tick.at_ms <= now_ms).cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(happened(&again), happened(&session));
    }

    #[test]
    fn undo_and_redo_give_back_what_was(deeds in prop::collection::vec(deed(), 1..8)) {
        let mut session = Session::new(Scenario::default());
        for deed in &deeds {
            act(&mut session, deed);
        }
        let (before, saved) = (state(&session), session.saved());
        if session.undo() {
            prop_assert_eq!(state(&straight(&session)), state(&session));
            prop_assert!(session.redo());
        }
        prop_assert_eq!(state(&session), before);
        prop_assert_eq!(session.saved(), saved);
    }

    #[test]
    fn branches_stay_what_they_were(deeds in prop::collection::vec(deed(), 2..8)) {
        let mut session = Session::new(Scenario::default());
        for deed in &deeds {
            act(&mut session, deed);
        }
        let here = session.branches()[0].name.clone();
        session.seek(session.cluster().now());
        let before = (state(&session), session.saved());
        for branch in session.branches().iter().skip(1) {
            prop_assert!(session.switch(&branch.name));
            prop_assert_eq!(state(&straight(&session)), state(&session));
        }
        session.switch(&here);
        session.seek(SimTime::from_millis(before.0.0));
        prop_assert_eq!((state(&session), session.saved()), before);
    }
}

/// A picture that takes parts from the last one is what a picture made anew is, whatever happens between the two.
#[test]
fn pictures_one_after_the_other_are_what_each_is_alone() {
    const AGENT: &str = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  selector: {matchLabels: {app: agent}}\n  template:\n    metadata: {labels: {app: agent}}\n    spec: {containers: [{name: agent, image: agent}]}\n";
    let mut session = Session::new(Scenario::default());
    session.input(Input::WriteFile { path: "agent.yaml".into(), content: AGENT.into() });
    let deeds = [
        "kubectl apply -f agent.yaml",
        "kubectl create deployment web --image=nginx --replicas=3",
        "kubectl rollout restart daemonset agent",
        "kubectl taint node node-1 a=b:NoExecute",
        "sim node stop node-2",
        "kubectl delete deployment web",
        "kubectl delete events --all",
        "sim node remove node-3",
    ];
    let look = |session: &Session| assert_eq!(*session.snapshot(), view::snapshot(session.cluster()));
    for deed in deeds {
        session.run(deed);
        look(&session);
        for _ in 0..12 {
            session.seek(session.cluster().now() + SimDuration::from_millis(450));
            look(&session);
        }
        let now = session.cluster().now();
        session.seek(SimTime::from_millis(now.as_millis() / 2));
        look(&session);
        session.seek(now);
        look(&session);
    }
}
