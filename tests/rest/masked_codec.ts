import { type Codec, joinBytes } from "@coxswain/kube/rest";

const encoder = new TextEncoder();

/** JSON of which each byte is another, so that nobody takes it for JSON. */
export const masked = (value: unknown): Uint8Array<ArrayBuffer> =>
  encoder.encode(JSON.stringify(value)).map((byte) => byte ^ 0x80);

function unmasked(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes.map((byte) => byte ^ 0x80)));
  } catch {
    throw new SyntaxError("the bytes are not masked");
  }
}

/** A document of a watch: four bytes of length, as Protobuf has them, and the document. */
export function frame(value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = masked(value);
  const framed = new Uint8Array(4 + bytes.length);
  new DataView(framed.buffer).setUint32(0, bytes.length);
  framed.set(bytes, 4);
  return framed;
}

/** A codec as programs may bring one: `application/cbor`, whose watches are of another type. */
export const maskedCodec: Codec = {
  mediaType: "application/cbor",
  streamMediaType: "application/cbor-seq",
  encode: masked,
  decode: unmasked,
  decodeList<T>() {
    let bytes: Uint8Array = new Uint8Array();
    let head: Record<string, unknown> = {};
    let items: T[] | undefined;
    return {
      get head() {
        return head;
      },
      get isList() {
        return items !== undefined;
      },
      push(chunk) {
        bytes = joinBytes([bytes, chunk]);
        return [];
      },
      finish() {
        ({ items, ...head } = unmasked(bytes) as { items: T[] });
        return items ?? [];
      },
    };
  },
  decodeWatch() {
    let bytes: Uint8Array = new Uint8Array();
    return {
      push(chunk, take) {
        bytes = joinBytes([bytes, chunk]);
        while (bytes.length >= 4) {
          const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
          if (bytes.length < end) return;
          take(unmasked(bytes.subarray(4, end)));
          bytes = bytes.subarray(end);
        }
      },
      finish: () => bytes.length === 0,
    };
  },
};
