//! `kubectl top`: what nodes and pods use. Models: kubectl/pkg/cmd/top, kubectl/pkg/metricsutil.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::print::tabs;
use crate::select::Filter;
use crate::targets;
use api::{Kind, Node, Object, ObjectKey, Pod, Resource, ResourceList, Status};
use apiserver::Usage;

pub(super) const VERB: Verb = Verb {
    usage: "top",
    long: "Shows how much CPU and memory nodes and pods use: CPU as `sim load` says, memory as requested.",
    subs: &[NODE, POD],
    run: |call, args| super::group(call, args, &VERB),
    ..Verb::named("top", "Display resource (CPU/memory) usage")
};

const SORT_BY: Flag = Flag::text(
    "sort-by",
    "If non-empty, sort the list using specified field. The field can be either 'cpu' or 'memory'.",
);
const NO_HEADERS: Flag = Flag::on("no-headers", "If present, print output without headers.");
const PROTOCOL: Flag = Flag::on("use-protocol-buffers", "Enables using protocol-buffers to access Metrics API.");

const NODE: Verb = Verb {
    aliases: &["nodes", "no"],
    usage: "node [NAME | -l label]",
    flags: &[
        &[
            NO_HEADERS,
            SORT_BY,
            PROTOCOL,
            Flag::on("show-capacity", "Print node resources based on Capacity instead of Allocatable of the nodes."),
        ],
        flags::SELECTOR,
    ],
    run: nodes,
    ..Verb::named("node", "Display resource (CPU/memory) usage of nodes")
};

const POD: Verb = Verb {
    aliases: &["pods", "po"],
    usage: "pod [NAME | -l label]",
    flags: &[
        &[
            Flag::on("containers", "If present, print usage of containers within a pod."),
            NO_HEADERS,
            SORT_BY,
            Flag::on("sum", "Print the sum of the resource usage"),
            PROTOCOL,
        ],
        flags::SELECTOR,
        flags::FIELD_SELECTOR,
        flags::ALL_NAMESPACES,
    ],
    run: pods,
    ..Verb::named("pod", "Display resource (CPU/memory) usage of pods")
};

/// The one name that may be given.
fn name<'a>(args: &'a Args, usage: &str) -> Result<Option<&'a str>, CmdError> {
    let sort = args.text("sort-by");
    if args.words.len() > 1 {
        return Err(CmdError::usage(&args.command, usage));
    }
    if !matches!(sort, "" | "cpu" | "memory") {
        return Err(CmdError::new("--sort-by accepts only cpu or memory"));
    }
    Ok(args.words.first().map(String::as_str))
}

fn nodes(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = name(args, NODE.usage)?;
    if name.is_some() && args.given("selector") {
        return Err(CmdError::new("only one of NAME or --selector can be provided"));
    }
    let (info, _) = targets::resource("nodes")?;
    let filter = Filter::parse(info, args.text("selector"), "")?;
    let (lister, now) = (call.lister(), call.now());
    let chosen: Vec<&Node> = lister
        .objects(Kind::Node, None)
        .filter(|object| name.is_none_or(|name| object.meta().name == *name) && filter.matches(object))
        .filter_map(|object| Node::from_object(object).map(|node| &**node))
        .collect();
    let (mut measured, mut silent) = (Vec::new(), Vec::new());
    for node in chosen {
        match lister.node_metrics(node, now) {
            Some(usage) => measured.push((usage, node)),
            None => silent.push(node),
        }
    }
    if let (Some(name), []) = (name, measured.as_slice()) {
        return Err(Status::not_found("nodemetrics.metrics.k8s.io", name).into());
    }
    if measured.is_empty() {
        return Err(CmdError::new("metrics not available yet"));
    }
    measured.sort_by(|(a, _), (b, _)| order(args.text("sort-by"), a, b));
    let mut text = String::new();
    if !args.is("no-headers") {
        text.push_str("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t\n");
    }
    for (usage, node) in measured {
        let whole = if args.is("show-capacity") { &node.status.capacity } else { &node.status.allocatable };
        let cpu = percent(usage.milli_cpu, whole, "cpu");
        let memory = percent(usage.memory.saturating_mul(1000), whole, "memory");
        text.push_str(&format!("{}\t{}\t{cpu}{}\t{memory}\n", usage.name, cores(&usage), mebibytes(&usage)));
    }
    for node in silent {
        text.push_str(&format!("{}\t{}\n", node.metadata.name, "<unknown>\t".repeat(4)));
    }
    call.print(&tabs::TABLE.layout(&text));
    Ok(Outcome::Done)
}

fn pods(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = name(args, POD.usage)?;
    if name.is_some() && (args.given("selector") || args.given("field-selector")) {
        return Err(CmdError::new("only one of NAME or selector can be provided"));
    }
    let (namespace, all) = call.namespace(args);
    let (info, _) = targets::resource("pods")?;
    let filter = Filter::parse(info, args.text("selector"), args.text("field-selector"))?;
    let (lister, now) = (call.lister(), call.now());
    let chosen: Vec<&Pod> = match name {
        Some(name) => {
            let key = ObjectKey::new(Kind::Pod, namespace.as_str(), name);
            lister.object(&key).and_then(Pod::from_object).map(|pod| &**pod).into_iter().collect()
        }
        None => lister
            .objects(Kind::Pod, if all { None } else { Some(&namespace) })
            .filter(|object| filter.matches(object))
            .filter_map(|object: &Object| Pod::from_object(object).map(|pod| &**pod))
            .collect(),
    };
    let mut measured: Vec<(Usage, Vec<Usage>, &Pod)> = chosen
        .iter()
        .filter_map(|pod| lister.pod_metrics(pod, now).map(|m| (named(m.total(), pod), m.containers, *pod)))
        .collect();
    if measured.is_empty() {
        return match name {
            Some(name) => Err(Status::not_found("podmetrics.metrics.k8s.io", &format!("{namespace}/{name}")).into()),
            None if !chosen.is_empty() => Err(CmdError::new("metrics not available yet")),
            None if all => nothing(call, "No resources found"),
            None => nothing(call, &format!("No resources found in {namespace} namespace.")),
        };
    }
    let sort = args.text("sort-by");
    measured.sort_by(|(a, _, x), (b, _, y)| {
        let spaces = x.metadata.namespace.cmp(&y.metadata.namespace);
        if sort.is_empty() && all { spaces.then_with(|| order(sort, a, b)) } else { order(sort, a, b) }
    });
    call.print(&table(args, &mut measured, all));
    Ok(Outcome::Done)
}

fn table(args: &Args, measured: &mut [(Usage, Vec<Usage>, &Pod)], all: bool) -> String {
    let containers = args.is("containers");
    let extra = usize::from(all) + usize::from(containers);
    let mut text = String::new();
    if !args.is("no-headers") {
        for (_, head) in [(all, "NAMESPACE\t"), (containers, "POD\t")].iter().filter(|(shown, _)| *shown) {
            text.push_str(head);
        }
        text.push_str("NAME\tCPU(cores)\tMEMORY(bytes)\t\n");
    }
    let mut sum = Usage::default();
    for (total, parts, pod) in measured {
        sum.milli_cpu = sum.milli_cpu.saturating_add(total.milli_cpu);
        sum.memory = sum.memory.saturating_add(total.memory);
        let mut start = if all { format!("{}\t", pod.metadata.namespace) } else { String::new() };
        if containers {
            start.push_str(&format!("{}\t", pod.metadata.name));
            parts.sort_by(|a, b| order(args.text("sort-by"), a, b));
        }
        for usage in if containers { parts.as_slice() } else { std::slice::from_ref(total) } {
            text.push_str(&format!("{start}{}\t{}\t{}\t\n", usage.name, cores(usage), mebibytes(usage)));
        }
    }
    if args.is("sum") {
        let line = "________";
        // Columns are counted as upstream counts them: those of the head, if there is one.
        let extra = if args.is("no-headers") { 0 } else { extra };
        text.push_str(&format!("{}{line}\t{line}\t\n", "\t".repeat(extra + 1)));
        text.push_str(&format!("{}\t{}\t{}\t\n", "\t".repeat(extra), cores(&sum), mebibytes(&sum)));
    }
    tabs::TABLE.layout(&text)
}

fn nothing(call: &mut Call<'_>, line: &str) -> Result<Outcome, CmdError> {
    call.complain(line);
    Ok(Outcome::Done)
}

fn named(mut usage: Usage, pod: &Pod) -> Usage {
    usage.name = pod.metadata.name.clone();
    usage
}

/// The busiest first, or by name.
fn order(sort: &str, a: &Usage, b: &Usage) -> std::cmp::Ordering {
    match sort {
        "cpu" => b.milli_cpu.cmp(&a.milli_cpu),
        "memory" => b.memory.cmp(&a.memory),
        _ => a.name.cmp(&b.name),
    }
}

fn cores(usage: &Usage) -> String {
    format!("{}m", usage.milli_cpu)
}

fn mebibytes(usage: &Usage) -> String {
    format!("{}Mi", usage.memory / (1 << 20))
}

/// Of what a node has, with a tab; nothing if it does not say what it has.
fn percent(milli: i64, whole: &ResourceList, resource: &str) -> String {
    let Some(whole) = whole.get(resource) else { return String::new() };
    let percent = if whole.is_zero() { 0 } else { i128::from(milli) * 100 / i128::from(whole.milli()) };
    format!("{percent}%\t")
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn questions_that_have_no_answer() {
        let mut world = World::new();
        expect![[r#"
            ! error: --sort-by accepts only cpu or memory
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("top pod --sort-by=name"));
        expect![[r#"
            ! Error from server (NotFound): podmetrics.metrics.k8s.io "default/web-0" not found
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("top pods web-0"));
        expect![[r#"
            ! No resources found in default namespace.
        "#]]
        .assert_eq(&world.kubectl("top pods"));
        expect![[r#"
            ! Error from server (NotFound): nodemetrics.metrics.k8s.io "nowhere" not found
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("top node nowhere"));
    }
}
