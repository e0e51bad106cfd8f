import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, PODS, send, WEB_APPS, WebApp } from "./exchange.ts";

const NO_RESOURCE = "the server could not find the requested resource";
const NO_METHOD = "the server does not allow this method on the requested resource";
const NO_PAGE = "404 page not found\n";

describe("paths", () => {
  for (
    const { name, method = "GET", path, code, says } of [
      { name: "outside the API", path: "/nope", code: 404, says: NO_PAGE },
      { name: "of an unknown group", path: "/apis/nope.io/v1/things", code: 404, says: NO_PAGE },
      { name: "with two slashes", path: "//api/v1/pods", code: 404, says: NO_PAGE },
      { name: "that cannot be decoded", path: "/api/v1/%ZZ", code: 404, says: NO_PAGE },
      { name: "of an unknown version", path: "/apis/apps/v9/deployments", code: 404, says: NO_RESOURCE },
      { name: "of an unknown resource", path: "/api/v1/nopes", code: 404, says: NO_RESOURCE },
      { name: "of an unknown subresource", path: `${PODS}/web/nope`, code: 404, says: NO_RESOURCE },
      {
        name: "of a subresource that the kind lacks",
        path: `${CONFIG_MAPS}/a/status`,
        code: 404,
        says: NO_RESOURCE,
      },
      { name: "that go on too long", path: `${PODS}/web/status/x`, code: 404, says: NO_RESOURCE },
      {
        name: "of a namespaced cluster kind",
        path: "/api/v1/namespaces/default/nodes",
        code: 404,
        says: NO_RESOURCE,
      },
      { name: "of an object without its namespace", path: "/api/v1/pods/web", code: 404, says: NO_RESOURCE },
      {
        name: "of a custom group's unknown kind",
        path: "/apis/example.com/v1/nopes",
        code: 404,
        says: NO_PAGE,
      },
      {
        name: "of a custom group's unknown version",
        path: "/apis/example.com/v2/webapps",
        code: 404,
        says: NO_PAGE,
      },
      { name: "with a slash at the end", path: `${PODS}/`, code: 200, says: "PodList" },
      { name: "of a collection, PUT", method: "PUT", path: PODS, code: 405, says: NO_METHOD },
      { name: "of an object, POST", method: "POST", path: `${PODS}/web`, code: 405, says: NO_METHOD },
      { name: "of all namespaces, POST", method: "POST", path: "/api/v1/pods", code: 405, says: NO_METHOD },
      {
        name: "of all namespaces, DELETE",
        method: "DELETE",
        path: "/api/v1/pods",
        code: 405,
        says: NO_METHOD,
      },
      {
        name: "of a status, DELETE",
        method: "DELETE",
        path: `${PODS}/web/status`,
        code: 405,
        says: NO_METHOD,
      },
      {
        name: "of all custom objects, POST",
        method: "POST",
        path: "/apis/example.com/v1/webapps",
        code: 404,
        says: NO_PAGE,
      },
      {
        name: "of custom objects, PUT",
        method: "PUT",
        path: WEB_APPS,
        code: 400,
        says: "name must be provided",
      },
    ]
  ) {
    it(`${name}: ${code}`, async () => {
      const answer = await send(new ApiServer({ resources: [WebApp] }), method, path);
      assert.equal(answer.code, code);
      if (says === NO_PAGE) assert.equal(answer.text, NO_PAGE);
      else if (code !== 200) {
        assert.equal(answer.body.message, says);
        assert.equal(answer.body.code, code);
      } else assert.equal(answer.body.kind, says);
    });
  }

  it("of health checks answer ok", async () => {
    const server = new ApiServer();
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      const { code, text } = await send(server, "GET", path);
      assert.deepEqual([code, text], [200, "ok"]);
    }
    assert.match((await send(server, "GET", "/version")).text, /"major":"1","minor":"36"/);
  });

  it("answer HEAD without a body", async () => {
    const { code, text } = await send(new ApiServer(), "HEAD", PODS);
    assert.deepEqual([code, text], [405, ""]);
  });
});

describe("content negotiation", () => {
  for (
    const { accept, code } of [
      { accept: "application/json", code: 200 },
      { accept: "*/*", code: 200 },
      { accept: "text/html, application/*;q=0.5", code: 200 },
      { accept: "application/vnd.kubernetes.protobuf,application/json;q=0.9", code: 200 },
      { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", code: 200 },
      { accept: "application/json;as=Table;v=v1;g=meta.k8s.io", code: 200 },
      { accept: "application/json;as=Nothing;v=v1;g=meta.k8s.io", code: 406 },
      { accept: "application/json;as=Table;v=v2;g=meta.k8s.io", code: 406 },
      { accept: "application/json;as=Table;v=v1;g=other.k8s.io", code: 406 },
      { accept: "application/json;q=0", code: 406 },
      { accept: "application/xml", code: 406 },
    ]
  ) {
    it(`answers Accept: ${accept} with ${code}`, async () => {
      const answer = await send(new ApiServer(), "GET", PODS, { headers: { accept } });
      assert.equal(answer.code, code);
      if (code === 406) {
        assert.equal(answer.body.reason, "NotAcceptable");
        assert.equal(answer.body.message, "only the following media types are accepted: application/json");
      }
    });
  }

  for (const type of ["text/plain", "application/xml"]) {
    it(`refuses a body of ${type}`, async () => {
      const sending = { body: configMap("a"), headers: { "content-type": type } };
      const { code, body } = await send(new ApiServer(), "POST", CONFIG_MAPS, sending);
      assert.equal(code, 415);
      assert.equal(body.reason, "UnsupportedMediaType");
      assert.match(body.message ?? "", /^the body of the request was in an unknown format/);
    });
  }

  it("refuses a body whose type nobody gave, since fetch calls it text", async () => {
    const { status } = await new ApiServer().fetch(`http://coxswain.test${CONFIG_MAPS}`, {
      method: "POST",
      body: JSON.stringify(configMap("a")),
    });
    assert.equal(status, 415);
  });
});

describe("authentication", () => {
  const server = new ApiServer({
    users: [{ name: "jane", token: "first" }, { name: "joe", token: "second" }],
  });
  for (
    const { authorization, code } of [
      { authorization: "Bearer first", code: 200 },
      { authorization: "Bearer second", code: 200 },
      { authorization: "Bearer wrong", code: 401 },
      { authorization: "Basic first", code: 401 },
      { authorization: "", code: 401 },
    ]
  ) {
    it(`answers ${JSON.stringify(authorization)} with ${code}`, async () => {
      const answer = await send(server, "GET", PODS, { headers: { authorization } });
      assert.equal(answer.code, code);
      if (code === 401) {
        assert.deepEqual([answer.body.message, answer.body.reason], ["Unauthorized", "Unauthorized"]);
      }
    });
  }
});
