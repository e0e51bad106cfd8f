/**
 * What no parser of URLs would write in another way: no dots for a segment, nothing to be escaped, left out or turned
 * round.
 */
const IS_PLAIN = /^(?:\/(?!\.\.?(?:[/?]|$))[\w.~:@!$&()*+,;=-]*)+(?:\?[\w.~%:@!$&()*+,;=/-]+)?$/;

/** What an absolute URL begins with: all before its path. */
export function originOf(url: string): string {
  const start = url.indexOf("//") + 2;
  const length = url.slice(start).search(/[/?#]/);
  return length < 0 ? url : url.slice(0, start + length);
}

/** Path and query of an absolute URL, as `URL` writes them. That is asked only where it may change something. */
export function targetOf(url: string, origin: string = originOf(url)): string {
  const target = url.slice(origin.length);
  if (IS_PLAIN.test(target)) return target;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
