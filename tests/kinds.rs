//! Every built-in kind can be created, listed, described and deleted; of those that do nothing here the user is told
//! once.

use testkit::transcripts;

/// What a manifest of a kind needs beside its name; the others need nothing.
const NEEDED: &[(&str, &str)] = &[
    ("APIService", "spec: {group: g.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 100}"),
    ("CSIStorageCapacity", "storageClassName: standard"),
    ("CertificateSigningRequest", "spec: {request: Zm9v, signerName: example.com/signer, usages: [client auth]}"),
    ("ClusterRoleBinding", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}"),
    ("ControllerRevision", "revision: 1\ndata: {}"),
    (
        "CronJob",
        "spec: {schedule: '0 0 1 1 *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}}",
    ),
    (
        "DaemonSet",
        "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}",
    ),
    (
        "Deployment",
        "spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}",
    ),
    ("EndpointSlice", "addressType: IPv4\nendpoints: []"),
    ("Event", "involvedObject: {kind: Node, name: node-1}\nreason: Tried\nmessage: A test.\ntype: Normal"),
    (
        "HorizontalPodAutoscaler",
        "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}}",
    ),
    ("Ingress", "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}"),
    ("IngressClass", "spec: {controller: example.com/c}"),
    ("Job", "spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}"),
    ("Lease", "spec: {holderIdentity: me, leaseDurationSeconds: 10}"),
    ("LimitRange", "spec: {limits: [{type: Container, default: {cpu: 500m}}]}"),
    ("NetworkPolicy", "spec: {podSelector: {}}"),
    ("PersistentVolume", "spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}}"),
    ("PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"),
    ("Pod", "spec: {containers: [{name: c, image: i}]}"),
    ("PodDisruptionBudget", "spec: {minAvailable: 1, selector: {matchLabels: {no: such}}}"),
    ("PriorityClass", "value: 5"),
    (
        "ReplicaSet",
        "spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}",
    ),
    (
        "ReplicationController",
        "spec: {replicas: 0, selector: {a: b}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}",
    ),
    ("ResourceQuota", "spec: {hard: {configmaps: 100}}"),
    ("RoleBinding", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}"),
    ("RuntimeClass", "handler: h"),
    ("Service", "spec: {ports: [{port: 80}]}"),
    (
        "StatefulSet",
        "spec: {replicas: 0, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}",
    ),
    ("StorageClass", "provisioner: example.com/p"),
    ("VolumeAttributesClass", "driverName: example.com/d"),
];

/// Kinds that something acts on here; SCOPE.md lists them.
const ACTED_ON: &[&str] = &[
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "HorizontalPodAutoscaler",
    "Job",
    "Lease",
    "LimitRange",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PriorityClass",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
];

fn manifest(info: &schema::Resource, name: &str) -> String {
    let needed = NEEDED.iter().find(|(kind, _)| *kind == info.kind).map_or("", |(_, text)| *text);
    let needed = match (info.kind, info.group) {
        ("CustomResourceDefinition", _) => "spec: {group: example.com, scope: Cluster, names: {plural: NAMEs, kind: KNAME}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}".replace("NAME", name),
        ("Event", "events.k8s.io") => "eventTime: '2026-01-01T00:00:00.000000Z'\naction: Try\nreason: Tried\nreportingController: example.com/c\nreportingInstance: c\ntype: Normal".to_owned(),
        _ => needed.to_owned(),
    };
    let name = object_name(info, name);
    format!("apiVersion: {}\nkind: {}\nmetadata:\n  name: {name}\n{needed}\n", info.api_version(), info.kind)
}

fn object_name(info: &schema::Resource, name: &str) -> String {
    match info.kind {
        "CustomResourceDefinition" => format!("{name}s.example.com"),
        "APIService" => "v1.g.example.com".to_owned(),
        _ => name.to_owned(),
    }
}

/// What the commands print, one after the other.
fn play(files: &[(&str, &str)], commands: &[String]) -> Vec<String> {
    let mut page = String::from("# A kind\n");
    for (name, text) in files {
        page.push_str(&format!("\n```yaml name={name}\n{text}```\n"));
    }
    let lines: String = commands.iter().map(|command| format!("$ {command}\n")).collect();
    page.push_str(&format!("\n```console\n{lines}```\n"));
    let played = transcripts::play(&page);
    let (_, console) = played.rsplit_once("```console\n").expect("a console block");
    console.split("$ kubectl ").skip(1).map(|text| text.trim_end_matches("```\n").to_owned()).collect()
}

#[test]
fn every_kind_is_created_listed_described_and_deleted() {
    let kinds = schema::resources().iter().filter(|info| info.verbs.contains(&"create") && info.verbs.contains(&"get"));
    let mut wrong = Vec::new();
    for info in kinds {
        let (kind, name) = (info.kind, object_name(info, "probe"));
        let what = format!("{}.{}.{}", info.plural, info.version, info.group);
        let what = what.trim_end_matches('.');
        let answers = play(
            &[("a.yaml", &manifest(info, "probe"))],
            &[
                "kubectl create -f a.yaml".to_owned(),
                format!("kubectl get {what} {name}"),
                format!("kubectl describe {what} {name}"),
                format!("kubectl delete {what} {name} --wait=false"),
                "kubectl create -f a.yaml --dry-run=server".to_owned(),
            ],
        );
        let told = answers[0].matches("have no effect here").count();
        let created = answers[0].contains(&format!("/{name} created\n"));
        let shown = answers[1].contains(&name) && answers[2].contains("Name:");
        let deleted = answers[3].contains(&format!("\"{name}\" deleted"));
        let told_again = answers[4].contains("have no effect here");
        let expected = usize::from(!ACTED_ON.contains(&kind) || info.group == "events.k8s.io");
        if !created || !shown || !deleted || told != expected || told_again {
            wrong.push(format!("{kind} ({what}):\n{}", answers.join("")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
