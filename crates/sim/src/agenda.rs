//! The agenda: what is to happen when. Ordered by time, then by insertion.

use crate::SimTime;
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;

/// Names one entry of an agenda, so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    at: SimTime,
    number: u64,
}

impl Ticket {
    /// When the entry is due.
    pub fn at(self) -> SimTime {
        self.at
    }
}

/// One entry that has come due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wakeup<T> {
    /// When it was due.
    pub at: SimTime,
    /// What is to happen.
    pub what: T,
}

/// A queue of future wakeups. Cloning shares everything and costs nothing.
#[derive(Clone)]
pub struct Agenda<T: Clone> {
    entries: GenericOrdMap<Ticket, T, RcK>,
    next_number: u64,
}

impl<T: Clone> Default for Agenda<T> {
    fn default() -> Self {
        Agenda { entries: GenericOrdMap::new(), next_number: 0 }
    }
}

impl<T: Clone> Agenda<T> {
    /// Adds `what` at `at`, behind everything already due at that moment.
    pub fn push(&mut self, at: SimTime, what: T) -> Ticket {
        let ticket = Ticket { at, number: self.next_number };
        self.next_number += 1;
        self.entries.insert(ticket, what);
        ticket
    }

    /// Takes an entry off the agenda; `None` if it is no longer there.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<T> {
        self.entries.remove(&ticket)
    }

    /// When the next entry is due.
    pub fn next_at(&self) -> Option<SimTime> {
        self.entries.get_min().map(|(ticket, _)| ticket.at)
    }

    /// Takes the earliest entry if it is due at or before `until`.
    pub fn pop_due(&mut self, until: SimTime) -> Option<Wakeup<T>> {
        let ticket = *self.entries.get_min().filter(|(t, _)| t.at <= until).map(|(t, _)| t)?;
        let what = self.entries.remove(&ticket)?;
        Some(Wakeup { at: ticket.at, what })
    }

    /// Every entry in the order in which it will come due.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &T)> {
        self.entries.iter().map(|(ticket, what)| (ticket.at, what))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is left to happen.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_break_by_insertion_and_clones_are_apart() {
        let mut agenda = Agenda::default();
        let at = SimTime::from_millis;
        agenda.push(at(20), "late");
        agenda.push(at(10), "first");
        let second = agenda.push(at(10), "second");
        let mut copy = agenda.clone();
        assert_eq!(copy.cancel(second), Some("second"));
        assert_eq!(agenda.pop_due(at(15)).map(|w| w.what), Some("first"));
        assert_eq!(agenda.pop_due(at(15)).map(|w| w.what), Some("second"));
        assert_eq!(agenda.pop_due(at(15)), None);
        assert_eq!((agenda.len(), copy.len()), (1, 2));
    }
}
