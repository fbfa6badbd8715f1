//! Commands that wait: what they wait for, as a value that can be kept, copied and polled.

use crate::Started;
use crate::call::{Call, Env, Output, Ran};
use crate::errors::CmdError;
use crate::verbs::{
    Attached, Deletion, Draining, EventStream, Executing, LogStream, Replacement, Rollout, Waiting, Watch,
};
use api::Time;
use apiserver::Server;
use sim::SimDuration;

/// A command that waits. It is polled after time has moved on, as often as somebody likes: between two polls nothing
/// is lost, because it reads the watch log from where it stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Follow {
    state: Box<State>,
    deadline: Option<Time>,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Objects to change, each change is a line (`get -w`).
    Watch(Watch),
    /// Events to happen (`events -w`).
    Events(EventStream),
    /// A command in a container to end (`exec`).
    Executing(Executing),
    /// A pod to run and end (`run -i`).
    Attached(Attached),
    /// Lines to be logged (`logs -f`).
    Logs(LogStream),
    /// Pods of nodes to be gone.
    Draining(Draining),
    /// A rollout to finish.
    Rollout(Rollout),
    /// Conditions to hold.
    Wait(Waiting),
    /// Objects to be gone, to be made anew.
    Replacement(Replacement),
    /// Objects to be gone.
    Deletion(Deletion),
    /// The server to serve a kind that is being defined, before the command begins.
    Start(Start),
}

/// A command that has not begun: a real kubectl takes longer to find out which kinds there are than the server takes
/// to serve one that was just defined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    pub(crate) args: Vec<String>,
    pub(crate) stdin: String,
}

/// What one look found.
pub(crate) enum Progress {
    /// Not yet.
    Waiting,
    /// It is over, with this exit code.
    Done(i32),
}

impl Follow {
    /// Waits for this, for ever.
    pub(crate) fn new(state: State) -> Self {
        Follow { state: Box::new(state), deadline: None }
    }

    /// Waits for this, at most for `timeout`; for ever if there is none or it is zero.
    pub(crate) fn within(state: State, now: Time, timeout: Option<SimDuration>) -> Self {
        let deadline = timeout.filter(|timeout| *timeout > SimDuration::ZERO).map(|timeout| now.plus(timeout));
        Follow { state: Box::new(state), deadline }
    }

    /// When it gives up by itself, if it does.
    pub fn deadline(&self) -> Option<Time> {
        match &*self.state {
            State::Draining(draining) => draining.deadline(),
            _ => self.deadline,
        }
    }

    /// When it wants to look again, though nothing may have happened until then.
    pub fn wakes_at(&self) -> Option<Time> {
        match &*self.state {
            State::Draining(draining) => draining.wakes_at(),
            State::Attached(attached) => attached.wakes_at(),
            State::Deletion(deletion) => deletion.wakes_at(),
            _ => None,
        }
    }

    /// Tells how the command has ended that was to be run in a container.
    pub fn ran(&mut self, how: Ran) {
        match &mut *self.state {
            State::Executing(executing) => executing.ran(how),
            State::Attached(attached) => attached.ran(how),
            _ => {}
        }
    }

    /// Looks whether what is waited for has come. Answers with the new text, and with the exit code once it is over.
    pub fn poll(&mut self, server: &mut Server, env: &Env<'_>) -> (Output, Option<i32>) {
        if let State::Start(start) = &*self.state {
            let late = self.deadline.is_some_and(|deadline| server.now() >= deadline);
            if server.lister().is_installing() && !late {
                return (Output::default(), None);
            }
            let start = start.clone();
            return match crate::begin(server, env, &start.args, &start.stdin) {
                Started::Done(output) => {
                    let code = output.exit_code;
                    (output, Some(code))
                }
                Started::Follow(output, follow) => {
                    *self = follow;
                    (output, None)
                }
            };
        }
        let mut call = Call::new(server, env, "");
        let result = match &mut *self.state {
            State::Watch(watch) => watch.poll(&mut call),
            State::Events(events) => events.poll(&mut call),
            State::Executing(executing) => executing.poll(&mut call),
            State::Attached(attached) => attached.poll(&mut call),
            State::Logs(logs) => logs.poll(&mut call),
            State::Draining(draining) => draining.poll(&mut call),
            State::Rollout(rollout) => rollout.poll(&mut call),
            State::Wait(waiting) => waiting.poll(&mut call),
            State::Replacement(replacement) => replacement.poll(&mut call),
            State::Deletion(deletion) => deletion.poll(&mut call, self.deadline),
            State::Start(_) => Ok(Progress::Waiting),
        };
        let result = match result {
            Ok(Progress::Waiting) if self.deadline.is_some_and(|deadline| call.now() >= deadline) => {
                Err(self.timed_out())
            }
            other => other,
        };
        let mut output = call.output;
        let code = match result {
            Ok(Progress::Waiting) => None,
            Ok(Progress::Done(code)) => Some(code),
            Err(error) => {
                let (code, text) = error.render();
                output.stderr.push_str(&text);
                Some(code)
            }
        };
        output.exit_code = code.unwrap_or(0);
        (output, code)
    }

    fn timed_out(&self) -> CmdError {
        match &*self.state {
            State::Wait(waiting) => waiting.timed_out(),
            State::Replacement(replacement) => replacement.timed_out(),
            State::Deletion(deletion) => deletion.timed_out(),
            State::Start(_)
            | State::Watch(_)
            | State::Draining(_)
            | State::Events(_)
            | State::Logs(_)
            | State::Rollout(_)
            | State::Executing(_)
            | State::Attached(_) => CmdError::new("timed out waiting for the condition"),
        }
    }
}
