// More sequences of requests made up from seeds: the same seed gives the same ones.
import { seededRandom } from "../../testing/seeded_random.ts";
import type { RequestStep, Sequence, Step } from "./conformance.ts";
import {
  app,
  apply,
  APPS,
  collect,
  D,
  defined,
  deployment,
  DEPLOYMENTS,
  get,
  JSON_PATCH,
  map,
  MAPS,
  MERGE,
  patch,
  PODS,
  post,
  put,
  remove,
  save,
  STRATEGIC,
  watch,
} from "./conformance_steps.ts";

const SERVICES = "/api/v1/namespaces/{ns}/services";

/** What chance decides. */
class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  pick<const T extends readonly unknown[]>(...values: T): T[number] {
    return values[Math.floor(this.#random() * values.length)];
  }

  is(probability: number): boolean {
    return this.#random() < probability;
  }

  some<T>(values: readonly T[], probability = 0.5): T[] {
    return values.filter(() => this.is(probability));
  }

  upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }

  /** Some of the fields, each with what its function gives. */
  fields(fields: Readonly<Record<string, () => unknown>>, probability = 0.4): object {
    return Object.fromEntries(
      Object.entries(fields).filter(() => this.is(probability)).map(([name, value]) => [name, value()]),
    );
  }
}

/** Objects come, change and go, while two watches look on; then they are listed in pages. */
export function generatedStorage(seed: number): Sequence {
  const chance = new Chance(seed * 7919);
  const names = ["a", "b", "c", "d"];
  const metadata = (name: string) => ({
    name,
    ...chance.fields({
      labels: () => ({ app: chance.pick("x", "y"), ...(chance.is(0.3) && { tier: chance.pick("1", "2") }) }),
      finalizers: () => chance.some(["x.io/a", "x.io/b"]),
      annotations: () => ({ note: chance.pick("1", "2") }),
    }, 0.5),
  });
  const object = (name: string) => map({ v: chance.pick("1", "2", "3") }, metadata(name));
  const selector = () =>
    chance.pick(
      "labelSelector=app%3Dx",
      "labelSelector=app!%3Dx",
      "labelSelector=tier",
      "labelSelector=!tier",
      "labelSelector=app%20in%20(x,y)",
      "fieldSelector=metadata.name!%3Da",
      "fieldSelector=metadata.name%3Da",
    );
  const step = (): RequestStep => {
    const name = chance.pick(...names);
    const path = `${MAPS}/${name}`;
    const dry = chance.is(0.1) ? "?dryRun=All" : "";
    switch (
      chance.pick(
        "create",
        "create",
        "create",
        "put",
        "merge",
        "merge",
        "labels",
        "finalizers",
        "delete",
        "delete",
        "collection",
        "get",
        "list",
      )
    ) {
      case "create":
        return save(post(MAPS + dry, object(name)), { rv: "metadata.resourceVersion" });
      case "put":
        return put(path + dry, {
          ...object(name),
          ...(chance.is(0.3) && { metadata: { ...metadata(name), resourceVersion: "{rv}" } }),
        });
      case "merge":
        return patch(path + dry, MERGE, {
          data: { v: chance.pick("1", "2", null), w: chance.pick("1", null) },
        });
      case "labels":
        return patch(path, MERGE, {
          metadata: {
            labels: chance.pick(
              { app: "x" },
              { app: "y" },
              { app: null },
              { tier: "1" },
              { tier: null },
              null,
            ),
          },
        });
      case "finalizers":
        return patch(path, MERGE, {
          metadata: { finalizers: chance.pick(null, [], ["x.io/a"], ["x.io/b"]) },
        });
      case "delete":
        return remove(
          path + dry,
          chance.pick(undefined, {}, { propagationPolicy: "Orphan" }, { propagationPolicy: "Background" }, {
            propagationPolicy: "Foreground",
          }, { preconditions: { resourceVersion: "{rv}" } }),
        );
      case "collection":
        return remove(`${MAPS}?${selector()}`);
      case "get":
        return get(path);
      default:
        return get(`${MAPS}?${selector()}`);
    }
  };
  const first = selector();
  return {
    name: `objects that come and go, ${seed}`,
    steps: [
      ...chance.some(names).map((name) => save(post(MAPS, object(name)), { rv: "metadata.resourceVersion" })),
      get(MAPS), // from here on the cache of a real server has seen all this
      watch(`${MAPS}?allowWatchBookmarks=true`, "all"),
      watch(`${MAPS}?resourceVersion=0&${first}`, "some"),
      ...Array.from({ length: 6 + chance.upTo(8) }, step),
      save(get(`${MAPS}?limit=2`), { next: "metadata.continue" }),
      get(`${MAPS}?limit=2&continue={next}`),
      // What both watches see at the end, whatever they select.
      post(
        MAPS,
        map({ last: "yes" }, {
          name: "end",
          labels: first.includes("app!")
            ? { app: "z" }
            : { app: "x", ...(first.includes("=tier") && { tier: "1" }) },
        }),
      ),
      collect(/"name":"end"/, "all"),
      ...(first === "fieldSelector=metadata.name%3Da" ? [] : [collect(/"name":"end"/, "some")]),
    ] as Step[],
  };
}

/** Several managers apply and change objects of one kind. */
export function generatedManagers(seed: number): Sequence {
  const chance = new Chance(seed * 104729);
  const kind = chance.pick("service", "pod", "custom", "map");
  const common = () => ({
    name: "a",
    ...chance.fields({
      labels: () => Object.fromEntries(chance.some(["x", "y"]).map((key) => [key, chance.pick("1", "2")])),
    }, 0.4),
  });
  const objects: Readonly<Record<string, () => object>> = {
    service: () => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: common(),
      spec: {
        ports: [80, 81, 82].filter((port) => port === 80 || chance.is(0.4)).map((port) => ({
          name: `p${port}`,
          port,
          ...chance.fields({
            protocol: () => chance.pick("TCP", "UDP"),
            targetPort: () => chance.pick(8080, "http"),
          }),
        })),
        ...chance.fields({
          selector: () => ({ app: chance.pick("x", "y") }),
          publishNotReadyAddresses: () => chance.pick(true, false),
          sessionAffinity: () => "None",
        }),
      },
    }),
    pod: () => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: common(),
      spec: {
        containers: [{ name: "main", image: chance.pick("x:1", "x:1", "x:2") }],
      },
    }),
    custom: () =>
      app({
        size: chance.pick(1, 2),
        ...chance.fields({
          color: () => chance.pick("red", "blue"),
          ports: () =>
            chance.some([1, 2, 3]).map((n) => ({
              n,
              ...chance.fields({ protocol: () => chance.pick("TCP", "UDP") }),
            })),
          set: () => chance.some(["a", "b", "c"]),
          whole: () => ({ a: chance.pick("1", "2") }),
          any: () => ({
            x: chance.pick(1, "y", [1, 2], { z: 1 }, null),
            ...chance.fields({ y: () => ({ z: chance.pick(1, 2) }) }),
          }),
          map: () => Object.fromEntries(chance.some(["a", "b"]).map((key) => [key, chance.pick(1, 2)])),
          deep: () => chance.fields({ x: () => chance.pick(1, 2) }),
          list: () => chance.pick(["a"], ["a", "b"]),
          none: () => chance.pick(null, "x"),
          either: () => chance.pick(1, "50%"),
        }),
      }, { metadata: common() }),
    map: () =>
      map(Object.fromEntries(chance.some(["a", "b", "c"]).map((key) => [key, chance.pick("1", "2")])), {
        ...common(),
        ...chance.fields({ finalizers: () => chance.some(["x.io/a", "x.io/b"]) }, 0.2),
      }),
  };
  const collection = { service: SERVICES, pod: PODS, custom: APPS, map: MAPS }[kind]!;
  const path = `${collection}/a`;
  const object = objects[kind];
  const isCustom = kind === "custom";
  const steps = Array.from({ length: 4 + chance.upTo(6) }, (_, index): Step => {
    const manager = chance.pick("one", "two", "three");
    const query = `?fieldManager=${manager}`;
    switch (
      index === 0
        ? chance.pick("apply", "create")
        : chance.pick("apply", "apply", "apply", "force", "force", "merge", "put", "reset", "status")
    ) {
      case "create":
        return post(collection + query, object());
      case "force":
        return apply(path, manager, object(), "&force=true");
      case "merge":
        return patch(path + query, MERGE, {
          metadata: { labels: { x: chance.pick("1", "3", null) } },
          ...(isCustom && { spec: { size: chance.pick(1, 3), set: chance.pick(["a"], null) } }),
        });
      case "put":
        return isCustom ? get(path) : put(path + query, object());
      case "reset":
        return patch(path + query, MERGE, { metadata: { managedFields: chance.pick([{}], [], [{}]) } });
      case "status":
        return isCustom
          ? apply(
            `${path}/status`,
            manager,
            app(undefined, { status: { ready: chance.pick(1, 2) } }),
            chance.pick("", "&force=true"),
          )
          : apply(path, manager, object(), "&dryRun=All");
      default:
        return apply(path, manager, object());
    }
  });
  return {
    name: `managers of a ${kind}, ${seed}`,
    steps: [...(isCustom ? defined() : []), ...steps, get(path)],
  };
}

/** A deployment is patched in all ways. */
export function generatedPatches(seed: number): Sequence {
  const chance = new Chance(seed * 15485863);
  const name = () => chance.pick("a", "b", "c");
  const port = () => ({
    containerPort: chance.pick(80, 81),
    ...chance.fields({ protocol: () => chance.pick("TCP", "UDP"), name: () => chance.pick("p", "q") }, 0.3),
  });
  const env = () => ({ name: chance.pick("A", "B", "C"), value: chance.pick("1", "2") });
  const container = () => ({
    name: name(),
    image: chance.pick("x", "y:1"),
    ...chance.fields({
      env: () => [env()],
      ports: () => [port()],
      args: () => chance.pick(["1"], ["1", "2"]),
    }, 0.3),
  });
  const inPod = (spec: object) => ({ spec: { template: { spec } } });
  const strategic = (): unknown =>
    chance.pick(
      () => inPod({ containers: [container()] }),
      () => inPod({ containers: [{ name: name(), $patch: "delete" }] }),
      () =>
        inPod({
          containers: [{ name: "a", env: [env(), { name: chance.pick("A", "B"), $patch: "delete" }] }],
        }),
      () =>
        inPod({
          "$setElementOrder/containers": [{ name: "b" }, { name: "a" }],
          containers: [{ name: "b", image: "z" }],
        }),
      () => inPod({ containers: [{ $patch: "replace" }, container()] }),
      () =>
        inPod({
          tolerations: chance.some([{ key: "a", operator: "Exists" }, { key: "b", operator: "Exists" }]),
        }),
      () => inPod({ volumes: [{ name: "v", $retainKeys: ["name", "emptyDir"], emptyDir: {} }] }),
      () => ({
        metadata: {
          labels: chance.pick({ a: "1" }, { $patch: "replace", b: "1" }, { a: null }),
          finalizers: chance.pick(["x.io/a"], ["x.io/b"], null),
        },
      }),
      () => ({ metadata: { "$deleteFromPrimitiveList/finalizers": [chance.pick("x.io/a", "x.io/b")] } }),
      () => ({
        spec: {
          replicas: chance.pick(1, 2, null),
          strategy: chance.pick(null, { $retainKeys: ["type"], type: "Recreate" }, { type: "RollingUpdate" }),
        },
      }),
    )();
  const operation = (): object => {
    const at = chance.pick(
      "/spec/replicas",
      "/metadata/labels",
      "/metadata/labels/a",
      "/spec/template/spec/containers/0/image",
      "/spec/template/spec/containers/-",
      "/spec/template/spec/containers/1",
      "/spec/paused",
      "/metadata/finalizers/0",
      "/spec/nope/x",
    );
    const value = at.endsWith("replicas")
      ? chance.pick(1, 3)
      : at.endsWith("labels")
      ? { a: "1" }
      : at.endsWith("paused")
      ? true
      : /containers\/(-|1)$/.test(at)
      ? container()
      : chance.pick("x", "y");
    return { op: chance.pick("add", "add", "replace", "remove", "test"), path: at, ...{ value } };
  };
  const step = (): Step => {
    const query = `?fieldManager=${chance.pick("one", "two")}`;
    switch (chance.pick("strategic", "strategic", "json", "merge", "apply")) {
      case "strategic":
        return patch(D + query, STRATEGIC, strategic());
      case "json":
        return patch(D + query, JSON_PATCH, Array.from({ length: 1 + chance.upTo(2) }, operation));
      case "merge":
        return patch(
          D + query,
          MERGE,
          chance.pick({ spec: { replicas: chance.pick(1, null) } }, {
            metadata: { labels: { a: chance.pick("1", null) } },
          }, inPod({ containers: [container()] })),
        );
      default:
        return apply(
          D,
          "one",
          { ...deployment({}, { containers: [{ name: "a", image: "x" }] }) },
          chance.pick("", "&force=true"),
        );
    }
  };
  return {
    name: `patches of a deployment, ${seed}`,
    steps: [
      post(DEPLOYMENTS, {
        ...deployment({}, {
          containers: [{ name: "a", image: "x", env: [env()] }, { name: "b", image: "y", ports: [port()] }],
        }),
        metadata: { name: "a", labels: { a: "0" }, finalizers: ["x.io/a"] },
      }),
      ...Array.from({ length: 5 + chance.upTo(4) }, step),
      get(D),
    ],
  };
}

/** A schema, as far as values are made of it. */
interface Schema {
  readonly [extension: `x-kubernetes-${string}`]: boolean;
  readonly type?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
}

/** A definition with a schema by chance, and objects that may be of it. */
export function generatedSchema(seed: number): Sequence {
  const chance = new Chance(seed * 32452843);
  const schema = (depth: number): Schema => {
    const nullable = chance.is(0.15) ? { nullable: true } : {};
    switch (
      chance.pick(
        "string",
        "integer",
        "boolean",
        "number",
        ...(depth > 0 ? ["object", "object", "array", "map", "free", "either"] : []),
      )
    ) {
      case "string":
        return {
          type: "string",
          ...nullable,
          ...chance.fields({
            minLength: () => 1,
            maxLength: () => 3,
            pattern: () => "^[a-c]*$",
            enum: () => ["a", "bb"],
            default: () => "a",
          }, 0.2),
        };
      case "integer":
        return {
          type: "integer",
          ...nullable,
          ...chance.fields(
            { minimum: () => 1, maximum: () => 3, multipleOf: () => 2, default: () => 2 },
            0.2,
          ),
        };
      case "boolean":
        return { type: "boolean", ...nullable, ...chance.fields({ default: () => true }, 0.2) };
      case "number":
        return { type: "number", ...nullable, ...chance.fields({ minimum: () => 0.5 }, 0.2) };
      case "object": {
        const properties = Object.fromEntries(
          chance.some(["p", "q", "r"], 0.7).map((key) => [key, schema(depth - 1)]),
        );
        if (Object.keys(properties).length === 0) {
          return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
        }
        return {
          type: "object",
          ...nullable,
          properties,
          ...(chance.is(0.3) && { required: [Object.keys(properties)[0]] }),
          ...(chance.is(0.2) && { "x-kubernetes-preserve-unknown-fields": true }),
        };
      }
      case "array":
        return {
          type: "array",
          items: schema(depth - 1),
          ...chance.fields({ minItems: () => 1, maxItems: () => 2 }, 0.2),
        };
      case "map":
        return {
          type: "object",
          additionalProperties: schema(depth - 1),
          ...chance.fields({ minProperties: () => 1, maxProperties: () => 1 }, 0.2),
        };
      case "either":
        return { "x-kubernetes-int-or-string": true };
      default:
        return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    }
  };
  const value = (depth: number): unknown =>
    chance.pick(
      () => chance.pick("a", "bb", "abcd", "z", ""),
      () => chance.pick(0, 1, 2, 4),
      () => chance.pick(true, false),
      () => null,
      () => 1.5,
      ...(depth > 0
        ? [
          () => Object.fromEntries(chance.some(["p", "q", "r", "s"]).map((key) => [key, value(depth - 1)])),
          () => Object.fromEntries(chance.some(["p", "q"], 0.8).map((key) => [key, value(depth - 1)])),
          () => Array.from({ length: chance.upTo(3) }, () => value(depth - 1)),
        ]
        : []),
    )();
  /** A value that is mostly of the schema, without fields that it does not have: those are told in any order. */
  const fitting = (one: Schema): unknown => {
    if (chance.is(0.05)) return chance.pick("a", 1, true);
    switch (one.type) {
      case "string":
        return chance.pick("a", "bb");
      case "integer":
        return chance.pick(1, 2);
      case "number":
        return chance.pick(1.5, 2);
      case "boolean":
        return chance.pick(true, false);
      case "array":
        return Array.from({ length: chance.upTo(2) }, () => fitting(one.items!));
      case "object":
        if (one.additionalProperties !== undefined) {
          return chance.fields({
            p: () => fitting(one.additionalProperties!),
            q: () => fitting(one.additionalProperties!),
          });
        }
        return chance.fields(
          Object.fromEntries(
            Object.entries(one.properties ?? {}).map(([key, below]) => [key, () => fitting(below)]),
          ),
          0.7,
        );
      default:
        return chance.pick(1, "50%");
    }
  };
  const properties = { x: schema(2), y: schema(2), z: schema(1) };
  const spec = () =>
    chance.fields({ x: () => value(2), y: () => value(2), z: () => value(1), other: () => 1 }, 0.6);
  return {
    name: `objects of a schema, ${seed}`,
    steps: [
      ...defined([{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } } },
      }]),
      post(APPS, app({}, { metadata: { name: "b" } })),
      ...Array.from(
        { length: 12 },
        (_, index) => post(APPS, app(spec(), { metadata: { name: `c${index}` } })),
      ),
      ...Array.from({ length: 4 }, () => patch(`${APPS}/b`, MERGE, { spec: spec() })),
      ...Array.from({ length: 3 }, () => {
        const fields = Object.fromEntries(
          Object.entries(properties).map(([key, one]) => [key, () => fitting(one)]),
        );
        const applied = app(chance.fields(fields, 0.6), { metadata: { name: "b" } });
        return apply(`${APPS}/b`, chance.pick("one", "two"), applied, chance.pick("", "&force=true"));
      }),
      get(`${APPS}/b`),
    ],
  };
}
