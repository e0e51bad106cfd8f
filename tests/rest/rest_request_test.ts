import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestClient, type RestRequest } from "@coxswain/kube/rest";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Node } from "@coxswain/kube/types/core/v1";

const rest = new RestClient({ server: "http://coxswain.test/prefix", fetch });

describe("RestRequest.path() [rest 2.1]", () => {
  for (
    const [expected, build] of [
      ["/api/v1/pods", (get) => get.resource("pods")],
      ["/api/v1/pods", (get) => get.resource("Pods").namespace("")],
      [
        "/api/v1/namespaces/shop/pods/web-0/status",
        (get) => get.name("web-0").subresource("status").resource("pods").namespace("shop"),
      ],
      ["/apis/apps/v1/namespaces/shop/deployments", (get) => get.resource(Deployment).namespace("shop")],
      ["/apis/example.com/v1/webapps", (get) => get.groupVersion("example.com", "v1").resource("webapps")],
      ["/api/v1/nodes/node-a", (get) => get.resource(Node).name("node-a")],
      [
        "/apis/g/v1/clusterroles/system:node",
        (get) => get.groupVersion("g", "v1").resource("clusterroles").name("system:node"),
      ],
      ["/api/v1/x/a%20b%3F", (get) => get.resource("x").name("a b?")],
      [
        "/api/v1/services/web/proxy/a/b",
        (get) => get.resource("services").name("web").subresource("proxy", "a", "b"),
      ],
      ["/healthz", (get) => get.absolutePath("/healthz")],
      ["/healthz?verbose=true", (get) => get.absolutePath("healthz").query({ verbose: true })],
      [
        "/api/v1/pods?a=1&b=2&b=3&c=x+y",
        (get) => get.resource("pods").query({ c: "x y", b: ["2", "3"] }).query({ a: 1, d: undefined }),
      ],
    ] as [string, (get: RestRequest) => RestRequest][]
  ) {
    it(`builds ${expected}`, () => {
      assert.equal(build(rest.get()).path(), expected);
    });
  }

  it("keeps what it begins with: each step is a request of its own", () => {
    const pods = rest.get().resource("pods").namespace("shop");
    const [one, other] = [pods.name("a").query({ x: 1 }), pods.name("b")];
    assert.deepEqual([pods, one, other].map((request) => request.path()), [
      "/api/v1/namespaces/shop/pods",
      "/api/v1/namespaces/shop/pods/a?x=1",
      "/api/v1/namespaces/shop/pods/b",
    ]);
  });

  for (const bad of [".", "..", "a/b", "a%2fb"]) {
    it(`refuses "${bad}" as a segment [rest 2.2]`, () => {
      for (
        const build of [
          () => rest.get().name(bad),
          () => rest.get().namespace(bad),
          () => rest.get().resource(bad),
          () => rest.get().subresource("proxy", bad),
        ]
      ) assert.throws(build, TypeError);
    });
  }

  it("refuses an empty name, and an empty namespace where there must be one [rest 2.2]", () => {
    assert.throws(() => rest.get().name(""), /resource name may not be empty/);
    const everywhere = (request: RestRequest) => request.resource("pods").namespace("");
    assert.throws(() => everywhere(rest.post()).path(), TypeError);
    for (const request of [rest.get(), rest.put(), rest.delete()]) {
      assert.throws(() => everywhere(request).name("a").path(), TypeError);
    }
  });

  it("refuses header values that would end a header, without repeating them", () => {
    assert.throws(() => rest.get().header("X-Secret", "hunter2\r\nX-Other: 1"), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
});

describe("RestRequest.absolutePath() [rest 2.1]", () => {
  for (
    const [base, path, expected] of [
      ["", "/", "/"],
      ["", "/api", "/api"],
      ["", "/api/", "/api/"],
      ["/p1", "/", "/p1/"],
      ["/p1", "/apis", "/p1/apis"],
      ["/p1/", "/apis", "/p1/apis"],
      ["/p1/api/p2", "/api/", "/p1/api/p2/api/"],
      ["/p1", "healthz?verbose", "/p1/healthz?verbose"],
    ]
  ) {
    it(`asks ${expected} for "${path}" below "${base}"`, async () => {
      const asked: string[] = [];
      const rest = new RestClient({
        server: `http://coxswain.test${base}`,
        fetch: (url) => {
          asked.push(String(url));
          return Promise.resolve(new Response());
        },
      });
      const request = rest.get().resource("pods").absolutePath(path);
      // The same request can be sent again.
      for (let n = 0; n < 2; n++) (await request.send()).close();
      assert.deepEqual(asked, Array(2).fill(`http://coxswain.test${expected}`));
      await rest[Symbol.asyncDispose]();
    });
  }
});

describe("RestRequest", () => {
  it("adds values of a parameter to those that are there [rest 2.3]", () => {
    const request = rest.get().resource("pods").query({ a: "1" }).query({ a: ["2", "3"] });
    assert.equal(request.path(), "/api/v1/pods?a=1&a=2&a=3");
  });

  it("replaces all values of a header, in whatever letters [rest 2.3]", () => {
    const { headers } = rest.get().header("X-A", "1", "2").header("x-a", "3").parts;
    assert.deepEqual(headers, [["x-a", "3"]]);
  });
});
