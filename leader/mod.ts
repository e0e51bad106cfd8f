/**
 * Leader election: of several processes, one at a time does the work, and another takes over when it is gone.
 * Client-go's `tools/leaderelection`.
 *
 * @example
 * ```ts
 * import { Client } from "@coxswain/kube/client";
 * import { LeaderElector, LeaseLock } from "@coxswain/kube/leader";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const client = new Client(new ApiServer().restConfig()); // or: await connect()
 * const stop = new AbortController();
 * const lock = new LeaseLock(client, { namespace: "default", name: "webapp", identity: crypto.randomUUID() });
 * const onStartedLeading = () => stop.abort(); // do the work, until its signal aborts
 * const onStoppedLeading = () => console.log("no longer the leader");
 * await new LeaderElector({ lock, onStartedLeading, onStoppedLeading }).run({ signal: stop.signal });
 * await client[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export { LeaderElector, type LeaderElectorOptions, type Leadership } from "./leader_elector.ts";
export type { LeaderLock, LeaderRecord, LockOptions, LockState } from "./leader_lock.ts";
export { type LeaderEventRecorder, LeaseLock, type LeaseLockOptions } from "./lease_lock.ts";
