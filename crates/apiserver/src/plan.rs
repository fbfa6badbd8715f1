//! The vocabulary of change: what a brain answers with.

use api::{Object, ObjectKey, Resource, Str};
use sim::SimDuration;

/// What a brain decided: writes in order, when it wants to be asked again, and what it waits for.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The writes, applied in order; a failing step ends the plan and the key is retried with back-off.
    pub steps: Vec<Step>,
    /// Writes made after the steps only if one of them failed.
    pub if_failed: Vec<Step>,
    /// Writes made after the steps even if one of them failed: the status of what was reconciled, mostly.
    pub finally: Vec<Step>,
    /// A status to write instead of the final writes if a step failed; `{error}` in the messages of its conditions
    /// stands for the server's words.
    pub on_error: Option<Object>,
    /// Ask again after this long, whatever happens.
    pub requeue_after: Option<SimDuration>,
    /// Ask again after this long, too, because of a schedule or a back-off: nothing that anybody waits for.
    pub recheck_after: Option<SimDuration>,
    /// Why nothing (more) happens.
    pub waits: Vec<Wait>,
    /// How long deciding takes on a real machine: the same key is not looked at again before. A controller that goes
    /// through thousands of objects each time would else look far more often here than it can there.
    pub took: SimDuration,
}

/// One write, and what is to be recorded about how it went.
#[derive(Clone, Debug)]
pub struct Step {
    /// The write.
    pub write: Write,
    /// Recorded if the write succeeds. `{name}` in the message stands for the name of the written object, which
    /// for `generateName` is known only then.
    pub on_success: Option<EventRecord>,
    /// Recorded if it fails. `{error}` in the message stands for the server's words.
    pub on_failure: Option<EventRecord>,
    /// Whether the plan goes on after a failure.
    pub keep_going: bool,
}

/// One change asked of the API server.
#[derive(Clone, Debug)]
pub enum Write {
    /// Create this object.
    Create(Object),
    /// Replace metadata and spec; refused with Conflict if the object was written since.
    Update(Object),
    /// Replace the status; refused with Conflict if the object was written since.
    UpdateStatus(Object),
    /// Delete the object.
    Delete(ObjectKey, DeleteOptions),
    /// Bind a pod to a node.
    Bind {
        /// The pod.
        pod: ObjectKey,
        /// The node.
        node: Str,
    },
    /// Only record an event.
    Record(EventRecord),
    /// Nothing, but the plan ends here if a step before it failed: the end of a batch whose steps all go on.
    StopIfFailed,
}

/// How to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Seconds of grace for pods; the object's own if absent.
    pub grace_period_seconds: Option<i64>,
    /// Delete only the object with this UID.
    pub uid: Option<Str>,
    /// What becomes of its dependents.
    pub propagation: Propagation,
}

/// What becomes of the dependents of a deleted object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted afterwards.
    #[default]
    Background,
    /// They are deleted first.
    Foreground,
    /// They stay, without an owner.
    Orphan,
}

/// Normal or Warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventType {
    /// All is well.
    Normal,
    /// Something is not.
    Warning,
}

impl EventType {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        }
    }
}

/// An event to be recorded about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The object.
    pub regarding: ObjectKey,
    /// Its UID.
    pub uid: Str,
    /// Part of the object, e.g. `spec.containers{nginx}`; empty for the whole.
    pub field_path: Str,
    /// Normal or Warning.
    pub event_type: EventType,
    /// What happened, in a word.
    pub reason: Str,
    /// What happened, in sentences.
    pub message: String,
    /// Who saw it: `statefulset-controller`, `kubelet`, ….
    pub component: Str,
    /// The node, for kubelets.
    pub host: Str,
}

impl EventRecord {
    /// A Normal event about `object`.
    pub fn normal(object: &impl Resource, component: &str, reason: &str, message: impl Into<String>) -> Self {
        EventRecord {
            regarding: object.key(),
            uid: object.meta().uid.clone(),
            field_path: Str::default(),
            event_type: EventType::Normal,
            reason: reason.into(),
            message: message.into(),
            component: component.into(),
            host: Str::default(),
        }
    }

    /// A Warning about `object`.
    pub fn warning(object: &impl Resource, component: &str, reason: &str, message: impl Into<String>) -> Self {
        EventRecord { event_type: EventType::Warning, ..Self::normal(object, component, reason, message) }
    }

    /// The same about a part of the object.
    #[must_use]
    pub fn at(mut self, field_path: impl Into<Str>) -> Self {
        self.field_path = field_path.into();
        self
    }

    /// The same seen on a node.
    #[must_use]
    pub fn on_host(mut self, host: &Str) -> Self {
        self.host = host.clone();
        self
    }
}

/// Why something does not happen (yet): a value that describe, the status sentence and the page all read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Who waits.
    pub who: ObjectKey,
    /// For which objects, nearest first; may be empty.
    pub awaits: Vec<ObjectKey>,
    /// The rule in a word, e.g. `OrderedReady`, `FailedScheduling`, `WaitForFirstConsumer`, `BackOff`.
    pub rule: Str,
    /// The rule in one sentence for people.
    pub message: String,
    /// Path of the upstream documentation page, below kubernetes.io/docs/.
    pub doc: &'static str,
}

impl Plan {
    /// Adds a write that leaves no event.
    pub fn write(&mut self, write: Write) {
        self.steps.push(Step { write, on_success: None, on_failure: None, keep_going: false });
    }

    /// Adds a write with an event for each outcome.
    pub fn write_recording(&mut self, write: Write, on_success: EventRecord, on_failure: EventRecord) {
        self.steps.push(Step { write, on_success: Some(on_success), on_failure: Some(on_failure), keep_going: false });
    }

    /// Adds a write that is made even if an earlier one failed.
    pub fn write_finally(&mut self, write: Write) {
        self.finally.push(Step { write, on_success: None, on_failure: None, keep_going: true });
    }

    /// Adds an event.
    pub fn record(&mut self, event: EventRecord) {
        self.write(Write::Record(event));
    }

    /// Asks to be asked again after `after` at the latest.
    pub fn requeue(&mut self, after: SimDuration) {
        self.requeue_after = Some(self.requeue_after.map_or(after, |have| have.min(after)));
    }

    /// Asks to be asked again after `after` because of a schedule or a back-off.
    pub fn recheck(&mut self, after: SimDuration) {
        self.recheck_after = Some(self.recheck_after.map_or(after, |have| have.min(after)));
    }
}

impl std::fmt::Display for Plan {
    /// One line a step: what tests and the loop's trace show.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.steps {
            writeln!(f, "{}", step.write)?;
            if let Some(event) = &step.on_success {
                writeln!(f, "  then {event}")?;
            }
        }
        for step in &self.if_failed {
            writeln!(f, "if that fails {}", step.write)?;
        }
        for step in &self.finally {
            writeln!(f, "finally {}", step.write)?;
        }
        if let Some(object) = &self.on_error {
            writeln!(f, "on error status {}", object.key())?;
        }
        if let Some(after) = self.requeue_after {
            writeln!(f, "requeue {after}")?;
        }
        if let Some(after) = self.recheck_after {
            writeln!(f, "recheck {after}")?;
        }
        for wait in &self.waits {
            let awaits: Vec<String> = wait.awaits.iter().map(ObjectKey::to_string).collect();
            writeln!(f, "wait {} for [{}] {}: {}", wait.who, awaits.join(", "), wait.rule, wait.message)?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Write::Create(object) if object.meta().name.is_empty() => {
                write!(f, "create {}{}*", object.key(), object.meta().generate_name)
            }
            Write::Create(object) => write!(f, "create {}", object.key()),
            Write::Update(object) => write!(f, "update {}", object.key()),
            Write::UpdateStatus(object) => write!(f, "status {}", object.key()),
            Write::Delete(key, options) => {
                write!(f, "delete {key}")?;
                match options.grace_period_seconds {
                    Some(grace) => write!(f, " grace={grace}"),
                    None => Ok(()),
                }
            }
            Write::Bind { pod, node } => write!(f, "bind {pod} to {node}"),
            Write::Record(event) => write!(f, "{event}"),
            Write::StopIfFailed => f.write_str("stop if that failed"),
        }
    }
}

impl std::fmt::Display for EventRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "event {} {} {}: {}", self.event_type.as_str(), self.regarding, self.reason, self.message)
    }
}
