import { parseYaml, YamlError } from "../yaml/mod.ts";
import { mediaType, PROTOBUF_TYPE, unknownFormat, YAML_TYPE } from "./media_type.ts";

/**
 * The body of a request as text: of YAML, and of Protobuf, which Go's typed clients send, JSON is made.
 *
 * @throws {Refusal} 415, if it is of a kind that has no Protobuf.
 */
export async function bodyText(bytes: Uint8Array, headers: Headers): Promise<string> {
  const type = mediaType(headers.get("content-type") ?? "");
  if (type !== PROTOBUF_TYPE || bytes.length === 0) {
    return await plainText(new TextDecoder().decode(bytes), headers);
  }
  const { decodeProtobuf } = await import("./protobuf.ts"); // few programs need it
  const object = decodeProtobuf(bytes);
  if (object === undefined) throw unknownFormat();
  return JSON.stringify(object);
}

/** A text with YAML made JSON of; what is no YAML either is left, to be refused as what it is not. */
export async function plainText(text: string, headers: Headers): Promise<string> {
  if (mediaType(headers.get("content-type") ?? "") !== YAML_TYPE) return text;
  try {
    return JSON.stringify(await parseYaml(text) ?? null);
  } catch (error) {
    if (error instanceof YamlError) return text;
    throw error;
  }
}
