export { singleFlight } from "../async/mod.ts";
