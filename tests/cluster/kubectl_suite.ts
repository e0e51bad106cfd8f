// What kubectl is asked to do in tests/cluster/kubectl_test.ts: the same commands against a real server and the one in
// memory.

/** One command, or several while a watch is open. */
export interface Command {
  /** As in a shell, with quotes; `{ns}` stands for the namespace of the sequence. */
  readonly run: string;
  /** A file, whose path is the last argument. */
  readonly input?: string;
  readonly env?: Record<string, string>;
  /** Ends a watch: so many lines. */
  readonly lines?: number;
  /** What is run once the watch has printed something. */
  readonly during?: readonly string[];
  /** Is run until it says this: what no other command waits for. */
  readonly until?: RegExp;
}

/** Commands that follow one another, in a namespace of their own. */
export interface Script {
  readonly name: string;
  readonly commands: readonly (string | Command)[];
}

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "web:1", ports: [{containerPort: 80}], env: [{name: A, value: "1"}]}
`;
const configMap = (data: string, more = "") => `
apiVersion: v1
kind: ConfigMap
metadata: {name: one${more}}
data: ${data}
`;
const POD = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: main, image: "web:1"}]}
`;
const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.kubectl.example.com}
spec:
  group: kubectl.example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats, shortNames: [bt], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.crew, statusReplicasPath: .status.crew}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    - {name: Owner, type: string, jsonPath: .spec.owner, priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        description: A thing that floats.
        properties:
          spec:
            type: object
            description: What it is like.
            required: [size]
            properties:
              size: {type: integer, description: How long it is., minimum: 1}
              crew: {type: integer, default: 1}
              owner: {type: string, enum: [ann, bob]}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;
const boat = (spec: string) => `
apiVersion: kubectl.example.com/v1
kind: Boat
metadata: {name: ann}
spec: ${spec}
`;
const ready = (status: string) =>
  `patch pod web --subresource=status --type=merge -p '{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"${status}"}]}}'`;

/** All that is compared. */
export const SCRIPTS: readonly Script[] = [
  {
    name: "what there is",
    commands: [
      "api-versions",
      "api-resources",
      "api-resources -o wide",
      "api-resources --namespaced=false --verbs=list -o name",
      "api-resources --api-group=apps --categories=all",
      "get --raw /healthz",
      "get --raw /api",
      "get nothing",
      "get pods.v9.nothing.io",
    ],
  },
  {
    name: "explain",
    commands: [
      "explain pods",
      "explain pod.spec.containers.livenessProbe",
      "explain deploy.spec --recursive",
      "explain hpa --api-version=autoscaling/v1",
      "explain hpa.spec.metrics",
      "explain cm --output=plaintext",
      "explain event --api-version=events.k8s.io/v1",
      "explain crd.spec.versions.schema.openAPIV3Schema.properties",
      "explain pod.nothing",
      "explain nothings",
    ],
  },
  {
    name: "create by command",
    commands: [
      "create deployment web --image=web:1 --replicas=3 --port=80",
      "create deployment web --image=web:1",
      "create configmap one --from-literal=a=1 --from-literal=b=2",
      "create secret generic one --from-literal=a=1",
      "create secret docker-registry reg --docker-username=a --docker-password=b --docker-server=c",
      "create serviceaccount ann",
      "create role reader --verb=get,list --resource=pods",
      "create rolebinding ann --role=reader --serviceaccount={ns}:ann",
      "create job one --image=web:1",
      "create cronjob one --image=web:1 --schedule='* * * * *'",
      "create job two --from=cronjob/one",
      "create quota one --hard=pods=2",
      "create pdb one --selector=app=web --min-available=1",
      "create ingress one --rule=example.com/*=web:80",
      "create service clusterip one --tcp=80:8080 --dry-run=client -o yaml",
      "create configmap one --from-literal=a=1 --dry-run=server -o yaml",
      "create configmap two --from-literal=a=1 --dry-run=server",
      "get deploy,cm,secret,role,rolebinding,cronjob,quota,pdb,ingress",
      "get deploy,job -o wide",
      "get deploy web -o yaml",
      "get cronjob one -o jsonpath='{.spec.jobTemplate.spec.template.spec}'",
    ],
  },
  {
    name: "create and replace from files",
    commands: [
      { run: "create -f", input: DEPLOYMENT },
      { run: "create -f", input: DEPLOYMENT },
      { run: "create -f", input: POD.replace("image:", "imagine:") },
      { run: "create --validate=false -f", input: POD.replace("labels:", "marks:") },
      { run: "create --validate=warn -f", input: configMap("{a: '1'}").replace("data:", "datum: {}\ndata:") },
      { run: "create -f", input: configMap("{a: 1}") },
      { run: "create -f", input: "apiVersion: v9\nkind: Nothing\nmetadata: {name: a}\n" },
      { run: "replace -f", input: configMap("{a: '2'}") },
      { run: "replace -f", input: configMap("{a: '2'}", ", resourceVersion: '1'") },
      { run: "replace --force -f", input: configMap("{b: '2'}") },
      "get cm one -o jsonpath='{.data}'",
      { run: "delete -f", input: DEPLOYMENT },
      { run: "delete --ignore-not-found -f", input: DEPLOYMENT },
    ],
  },
  {
    name: "apply",
    commands: [
      { run: "apply -f", input: DEPLOYMENT },
      { run: "apply -f", input: DEPLOYMENT },
      { run: "diff -f", input: DEPLOYMENT.replace("web:1", "web:2") },
      { run: "apply --dry-run=server -f", input: DEPLOYMENT.replace("web:1", "web:2") },
      {
        run: "apply -f",
        input: DEPLOYMENT.replace("web:1", "web:2").replace(', env: [{name: A, value: "1"}]', ""),
      },
      {
        run: "diff -f",
        input: DEPLOYMENT.replace("web:1", "web:2").replace(', env: [{name: A, value: "1"}]', ""),
      },
      "get deploy web -o jsonpath='{.spec.template.spec.containers[0]}'",
      "apply view-last-applied deploy/web",
      { run: "apply -f", input: configMap("{a: '1', b: '2'}") },
      { run: "apply -f", input: configMap("{a: '1', c: '3'}") },
      "get cm one -o yaml",
      { run: "apply --prune -l app=web -f", input: DEPLOYMENT },
      { run: "apply -f", input: DEPLOYMENT.replace("app: web}}\n  template", "app: other}}\n  template") },
    ],
  },
  {
    name: "apply on the server's side",
    commands: [
      { run: "apply --server-side -f", input: configMap("{a: '1', b: '2'}") },
      { run: "apply --server-side --field-manager=other -f", input: configMap("{a: '9'}") },
      { run: "apply --server-side --field-manager=other --force-conflicts -f", input: configMap("{a: '9'}") },
      { run: "apply --server-side -f", input: configMap("{b: '3'}") },
      { run: "diff --server-side -f", input: configMap("{b: '4'}") },
      // Each by itself: who comes first depends on the second in which it applied.
      `get cm one -o jsonpath='{.metadata.managedFields[?(@.manager=="kubectl")]}'`,
      `get cm one -o jsonpath='{.metadata.managedFields[?(@.manager=="other")]}'`,
      { run: "apply --server-side -f", input: DEPLOYMENT },
      { run: "apply --server-side --dry-run=server -o yaml -f", input: DEPLOYMENT.replace("web:1", "web:2") },
      { run: "apply -f", input: DEPLOYMENT.replace("replicas: 2", "replicas: 4") },
      "get deploy web -o jsonpath='{.spec.replicas} {.metadata.managedFields[*].manager}'",
    ],
  },
  {
    name: "patch, label, annotate, edit",
    commands: [
      { run: "create -f", input: DEPLOYMENT },
      `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}'`,
      `patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":5}]'`,
      `patch deploy web --type=json -p '[{"op":"test","path":"/spec/replicas","value":6}]'`,
      `patch deploy web --type=merge -p '{"metadata":{"labels":{"b":"c"}}}'`,
      `patch deploy web --type=merge -p '{"metadata":{"labels":{"b":"c"}}}'`,
      `patch deploy web -p '{"spec":{"replicas":"many"}}'`,
      `patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`,
      "label deploy web tier=front",
      "label deploy web tier=back",
      "label deploy web tier=back --overwrite",
      "label deploy web tier-",
      "label deploy web 'a b=c'",
      "annotate deploy web note=hello",
      "annotate deploy web note-",
      "label deploy --all all=yes",
      "set image deploy/web main=web:3",
      "set env deploy/web B=2",
      "set resources deploy/web --limits=cpu=1",
      "set selector svc/none a=b",
      { run: "edit deploy web", env: { KUBE_EDITOR: "sed -i s/replicas:.*/replicas:\\ 7/" } },
      { run: "edit deploy web", env: { KUBE_EDITOR: "true" } },
      "get deploy web -o yaml",
      "get deploy --show-labels",
      "get deploy -L app,all -l 'app in (web),tier notin (x)'",
    ],
  },
  {
    name: "get",
    commands: [
      { run: "create -f", input: POD },
      {
        run: "create -f",
        input: POD.replace("name: web,", "name: other,").replace("app: web", "app: other"),
      },
      "get pods",
      "get pods -o wide",
      "get pods -o name",
      "get pods -o yaml",
      "get pod web -o json",
      "get pods -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'",
      "get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image,NODE:.spec.nodeName",
      "get pods -o go-template='{{range .items}}{{.metadata.name}} {{end}}'",
      "get pods --no-headers",
      "get pods -l app=web",
      "get pods -l app!=web -o name",
      "get pods --field-selector=metadata.name=web -o name",
      "get pods --field-selector=spec.nothing=web",
      "get pods -l 'a==b==c'",
      "get pods --sort-by=.metadata.name",
      "get pods --sort-by='{.metadata.labels.app}' -o name",
      "get pods --chunk-size=1 -o name",
      "get pod web other none",
      "get pod none --ignore-not-found",
      "get pods,cm",
      "get all",
      "get pods --subresource=status",
      "get pod web --subresource=status -o jsonpath='{.status.phase}'",
      "get pods -A --field-selector=metadata.namespace={ns}",
      "get events",
      "events",
      "describe pod web",
      "describe pods -l app=other",
      "describe pod none",
      "get ns {ns}",
      "get ns {ns} -o jsonpath='{.status}{.spec}'",
      "describe ns {ns}",
    ],
  },
  {
    name: "watch and wait",
    commands: [
      { run: "create -f", input: POD },
      { run: "get pods -w", lines: 3, during: [ready("True")] },
      {
        run: "get pods -w --output-watch-events -o name",
        lines: 3,
        during: ["delete pod web --now --wait=false"],
      },
      { run: "create -f", input: POD.replace("name: web,", "name: next,") },
      {
        run: "get pod next -w -o jsonpath='{.metadata.name}{\"\\n\"}'",
        lines: 2,
        during: ["label pod next a=b"],
      },
      "wait pod next --for=condition=Ready --timeout=1s",
      ready("True").replace("pod web", "pod next"),
      "wait pod next --for=condition=Ready --timeout=10s",
      "wait pod next --for=jsonpath='{.status.phase}'=Running --timeout=10s",
      "wait pod -l app=web --for=condition=Ready",
      "delete pod next --now",
      "wait pod next --for=delete --timeout=10s",
      "wait pod none --for=condition=Ready",
    ],
  },
  {
    name: "scale and roll out",
    commands: [
      { run: "create -f", input: DEPLOYMENT },
      "scale deploy web --replicas=3",
      "scale deploy web --replicas=4 --current-replicas=9",
      "scale deploy none --replicas=4",
      "rollout status deploy/web --timeout=1s",
      `patch deploy web --subresource=status --type=merge -p '{"status":{"observedGeneration":2,"replicas":3,"updatedReplicas":3,"availableReplicas":3,"readyReplicas":3}}'`,
      "rollout status deploy/web --timeout=10s",
      "rollout history deploy/web",
      "rollout pause deploy/web",
      "rollout pause deploy/web",
      "rollout resume deploy/web",
      "rollout restart deploy/web",
      "rollout undo deploy/web",
      "autoscale deploy web --max=4 --cpu=50%",
      "get hpa",
      "describe hpa web",
      "describe deploy web",
      "get deploy web -o wide",
      "expose deploy web --port=80 --target-port=8080 --dry-run=client -o yaml",
    ],
  },
  {
    name: "delete",
    commands: [
      { run: "create -f", input: DEPLOYMENT },
      { run: "apply -f", input: configMap("{a: '1'}") },
      "delete deploy web --cascade=orphan --wait=false --dry-run=server",
      "delete deploy web --cascade=background",
      { run: "create -f", input: DEPLOYMENT },
      "delete deploy -l app=web",
      "delete cm --all",
      "delete cm none",
      "delete cm none --ignore-not-found",
      "delete cm",
      "get deploy,cm",
    ],
  },
  {
    name: "custom resources",
    commands: [
      { run: "apply -f", input: DEFINITION },
      "wait crd boats.kubectl.example.com --for=condition=Established --timeout=30s",
      // Established is said before all of the API server knows.
      { run: "api-resources --api-group=kubectl.example.com", until: /boats/ },
      { run: "get boats", until: /No resources found/ },
      { run: "apply -f", input: boat("{size: 3, owner: ann}") },
      { run: "apply -f", input: boat("{size: 3, owner: ann}") },
      { run: "apply -f", input: boat("{size: 0, owner: eve}") },
      { run: "apply -f", input: boat("{size: 3, sail: red}") },
      { run: "apply -f", input: boat("{owner: ann}") },
      { run: "diff -f", input: boat("{size: 4, owner: bob}") },
      { run: "apply --server-side -f", input: boat("{size: 5}") },
      { run: "apply --server-side --force-conflicts -f", input: boat("{size: 5}") },
      `patch boat ann --type=merge -p '{"spec":{"crew":2}}'`,
      `patch boat ann -p '{"spec":{"crew":2}}'`,
      `patch boat ann --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'`,
      "wait boat ann --for=condition=Ready --timeout=10s",
      "scale boat ann --replicas=4",
      "get bt",
      "get boats -o wide",
      "get boat ann -o yaml",
      "get boats -o jsonpath='{.items[*].spec}'",
      "get all",
      "explain boat",
      "explain boat.spec --recursive",
      "explain boat.spec.owner",
      "describe boat ann",
      "label boat ann a=b",
      { run: "edit boat ann", env: { KUBE_EDITOR: "sed -i s/size:.*/size:\\ 8/" } },
      "delete boat ann",
      "delete crd boats.kubectl.example.com",
    ],
  },
  {
    name: "who may do what",
    commands: [
      "auth can-i create pods",
      "auth can-i '*' '*'",
      "auth can-i get /healthz",
      "auth can-i create pods --subresource=exec",
      "auth can-i get nothings",
      "create serviceaccount ann",
      "auth whoami -o jsonpath='{.kind}'",
      "create token ann",
      "create token ann --duration=1s",
      "create token none",
    ],
  },
  {
    name: "nodes",
    commands: [
      { run: "create -f", input: "apiVersion: v1\nkind: Node\nmetadata: {name: kubectl-node}\n" },
      "cordon kubectl-node",
      "cordon kubectl-node",
      "get node kubectl-node",
      "uncordon kubectl-node",
      "taint node kubectl-node key=value:NoSchedule",
      "taint node kubectl-node key=value:NoSchedule",
      "taint node kubectl-node key-",
      "label node kubectl-node node-role.kubernetes.io/worker=",
      "get node kubectl-node -o wide",
      "drain kubectl-node",
      "delete node kubectl-node",
    ],
  },
  {
    name: "run",
    commands: [
      "run one --image=web:1 --labels=app=one --env=A=1 --port=80",
      "run one --image=web:1",
      "run two --image=web:1 --dry-run=client -o yaml",
      "get pod one -o jsonpath='{.spec.containers}{.metadata.labels}'",
      "set image pod/one one=web:2",
      "delete pod one --grace-period=0 --force",
    ],
  },
];
