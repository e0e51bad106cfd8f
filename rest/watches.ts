// What reads watches: loaded with the first of them.
export { JsonWatchDecoder } from "./json_watch_decoder.ts";
export { WatchEvents } from "./watch_events.ts";
