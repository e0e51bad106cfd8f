import { failure, Refusal } from "./refusal.ts";

const JSON_TYPE = "application/json";

/** What Go's typed clients send. */
export const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";

/** A content type without its parameters. */
export function mediaType(header: string): string {
  return header.split(";")[0].trim().toLowerCase();
}

/** @throws {Refusal} 415, if the body is neither said to be JSON nor Protobuf. Saying nothing is fine. */
export function checkContentType(headers: Headers): void {
  const type = headers.get("content-type");
  if (type !== null && ![JSON_TYPE, PROTOBUF_TYPE].includes(mediaType(type))) throw unknownFormat();
}

/** 415: the body is in no format that is read. */
export function unknownFormat(): Refusal {
  const message =
    `the body of the request was in an unknown format - accepted media types include: ${JSON_TYPE}`;
  return new Refusal(failure(415, "UnsupportedMediaType", message));
}
