/** What `NO_PROXY` says, ready to be asked. */
export interface NoProxy {
  /** Whether a URL is to be reached without a proxy, by the rules of Go programs. */
  excludes(url: URL): boolean;
  /**
   * Whether an entry says so that all programs read alike: a name, an address or a network, without a port or `*`.
   * The loopback interface, which Go programs exclude of their own accord, is not among those.
   */
  excludesPlainly(url: URL): boolean;
}

interface Address {
  /** Four bytes or sixteen. */
  readonly bytes: readonly number[];
}

interface Entry {
  readonly isPlain: boolean;
  readonly matches: (host: string, port: string, address: Address | undefined) => boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * Reads a list as `NO_PROXY` has it, separated by commas: `host` and `.host` (below `host` only; the former also
 * `host` itself), each also with `:port`, an address with or without a port, a network such as `10.0.0.0/8`, and `*`
 * for everything. `localhost` and addresses of the loopback interface are always excluded.
 *
 * @see golang.org/x/net/http/httpproxy, spec rest 7.8
 */
export function parseNoProxy(list: string): NoProxy {
  const entries = entriesOf(list);
  const find = (url: URL, isWanted: (entry: Entry) => boolean): boolean => {
    const host = hostOf(url);
    const address = parseAddress(host);
    const port = url.port || DEFAULT_PORTS[url.protocol];
    return entries.some((entry) => isWanted(entry) && entry.matches(host, port, address));
  };
  return {
    excludes: (url) => isLoopback(hostOf(url)) || find(url, () => true),
    excludesPlainly: (url) => find(url, ({ isPlain }) => isPlain),
  };
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}

function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  const { bytes } = parseAddress(host) ?? { bytes: [] };
  return bytes.length === 4 ? bytes[0] === 127 : bytes.length === 16 && bytes.join("") === "0000000000000001";
}

function entriesOf(list: string): Entry[] {
  const texts = list.split(",").map((text) => text.trim().toLowerCase()).filter((text) => text !== "");
  if (texts.includes("*")) return [{ isPlain: false, matches: () => true }];
  return texts.map(entryOf).filter((entry) => entry !== undefined);
}

function entryOf(text: string): Entry | undefined {
  const network = parseNetwork(text);
  if (network !== undefined) {
    return { isPlain: true, matches: (_host, _port, address) => address !== undefined && network(address) };
  }
  // A second colon outside of brackets makes it an IPv6 address, or nothing that could match.
  const [, inBrackets, plain, port = ""] = /^(?:\[(.*)\]|([^:]*)):([^:]*)$/.exec(text) ?? [];
  const host = inBrackets ?? plain ?? text;
  if (host === "") return undefined;
  const hasPort = port !== "";
  const isPort = (other: string) => !hasPort || other === port;
  const wanted = parseAddress(host);
  if (wanted !== undefined) {
    return {
      isPlain: !hasPort,
      matches: (_host, port, address) => address !== undefined && isSame(address, wanted) && isPort(port),
    };
  }
  const suffix = toAscii(host.replace(/^\*\./, "."));
  const [name, below] = suffix.startsWith(".") ? [undefined, suffix] : [suffix, `.${suffix}`];
  return {
    isPlain: !hasPort && !host.startsWith("*."),
    matches: (host, port, address) =>
      address === undefined && (host === name || host.endsWith(below)) && isPort(port),
  };
}

/** A name as URLs have it, where other letters than ASCII's are written in those. */
function toAscii(name: string): string {
  const [, dot, rest] = /^(\.?)(.*)$/.exec(name)!;
  return /^[\x20-\x7e]*$/.test(name) || !URL.canParse(`http://${rest}`)
    ? name
    : dot + new URL(`http://${rest}`).hostname;
}

/** Whether an address is in a network such as `10.0.0.0/8`; `undefined` when the text is none. */
function parseNetwork(text: string): ((address: Address) => boolean) | undefined {
  const [, start, size] = /^(.*)\/(\d{1,3})$/.exec(text) ?? [];
  const network = start === undefined ? undefined : parseAddress(start);
  const bits = Number(size);
  if (network === undefined || bits > network.bytes.length * 8) return undefined;
  return ({ bytes }) =>
    bytes.length === network.bytes.length && bytes.every((byte, index) => {
      const mask = 0xff00 >> Math.min(8, Math.max(0, bits - 8 * index)) & 0xff;
      return (byte & mask) === (network.bytes[index] & mask);
    });
}

const isSame = (one: Address, other: Address) => String(one.bytes) === String(other.bytes);

/** An IPv4 or IPv6 address; `undefined` when the text is none. An IPv4 address within IPv6 is that IPv4 address. */
function parseAddress(text: string): Address | undefined {
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) {
    const parts = text.split(".");
    const isValid = parts.every((part) => Number(part) <= 255 && (part === "0" || !part.startsWith("0")));
    return isValid ? { bytes: parts.map(Number) } : undefined;
  }
  if (!text.includes(":") || !URL.canParse(`http://[${text}]`)) return undefined;
  // In a URL it is in its shortest form, without dots.
  const [head, tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string | undefined) =>
    part ? part.split(":").map((group) => parseInt(group, 16)) : [];
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff]);
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && all[5] === 0xffff;
  return { bytes: isMapped ? bytes.slice(12) : bytes };
}
