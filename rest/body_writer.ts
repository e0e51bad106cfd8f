import type { Codec } from "./codec.ts";
import { codecFor, mediaTypeOf } from "./content_type.ts";
import { jsonCodec } from "./json_codec.ts";
import type { RestConfig } from "./rest_config.ts";
import { isWritten, type RequestParts } from "./rest_request.ts";
import type { TransportRequest } from "./transport.ts";

/** A body as it is sent. */
export interface WrittenBody {
  readonly body: TransportRequest["body"];
  /** What it is, when the request does not say so itself. */
  readonly contentType?: string;
}

/** Writes the bodies of requests that are objects. */
export class BodyWriter {
  readonly #codecs: readonly Codec[];
  #codec: Codec;

  /** Writes as a configuration says. */
  constructor({ codecs, contentType }: Pick<RestConfig, "codecs" | "contentType">) {
    this.#codecs = codecs;
    this.#codec = codecs.find(({ mediaType }) => mediaType === contentType)!;
  }

  /** What is sent, and what that is when the request does not say so itself. */
  write({ body, headers }: RequestParts): WrittenBody {
    if (body === undefined || isWritten(body)) return { body };
    const said = contentTypeOf(headers);
    if (said !== undefined) return { body: (codecFor(said, this.#codecs) ?? jsonCodec).encode(body) };
    return { body: this.#codec.encode(body), contentType: this.#codec.mediaType };
  }

  /** A server that does not take bodies of a codec gets JSON from then on (spec rest 1.6). */
  learnFrom(status: number, { headers }: RequestParts, contentType: string | undefined): void {
    if (status !== 415 || this.#codec === jsonCodec) return;
    const { mediaType } = this.#codec;
    const said = contentType ?? contentTypeOf(headers);
    const types = [mediaType, mediaType.replace("/", "/apply-patch+")];
    if (said !== undefined && types.includes(mediaTypeOf(said) ?? "")) this.#codec = jsonCodec;
  }
}

const contentTypeOf = (headers: RequestParts["headers"]) =>
  headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
