// Sequences of requests made up from a seed.
import { seededRandom } from "../../testing/seeded_random.ts";
import type { Sequence, Step } from "./conformance.ts";
import {
  A,
  apply,
  containers,
  D,
  deployment,
  DEPLOYMENTS,
  get,
  map,
  MAPS,
  MERGE,
  patch,
  post,
  put,
  STRATEGIC,
} from "./conformance_steps.ts";

/** Random requests of three managers to one object; the same seed gives the same ones. */
export function generatedApply(seed: number): Sequence {
  const random = seededRandom(seed);
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)];
  const chance = (probability: number): boolean => random() < probability;
  const some = (keys: readonly string[]) =>
    Object.fromEntries(keys.filter(() => chance(0.5)).map((key) => [key, pick("1", "2")]));
  const isMap = chance(0.5);
  const path = isMap ? A : D;
  const object = (): object => {
    const metadata = {
      ...(chance(0.4) && { labels: some(["x", "y"]) }),
      ...(chance(0.2) && { annotations: some(["x", "y"]) }),
      ...(chance(0.2) && { finalizers: ["x.io/a", "x.io/b"].filter(() => chance(0.6)) }),
    };
    if (isMap) return map(some(["a", "b", "c"]), metadata);
    const list = ["main", ...["s", "t"].filter(() => chance(0.4))].map((name) => ({
      name,
      image: pick("web:1", "web:2", "web"),
      ...(chance(0.4) &&
        { env: ["A", "B"].filter(() => chance(0.6)).map((name) => ({ name, value: pick("1", "2") })) }),
      ...(chance(0.4) && { args: pick(["1"], ["1", "2"]) }),
      ...(name === "main" && chance(0.5) &&
        { ports: [80, 81].filter(() => chance(0.6)).map((containerPort) => ({ containerPort })) }),
      ...(chance(0.2) && { readinessProbe: { httpGet: { port: 80 } } }),
    }));
    const whole = deployment(
      { ...(chance(0.5) && { replicas: pick(1, 2, 3) }) },
      {
        containers: list,
        ...(chance(0.2) && { nodeSelector: some(["x", "y"]) }),
        ...(chance(0.2) && { volumes: [{ name: "v", configMap: { name: pick("c", "d") } }] }),
      },
    );
    return { ...whole, metadata: { ...metadata, name: "a" } };
  };
  const steps = Array.from({ length: 3 + Math.floor(random() * 5) }, (_, index): Step => {
    const manager = pick("one", "two", "three");
    const kind = index === 0
      ? pick("apply", "create")
      : pick("apply", "apply", "merge", "strategic", "put", "status");
    const query = `?fieldManager=${manager}`;
    switch (kind) {
      case "create":
        return post((isMap ? MAPS : DEPLOYMENTS) + query, object());
      case "put":
        return put(path + query, object());
      case "merge":
        return patch(
          path + query,
          MERGE,
          isMap ? { data: { a: pick(null, "1", "3") } } : { spec: { replicas: pick(1, 4) } },
        );
      case "strategic":
        return patch(
          path + query,
          STRATEGIC,
          isMap
            ? { data: { b: pick(null, "1", "3") }, metadata: { finalizers: pick([], ["x.io/c"]) } }
            : containers({ name: pick("main", "s"), image: pick("web:3", "web:1") }),
        );
      case "status":
        return isMap ? apply(path, manager, object()) : patch(`${path}/status${query}`, MERGE, {
          status: { replicas: pick(1, 2), readyReplicas: pick(null, 1) },
        });
      default:
        return apply(path, manager, object(), chance(0.4) ? "&force=true" : "");
    }
  });
  return { name: `generated from ${seed}`, steps: [...steps, get(path)] };
}
