//! What a server says to pods.

use crate::registry::tests::{merged, refused, refused_update};
use expect_test::expect;
use serde_json::{Value, json};

/// A sound pod, with this merged into its spec.
fn pod(spec: Value) -> Value {
    let sound = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
        "spec": {"containers": [{"name": "c", "image": "a"}]}});
    merged(sound, json!({ "spec": spec }))
}

/// A pod with one container that has this merged into it.
fn container(fields: Value) -> Value {
    pod(json!({"containers": [merged(json!({"name": "c", "image": "a"}), fields)]}))
}

#[test]
fn containers() {
    refused(pod(json!({"containers": []})), expect![[r#"Pod "x" is invalid: spec.containers: Required value"#]]);
    refused(
        container(json!({"image": null})),
        expect![[r#"Pod "x" is invalid: spec.containers[0].image: Required value"#]],
    );
    refused(
        container(json!({"image": " a"})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].image: Invalid value: " a": must not have leading or trailing whitespace"#
        ]],
    );
    refused(
        container(json!({"name": "My_App", "imagePullPolicy": "Sometimes"})),
        expect![[r#"
        spec.containers[0].name: Invalid value: "My_App": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
        spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never""#]],
    );
    refused(
        pod(
            json!({"containers": [{"name": "c", "image": "a"}, {"name": "c", "image": "b"}], "initContainers": [{"name": "c", "image": "a"}]}),
        ),
        expect![[r#"
            spec.containers[1].name: Duplicate value: "c"
            spec.initContainers[0].name: Duplicate value: "c""#]],
    );
    refused(
        pod(json!({"initContainers": [{"name": "i", "image": "a", "livenessProbe": {"exec": {"command": ["x"]}}}]})),
        expect![[
            r#"Pod "x" is invalid: spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"#
        ]],
    );
    refused(
        pod(
            json!({"initContainers": [{"name": "i", "image": "a", "restartPolicy": "Always", "livenessProbe": {"exec": {"command": ["x"]}}}]}),
        ),
        expect!["accepted"],
    );
    refused(
        container(json!({"restartPolicy": "Maybe"})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure""#
        ]],
    );
}

#[test]
fn ports() {
    refused(
        container(json!({"ports": [{"containerPort": 70000}, {"name": "http"}]})),
        expect![[r#"
        spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive
        spec.containers[0].ports[1].containerPort: Required value"#]],
    );
    refused(
        container(
            json!({"ports": [{"name": "Web_Port", "containerPort": 80}, {"name": "a", "containerPort": 1}, {"name": "a", "containerPort": 2, "protocol": "HTTP"}]}),
        ),
        expect![[r#"
            spec.containers[0].ports[0].name: Invalid value: "Web_Port": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)
            spec.containers[0].ports[2].name: Duplicate value: "a"
            spec.containers[0].ports[2].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP""#]],
    );
    let host_port = json!({"containerPort": 80, "hostPort": 8080});
    refused(
        pod(
            json!({"containers": [{"name": "a", "image": "a", "ports": [host_port]}, {"name": "b", "image": "b", "ports": [host_port]}]}),
        ),
        expect![[r#"Pod "x" is invalid: spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080""#]],
    );
    refused(
        merged(
            container(json!({"ports": [{"containerPort": 80, "hostPort": 8080}]})),
            json!({"spec": {"hostNetwork": true}}),
        ),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].ports[0].hostPort: Invalid value: 8080: must match `containerPort` when `hostNetwork` is true"#
        ]],
    );
}

#[test]
fn environment() {
    refused(
        container(json!({"env": [{"name": ""}, {"name": "a=b"}]})),
        expect![[r#"
        spec.containers[0].env[0].name: Required value
        spec.containers[0].env[1].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='"#]],
    );
    refused(
        container(
            json!({"env": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}),
        ),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty"#
        ]],
    );
    refused(
        container(json!({"env": [{"name": "A", "valueFrom": {}}]})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"#
        ]],
    );
    refused(
        container(json!({"env": [
            {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.nope"}}},
            {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}},
            {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
            {"name": "D", "valueFrom": {"secretKeyRef": {"name": "S", "key": ""}}},
            {"name": "E", "valueFrom": {"resourceFieldRef": {"resource": "limits.gpu"}}},
        ]})),
        expect![[r#"
            spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nope": error converting fieldPath: field label not supported: spec.nope
            spec.containers[0].env[1].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"
            spec.containers[0].env[3].valueFrom.secretKeyRef.name: Invalid value: "S": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            spec.containers[0].env[3].valueFrom.secretKeyRef.key: Required value
            spec.containers[0].env[4].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory""#]],
    );
    refused(
        container(json!({"envFrom": [{}, {"configMapRef": {"name": ""}}]})),
        expect![[r#"
        spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`
        spec.containers[0].envFrom[1].configMapRef.name: Required value"#]],
    );
}

#[test]
fn resources() {
    let resources = |resources: Value| container(json!({ "resources": resources }));
    refused(
        resources(json!({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#
        ]],
    );
    refused(
        resources(json!({"requests": {"cpu": "-1", "gpu": "1"}})),
        expect![[r#"
        spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0
        spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified
        spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers"#]],
    );
    refused(
        resources(json!({"requests": {"example.com/gpu": "1"}})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"#
        ]],
    );
    refused(
        resources(json!({"limits": {"example.com/gpu": "500m"}})),
        expect![[r#"
        spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer
        spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer"#]],
    );
    refused(
        resources(json!({"limits": {"hugepages-2Mi": "3Mi"}})),
        expect![[r#"
        spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi
        spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi
        spec.containers[0].resources: Forbidden: HugePages require cpu or memory"#]],
    );
}

#[test]
fn volumes_and_mounts() {
    refused(
        container(json!({"volumeMounts": [{"name": "x", "mountPath": "/d"}]})),
        expect![[r#"Pod "x" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "x""#]],
    );
    refused(
        merged(
            container(
                json!({"volumeMounts": [{"name": "v", "mountPath": "/d", "subPath": "../x"}, {"name": "v", "mountPath": "/d"}]}),
            ),
            json!({"spec": {"volumes": [{"name": "v"}]}}),
        ),
        expect![[r#"
            spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain '..'
            spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/d": must be unique"#]],
    );
    refused(
        pod(
            json!({"volumes": [{"name": "a"}, {"name": "a"}, {"name": "B"}, {"name": "c", "emptyDir": {}, "secret": {"secretName": "s"}}]}),
        ),
        expect![[r#"
            spec.volumes[1].name: Duplicate value: "a"
            spec.volumes[2].name: Invalid value: "B": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
            spec.volumes[3].secret: Forbidden: may not specify more than 1 volume type"#]],
    );
    refused(
        pod(
            json!({"volumes": [{"name": "a", "configMap": {"defaultMode": 1000, "items": [{"key": "k", "path": "/abs"}]}},
            {"name": "b", "persistentVolumeClaim": {"claimName": ""}}, {"name": "c", "hostPath": {"path": ""}}]}),
        ),
        expect![[r#"
            spec.volumes[0].configMap.name: Required value
            spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive
            spec.volumes[0].configMap.items[0].path: Invalid value: "/abs": must be a relative path
            spec.volumes[1].persistentVolumeClaim.claimName: Required value
            spec.volumes[2].hostPath.path: Required value"#]],
    );
}

#[test]
fn probes_and_hooks() {
    let probe = |probe: Value| container(json!({ "livenessProbe": probe }));
    refused(
        probe(json!({})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].livenessProbe: Required value: must specify a handler type"#
        ]],
    );
    refused(
        probe(json!({"exec": {"command": ["a"]}, "httpGet": {"port": 80}})),
        expect![[
            r#"Pod "x" is invalid: spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type"#
        ]],
    );
    refused(
        probe(json!({"httpGet": {"port": "Web", "scheme": "http"}, "periodSeconds": -1, "successThreshold": 2})),
        expect![[r#"
            spec.containers[0].livenessProbe.httpGet.port: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)
            spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "http": supported values: "HTTP", "HTTPS"
            spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0
            spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"#]],
    );
    refused(
        probe(json!({"tcpSocket": {"port": 0}, "terminationGracePeriodSeconds": 0})),
        expect![[r#"
        spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive
        spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"#]],
    );
    refused(
        container(json!({"lifecycle": {"preStop": {"sleep": {"seconds": 60}}, "postStart": {}}})),
        expect![[r#"
        spec.containers[0].lifecycle.postStart: Required value: must specify a handler type
        spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)"#]],
    );
}

#[test]
fn where_it_may_run() {
    refused(
        pod(json!({"restartPolicy": "Sometimes", "dnsPolicy": "Mine", "nodeSelector": {"a b": "c d"}})),
        expect![[r#"
            spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"
            spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"
            spec.nodeSelector: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
            spec.nodeSelector: Invalid value: "c d": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#]],
    );
    refused(
        pod(json!({"tolerations": [{"operator": "Equal"}, {"key": "a", "operator": "Exists", "value": "v"},
            {"key": "a", "operator": "In"}, {"key": "a", "effect": "Never", "tolerationSeconds": 5}]})),
        expect![[r#"
            spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"
            spec.tolerations[1].operator: Invalid value: "v": value must be empty when `operator` is 'Exists'
            spec.tolerations[2].operator: Unsupported value: "In": supported values: "Equal", "Exists"
            spec.tolerations[3].effect: Invalid value: "Never": effect must be 'NoExecute' when `tolerationSeconds` is set
            spec.tolerations[3].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute""#]],
    );
    let node = |operator: &str, values: Value| json!({"nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": operator, "values": values}]}]});
    let required = |terms: Value| {
        pod(json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}))
    };
    refused(
        required(node("In", json!([]))),
        expect![[
            r#"Pod "x" is invalid: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"#
        ]],
    );
    refused(
        required(node("Equals", json!(["a"]))),
        expect![[
            r#"Pod "x" is invalid: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Equals": not a valid selector operator"#
        ]],
    );
    refused(
        required(json!({"nodeSelectorTerms": []})),
        expect![[
            r#"Pod "x" is invalid: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term"#
        ]],
    );
    refused(
        pod(json!({"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 200, "podAffinityTerm": {"topologyKey": "", "labelSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}}]}}})),
        expect![[r#"
            spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 200: must be in the range 1-100
            spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator
            spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can not be empty
            spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: "": name part must be non-empty
            spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"#]],
    );
    refused(
        pod(json!({"topologySpreadConstraints": [{"maxSkew": 0, "topologyKey": "", "whenUnsatisfiable": "Maybe"},
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "minDomains": 2},
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "matchLabelKeys": ["a"]}]})),
        expect![[r#"
            spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero
            spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty
            spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"
            spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"
            spec.topologySpreadConstraints[1].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway
            spec.topologySpreadConstraints[2].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"#]],
    );
}

#[test]
fn names_deadlines_and_gates() {
    refused(
        pod(json!({"hostname": "a.b", "subdomain": "A", "nodeName": "Node_1", "activeDeadlineSeconds": 0})),
        expect![[r#"
            spec.nodeName: Invalid value: "Node_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive
            spec.hostname: Invalid value: "a.b": must not contain dots
            spec.subdomain: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"#]],
    );
    refused(
        pod(json!({"schedulingGates": [{"name": "a"}, {"name": "a"}], "nodeName": "n"})),
        expect![[r#"
        spec.schedulingGates[1]: Duplicate value: "a"
        spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"#]],
    );
    refused(
        merged(
            pod(json!({})),
            json!({"metadata": {"annotations": {"controller.kubernetes.io/pod-deletion-cost": "low"}}}),
        ),
        expect![[
            r#"Pod "x" is invalid: metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "low": must be a 32bit integer"#
        ]],
    );
    refused(
        container(json!({"securityContext": {"runAsUser": -1, "allowPrivilegeEscalation": false, "privileged": true}})),
        expect![[r#"
            spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive
            spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":-1,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true"#]],
    );
}

#[test]
fn little_may_change() {
    refused_update(pod(json!({})), json!({"spec": {"containers": [{"name": "c", "image": "b"}]}}), expect!["accepted"]);
    refused_update(
        pod(json!({})),
        json!({"spec": {"containers": [{"name": "d", "image": "b"}]}}),
        expect![[r#"Pod "x" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers"#]],
    );
    refused_update(
        pod(json!({})),
        json!({"spec": {"containers": [{"name": "c", "image": "a", "env": [{"name": "A", "value": "<1>"}]}]}}),
        expect![[r#"
            Pod "x" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
            @@ -98,7 +98,13 @@
                "WorkingDir": "",
                "Ports": null,
                "EnvFrom": null,
            -   "Env": null,
            +   "Env": [
            +    {
            +     "Name": "A",
            +     "Value": "\u003c1\u003e",
            +     "ValueFrom": null
            +    }
            +   ],
                "Resources": {
                 "Limits": null,
                 "Requests": null,
        "#]],
    );
    refused_update(
        pod(json!({"activeDeadlineSeconds": 10})),
        json!({"spec": {"activeDeadlineSeconds": 20}}),
        expect![[
            r#"Pod "x" is invalid: spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value"#
        ]],
    );
    refused_update(
        pod(json!({})),
        json!({"spec": {"tolerations": [], "activeDeadlineSeconds": 5}}),
        expect![[
            r#"Pod "x" is invalid: spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"#
        ]],
    );
    refused_update(
        pod(json!({})),
        json!({"spec": {"schedulingGates": [{"name": "a"}]}}),
        expect![[
            r#"Pod "x" is invalid: spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'"#
        ]],
    );
}

#[test]
fn gated_pods_may_be_narrowed() {
    let gated = pod(json!({"schedulingGates": [{"name": "a"}], "nodeSelector": {"disk": "ssd"}}));
    refused_update(
        gated.clone(),
        json!({"spec": {"nodeSelector": {"zone": "a"}, "schedulingGates": []}}),
        expect!["accepted"],
    );
    refused_update(
        gated,
        json!({"spec": {"nodeSelector": {"disk": "hdd"}}}),
        expect![[
            r#"Pod "x" is invalid: spec.nodeSelector: Invalid value: {"disk":"hdd"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)"#
        ]],
    );
}
