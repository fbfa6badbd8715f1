//! `kubectl explain`. Models: kubectl/pkg/explain/v2 (templates/plaintext.tmpl).
//!
//! Descriptions are the API's own; a build may come without them.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::targets;
use schema::{Definition, Field};

/// How deep `--recursive` goes; the deepest path of the API is shorter.
const MAX_DEPTH: usize = 24;

pub(super) const VERB: Verb = Verb {
    usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    long: "Tells what a kind or one of its fields means, and which fields it has.",
    examples: "  # What is a StatefulSet\n  kubectl explain statefulsets\n\n  # What is one of its fields\n  kubectl explain sts.spec.ordinals",
    flags: &[&[
        Flag::text("api-version", "Use given api-version (group/version) of the resource."),
        Flag::text(
            "output",
            "Format in which to render the schema. Valid values are: (plaintext, plaintext-openapiv2).",
        )
        .short('o'),
        Flag::on("recursive", "When true, print the name of all the fields recursively."),
    ]],
    run,
    ..Verb::named("explain", "Get documentation for a resource")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let word = match args.words.as_slice() {
        [word] => word,
        [] => {
            return Err(CmdError::new(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
            ));
        }
        _ => return Err(CmdError::new("We accept only this format: explain RESOURCE\n")),
    };
    let mut parts = word.split('.');
    let kind = parts.next().unwrap_or("");
    let (info, _) = match args.maybe("api-version").filter(|version| !version.is_empty()) {
        Some(version) => {
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            let name = if group.is_empty() { format!("{kind}.{version}") } else { format!("{kind}.{version}.{group}") };
            targets::resource_in(call, &name)?
        }
        None => targets::resource_in(call, kind)?,
    };
    let path: Vec<&str> = parts.collect();
    if info.custom.is_some() {
        return super::explain_custom::explain(call, info, &path, args.is("recursive")).map(|()| Outcome::Done);
    }
    let Some(root) = info.definition() else { return Ok(Outcome::Done) };
    let field = schema::explain(root, path.iter().copied()).map_err(|_| {
        let last = path.last().copied().unwrap_or("");
        CmdError::new(format!("field \"{last}\" does not exist"))
    })?;
    if !info.group.is_empty() {
        call.say(format_args!("GROUP:      {}", info.group));
    }
    call.say(format_args!("KIND:       {}\nVERSION:    {}\n", info.kind, info.version));
    let (texts, definition) = match field {
        None => (vec![root.description()], Some(root)),
        Some(field) => {
            head(call, field);
            let inner = field.ty.definition();
            (vec![field.description(), inner.map_or_else(String::new, Definition::description)], inner)
        }
    };
    call.say("DESCRIPTION:");
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    let description = if texts.is_empty() { "<empty>" } else { &texts.join("\n") };
    call.say(indented(&wrap(description, 76), 4));
    call.say("    ");
    if let Some(definition) = definition.filter(|definition| !definition.fields.is_empty()) {
        call.say("FIELDS:");
        fields(call, definition, 1, args.is("recursive"), &mut Vec::new());
    }
    call.say("");
    Ok(Outcome::Done)
}

/// The field that is explained: its name, type and permitted values.
fn head(call: &mut Call<'_>, field: &Field) {
    call.say(format_args!("FIELD: {} <{}>", field.name, field.ty.explain_name()));
    if !field.values.is_empty() {
        call.say("ENUM:");
        for value in &field.values {
            call.say(format_args!("    {}", shown(value)));
        }
    } else {
        call.say("");
    }
    call.say("");
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "\"\"" } else { value }
}

fn fields(
    call: &mut Call<'_>,
    definition: &'static Definition,
    level: usize,
    recursive: bool,
    above: &mut Vec<&'static str>,
) {
    // A definition that contains itself is not opened again.
    if above.contains(&definition.name) || level > MAX_DEPTH {
        return;
    }
    above.push(definition.name);
    let indent = "  ".repeat(level);
    for field in &definition.fields {
        let required = if field.required { " -required-" } else { "" };
        call.say(format_args!("{indent}{}\t<{}>{required}", field.name, field.ty.explain_name()));
        if !field.values.is_empty() {
            let few: Vec<&str> = field.values.iter().take(4).map(|value| shown(value)).collect();
            let more = if field.values.len() > 4 { ", ...." } else { "" };
            call.say(format_args!("{indent}enum: {}{more}", few.join(", ")));
        }
        if recursive {
            if let Some(inner) = field.ty.definition() {
                fields(call, inner, level + 1, recursive, above);
            }
            continue;
        }
        let description = field.description();
        let description = if description.is_empty() { "<no description>" } else { &description };
        call.say(indented(&wrap(description, 78 - 2 * level), 2 * level + 2));
        call.say("");
    }
    above.pop();
}

/// The text with every line indented, empty ones too.
pub(super) fn indented(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// Breaks lines between words; line breaks and blanks at the beginning of a line stay.
///
/// Models: github.com/mitchellh/go-wordwrap.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    let (mut used, mut word, mut blanks) = (0, String::new(), String::new());
    let flush = |out: &mut String, used: &mut usize, blanks: &mut String, word: &mut String| {
        *used += blanks.chars().count() + word.chars().count();
        out.push_str(&std::mem::take(blanks));
        out.push_str(&std::mem::take(word));
    };
    for c in text.chars() {
        if c == '\n' {
            if word.is_empty() && used + blanks.len() > width {
                blanks.clear();
            }
            flush(&mut out, &mut used, &mut blanks, &mut word);
            out.push(c);
            used = 0;
        } else if c.is_whitespace() && c != '\u{a0}' {
            if blanks.is_empty() || !word.is_empty() {
                flush(&mut out, &mut used, &mut blanks, &mut word);
            }
            blanks.push(c);
        } else {
            word.push(c);
            let length = word.chars().count();
            if used + length + blanks.chars().count() > width && length < width {
                out.push('\n');
                used = 0;
                blanks.clear();
            }
        }
    }
    if word.is_empty() && used + blanks.len() > width {
        blanks.clear();
    }
    flush(&mut out, &mut used, &mut blanks, &mut word);
    out
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn kinds_and_fields() {
        let mut world = World::new();
        let text = world.kubectl("explain sts.spec.ordinals");
        assert!(
            text.starts_with(
                "GROUP:      apps\nKIND:       StatefulSet\nVERSION:    v1\n\nFIELD: ordinals <StatefulSetOrdinals>\n\n"
            ),
            "{text}"
        );
        assert!(text.contains("FIELDS:\n  start\t<integer>\n"), "{text}");
        assert!(
            world
                .kubectl("explain pod.spec.containers --recursive")
                .contains("    httpGet\t<HTTPGetAction>\n      host\t<string>\n")
        );
        expect![["! error: field \"nope\" does not exist\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("explain pod.spec.nope"));
        expect![["! error: the server doesn't have a resource type \"nope\"\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("explain nope"));
    }
}
