//! `kubectl events`. Models: kubectl/pkg/cmd/events.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::output::{self, Format};
use crate::print::{sighting, tabs};
use crate::targets;
use api::{Event, Kind, Object, Resource, Str, age};
use apiserver::Change;

const FLAGS: &[Flag] = &[
    Flag::text("for", "Filter events to only those pertaining to the specified resource."),
    Flag::on("no-headers", "When using the default output format, don't print headers."),
    Flag::texts("types", "Output only events of given types."),
    Flag::on("watch", "After listing the requested events, watch for more events.").short('w'),
];

pub(super) const VERB: Verb = Verb {
    usage: "events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    long: "Lists events, the last one at the bottom.",
    examples: "  # What happened in this namespace\n  kubectl events\n\n  # What happened to a pod\n  kubectl events --for pod/web-0",
    flags: &[FLAGS, flags::ALL_NAMESPACES, flags::OUTPUT, flags::CHUNK_SIZE],
    run,
    ..Verb::named("events", "List events")
};

/// Events that are being watched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventStream {
    filter: Wanted,
    cursor: u64,
    format: Format,
    with_namespace: bool,
    head: bool,
    widths: Vec<usize>,
}

/// Which events are wanted.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    namespace: Option<Str>,
    types: Vec<String>,
    /// Kind, API version and name of the object.
    about: Option<(String, String, String)>,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let format = Format::of_result(call, args)?;
    let types = args.texts("types").to_vec();
    if types.iter().any(|kind| !kind.eq_ignore_ascii_case("Normal") && !kind.eq_ignore_ascii_case("Warning")) {
        return Err(CmdError::new("valid --types are Normal or Warning"));
    }
    let (namespace, _) = call.namespace(args);
    let everywhere = args.is("all-namespaces");
    let filter =
        Wanted { namespace: (!everywhere).then(|| namespace.as_str().into()), types, about: about(call, args)? };
    let cursor = call.server.watch_cursor();
    let mut events: Vec<Event> = call
        .lister()
        .objects(Kind::Event, filter.namespace.as_deref())
        .filter_map(Event::from_object)
        .filter(|event| filter.wants(event))
        .map(|event| Event::clone(event))
        .collect();
    events.sort_by_key(|event| sighting(event).last);
    let mut stream = EventStream {
        filter,
        cursor,
        format,
        with_namespace: everywhere,
        head: !args.is("no-headers"),
        widths: Vec::new(),
    };
    if events.is_empty() && !args.is("watch") {
        if everywhere {
            call.complain("No events found.");
        } else {
            call.complain(format_args!("No events found in {namespace} namespace."));
        }
        return Ok(Outcome::Done);
    }
    stream.print(call, &events, args.is("watch"))?;
    if args.is("watch") {
        return Ok(Outcome::follow(Follow::new(State::Events(stream))));
    }
    Ok(Outcome::Done)
}

fn about(call: &Call<'_>, args: &Args) -> Result<Option<(String, String, String)>, CmdError> {
    let Some(text) = args.maybe("for").filter(|text| !text.is_empty()) else { return Ok(None) };
    let Some((kind, name)) = text.split_once('/') else {
        return Err(CmdError::new("--for must be in resource/name form"));
    };
    let (info, _) = targets::resource_in(call, kind)?;
    Ok(Some((info.kind.to_owned(), info.api_version(), name.to_owned())))
}

impl Wanted {
    fn wants(&self, event: &Event) -> bool {
        let regarding = &event.involved_object;
        self.namespace.as_ref().is_none_or(|namespace| event.metadata.namespace == *namespace)
            && (self.types.is_empty() || self.types.iter().any(|kind| event.r#type.eq_ignore_ascii_case(kind)))
            && self.about.as_ref().is_none_or(|(kind, version, name)| {
                *regarding.kind == **kind && *regarding.api_version == **version && *regarding.name == **name
            })
    }
}

impl EventStream {
    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        let events: Vec<Event> = call
            .server
            .watch_since(self.cursor)
            .filter(|change| change.change != Change::Deleted)
            .filter_map(|change| match &change.object {
                Object::Event(event) if self.filter.wants(event) => Some(Event::clone(event)),
                _ => None,
            })
            .collect();
        self.cursor = call.server.watch_cursor();
        for event in events {
            self.print(call, &[event], true)?;
        }
        Ok(Progress::Waiting)
    }

    fn print(&mut self, call: &mut Call<'_>, events: &[Event], one_by_one: bool) -> Result<(), CmdError> {
        if !self.format.is_human() {
            let values = events.iter().map(|event| Event::clone(event).into_object().write_as("v1", "Event"));
            let text = if one_by_one {
                values.map(|value| self.format.render(&value)).collect::<Result<String, _>>()?
            } else {
                self.format.render(&output::list(values.collect()))?
            };
            call.print(&text);
            return Ok(());
        }
        if events.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        if std::mem::take(&mut self.head) {
            text.push_str(if self.with_namespace { "NAMESPACE\t" } else { "" });
            text.push_str("LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n");
        }
        for event in events {
            text.push_str(&self.line(call, event));
        }
        let laid_out = tabs::TABLE.layout_remembering(&text, &mut self.widths);
        call.print(&laid_out);
        Ok(())
    }

    fn line(&self, call: &Call<'_>, event: &Event) -> String {
        let now = call.now();
        let seen = sighting(event);
        let first = age(now, seen.first);
        let interval =
            if seen.is_series { format!("{} (x{} over {first})", age(now, seen.last), seen.count) } else { first };
        let namespace = if self.with_namespace { format!("{}\t", event.metadata.namespace) } else { String::new() };
        let regarding = &event.involved_object;
        format!(
            "{namespace}{interval}\t{}\t{}\t{}/{}\t{}\n",
            event.r#type,
            event.reason,
            regarding.kind,
            regarding.name,
            event.message.trim()
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{World, pod};
    use api::Pod;
    use apiserver::EventRecord;
    use expect_test::expect;

    fn record(world: &mut World, reason: &str) {
        let pod = world.server.lister().get::<Pod>("default", "web-0").expect("a pod").clone();
        world.server.record(&EventRecord::normal(&*pod, "kubelet", reason, "it happened"));
    }

    #[test]
    fn events_are_listed_counted_and_watched() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        expect![["! No events found in default namespace.\n"]].assert_eq(&world.kubectl("events"));
        record(&mut world, "Pulled");
        world.later(7);
        record(&mut world, "Started");
        record(&mut world, "Pulled");
        world.later(2);
        expect![[r#"
            LAST SEEN         TYPE     REASON    OBJECT      MESSAGE
            2s (x2 over 9s)   Normal   Pulled    Pod/web-0   it happened
            2s                Normal   Started   Pod/web-0   it happened
        "#]]
        .assert_eq(&world.kubectl("events --for pod/web-0"));
        let (_, mut follow) = world.follow("events --watch --no-headers --types=Normal");
        record(&mut world, "Killing");
        expect![["0s                Normal   Killing   Pod/web-0   it happened\n"]]
            .assert_eq(&world.poll(&mut follow).0);
    }
}
