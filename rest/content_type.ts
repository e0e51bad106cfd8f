import type { Codec } from "./codec.ts";
import { jsonCodec } from "./json_codec.ts";

/** The media type in a `Content-Type` header, without parameters; `undefined` when it is none. */
export function mediaTypeOf(header: string): string | undefined {
  return /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(?:;.*)?$/s.exec(header)?.[1].toLowerCase();
}

/**
 * The codec for an answer. Without a content type it is taken for JSON, and so is plain text: functions that stand for
 * servers answer with it.
 *
 * @param header The answer's `Content-Type`.
 * @param isStream Whether a watch is to be read.
 */
export function codecFor(
  header: string | null,
  codecs: readonly Codec[],
  isStream: boolean = false,
): Codec | undefined {
  const isUsual = header === jsonCodec.mediaType; // which most answers are
  const type = isUsual ? header : header === null ? "text/plain" : mediaTypeOf(header);
  if (type === undefined) return undefined;
  return codecs.find(({ mediaType, streamMediaType = mediaType }) =>
    type === (isStream ? streamMediaType : mediaType)
  ) ?? (/^text\/plain$|[/+]json$/.test(type) ? jsonCodec : undefined);
}
