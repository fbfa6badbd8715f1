//! What many verbs share: dry runs, validation, telling results.

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::output::Format;
use crate::targets::Item;
use api::{Cause, Object, Status, StatusReason};
use apiserver::{ResourceInfo, Server, Validation};
use schema::{Mistake, MistakeKind, Segment};
use serde_json::Value;

/// The annotation that keeps what was applied last.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether anything is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DryRun {
    No,
    Client,
    Server,
}

impl DryRun {
    pub(super) fn of(args: &Args) -> Result<DryRun, CmdError> {
        match args.maybe("dry-run") {
            None | Some("none") => Ok(DryRun::No),
            Some("client") => Ok(DryRun::Client),
            Some("server") => Ok(DryRun::Server),
            Some("unchanged") => Err(CmdError::new(
                "--dry-run flag without a value was specified. A value must be set: \"none\", \"server\", or \"client\".",
            )),
            Some(other) => Err(CmdError::new(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }

    /// What is added to a told result.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            DryRun::No => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }

    /// Asks the server, or a copy of it whose changes are forgotten.
    pub(super) fn ask<R>(self, call: &mut Call<'_>, ask: impl FnOnce(&mut Server) -> R) -> R {
        if self == DryRun::No { ask(call.server) } else { ask(&mut call.server.clone()) }
    }

    /// Creates an object; a word of ours goes with what has no effect here, the first time.
    pub(super) fn create(self, call: &mut Call<'_>, body: Value) -> Result<Object, Status> {
        let written = body.clone();
        let created = self.ask(call, |server| server.create_from(body))?;
        if let Some(info) = apiserver::resource(created.kind()) {
            warn_of_deprecation(call, info.kind);
        }
        tell_scope(call, &created, &written);
        Ok(created)
    }
}

/// The server's warning that comes with every request for a kind; told once a command.
pub(super) fn warn_of_deprecation(call: &mut Call<'_>, kind: &str) {
    let warning = match kind {
        "Endpoints" => "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        "ComponentStatus" => "v1 ComponentStatus is deprecated in v1.19+",
        _ => return,
    };
    if !call.output.stderr.contains(warning) {
        call.warn(warning);
    }
}

/// What an object that was made does not do here, the first time; what its version's definition warns of, each time.
pub(super) fn tell_scope(call: &mut Call<'_>, created: &Object, written: &Value) {
    for warning in call.server.scope_warnings(created.kind(), written) {
        call.complain(format_args!("podground: {warning}"));
    }
    if created.kind() == apiserver::definition_kind()
        && created.write_body().to_string().contains("x-kubernetes-validations")
    {
        call.complain("podground: rules in x-kubernetes-validations are kept, but not evaluated here (see SCOPE.md)");
    }
    let info = call.lister().resource(created.kind());
    if let Some(warning) = info.and_then(|info| info.custom).and_then(|custom| custom.deprecation.as_ref()) {
        call.warn(warning);
    }
}

/// What to do about unknown fields.
pub(super) fn validation(args: &Args) -> Result<Validation, CmdError> {
    match args.maybe("validate") {
        None | Some("true" | "strict") => Ok(Validation::Strict),
        Some("warn") => Ok(Validation::Warn),
        Some("false" | "ignore") => Ok(Validation::Ignore),
        Some(other) => Err(CmdError::new(format!(
            "invalid - validate option \"{other}\"; must be one of: strict (or true), warn, ignore (or false)"
        ))),
    }
}

/// What the server would not know or could not read. Of a custom resource that is only unknown fields: the rest its
/// schema decides.
fn mistakes(info: &ResourceInfo, body: &Value) -> Vec<Mistake> {
    let Some(custom) = info.custom else { return schema::validate(info, body) };
    let unknown = apiserver::unknown_fields(&custom.schema, body);
    let mistake = |path: String| {
        let path_keys = path.split('.').map(|part| Segment::Key(part.to_owned())).collect();
        let message = format!("unknown field \"{path}\"");
        let kind = MistakeKind::UnknownField;
        Mistake { path: path_keys, kind, patch_message: None, message, did_you_mean: None }
    };
    unknown.into_iter().map(mistake).collect()
}

/// Checks an object that is to be created or replaced against the schema; drops what is not known if that is allowed.
pub(super) fn admit(call: &mut Call<'_>, item: &Item, body: &mut Value, how: Validation) -> Result<(), CmdError> {
    let mistakes = mistakes(item.info, body);
    if let Some(message) = schema::decoding_error(&mistakes, how == Validation::Strict) {
        let (kind, version) = (item.info.kind, item.info.version);
        let message = format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {message}");
        return Err(advise(Status::new(StatusReason::BadRequest, message).into(), item, &mistakes));
    }
    drop_unknown(call, item.info, &mistakes, body, how);
    Ok(())
}

/// The same for what a patch makes of an object; `patch` is quoted in the error.
pub(super) fn admit_patched(
    call: &mut Call<'_>,
    item: &Item,
    patch: &Value,
    patched: &mut Value,
    how: Validation,
) -> Result<(), CmdError> {
    // What is stored is of the version that is preferred; a patch of an older version was written for that one.
    if !item.info.preferred {
        return Ok(());
    }
    let mistakes = mistakes(item.info, patched);
    if let Some(message) = schema::patch_error(&mistakes, how == Validation::Strict) {
        let quoted = fields::quote(&fields::go_text(patch));
        let cause = Cause::new("patch", format!("Invalid value: {quoted}: {message}"));
        return Err(advise(Status::invalid("", "", vec![cause]).into(), item, &mistakes));
    }
    drop_unknown(call, item.info, &mistakes, patched, how);
    Ok(())
}

/// The same for a configuration that the server is to apply, whose unknown fields it cannot place at all.
pub(super) fn admit_applied(
    call: &mut Call<'_>,
    item: &Item,
    body: &mut Value,
    how: Validation,
) -> Result<(), CmdError> {
    let mistakes = mistakes(item.info, body);
    let unknown: Vec<String> = mistakes
        .iter()
        .filter(|mistake| mistake.kind == MistakeKind::UnknownField)
        .map(|mistake| format!(".{}: field not declared in schema", schema::path_text(&mistake.path)))
        .collect();
    if unknown.is_empty() {
        return admit(call, item, body, how);
    }
    let list = match unknown.as_slice() {
        [one] => one.clone(),
        several => format!("errors:\n  {}", several.join("\n  ")),
    };
    let message = format!(
        "Error from server: failed to create typed patch object ({}/{}; {}, Kind={}): {list}",
        item.key.namespace,
        item.key.name,
        item.info.api_version(),
        item.info.kind
    );
    Err(advise(CmdError::Verbatim(message), item, &mistakes))
}

fn drop_unknown(call: &mut Call<'_>, info: &ResourceInfo, mistakes: &[Mistake], body: &mut Value, how: Validation) {
    if mistakes.is_empty() {
        return;
    }
    if how == Validation::Warn {
        for mistake in mistakes {
            call.warn(&mistake.message);
        }
    }
    schema::strip_unknown(info, body);
}

/// Says where each mistake is written and what was probably meant.
fn advise(error: CmdError, item: &Item, mistakes: &[Mistake]) -> CmdError {
    const MOST: usize = 5;
    mistakes.iter().take(MOST).fold(error, |error, mistake| {
        let place = match &item.origin {
            Some(origin) => origin.place(&mistake.path),
            None => schema::path_text(&mistake.path),
        };
        match &mistake.did_you_mean {
            Some(suggestion) => error.hint(format!("{place}: {suggestion}")),
            None => error.hint(format!("{place}: {}", mistake.message)),
        }
    })
}

/// Tells a result in a line, or by name; other formats are printed by [`print_all`].
pub(super) fn tell(call: &mut Call<'_>, format: &Format, item: &Item, operation: &str, dry: DryRun) {
    let title = item.title();
    match format {
        Format::Name => call.say(title),
        Format::Human { .. } => call.say(format_args!("{title} {operation}{}", dry.suffix())),
        _ => {}
    }
}

/// Prints objects in the format that was asked for, if it is one that prints objects.
pub(super) fn print_all(call: &mut Call<'_>, format: &Format, mut values: Vec<Value>) -> Result<(), CmdError> {
    if format.is_human() || *format == Format::Name || values.is_empty() {
        return Ok(());
    }
    let mut value = if values.len() == 1 { values.remove(0) } else { crate::output::list(values) };
    if format.reveals_managed(call.reveal_managed) {
        crate::targets::reveal(call, &mut value);
    }
    let text = format.render(&value)?;
    call.print(&text);
    Ok(())
}

/// Prints each object by itself, as verbs do that handle one object after the other.
pub(super) fn print_one(
    call: &mut Call<'_>,
    format: &Format,
    item: &Item,
    value: &Value,
    operation: &str,
    dry: DryRun,
) -> Result<(), CmdError> {
    if format.is_human() || *format == Format::Name {
        tell(call, format, item, operation, dry);
        return Ok(());
    }
    let mut value = value.clone();
    if format.reveals_managed(call.reveal_managed) {
        crate::targets::reveal(call, &mut value);
    }
    let text = format.render(&value)?;
    if *format == Format::Yaml && !call.output.stdout.is_empty() {
        call.print("---\n");
    }
    call.print(&text);
    Ok(())
}

/// The item as it is stored now.
pub(super) fn refreshed(item: &Item, object: Object) -> Item {
    Item { key: object.key(), object: Some(object), ..item.clone() }
}

/// Compact JSON as the annotation of apply keeps it: sorted keys, `"annotations":{}`, a newline at the end.
pub(super) fn last_applied(body: &Value) -> String {
    let mut bare = body.clone();
    let annotations = annotations_of(&mut bare);
    if let Some(map) = annotations {
        map.remove(LAST_APPLIED);
    }
    format!("{}\n", fields::go_escape(&bare.to_string()))
}

/// Writes the annotation of apply into a body.
pub(super) fn set_last_applied(body: &mut Value) {
    let text = last_applied(body);
    if let Some(map) = annotations_of(body) {
        map.insert(LAST_APPLIED.to_owned(), Value::from(text));
    }
}

/// The annotations of a body, made if there are none.
fn annotations_of(body: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    let empty = || Value::Object(serde_json::Map::new());
    let meta = body.as_object_mut()?.entry("metadata").or_insert_with(empty);
    if meta.is_null() {
        *meta = empty();
    }
    let annotations = meta.as_object_mut()?.entry("annotations").or_insert_with(empty);
    if annotations.is_null() {
        *annotations = empty();
    }
    annotations.as_object_mut()
}
