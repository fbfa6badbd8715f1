//! `kubectl get`. Models: kubectl/pkg/cmd/get.

use super::subresource::{self, Part};
use super::{Verb, options, sorting};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::output::{self, Format};
use crate::print::table::{Options, Table};
use crate::print::tabs;
use crate::select::Filter;
use crate::targets::{self, Found, Item, Rules};
use api::{Kind, ObjectKey, Str};
use apiserver::{Change, ResourceInfo, WatchEvent};

const TABLE_FLAGS: &[Flag] = &[
    Flag::on("ignore-not-found", "If set to true, suppresses NotFound error for specific objects that do not exist."),
    Flag::texts("label-columns", "Accepts a comma separated list of labels that are going to be presented as columns.")
        .short('L'),
    Flag::on("no-headers", "When using the default or custom-column output format, don't print headers."),
    Flag::on("output-watch-events", "Output watch event objects when --watch or --watch-only is used."),
    Flag::text("raw", "Raw URI to request from the server."),
    Flag::off("server-print", "If true, have the server return the appropriate table output."),
    Flag::on("show-kind", "If present, list the resource type for the requested object(s)."),
    Flag::on("show-labels", "When printing, show all labels as the last column (default hide labels column)"),
    Flag::text("sort-by", "If non-empty, sort list types using this field specification."),
    Flag::text("subresource", "If specified, gets the subresource of the requested object."),
    Flag::on("watch", "After listing/getting the requested object, watch for changes.").short('w'),
    Flag::on("watch-only", "Watch for changes to the requested object(s), without listing/getting first."),
];

pub(super) const VERB: Verb = Verb {
    usage: "get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    long: "Prints a table of the most important facts about the objects. You can filter the list by labels and fields; without a namespace the one of the current context is meant.",
    examples: "  # List all pods\n  kubectl get pods\n\n  # List all pods with more columns, such as the node\n  kubectl get pods -o wide\n\n  # One object as YAML\n  kubectl get statefulset web -o yaml\n\n  # Watch pods as they change\n  kubectl get pods -w",
    flags: &[
        TABLE_FLAGS,
        flags::OUTPUT,
        flags::FILES,
        flags::SELECTOR,
        flags::FIELD_SELECTOR,
        flags::ALL_NAMESPACES,
        flags::CHUNK_SIZE,
    ],
    run,
    ..Verb::named("get", "Display one or many resources")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if args.given("raw") {
        if !args.words.is_empty() || args.given("filename") {
            return Err(CmdError::new("arguments may not be passed when --raw is specified"));
        }
        let text = super::raw::get(call, args.text("raw"))?;
        call.print(&text);
        return Ok(Outcome::Done);
    }
    let watching = args.is("watch") || args.is("watch-only");
    if args.words.is_empty() && !crate::load::names_files(args) && !watching {
        call.complain("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n");
        return Err(CmdError::usage(
            "kubectl get",
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    let format = Format::of_get(call, args)?;
    if args.is("show-labels") && !format.is_human() {
        let output = args.text("output");
        return Err(CmdError::new(format!("--show-labels option cannot be used with {output} printer")));
    }
    if args.is("output-watch-events") && !watching {
        return Err(CmdError::new("--output-watch-events option can only be used with --watch or --watch-only"));
    }
    let rules = Rules { type_means_all: true, single_type: watching, latest: true };
    let found = targets::find(call, args, &args.words, rules)?;
    let kinds = found.lists.iter().map(|(info, _)| info.kind).chain(found.items.iter().map(|item| item.info.kind));
    kinds.for_each(|kind| options::warn_of_deprecation(call, kind));
    if watching {
        return watch(call, args, format, found);
    }
    let part = subresource::part(args)?;
    if part != Part::Whole {
        return get_part(call, args, &format, found, part);
    }
    match format {
        Format::Human { wide } => tables(call, args, wide, found),
        format => generic(call, args, &format, found),
    }
}

/// `--subresource`: a status is shown with its object, a scale is an object of its own.
fn get_part(
    call: &mut Call<'_>,
    args: &Args,
    format: &Format,
    mut found: Found,
    part: Part,
) -> Result<Outcome, CmdError> {
    for item in &found.items {
        subresource::check(item, part)?;
    }
    match (format, part) {
        (Format::Human { .. }, Part::Scale) => {
            CmdError::all(std::mem::take(&mut found.errors))?;
            let text = subresource::scale_table(call, &found.items, !args.is("no-headers"));
            call.print(&text);
            Ok(Outcome::Done)
        }
        (format, Part::Scale) => {
            CmdError::all(std::mem::take(&mut found.errors))?;
            let mut values: Vec<_> = found.items.iter().map(subresource::scale).collect();
            let value = if found.single && values.len() == 1 { values.remove(0) } else { output::list(values) };
            let text = format.render(&value)?;
            call.print(&text);
            Ok(Outcome::Done)
        }
        (Format::Human { wide }, _) => tables(call, args, *wide, found),
        (format, _) => generic(call, args, format, found),
    }
}

fn table_options(args: &Args, wide: bool) -> Options {
    Options {
        wide,
        no_headers: args.is("no-headers"),
        with_namespace: false,
        with_kind: args.is("show-kind"),
        show_labels: args.is("show-labels"),
        label_columns: args.texts("label-columns").to_vec(),
    }
}

fn tables(call: &mut Call<'_>, args: &Args, wide: bool, found: Found) -> Result<Outcome, CmdError> {
    let Found { mut items, mut errors, lists, .. } = found;
    if args.is("ignore-not-found") {
        errors.retain(|error| !error.is_not_found());
    }
    if let Some(field) = args.maybe("sort-by").filter(|field| !field.is_empty()) {
        sorting::sort(&mut items, field)?;
    }
    let everywhere = args.is("all-namespaces");
    let mut kinds: Vec<&str> = lists.iter().map(|(info, _)| info.kind).collect();
    kinds.extend(items.iter().map(|item| item.info.kind));
    let several_kinds = kinds.windows(2).any(|pair| pair[0] != pair[1]);
    let now = call.now();
    let mut text = String::new();
    let mut rest = items.as_slice();
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|item| item.info == first.info).count();
        let (group, after) = rest.split_at(length);
        rest = after;
        let mut options = table_options(args, wide);
        options.with_namespace = everywhere && first.info.namespaced;
        options.with_kind |= several_kinds;
        let mut table = Table::new(options);
        for item in group {
            if let Some(object) = &item.object {
                table.add(item.info, object, now, None);
            }
        }
        if !text.is_empty() && !args.is("no-headers") {
            text.push('\n');
        }
        text.push_str(&table.flush());
    }
    let nothing = text.is_empty();
    call.print(&text);
    if nothing && !args.is("ignore-not-found") && errors.is_empty() {
        if !everywhere && lists.iter().all(|(info, _)| info.namespaced) {
            let (namespace, _) = call.namespace(args);
            call.complain(format_args!("No resources found in {namespace} namespace."));
        } else {
            call.complain("No resources found");
        }
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn generic(call: &mut Call<'_>, args: &Args, format: &Format, found: Found) -> Result<Outcome, CmdError> {
    let Found { mut items, mut errors, single, .. } = found;
    if args.is("ignore-not-found") {
        errors.retain(|error| !error.is_not_found());
        if items.is_empty() && errors.is_empty() && single {
            return Ok(Outcome::Done);
        }
    }
    if single && !errors.is_empty() {
        return CmdError::all(errors).map(|()| Outcome::Done);
    }
    if let Some(field) = args.maybe("sort-by").filter(|field| !field.is_empty()) {
        sorting::sort(&mut items, field)?;
    }
    let mut values: Vec<_> = items.iter().map(Item::value).collect();
    let mut value = if single && values.len() == 1 { values.remove(0) } else { output::list(values) };
    if format.reveals_managed(call.reveal_managed) {
        targets::reveal(call, &mut value);
    }
    let text = format.render(&value)?;
    call.print(&text);
    CmdError::all(errors).map(|()| Outcome::Done)
}

/// `-w`: objects of one kind whose changes are printed as they come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Watch {
    kind: Kind,
    namespace: Option<Str>,
    names: Vec<Str>,
    filter: Filter,
    cursor: u64,
    format: Format,
    table: Table,
    show_events: bool,
    printed: usize,
    /// Custom columns that are not laid out yet, and how wide they have been.
    cells: String,
    widths: Vec<usize>,
}

fn watch(call: &mut Call<'_>, args: &Args, format: Format, found: Found) -> Result<Outcome, CmdError> {
    CmdError::all(found.errors)?;
    if args.is("watch") && args.given("sort-by") {
        call.complain("warning: --watch requested, --sort-by will be ignored for watch events received");
    }
    let (namespace, _) = call.namespace(args);
    let everywhere = args.is("all-namespaces");
    let (info, filter) = match (found.lists.first(), found.items.first()) {
        (Some((info, filter)), _) => (*info, filter.clone()),
        (None, Some(item)) => (item.info, Filter::default()),
        (None, None) => return Err(CmdError::new("you must specify only one resource")),
    };
    let Some((kind, _)) = call.lister().served(&info.api_version(), info.kind) else { return Ok(Outcome::Done) };
    let mut options = table_options(args, matches!(format, Format::Human { wide: true }));
    options.with_namespace = everywhere && info.namespaced;
    let names = if found.lists.is_empty() {
        found.items.iter().map(|item| item.key.name.clone()).collect()
    } else {
        Vec::new()
    };
    let mut watch = Watch {
        kind,
        namespace: (info.namespaced && !everywhere).then(|| namespace.into()),
        names,
        filter,
        cursor: call.server.watch_cursor(),
        format,
        table: Table::new(options),
        show_events: args.is("output-watch-events"),
        printed: 0,
        cells: String::new(),
        widths: Vec::new(),
    };
    if !args.is("watch-only") {
        for item in &found.items {
            watch.print(call, item.info, item, Change::Added)?;
        }
        watch.flush(call);
    }
    Ok(Outcome::follow(Follow::new(State::Watch(watch))))
}

impl Watch {
    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        let Some(info) = call.lister().resource(self.kind) else { return Ok(Progress::Done(0)) };
        let events: Vec<WatchEvent> =
            call.server.watch_since(self.cursor).filter(|e| e.object.kind() == self.kind).cloned().collect();
        self.cursor = call.server.watch_cursor();
        for event in events {
            if let Some(change) = self.change_for_us(&event) {
                let item = Item::stored(info, event.object);
                self.print(call, info, &item, change)?;
                self.flush(call);
            }
        }
        Ok(Progress::Waiting)
    }

    /// What the event means to this watch: an object that stops matching its selector is gone for it.
    fn change_for_us(&self, event: &WatchEvent) -> Option<Change> {
        let key: ObjectKey = event.object.key();
        if self.namespace.as_ref().is_some_and(|namespace| *namespace != key.namespace)
            || !self.names.is_empty() && !self.names.contains(&key.name)
        {
            return None;
        }
        let matches = self.filter.matches(&event.object);
        let matched = event.old.as_ref().is_some_and(|old| self.filter.matches(old));
        match event.change {
            Change::Added | Change::Deleted => matches.then_some(event.change),
            Change::Modified => match (matched, matches) {
                (true, true) => Some(Change::Modified),
                (false, true) => Some(Change::Added),
                (true, false) => Some(Change::Deleted),
                (false, false) => None,
            },
        }
    }

    fn print(&mut self, call: &mut Call<'_>, info: &ResourceInfo, item: &Item, change: Change) -> Result<(), CmdError> {
        let Some(object) = &item.object else { return Ok(()) };
        if self.format.is_human() {
            self.table.add(info, object, call.server.now(), self.show_events.then(|| change.as_str()));
            return Ok(());
        }
        let mut value = item.value();
        if self.show_events {
            value = serde_json::json!({"type": change.as_str(), "object": value});
        }
        if let Some(cells) = self.format.column_cells(&value, self.printed == 0) {
            self.cells.push_str(&cells);
            self.printed += 1;
            return Ok(());
        }
        let text = self.format.render(&value)?;
        if self.format == Format::Yaml && self.printed > 0 {
            call.print("---\n");
        }
        self.printed += 1;
        call.print(&text);
        Ok(())
    }

    /// Prints the rows that have come together; columns keep their widths from one time to the next.
    fn flush(&mut self, call: &mut Call<'_>) {
        let text = self.table.flush();
        call.print(&text);
        let text = tabs::TABLE.layout_remembering(&std::mem::take(&mut self.cells), &mut self.widths);
        call.print(&text);
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World, pod};
    use expect_test::expect;

    fn world() -> World {
        World::new().with([pod("web-0", "node-1"), pod("web-1", "node-2")])
    }

    #[test]
    fn tables_of_one_and_of_several_kinds() {
        let mut world = world();
        world.later(5);
        expect![[r"
            NAME    READY   STATUS    RESTARTS   AGE
            web-0   1/1     Running   0          5s
            web-1   1/1     Running   0          5s
        "]]
        .assert_eq(&world.kubectl("get pods"));
        expect![[r"
            NAME    READY   STATUS    RESTARTS   AGE   IP           NODE     NOMINATED NODE   READINESS GATES
            web-0   1/1     Running   0          5s    10.244.1.4   node-1   <none>           <none>
        "]]
        .assert_eq(&world.kubectl("get pod web-0 -o wide"));
        expect![[r"
            NAMESPACE   NAME        READY   STATUS    RESTARTS   AGE   APP   LABELS
            default     pod/web-0   1/1     Running   0          5s    web   app=web
            default     pod/web-1   1/1     Running   0          5s    web   app=web

            NAME          STATUS   ROLES    AGE   VERSION   APP   LABELS
            node/node-1   Ready    <none>   5s    v1.36.2         kubernetes.io/hostname=node-1
            node/node-2   Ready    <none>   5s    v1.36.2         kubernetes.io/hostname=node-2
        "]]
        .assert_eq(&world.kubectl("get po,no -A -L app --show-labels"));
    }

    #[test]
    fn selections_and_what_is_not_there() {
        let mut world = world();
        expect![["web-1   1/1   Running   0     0s\n"]]
            .assert_eq(&world.kubectl("get pods --field-selector=spec.nodeName=node-2 --no-headers"));
        expect![["! No resources found in default namespace.\n"]].assert_eq(&world.kubectl("get pods -l app=db"));
        expect![["! No resources found in nope namespace.\n"]].assert_eq(&world.kubectl("-n nope get pods,svc"));
        expect![["! No resources found\n"]].assert_eq(&world.kubectl("get pv"));
        expect![[r#"
            NAME    READY   STATUS    RESTARTS   AGE
            web-1   1/1     Running   0          0s
            ! Error from server (NotFound): pods "nope" not found
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("get pod nope web-1"));
        expect![[r#"
            ! error: the server doesn't have a resource type "nosuchkind"
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("get nosuchkind"));
        expect![[r#"
            ! You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.
            ! 
            ! error: Required resource not specified.
            ! Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
            ! See 'kubectl get -h' for help and examples
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("get"));
    }

    #[test]
    fn other_formats() {
        let mut world = world();
        expect![["pod/web-0\npod/web-1\nnode/node-1\nnode/node-2\n"]]
            .assert_eq(&world.kubectl("get pods,nodes -o name"));
        expect![["web-0 web-1"]].assert_eq(&world.kubectl("get pods -o jsonpath={.items[*].metadata.name}"));
        expect![[r"
            N       NODE
            web-0   node-1
            web-1   node-2
        "]]
        .assert_eq(&world.kubectl("get pods -o custom-columns=N:.metadata.name,NODE:spec.nodeName"));
        expect![[r#"
            {
                "apiVersion": "v1",
                "items": [],
                "kind": "List",
                "metadata": {
                    "resourceVersion": ""
                }
            }
        "#]]
        .assert_eq(&world.kubectl("get svc -o json"));
        expect![[r#"
            ! error: unable to match a printer suitable for the output format "foo", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("get pods -o foo"));
        expect![["Running\n"]].assert_eq(&world.kubectl("get pod web-0 -o go-template={{.status.phase}}{{'\"\\n\"'}}"));
        expect![[r"
            NAME    READY   STATUS    RESTARTS   AGE
            web-1   1/1     Running   0          0s
            web-0   1/1     Running   0          0s
        "]]
        .assert_eq(&{
            world.kubectl("get pods --sort-by=.spec.nodeName");
            let mut reversed = World::new().with([pod("web-0", "node-2"), pod("web-1", "node-1")]);
            reversed.kubectl("get pods --sort-by=.spec.nodeName")
        });
    }

    #[test]
    fn a_watch_prints_changes_below_the_list() {
        let mut world = World::new().file("web.yaml", WEB);
        let (first, mut follow) = world.follow("get sts -w");
        assert_eq!(first, "");
        world.kubectl("apply -f web.yaml");
        world.kubectl("scale sts web --replicas=10");
        let (text, code) = world.poll(&mut follow);
        expect![[r"
            NAME   READY   AGE
            web    0/2     0s
            web    0/10    0s
        "]]
        .assert_eq(&text);
        assert_eq!(code, None);
        let (first, mut follow) = world.follow("get sts web --watch --output-watch-events");
        expect![["EVENT      NAME   READY   AGE\nADDED      web    0/10    0s\n"]].assert_eq(&first);
        world.kubectl("delete sts web");
        let (text, _) = world.poll(&mut follow);
        expect![["DELETED    web    0/10    0s\n"]].assert_eq(&text);
    }
}
