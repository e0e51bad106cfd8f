import type { Clock } from "../async/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import type { Logger } from "../observe/mod.ts";
import type { Pacer } from "./pacer.ts";
import type { EntryChange } from "./change.ts";

/** Where a cache sends its changes: a handler, or a loop that reads them. */
export interface Listener<T extends KubernetesObject> {
  /** Who it is. */
  readonly name: string;
  /** How often it wants to be reminded of all objects, in milliseconds; 0 for never. */
  readonly resyncPeriod: number;
  /** How many changes wait. */
  readonly pending: number;
  /** Takes changes, and returns at once. */
  push(changes: readonly EntryChange<T>[]): void;
  /** All that was there at the beginning has been pushed. */
  upstreamSynced(): void;
  /** Nothing more comes. Resolves when the listener is done with what it is at. */
  close(): Promise<void>;
}

/** What listeners share. */
export interface ListenerContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pacer: Pacer;
}

/** Resyncs more often than this, in milliseconds, are a mistake (spec informers 14.4). */
export const LEAST_RESYNC = 1_000;

/** Checks a resync period: one below the least is raised. */
export function resyncPeriodOf(period: number): number {
  if (!(period >= 0)) throw new RangeError(`Cannot resync: resyncPeriod must be 0 ms or more, got ${period}`);
  return period === 0 ? 0 : Math.max(period, LEAST_RESYNC);
}

/** Where listeners can be added: an informer, or several combined. */
export interface ListenerHub<T extends KubernetesObject> {
  readonly context: ListenerContext;
  /** The resync period of handlers that do not say one. */
  readonly resyncPeriod: number;
  /** How often {@linkcode Listener.upstreamSynced} is called for one listener. */
  readonly upstreams: number;
  /** Adds a listener, which first gets what is there. */
  attach(listener: Listener<T>): void;
  /** Takes a listener away; it gets nothing more. */
  detach(listener: Listener<T>): void;
}
