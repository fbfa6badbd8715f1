//! API errors. Models: staging/src/k8s.io/apimachinery/pkg/api/errors.

use std::fmt;

/// Why a request failed, as metav1.StatusReason names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the reasons' own names")]
pub enum StatusReason {
    NotFound,
    AlreadyExists,
    Conflict,
    Invalid,
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    TooManyRequests,
    UnsupportedMediaType,
    InternalError,
}

impl StatusReason {
    /// The HTTP code that goes with it.
    pub fn code(self) -> u16 {
        match self {
            StatusReason::NotFound => 404,
            StatusReason::AlreadyExists | StatusReason::Conflict => 409,
            StatusReason::Invalid => 422,
            StatusReason::BadRequest => 400,
            StatusReason::Forbidden => 403,
            StatusReason::MethodNotAllowed => 405,
            StatusReason::TooManyRequests => 429,
            StatusReason::UnsupportedMediaType => 415,
            StatusReason::InternalError => 500,
        }
    }
}

/// One cause of an Invalid error: `spec.replicas: Invalid value: -1: must be …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Path of the field, e.g. `spec.containers[0].image`.
    pub field: String,
    /// What is wrong, from `Invalid value:` on.
    pub message: String,
}

/// A refused request, with the server's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The class of the error.
    pub reason: StatusReason,
    /// The whole message, e.g. `pods "web-0" not found`.
    pub message: String,
    /// The single mistakes of an Invalid error.
    pub causes: Vec<Cause>,
    /// What the user can do about it; ours, not the server's.
    pub hint: Option<String>,
}

impl Status {
    /// An error of this class with this message.
    pub fn new(reason: StatusReason, message: impl Into<String>) -> Self {
        Status { reason, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// `pods "web-0" not found`; `resource` is the plural, with its group if it has one (`statefulsets.apps`).
    pub fn not_found(resource: &str, name: &str) -> Self {
        Status::new(StatusReason::NotFound, format!("{resource} \"{name}\" not found"))
    }

    /// `pods "web-0" already exists`.
    pub fn already_exists(resource: &str, name: &str) -> Self {
        Status::new(StatusReason::AlreadyExists, format!("{resource} \"{name}\" already exists"))
    }

    /// The optimistic-lock conflict.
    pub fn conflict(resource: &str, name: &str) -> Self {
        Status::new(
            StatusReason::Conflict,
            format!(
                "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again"
            ),
        )
    }

    /// `pods "x" is forbidden: …`.
    pub fn forbidden(resource: &str, name: &str, why: &str) -> Self {
        Status::new(StatusReason::Forbidden, format!("{resource} \"{name}\" is forbidden: {why}"))
    }

    /// `Pod "x" is invalid: …`, from its causes; `kind` carries the group (`StatefulSet.apps`).
    pub fn invalid(kind: &str, name: &str, causes: Vec<Cause>) -> Self {
        let texts: Vec<String> = causes.iter().map(Cause::to_string).collect();
        let list = if texts.len() == 1 { texts[0].clone() } else { format!("[{}]", texts.join(", ")) };
        Status { causes, ..Status::new(StatusReason::Invalid, format!("{kind} \"{name}\" is invalid: {list}")) }
    }

    /// The same error with advice for the user.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Cause {
    /// A cause with the path of the field and what is wrong with it.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Cause { field: field.into(), message: message.into() }
    }

    /// `Invalid value: VALUE: DETAIL`.
    pub fn invalid(field: impl Into<String>, value: impl fmt::Display, detail: &str) -> Self {
        Cause::new(field, format!("Invalid value: {value}: {detail}"))
    }

    /// `Required value` with an optional detail.
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        Cause::new(field, if detail.is_empty() { "Required value".into() } else { format!("Required value: {detail}") })
    }

    /// `Forbidden: DETAIL`.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Cause::new(field, format!("Forbidden: {detail}"))
    }

    /// `Unsupported value: "x": supported values: "a", "b"`.
    pub fn unsupported(field: impl Into<String>, value: &str, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|s| format!("\"{s}\"")).collect();
        Cause::new(field, format!("Unsupported value: \"{value}\": supported values: {}", list.join(", ")))
    }

    /// `Duplicate value: "x"`.
    pub fn duplicate(field: impl Into<String>, value: &str) -> Self {
        Cause::new(field, format!("Duplicate value: \"{value}\""))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}
