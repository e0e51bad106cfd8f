import { failure, Refusal } from "./refusal.ts";

const JSON_TYPE = "application/json";

/** A content type without its parameters. */
export function mediaType(header: string): string {
  return header.split(";")[0].trim().toLowerCase();
}

/** @throws {Refusal} 406, if the client takes no JSON, or JSON only as a Table or as metadata alone. */
export function checkAccept(headers: Headers): void {
  const accepted = (headers.get("accept") ?? "").split(",").map((type) => type.trim()).filter(Boolean);
  const plain = accepted.filter((type) => !/;\s*as=/.test(type)).map(mediaType);
  if (accepted.length === 0 || plain.some((type) => ["*/*", "application/*", JSON_TYPE].includes(type))) {
    return;
  }
  throw new Refusal(
    failure(406, "NotAcceptable", `only the following media types are accepted: ${JSON_TYPE}`),
  );
}

/** @throws {Refusal} 415, if the body is not said to be JSON. Saying nothing is fine. */
export function checkContentType(headers: Headers): void {
  const type = headers.get("content-type");
  if (type === null || mediaType(type) === JSON_TYPE) return;
  const message =
    `the body of the request was in an unknown format - accepted media types include: ${JSON_TYPE}`;
  throw new Refusal(failure(415, "UnsupportedMediaType", message));
}
