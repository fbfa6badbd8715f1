//! Errors of a command and how kubectl words them: the one place where they become text.
//!
//! Models: staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go (CheckErr and its kin).

use api::{Status, StatusReason};

/// Why a command failed.
#[derive(Clone, Debug)]
pub(crate) enum CmdError {
    /// kubectl's own complaint; printed after `error: `.
    Message(String),
    /// Printed as it is.
    Verbatim(String),
    /// The server refused.
    Server(Status),
    /// Several complaints, each on a line of its own.
    Several(Vec<CmdError>),
    /// Not available here: printed as it is, with the exit code of an unknown command.
    Refused(String),
    /// Nothing (more) to say, only an exit code.
    Exit(i32),
    /// Another error with advice of ours, printed on a line of its own after the real text.
    Hinted(Box<CmdError>, String),
}

impl CmdError {
    /// kubectl's own complaint.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        CmdError::Message(message.into())
    }

    /// A complaint about how the command was written, with a pointer to the help of `command`.
    pub(crate) fn usage(command: &str, message: &str) -> Self {
        CmdError::Message(format!("{message}\nSee '{command} -h' for help and examples"))
    }

    /// Several errors as one; a single one stands for itself.
    pub(crate) fn all(mut errors: Vec<CmdError>) -> Result<(), CmdError> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(CmdError::Several(errors)),
        }
    }

    /// Adds advice.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        CmdError::Hinted(Box::new(self), hint.into())
    }

    /// Says what was being done to which source: `error when creating "web.yaml": …`. Models: cmdutil.AddSourceToErr.
    pub(crate) fn while_doing(self, doing: &str, source: &str) -> Self {
        if source.is_empty() {
            return self;
        }
        match self {
            CmdError::Server(status) => {
                let message = format!("error when {doing} \"{source}\": {}", status.message);
                CmdError::Server(Status { message, ..status })
            }
            CmdError::Message(message) => CmdError::Message(format!("error when {doing} \"{source}\": {message}")),
            CmdError::Hinted(inner, hint) => CmdError::Hinted(Box::new(inner.while_doing(doing, source)), hint),
            other => other,
        }
    }

    /// Whether the server said that there is no such object.
    pub(crate) fn is_not_found(&self) -> bool {
        match self {
            CmdError::Server(status) => status.reason == StatusReason::NotFound,
            CmdError::Hinted(inner, _) => inner.is_not_found(),
            _ => false,
        }
    }

    /// The exit code and the text for standard error, with its newlines.
    pub(crate) fn render(&self) -> (i32, String) {
        let mut hints = Vec::new();
        let (code, mut text) = self.render_main(&mut hints);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        for hint in hints {
            text.push_str(&format!("hint: {hint}\n"));
        }
        (code, text)
    }

    fn render_main(&self, hints: &mut Vec<String>) -> (i32, String) {
        match self {
            CmdError::Exit(code) => (*code, String::new()),
            CmdError::Verbatim(text) => (1, text.clone()),
            CmdError::Refused(text) => (127, text.clone()),
            CmdError::Message(message) if message.starts_with("error: ") => (1, message.clone()),
            CmdError::Message(message) => (1, format!("error: {message}")),
            CmdError::Server(status) => {
                hints.extend(status.hint.clone());
                (1, server_error(status))
            }
            CmdError::Hinted(inner, hint) => {
                let rendered = inner.render_main(hints);
                hints.push(hint.clone());
                rendered
            }
            CmdError::Several(errors) => {
                let lines: Vec<String> = errors.iter().map(|error| error.in_list(hints)).collect();
                (1, lines.join("\n"))
            }
        }
    }

    /// As one line among several. Models: messageForError.
    fn in_list(&self, hints: &mut Vec<String>) -> String {
        match self {
            CmdError::Server(status) => {
                hints.extend(status.hint.clone());
                standard(status)
            }
            CmdError::Message(text) | CmdError::Verbatim(text) | CmdError::Refused(text) => text.clone(),
            CmdError::Exit(_) => String::new(),
            CmdError::Hinted(inner, hint) => {
                let line = inner.in_list(hints);
                hints.push(hint.clone());
                line
            }
            CmdError::Several(errors) => {
                let inner: Vec<String> = errors.iter().map(|error| error.plain(hints)).collect();
                format!("[{}]", inner.join(", "))
            }
        }
    }

    /// The bare message, as it is when another error quotes it.
    pub(crate) fn plain(&self, hints: &mut Vec<String>) -> String {
        match self {
            CmdError::Server(status) => {
                hints.extend(status.hint.clone());
                status.message.clone()
            }
            other => other.in_list(hints),
        }
    }
}

impl From<Status> for CmdError {
    fn from(status: Status) -> Self {
        CmdError::Server(status)
    }
}

fn server_error(status: &Status) -> String {
    if status.reason != StatusReason::Invalid {
        return standard(status);
    }
    let subject = match invalid_subject(&status.message) {
        Some((kind, name)) => format!("The {kind} \"{name}\" is invalid"),
        None => "The request is invalid".to_owned(),
    };
    let mut causes: Vec<String> = Vec::new();
    for cause in &status.causes {
        let text = cause.to_string();
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match causes.as_slice() {
        [] => format!("{subject}: {}", status.message),
        [only] => format!("{subject}: {only}"),
        several => {
            let lines: Vec<String> = several.iter().map(|cause| format!("* {cause}\n")).collect();
            format!("{subject}: \n{}", lines.concat())
        }
    }
}

fn standard(status: &Status) -> String {
    format!("Error from server ({:?}): {}", status.reason, status.message)
}

/// Kind (without its group) and name out of `StatefulSet.apps "web" is invalid: …`, whatever stands before it.
fn invalid_subject(message: &str) -> Option<(&str, &str)> {
    let (before, _) = message.split_once("\" is invalid")?;
    let (before, name) = before.rsplit_once('"')?;
    if name.is_empty() {
        return None;
    }
    let kind = before.trim_end().rsplit(' ').next()?;
    let kind = kind.split('.').next()?;
    (!kind.is_empty()).then_some((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Cause;
    use expect_test::{Expect, expect};

    fn check(error: CmdError, expected: Expect) {
        expected.assert_eq(&error.render().1);
    }

    #[test]
    fn errors_as_kubectl_words_them() {
        check(CmdError::new("unknown flag: --x"), expect!["error: unknown flag: --x\n"]);
        let missing = CmdError::from(Status::not_found("pods", "nope"));
        check(missing.clone(), expect![["Error from server (NotFound): pods \"nope\" not found\n"]]);
        check(
            missing.clone().while_doing("deleting", "a.yaml"),
            expect![["Error from server (NotFound): error when deleting \"a.yaml\": pods \"nope\" not found\n"]],
        );
        check(
            CmdError::Several(vec![missing, CmdError::new("no matches").hint("look")]),
            expect![["Error from server (NotFound): pods \"nope\" not found\nno matches\nhint: look\n"]],
        );
    }

    #[test]
    fn one_cause_stands_on_the_line_and_several_below_it() {
        let invalid = |causes| {
            CmdError::from(Status::invalid("Deployment.apps", "mis", causes)).while_doing("creating", "mis.yaml")
        };
        let first = Cause::required("spec.selector", "");
        check(
            invalid(vec![first.clone()]),
            expect![["The Deployment \"mis\" is invalid: spec.selector: Required value\n"]],
        );
        check(
            invalid(vec![first, Cause::required("spec.template", "x")]),
            expect![[
                "The Deployment \"mis\" is invalid: \n* spec.selector: Required value\n* spec.template: Required value: x\n"
            ]],
        );
    }
}
