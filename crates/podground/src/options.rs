//! The options that `exec` and `run` share.

use api::Time;
use cluster::Options;
use lexopt::{Arg, Parser, ValueExt};
use std::path::PathBuf;

/// The most nodes: Kubernetes' own limit.
const MAX_NODES: u32 = 5000;

/// What the command line asks for.
#[derive(Debug)]
pub struct Invocation {
    /// How the cluster starts.
    pub cluster: Options,
    /// Where `-f` looks.
    pub files: PathBuf,
    /// Records instead of a transcript.
    pub json: bool,
    /// Stop at the first failure.
    pub fail_fast: bool,
    /// Where to save the session.
    pub save: Option<PathBuf>,
    /// Whether to print the record of the loop, too.
    pub trace: bool,
    /// The script, page or saved session; `None` means standard input.
    pub path: Option<PathBuf>,
}

impl Invocation {
    /// Reads the rest of the command line; an error is one line for the user.
    pub fn parse(mut args: Parser) -> Result<Self, String> {
        let mut invocation = Invocation {
            cluster: Options::default(),
            files: PathBuf::from("."),
            json: false,
            fail_fast: false,
            save: None,
            trace: false,
            path: None,
        };
        while let Some(arg) = args.next().map_err(|error| error.to_string())? {
            let name = match arg {
                Arg::Long(name) => name.to_owned(),
                Arg::Value(path) if invocation.path.is_none() => {
                    invocation.path = Some(PathBuf::from(path));
                    continue;
                }
                other => return Err(other.unexpected().to_string()),
            };
            invocation.take(&name, &mut args)?;
        }
        // `-` is standard input, as when no path is given.
        invocation.path.take_if(|path| path.as_os_str() == "-");
        Ok(invocation)
    }

    fn take(&mut self, name: &str, args: &mut Parser) -> Result<(), String> {
        match name {
            "json" => self.json = true,
            "fail-fast" => self.fail_fast = true,
            "save" => self.save = Some(PathBuf::from(value(name, args)?)),
            "trace" => self.trace = true,
            "control-plane" => self.cluster.control_plane = true,
            "nodes" => {
                let nodes = number(name, args)?;
                self.cluster.nodes = u32::try_from(nodes)
                    .ok()
                    .filter(|n| *n <= MAX_NODES)
                    .ok_or(format!("--nodes: at most {MAX_NODES}"))?;
            }
            "seed" => self.cluster.seed = number(name, args)?,
            "start" => {
                let text = value(name, args)?;
                let wrong = || format!("--start: \"{text}\" is no time (RFC 3339, such as 2026-01-01T00:00:00Z)");
                self.cluster.start = Time::parse(&text).ok_or_else(wrong)?;
            }
            "files" => self.files = PathBuf::from(value(name, args)?),
            other => return Err(format!("unknown option --{other} (try: podground help)")),
        }
        Ok(())
    }
}

fn value(name: &str, args: &mut Parser) -> Result<String, String> {
    args.value().and_then(|value| value.string()).map_err(|_| format!("--{name} needs a value"))
}

fn number(name: &str, args: &mut Parser) -> Result<u64, String> {
    let text = value(name, args)?;
    text.parse().map_err(|_| format!("--{name}: \"{text}\" is no number"))
}
