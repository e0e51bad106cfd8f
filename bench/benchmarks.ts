import { creates, pods, start, watchers } from "./api_server.ts";
import type { Benchmark } from "./benchmark.ts";
import { sync, updates } from "./informer.ts";
import { list } from "./list.ts";
import { delays, queue } from "./queue.ts";
import { gets, gets64 } from "./requests.ts";
import { exec, forward } from "./streams.ts";
import { watch } from "./watch.ts";

/** All benchmarks by name, in the order in which they run. */
export const benchmarks: Readonly<Record<string, Benchmark>> = {
  list,
  watch,
  sync,
  updates,
  gets,
  gets64,
  queue,
  delays,
  exec,
  forward,
  start,
  creates,
  pods,
  watchers,
};
