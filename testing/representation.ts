import type { JsonObject } from "./api_object.ts";
import { mediaType } from "./media_type.ts";
import { badRequest, failure, Refusal } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import type { IncludeObject } from "./table.ts";

const TYPES = ["*/*", "application/*", "application/json"];
const FORMS = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"];
const INCLUDED = ["", "Metadata", "Object", "None"];

/** In which form a client takes objects. */
export interface Representation {
  readonly as: string;
  /** `v1` or `v1beta1`. */
  readonly version: string;
}

/**
 * What a client prefers of the forms that there are: objects as they are (undefined), Tables, or metadata alone.
 *
 * @throws {Refusal} 406, if it takes none of them.
 */
export function negotiate(headers: Headers): Representation | undefined {
  const accept = headers.get("accept") ?? "";
  const clauses = (accept || "*/*").split(",").map(parseClause).filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { type, parameters } of clauses) {
    const { as, g: group, v: version = "" } = parameters;
    if (!TYPES.includes(type)) continue;
    if (as === undefined) return undefined;
    if (FORMS.includes(as) && group === "meta.k8s.io" && ["v1", "v1beta1"].includes(version)) {
      return { as, version };
    }
  }
  throw new Refusal(
    failure(406, "NotAcceptable", "only the following media types are accepted: application/json"),
  );
}

function parseClause(
  clause: string,
): { type: string; q: number; parameters: Record<string, string | undefined> } {
  const [, ...parts] = clause.split(";");
  const parameters = Object.fromEntries(parts.map((part) => part.split("=").map((text) => text.trim())));
  return { type: mediaType(clause), q: Number(parameters.q ?? 1), parameters };
}

/** What a server makes of its answer in another form. The code for that is loaded when somebody asks for it. */
export async function represent(
  response: Response,
  { as, version }: Representation,
  resource: ServedResource,
  query: URLSearchParams,
  now: () => number,
): Promise<Response> {
  const includeObject = query.get("includeObject") ?? "";
  if (as === "Table" && !INCLUDED.includes(includeObject)) {
    await response.body?.cancel();
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${
        JSON.stringify(includeObject)
      }: must be 'Metadata', 'Object', 'None', or empty`,
    );
  }
  const { isRepresentable, partialOf, tableOf } = await import("./table.ts");
  const options = { version, includeObject: includeObject as IncludeObject, now: 0, noHeaders: false };
  const shaped = (body: unknown, noHeaders: boolean): unknown => {
    if (!isRepresentable(body)) return body;
    if (as === "Table") return tableOf(body, resource, { ...options, now: now(), noHeaders });
    const isList = Array.isArray(body.items);
    if (isList !== as.endsWith("List")) throw wrongForm(as, body, resource);
    if (!isList) return partialOf(body, version);
    const items = (body.items as JsonObject[]).map((item) => partialOf(item, version));
    const { resourceVersion, continue: rest, remainingItemCount } = body.metadata as JsonObject;
    const metadata = { resourceVersion, continue: rest || undefined, remainingItemCount };
    return { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${version}`, metadata, items };
  };
  if (query.get("watch") === null || response.body === null || !isWatch(query)) {
    return new Response(
      JSON.stringify(shaped(await response.json(), false)),
      response,
    );
  }
  let noHeaders = false;
  const lines = perLine((line) => {
    const event = JSON.parse(line);
    const object = shaped(event.object, noHeaders);
    noHeaders = true; // said once
    return `${JSON.stringify({ ...event, object })}\n`;
  });
  return new Response(response.body.pipeThrough(lines), response);
}

function isWatch(query: URLSearchParams): boolean {
  return !["false", "0"].includes(query.get("watch") ?? "");
}

function wrongForm(as: string, { kind }: JsonObject, { builtIn, group }: ServedResource): Refusal {
  const folder = group === "" ? "core" : group.split(".")[0];
  const type = builtIn
    ? `*${folder}.${kind}`
    : `*unstructured.Unstructured${as.endsWith("List") ? "" : "List"}`;
  const problem = as.endsWith("List") ? "is not a list" : "is a list";
  return new Refusal(
    failure(406, "NotAcceptable", `you requested ${as}, but the requested object ${problem} (${type})`),
  );
}

/** Changes a text line by line, as it comes. */
function perLine(change: (line: string) => string): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  return new TransformStream({
    transform: (chunk, controller) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      const text = lines.map(change).join("");
      if (text !== "") controller.enqueue(encoder.encode(text));
    },
  });
}
