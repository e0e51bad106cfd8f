import assert from "node:assert/strict";
import { it } from "node:test";
import type {
  ApplyConfiguration,
  Atomic,
  Guarantees,
  KubernetesObject,
  MapList,
  Stored,
} from "@coxswain/kube/meta";

interface WebApp extends KubernetesObject, Guarantees<"spec" | "status", "Namespaced"> {
  apiVersion?: "example.com/v1";
  kind?: "WebApp";
  spec?: WebAppSpec;
  status?: { ready?: boolean };
}
interface WebAppSpec {
  containers: MapList<Container, "name">;
  selector?: Atomic<Reference>;
  reference?: Reference | null;
  references?: Record<string, Reference>;
  labels?: Record<string, string>;
  raw?: unknown;
  open?: { known: string; [field: string]: unknown };
}
interface Container {
  name: string;
  image?: string;
  args?: string[];
  ports?: MapList<{ containerPort: number; protocol?: string }, "containerPort">;
  sources?: Reference[];
}
interface Reference {
  name: string;
  key: string;
}

/** Never called: the type checker reads it, and each line that must not compile says so. */
export function lists(spec: WebAppSpec, plain: Container[]): void {
  spec.containers = plain; // any array of such items will do
  spec.containers = [...spec.containers, { name: "side" }];
  spec.containers.push({ name: "side" });
  const names: string[] = spec.containers.map(({ name }) => name);
  const first: Container = spec.containers[0];
  // @ts-expect-error: no such field
  spec.containers = [{ name: "main", imag: "nginx" }];
  // @ts-expect-error: a name is needed
  spec.containers = [{ image: "nginx" }];
  assert.ok(names.length > 0 && first);
}

/** As {@linkcode lists}. (spec rest 22.2: every field is optional; merge keys are needed by the server) */
export function applied(whole: WebApp): ApplyConfiguration<WebApp>[] {
  const labels: Record<string, string> | undefined = applied(whole)[0].spec?.labels;
  assert.ok(labels);
  return [
    whole,
    {},
    { spec: { containers: [{ name: "main", args: ["-v"], ports: [{ containerPort: 80 }] }] } },
    { spec: { reference: { name: "a" }, references: { a: { key: "b" } }, raw: 3, open: { other: 1 } } },
    { spec: { reference: null, labels: { app: "web" }, selector: { name: "a", key: "b" } } },
    { metadata: { labels: { app: "web" }, ownerReferences: [] } },
    // @ts-expect-error: which container?
    { spec: { containers: [{ image: "nginx" }] } },
    // @ts-expect-error: which port?
    { spec: { containers: [{ name: "main", ports: [{ protocol: "TCP" }] }] } },
    // @ts-expect-error: the list is replaced, so its items are whole
    { spec: { containers: [{ name: "main", sources: [{ name: "a" }] }] } },
    // @ts-expect-error: so is what is atomic
    { spec: { selector: { name: "a" } } },
    // @ts-expect-error: no such field
    { spec: { containers: [{ name: "main", imag: "nginx" }] } },
    // @ts-expect-error: the server keeps account itself
    { metadata: { managedFields: [{ manager: "me" }] } },
    // @ts-expect-error: another kind
    { kind: "Deployment" },
  ];
}

/** As {@linkcode lists}. */
export function stored(app: Stored<WebApp>, object: Stored<KubernetesObject>): void {
  const text: string = app.metadata.namespace + app.spec.containers[0].name + app.metadata.uid;
  const ready: boolean | undefined = app.status.ready;
  const version: "example.com/v1" = app.apiVersion;
  // @ts-expect-error: of an unknown kind it is not known that it lives in a namespace
  const namespace: string = object.metadata.namespace;
  assert.ok(text && ready && version && namespace);
}

it("offers what the server would take, and no more (spec rest 22.2)", () => {
  assert.equal(typeof applied, "function");
});
