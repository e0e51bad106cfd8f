import { failure, Refusal } from "./refusal.ts";

const JSON_TYPE = "application/json";

/** Read only; answers are JSON. */
export const YAML_TYPE = "application/yaml";

/** What Go's typed clients send. */
export const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";

const READ_TYPES = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE];

/** A content type without its parameters. */
export function mediaType(header: string): string {
  return header.split(";")[0].trim().toLowerCase();
}

/** @throws {Refusal} 415, if the body is neither said to be JSON, YAML nor Protobuf. Saying nothing is fine. */
export function checkContentType(headers: Headers): void {
  const type = mediaType(headers.get("content-type") ?? "");
  if (type !== "" && !READ_TYPES.includes(type)) throw unknownFormat();
}

/** 415: the body is in no format that is read. */
export function unknownFormat(): Refusal {
  const message = `the body of the request was in an unknown format - accepted media types include: ${
    READ_TYPES.join(", ")
  }`;
  return new Refusal(failure(415, "UnsupportedMediaType", message));
}
