import { mediaType, PROTOBUF_TYPE, unknownFormat } from "./media_type.ts";

/**
 * The body of a request as text: what comes in Protobuf, as Go's typed clients send it, is made JSON of.
 *
 * @throws {Refusal} 415, if it is of a kind that has no Protobuf.
 */
export async function bodyText(bytes: Uint8Array, headers: Headers): Promise<string> {
  if (mediaType(headers.get("content-type") ?? "") !== PROTOBUF_TYPE || bytes.length === 0) {
    return new TextDecoder().decode(bytes);
  }
  const { decodeProtobuf } = await import("./protobuf.ts"); // few programs need it
  const object = decodeProtobuf(bytes);
  if (object === undefined) throw unknownFormat();
  return JSON.stringify(object);
}
