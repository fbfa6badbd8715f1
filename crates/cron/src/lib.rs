//! The schedules of CronJobs: cron expressions and the world's time zones.
//!
//! Upstream reads schedules with github.com/robfig/cron/v3. What users meet of it is more than the five fields:
//! `5/15`, `?`, `@every`, starts that a change of clocks skips or repeats, and its words about mistakes, which are the
//! API server's. No library for Rust reads them so, so the expressions are read here; the rules of the time zones
//! come from the library jiff, which carries the IANA database with it and asks no operating system.

mod field;
mod next;
mod schedule;
mod zone;

pub use schedule::Schedule;
pub use zone::Zone;
