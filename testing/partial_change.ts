import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import type { SentObject } from "./request_body.ts";

/** An object of which a subresource has changed its part, and nothing else. */
export function partlyChanged(
  via: "approval" | "ephemeralcontainers" | "resize",
  sent: SentObject,
  old: ApiObject,
  now: string,
): ApiObject {
  const spec = (old.spec ?? {}) as JsonObject;
  const sentSpec = isJsonObject(sent.spec) ? sent.spec : {};
  switch (via) {
    case "approval": {
      const { conditions } = isJsonObject(sent.status) ? sent.status : {};
      return { ...old, status: { ...old.status as JsonObject, conditions: timed(conditions, old, now) } };
    }
    case "ephemeralcontainers": {
      const { ephemeralContainers: _, ...rest } = spec;
      const { ephemeralContainers } = sentSpec;
      return { ...old, spec: { ...rest, ...(ephemeralContainers !== undefined && { ephemeralContainers }) } };
    }
    case "resize":
      return {
        ...old,
        spec: {
          ...spec,
          ...resized("containers", sentSpec, spec),
          ...resized("initContainers", sentSpec, spec),
        },
      };
  }
}

/** The containers as they were, but for what they may use. */
function resized(name: string, sent: JsonObject, old: JsonObject): JsonObject {
  const [containers, before] = [sent[name], old[name]];
  if (!Array.isArray(containers) || !Array.isArray(before)) return {};
  return {
    [name]: before.map((container: JsonObject) => {
      const wanted = containers.find((one: JsonObject) => one.name === container.name) ?? container;
      return { ...container, resources: wanted.resources ?? {} };
    }),
  };
}

/** Conditions with the times that they do not say themselves. */
function timed(conditions: unknown, old: ApiObject, now: string): unknown {
  if (!Array.isArray(conditions)) return conditions;
  const { conditions: before = [] } = (old.status ?? {}) as { conditions?: JsonObject[] };
  return conditions.map((condition: JsonObject) => {
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? now,
    };
  });
}
