//! Probes: when they run, what they find, and what follows. A probe that would only find again what is known is not
//! run at all.
//! Models: pkg/kubelet/prober/worker.go.

use crate::ailments;
use api::{Container, Probe, Str, Time};
use serde_json::Value;
use sim::SimDuration;
use std::rc::Rc;

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Startup,
    Readiness,
    Liveness,
}

impl Purpose {
    pub(crate) const ALL: [Purpose; 3] = [Purpose::Startup, Purpose::Readiness, Purpose::Liveness];

    /// The probe of a container that is for this.
    fn of(self, spec: &Container) -> Option<&Probe> {
        match self {
            Purpose::Startup => spec.startup_probe.as_deref(),
            Purpose::Readiness => spec.readiness_probe.as_deref(),
            Purpose::Liveness => spec.liveness_probe.as_deref(),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Purpose::Startup => "Startup",
            Purpose::Readiness => "Readiness",
            Purpose::Liveness => "Liveness",
        }
    }
}

/// The probes of one container, for its present run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probes {
    startup: Option<Prober>,
    readiness: Option<Prober>,
    liveness: Option<Prober>,
}

/// One probe: its schedule and what it has found so far.
#[derive(Clone, Debug)]
struct Prober {
    delay: SimDuration,
    period: SimDuration,
    success: u32,
    failure: u32,
    /// The first time it ran or will run.
    first: Option<Time>,
    /// From then on it fails, whatever else is known: what it looks at is gone by then.
    fails_from: Option<Time>,
    /// It has run up to this time.
    last: Option<Time>,
    /// What it has concluded.
    result: Option<bool>,
    /// What it found last, and how often in a row.
    found: Option<bool>,
    row: u32,
}

/// What answers the probes of a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Health {
    /// From when on it answers at all.
    pub(crate) answers_from: Time,
    /// Readiness whatever it answers.
    pub(crate) ready: Option<bool>,
}

impl Health {
    /// Whether a container without a readiness probe is ready.
    pub(crate) fn is_ready(self, now: Time) -> bool {
        self.passes(Purpose::Readiness, now)
    }

    /// Whether a probe at this moment passes.
    fn passes(self, purpose: Purpose, at: Time) -> bool {
        match (purpose, self.ready) {
            (Purpose::Readiness, Some(ready)) => ready,
            _ => at >= self.answers_from,
        }
    }
}

/// What a run of a probe has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) purpose: Purpose,
    pub(crate) passed: bool,
    /// Its conclusion has changed with this run.
    pub(crate) concluded: bool,
    /// It had concluded that before.
    pub(crate) known: bool,
}

impl Probes {
    /// The probes that a container has; `None` if it has none.
    pub(crate) fn of(spec: &Container) -> Option<Probes> {
        let prober = |probe: &Option<Rc<Probe>>| probe.as_deref().map(Prober::of);
        let probes = Probes {
            startup: prober(&spec.startup_probe),
            readiness: prober(&spec.readiness_probe),
            liveness: prober(&spec.liveness_probe),
        };
        (probes.startup.is_some() || probes.readiness.is_some() || probes.liveness.is_some()).then_some(probes)
    }

    fn get(&self, purpose: Purpose) -> Option<&Prober> {
        match purpose {
            Purpose::Startup => self.startup.as_ref(),
            Purpose::Readiness => self.readiness.as_ref(),
            Purpose::Liveness => self.liveness.as_ref(),
        }
    }

    fn get_mut(&mut self, purpose: Purpose) -> Option<&mut Prober> {
        match purpose {
            Purpose::Startup => self.startup.as_mut(),
            Purpose::Readiness => self.readiness.as_mut(),
            Purpose::Liveness => self.liveness.as_mut(),
        }
    }

    /// A new run of the container: nothing is known any more.
    pub(crate) fn restart(&mut self, started_at: Time, latency: SimDuration) {
        for purpose in Purpose::ALL {
            if let Some(prober) = self.get_mut(purpose) {
                prober.forget(started_at.plus(prober.delay).plus(latency));
            }
        }
    }

    /// What the container does by itself will make probes fail; `ails` says how long after its start.
    pub(crate) fn foresee(&mut self, spec: &Container, started_at: Time, ails: impl Fn(&Probe) -> Option<SimDuration>) {
        for purpose in Purpose::ALL {
            let after = purpose.of(spec).and_then(&ails);
            if let Some(prober) = self.get_mut(purpose) {
                prober.fails_from = after.map(|after| started_at.plus(after));
            }
        }
    }

    pub(crate) fn startup_passed(&self) -> bool {
        self.startup.as_ref().is_none_or(|prober| prober.result == Some(true))
    }

    /// Whether the readiness probe has passed; `None` if there is none.
    pub(crate) fn ready(&self) -> Option<bool> {
        self.readiness.as_ref().map(|prober| prober.result == Some(true))
    }

    /// Whether a probe demands that the container be killed.
    pub(crate) fn demands_kill(&self) -> Option<Purpose> {
        let failed = |purpose: &Purpose| self.get(*purpose).is_some_and(|prober| prober.result == Some(false));
        [Purpose::Liveness, Purpose::Startup].into_iter().find(failed)
    }

    /// The probes that run after the container has started wait for the startup probe.
    fn runs(&self, purpose: Purpose) -> bool {
        (purpose == Purpose::Startup) != self.startup_passed()
    }

    /// When the next probe runs that finds news (`true`) or an old failure once more (`false`).
    pub(crate) fn next(&self, health: Health) -> [Option<Time>; 2] {
        let mut next = [None, None];
        for purpose in Purpose::ALL {
            let Some(prober) = self.get(purpose).filter(|_| self.runs(purpose)) else { continue };
            let Some(at) = prober.next_run() else { continue };
            let (class, at) = match (prober.passes(health, purpose, at), prober.result) {
                // It passes and has passed: nothing to see until that changes.
                (true, Some(true)) => match prober.fails_from.filter(|from| *from > at) {
                    Some(from) => (0, prober.run_at_or_after(from)),
                    None => continue,
                },
                // A liveness or startup probe that has failed is on hold until the container runs anew.
                (_, Some(false)) if purpose != Purpose::Readiness => continue,
                (false, Some(false)) => (1, at),
                // A readiness probe that has never passed counts its failures for nothing.
                (false, None) if purpose == Purpose::Readiness => (1, at),
                _ => (0, at),
            };
            next[class] = Some(next[class].map_or(at, |known: Time| known.min(at)));
            // A failure that will end by itself is progress.
            if class == 1 && health.ready.is_none() && health.answers_from > at {
                let ends = prober.run_at_or_after(health.answers_from);
                next[0] = Some(next[0].map_or(ends, |known| known.min(ends)));
            }
        }
        next
    }

    /// Runs what is due.
    pub(crate) fn run(&mut self, now: Time, health: Health, findings: &mut Vec<Finding>) {
        for purpose in Purpose::ALL {
            if !self.runs(purpose) {
                continue;
            }
            let Some(prober) = self.get_mut(purpose) else { continue };
            if prober.next_run().is_none_or(|at| at > now) {
                continue;
            }
            let passed = prober.passes(health, purpose, now);
            let known = prober.result == Some(passed);
            let concluded = prober.find(passed, now);
            findings.push(Finding { purpose, passed, concluded, known });
            if purpose == Purpose::Startup && prober.result == Some(true) {
                // The others have waited for this.
                for later in [Purpose::Readiness, Purpose::Liveness] {
                    if let Some(prober) = self.get_mut(later) {
                        let first = prober.first.map_or(now, |first| first.max(now));
                        prober.forget(first);
                    }
                }
            }
        }
    }

    /// Looks again at once that was quiet: what a probe finds has changed by command.
    pub(crate) fn wake(&mut self, now: Time) {
        for purpose in Purpose::ALL {
            if let Some(prober) = self.get_mut(purpose)
                && let Some(last) = prober.last
            {
                // Quiet runs up to now found what was known.
                let quiet = now.since(last).as_millis() / prober.period.as_millis().max(1);
                prober.last = Some(last.plus(SimDuration::from_millis(quiet * prober.period.as_millis())));
            }
        }
    }
}

impl Prober {
    fn of(probe: &Probe) -> Prober {
        let seconds = |n: i32| SimDuration::from_secs(u64::try_from(n).unwrap_or(0));
        let at_least_one = |n: i32| u32::try_from(n).unwrap_or(1).max(1);
        Prober {
            delay: seconds(probe.initial_delay_seconds),
            period: seconds(probe.period_seconds.max(1)),
            success: at_least_one(probe.success_threshold),
            failure: at_least_one(probe.failure_threshold),
            first: None,
            fails_from: None,
            last: None,
            result: None,
            found: None,
            row: 0,
        }
    }

    /// Whether this probe passes at this moment.
    fn passes(&self, health: Health, purpose: Purpose, at: Time) -> bool {
        let commanded = purpose == Purpose::Readiness && health.ready.is_some();
        health.passes(purpose, at) && (commanded || self.fails_from.is_none_or(|from| at < from))
    }

    fn forget(&mut self, first: Time) {
        *self = Prober { first: Some(first), last: None, result: None, found: None, row: 0, ..self.clone() };
    }

    fn next_run(&self) -> Option<Time> {
        match self.last {
            Some(last) => Some(last.plus(self.period)),
            None => self.first,
        }
    }

    /// The first run that is not before `at`.
    fn run_at_or_after(&self, at: Time) -> Time {
        let Some(next) = self.next_run().filter(|next| *next < at) else { return self.next_run().unwrap_or(at) };
        let period = self.period.as_millis().max(1);
        next.plus(SimDuration::from_millis(at.since(next).as_millis().div_ceil(period) * period))
    }

    /// Takes in one outcome; whether the conclusion has changed.
    fn find(&mut self, passed: bool, now: Time) -> bool {
        self.last = Some(now);
        self.row = if self.found == Some(passed) { self.row.saturating_add(1) } else { 1 };
        self.found = Some(passed);
        let enough = self.row >= if passed { self.success } else { self.failure };
        let changed = enough && self.result != Some(passed);
        if changed {
            self.result = Some(passed);
        }
        changed
    }
}

/// What a failed probe's event says. `answers` is false if nothing listens yet.
pub(crate) fn failure_text(purpose: Purpose, spec: &Container, pod_ip: &Str, answers: bool) -> String {
    let probe = purpose.of(spec);
    let rest = |field: &str| probe.and_then(|probe| probe.rest.get(field));
    let port = |handler: &Value| match handler.get("port") {
        Some(Value::String(name)) => spec
            .ports
            .iter()
            .find(|port| port.name == *name.as_str())
            .map_or_else(|| name.clone(), |port| port.container_port.to_string()),
        Some(number) => number.to_string(),
        None => String::new(),
    };
    let what = if let Some(get) = rest("httpGet") {
        if answers {
            let code = if ailments::falls_ill(spec) { 500 } else { 503 };
            format!("HTTP probe failed with statuscode: {code}")
        } else {
            let field = |name: &str| get.get(name).and_then(Value::as_str).unwrap_or("");
            let (scheme, address) = (field("scheme").to_lowercase(), format!("{pod_ip}:{}", port(get)));
            format!("Get \"{scheme}://{address}{}\": dial tcp {address}: connect: connection refused", field("path"))
        }
    } else if let Some(socket) = rest("tcpSocket") {
        format!("dial tcp {pod_ip}:{}: connect: connection refused", port(socket))
    } else if rest("grpc").is_some() {
        "service unhealthy (responded with \"NOT_SERVING\")".to_owned()
    } else {
        probe.and_then(ailments::watched_file).map_or_else(String::new, |(tool, file)| match tool {
            "cat" => format!("cat: can't open '{file}': No such file or directory"),
            "ls" => format!("ls: {file}: No such file or directory"),
            _ => String::new(),
        })
    };
    format!("{} probe failed: {what}", purpose.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Program;
    use api::Wire;
    use serde_json::json;

    fn probes(container: Value) -> Probes {
        let mut probes = Probes::of(&Container::read(container)).expect("it has probes");
        probes.restart(at(0), SimDuration::ZERO);
        probes
    }

    fn at(seconds: i64) -> Time {
        Time::from_unix_millis(seconds * 1000)
    }

    /// Runs the probes until nothing but old failures is left, and tells what was concluded when.
    fn conclusions(probes: &mut Probes, health: Health) -> Vec<(i64, Purpose, bool)> {
        let mut told = Vec::new();
        for _ in 0..100 {
            let [Some(now), _] = probes.next(health) else { break };
            let mut findings = Vec::new();
            probes.run(now, health, &mut findings);
            told.extend(
                findings.iter().filter(|f| f.concluded).map(|f| (now.unix_millis() / 1000, f.purpose, f.passed)),
            );
        }
        told
    }

    const WELL: Health = Health { answers_from: Time::from_unix_millis(0), ready: None };

    #[test]
    fn a_file_that_the_command_removes_fails_the_probe_from_then_on() {
        let spec = Container::read(json!({"livenessProbe": {"exec": {"command": ["cat", "/tmp/healthy"]},
            "initialDelaySeconds": 5, "periodSeconds": 5, "failureThreshold": 3}}));
        let script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600";
        let program = Program::of(&["/bin/sh".into(), "-c".into(), script.into()], &[], &Vec::new(), "pod");
        let mut probes = Probes::of(&spec).expect("it has probes");
        probes.restart(at(0), SimDuration::ZERO);
        probes.foresee(&spec, at(0), |probe| ailments::onset(probe, &spec, program.as_ref()));
        assert_eq!(conclusions(&mut probes, WELL), [(5, Purpose::Liveness, true), (40, Purpose::Liveness, false)]);
        assert_eq!(
            failure_text(Purpose::Liveness, &spec, &"10.244.1.2".into(), true),
            "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory"
        );
    }

    #[test]
    fn a_healthy_container_is_ready_after_its_delay_and_then_left_alone() {
        let mut probes = probes(json!({"readinessProbe": {"initialDelaySeconds": 5, "periodSeconds": 10},
            "livenessProbe": {"periodSeconds": 3}}));
        assert_eq!(conclusions(&mut probes, WELL), [(0, Purpose::Liveness, true), (5, Purpose::Readiness, true)]);
        assert_eq!(probes.next(WELL), [None, None]);
    }

    #[test]
    fn a_slow_starter_is_killed_by_liveness_but_not_behind_a_startup_probe() {
        let slow = Health { answers_from: at(25), ready: None };
        let mut impatient = probes(json!({"livenessProbe": {"periodSeconds": 5, "failureThreshold": 3}}));
        assert_eq!(conclusions(&mut impatient, slow), [(10, Purpose::Liveness, false)]);
        assert_eq!(impatient.demands_kill(), Some(Purpose::Liveness));
        let mut patient = probes(json!({"livenessProbe": {"periodSeconds": 5, "failureThreshold": 3},
            "startupProbe": {"periodSeconds": 10, "failureThreshold": 30}}));
        assert_eq!(conclusions(&mut patient, slow), [(30, Purpose::Startup, true), (30, Purpose::Liveness, true)]);
    }

    #[test]
    fn a_command_makes_it_unready_after_the_threshold() {
        let mut probes = probes(json!({"readinessProbe": {"periodSeconds": 10, "failureThreshold": 3}}));
        conclusions(&mut probes, WELL);
        probes.wake(at(33));
        let unready = Health { ready: Some(false), ..WELL };
        assert_eq!(conclusions(&mut probes, unready), [(60, Purpose::Readiness, false)]);
        assert_eq!(probes.next(unready), [None, Some(at(70))], "a probe that goes on failing is periodic work");
    }

    #[test]
    fn a_probe_that_will_pass_is_progress() {
        let probes = probes(json!({"readinessProbe": {"periodSeconds": 10}}));
        let late = Health { answers_from: at(15), ready: None };
        assert_eq!(probes.next(late), [Some(at(20)), Some(at(0))]);
    }

    #[test]
    fn failures_say_what_was_asked() {
        let container = Container::read(json!({"ports": [{"name": "web", "containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "web", "scheme": "HTTP"}}}));
        assert_eq!(
            failure_text(Purpose::Readiness, &container, &"10.244.1.2".into(), false),
            "Readiness probe failed: Get \"http://10.244.1.2:8080/ready\": dial tcp 10.244.1.2:8080: connect: connection refused"
        );
    }
}
