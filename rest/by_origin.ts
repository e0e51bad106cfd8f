import { originOf } from "./request_target.ts";

/** The same function of a URL, asked again only when the URL has another origin, on which alone it depends. */
export function byOrigin<T>(of: (url: URL) => T): (url: string) => T {
  let last: { origin: string; value: T } | undefined;
  return (url) => {
    const origin = originOf(url);
    if (last?.origin !== origin) last = { origin, value: of(new URL(url)) };
    return last.value;
  };
}
