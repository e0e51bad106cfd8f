import { joinBytes } from "../rest/mod.ts";

/** The longest line that is kept whole, in bytes. Kubelets cut lines at 16 KiB when they write them. */
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;

/** One line of a log. */
export interface LogLine {
  /** When it was written, in RFC 3339 with nanoseconds; empty if the server did not say. */
  readonly time: string;
  /** The line, without its end. */
  readonly text: string;
  /** Whether it was longer than 1 MiB, and is cut there. */
  readonly isCut: boolean;
}

/**
 * The lines of a log that was asked for with timestamps.
 *
 * @param onRest Given the line that has no end, when the stream has one. Default: it is a line like the others.
 */
export async function* readLogLines(
  stream: ReadableStream<Uint8Array>,
  onRest?: (line: LogLine) => void,
): AsyncGenerator<LogLine, void, undefined> {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let length = 0;
  let isCut = false;
  const keep = (bytes: Uint8Array) => {
    const kept = bytes.subarray(0, Math.max(0, LONGEST_LINE - length));
    isCut ||= kept.length < bytes.length;
    length += kept.length;
    if (kept.length > 0) pieces.push(kept);
  };
  const take = (): LogLine => {
    const line = parseLogLine(
      decoder.decode(pieces.length === 1 ? pieces[0] : joinBytes(pieces)),
      isCut,
    );
    [pieces, length, isCut] = [[], 0, false];
    return line;
  };
  for await (const bytes of stream) {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      keep(bytes.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < bytes.length) keep(bytes.slice(start));
  }
  if (length === 0) return;
  if (onRest === undefined) yield take();
  else onRest(take());
}

function parseLogLine(line: string, isCut: boolean): LogLine {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)(?= |$)/.exec(line)?.[0] ?? "";
  const text = time === "" ? line : line.slice(time.length + 1);
  return { time, text: text.endsWith("\r") ? text.slice(0, -1) : text, isCut };
}
