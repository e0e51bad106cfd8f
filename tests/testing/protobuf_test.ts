import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { ORIGIN } from "./exchange.ts";

// That what kubectl sends in Protobuf is understood, tests/cluster/kubectl_test.ts shows.
const TYPE = "application/vnd.kubernetes.protobuf";
const encoder = new TextEncoder();

type Value = string | number | boolean | Uint8Array;

/** The bytes of a field. */
function field(number: number, value: Value): number[] {
  if (typeof value === "number" || typeof value === "boolean") {
    return [...varint(number << 3), ...varint(Number(value))];
  }
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return [...varint(number << 3 | 2), ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value));; rest >>= 7n) {
    const last = rest < 0x80n;
    bytes.push(Number(rest & 0x7fn) | (last ? 0 : 0x80));
    if (last) return bytes;
  }
}

function message(...fields: number[][]): Uint8Array {
  return Uint8Array.from(fields.flat());
}

function envelope(apiVersion: string, kind: string, object: Uint8Array): Uint8Array<ArrayBuffer> {
  const kindOf = message(field(1, apiVersion), field(2, kind));
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...field(1, kindOf), ...field(2, object)]);
}

async function post(path: string, body: Uint8Array<ArrayBuffer>, server: ApiServer = new ApiServer()) {
  const answer = await server.fetch(ORIGIN + path, {
    method: "POST",
    body,
    headers: { "content-type": TYPE },
  });
  return { code: answer.status, body: await answer.json() };
}

describe("bodies in Protobuf", () => {
  it("are what the same object in JSON would be, zeros of pointers too", async () => {
    const label = message(field(1, "app"), field(2, "web"));
    const container = message(
      field(1, "main"),
      field(2, "web:1"),
      field(5, ""), // the working directory: no pointer, and so not said
      field(6, message(field(1, "http"), field(3, 8080), field(4, "TCP"))),
      field(8, message(field(1, message(field(1, "cpu"), field(2, message(field(1, "500m"))))))),
      field(
        10,
        message(
          field(
            1,
            message(field(2, message(field(1, "/"), field(2, message(field(1, 1), field(3, "http")))))),
          ),
        ),
      ),
    );
    const template = message(field(1, message(field(11, label))), field(2, message(field(2, container))));
    const deployment = message(
      field(1, message(field(1, "web"), field(3, ""), field(8, message()), field(11, label))),
      field(2, message(field(1, 0), field(2, message(field(1, label))), field(3, template), field(7, true))),
      field(3, message()),
    );
    const { code, body } = await post(
      "/apis/apps/v1/namespaces/default/deployments",
      envelope("apps/v1", "Deployment", deployment),
    );
    assert.equal(code, 201, JSON.stringify(body));
    assert.deepEqual([body.metadata.name, body.metadata.labels], ["web", { app: "web" }]);
    assert.deepEqual([body.spec.replicas, body.spec.paused], [0, true]);
    const [main] = body.spec.template.spec.containers;
    assert.deepEqual([main.name, main.image, main.workingDir], ["main", "web:1", undefined]);
    assert.deepEqual(main.ports, [{ name: "http", containerPort: 8080, protocol: "TCP" }]);
    assert.deepEqual(main.resources, { limits: { cpu: "500m" } });
    assert.deepEqual([main.livenessProbe.httpGet.path, main.livenessProbe.httpGet.port], ["/", "http"]);
  });

  it("have times, bytes and negative numbers", async () => {
    const lease = message(
      field(1, message(field(1, "one"))),
      field(
        2,
        message(
          field(1, "me"),
          field(3, message(field(1, 1_767_323_045), field(2, 678_000_000))),
          field(5, 2),
        ),
      ),
    );
    const made = await post(
      "/apis/coordination.k8s.io/v1/namespaces/default/leases",
      envelope("coordination.k8s.io/v1", "Lease", lease),
    );
    assert.deepEqual(made.body.spec, {
      holderIdentity: "me",
      acquireTime: "2026-01-02T03:04:05.678000Z",
      leaseTransitions: 2,
    });
    const secret = message(
      field(1, message(field(1, "one"))),
      field(2, message(field(1, "a"), field(2, Uint8Array.of(0, 255)))),
    );
    const { body } = await post("/api/v1/namespaces/default/secrets", envelope("v1", "Secret", secret));
    assert.deepEqual(body.data, { a: "AP8=" });
    const priority = message(field(1, message(field(1, "low"))), field(2, -7));
    const low = await post(
      "/apis/scheduling.k8s.io/v1/priorityclasses",
      envelope("scheduling.k8s.io/v1", "PriorityClass", priority),
    );
    assert.equal(low.body.value, -7);
  });

  it("may be options of a deletion", async () => {
    const server = new ApiServer();
    server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one", namespace: "default" } });
    const options = message(field(2, message(field(1, "another"))));
    const answer = await server.fetch(`${ORIGIN}/api/v1/namespaces/default/configmaps/one`, {
      method: "DELETE",
      body: envelope("v1", "DeleteOptions", options),
      headers: { "content-type": TYPE },
    });
    assert.equal(answer.status, 409);
    assert.match(await answer.text(), /another/);
  });

  for (
    const { name, body } of [
      { name: "that are none", body: encoder.encode("{}") },
      { name: "of kinds that have none", body: envelope("example.com/v1", "Widget", message()) },
    ]
  ) {
    it(`${name} are refused with 415`, async () => {
      const { code } = await post("/api/v1/namespaces/default/configmaps", body);
      assert.equal(code, 415);
    });
  }
});
