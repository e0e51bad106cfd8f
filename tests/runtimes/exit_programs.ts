import assert from "node:assert/strict";
import { InformerFactory } from "@coxswain/kube/cache";
import { noLogger } from "@coxswain/kube/observe";
import { NetworkError, RestClient } from "@coxswain/kube/rest";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { request, type Road, unusedPort } from "./roads.ts";

/** What programs do with a client before they come to their end: each must let the process end by itself. */
export const PROGRAMS: Record<string, (client: RestClient, road: Road) => Promise<void>> = {
  async "closes its client after a watch"(client, road) {
    assert.equal(await (await request(client, road, "GET", "/").send()).text(), "hello");
    const watch = (await request(client, road, "GET", "/?watch=true").send()).watch()[Symbol.asyncIterator]();
    await watch.next();
    const next = watch.next();
    await client[Symbol.asyncDispose]();
    await assert.rejects(next, { name: "AbortError" });
  },
  async "aborts a watch and forgets its client"(client, road) {
    const controller = new AbortController();
    const { signal } = controller;
    const watch = (await request(client, road, "GET", "/?watch=true").send({ signal })).watch();
    await assert.rejects(async () => {
      for await (const _event of watch) controller.abort("enough");
    }, (error) => error === "enough");
  },
  async "leaves a watch and forgets its client"(client, road) {
    for await (const _event of (await request(client, road, "GET", "/?watch=true").send()).watch()) break;
  },
  async "forgets its client after answers"(client, road) {
    for (const method of ["GET", "POST"]) {
      assert.equal(await (await request(client, road, method, "/").send()).text(), "hello");
    }
    await assert.rejects(request(client, road, "GET", "/refused").send());
  },
  async "forgets its client after a failure"(client, road) {
    const server = `${road.scheme}://127.0.0.1:${await unusedPort()}`;
    const other = new RestClient(client.config.with({ server }));
    await assert.rejects(request(other, road, "GET", "/").send(), NetworkError);
  },
  async "disposes of its informers and forgets its client"(client) {
    const { promise: eventCame, resolve } = Promise.withResolvers<void>();
    // The event is of an object without a name, which is an error for the log.
    const rest = new RestClient(client.config.with({ logger: { ...noLogger, error: () => resolve() } }));
    const informers = new InformerFactory({ rest });
    informers.informer(ConfigMap).addEventHandler({}, { resyncPeriod: 60_000 });
    informers.start();
    await eventCame;
    await informers[Symbol.asyncDispose]();
  },
  async "closes the client of its informers"(client) {
    const { promise: eventCame, resolve } = Promise.withResolvers<void>();
    const rest = new RestClient(client.config.with({ logger: { ...noLogger, error: () => resolve() } }));
    const informers = new InformerFactory({ rest });
    informers.informer(ConfigMap).addEventHandler({}, { resyncPeriod: 60_000 });
    informers.start();
    await eventCame;
    await rest[Symbol.asyncDispose]();
  },
  async "uses no client at all"() {},
};
