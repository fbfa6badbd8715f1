//! Manifests of the shapes that tutorials use.

/// A StatefulSet `mysql` of three with a headless Service and a claim each.
pub const MYSQL: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: mysql
spec:
  clusterIP: None
  selector:
    app: mysql
  ports:
  - port: 3306
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: mysql
spec:
  serviceName: mysql
  replicas: 3
  selector:
    matchLabels:
      app: mysql
  template:
    metadata:
      labels:
        app: mysql
    spec:
      containers:
      - name: mysql
        image: mysql:8.4
        ports:
        - containerPort: 3306
        volumeMounts:
        - name: data
          mountPath: /var/lib/mysql
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 5Gi
";

/// Jobs: `import` of forty pods, `shards` of four indexes with a limit each, and a CronJob `report` of every minute.
pub const JOBS: &str = "\
apiVersion: batch/v1
kind: Job
metadata:
  name: import
spec:
  completions: 40
  parallelism: 2
  backoffLimit: 20
  template:
    metadata:
      annotations:
        podground.dev/run-for: 20s
    spec:
      restartPolicy: Never
      containers:
      - name: import
        image: busybox:1
---
apiVersion: batch/v1
kind: Job
metadata:
  name: shards
spec:
  completions: 4
  parallelism: 4
  completionMode: Indexed
  backoffLimitPerIndex: 1
  maxFailedIndexes: 2
  podReplacementPolicy: Failed
  template:
    metadata:
      annotations:
        podground.dev/run-for: 40s
    spec:
      restartPolicy: Never
      containers:
      - name: shard
        image: busybox:1
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: '* * * * *'
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 2
  jobTemplate:
    spec:
      ttlSecondsAfterFinished: 150
      template:
        spec:
          restartPolicy: OnFailure
          containers:
          - name: report
            image: redis:8
            args: ['sleep 45']
";

/// A DaemonSet `fluentd` in kube-system.
pub const FLUENTD: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: fluentd
  namespace: kube-system
spec:
  selector:
    matchLabels:
      name: fluentd
  template:
    metadata:
      labels:
        name: fluentd
    spec:
      containers:
      - name: fluentd
        image: fluent/fluentd:v1.17
        resources:
          limits:
            cpu: 200m
            memory: 200Mi
";

/// A StatefulSet `cache` of four, Parallel, without claims, that asks for much.
pub const PARALLEL: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: cache
spec:
  podManagementPolicy: Parallel
  replicas: 4
  selector:
    matchLabels:
      app: cache
  template:
    metadata:
      labels:
        app: cache
    spec:
      containers:
      - name: redis
        image: redis:8
        resources:
          requests:
            cpu: 2500m
            memory: 1Gi
";

/// A Deployment `web` of four, with a Service.
pub const WEB: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 4
  progressDeadlineSeconds: 8
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      terminationGracePeriodSeconds: 10
      containers:
      - name: nginx
        image: nginx:1.25
        ports:
        - containerPort: 80
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
";
