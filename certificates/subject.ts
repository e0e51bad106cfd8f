import type { DerValue } from "../rest/mod.ts";
import {
  type Bytes,
  der,
  membersOf,
  objectIdentifier,
  sequence,
  setOf,
  textOfIdentifier,
  utf8,
} from "./der.ts";

/** Whom a certificate is for. Kubernetes takes the common name for the user and the organizations for the groups. */
export interface CertificateSubject {
  /** `CN`. */
  commonName?: string;
  /** `O`, any number of them. */
  organizations?: readonly string[];
  /** Names that the server answers to. */
  dnsNames?: readonly string[];
  /** Addresses that the server answers to, IPv4 or IPv6. */
  ipAddresses?: readonly string[];
}

const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";
/** The extension with names and addresses. */
export const ALTERNATIVE_NAMES = "2.5.29.17";
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** The common name and organizations as X.509 has them. */
export function encodeName({ commonName, organizations = [] }: CertificateSubject): Bytes {
  const part = (type: string, text: string) => setOf(sequence(objectIdentifier(type), utf8(text)));
  return sequence(
    ...organizations.map((text) => part(ORGANIZATION, text)),
    ...commonName ? [part(COMMON_NAME, commonName)] : [],
  );
}

/** Reads what {@linkcode encodeName} writes, and what others write in its place. */
export function decodeName(name: DerValue): Pick<CertificateSubject, "commonName" | "organizations"> {
  const found = membersOf(name).flatMap(membersOf).map((attribute) => {
    const [type, value] = membersOf(attribute);
    return [textOfIdentifier(type), new TextDecoder().decode(value.content)];
  });
  const commonName = found.find(([type]) => type === COMMON_NAME)?.[1];
  return {
    ...commonName !== undefined && { commonName },
    organizations: found.filter(([type]) => type === ORGANIZATION).map(([, text]) => text),
  };
}

/**
 * The names and addresses as their extension holds them; `undefined` if there are none.
 *
 * @throws {RangeError} If one cannot be.
 */
export function encodeAlternativeNames(
  { dnsNames = [], ipAddresses = [] }: CertificateSubject,
): Bytes | undefined {
  if (dnsNames.length + ipAddresses.length === 0) return undefined;
  const names = dnsNames.map((name) => {
    if (!/^[\x21-\x7e]+$/.test(name)) {
      throw new RangeError(`Cannot certify ${JSON.stringify(name)}: it is no DNS name`);
    }
    return der(DNS_NAME, new TextEncoder().encode(name));
  });
  return sequence(...names, ...ipAddresses.map((address) => der(IP_ADDRESS, bytesOfAddress(address))));
}

/** Reads what {@linkcode encodeAlternativeNames} writes. */
export function decodeAlternativeNames(
  value: DerValue,
): Pick<CertificateSubject, "dnsNames" | "ipAddresses"> {
  const names = membersOf(value);
  const of = (tag: number) => names.filter((name) => name.tag === tag).map(({ content }) => content);
  return {
    dnsNames: of(DNS_NAME).map((content) => new TextDecoder().decode(content)),
    ipAddresses: of(IP_ADDRESS).map(textOfAddress),
  };
}

/** Whether a host is an address and no name. */
export function isAddress(host: string): boolean {
  return /^\d+(\.\d+){3}$/.test(host) || host.includes(":");
}

/** An address in the one way of writing that is compared. */
export function canonicalAddress(address: string): string {
  return textOfAddress(bytesOfAddress(address));
}

function bytesOfAddress(address: string): Bytes {
  const isLong = address.includes(":");
  const url = `http://${isLong ? `[${address}]` : address}`;
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  if (!isAddress(address) || host === "") {
    throw new RangeError(`Cannot certify ${JSON.stringify(address)}: it is no IP address`);
  }
  if (!isLong) return Uint8Array.from(host.split(".").map(Number));
  const [left, right] = host.slice(1, -1).split("::").map((side) => side.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - left.length - (right?.length ?? 0) }, () => "0");
  const groups = [...left, ...zeros, ...right ?? []].map((group) => parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function textOfAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: bytes.length / 2 },
    (_, n) => (bytes[2 * n] << 8 | bytes[2 * n + 1]).toString(16),
  );
  const url = `http://[${groups.join(":")}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : "";
}
