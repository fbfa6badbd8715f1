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

/// A StatefulSet `zk` of three whose pods take their time and must not share a node, with claims that go with it.
pub const ZK: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: zk
spec:
  serviceName: zk
  replicas: 3
  minReadySeconds: 5
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Delete
    whenScaled: Delete
  selector:
    matchLabels:
      app: zk
  template:
    metadata:
      labels:
        app: zk
      annotations:
        podground.dev/ready-after: 3s
        podground.dev/ignore-sigterm: 'true'
    spec:
      terminationGracePeriodSeconds: 10
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector:
              matchLabels:
                app: zk
            topologyKey: kubernetes.io/hostname
      containers:
      - name: zk
        image: redis:8
        volumeMounts:
        - name: data
          mountPath: /data
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: 1Gi
";

/// A DaemonSet `agent` on nodes with a label, which replaces its pods with a surge and fails now and then.
pub const AGENT: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  selector:
    matchLabels:
      app: agent
  updateStrategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app: agent
    spec:
      terminationGracePeriodSeconds: 5
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions:
              - key: disk
                operator: NotIn
                values: [hdd]
      tolerations:
      - key: dedicated
        operator: Exists
      containers:
      - name: agent
        image: agent:1
        resources:
          requests:
            cpu: 300m
";

/// A Deployment `urgent` before which others give way.
pub const URGENT: &str = "\
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: high
value: 1000
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: urgent
spec:
  replicas: 2
  selector:
    matchLabels:
      app: urgent
  template:
    metadata:
      labels:
        app: urgent
    spec:
      priorityClassName: high
      terminationGracePeriodSeconds: 3
      containers:
      - name: urgent
        image: nginx:1.25
        resources:
          requests:
            cpu: '2'
";

/// A volume that is there, two claims of which one can have it, and pods that use them and a ConfigMap that is not there.
pub const DISKS: &str = "\
apiVersion: v1
kind: PersistentVolume
metadata:
  name: disk-a
spec:
  capacity:
    storage: 3Gi
  accessModes: [ReadWriteOnce]
  storageClassName: manual
  persistentVolumeReclaimPolicy: Retain
  hostPath:
    path: /mnt/a
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: disk-a
spec:
  storageClassName: manual
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 2Gi
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: disk-b
spec:
  accessModes: [ReadWriteOncePod]
  resources:
    requests:
      storage: 2Gi
---
apiVersion: v1
kind: Pod
metadata:
  name: disk-user
spec:
  containers:
  - name: c
    image: busybox:1
    volumeMounts:
    - name: a
      mountPath: /a
    - name: b
      mountPath: /b
  volumes:
  - name: a
    persistentVolumeClaim:
      claimName: disk-a
  - name: b
    persistentVolumeClaim:
      claimName: disk-b
---
apiVersion: v1
kind: Pod
metadata:
  name: no-config
spec:
  containers:
  - name: c
    image: busybox:1
    volumeMounts:
    - name: config
      mountPath: /config
  volumes:
  - name: config
    configMap:
      name: not-there
";

/// Budgets for what other files make, and a quota that is a little less than they want.
pub const BOUNDS: &str = "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: mysql
spec:
  minAvailable: 2
  selector:
    matchLabels:
      app: mysql
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: web
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: cache
spec:
  minAvailable: 60%
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      app: cache
---
apiVersion: v1
kind: ResourceQuota
metadata:
  name: bounds
spec:
  hard:
    pods: 12
    persistentvolumeclaims: 6
    services: 4
    count/jobs.batch: 5
";

/// The workloads of seeded runs, by the name of their file.
pub const WORKLOADS: &[(&str, &str)] = &[
    ("mysql", MYSQL),
    ("fluentd", FLUENTD),
    ("cache", PARALLEL),
    ("web", WEB),
    ("jobs", JOBS),
    ("zk", ZK),
    ("agent", AGENT),
    ("urgent", URGENT),
    ("disks", DISKS),
    ("bounds", BOUNDS),
];
