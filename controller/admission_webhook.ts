import type { KubernetesObject } from "../meta/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import { jsonPatchDiff } from "./json_patch_diff.ts";
import { readReview } from "./webhook_request.ts";

/** Name, version and plural of a kind or resource, as reviews carry them. */
export interface ReviewedKind {
  /** API group; empty for the core group. */
  group: string;
  /** API version. */
  version: string;
  /** Kind, such as `Pod`. */
  kind: string;
}

/**
 * What somebody wants to do, before it is done.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
export interface AdmissionRequest<T extends KubernetesObject = KubernetesObject> {
  /** Tells this request from others. */
  uid: string;
  /** What is to be done. */
  operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  /** The kind of the object. */
  kind: ReviewedKind;
  /** The resource, by its plural. */
  resource: { group: string; version: string; resource: string };
  /** The subresource, such as `status`. */
  subResource?: string;
  /** Name of the object; absent when the server is going to make one. */
  name?: string;
  /** Namespace of the object. */
  namespace?: string;
  /** Who asks. */
  userInfo: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  /** The object as it is to be; absent for `DELETE`. */
  object?: T | null;
  /** The object as it is; absent for `CREATE`. */
  oldObject?: T | null;
  /** Whether nothing is to be stored: then nothing else may be changed either. */
  dryRun?: boolean;
  /** Options of the operation, such as `DeleteOptions`. */
  options?: Record<string, unknown> | null;
}

/** What a webhook says. {@linkcode allow}, {@linkcode deny} and {@linkcode mutate} make one. */
export interface AdmissionDecision {
  /** Whether it may be done. */
  allowed: boolean;
  /** Why not, for who asked. */
  message?: string;
  /** HTTP status of a refusal. Default 403. */
  code?: number;
  /** Reason of a refusal, such as `Invalid`. Default `Forbidden`. */
  reason?: string;
  /** What who asked is told, though it is done; each at most 120 characters or so. */
  warnings?: readonly string[];
  /** The object as it is to be instead. */
  object?: KubernetesObject;
  /** Kept in the audit log. */
  auditAnnotations?: Readonly<Record<string, string>>;
}

/** It may be done, with warnings if there are any. */
export function allow(...warnings: readonly string[]): AdmissionDecision {
  return { allowed: true, warnings };
}

/** It may not be done, for this reason. */
export function deny(message: string, options: { code?: number; reason?: string } = {}): AdmissionDecision {
  return { allowed: false, message, ...options };
}

/** It may be done, with this object instead: a copy of the request's that was changed. */
export function mutate<T extends KubernetesObject>(
  object: T,
  ...warnings: readonly string[]
): AdmissionDecision {
  return { allowed: true, object, warnings };
}

/** Options of {@linkcode admissionWebhook} and {@linkcode conversionWebhook}. */
export interface WebhookOptions {
  /** Hears of what was thrown. Default: nobody. */
  logger?: Logger;
}

/**
 * Answers the questions of an API server, whether something may be done, or how it is to be done instead.
 *
 * @param review Decides. What it throws refuses the request with code 500, without saying why to who asked.
 * @returns A function for `Deno.serve`, `Bun.serve`, or whatever takes web requests. Servers ask over HTTPS alone.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 * @example Pods get a label, and none without a name
 * ```ts
 * import assert from "node:assert/strict";
 * import { admissionWebhook, deny, mutate } from "@coxswain/kube/controller";
 * import type { Pod } from "@coxswain/kube/types/core/v1";
 * const handle = admissionWebhook<Pod>(({ object }) => {
 *   if (!object?.metadata?.name) return deny("give it a name");
 *   const changed = structuredClone(object);
 *   changed.metadata!.labels = { ...changed.metadata!.labels, checked: "yes" };
 *   return mutate(changed);
 * });
 * const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "1", object: {} } };
 * const answer = await handle(new Request("https://localhost/", { method: "POST", body: JSON.stringify(review) }));
 * assert.deepEqual((await answer.json()).response.status, { code: 403, reason: "Forbidden", message: "give it a name" });
 * ```
 */
export function admissionWebhook<T extends KubernetesObject = KubernetesObject>(
  review: (request: AdmissionRequest<T>) => AdmissionDecision | Promise<AdmissionDecision>,
  { logger = noLogger }: WebhookOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const read = await readReview<AdmissionRequest<T>>(request, "AdmissionReview", "admission.k8s.io");
    if (read instanceof Response) return read;
    const { uid, object } = read.request;
    const original = object === undefined || object === null ? undefined : structuredClone(object);
    let decision: AdmissionDecision;
    try {
      decision = await review(read.request);
    } catch (error) {
      logger.error("an admission webhook failed", { error, uid });
      decision = deny("the webhook failed", { code: 500, reason: "InternalError" });
    }
    return Response.json({
      apiVersion: read.apiVersion,
      kind: "AdmissionReview",
      response: answerOf(uid, decision, original),
    });
  };
}

function answerOf(uid: string, decision: AdmissionDecision, original: KubernetesObject | undefined) {
  const { allowed, message, code = 403, reason = "Forbidden", warnings = [], auditAnnotations } = decision;
  // What was changed is compared with what came, also when the review has changed the request's own object.
  const patch = allowed && decision.object !== undefined
    ? jsonPatchDiff(original ?? {}, decision.object)
    : [];
  return {
    uid,
    allowed,
    ...allowed ? {} : { status: { code, reason, message } },
    ...patch.length > 0 ? { patchType: "JSONPatch", patch: base64(JSON.stringify(patch)) } : {},
    ...warnings.length > 0 ? { warnings } : {},
    ...auditAnnotations ? { auditAnnotations } : {},
  };
}

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
