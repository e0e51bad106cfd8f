import { Pod } from "@coxswain/kube/types/core/v1";
import type { Benchmark, Surroundings } from "./benchmark.ts";
import { withClient } from "./with_client.ts";

/** What a program without a library looks at. */
interface PodList {
  items: unknown[];
}

const fetchPods = ({ server }: Surroundings) => fetch(`${server}/api/v1/pods`);

/** All pods of a cluster in one request, and what a program keeps of them. */
export const list: Benchmark = {
  title: "List of pods",
  unit: "pods",
  variants: {
    /** What a program without a library does. */
    async floor(surroundings) {
      const list: PodList = JSON.parse(await (await fetchPods(surroundings)).text());
      return { count: list.items.length, kept: list };
    },
    async "floor json()"(surroundings) {
      const list: PodList = await (await fetchPods(surroundings)).json();
      return { count: list.items.length, kept: list };
    },
    /** Nothing is made of the bytes: what the data costs to get here, and how calm the machine is. */
    async "bytes only"(surroundings) {
      const reader = (await fetchPods(surroundings)).body!.getReader();
      while (!(await reader.read()).done);
      return {};
    },
    "coxswain list": (surroundings) =>
      withClient(surroundings, async (client) => {
        const list = await client.resource(Pod).list();
        return { count: list.items.length, kept: list };
      }),
    "coxswain items": (surroundings) =>
      withClient(surroundings, async (client) => {
        const pods = [];
        for await (const pod of client.resource(Pod).items({ limit: 0 })) pods.push(pod);
        return { count: pods.length, kept: pods };
      }),
    "coxswain items, paged": (surroundings) =>
      withClient(surroundings, async (client) => {
        const pods = [];
        for await (const pod of client.resource(Pod).items({ limit: 500 })) pods.push(pod);
        return { count: pods.length, kept: pods };
      }),
    "coxswain items, dropped": (surroundings) =>
      withClient(surroundings, async (client) => {
        let count = 0;
        for await (const _ of client.resource(Pod).items({ limit: 0 })) count++;
        return { count };
      }),
  },
};
