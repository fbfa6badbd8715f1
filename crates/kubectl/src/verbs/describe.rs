//! `kubectl describe`. Models: kubectl/pkg/cmd/describe. What stands in a description is in `crate::describe`.

use super::{Verb, options};
use crate::args::Args;
use crate::call::Call;
use crate::describe::describe;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};

const FLAGS: &[Flag] = &[Flag::off("show-events", "If true, display events related to the described object.")];

pub(super) const VERB: Verb = Verb {
    usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    long: "Prints all about one object or a group of them, with their events. A name that does not exist is taken as the beginning of names.",
    examples: "  # Describe a node\n  kubectl describe nodes node-1\n\n  # Describe all pods whose names begin with web\n  kubectl describe pod web",
    flags: &[FLAGS, flags::FILES, flags::SELECTOR, flags::ALL_NAMESPACES, flags::CHUNK_SIZE],
    run,
    ..Verb::named("describe", "Show details of a specific resource or group of resources")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let rules = Rules { type_means_all: true, latest: true, ..Rules::default() };
    let found = targets::find(call, args, &args.words, rules)?;
    let events_asked = args.given("show-events");
    let mut show_events = args.is_unless_off("show-events", true);
    if (!found.errors.is_empty() || found.items.len() > 1) && !events_asked {
        show_events = false;
    }
    if let ([error], [kind, prefix]) = (found.errors.as_slice(), args.words.as_slice())
        && error.is_not_found()
        && found.items.is_empty()
    {
        return by_prefix(call, args, kind, prefix, show_events, error);
    }
    if found.items.is_empty() && found.errors.is_empty() {
        if args.is("all-namespaces") {
            call.complain("No resources found");
        } else {
            let (namespace, _) = call.namespace(args);
            call.complain(format_args!("No resources found in {namespace} namespace."));
        }
    }
    found.items.iter().for_each(|item| options::warn_of_deprecation(call, item.info.kind));
    let texts: Vec<String> = found.items.iter().map(|item| text(call, item, show_events)).collect();
    call.print(&texts.join("\n\n"));
    CmdError::all(found.errors).map(|()| Outcome::Done)
}

fn text(call: &Call<'_>, item: &Item, show_events: bool) -> String {
    match &item.object {
        Some(object) => describe(call, item.info, object, show_events),
        None => String::new(),
    }
}

/// Describes every object whose name begins so.
fn by_prefix(
    call: &mut Call<'_>,
    args: &Args,
    kind: &str,
    prefix: &str,
    show_events: bool,
    missing: &CmdError,
) -> Result<Outcome, CmdError> {
    let rules = Rules { type_means_all: true, single_type: true, ..Rules::default() };
    let found = targets::find(call, args, &[kind.to_owned()], rules)?;
    let matching: Vec<&Item> = found.items.iter().filter(|item| item.key.name.starts_with(prefix)).collect();
    if matching.is_empty() {
        return Err(missing.clone());
    }
    for item in matching {
        let text = text(call, item, show_events);
        call.say(text);
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World, pod};
    use apiserver::EventRecord;
    use expect_test::expect;

    #[test]
    fn a_stateful_set() {
        let web = format!("{}  volumeClaimTemplates:\n  - metadata: {{name: www}}\n    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n",
            WEB.replace("image: 'nginx:1.25'", "image: 'nginx:1.25', ports: [{containerPort: 80, name: web}], volumeMounts: [{name: www, mountPath: /usr/share/nginx/html}]"));
        let mut world = World::new().file("web.yaml", &web);
        world.kubectl("apply -f web.yaml");
        let set = world.server.lister().get::<api::StatefulSet>("default", "web").expect("stored").clone();
        for name in ["web-0", "web-1"] {
            let message = format!("Create Pod {name} in StatefulSet web successful");
            world.server.record(&EventRecord::normal(&*set, "statefulset-controller", "SuccessfulCreate", message));
        }
        world.later(5);
        expect![[r#"
            Name:               web
            Namespace:          default
            CreationTimestamp:  Thu, 01 Jan 2026 00:00:00 +0000
            Selector:           app=web
            Labels:             <none>
            Annotations:        <none>
            Replicas:           2 desired | 0 total
            Update Strategy:    RollingUpdate
              Partition:        0
            Pods Status:        0 Running / 0 Waiting / 0 Succeeded / 0 Failed
            Pod Template:
              Labels:  app=web
              Containers:
               nginx:
                Image:        nginx:1.25
                Port:         80/TCP (web)
                Host Port:    0/TCP (web)
                Environment:  <none>
                Mounts:
                  /usr/share/nginx/html from www (rw)
              Volumes:         <none>
              Node-Selectors:  <none>
              Tolerations:     <none>
            Volume Claims:
              Name:          www
              StorageClass:  
              Labels:        <none>
              Annotations:   <none>
              Capacity:      1Gi
              Access Modes:  [ReadWriteOnce]
            Events:
              Type    Reason            Age   From                    Message
              ----    ------            ----  ----                    -------
              Normal  SuccessfulCreate  5s    statefulset-controller  Create Pod web-0 in StatefulSet web successful
              Normal  SuccessfulCreate  5s    statefulset-controller  Create Pod web-1 in StatefulSet web successful
        "#]]
        .assert_eq(&world.kubectl("describe sts web"));
    }

    #[test]
    fn pods_by_prefix_and_what_is_not_there() {
        let mut world = World::new().with([pod("web-0", "node-1"), pod("web-1", "node-2")]);
        assert_eq!(world.kubectl("describe pod web").matches("Namespace:        default\n").count(), 2);
        expect![["! Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("describe pod nope"));
        expect![["! No resources found in default namespace.\n"]].assert_eq(&world.kubectl("describe svc"));
        expect![[r#"
            Name:             web-0
            Namespace:        default
            Priority:         0
            Service Account:  default
            Node:             node-1/10.0.0.1
            Start Time:       Thu, 01 Jan 2026 00:00:00 +0000
            Labels:           app=web
            Annotations:      <none>
            Status:           Running
            IP:               10.244.1.4
            IPs:
              IP:  10.244.1.4
            Containers:
              nginx:
                Container ID:   
                Image:          nginx:1.25
                Image ID:       
                Port:           <none>
                Host Port:      <none>
                State:          Running
                  Started:      Thu, 01 Jan 2026 00:00:02 +0000
                Ready:          True
                Restart Count:  0
                Environment:    <none>
                Mounts:
                  /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-k4nvq (ro)
            Conditions:
              Type    Status
              Ready   True 
            Volumes:
              kube-api-access-k4nvq:
                Type:                    Projected (a volume that contains injected data from multiple sources)
                TokenExpirationSeconds:  3607
                ConfigMapName:           kube-root-ca.crt
                Optional:                false
                DownwardAPI:             true
            QoS Class:                   BestEffort
            Node-Selectors:              <none>
            Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
                                         node.kubernetes.io/unreachable:NoExecute op=Exists for 300s
            Events:                      <none>
        "#]]
        .assert_eq(&world.kubectl("describe pod web-0"));
    }

    #[test]
    fn a_node() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        expect![[r#"
            Name:               node-1
            Roles:              <none>
            Labels:             kubernetes.io/hostname=node-1
            Annotations:        <none>
            CreationTimestamp:  Thu, 01 Jan 2026 00:00:00 +0000
            Taints:             <none>
            Unschedulable:      false
            Lease:              Failed to get lease: leases.coordination.k8s.io "node-1" not found
            Conditions:
              Type    Status  LastHeartbeatTime                 LastTransitionTime                Reason         Message
              ----    ------  -----------------                 ------------------                ------         -------
              Ready   True    Thu, 01 Jan 2026 00:00:00 +0000   Thu, 01 Jan 2026 00:00:00 +0000   KubeletReady   kubelet is posting ready status
            Addresses:
              InternalIP:  10.0.0.1
              Hostname:    node-1
            Capacity:
              cpu:     4
              memory:  16Gi
              pods:    110
            Allocatable:
              cpu:     4
              memory:  16Gi
              pods:    110
            System Info:
              Machine ID:                 
              System UUID:                
              Boot ID:                    
              Kernel Version:             
              OS Image:                   
              Operating System:           
              Architecture:               
              Container Runtime Version:  
              Kubelet Version:            v1.36.2
            Non-terminated Pods:          (1 in total)
              Namespace                   Name     CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
              ---------                   ----     ------------  ----------  ---------------  -------------  ---
              default                     web-0    0 (0%)        0 (0%)      0 (0%)           0 (0%)         0s
            Allocated resources:
              (Total limits may be over 100 percent, i.e., overcommitted.)
              Resource           Requests  Limits
              --------           --------  ------
              cpu                0 (0%)    0 (0%)
              memory             0 (0%)    0 (0%)
              ephemeral-storage  0 (0%)    0 (0%)
            Events:              <none>
        "#]].assert_eq(&world.kubectl("describe node node-1"));
    }

    #[test]
    fn services_and_kinds_without_words_of_their_own() {
        let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, name: web}]}\n";
        let class = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: i}\nhandler: runsc\n";
        let mut world = World::new().file("all.yaml", &format!("{service}---\n{class}"));
        world.kubectl("create -f all.yaml");
        expect![[r#"
            Name:                     web
            Namespace:                default
            Labels:                   <none>
            Annotations:              <none>
            Selector:                 app=web
            Type:                     ClusterIP
            IP Family Policy:         SingleStack
            IP Families:              IPv4
            IP:                       None
            IPs:                      None
            Port:                     web  80/TCP
            TargetPort:               80/TCP
            Endpoints:                <none>
            Session Affinity:         None
            Internal Traffic Policy:  Cluster
            Events:                   <none>
        "#]]
        .assert_eq(&world.kubectl("describe svc web"));
        let class = world.kubectl("describe runtimeclass i");
        assert!(class.starts_with("Name:         i\nNamespace:    \nLabels:       <none>\nAnnotations:  <none>\nAPI Version:  node.k8s.io/v1\nHandler:      runsc\n"), "{class}");
    }

    #[test]
    fn other_kinds() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {b: |\n  two\n  lines\n, a: x}\n"
            .replace("{b: |\n  two\n  lines\n, a: x}", "\n  a: x\n  b: |\n    two\n    lines");
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hello}\n";
        let all = format!("{text}---\n{secret}");
        let mut world = World::new().file("all.yaml", &all);
        world.kubectl("create -f all.yaml");
        expect![[r#"
            Name:         c
            Namespace:    default
            Labels:       <none>
            Annotations:  <none>

            Data
            ====
            a:
            ----
            x

            b:
            ----
            two
            lines



            BinaryData
            ====

            Events:  <none>
        "#]]
        .assert_eq(&world.kubectl("describe cm c"));
        expect![[r#"
            Name:         s
            Namespace:    default
            Labels:       <none>
            Annotations:  <none>

            Type:  Opaque

            Data
            ====
            password:  5 bytes
        "#]]
        .assert_eq(&world.kubectl("describe secret s"));
        expect![[r#"
            Name:         default
            Labels:       kubernetes.io/metadata.name=default
            Annotations:  <none>
            Status:       Active

            No resource quota.

            No LimitRange resource.
        "#]]
        .assert_eq(&world.kubectl("describe ns default"));
    }
}
