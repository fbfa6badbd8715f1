//! The system as a whole: transcripts, seeded runs with faults, determinism. One program, so one link.

mod kinds;
mod scope;
mod sessions;

use playback::{Input, Scenario, Session};
use sim::SimTime;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::{chaos, fixtures, transcripts};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn transcripts_are_what_happens() {
    let folder = here().join("transcripts");
    assert!(!transcripts::find(&folder).is_empty(), "no transcript found below {}", folder.display());
    let bless = std::env::var_os("PODGROUND_BLESS").is_some();
    let report = transcripts::check_all(&folder, bless);
    assert!(report.is_empty(), "{report}");
}

/// How many seeds every run of the tests goes through.
const SEEDS: u64 = 500;

#[test]
fn seeded_runs_with_faults_keep_every_rule() {
    let asked = asked_seeds();
    let (reached, broken) = play(asked.clone().unwrap_or(1..=SEEDS));
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    let missing: Vec<&str> = chaos::STATES.iter().copied().filter(|state| !reached.contains(state)).collect();
    assert!(asked.is_some() || missing.is_empty(), "no seed reached: {missing:?}");
}

/// Plays every seed, on all processors: the states that were reached, and what broke.
fn play(seeds: std::ops::RangeInclusive<u64>) -> (BTreeSet<&'static str>, Vec<String>) {
    let next = AtomicU64::new(*seeds.start());
    let last = *seeds.end();
    let work = || {
        let (mut reached, mut broken) = (BTreeSet::new(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > last {
                return (reached, broken);
            }
            let report = chaos::run(seed, 8);
            reached.extend(report.reached);
            if !report.broken.is_empty() {
                let (what, commands) = (report.broken.join("\n"), report.commands.join("\n"));
                broken
                    .push(format!("seed {seed} (repeat: cargo xtask fuzz --seed {seed}):\n{what}\nafter\n{commands}"));
                next.store(last + 1, Ordering::Relaxed);
            }
        }
    };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        let mut all = (BTreeSet::new(), Vec::new());
        for worker in workers {
            let (reached, broken) = worker.join().expect("a run does not panic");
            all.0.extend(reached);
            all.1.extend(broken);
        }
        all
    })
}

/// The seeds that `cargo xtask fuzz` asks for, as `FIRST-LAST`.
fn asked_seeds() -> Option<std::ops::RangeInclusive<u64>> {
    let asked = std::env::var("PODGROUND_SEEDS").ok()?;
    let (first, last) = asked.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (a, b) = (chaos::run(11, 5), chaos::run(11, 5));
    assert_eq!((a.digest, a.commands), (b.digest, b.commands));
    assert_ne!(a.digest, chaos::run(12, 5).digest);
}

fn tutorial() -> Session {
    let mut session = Session::new(Scenario::default());
    for (path, content) in [("mysql.yaml", fixtures::MYSQL), ("fluentd.yaml", fixtures::FLUENTD)] {
        session.input(Input::WriteFile { path: path.into(), content: content.into() });
    }
    session.run(
        "kubectl apply -f mysql.yaml -f fluentd.yaml; sleep 20; sim node add node-4; sleep 30; kubectl get pods -A",
    );
    while session.is_busy() {
        session.pump();
    }
    session
}

#[test]
fn replay_seek_and_share_equal_the_straight_run() {
    let straight = tutorial();
    let (digest, console) = (cluster::digest(straight.cluster()), straight.clone().take_console());
    let end = straight.cluster().now();

    let mut back_and_forth = straight.clone();
    for ms in [30_000, 100, 49_999, 0, 12_345] {
        back_and_forth.seek(SimTime::from_millis(ms));
        assert_eq!(back_and_forth.cluster().now().as_millis(), ms);
    }
    back_and_forth.seek(end);
    assert_eq!(cluster::digest(back_and_forth.cluster()), digest, "seeking changed the future");

    let mut reopened = Session::open(&straight.saved()).expect("a saved session opens");
    reopened.seek(end);
    assert_eq!(cluster::digest(reopened.cluster()), digest, "the link replays something else");
    assert_eq!(reopened.take_console(), console, "the console of the link reads differently");
    assert_eq!(reopened.saved(), straight.saved(), "share, open, share is not the identity");
}

/// A session of this version, stored with what it printed and came to. The page's tests replay the same one in a
/// browser (`web/tests/determinism.rs`), so native and Wasm are compared byte for byte.
#[test]
fn a_stored_session_replays_to_the_same_bytes() {
    let folder = here().join("golden");
    if std::env::var_os("PODGROUND_BLESS").is_some() {
        let session = tutorial();
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join("tutorial.session.json"), session.saved() + "\n").expect("written");
        std::fs::write(folder.join("tutorial.replay.txt"), outcome(session)).expect("written");
    }
    let saved = std::fs::read_to_string(folder.join("tutorial.session.json")).expect("the stored session is there");
    let wanted = std::fs::read_to_string(folder.join("tutorial.replay.txt")).expect("the stored outcome is there");
    let mut session = Session::open(&saved).expect("the stored session opens");
    while session.cluster().now() < SimTime::from_millis(60_000) {
        session.step_towards(SimTime::from_millis(60_000));
    }
    assert_eq!(outcome(session), wanted, "bless with: cargo xtask bless");
}

/// What a session has printed and come to at its 60th second.
fn outcome(mut session: Session) -> String {
    session.seek(SimTime::from_millis(60_000));
    let printed: String = session.take_console().iter().map(|line| format!("{}\n", line.text)).collect();
    format!("{printed}digest {:016x}\n", cluster::digest(session.cluster()))
}

#[test]
fn frames_of_any_length_give_the_same_run() {
    let play = |frame_ms: u32| {
        let mut session = Session::open(&tutorial().saved()).expect("a saved session opens");
        session.play(true);
        session.set_speed(10_000);
        while session.cluster().now() < SimTime::from_millis(60_000) {
            session.advance(frame_ms, 1_000_000);
        }
        session.seek(SimTime::from_millis(60_000));
        (cluster::digest(session.cluster()), session.take_console())
    };
    assert_eq!(play(7), play(400));
}

#[test]
fn a_watch_ends_when_something_else_is_asked() {
    let mut session = Session::new(Scenario::default());
    session.run("kubectl get nodes -w");
    assert!(session.is_busy());
    session.run("sim node add node-4");
    assert!(!session.is_busy());
    assert_eq!(session.results(0).map(|result| result.exit_code).collect::<Vec<_>>(), [130, 0]);
    session.run("kubectl get nodes -w");
    session.interrupt();
    assert!(!session.is_busy());
    let mut again = Session::open(&session.saved()).expect("a saved session opens");
    again.seek(session.cluster().now());
    assert_eq!(again.take_console(), session.take_console());
}

#[test]
fn stepping_back_undoes_exactly_one_step() {
    let mut session = tutorial();
    let steps = session.cluster().steps();
    session.step_back();
    assert_eq!(session.cluster().steps(), steps - 1);
}
