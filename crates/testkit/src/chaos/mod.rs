//! Seeded random runs: workloads, users and faults, with every invariant looked at after every step.

mod commands;
mod reached;

use crate::checkers::{Checkers, settled};
use crate::fixtures;
use playback::{Scenario, Session};
use reached::Reached;
use sim::{Rng, SimDuration, SimTime};
use std::collections::BTreeSet;

pub use reached::STATES;

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed, to repeat it.
    pub seed: u64,
    /// What broke, with the moment and the commands before it; empty if nothing did.
    pub broken: Vec<String>,
    /// Interesting states that were reached at least once.
    pub reached: BTreeSet<&'static str>,
    /// The commands that were given.
    pub commands: Vec<String>,
    /// A digest of everything that happened, to compare runs.
    pub digest: u64,
}

/// Runs one seed for `minutes` of virtual time, then mends what can be mended and waits until all is quiet.
pub fn run(seed: u64, minutes: u64) -> Report {
    let mut rng = Rng::new(seed);
    let mut run = Run {
        session: session(seed),
        checkers: Checkers::default(),
        reached: Reached::default(),
        report: Report { seed, ..Report::default() },
    };
    for (name, _) in chosen(&mut rng) {
        run.give(format!("kubectl apply -f {name}.yaml"));
    }
    let end = SimTime::ZERO + SimDuration::from_secs(minutes * 60);
    while run.session.cluster().now() < end && run.report.broken.is_empty() {
        let pause = SimDuration::from_millis(200 + rng.below(20_000));
        run.follow(pause);
        let command = commands::next(&mut rng, run.session.cluster());
        run.give(command);
    }
    for command in commands::mend(run.session.cluster()) {
        run.give(command);
    }
    run.follow(SimDuration::from_secs(900));
    run.finish()
}

/// The workloads of a run: some of all, so that a run stays small and each meets each other in some of them.
fn chosen(rng: &mut Rng) -> Vec<(&'static str, &'static str)> {
    let all = fixtures::WORKLOADS;
    let some: Vec<_> = all.iter().filter(|_| rng.below(3) == 0).copied().collect();
    if some.is_empty() { vec![all[usize::try_from(rng.below(all.len() as u64)).unwrap_or(0)]] } else { some }
}

fn session(seed: u64) -> Session {
    let mut scenario = Scenario::default();
    scenario.options.seed = seed;
    scenario.files = fixtures::WORKLOADS
        .iter()
        .map(|(name, content)| playback::ScenarioFile {
            name: format!("{name}.yaml").into(),
            content: (*content).into(),
        })
        .collect();
    Session::new(scenario)
}

struct Run {
    session: Session,
    checkers: Checkers,
    reached: Reached,
    report: Report,
}

impl Run {
    /// Gives a command. One that waits goes on while time does.
    fn give(&mut self, command: String) {
        // What happens at this moment by itself happens first.
        self.follow(SimDuration::ZERO);
        self.report.commands.push(format!("{} {command}", self.session.cluster().now().as_millis()));
        self.session.run(&command);
        self.look(None);
    }

    /// Moves on by `span`, looking at every step.
    fn follow(&mut self, span: SimDuration) {
        let until = self.session.cluster().now() + span;
        let due = |session: &Session| session.cluster().next_at().is_some_and(|at| at <= until);
        while (self.session.cluster().now() < until || due(&self.session)) && self.report.broken.is_empty() {
            let steps = self.session.cluster().steps();
            let step = self.session.step_towards(until);
            if self.session.cluster().steps() != steps {
                self.look(step.as_ref());
            }
        }
    }

    fn look(&mut self, step: Option<&cluster::Step>) {
        let cluster = self.session.cluster();
        self.reached.look(cluster);
        let at = cluster.now().as_millis();
        let broken = self.checkers.look(cluster, step).into_iter().map(|what| format!("at {at} ms: {what}"));
        self.report.broken.extend(broken);
    }

    fn finish(mut self) -> Report {
        let cluster = self.session.cluster();
        if self.report.broken.is_empty() {
            self.report.broken.extend(settled(cluster));
            self.report.broken.extend(self.checkers.mirror_equals_store(cluster.lister()).err());
        }
        self.report.digest = cluster::digest(cluster);
        self.report.reached = self.reached.states;
        self.report
    }
}
