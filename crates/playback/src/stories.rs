//! The session as somebody uses it.

use crate::{Happening, MarkKind, Phase, Scenario, Session, Stride};
use expect_test::{Expect, expect};
use sim::{SimDuration, SimTime};

fn check(text: impl AsRef<str>, expected: Expect) {
    expected.assert_eq(text.as_ref());
}

fn finish(session: &mut Session, script: &str) {
    session.run(script);
    while session.is_busy() {
        session.pump();
    }
}

fn started() -> Session {
    let mut session = Session::new(Scenario::default());
    finish(&mut session, "kubectl create deployment web --image=nginx --replicas=2; sleep 30");
    session
}

fn marks(session: &Session) -> String {
    let line = |mark: &crate::Mark| format!("{:>6} {} {}\n", mark.at_ms, mark.kind.word(), mark.text);
    session.marks().iter().map(line).collect()
}

fn branches(session: &Session) -> String {
    let line = |branch: &crate::Branch| {
        let sign = if branch.is_current { "*" } else { " " };
        format!("{sign} {} {}..{} {}\n", branch.name, branch.parts_ms, branch.end_ms, branch.first)
    };
    session.branches().iter().map(line).collect()
}

#[test]
fn notable_moments_are_found() {
    let mut session = started();
    finish(&mut session, "kubectl set image deployment web nginx=nginx:2; sleep 30; sim image crash nginx:2; sleep 60");
    finish(&mut session, "sim node stop node-1; sleep 400");
    session.set_mark(MarkKind::User, "the end");
    check(
        marks(&session),
        expect![[r#"
                 0 rollout-started Deployment default/web is created
              3161 first-ready Deployment default/web has its first Ready pod, web-7957885594-bgnkr
              3481 rollout-done Deployment default/web is rolled out
             30000 rollout-started Deployment default/web has a new template: its rollout starts
             36732 rollout-done Deployment default/web is rolled out
            170000 node-lost Node node-1 stopped answering
            470005 evicted Pod default/web-b75df6df4-bh92r: TaintManagerEviction
            474573 crash-loop Pod default/web-b75df6df4-nmgsc crashes again and again (CrashLoopBackOff)
            520000 user the end
        "#]],
    );
}

#[test]
fn a_pod_lives_through_its_phases() {
    let mut session = started();
    finish(&mut session, "kubectl delete deployment web; sleep 10");
    let first = session.phases().next().map(|change| change.uid.clone());
    let of_first = session.phases().filter(|change| Some(&change.uid) == first.as_ref());
    let phases: Vec<Phase> = of_first.map(|change| change.phase).collect();
    assert_eq!(phases, [Phase::Pending, Phase::Creating, Phase::Ready, Phase::Terminating, Phase::Gone]);
}

#[test]
fn acting_in_the_past_keeps_the_old_future() {
    let mut session = started();
    finish(&mut session, "kubectl scale deployment web --replicas=4; sleep 20");
    session.seek(SimTime::from_millis(20_000));
    finish(&mut session, "kubectl scale deployment web --replicas=1; sleep 20");
    check(
        branches(&session),
        expect![[r#"
        * main 0..40000 
          future-1 20000..50000 kubectl scale deployment web --replicas=4; sleep 20
    "#]],
    );
    let found = session.compare("future-1").expect("it is there");
    let objects: String = found
        .objects
        .iter()
        .map(|each| format!("{} {:?} {}\n", each.object, each.is_there, each.fields.join("; ")))
        .collect();
    check(
        objects,
        expect![[r#"
            Deployment default/web (true, true) spec.replicas: 1 ≠ 4; status.availableReplicas: 1 ≠ 4; status.readyReplicas: 1 ≠ 4; status.replicas: 1 ≠ 4; status.updatedReplicas: 1 ≠ 4
            Pod default/web-7957885594-bgnkr (false, true) 
            Pod default/web-7957885594-m8bh9 (false, true) 
            Pod default/web-7957885594-nh52k (false, true) 
            ReplicaSet default/web-7957885594 (true, true) metadata.annotations.deployment.kubernetes.io/desired-replicas: 1 ≠ 4; metadata.annotations.deployment.kubernetes.io/max-replicas: 2 ≠ 5; spec.replicas: 1 ≠ 4; status.availableReplicas: 1 ≠ 4; status.fullyLabeledReplicas: 1 ≠ 4; status.readyReplicas: 1 ≠ 4
        "#]],
    );
    assert!(session.switch("future-1"));
    check(
        branches(&session),
        expect![[r#"
        * future-1 0..50000 
          main 20000..40000 kubectl scale deployment web --replicas=1; sleep 20
    "#]],
    );
    assert!(session.drop_branch("main") && session.branches().len() == 1);
}

#[test]
fn steps_go_on_and_back_by_what_happens() {
    let mut session = started();
    session.seek(SimTime::from_millis(2_000));
    let mut seen = Vec::new();
    for _ in 0..4 {
        let before = session.cluster().steps();
        session.step_by(Stride::Event, true);
        let happened = session.happenings().rfind(|what| at_ms(what) <= session.cluster().now().as_millis());
        seen.push(format!("{} {}", session.cluster().now().as_millis(), told(happened)));
        session.step_by(Stride::Reconcile, false);
        assert!(session.cluster().steps() >= before);
        session.step_by(Stride::Reconcile, true);
    }
    check(
        seen.join("\n"),
        expect![[r#"
            2841 Created Pod default/web-7957885594-bgnkr
            3019 Created Pod default/web-7957885594-gsbtz
            3161 Deployment default/web has its first Ready pod, web-7957885594-bgnkr
            3471 Ready Pod default/web-7957885594-gsbtz"#]],
    );
    session.step_by(Stride::Event, false);
    session.step_by(Stride::Second, false);
    session.play_until_event();
    for _ in 0..100 {
        session.advance(16, 1000);
    }
    assert!(!session.clock().playing);
}

fn at_ms(what: &Happening) -> u64 {
    match what {
        Happening::Tick(tick) => tick.at_ms,
        Happening::Phase(change) => change.at_ms,
        Happening::Mark(mark) => mark.at_ms,
    }
}

fn told(what: Option<&Happening>) -> String {
    match what {
        Some(Happening::Tick(tick)) => format!("{} {}", tick.reason, tick.about),
        Some(Happening::Phase(change)) => format!("{} {}", change.phase.word(), change.pod),
        Some(Happening::Mark(mark)) => mark.text.to_string(),
        None => String::new(),
    }
}

#[test]
fn a_range_is_played_again_and_again() {
    let mut session = started();
    session.play_range(Some((5_000, 6_000)));
    session.play(true);
    for _ in 0..500 {
        session.advance(16, 10_000);
        assert!((5_000..=6_000).contains(&session.clock().now_ms));
    }
    session.play_range(None);
    for _ in 0..100 {
        session.advance(16, 10_000);
    }
    assert!(session.clock().now_ms > 6_000);
}

#[test]
fn a_script_may_move_in_time() {
    let mut session = Session::new(Scenario::default());
    finish(&mut session, "sleep 20\nsim rewind 15s\nsim clock\nsim goto 1m\nsim reset; sim clock");
    let told: String =
        session.results(0).map(|result| format!("{} {}{}", result.line, result.command, result.stdout)).collect();
    check(
        told,
        expect![[r#"
        1 sleep 202 sim rewind 15s3 sim clock2026-01-01T00:00:05Z (5s since the start)
        4 sim goto 1m5 sim reset5 sim clock2026-01-01T00:00:00Z (0s since the start)
    "#]],
    );
    assert_eq!(session.cluster().now() + SimDuration::ZERO, SimTime::ZERO);
}

#[test]
fn a_loop_that_moves_in_time_ends_there_and_says_so() {
    let mut session = started();
    finish(&mut session, "for i in 1 2; do sim rewind 5s; done");
    assert_eq!(session.cluster().now(), SimTime::from_millis(25_000));
    assert_eq!(session.log().len(), 1);
}

#[test]
fn other_lines_of_history_are_saved_on_demand() {
    let mut session = started();
    session.seek(SimTime::from_millis(10_000));
    session.run("kubectl get pods");
    assert!(!session.saved().contains("future-1"));
    let again = Session::open(&session.saved_whole()).expect("a saved session opens");
    assert_eq!(branches(&again), branches(&session));
}

#[test]
fn the_record_of_the_loop_tells_why_and_what() {
    let mut session = Session::new(Scenario::default());
    session.set_tracing(true);
    finish(&mut session, "kubectl create deployment web --image=nginx; sleep 20");
    let told: String = session
        .cluster()
        .looks()
        .filter(|look| look.brain == "deployment")
        .take(2)
        .map(|look| look.to_string())
        .collect();
    check(told, expect![[""]]);
    let mut plain = started();
    let digest = cluster::digest(plain.cluster());
    plain.set_tracing(true);
    assert!(plain.cluster().looks().count() > 0 && cluster::digest(plain.cluster()) == digest);
    plain.seek(SimTime::from_millis(5_000));
    plain.seek(SimTime::from_millis(30_000));
    assert_eq!(cluster::digest(plain.cluster()), digest, "the record changes nothing");
    plain.set_tracing(false);
    assert_eq!(plain.cluster().looks().count(), 0);
}
