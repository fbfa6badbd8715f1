//! Containers that fall ill by themselves, as those of the pages about probes do: the file that a probe looks for is
//! removed by the container's own command, or the server is made to fail after a while.
//! Models: test/images/agnhost/liveness/server.go.

use crate::program::Program;
use api::{Container, Probe};
use serde_json::Value;
use sim::SimDuration;

/// For so long agnhost's `liveness` answers well.
const WELL_FOR: SimDuration = SimDuration::from_secs(10);

/// How long after the container's start a probe begins to fail; `None` if nothing is known of that.
pub(crate) fn onset(probe: &Probe, spec: &Container, program: Option<&Program>) -> Option<SimDuration> {
    match watched_file(probe) {
        Some((_, file)) => program?.removes(file),
        None if probe.rest.get("httpGet").is_some() && falls_ill(spec) => Some(WELL_FOR),
        None => None,
    }
}

/// Whether this is the server that answers with an error after ten seconds.
pub(crate) fn falls_ill(spec: &Container) -> bool {
    let image = spec.image.rsplit('/').next().unwrap_or("");
    let name = image.split([':', '@']).next().unwrap_or("");
    let mut words = spec.command.iter().chain(&spec.args);
    match name {
        "liveness" => true,
        "agnhost" => words.any(|word| *word == *"liveness"),
        _ => false,
    }
}

/// The tool that a probe runs to see whether a file is there, and that file.
pub(crate) fn watched_file(probe: &Probe) -> Option<(&str, &str)> {
    let words = probe.rest.get("exec")?.get("command")?.as_array()?;
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    let (tool, file) = match words[..] {
        [tool, file] => (tool, file),
        [tool, "-e" | "-f", file] => (tool, file),
        _ => return None,
    };
    let tool = tool.rsplit('/').next()?;
    matches!(tool, "cat" | "ls" | "test" | "stat").then_some((tool, file))
}
