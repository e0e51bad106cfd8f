import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, type ListOptions, watchListOptions } from "@coxswain/kube/client";
import { isExpired } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

describe("watchOnce()", () => {
  it("is one connection with the API's options, which ends when the server ends it [rest 18]", async () => {
    const asked: string[] = [];
    const client = new Client({
      server: "http://coxswain.test",
      fetch: (url) => {
        asked.push(new URL(String(url)).search);
        const object = { metadata: { name: "a", resourceVersion: "8" } };
        const lines = [{ type: "ADDED", object }, { type: "BOOKMARK", object }];
        return Promise.resolve(new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
      },
    });
    const maps = client.resource(ConfigMap);
    const events = await Array.fromAsync(
      maps.watchOnce({ resourceVersion: "42", allowWatchBookmarks: true }),
    );
    assert.deepEqual(events.map(({ type }) => type), ["ADDED", "BOOKMARK"]);
    await Array.fromAsync(maps.watchOnce({
      resourceVersionMatch: "NotOlderThan",
      sendInitialEvents: true,
      timeoutSeconds: 21,
      labelSelector: "a=b",
      fieldSelector: "metadata.name=c",
      shardSelector: "d",
    }));
    assert.deepEqual(asked, [
      "?allowWatchBookmarks=true&resourceVersion=42&watch=true",
      "?fieldSelector=metadata.name%3Dc&labelSelector=a%3Db&resourceVersionMatch=NotOlderThan" +
      "&sendInitialEvents=true&shardSelector=d&timeoutSeconds=21&watch=true",
    ]);
    await client[Symbol.asyncDispose]();
  });

  it("throws an ERROR event, asks for nothing before it is read, and closes when it is left", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    const maps = client.resource(ConfigMap).namespace("default");
    const { metadata } = await maps.create({ metadata: { name: "a" } });
    server.compact();
    await maps.patch("a", { merge: { data: { a: "b" } } });
    server.compact();
    const asked = server.requests.length;
    const watch = maps.watchOnce({ resourceVersion: "1" });
    assert.equal(server.requests.length, asked);
    await assert.rejects(watch.next(), isExpired);
    for await (const event of maps.watchOnce({ resourceVersion: "0" })) {
      assert.equal(event.type === "ADDED" && event.object.metadata.uid, metadata.uid);
      break;
    }
    assert.equal(server.openWatches, 0);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
});

describe("watchListOptions() [rest 25.3]", () => {
  const possible = new Set([
    "unset unset",
    "unset 0",
    "unset 100",
    "unset 0 limit",
    "NotOlderThan 0",
    "NotOlderThan 100",
    "NotOlderThan 0 limit",
  ]);
  for (const match of ["unset", "NotOlderThan", "Exact"] as const) {
    for (const version of ["unset", "0", "100"]) {
      for (const more of ["", " limit", " continue", " limit continue"]) {
        const name = `${match} ${version}${more}`;
        it(`${possible.has(name) ? "has an answer" : "has none"} for: ${name}`, () => {
          const options: ListOptions = {
            labelSelector: "a=b",
            ...(match === "unset" ? {} : { resourceVersionMatch: match }),
            ...(version === "unset" ? {} : { resourceVersion: version }),
            ...(more.includes("limit") ? { limit: 4 } : {}),
            ...(more.includes("continue") ? { continue: "t" } : {}),
          };
          assert.deepEqual(
            watchListOptions(options),
            !possible.has(name) ? undefined : {
              labelSelector: "a=b",
              ...(version === "unset" ? {} : { resourceVersion: version }),
              sendInitialEvents: true,
              allowWatchBookmarks: true,
              resourceVersionMatch: "NotOlderThan",
            },
          );
        });
      }
    }
  }
});
