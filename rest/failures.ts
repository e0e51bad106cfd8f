// What is made of requests that fail: loaded with the first of them.
export { notPermitted } from "./not_permitted.ts";
export { refusalOf } from "./refusal.ts";
export { statusOf } from "./status_of.ts";
export { toNetworkError } from "./to_network_error.ts";
