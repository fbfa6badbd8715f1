//! `kubectl autoscale`. Models: kubectl/pkg/cmd/autoscale.

use super::Verb;
use super::create::make;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::targets::{self, Rules};
use serde_json::json;

const FLAGS: &[Flag] = &[
    Flag::text("cpu", "Target CPU utilization over all the pods (for example 50%)."),
    Flag::int(
        "cpu-percent",
        "-1",
        "The target average CPU utilization (represented as a percent of requested CPU) over all the pods.",
    ),
    Flag::int("max", "-1", "The upper limit for the number of pods that can be set by the autoscaler. Required."),
    Flag::int("min", "-1", "The lower limit for the number of pods that can be set by the autoscaler."),
    Flag::text("name", "The name for the newly created object."),
];

pub(super) const VERB: Verb = Verb {
    usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY] [flags]",
    long: "Makes a HorizontalPodAutoscaler for a workload.",
    examples: "  kubectl autoscale deployment web --min=2 --max=10 --cpu=80%",
    flags: &[
        FLAGS,
        flags::FILES,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::SAVE_CONFIG,
        flags::FIELD_MANAGER,
        flags::RECORD,
        flags::VALIDATE,
    ],
    run,
    ..Verb::named("autoscale", "Auto-scale a deployment, replica set, stateful set, or replication controller")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let Some(max) = args.int("max") else {
        return Err(CmdError::new("required flag(s) \"max\" not set"));
    };
    let min = args.int("min").filter(|min| *min >= 0);
    if max < 1 {
        return Err(CmdError::new("--max=MAXPODS is required and must be at least 1"));
    }
    if min.is_some_and(|min| max < min) {
        return Err(CmdError::new("--max=MAXPODS must be larger or equal to --min=MINPODS"));
    }
    let percent = match args.text("cpu") {
        "" => args.int("cpu-percent").filter(|percent| *percent > 0),
        text => Some(text.trim_end_matches('%').parse().map_err(|_| {
            CmdError::new(format!("invalid value for --cpu: {text}, it is to be a percentage such as 80%"))
        })?),
    };
    if args.given("cpu-percent") {
        call.complain(
            "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format \
             (e.g., '70%' for utilization or '500m' for milliCPU).",
        );
    }
    let items = targets::find(call, args, &args.words, Rules { latest: true, ..Rules::default() })?.all_or_error()?;
    for item in &items {
        if !item.info.has_subresource("scale") {
            let dot = if item.info.group.is_empty() { "" } else { "." };
            return Err(CmdError::new(format!("cannot autoscale a {}{dot}{}", item.info.kind, item.info.group)));
        }
        let name = if args.text("name").is_empty() { item.key.name.as_str() } else { args.text("name") };
        let target =
            json!({"apiVersion": item.info.api_version(), "kind": item.info.kind, "name": item.key.name.as_str()});
        let mut spec = json!({"maxReplicas": max, "scaleTargetRef": target});
        if let Some(min) = min {
            spec["minReplicas"] = min.into();
        }
        let utilization = json!({"type": "Utilization", "averageUtilization": percent.unwrap_or(80)});
        spec["metrics"] = json!([{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}]);
        let body = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": spec,
            "status": {"currentMetrics": null, "desiredReplicas": 0}});
        make(call, args, body, "autoscaled", "")?;
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    #[test]
    fn an_autoscaler_for_a_workload() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("create -f web.yaml");
        expect![[r#"
            horizontalpodautoscaler.autoscaling/web autoscaled
        "#]]
        .assert_eq(&world.kubectl("autoscale sts web --min=1 --max=3"));
        expect![["! error: required flag(s) \"max\" not set\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("autoscale sts web"));
        expect![["! error: cannot autoscale a Node\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("autoscale node node-1 --max=3"));
    }
}
