import type { RestConfigInit } from "../rest/mod.ts";

/**
 * Settings of {@linkcode RestConfigInit} that no kubeconfig and no pod has, and that a program gives: limits and
 * time-outs, who is told of what, what stands between, and the clock. See there for what they mean, and for their
 * defaults. With a `fetch`, the kubeconfig may say nothing about certificates: it makes its own connections.
 */
export type ClientSettings = Pick<
  RestConfigInit,
  | "accept"
  | "burst"
  | "clock"
  | "codecs"
  | "contentType"
  | "durationsBy"
  | "fetch"
  | "logger"
  | "maxRetries"
  | "meter"
  | "middleware"
  | "onWarning"
  | "qps"
  | "random"
  | "rateLimiter"
  | "timeouts"
  | "userAgent"
>;

/** The client's settings among the options of a function. */
export function clientSettings(options: ClientSettings): ClientSettings {
  const { accept, burst, clock, codecs, contentType, durationsBy, fetch } = options;
  const { logger, maxRetries, meter, middleware } = options;
  const { onWarning, qps, random, rateLimiter, timeouts, userAgent } = options;
  return {
    ...{ accept, burst, clock, codecs, contentType, durationsBy, fetch },
    ...{ logger, maxRetries, meter, middleware },
    ...{ onWarning, qps, random, rateLimiter, timeouts, userAgent },
  };
}
