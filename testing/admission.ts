import type { KubernetesObject } from "../meta/mod.ts";
import { isTitle } from "./fault.ts";
import { failure, quoted, Refusal } from "./refusal.ts";
import type { SentObject } from "./request_body.ts";
import type { ServedResource } from "./served_resource.ts";
import type { User } from "./user.ts";

/** What is about to happen to an object. */
export interface AdmissionRequest<T extends KubernetesObject = KubernetesObject> {
  /** What is done to it; a patch is an update, or a creation. */
  /** What is about to happen: a patch and an apply are one of these, too. */
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** The plural. */
  readonly resource: string;
  /** The API group; empty for the core group. */
  readonly group: string;
  /** Such as `status`; empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  /** Empty if it is still to be made from `generateName`. */
  readonly name: string;
  /** Who asks for it. */
  readonly user: User;
  /** Whether nothing will be stored. */
  readonly dryRun: boolean;
  /** The object as it is to be, a copy; undefined at a deletion. */
  readonly object: T | undefined;
  /** The object as it is; undefined at a creation. */
  readonly oldObject: T | undefined;
  /** Adds a warning to the answer. */
  warn(message: string): void;
  /** Refuses it. Default: 403, Forbidden. */
  deny(message: string, status?: { readonly code?: number; readonly reason?: string }): never;
}

/**
 * What a mutating and validating webhook would do, as functions. They must not wait: a write is one step.
 *
 * @example A quota
 * ```ts
 * import assert from "node:assert/strict";
 * import { type AdmissionHook, ApiServer } from "@coxswain/kube/testing";
 * const quota: AdmissionHook = {
 *   name: "quota.example.com",
 *   resource: "configmaps",
 *   operations: ["CREATE"],
 *   validate: ({ deny }) => deny("there are enough"),
 * };
 * const server = new ApiServer({ admission: [quota] });
 * const answer = await server.fetch("http://coxswain.test/api/v1/namespaces/default/configmaps", {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ metadata: { name: "a" } }),
 * });
 * const { message } = await answer.json();
 * assert.equal(message, 'admission webhook "quota.example.com" denied the request: there are enough');
 * ```
 */
export interface AdmissionHook<T extends KubernetesObject = KubernetesObject> {
  /** As refusals name it, such as `pods.example.com`. */
  readonly name: string;
  /**
   * As in a webhook's rules: a plural, alone or with its group, or `*` for all; a subresource goes by itself, as `pods/status`
   * or `pods/*`; a star on both sides is everything. Default `*`.
   */
  readonly resource?: string;
  /** Default: all three. */
  readonly operations?: readonly AdmissionRequest["operation"][];
  /** Changes the object, in place or by giving another. All hooks do so, in their order, before anything is checked. */
  mutate?(request: AdmissionRequest<T>): T | void;
  /** Looks at what is about to be stored, when nothing else is against it; it is stored unless this refuses. */
  validate?(request: AdmissionRequest<T>): void;
}

/** What the hooks are asked about. */
export interface Admitted {
  readonly operation: AdmissionRequest["operation"];
  readonly resource: ServedResource;
  readonly subresource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly dryRun: boolean;
  readonly oldObject?: unknown;
}

/** The hooks of a server, for one request. */
export class Admission {
  /** What the hooks have to say besides. */
  readonly warnings: string[] = [];
  readonly #hooks: readonly AdmissionHook[];
  readonly #user: User;

  constructor(hooks: readonly AdmissionHook[], user: User) {
    this.#hooks = hooks;
    this.#user = user;
  }

  /** The object as the hooks want it. @throws {Refusal} If one of them does not want it. */
  mutate(what: Admitted, object: SentObject): SentObject {
    let changed = object;
    for (const hook of this.#hooks) {
      if (hook.mutate === undefined || !isMeant(hook, what)) continue;
      const copy = structuredClone(changed);
      const other = this.#call(hook, what, copy, (request) => hook.mutate!(request));
      changed = other === undefined ? copy : other as unknown as SentObject;
    }
    return changed;
  }

  /** @throws {Refusal} If a hook does not want it. */
  validate(what: Admitted, object: unknown): void {
    for (const hook of this.#hooks) {
      if (hook.validate === undefined || !isMeant(hook, what)) continue;
      this.#call(hook, what, structuredClone(object), (request) => hook.validate!(request));
    }
  }

  #call<R>(
    { name }: AdmissionHook,
    what: Admitted,
    object: unknown,
    call: (request: AdmissionRequest) => R,
  ): R {
    const { operation, resource: { plural, group }, subresource, namespace = "", dryRun, oldObject } = what;
    const request: AdmissionRequest = {
      operation,
      resource: plural,
      group,
      subresource,
      namespace,
      name: what.name,
      user: this.#user,
      dryRun,
      object: object as KubernetesObject | undefined,
      oldObject: structuredClone(oldObject) as KubernetesObject | undefined,
      warn: (message) => void this.warnings.push(message),
      deny: (message, { code = 403, reason = code === 403 ? "Forbidden" : "" } = {}) => {
        const text = `admission webhook ${quoted(name)} denied the request: ${message}`;
        throw new Refusal(failure(code, reason, text));
      },
    };
    try {
      const result = call(request);
      if (result instanceof Promise) {
        result.catch(() => {}); // what it says comes too late
        throw new TypeError("it must not wait: return, or throw, at once");
      }
      return result;
    } catch (error) {
      throw error instanceof Refusal ? error : failedCall(name, error);
    }
  }
}

function isMeant({ resource = "*", operations }: AdmissionHook, what: Admitted): boolean {
  const { plural, group } = what.resource;
  return (operations?.includes(what.operation) ?? true) && isTitle(resource, plural, group, what.subresource);
}

/** A hook that fails is a webhook that could not be called. */
function failedCall(name: string, error: unknown): Refusal {
  const problem = error instanceof Error ? error.message : String(error);
  const message = `failed calling webhook ${quoted(name)}: ${problem}`;
  const details = { causes: [{ message }] };
  return new Refusal(failure(500, "InternalError", `Internal error occurred: ${message}`, details));
}
