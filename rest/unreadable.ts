import type { Codec } from "./codec.ts";

/** Stands for the codec of an answer that nobody can read: fails as soon as something of it is to be read. */
export function unreadable(error: Error): Codec {
  const fail = () => {
    throw error;
  };
  return {
    mediaType: "",
    encode: fail,
    decode: fail,
    decodeList: () => ({ head: {}, isList: false, push: fail, finish: fail }),
    decodeWatch: () => ({ push: fail, finish: fail }),
  };
}
