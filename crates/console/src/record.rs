//! What a machine reports: the record of one command that ran, and its line of JSON.

/// What one step of a [`crate::Machine`] did.
///
/// All that a command prints comes as `Output`, piece by piece and in order, and once more as a whole in its `Ran`: a
/// front shows either the pieces (a console, a watch on a terminal) or the records (`--json`), never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A piece of text was printed.
    Output {
        /// Where to.
        stream: Stream,
        /// The text, with its newlines.
        text: String,
    },
    /// A simple command or a pipeline finished.
    Ran(CommandResult),
    /// The script waits for virtual time to move on: move it, then call again. Nothing new can be expected of the
    /// script's own waits (`sleep`, `timeout`) before `until_ms`; a job may end earlier, so poll after each event.
    Waiting {
        /// The moment at which the wait ends at the latest, or is cut.
        until_ms: u64,
        /// Only the clock can end this wait (`sleep`): time can jump there without calling again in between.
        only_time: bool,
    },
    /// The script is over.
    Finished {
        /// Exit code of the last command, or what `exit` was given.
        exit_code: i32,
        /// It ended by `exit` or `set -e`, perhaps before its last line.
        by_exit: bool,
    },
}

/// Standard output or standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// One simple command or pipeline that finished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandResult {
    /// The line of the script on which the command starts, from 1.
    pub line: u32,
    /// The command as written, on one line, without the text of its here-documents.
    pub command: String,
    /// Its exit code; of a pipeline, that of the last command.
    pub exit_code: i32,
    /// Everything it wrote to standard output that was not redirected.
    pub stdout: String,
    /// Everything it wrote to standard error that was not redirected.
    pub stderr: String,
    /// Virtual milliseconds since the start of the scenario, when it finished.
    pub time_ms: u64,
    /// The script itself looks at the exit code (`if`, `while`, `&&`, `||`, `!`): a failure is no reason to stop.
    pub tested: bool,
}

impl CommandResult {
    /// The record as one line of JSON, without the newline.
    pub fn to_json_line(&self) -> String {
        format!(
            r#"{{"line":{},"command":{},"exit_code":{},"stdout":{},"stderr":{},"time_s":{}}}"#,
            self.line,
            json_string(&self.command),
            self.exit_code,
            json_string(&self.stdout),
            json_string(&self.stderr),
            seconds(self.time_ms)
        )
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Milliseconds as a plain decimal number of seconds: `12.5`, `40`, `0.003`.
fn seconds(time_ms: u64) -> String {
    let (whole, rest) = (time_ms / 1000, time_ms % 1000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_record_is_one_line_of_json() {
        let record = CommandResult {
            line: 3,
            command: "kubectl get pods -l \"a=b\"".into(),
            stdout: "NAME\nweb-0\u{7}\n".into(),
            time_ms: 12_500,
            ..CommandResult::default()
        };
        expect![[
            r#"{"line":3,"command":"kubectl get pods -l \"a=b\"","exit_code":0,"stdout":"NAME\nweb-0\u0007\n","stderr":"","time_s":12.5}"#
        ]]
        .assert_eq(&record.to_json_line());
    }

    #[test]
    fn seconds_are_plain_decimals() {
        assert_eq!([0, 3, 40_000, 3_600_120].map(seconds).join(" "), "0 0.003 40 3600.12");
    }
}
