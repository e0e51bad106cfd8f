// Sequences of requests: lists, pages and selectors.
import type { RequestStep, Sequence, Step } from "./conformance.ts";
import { A, get, labels, map, MAPS, MERGE, patch, PODS, post, remove, save } from "./conformance_steps.ts";

const SECRETS = "/api/v1/namespaces/{ns}/secrets";
const NODES = "/api/v1/nodes";

const some = (collection = MAPS, names = ["a", "b", "c", "d", "e"]): RequestStep[] =>
  names.map((name, index) =>
    save(
      post(collection, {
        metadata: {
          name,
          labels: { app: index % 2 === 0 ? "even" : "odd", n: String(index), ...(index > 2 && { big: "" }) },
        },
      }),
      { [`rv${index}`]: "metadata.resourceVersion" },
    )
  );
const next = { next: "metadata.continue", rv: "metadata.resourceVersion" };

const PAGES: Sequence[] = [
  {
    name: "pages",
    steps: [
      ...some(),
      save(get(`${MAPS}?limit=2`), next),
      save(get(`${MAPS}?limit=2&continue={next}`), next),
      save(get(`${MAPS}?limit=2&continue={next}`), next),
    ],
  },
  {
    name: "pages show what was there at first",
    steps: [
      ...some(),
      save(get(`${MAPS}?limit=2`), next),
      remove(`${MAPS}/c`),
      patch(`${MAPS}/d`, MERGE, { data: { new: "1" } }),
      post(MAPS, map({}, { name: "cc" })),
      save(get(`${MAPS}?limit=2&continue={next}`), next),
      get(`${MAPS}?continue={next}`),
      get(MAPS),
    ],
  },
  {
    name: "pages of what is selected",
    steps: [
      ...some(),
      save(get(`${MAPS}?limit=1&labelSelector=app%3Deven`), next),
      save(get(`${MAPS}?limit=1&labelSelector=app%3Deven&continue={next}`), next),
      save(get(`${MAPS}?limit=1&labelSelector=app%3Deven&continue={next}`), next),
      get(`${MAPS}?limit=1&fieldSelector=metadata.name%3Dc`),
      get(`${MAPS}?limit=2&labelSelector=app%3Dodd`),
      get(`${MAPS}?limit=3&labelSelector=app%3Dnobody`),
    ],
  },
  {
    name: "a page of the whole",
    steps: [
      ...some(),
      get(`${MAPS}?limit=5`),
      get(`${MAPS}?limit=6`),
      get(`${MAPS}?limit=0`),
      get(`${MAPS}?limit=-1`),
    ],
  },
  {
    name: "a page of a page of another selection",
    steps: [
      ...some(),
      save(get(`${MAPS}?limit=1`), next),
      get(`${MAPS}?limit=1&continue={next}&labelSelector=app%3Dodd`),
    ],
  },
  {
    name: "pages across namespaces",
    steps: [
      ...some(),
      get(`/api/v1/configmaps?labelSelector=n%20in%20(0,1)&fieldSelector=metadata.namespace%3D{ns}`),
    ],
  },
  {
    name: "tokens that are none",
    steps: [
      ...some(MAPS, ["a"]),
      ...[
        "x",
        "e30",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0",
        "eyJ2IjoidjEiLCJydiI6MSwic3RhcnQiOiJhIn0",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIifQ",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYSJ9",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIvLi4vYSJ9",
      ]
        .flatMap((token) => [get(`${MAPS}?continue=${token}`), get(`${MAPS}?limit=1&continue=${token}`)]),
    ],
  },
  {
    name: "pages that are too old, and their rest",
    isAlone: true,
    steps: [
      ...some(SECRETS),
      save(get(`${SECRETS}?limit=2`), next),
      post(SECRETS, { metadata: { name: "f" } }),
      { compact: true },
      save(get(`${SECRETS}?limit=2&continue={next}`), next),
      save(get(`${SECRETS}?limit=2&continue={next}`), next),
      save(get(`${SECRETS}?limit=2&continue={next}`), next),
    ] as Step[],
  },
  {
    name: "versions that are too old",
    isAlone: true,
    steps: [
      ...some(SECRETS),
      { compact: true },
      post(SECRETS, { metadata: { name: "f" } }),
      get(`${SECRETS}?resourceVersion={rv0}&resourceVersionMatch=Exact`),
      get(`${SECRETS}?resourceVersion={rv0}&resourceVersionMatch=NotOlderThan`),
      get(`${SECRETS}?resourceVersion={rv0}`),
      get(`${SECRETS}?resourceVersion={rv0}&limit=1`),
      { ...get(`${SECRETS}?watch=true&resourceVersion={rv0}&timeoutSeconds=1`) },
    ] as Step[],
  },
];

/** All ways to ask for a version. */
const VERSIONS: Sequence[] = ["", "0", "{rv1}", "{rv4}", "99999999", "x", "-1"].flatMap((version) =>
  ["", "Exact", "NotOlderThan", "Nope"].map((match) => ({
    name: `version ${JSON.stringify(version)}, match ${JSON.stringify(match)}`,
    steps: [
      ...some(),
      remove(`${MAPS}/a`),
      get(MAPS), // from here on the cache of a real server has seen all this
      // What is listed last must have been seen by the cache.
      ...["", "&limit=2", "&limit=2&labelSelector=app%3Dodd"].map((more) =>
        get(
          `${MAPS}?${version && `resourceVersion=${version}`}${
            match && `&resourceVersionMatch=${match}`
          }${more}`,
        )
      ),
    ].filter(({ path }) => !(version === "99999999" && path.includes("NotOlderThan"))), // it would wait
  })).filter(({ name }) => !/"(99999999|0|\{rv1\})", match "(NotOlderThan)?"/.test(name) || /rv1/.test(name))
).concat([
  {
    name: "versions of one object",
    steps: [
      ...some(MAPS, ["a"]),
      get(MAPS), // from here on the cache of a real server has seen all this
      get(`${A}?resourceVersion=0`),
      get(`${A}?resourceVersion={rv0}`),
      get(`${A}?resourceVersion=x`),
      get(`${A}?resourceVersionMatch=Exact&resourceVersion={rv0}`),
    ],
  },
  {
    name: "a version with a token",
    steps: [
      ...some(),
      save(get(`${MAPS}?limit=2`), next),
      get(`${MAPS}?limit=2&continue={next}&resourceVersion={rv}`),
      get(`${MAPS}?limit=2&continue={next}&resourceVersion=0`),
      get(`${MAPS}?limit=2&continue={next}&resourceVersionMatch=Exact`),
      get(`${MAPS}?limit=2&continue={next}&resourceVersion={rv}&resourceVersionMatch=Exact`),
      get(`${MAPS}?limit=2&continue={next}&resourceVersion={rv}&resourceVersionMatch=NotOlderThan`),
    ],
  },
  {
    name: "options of a list that are none",
    steps: [
      ...some(MAPS, ["a"]),
      ...[
        "limit=x",
        "limit=1.5",
        "timeoutSeconds=x",
        "timeoutSeconds=-1",
        "sendInitialEvents=true",
        "sendInitialEvents=x",
        "watch=x",
        "watch=0",
        "allowWatchBookmarks=x",
        "allowWatchBookmarks=true",
        "limit=",
        "labelSelector=",
        "fieldSelector=",
        "continue=",
        "nope=1",
        "limit=1&limit=2",
        "includeObject=None",
      ]
        .filter((query) => query !== "watch=x").map((query) => get(`${MAPS}?${query}`)),
    ],
  },
]);

const LABELS = [
  "app=even",
  "app==even",
  "app!=even",
  "app in (even)",
  "app in (even,odd)",
  "app notin (even)",
  "app in ()",
  "app notin ()",
  "big",
  "!big",
  "!app",
  "n>1",
  "n<2",
  "n>1,n<4",
  "n>x",
  "big>1",
  "app=even,n!=0",
  "app = even , n != 0",
  "app in ( even , odd ),!big",
  "nobody=",
  "big=",
  "n in (0,,1)",
  "app=even,",
  ",app=even",
  "app=",
  "=even",
  "app===even",
  "app in even",
  "app in (even",
  "app even",
  "!app=even",
  "app!",
  "a/b=c",
  "a/b/c=d",
  "UPPER.example.com/x",
  "x.example.com/y",
  "-a",
  `${"k".repeat(64)}=1`,
  `a=${"v".repeat(64)}`,
  "a=b c",
  "app=ev*n",
  "app in (a b)",
  "n gt 1",
  "n>1.5",
  "n>-1",
  "app=even;n=0",
  "(app)",
  "app=(even)",
  "app in (even)n",
  "notin (a)",
  "in (a)",
  "in",
  "notin",
  "app notin (even,odd),n",
  "\u00fc=1",
  "app=\u00fc",
  "app,app",
  "app=even,app=odd",
];

const FIELDS = [
  "metadata.name=a",
  "metadata.name==a",
  "metadata.name!=a",
  "metadata.namespace={ns}",
  "metadata.namespace!={ns}",
  "metadata.name=a,metadata.namespace={ns}",
  "metadata.name=a,metadata.name=b",
  "metadata.name=",
  "metadata.name!=",
  "metadata.name",
  "metadata.name=a,",
  ",metadata.name=a",
  "=a",
  "metadata.name=a=b",
  "metadata.name=a\\,b",
  "metadata.name=a\\=b",
  "metadata.name=a\\x",
  "metadata.name=a\\",
  "metadata.uid=x",
  "data.a=1",
  "metadata.labels=x",
  "metadata.labels.app=even",
  "nope",
  "metadata.name in (a)",
  "metadata.name>a",
  "metadata.name = a",
  "metadata.name=a b",
];

const SELECTORS: Sequence[] = [
  ...LABELS.map((selector) => ({
    name: `labels ${selector.slice(0, 40)}`,
    steps: [...some(), get(`${MAPS}?labelSelector=${encodeURIComponent(selector)}`)],
  })),
  ...FIELDS.map((selector) => ({
    name: `fields ${selector}`,
    steps: [
      ...some(),
      get(`${MAPS}?fieldSelector=${encodeURIComponent(selector).replace(/%7Bns%7D/g, "{ns}")}`),
    ],
  })),
];

const pod = (name: string, spec: object) => ({
  metadata: { name },
  spec: { containers: [{ name: "main", image: "x" }], ...spec },
});

/** Fields that kinds have beside names: what each is asked for. */
const KINDS: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
  [PODS, [
    post(PODS, pod("a", { nodeName: "node-a", restartPolicy: "Never" })),
    post(PODS, pod("b", { serviceAccountName: "me", schedulerName: "mine", hostNetwork: true })),
    patch(`${PODS}/b/status`, MERGE, {
      status: { phase: "Running", podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }], nominatedNodeName: "n" },
    }),
  ], [
    "spec.nodeName=node-a",
    "spec.nodeName=",
    "spec.nodeName!=node-a",
    "spec.restartPolicy=Never",
    "spec.schedulerName=mine",
    "spec.serviceAccountName=me",
    "spec.hostNetwork=true",
    "spec.hostNetwork=false",
    "status.phase=Running",
    "status.phase!=Running",
    "status.phase=Pending",
    "status.podIP=10.1.2.3",
    "status.podIPs=10.1.2.3",
    "status.nominatedNodeName=n",
    "spec.containers=x",
    "spec.hostname=a",
    "status.hostIP=",
  ]],
  [SECRETS, [
    post(SECRETS, { metadata: { name: "a" }, type: "x.io/y" }),
    post(SECRETS, { metadata: { name: "b" } }),
  ], ["type=Opaque", "type=x.io/y", "type!=Opaque", "data=x", "immutable=true"]],
  [NODES, [
    post(NODES, { metadata: { name: "{ns}", labels: { own: "{ns}" } }, spec: { unschedulable: true } }),
  ], [
    "metadata.name={ns}",
    "spec.unschedulable=true,metadata.name={ns}",
    "spec.unschedulable=false,metadata.name={ns}",
    "metadata.namespace=,metadata.name={ns}",
    "spec.podCIDR=x",
  ]],
  ["/api/v1/namespaces", [], [
    "metadata.name={ns}",
    "metadata.name={ns},status.phase=Active",
    "metadata.name={ns},status.phase!=Active",
    "name={ns}",
    "spec.x=1",
    "metadata.namespace=x,metadata.name={ns}",
  ]],
  ["/api/v1/namespaces/{ns}/services", [
    post("/api/v1/namespaces/{ns}/services", {
      metadata: { name: "a" },
      spec: { clusterIP: "None", ports: [{ port: 80 }] },
    }),
    post("/api/v1/namespaces/{ns}/services", {
      metadata: { name: "b" },
      spec: { type: "ExternalName", externalName: "x.example.com" },
    }),
  ], ["spec.clusterIP=None", "spec.type=ExternalName", "spec.type=ClusterIP", "spec.selector=x"]],
  ["/api/v1/namespaces/{ns}/replicationcontrollers", [
    post("/api/v1/namespaces/{ns}/replicationcontrollers", {
      metadata: { name: "a" },
      spec: {
        selector: labels,
        template: { metadata: { labels }, spec: { containers: [{ name: "m", image: "x" }] } },
      },
    }),
  ], ["status.replicas=0", "status.replicas=1", "status.replicas!=1", "spec.replicas=1"]],
  ["/apis/batch/v1/namespaces/{ns}/jobs", [], [
    "status.successful=0",
    "status.successful!=1",
    "metadata.name=a",
    "status.succeeded=0",
  ]],
  ["/api/v1/namespaces/{ns}/events", [
    post("/api/v1/namespaces/{ns}/events", {
      metadata: { name: "a" },
      involvedObject: {
        kind: "Pod",
        namespace: "{ns}",
        name: "p",
        uid: "u",
        apiVersion: "v1",
        resourceVersion: "7",
        fieldPath: "spec",
      },
      reason: "Started",
      type: "Normal",
      source: { component: "kubelet" },
    }),
    post("/api/v1/namespaces/{ns}/events", {
      metadata: { name: "b" },
      involvedObject: { kind: "Node", namespace: "{ns}", name: "n" },
      reason: "Failed",
      type: "Warning",
      reportingComponent: "me",
    }),
  ], [
    "involvedObject.kind=Pod",
    "involvedObject.namespace={ns}",
    "involvedObject.name=p",
    "involvedObject.uid=u",
    "involvedObject.apiVersion=v1",
    "involvedObject.resourceVersion=7",
    "involvedObject.fieldPath=spec",
    "reason=Failed",
    "reportingComponent=me",
    "reportingComponent=",
    "source=kubelet",
    "source=me",
    "type=Warning",
    "type!=Warning",
    "message=x",
    "regarding.kind=Pod",
  ]],
  ["/apis/events.k8s.io/v1/namespaces/{ns}/events", [
    post("/api/v1/namespaces/{ns}/events", {
      metadata: { name: "a" },
      involvedObject: { kind: "Pod", namespace: "{ns}", name: "p" },
      reason: "Started",
      type: "Normal",
      source: { component: "kubelet" },
    }),
  ], [
    "regarding.kind=Pod",
    "regarding.name=p",
    "reason=Started",
    "reportingController=kubelet",
    "reportingController=",
    "type=Normal",
    "involvedObject.kind=Pod",
  ]],
  ["/apis/apps/v1/namespaces/{ns}/deployments", [], [
    "metadata.name=a",
    "metadata.namespace={ns}",
    "status.replicas=1",
    "spec.replicas=1",
  ]],
  ["/apis/apps/v1/namespaces/{ns}/replicasets", [], [
    "metadata.name=a",
    "status.replicas=0",
    "spec.replicas=1",
  ]],
  ["/apis/certificates.k8s.io/v1/certificatesigningrequests", [], [
    "metadata.name={ns}",
    "spec.signerName=x.io/{ns}",
    "spec.username=x",
  ]],
  ["/apis/rbac.authorization.k8s.io/v1/clusterroles", [], [
    "metadata.name={ns}",
    "metadata.namespace={ns}",
    "rules=x",
  ]],
  ["/apis/apiextensions.k8s.io/v1/customresourcedefinitions", [], [
    "metadata.name={ns}",
    "metadata.namespace={ns}",
    "spec.group=x",
  ]],
  ["/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", [], ["metadata.name=a", "spec.holderIdentity=x"]],
  ["/apis/networking.k8s.io/v1/ingressclasses", [], [
    "metadata.name={ns}",
    "metadata.namespace={ns}",
    "spec.controller=x",
  ]],
  ["/apis/storage.k8s.io/v1/storageclasses", [], ["metadata.name={ns}", "provisioner=x"]],
  ["/api/v1/persistentvolumes", [], ["metadata.name={ns}", "metadata.namespace=x", "name={ns}", "spec.x=1"]],
  ["/api/v1/namespaces/{ns}/persistentvolumeclaims", [], ["metadata.name=a", "name=a", "spec.x=1"]],
];

const KIND_FIELDS: Sequence[] = KINDS.map(([path, steps, fields]) => ({
  name: `fields of ${path.replace("/namespaces/{ns}", "")}`,
  steps: [
    ...steps,
    ...fields.map((field) =>
      get(`${path}?fieldSelector=${encodeURIComponent(field).replace(/%7Bns%7D/g, "{ns}")}`)
    ),
  ],
}));

/** All of them. */
export const LISTS: readonly Sequence[] = [...PAGES, ...VERSIONS, ...SELECTORS, ...KIND_FIELDS];
