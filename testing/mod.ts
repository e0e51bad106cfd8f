/**
 * For tests, yours and ours: a Kubernetes API server in memory, and a clock that is moved by hand.
 *
 * The server speaks HTTP through its `fetch`, or through a real socket, and keeps one store behind every view of
 * it. What it accepts, refuses and answers is what kube-apiserver 1.36 does, down to the words of its messages:
 * versions, conflicts, finalizers, graceful deletion, dry runs, selectors, consistent pages, watches with
 * bookmarks and initial events, 410 when history is forgotten, server-side apply and strategic merge patches by
 * the schemas of the kinds, who manages which field, and what becomes of fields that a kind does not have. A
 * CustomResourceDefinition that is created, or loaded, makes its kind served: pruned, with defaults, validated.
 * All built-in kinds are there, discovery tells them, OpenAPI describes them, and Tables show them: kubectl works.
 *
 * What it does not do. It says so with code 501, where silence would mislead:
 *
 * - OpenAPI v2, of which kubectl finds as much as it needs; v3 names parameters without describing them. What
 *   only a kubelet answers, `log`, `exec`, `attach`, `portforward` and `proxy`: 501.
 * - Disruption budgets allow evictions by what their status says, which no controller works out. Tokens of service
 *   accounts have the form of a JWT and are known to the server, but are not signed, and do not expire.
 * - Answers in other forms than JSON, and bodies in other ones than JSON, YAML and the Protobuf of built-in kinds: 406 or
 *   415, as from a server that knows no more.
 * - The server's own objects: there is no Service `kubernetes`, and none of the roles, leases, priority and flow classes
 *   that a real one makes for itself when it starts. Autoscalers of `v1` keep what they have no fields for in
 *   annotations, as on a real server, but in words of `v2`.
 * - Built-in kinds are validated, new and changed, where tests commonly trip: workloads and their pods, services,
 *   config maps and secrets, volumes and claims, ingresses and network policies, roles and their bindings, budgets,
 *   autoscalers, leases and classes. Rarer fields of these, and other kinds, may say anything that their types allow. An
 *   object that has been loaded may keep what is wrong with it. A refused change of a pod or a claim does not show the
 *   difference that a real server's message ends with. What the option
 *   `resources` names has no schema: each field may be anything, a list is one value to server-side apply.
 * - Rules in CEL (`x-kubernetes-validations`) of custom resources are not looked at, which a warning says of a definition
 *   that has some.
 * - Defaults are those of the kinds that tests use most. Admission adds what it adds on any server (priorities and
 *   tolerations of pods, finalizers that protect volumes), but no service accounts of pods, limits or default classes.
 *   Services get their addresses and node ports in order, from 10.0.0.10 and 30000, and may choose any that is free.
 * - What the server itself has made, and what is loaded, has no `managedFields` but its own.
 * - Two versions of the option `resources` are two collections; on a real server they are two views of one. Versions of a
 *   definition, and of built-in kinds, are views of the same objects, but there are no conversion webhooks, and between the
 *   alpha and beta versions of a kind only the version's name is converted.
 * - No other admission, no quotas. Webhooks that objects register are not called: functions are, if the server is given
 *   some (the option `admission`), about objects that are created, updated and deleted, not about bindings and evictions.
 * - RBAC, if it is switched on, knows no aggregated roles, and does not keep users from granting what they do not have.
 *   Of a server's own roles there are those that are about all users. Of the impersonation that is constrained to some
 *   requests (`impersonate:user-info`) there is the refusal alone.
 * - Of controllers there are those that see to deletion: dependents go by their owner references, namespaces are emptied
 *   (the option `garbageCollection`). They act before the request that leads to it is answered; in a cluster that takes a
 *   moment. Nothing else runs: nothing schedules pods, starts them or ends them.
 * - A watch without `timeoutSeconds` never ends by itself; a real server picks 30 to 60 minutes. Bookmarks come
 *   each minute sharp.
 * - Parse errors of YAML have our words after the server's beginning.
 *
 * @example Five minutes in no time
 * ```ts
 * import assert from "node:assert/strict";
 * import { ApiServer, ManualClock } from "@coxswain/kube/testing";
 *
 * const clock = new ManualClock();
 * const server = new ApiServer({ clock });
 * server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "shop" } });
 *
 * const path = "http://coxswain.test/api/v1/namespaces/shop/configmaps";
 * const watch = await server.fetch(`${path}?watch=true&resourceVersion=0&timeoutSeconds=300`);
 * await clock.advance(300_000); // five minutes: the server ends the watch
 * const [event] = (await watch.text()).split("\n");
 * assert.equal(JSON.parse(event).object.metadata.name, "settings");
 * await server[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export type { AdmissionHook, AdmissionRequest } from "./admission.ts";
export { ApiServer, type ApiServerOptions, type QuietOptions } from "./api_server.ts";
export type { Fault, FaultStep, OpenFault, RequestMatch, Until } from "./fault.ts";
export type { PlannedFault } from "./fault_plan.ts";
export type { Faults } from "./faults.ts";
export type { Listener, ListenOptions } from "./listener.ts";
export { ManualClock, type ManualClockOptions } from "./manual_clock.ts";
export type { RequestInfo } from "./request_info.ts";
export type { SeenRequest } from "./request_log.ts";
export type { User, UserInit } from "./user.ts";
export type { Snapshot } from "./world.ts";
