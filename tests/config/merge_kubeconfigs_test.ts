import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Kubeconfig, locationOfOrigin, mergeKubeconfigs, parseKubeconfig } from "@coxswain/kube/config";

describe("mergeKubeconfigs()", () => {
  it("takes each cluster, user and context whole from the first that has it [rest 8.3]", async () => {
    const merged = await merge([
      `clusters: [{name: a, cluster: {server: https://1}}]
users: [{name: red, user: {token: one}}]
contexts: [{name: x, context: {cluster: a, user: red}}]`,
      `clusters: [{name: a, cluster: {server: https://2, tls-server-name: two}}, {name: b}]
users: [{name: red, user: {username: two}}, {name: blue, user: {token: two}}]
contexts: [{name: x, context: {cluster: b, namespace: two}}, {name: y, context: {cluster: a}}]`,
    ]);
    assert.deepEqual(merged, {
      clusters: [{ name: "a", cluster: { server: "https://1" } }, { name: "b", cluster: {} }],
      users: [{ name: "red", user: { token: "one" } }, { name: "blue", user: { token: "two" } }],
      contexts: [
        { name: "x", context: { cluster: "a", user: "red" } },
        { name: "y", context: { cluster: "a" } },
      ],
    });
  });

  for (
    const { name, texts, current } of [
      { name: "the first", texts: ["current-context: a", "current-context: b"], current: "a" },
      {
        name: "the first that is not empty",
        texts: [`current-context: ""`, "current-context: b"],
        current: "b",
      },
      { name: "the only one", texts: ["", "current-context: b", ""], current: "b" },
      { name: "none when there is none", texts: ["", ""], current: undefined },
    ]
  ) {
    it(`takes ${name} as the current context [rest 8.3]`, async () => {
      assert.equal((await merge(texts))["current-context"], current);
    });
  }

  it("takes other fields, and extensions by name, from the first that has them [rest 8.3]", async () => {
    const merged = await merge([
      "extensions: [{name: a, extension: 1}]",
      "preferences: {colors: true}\nextensions: [{name: a, extension: 2}, {name: b, extension: 2}]",
      "preferences: {colors: false}",
    ]) as Kubeconfig & { preferences: unknown };
    assert.deepEqual(merged.preferences, { colors: true });
    assert.deepEqual(merged.extensions, [{ name: "a", extension: 1 }, { name: "b", extension: 2 }]);
  });

  it("keeps where each entry came from, and changes nothing that it is given [rest 8.3]", async () => {
    const first = await parseKubeconfig("users: [{name: a}]", { file: "/1" });
    const second = await parseKubeconfig("users: [{name: a}, {name: b}]", { file: "/2" });
    const { users } = mergeKubeconfigs([first, second]);
    assert.deepEqual(users.map((user) => user[locationOfOrigin]), ["/1", "/2"]);
    assert.deepEqual([first.users.length, second.users.length], [1, 2]);
  });

  it("makes an empty kubeconfig of none", () => {
    assert.deepEqual(mergeKubeconfigs([]), { clusters: [], users: [], contexts: [] });
  });
});

async function merge(texts: string[]): Promise<Kubeconfig> {
  return mergeKubeconfigs(await Promise.all(texts.map((text) => parseKubeconfig(text))));
}
