// Sequences of requests: watches.
import type { Sequence, Step } from "./conformance.ts";
import {
  A,
  app,
  APPS,
  collect,
  defined,
  DEFINITIONS,
  get,
  map,
  MAPS,
  MERGE,
  patch,
  PODS,
  post,
  put,
  remove,
  save,
  watch,
} from "./conformance_steps.ts";

const SECRETS = "/api/v1/namespaces/{ns}/secrets";
const end: Step = post(MAPS, map({}, { name: "end", labels: { app: "web", in: "yes" } }));
const before: Step[] = [
  post(MAPS, map({ a: "1" })),
  save(post(MAPS, map({ b: "1" }, { name: "b", labels: { in: "yes" } })), { rv: "metadata.resourceVersion" }),
  get(MAPS), // from here on the cache of a real server has seen all this
];
const changes: Step[] = [
  patch(A, MERGE, { data: { a: "2" } }),
  post(MAPS, map({ c: "1" }, { name: "c", labels: { in: "yes" } })),
  remove(`${MAPS}/b`),
  patch(A, MERGE, { metadata: { labels: { in: "yes" } } }),
  patch(A, MERGE, { data: { a: "3" } }),
  patch(`${MAPS}/c`, MERGE, { metadata: { labels: { in: "no" } } }),
  remove(`${MAPS}/c`),
  post(MAPS, map({ c: "2" }, { name: "c" })),
];

const STARTS: Sequence[] = ["", "resourceVersion=0", "resourceVersion={rv}"].flatMap((start) =>
  [
    "",
    "labelSelector=in%3Dyes",
    "labelSelector=in!%3Dyes",
    "fieldSelector=metadata.name%20in",
    "fieldSelector=metadata.name!%3Da",
    "allowWatchBookmarks=true",
  ]
    .filter((more) => !more.includes("%20in")).map((more) => ({
      name: `a watch from ${start || "now"}${more && `, ${decodeURIComponent(more)}`}`,
      steps: [
        ...before,
        watch(`${MAPS}?${[start, more].filter(Boolean).join("&")}`),
        ...changes,
        more === "labelSelector=in!%3Dyes" ? post(MAPS, map({}, { name: "end" })) : end,
        collect(),
      ],
    }))
);

const INITIAL: Sequence[] = [
  "",
  "&resourceVersion=0",
  "&resourceVersion={rv}",
  "&resourceVersion=x",
  "&resourceVersion=99999999",
].flatMap((start) =>
  ["", "&allowWatchBookmarks=true"].flatMap((bookmarks) =>
    [true, false].map((initial) => ({
      name: `initial events ${initial}${start}${bookmarks}`,
      steps: start.includes("9999")
        ? [
          get(
            `${MAPS}?watch=true&timeoutSeconds=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=${initial}${start}${bookmarks}`,
          ),
        ]
        : [
          ...before,
          ...(start.includes("x")
            ? [
              get(
                `${MAPS}?watch=true&timeoutSeconds=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=${initial}${start}${bookmarks}`,
              ),
            ]
            : [
              watch(
                `${MAPS}?resourceVersionMatch=NotOlderThan&sendInitialEvents=${initial}${start}${bookmarks}`,
              ),
              patch(A, MERGE, { data: { a: "2" } }),
              end,
              collect(),
            ]),
        ],
    }))
  )
);

const REFUSED: Sequence[] = [
  "sendInitialEvents=true",
  "sendInitialEvents=true&resourceVersionMatch=Exact",
  "resourceVersionMatch=NotOlderThan",
  "resourceVersionMatch=Exact",
  "resourceVersionMatch=Nope",
  "continue=x",
  "resourceVersion=x",
  "resourceVersion=-1",
  "labelSelector=a%20b",
  "fieldSelector=nope%3D1",
  "limit=1",
  "limit=x",
  "timeoutSeconds=x",
  "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x",
].map((query) => ({
  name: `a watch that asks for ${query}`,
  steps: [post(MAPS, map()), { ...get(`${MAPS}?watch=true&timeoutSeconds=1&${query}`) }],
}));

const OTHERS: Sequence[] = [
  {
    name: "a watch ends after its time",
    steps: [
      post(MAPS, map()),
      get(`${MAPS}?watch=1&timeoutSeconds=1`),
      get(`${MAPS}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`),
    ],
  },
  {
    name: "a watch of one object by its path",
    steps: [post(MAPS, map()), get(`${A}?watch=true&timeoutSeconds=1`)],
  },
  {
    name: "the old paths of watches",
    steps: [
      post(MAPS, map()),
      { ...get("/api/v1/watch/namespaces/{ns}/configmaps?timeoutSeconds=1&watch=true") },
      { ...get("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1&watch=true") },
      { ...get("/api/v1/watch/namespaces/{ns}?timeoutSeconds=1&watch=true") },
      { ...get("/apis/apps/v1/watch/namespaces/{ns}/deployments?timeoutSeconds=1&watch=true") },
      { ...get("/api/v1/watch/nope?timeoutSeconds=1&watch=true") },
    ],
  },
  {
    name: "a watch by name",
    steps: [
      ...before,
      watch(`${MAPS}?fieldSelector=metadata.name%3Da`),
      ...changes,
      remove(A),
      post(MAPS, map({ end: "1" })),
      collect(/"end":"1"/),
    ],
  },
  {
    name: "a watch across namespaces",
    steps: [
      ...before,
      watch(`/api/v1/configmaps?fieldSelector=metadata.namespace%3D{ns}`),
      ...changes,
      end,
      collect(),
    ],
  },
  {
    name: "a watch of secrets, which have no cache",
    steps: [
      save(post(SECRETS, { metadata: { name: "a" } }), { rv: "metadata.resourceVersion" }),
      post(SECRETS, { metadata: { name: "b" }, stringData: { x: "1" } }),
      watch(`${SECRETS}?resourceVersion={rv}&labelSelector=in!%3Dno`),
      patch(`${SECRETS}/a`, MERGE, { metadata: { labels: { in: "no" } } }),
      patch(`${SECRETS}/a`, MERGE, { metadata: { labels: { in: "yes" } } }),
      remove(`${SECRETS}/b`),
      post(SECRETS, { metadata: { name: "end" } }),
      collect(),
    ],
  },
  {
    name: "a watch of what has finalizers",
    steps: [
      post(MAPS, map({}, { finalizers: ["x.io/a"] })),
      watch(MAPS),
      remove(A),
      patch(A, MERGE, { data: { x: "1" } }),
      patch(A, MERGE, { metadata: { finalizers: null } }),
      end,
      collect(),
    ],
  },
  {
    name: "a watch of a pod that ends",
    steps: [
      post(PODS, {
        metadata: { name: "a" },
        spec: { nodeName: "node-a", containers: [{ name: "m", image: "x" }] },
      }),
      watch(`${PODS}?fieldSelector=status.phase%3DPending`),
      remove(`${PODS}/a`),
      patch(`${PODS}/a/status`, MERGE, { status: { phase: "Failed" } }),
      remove(`${PODS}/a`, { gracePeriodSeconds: 0 }),
      post(PODS, { metadata: { name: "end" }, spec: { containers: [{ name: "m", image: "x" }] } }),
      collect(),
    ],
  },
  {
    name: "a watch sees nothing of dry runs, and of what changes nothing",
    steps: [
      post(MAPS, map({ a: "1" })),
      watch(MAPS),
      patch(`${A}?dryRun=All`, MERGE, { data: { a: "2" } }),
      patch(A, MERGE, { data: { a: "1" } }),
      put(A, map({ a: "1" })),
      post(`${MAPS}?dryRun=All`, map({}, { name: "b" })),
      remove(`${A}?dryRun=All`),
      end,
      collect(),
    ],
  },
  {
    name: "a watch of a collection that is deleted",
    steps: [
      ...["a", "b", "c"].map((name) => post(MAPS, map({}, { name }))),
      watch(MAPS),
      remove(`${MAPS}?labelSelector=in!%3Dyes`),
      end,
      collect(),
    ],
  },
  {
    name: "a watch of metadata alone",
    steps: [
      ...before,
      {
        ...watch(`${MAPS}?resourceVersion={rv}&allowWatchBookmarks=true`),
        accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
      },
      ...changes,
      end,
      collect(),
    ],
  },
  {
    name: "a watch of tables",
    steps: [
      ...before,
      { ...watch(`${MAPS}?resourceVersion={rv}`), accept: "application/json;as=Table;g=meta.k8s.io;v=v1" },
      patch(A, MERGE, { data: { a: "2", b: "3" } }),
      end,
      collect(),
    ],
  },
  {
    name: "initial events of metadata alone",
    steps: [
      ...before,
      {
        ...watch(`${MAPS}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`),
        accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
      },
      end,
      collect(),
    ],
  },
  {
    name: "a watch of custom resources",
    steps: [
      ...defined(),
      watch(`${APPS}?allowWatchBookmarks=true`),
      post(APPS, app({ size: 1 })),
      patch(`${APPS}/a`, MERGE, { spec: { size: 2 } }),
      patch(`${APPS}/a/status`, MERGE, { status: { ready: 1 } }),
      remove(`${APPS}/a`),
      post(APPS, app({ size: 1 }, { metadata: { name: "end" } })),
      collect(),
      watch(
        `${APPS}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
        "second",
      ),
      post(APPS, app({ size: 1 }, { metadata: { name: "last" } })),
      collect(/"name":"last"/, "second"),
    ],
  },
  {
    name: "a watch sees a definition go",
    steps: [
      ...defined(),
      post(APPS, app({ size: 1 })),
      watch(`${DEFINITIONS}?fieldSelector=metadata.name%3Dwebapps.{ns}.example.com`),
      remove(`${DEFINITIONS}/webapps.{ns}.example.com`),
      collect(/"type":"DELETED"/),
    ],
  },
];

/** All of them. */
export const WATCHES: readonly Sequence[] = [...STARTS, ...INITIAL, ...REFUSED, ...OTHERS];
