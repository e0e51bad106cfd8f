// What makes connections: loaded with the first request.
export { proxiesFor } from "./proxies_for.ts";
export { leaseTransport } from "./transport_cache.ts";
