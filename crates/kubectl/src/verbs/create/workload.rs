//! Deployments, Jobs and CronJobs from flags. Models: kubectl/pkg/cmd/create.

use super::{MADE, make, name};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::targets::{self, Rules};
use crate::verbs::Verb;
use serde_json::{Value, json};

pub(super) const DEPLOYMENT: Verb = Verb {
    aliases: &["deploy"],
    usage: "deployment NAME --image=image -- [COMMAND] [args...]",
    examples: "  kubectl create deployment web --image=nginx --replicas=3",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::texts(
                "image",
                "Image names to run. A deployment can have multiple images set for multi-container pod.",
            ),
            Flag::int("port", "-1", "The containerPort that this deployment exposes."),
            Flag::int("replicas", "1", "Number of replicas to create.").short('r'),
        ],
    ],
    run: deployment,
    ..Verb::named("deployment", "Create a deployment with the specified name")
};

fn deployment(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    let (images, command) = (args.texts("image"), args.words_after_dash());
    if images.is_empty() {
        return Err(CmdError::new("required flag(s) \"image\" not set"));
    }
    if images.len() > 1 && !command.is_empty() {
        return Err(CmdError::new("cannot specify multiple --image options and command"));
    }
    let mut containers: Vec<Value> =
        images.iter().map(|image| container(&container_name(image), image, command)).collect();
    if let (Some(port), Some(first)) = (args.int("port").filter(|port| *port >= 0), containers.first_mut()) {
        first["ports"] = json!([{"containerPort": port}]);
    }
    let labels = json!({"app": name});
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": containers}});
    let replicas = args.int("replicas").unwrap_or(1);
    let spec = json!({"replicas": replicas, "selector": {"matchLabels": labels}, "strategy": {}, "template": template});
    let body = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels}, "spec": spec, "status": {}});
    make(call, args, body, "created", "failed to create deployment: ")
}

fn container(name: &str, image: &str, command: &[String]) -> Value {
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    container
}

/// `registry/app/nginx:1.25` → `nginx`. Upstream adds a random ending where letters had to be replaced; here the name
/// stays what it is, so that the same command gives the same object.
fn container_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let bare = last.split([':', '@']).next().unwrap_or(last);
    bare.replace(['_', '.'], "-")
}

const JOB_FLAGS: &[Flag] = &[
    Flag::text("from", "The name of the resource to create a Job from (only cronjob is supported)."),
    Flag::text("image", "Image name to run."),
];

pub(super) const JOB: Verb = Verb {
    usage: "job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    examples: "  kubectl create job pi --image=perl -- sleep 5",
    flags: &[MADE[0], MADE[1], MADE[2], MADE[3], MADE[4], JOB_FLAGS],
    run: job,
    ..Verb::named("job", "Create a job with the specified name")
};

fn job(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    let (image, from, command) = (args.text("image"), args.text("from"), args.words_after_dash());
    if image.is_empty() == from.is_empty() {
        return Err(CmdError::new("either --image or --from must be specified"));
    }
    if !from.is_empty() {
        if !command.is_empty() {
            return Err(CmdError::new("cannot specify --from and command"));
        }
        return job_from(call, args, &name, from);
    }
    let pod = json!({"containers": [container(&name, image, command)], "restartPolicy": "Never"});
    let spec = json!({"template": {"metadata": {}, "spec": pod}});
    let body = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec, "status": {}});
    make(call, args, body, "created", "failed to create job: ")
}

/// A Job as the CronJob would start it, now.
fn job_from(call: &mut Call<'_>, args: &Args, name: &str, from: &str) -> Result<Outcome, CmdError> {
    let items = targets::find(call, args, &[from.to_owned()], Rules::default())?.all_or_error()?;
    let cron_job = items.iter().find(|item| item.info.kind == "CronJob");
    let cron_job = cron_job.ok_or_else(|| CmdError::new("from must be an existing cronjob"))?;
    let value = cron_job.value();
    let template = fields::at(&value, "spec.jobTemplate");
    let mut annotations = template.pointer("/metadata/annotations").cloned().unwrap_or_else(|| json!({}));
    annotations["cronjob.kubernetes.io/instantiate"] = "manual".into();
    let owner = json!({"apiVersion": "batch/v1", "kind": "CronJob", "name": cron_job.key.name.as_str(),
        "uid": fields::text(&value, "metadata.uid"), "controller": true});
    let mut meta = json!({"name": name, "annotations": annotations, "ownerReferences": [owner]});
    if let Some(labels) = template.pointer("/metadata/labels") {
        meta["labels"] = labels.clone();
    }
    let body =
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": template["spec"], "status": {}});
    make(call, args, body, "created", "failed to create job: ")
}

pub(super) const CRON_JOB: Verb = Verb {
    aliases: &["cj"],
    usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::text("image", "Image name to run."),
            Flag::text("restart", "job's restart policy. supported values: OnFailure, Never"),
            Flag::text("schedule", "A schedule in the Cron format the job should be run with."),
        ],
    ],
    run: |call, args| {
        let name = name(args)?;
        let missing: Vec<String> = ["image", "schedule"]
            .iter()
            .filter(|flag| args.text(flag).is_empty())
            .map(|flag| format!("\"{flag}\""))
            .collect();
        if !missing.is_empty() {
            return Err(CmdError::new(format!("required flag(s) {} not set", missing.join(", "))));
        }
        let restart = args.maybe("restart").unwrap_or("OnFailure");
        let container = container(&name, args.text("image"), args.words_after_dash());
        let pod = json!({"containers": [container], "restartPolicy": restart});
        let job = json!({"metadata": {"name": name}, "spec": {"template": {"metadata": {}, "spec": pod}}});
        let spec = json!({"schedule": args.text("schedule"), "jobTemplate": job});
        let body = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec, "status": {}});
        make(call, args, body, "created", "failed to create cronjob: ")
    },
    ..Verb::named("cronjob", "Create a cron job with the specified name")
};
