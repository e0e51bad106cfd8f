// What meta/ makes of text beside what a real server makes of it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { loadConfig } from "@coxswain/kube/config";
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  formatQuantity,
  labelKeyProblems,
  labelValueProblems,
  parseFieldSelector,
  parseLabelSelector,
  parseQuantity,
  type ResourceType,
} from "@coxswain/kube/meta";
import { isBadRequest, RestClient, statusErrorOf } from "@coxswain/kube/rest";
import { cluster } from "./cluster.ts";

describe("a real API server", () => {
  let rest: RestClient;
  before(async () => {
    rest = new RestClient(await loadConfig({ kubeconfig: cluster().kubeconfig }));
  });
  after(async () => {
    await rest[Symbol.asyncDispose]();
  });

  /** Creates an object without storing it; the answer, or the causes of a refusal. */
  async function dryRun<T>(
    resource: string | Pick<ResourceType, "group" | "version" | "plural">,
    object: object,
    namespace: string | undefined,
  ): Promise<T | string[]> {
    let request = rest.post().resource(resource).query({ dryRun: "All" }).body(object);
    if (namespace !== undefined) request = request.namespace(namespace);
    try {
      return await (await request.send()).json<T>();
    } catch (error) {
      const status = statusErrorOf(error);
      if (status === undefined) throw error;
      // The server gives a namespace its name as a label, and judges that too.
      return (status.details?.causes ?? [{ field: "", message: status.message }])
        .filter(({ field }) => resource !== "namespaces" || field === "metadata.name")
        .map(({ message }) => message ?? "");
    }
  }

  it("writes quantities as formatQuantity() does", async () => {
    const asked = [
      ...[
        "0",
        "1",
        "100m",
        "0.1",
        "0.100",
        "1.5",
        "1.500",
        "+1",
        "0500m",
        "00.5",
        ".5",
        "1.",
        "1000m",
        "1500m",
        "999u",
        "1n",
        "0.1n",
        "1e3",
        "1E3",
      ],
      ...[
        "12e6",
        "1e-3",
        "5e-1",
        "1k",
        "1000k",
        "1M",
        "1.5M",
        "1Ki",
        "1024Ki",
        "8Ki",
        "1023Ki",
        "1.5Gi",
        "0.5Ki",
        "1.5Ki",
        "0.1Ki",
        "1Ti",
        "100Ti",
      ],
      ...[
        "1Pi",
        "1Ei",
        "7.9Ei",
        "9007199254740993",
        "9223372036854775807",
        "123456789012345678901",
        "1e18",
        "1e20",
        " 1 ",
      ],
    ];
    const written: [string, string][] = [];
    for (const capacity of asked) {
      // Of all fields with a quantity, this one is stored as it is: those of containers are rounded to a thousandth.
      const object = { metadata: { name: "a" }, storageClassName: "a", capacity };
      const type = { group: "storage.k8s.io", version: "v1", plural: "csistoragecapacities" };
      const stored = await dryRun<typeof object>(type, object, "default");
      assert.ok(!Array.isArray(stored), String(stored));
      written.push([capacity, stored.capacity]);
    }
    assert.deepEqual(written, asked.map((text) => [text, formatQuantity(parseQuantity(text))]));
  });

  it("writes the CPU and memory of a pod as formatQuantity() does", async () => {
    for (
      const [cpu, memory] of [["0.5", "1.5Gi"], ["1500m", "1e9"], [".25", "1024Mi"], ["2", "0.5Gi"], [
        "1e0",
        "128974848",
      ]]
    ) {
      const pod = {
        metadata: { name: "a" },
        spec: { containers: [{ name: "a", image: "a", resources: { requests: { cpu, memory } } }] },
      };
      const stored = await dryRun<typeof pod>("pods", pod, "default");
      assert.ok(!Array.isArray(stored), String(stored));
      const { requests } = stored.spec.containers[0].resources;
      assert.deepEqual(requests, {
        cpu: formatQuantity(parseQuantity(cpu)),
        memory: formatQuantity(parseQuantity(memory)),
      });
    }
  });

  it("refuses the quantities that parseQuantity() refuses", async () => {
    for (const text of ["", "abc", "1.2.3", "1K", "1e", "1e5.5", "Ei", "--1", "1 2", "0x10", "1_000"]) {
      assert.throws(() => parseQuantity(text), SyntaxError, text);
      const range = {
        metadata: { name: "a" },
        spec: { limits: [{ type: "Container", max: { cpu: text } }] },
      };
      assert.match(
        String(await dryRun("limitranges", range, "default")),
        /quantities must match|unable to parse (numeric part of )?quantity/,
        text,
      );
    }
  });

  it("judges names and labels as meta/ does, in the same words", async () => {
    const causes = async (resource: string, metadata: object, namespace?: string) => {
      const answer = await dryRun(resource, { metadata }, namespace);
      return Array.isArray(answer)
        ? answer.map((message) => message.replace(/^Invalid value: "(?:[^"\\]|\\.)*": /, ""))
        : [];
    };
    for (const name of ["a.b", "A", "a_b", "-a", "a-", "a".repeat(64), "a..b", "ok"]) {
      assert.deepEqual(await causes("namespaces", { name }), dnsLabelProblems(name), name);
    }
    for (const name of ["a.b", "A", "a_b", "-a", "a.", "a..b", "a".repeat(254), "ok"]) {
      assert.deepEqual(await causes("configmaps", { name }, "default"), dnsSubdomainProblems(name), name);
    }
    for (
      const key of [
        "a/b/c",
        "/a",
        "a/",
        "-a",
        "A.com/b",
        "a b",
        "a".repeat(64),
        `${"a".repeat(254)}/b`,
        "example.com/Ok_1",
      ]
    ) {
      assert.deepEqual(
        await causes("configmaps", { name: "a", labels: { [key]: "" } }, "default"),
        labelKeyProblems(key),
        key,
      );
    }
    for (const value of ["-a", "a b", "a/b", "a".repeat(64), "", "Ok_1"]) {
      assert.deepEqual(
        await causes("configmaps", { name: "a", labels: { a: value } }, "default"),
        labelValueProblems(value),
        value,
      );
    }
  });

  it("understands the selectors that meta/ does, and refuses the others", async () => {
    const accepts = async (query: Record<string, string>) => {
      try {
        await (await rest.get().resource("pods").query({ ...query, limit: 1 }).send()).json();
        return true;
      } catch (error) {
        if (isBadRequest(error)) return false;
        throw error;
      }
    };
    const isRead = (read: () => unknown) => {
      try {
        read();
        return true;
      } catch {
        return false;
      }
    };
    for (
      const selector of [
        ...[
          "a",
          "!a",
          "a=b",
          "a==b",
          "a!=b",
          "a=",
          "a in (b)",
          "a in (b,c)",
          "a notin (b, c)",
          "a in (,b)",
          "a in ()",
          "a>1",
          "a<-1",
          " a = b , c ",
        ],
        ...[
          "a=b,",
          ",a",
          "=b",
          "a in b",
          "a in (b",
          "a b",
          "!a=b",
          "a/b/c=d",
          "a=b c",
          "a>x",
          "a in (b c)",
          "!",
          "a,,b",
          "a=b=c",
          "a in(b)",
          "!!a",
          "in",
          "notin=in",
        ],
      ]
    ) {
      assert.equal(
        isRead(() => parseLabelSelector(selector)),
        await accepts({ labelSelector: selector }),
        selector,
      );
    }
    for (
      const selector of [
        ...[
          "metadata.name=a",
          "metadata.name==a",
          "metadata.name!=a",
          "metadata.name=",
          "metadata.name=a\\,b",
          "metadata.name=a,",
          ",metadata.name=a",
        ],
        ...[
          "metadata.name",
          "metadata.name=a=b",
          "metadata.name=a\\",
          "metadata.name=a\\b",
          "metadata.name=a\\=b\\\\c",
        ],
      ]
    ) {
      assert.equal(
        isRead(() => parseFieldSelector(selector)),
        await accepts({ fieldSelector: selector }),
        selector,
      );
    }
  });
});
