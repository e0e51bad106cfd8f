import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import http from "node:http";
import https from "node:https";
import { describe, it } from "node:test";
import { httpWatchers } from "../../rest/http_watchers.ts";
import { RUNTIME } from "../runtimes/roads.ts";

describe("Who looks at Node's HTTP client", { skip: RUNTIME !== "node" && "a matter of Node" }, () => {
  it("is nobody at first", () => {
    assert.equal(httpWatchers()(), false);
  });

  for (const name of ["request.created", "request.start", "request.error", "response.finish"]) {
    it(`is seen when it subscribes to ${name}, for as long as it does`, () => {
      const isWatched = httpWatchers();
      const hear = () => {};
      subscribe(`http.client.${name}`, hear);
      assert.equal(isWatched(), true);
      unsubscribe(`http.client.${name}`, hear);
      assert.equal(isWatched(), false);
    });
  }

  const { request } = https;
  const REPLACEMENTS = {
    "a function around it": (...args: unknown[]) => Reflect.apply(request, https, args),
    "a function of its name": function request() {},
    "a proxy": new Proxy(request, {}),
    "it, bound": request.bind(https),
  };
  for (const [what, replacement] of Object.entries(REPLACEMENTS)) {
    for (const module of [http, https]) {
      it(`is seen in ${what} in place of ${module === http ? "http" : "https"}.request`, () => {
        const isWatched = httpWatchers();
        const { request } = module;
        module.request = replacement as typeof request;
        assert.equal(isWatched(), true);
        module.request = request;
        assert.equal(isWatched(), false);
      });
    }
  }
});
