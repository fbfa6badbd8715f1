//! `podground`: the simulator without a browser.
//!
//! `exec` runs a script of the console language, `run` the commands of a Markdown page, `replay` a saved session. They
//! print what the page's console prints, byte for byte. This is the one crate of the product that touches files.

#[macro_use]
mod out;
mod bench;
mod exec;
mod folder;
mod measure;
mod options;
mod page;
mod replay;

use std::process::ExitCode;

const HELP: &str = "\
podground runs Kubernetes manifests and kubectl commands on a simulated control plane (Kubernetes v1.36).

usage:
  podground exec [OPTIONS] [SCRIPT]   run a script of commands, from a file or standard input
  podground run [OPTIONS] PAGE.md     run the commands of a Markdown page
  podground replay [--trace] FILE     run a saved session again (see: sim save)
  podground open [--trace] LINK       run the session behind a link
  podground share FILE                print the link (its fragment) of a saved session
  podground bench [NAME]              measure the simulator on this machine: all benchmarks, or one
  podground bench NODES PODS [--kind KIND] [--policy POLICY]
                                      measure one workload until all its pods are Ready; prints one line of JSON
  podground help | version

options:
  --nodes N         worker nodes at the start (3)
  --control-plane   also a node control-plane, with its label and taint
  --seed N          seed of every random choice (1)
  --start TIME      virtual wall clock at the start, RFC 3339 (2026-01-01T00:00:00Z)
  --files DIR       folder in which -f PATH is looked up (the current one)
  --json            exec: one JSON object a command instead of the transcript
  --save FILE       exec: save the session to a file, for replay, share and the page
  --trace           replay, open: also each look of the control loop: who, why, what it saw, what it decided
  --fail-fast       stop at the first command whose exit code is not 0, and exit with it

bench:
  --kind KIND       deployment: one Deployment of PODS replicas (the default)
                    daemonset: PODS/NODES DaemonSets, each with one pod a node (PODS is NODES if left out)
                    statefulset: one StatefulSet of PODS replicas
  --policy POLICY   podManagementPolicy of the StatefulSet: OrderedReady (the default) or Parallel
  The line has nodes, pods, kind, wall_s, cpu_s, rss_mb, virtual_s: cpu_s is the time on a processor,
  rss_mb the most memory in MiB, virtual_s when the last pod became Ready. It all counts from the empty cluster.
";

fn main() -> ExitCode {
    let mut args = lexopt::Parser::from_env();
    let verb = match args.next() {
        Ok(Some(lexopt::Arg::Value(verb))) => verb.to_string_lossy().into_owned(),
        Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) | Ok(None) => "help".to_owned(),
        Ok(Some(lexopt::Arg::Long("version") | lexopt::Arg::Short('V'))) => "version".to_owned(),
        Ok(Some(other)) => return refuse(&other.unexpected().to_string()),
        Err(error) => return refuse(&error.to_string()),
    };
    // Help is wanted wherever it is asked for.
    let verb =
        if std::env::args_os().skip(2).any(|arg| arg == "--help" || arg == "-h") { "help".to_owned() } else { verb };
    let done = match verb.as_str() {
        "exec" => exec::main(args),
        "run" => page::main(args),
        "replay" => replay::main(args),
        "open" => replay::open(args),
        "share" => replay::share(args),
        "bench" => bench::main(args),
        "help" => {
            put!("{HELP}");
            Ok(0)
        }
        "version" => {
            putln!("podground {} (Kubernetes v1.36)", env!("CARGO_PKG_VERSION"));
            Ok(0)
        }
        other => Err(format!("unknown verb \"{other}\" (try: podground help)")),
    };
    match done {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(message) => refuse(&message),
    }
}

/// What cannot even be begun: one clear line, exit code 2.
fn refuse(message: &str) -> ExitCode {
    eprintln!("podground: {message}");
    ExitCode::from(2)
}
