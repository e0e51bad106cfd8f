import { formatKey } from "@coxswain/kube/meta";
import { Pod } from "@coxswain/kube/types/core/v1";
import { bareBody } from "./bare_body.ts";
import type { Benchmark } from "./benchmark.ts";
import { withClient } from "./with_client.ts";

/** What a program without a library looks at. */
interface PodEvent {
  type: string;
  object: { metadata: { namespace: string; name: string } };
}

const PODS = "/api/v1/pods?watch=true";

/** The newest state of each pod, as a program that follows a watch holds it. */
class PodsByKey {
  readonly pods: Map<string, unknown> = new Map();
  count = 0;

  apply(type: string, key: string, object: unknown): void {
    this.count++;
    if (type === "DELETED") this.pods.delete(key);
    else this.pods.set(key, object);
  }

  get outcome(): { count: number; kept: unknown } {
    return { count: this.count, kept: this.pods };
  }
}

/** One watch that sends events as fast as they are taken. */
export const watch: Benchmark = {
  title: "Watch of pods",
  unit: "events",
  variants: {
    /** What a program without a library does. */
    async floor(surroundings) {
      const byKey = new PodsByKey();
      const decoder = new TextDecoder();
      let text = "";
      await bareBody(surroundings, PODS, (piece) => {
        const lines = (text + decoder.decode(piece, { stream: true })).split("\n");
        text = lines.pop()!;
        for (const line of lines) {
          const { type, object }: PodEvent = JSON.parse(line);
          byKey.apply(type, `${object.metadata.namespace}/${object.metadata.name}`, object);
        }
        return false;
      });
      return byKey.outcome;
    },
    /** Nothing is made of the bytes: what the data costs to get here, and how calm the machine is. */
    async "bytes only"(surroundings) {
      await bareBody(surroundings, PODS, () => false);
      return {};
    },
    "coxswain watch": (surroundings) =>
      withClient(surroundings, async (client) => {
        const byKey = new PodsByKey();
        const response = await client.rest.get().resource(Pod).query({ watch: true }).send();
        for await (const event of response.watch<Pod>()) {
          if (event.type === "BOOKMARK") continue;
          byKey.apply(event.type, formatKey(event.object.metadata), event.object);
        }
        return byKey.outcome;
      }),
  },
};
