//! Why nothing happens: what each brain waits for, kept until that brain has looked again.

use api::{ObjectKey, Time};
use apiserver::Wait;
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use std::rc::Rc;

/// A wait, since when, and who reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitRecord {
    /// What is waited for.
    pub wait: Wait,
    /// Since when the same rule has held.
    pub since: Time,
    /// The brain that waits: a controller's name, `scheduler` or `kubelet`.
    pub reporter: &'static str,
}

/// The waits by (reporter, the key it looked at).
#[derive(Clone, Default)]
pub(crate) struct Waits {
    records: GenericOrdMap<(ObjectKey, &'static str), Rc<[WaitRecord]>, RcK>,
}

impl Waits {
    /// Replaces what `reporter` waits for on behalf of `key`.
    pub(crate) fn replace(&mut self, reporter: &'static str, key: &ObjectKey, waits: &[Wait], now: Time) {
        let place = (key.clone(), reporter);
        let before = self.records.get(&place).cloned();
        if waits.is_empty() {
            if before.is_some() {
                self.records.remove(&place);
            }
            return;
        }
        let since = |wait: &Wait| {
            let known = before.iter().flat_map(|records| records.iter());
            known.into_iter().find(|r| r.wait.who == wait.who && r.wait.rule == wait.rule).map_or(now, |r| r.since)
        };
        let records: Vec<WaitRecord> =
            waits.iter().map(|wait| WaitRecord { since: since(wait), wait: wait.clone(), reporter }).collect();
        self.records.insert(place, records.into());
    }

    /// Forgets everything about an object that is gone.
    pub(crate) fn forget(&mut self, key: &ObjectKey) {
        let places: Vec<_> = self
            .records
            .range((key.clone(), "")..)
            .take_while(|((of, _), _)| of == key)
            .map(|(place, _)| place.clone())
            .collect();
        for place in places {
            self.records.remove(&place);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &WaitRecord> {
        self.records.values().flat_map(|records| records.iter())
    }
}
