/** What kubectl asks for where OpenAPI v3 does not have a kind. */
const PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/**
 * OpenAPI v2 as far as kubectl needs it: it looks there for kinds that it has not found elsewhere, and finds that the
 * options of writes are known, but not the kind. Schemas are in OpenAPI v3 alone.
 *
 * @returns Undefined for other formats than kubectl's.
 */
export function openApiV2(accept: string): Response | undefined {
  if (!accept.split(",").some((type) => type.trim().startsWith(PROTOBUF))) return undefined;
  const parameter = (name: string) =>
    field(8, [field(1, [field(2, [field(3, [field(2, "query"), field(4, name), field(5, "string")])])])]);
  const kind = 'group: ""\nkind: Namespace\nversion: v1\n';
  const patch = [
    ...["dryRun", "fieldManager", "fieldValidation", "force"].map(parameter),
    field(13, [field(1, "x-kubernetes-group-version-kind"), field(2, [field(2, kind)])]),
  ];
  const path = [field(1, "/api/v1/namespaces/{name}"), field(2, [field(8, patch)])];
  const info = [field(1, "Kubernetes"), field(2, "1.36")];
  const document = [field(1, "2.0"), field(2, info), field(8, [field(2, path)])].flat();
  return new Response(Uint8Array.from(document), {
    headers: { "content-type": PROTOBUF.replace("@", "."), "cache-control": "no-cache, private" },
  });
}

/** A field of a Protobuf message: its number, and a text or the fields of a message. */
function field(number: number, value: string | readonly number[][]): number[] {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value.flat();
  return [number << 3 | 2, ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...varint(value >>> 7)];
}
