import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestClient, type RestRequest, urlTemplate } from "@coxswain/kube/rest";
import { Deployment } from "@coxswain/kube/types/apps/v1";

const G = "/apis/namespaces/namespaces"; // a group and a version that look like something else

describe("urlTemplate() [rest 2.4]", () => {
  for (
    const [path, template] of [
      ["/api/v1/pods", "/api/v1/pods"],
      ["/api/v1/nodes/node-a", "/api/v1/nodes/{name}"],
      ["/api/v1/nodes/status", "/api/v1/nodes/{name}"],
      ["/api/v1/nodes/node-a/status", "/api/v1/nodes/{name}/status"],
      ["/api/v1/namespaces", "/api/v1/namespaces"],
      ["/api/v1/namespaces/shop", "/api/v1/namespaces/{name}"],
      ["/api/v1/namespaces/shop/status", "/api/v1/namespaces/{name}/status"],
      ["/api/v1/namespaces/shop/finalize", "/api/v1/namespaces/{name}/finalize"],
      ["/api/v1/namespaces/shop/pods", "/api/v1/namespaces/{namespace}/pods"],
      ["/api/v1/namespaces/shop/pods/web-0", "/api/v1/namespaces/{namespace}/pods/{name}"],
      ["/api/v1/namespaces/shop/pods/web-0/log", "/api/v1/namespaces/{namespace}/pods/{name}/log"],
      ["/apis/apps/v1/deployments", "/apis/apps/v1/deployments"],
      ["/apis/apps/v1/namespaces/shop/deployments", "/apis/apps/v1/namespaces/{namespace}/deployments"],
      ["/apis/g1/v1/namespaces/ns/r1/name1", "/apis/g1/v1/namespaces/{namespace}/r1/{name}"],
      ["/apis/g1/v1/r1/name1", "/apis/g1/v1/r1/{name}"],
      [`${G}/namespaces/a/b/c/finalize`, `${G}/namespaces/{namespace}/b/{name}/finalize`],
      [`${G}/namespaces/a/b/c`, `${G}/namespaces/{namespace}/b/{name}`],
      [`${G}/namespaces/a/b/finalize`, `${G}/namespaces/{namespace}/b/finalize`],
      [`${G}/namespaces/a/b/status`, `${G}/namespaces/{namespace}/b/status`],
      [`${G}/namespaces/a/b`, `${G}/namespaces/{namespace}/b`],
      [`${G}/namespaces/a/finalize`, `${G}/namespaces/{name}/finalize`],
      [`${G}/namespaces/a`, `${G}/namespaces/{name}`],
      [`${G}/namespaces`, `${G}/namespaces`],
      ["/api", "/api"],
      ["/api/v1", "/api/v1"],
      ["/apis/apps", "/apis/apps"],
      ["/apis/apps/v1", "/apis/apps/v1"],
      ["/", "/"],
      ["", "/"],
      ["/version", "/version"],
      ["/healthz/ping", "/{prefix}"],
      ["/constructor/x", "/{prefix}"],
      ["/openapi/v3?hash=1", "/{prefix}"],
      ["/pre1/v1/namespaces/ns/r1/nm?p0=v0", "/{prefix}"],
      ["/api/v1/pods/", "/api/v1/pods"],
      ["//api//v1/pods", "/api/v1/pods"],
    ]
  ) {
    it(`${path || "nothing"} is ${template}`, () => {
      assert.equal(urlTemplate(path), template);
    });
  }

  for (
    const [path, template] of [
      ["/api/v1/nodes/node-a/proxy", "/api/v1/nodes/{name}/proxy"],
      ["/api/v1/nodes/node-a/proxy/stats/summary", "/api/v1/nodes/{name}/proxy/{path}"],
      [
        "/api/v1/namespaces/shop/services/web/proxy/a/b/c",
        "/api/v1/namespaces/{namespace}/services/{name}/proxy/{path}",
      ],
    ]
  ) {
    it(`unlike client-go's, ${path} is ${template}`, () => {
      assert.equal(urlTemplate(path), template);
    });
  }

  for (
    const [query, template] of [
      ["?p0=v0", "?p0={value}"],
      ["?b=1&a=2&b=3", "?a={value}&b={value}"],
      ["?watch=true&timeoutSeconds=300", "?timeoutSeconds={value}&watch={value}"],
      ["?timeout=1m30s&a=1", "?a={value}&timeout=1m30s"],
      ["?a=?b", "?a={value}"],
      ["?a", "?a={value}"],
      ["?a%26b=1", "?a%26b={value}"],
      ["?", ""],
    ]
  ) {
    it(`hides the values of ${query}`, () => {
      assert.equal(urlTemplate(`/api/v1/pods${query}`), `/api/v1/pods${template}`);
    });
  }

  for (
    const [basePath, path, template] of [
      [
        "/some/base/",
        "/api/v1/namespaces/ns/r1/nm?p0=v0",
        "/some/base/api/v1/namespaces/{namespace}/r1/{name}?p0={value}",
      ],
      ["/some/base", "/api/v1/r1/nm", "/some/base/api/v1/r1/{name}"],
      ["/api/v1/", "/api/v1/r1/nm", "/api/v1/api/v1/r1/{name}"],
      ["/some/base/", "/version", "/some/base/version"],
      ["/some/base/", "/a/b", "/{prefix}"],
    ]
  ) {
    it(`knows ${path} below ${basePath}`, () => {
      assert.equal(urlTemplate(path, basePath), template);
    });
  }

  for (
    const [name, build, template] of [
      [
        "of the core group",
        (get) => get.resource("pods").namespace("a b").name("web:0").query({ pretty: true }),
        "/api/v1/namespaces/{namespace}/pods/{name}?pretty={value}",
      ],
      [
        "of another group",
        (get) => get.resource(Deployment).namespace("shop").name("web").subresource("scale"),
        "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale",
      ],
    ] as [string, (get: RestRequest) => RestRequest, string][]
  ) {
    it(`takes the path of a request ${name}`, () => {
      const rest = new RestClient({ server: "http://coxswain.test", fetch });
      assert.equal(urlTemplate(build(rest.get()).path()), template);
    });
  }
});
