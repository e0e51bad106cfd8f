import { decodeBase64 } from "../rest/mod.ts";

/** One block of a PEM file. */
export interface PemBlock {
  /** What it holds, such as `CERTIFICATE`. */
  label: string;
  /** Whether it has headers, as encrypted keys of old have. */
  hasHeaders: boolean;
  /** Its content. */
  bytes: Uint8Array<ArrayBuffer>;
}

const BEGIN = /^-----BEGIN ([^-]+)-----$/;

/** The blocks of a PEM file in order. What is between them, or is not complete, is passed over. */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: string; hasHeaders: boolean; content: string } | undefined;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    const label = BEGIN.exec(trimmed)?.[1];
    if (label !== undefined) open = { label, hasHeaders: false, content: "" };
    else if (open === undefined) continue;
    else if (trimmed === `-----END ${open.label}-----`) {
      const bytes = decodeBase64(open.content);
      if (bytes !== undefined) blocks.push({ label: open.label, hasHeaders: open.hasHeaders, bytes });
      open = undefined;
    } else if (trimmed.includes(":")) open.hasHeaders = true;
    else open.content += trimmed;
  }
  return blocks;
}

/** A PEM block, with lines of 64 characters. */
export function formatPem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** Base64, as JSON carries bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
