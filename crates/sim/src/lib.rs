//! The discrete-event kernel: virtual time, the agenda of wakeups, and seeded randomness.
//!
//! Nothing here knows Kubernetes. A simulation is a loop that pops the earliest [`Wakeup`] of an [`Agenda`],
//! lets somebody act, and pushes what follows; ties break by insertion, so a run is a function of its inputs.

mod agenda;
mod rng;
mod time;

pub use agenda::{Agenda, Ticket, Wakeup};
pub use rng::Rng;
pub use time::{SimDuration, SimTime, WallClock, parse_go_duration};
