/**
 * Controllers: what ties caches, queues and reconcilers together, and what they need beside. Client-go's
 * `tools/record` and `tools/events`, controller-runtime.
 *
 * @example Telling people what happens to an object
 * ```ts
 * import { Client } from "@coxswain/kube/client";
 * import { SeriesEventRecorder } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig()); // or: await connect()
 * const recorder = new SeriesEventRecorder(client, { controller: "example.com/shop" });
 * const settings = await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * recorder.event(settings, { type: "Warning", reason: "Incomplete", message: "There is no currency" });
 * await recorder[Symbol.asyncDispose](); // writes what waits
 * await client[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export {
  type AdmissionDecision,
  type AdmissionRequest,
  admissionWebhook,
  allow,
  deny,
  mutate,
  type ReviewedKind,
  type WebhookOptions,
} from "./admission_webhook.ts";
export { type Appliable, applyIfNeeded, type ApplyIfNeededOptions } from "./apply_if_needed.ts";
export {
  type ControllerDefinition,
  type ControllerHealth,
  type ControllerOptions,
  type Watching,
  watching,
} from "./controller.ts";
export { conversionWebhook } from "./conversion_webhook.ts";
export { CoreEventRecorder, type CoreEventRecorderOptions } from "./core_event_recorder.ts";
export type { EventCorrelatorOptions } from "./event_correlator.ts";
export type { EventDetails, EventRecorder, EventSubject } from "./event_recorder.ts";
export { eventSelector } from "./event_selector.ts";
export { type Finalizable, finalize, type FinalizeOptions } from "./finalize.ts";
export { type HealthCheck, healthHandler, type HealthHandlerOptions } from "./health_handler.ts";
export { jsonPatchDiff } from "./json_patch_diff.ts";
export { type LeaderElectionOptions, Manager, type ManagerOptions } from "./manager.ts";
export { itself, type Mapper, ownersOf } from "./mappers.ts";
export { referenceTo } from "./object_reference.ts";
export {
  allOf,
  annotationsChanged,
  anyOf,
  finalizersChanged,
  generationChanged,
  labelsChanged,
  not,
  type Predicate,
  resourceVersionChanged,
} from "./predicates.ts";
export { type ReconcileContext, type Reconciler, type ReconcileResult, TerminalError } from "./reconciler.ts";
export { runController, type RunControllerOptions } from "./run_controller.ts";
export { type EndingSignal, runUntilSignal, type RunUntilSignalOptions } from "./run_until_signal.ts";
export { type RequestHandler, serve, type ServeOptions, type Serving } from "./serve.ts";
export { SeriesEventRecorder, type SeriesEventRecorderOptions } from "./series_event_recorder.ts";
