//! What controllers remember from one look to the next, beside failures (see [`crate::BackOff`]): a real controller
//! forgets it when it is restarted, so it is no part of any object.

use crate::AutoscalerMemory;
use api::ObjectKey;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What autoscalers recommended and did of late. A clone shares everything.
#[derive(Clone, Default)]
pub struct Memory {
    autoscalers: Rc<BTreeMap<ObjectKey, AutoscalerMemory>>,
}

impl Memory {
    /// What is remembered of an autoscaler; nothing before its first look.
    pub fn get(&self, key: &ObjectKey) -> AutoscalerMemory {
        self.autoscalers.get(key).cloned().unwrap_or_default()
    }

    /// Keeps what is remembered of an autoscaler.
    pub fn keep(&mut self, key: ObjectKey, memory: AutoscalerMemory) {
        Rc::make_mut(&mut self.autoscalers).insert(key, memory);
    }

    /// Forgets an autoscaler that is gone.
    pub fn forget(&mut self, key: &ObjectKey) {
        if self.autoscalers.contains_key(key) {
            Rc::make_mut(&mut self.autoscalers).remove(key);
        }
    }
}
