//! How long things take on a node: one table of stages by profile, and the time a pull takes by image size.
//!
//! The idea of a stage table is kwok's (kustomize/stage): what happens is decided elsewhere, here is only when.

use sim::SimDuration;

/// A profile of latencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// Everything happens at once; only waits that a manifest asks for take time.
    Instant,
    /// Short enough to watch, long enough to see each step: the page's default.
    Classroom,
    /// About what a small real cluster takes: the command line's default.
    #[default]
    Realistic,
}

/// A step on a node that takes time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The kubelet hears of a change to one of its pods.
    Hear,
    /// Volumes are mounted, sandbox and network are set up.
    Prepare,
    /// A container is created and its process runs.
    Start,
    /// The kubelet notices that a container has exited.
    Notice,
    /// The kubelet looks at a pod again after something failed.
    Resync,
    /// The first probe of a container, and each look at a changed one.
    Probe,
    /// A registry says that there is no such image.
    PullFails,
    /// A registry confirms that the image on the node is the current one.
    PullConfirms,
    /// Volumes and sandbox of a stopped pod are taken down.
    TearDown,
    /// A process that gets SIGTERM ends.
    Stop,
    /// A kubelet that has registered its node becomes ready.
    Join,
    /// A machine that got its power back runs its kubelet.
    Boot,
    /// A kubelet notices that a volume it has mounted has grown: it looks at a running pod only now and then.
    Grow,
}

/// One row: at least so many milliseconds, and up to so many more.
struct Row {
    stage: Stage,
    classroom: (u64, u64),
    realistic: (u64, u64),
}

const fn row(stage: Stage, classroom: (u64, u64), realistic: (u64, u64)) -> Row {
    Row { stage, classroom, realistic }
}

const STAGES: &[Row] = &[
    row(Stage::Hear, (5, 10), (5, 20)),
    row(Stage::Prepare, (200, 100), (250, 200)),
    row(Stage::Start, (200, 100), (250, 300)),
    row(Stage::Notice, (100, 100), (200, 600)),
    row(Stage::Resync, (1000, 0), (1000, 1000)),
    row(Stage::Probe, (100, 100), (100, 400)),
    row(Stage::PullFails, (500, 200), (700, 900)),
    row(Stage::PullConfirms, (150, 100), (200, 200)),
    row(Stage::TearDown, (100, 50), (200, 300)),
    row(Stage::Stop, (1000, 0), (1000, 0)),
    row(Stage::Join, (1000, 500), (2000, 2000)),
    row(Stage::Boot, (2000, 1000), (8000, 4000)),
    row(Stage::Grow, (2000, 1000), (20_000, 40_000)),
];

impl Timing {
    /// How long a stage takes; `draw` is random and decides about the jitter.
    pub(crate) fn delay(self, stage: Stage, draw: u64) -> SimDuration {
        let Some(row) = STAGES.iter().find(|row| row.stage == stage) else { return SimDuration::ZERO };
        let (least, more) = match self {
            Timing::Instant => (0, 0),
            Timing::Classroom => row.classroom,
            Timing::Realistic => row.realistic,
        };
        SimDuration::from_millis(least + draw % (more + 1))
    }

    /// How long the first pull of an image of this size takes on a node.
    pub(crate) fn pull(self, bytes: u64, draw: u64) -> SimDuration {
        let megabytes = bytes / 1_000_000;
        let (base, per_hundred_megabytes) = match self {
            Timing::Instant => return SimDuration::ZERO,
            Timing::Classroom => (600, 400),
            Timing::Realistic => (1500, 1200),
        };
        let millis = base + megabytes * per_hundred_megabytes / 100;
        SimDuration::from_millis(millis + draw % (millis / 10 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_has_one_row_and_instant_takes_no_time() {
        for row in STAGES {
            assert_eq!(STAGES.iter().filter(|other| other.stage == row.stage).count(), 1, "{:?}", row.stage);
            assert_eq!(Timing::Instant.delay(row.stage, 7), SimDuration::ZERO);
        }
        assert_eq!(Timing::Realistic.delay(Stage::Stop, 99), SimDuration::from_secs(1));
    }

    #[test]
    fn a_first_pull_takes_some_seconds() {
        let nginx = Timing::Realistic.pull(72_000_000, 0);
        assert!(nginx > SimDuration::from_secs(2) && nginx < SimDuration::from_secs(3), "{nginx}");
    }
}
