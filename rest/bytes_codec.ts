import { BytesListDecoder } from "./bytes_list_decoder.ts";
import { BytesWatchDecoder } from "./bytes_watch_decoder.ts";
import type { Codec, ListDecoder } from "./codec.ts";
import { parseJson } from "./json_text.ts";
import type { ObjectBytes } from "./object_bytes.ts";

/**
 * JSON whose objects are left as they came: lists and watches have `ObjectBytes` in place of objects, but for those that
 * are unusual. For caches that keep bytes: see `RestResponse.list()` and `RestResponse.watch()`.
 */
export const bytesCodec: Codec = {
  mediaType: "application/json",
  encode: (value) => JSON.stringify(value),
  decode: (bytes) => parseJson(new TextDecoder().decode(bytes)),
  decodeList: <T>() => new BytesListDecoder<T>() as ListDecoder<ObjectBytes | T> as ListDecoder<T>,
  decodeWatch: () => new BytesWatchDecoder(),
};
