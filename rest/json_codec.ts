import type { Codec } from "./codec.ts";
import { JsonListDecoder } from "./json_list_decoder.ts";
import { parseJson } from "./json_text.ts";
import { watches } from "./loaded_later.ts";

/** Of whole texts, so that nothing of one is left for the next. */
const decoder = new TextDecoder();

/** What API servers speak at any rate. */
export const jsonCodec: Codec = {
  mediaType: "application/json",
  encode: (value) => JSON.stringify(value),
  decode: (bytes) => parseJson(decoder.decode(bytes)),
  decodeList: <T>() => new JsonListDecoder<T>(),
  decodeWatch: async () => new (await watches()).JsonWatchDecoder(),
};
