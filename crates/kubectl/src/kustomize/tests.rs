//! Folders as pages of documentation have them, with the names that the real thing gives.

use crate::fixture::World;
use expect_test::expect;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: my-nginx\nspec:\n  selector:\n    matchLabels: {run: my-nginx}\n  replicas: 2\n  template:\n    metadata:\n      labels: {run: my-nginx}\n    spec:\n      containers:\n      - name: my-nginx\n        image: nginx\n        envFrom: [{configMapRef: {name: app}}]\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: my-nginx}\nspec:\n  ports: [{port: 80}]\n  selector: {run: my-nginx}\n";

#[test]
fn hashes_are_those_of_the_real_thing() {
    let file = "configMapGenerator:\n- name: example-configmap-2\n  literals: [FOO=Bar]\n- name: example-configmap-1\n  files: [application.properties]\nsecretGenerator:\n- name: example-secret-1\n  files: [password.txt]\n";
    let mut world = World::new().file("k/kustomization.yaml", file).file("k/application.properties", "FOO=Bar\n");
    world = world.file("k/password.txt", "username=admin\npassword=secret\n");
    let text = world.kubectl("kustomize k");
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  name: ")).collect();
    assert_eq!(
        names,
        ["example-configmap-1-8mbdf7882g", "example-configmap-2-g2hdhfc6tk", "example-secret-1-t2kt65hgtb"]
    );
}

fn shop() -> World {
    let base = "resources: [deployment.yaml, service.yaml]\nconfigMapGenerator:\n- name: app\n  literals: [A=1]\n";
    let overlay = "bases: [../base]\nnamePrefix: dev-\nnamespace: shop\nlabels:\n- pairs: {env: dev}\n  includeSelectors: true\nimages:\n- name: nginx\n  newTag: 1.16.1\nreplicas:\n- name: my-nginx\n  count: 3\npatches:\n- patch: |-\n    - op: add\n      path: /spec/template/spec/containers/0/imagePullPolicy\n      value: Always\n  target: {kind: Deployment, name: my-nginx}\n- patch: |-\n    apiVersion: v1\n    kind: Service\n    metadata: {name: my-nginx}\n    spec: {type: NodePort}\n";
    World::new()
        .file("base/kustomization.yaml", base)
        .file("base/deployment.yaml", DEPLOYMENT)
        .file("base/service.yaml", SERVICE)
        .file("dev/kustomization.yaml", overlay)
}

#[test]
fn a_base_and_an_overlay() {
    let mut world = shop();
    expect![[r#"
        apiVersion: v1
        data:
          A: "1"
        kind: ConfigMap
        metadata:
          labels:
            env: dev
          name: dev-app-9b5t5cfd8h
          namespace: shop
        ---
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            env: dev
          name: dev-my-nginx
          namespace: shop
        spec:
          ports:
          - port: 80
          selector:
            env: dev
            run: my-nginx
          type: NodePort
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          labels:
            env: dev
          name: dev-my-nginx
          namespace: shop
        spec:
          replicas: 3
          selector:
            matchLabels:
              env: dev
              run: my-nginx
          template:
            metadata:
              labels:
                env: dev
                run: my-nginx
            spec:
              containers:
              - envFrom:
                - configMapRef:
                    name: dev-app-9b5t5cfd8h
                image: nginx:1.16.1
                imagePullPolicy: Always
                name: my-nginx
    "#]]
    .assert_eq(&world.kubectl("kustomize dev"));
}

#[test]
fn a_folder_is_applied() {
    let mut world = shop();
    world.kubectl("create ns shop");
    expect![[r#"
        configmap/dev-app-9b5t5cfd8h created
        service/dev-my-nginx created
        deployment.apps/dev-my-nginx created
    "#]]
    .assert_eq(&world.kubectl("apply -k dev"));
    expect![[r#"
        configmap/dev-app-9b5t5cfd8h
        service/dev-my-nginx
        deployment.apps/dev-my-nginx
    "#]]
    .assert_eq(&world.kubectl("get -k dev -o name"));
    expect![[r#"
        ! error: unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory 'nope'
        [exit 1]
    "#]]
    .assert_eq(&world.kubectl("apply -k nope"));
    expect![[r#"
        ! error: only one of -f or -k can be specified
        [exit 1]
    "#]]
    .assert_eq(&world.kubectl("apply -k base -f x"));
}
