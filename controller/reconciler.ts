import type { Cached, InformerFactory } from "../cache/mod.ts";
import type { Client } from "../client/mod.ts";
import type { KubernetesObject, ObjectKey } from "../meta/mod.ts";
import type { Logger } from "../observe/mod.ts";
import type { EventRecorder } from "./event_recorder.ts";

/** What a reconciler wants to happen next. */
export interface ReconcileResult {
  /** Look at the object again after so many milliseconds, whatever happens meanwhile. Default: when something changes. */
  requeueAfter?: number;
}

/** What a reconciler works with. */
export interface ReconcileContext<T extends KubernetesObject = KubernetesObject> {
  /**
   * Aborts when the reconciler has to stop at once: its time is over, the leadership is lost, or the program waits no
   * longer. Pass it to everything that waits.
   */
  readonly signal: AbortSignal;
  /** The object as the cache has it; `undefined` when it is gone. The cache's own: change a `copyOf` it. */
  readonly object: Cached<T> | undefined;
  /**
   * The client. The caches are waited for after what is written with it: when the object is looked at the next time,
   * they show these writes.
   */
  readonly client: Client;
  /** Caches of all kinds that the controllers look at, and of others: an informer made here syncs on its own. */
  readonly informers: InformerFactory;
  /** Tells people what happens. */
  readonly recorder: EventRecorder;
  /** Logs with the controller's name and the object's key. */
  readonly logger: Logger;
  /** How many times in a row this object has failed before. */
  readonly failures: number;
  /** The leadership's token, where there is an election: see `Leadership` of `@coxswain/kube/leader`. */
  readonly fencingToken: number | undefined;
}

/**
 * Brings the world to where an object wants it to be. It gets the name of an object, not what has happened to it: it
 * looks at what is, and may be called at any time, also when nothing has happened. Calls for one object never overlap.
 *
 * When it throws, it is called again, after longer and longer pauses; not so after a {@linkcode TerminalError}.
 *
 * @see controller-runtime `pkg/reconcile`, spec informers 24.6
 */
export type Reconciler<T extends KubernetesObject = KubernetesObject> = (
  key: ObjectKey,
  context: ReconcileContext<T>,
) => ReconcileResult | void | Promise<ReconcileResult | void>;

/**
 * A failure that trying again would not change, such as a specification that makes no sense. The object is looked at
 * again when it changes.
 *
 * @see controller-runtime `reconcile.TerminalError`
 */
export class TerminalError extends Error {
  /** Says why; what has failed may be its `cause`. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TerminalError";
  }
}
