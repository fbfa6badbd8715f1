//! Jobs as progress, CronJobs on the time axis.

use std::rc::Rc;

use crate::{ObjectRef, PodTile, Severity, Text};

/// One Job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobLane {
    /// The Job.
    pub target: ObjectRef,
    /// Its colour, as in its chip.
    pub colour: u8,
    /// How many pods must end well; nothing for a work queue.
    pub completions: Option<u32>,
    /// How many may run at a time.
    pub parallelism: u32,
    /// Pods that run or are to.
    pub active: u32,
    /// Pods that ended well.
    pub succeeded: u32,
    /// Pods that failed.
    pub failed: u32,
    /// How many may fail.
    pub backoff_limit: u32,
    /// `Running`, `Complete`, `Failed`, `Suspended`: kubectl's STATUS.
    pub status: Text,
    /// How good or bad that is.
    pub severity: Severity,
    /// Its pods, by name.
    pub pods: Rc<[Rc<PodTile>]>,
    /// The CronJob that made it.
    pub made_by: Option<ObjectRef>,
}

/// A start of a CronJob, in the past or to come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CronStart {
    /// When, in milliseconds of virtual time.
    pub at_ms: u64,
    /// That moment as the clock shows it.
    pub time: Text,
    /// The Job that was started then, and how it is; nothing for a start to come.
    pub job: Option<(ObjectRef, Severity, Text)>,
}

/// One CronJob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CronJobLane {
    /// The CronJob.
    pub target: ObjectRef,
    /// Its colour, as in its chip.
    pub colour: u8,
    /// Its schedule, as it is written.
    pub schedule: Text,
    /// Its time zone; empty for the cluster's own.
    pub zone: Text,
    /// `Allow`, `Forbid`, `Replace`.
    pub concurrency: Text,
    /// Whether nothing is to start.
    pub is_suspended: bool,
    /// How many of its Jobs run.
    pub active: u32,
    /// Its Jobs, then the next starts, oldest first.
    pub starts: Rc<[CronStart]>,
}
