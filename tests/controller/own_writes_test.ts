// What a reconciler has done with its client, its caches show when it is called the next time, however late they are.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { Manager, type ReconcileContext } from "@coxswain/kube/controller";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";

/** What a reconciler does at first, and what it wants to see then. */
interface Scene {
  name: string;
  act: (context: ReconcileContext<ConfigMap>) => Promise<unknown>;
  /** What the cache shows of the victim. */
  before: string;
  after: string;
}

const settingsOf = ({ client }: ReconcileContext<ConfigMap>) =>
  client.resource(ConfigMap).namespace("default");

const SCENES: readonly Scene[] = [
  {
    name: "a deletion",
    act: (context) => settingsOf(context).delete("victim"),
    before: "victim: -",
    after: "victim: none",
  },
  {
    name: "a deletion that finalizers hold up",
    act: (context) => settingsOf(context).delete("held"),
    before: "held: -",
    after: "held: going",
  },
  {
    name: "an object that was made and deleted",
    act: async (context) => {
      await settingsOf(context).create({ metadata: { name: "brief" } });
      await settingsOf(context).delete("brief");
    },
    before: "brief: none",
    after: "brief: none",
  },
  {
    name: "an object that was deleted and made again",
    act: async (context) => {
      await settingsOf(context).delete("victim");
      await settingsOf(context).create({ metadata: { name: "victim" }, data: { is: "another" } });
    },
    before: "victim: -",
    after: "victim: another",
  },
  {
    name: "a deletion of many",
    act: (context) => settingsOf(context).deleteCollection({ labelSelector: "role=victim" }),
    before: "victim: -",
    after: "victim: none",
  },
  {
    name: "a scale",
    act: ({ client }) =>
      client.resource(Deployment).namespace("default").scale("web").patch({
        merge: { spec: { replicas: 5 } },
      }),
    before: "web: 1",
    after: "web: 5",
  },
];

describe("reading what was just done (spec informers 24.5)", () => {
  for (const { name, act, before, after } of SCENES) {
    it(
      `shows ${name}`,
      cleaned(async (t) => {
        const server = new ApiServer();
        t.after(() => server[Symbol.asyncDispose]());
        // Watches of this client are held up while the gate is closed.
        let gate = Promise.resolve();
        const held = async (request: Request): Promise<Response> => {
          const answer = await server.fetch(request);
          const isWatch = new URL(request.url).searchParams.has("watch");
          if (!isWatch || answer.body === null) return answer;
          const late = new TransformStream<Uint8Array, Uint8Array>({
            async transform(chunk, controller) {
              await gate;
              controller.enqueue(chunk);
            },
          });
          return new Response(answer.body.pipeThrough(late), answer);
        };
        const fetch: typeof globalThis.fetch = (input, init) => held(new Request(input, init));
        const client = new Client(server.restConfig().with({ fetch }));
        const clock = new ManualClock();
        const stop = new AbortController();
        const settings = client.resource(ConfigMap).namespace("default");
        await settings.create({ metadata: { name: "trigger" } });
        await settings.create({ metadata: { name: "victim", labels: { role: "victim" } } });
        await settings.create({ metadata: { name: "held", finalizers: ["example.com/held"] } });
        await client.resource(Deployment).namespace("default").create({
          metadata: { name: "web" },
          spec: {
            replicas: 1,
            selector: { matchLabels: { app: "web" } },
            template: {
              metadata: { labels: { app: "web" } },
              spec: { containers: [{ name: "main", image: "web" }] },
            },
          },
        });

        const seen: string[] = [];
        const look = (context: ReconcileContext<ConfigMap>) => {
          const [name] = before.split(":");
          const { informers } = context;
          if (name === "web") {
            const web = informers.informer(Deployment).lister.namespace("default").get("web");
            return `web: ${web?.spec?.replicas}`;
          }
          const found = informers.informer(ConfigMap).lister.namespace("default").get(name);
          const state = found?.metadata.deletionTimestamp ? "going" : found?.data?.is ?? "-";
          return `${name}: ${found === undefined ? "none" : state}`;
        };
        const acted = Promise.withResolvers<void>();
        const { promise: opened, resolve: open } = Promise.withResolvers<void>();
        const manager = new Manager(client, { clock, recorder: { event() {} } });
        manager.add({
          for: ConfigMap,
          predicate: ({ key, type }) => key === "default/trigger" && type === "ADDED",
          owns: [Deployment],
          async reconcile(_, context) {
            seen.push(look(context));
            if (seen.length > 1) return undefined;
            gate = opened;
            await act(context);
            acted.resolve();
            return { requeueAfter: 1 };
          },
        });
        const running = manager.run({ signal: stop.signal });
        t.after(async () => {
          open();
          stop.abort();
          await running;
          await client[Symbol.asyncDispose]();
        });
        await acted.promise;
        await clock.advance(1_000); // would be time enough to be called again
        assert.deepEqual(seen, [before], "it is not called before the cache shows what it has done");
        open();
        while (seen.length < 2) {
          await new Promise((resolve) => setTimeout(resolve, 1)); // the watch takes its own, real time
          await clock.advance(1);
        }
        assert.deepEqual(seen, [before, after]);
      }),
    );
  }
});
