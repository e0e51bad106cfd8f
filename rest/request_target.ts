/**
 * What no parser of URLs would write in another way: no dots for a segment, nothing to be escaped, left out or turned
 * round.
 */
const IS_PLAIN = /^(?:\/(?!\.\.?(?:[/?]|$))[\w.~:@!$&()*+,;=-]*)+(?:\?[\w.~%:@!$&()*+,;=/-]+)?$/;

/** What an absolute URL begins with: all before its path. */
export function originOf(url: string): string {
  const at = url.slice(url.indexOf("//") + 2).search(/[/?#]/);
  return at < 0 ? url : url.slice(0, url.indexOf("//") + 2 + at);
}

/** Path and query of an absolute URL, as `URL` writes them. That is asked only where it may change something. */
export function targetOf(url: string): string {
  const target = url.slice(originOf(url).length);
  if (IS_PLAIN.test(target)) return target;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
