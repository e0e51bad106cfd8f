import { BytesListDecoder } from "./bytes_list_decoder.ts";
import type { Codec, ListDecoder } from "./codec.ts";
import { parseJson } from "./json_text.ts";
import { byteWatches } from "./loaded_later.ts";
import type { ObjectBytes } from "./object_bytes.ts";

/**
 * JSON whose objects are not parsed: lists and watches have in their place what `make` makes of their bytes, but for
 * those that are unusual. For caches that keep bytes: see `RestResponse.list()` and `RestResponse.watch()`.
 *
 * @param make Is called with one object after the other, which is there for that call alone.
 */
export function bytesCodec(make: (object: ObjectBytes) => object): Codec {
  return {
    mediaType: "application/json",
    encode: (value) => JSON.stringify(value),
    decode: (bytes) => parseJson(new TextDecoder().decode(bytes)),
    decodeList: <T>() => new BytesListDecoder<T>(make) as ListDecoder<object> as ListDecoder<T>,
    decodeWatch: async () => new (await byteWatches()).BytesWatchDecoder(make),
  };
}
