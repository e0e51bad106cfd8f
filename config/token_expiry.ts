import { decodeBase64 } from "./base64.ts";
import { isMapping } from "./shape.ts";

/**
 * When a JSON Web Token expires, in milliseconds since 1970; 0 if it does not say. Its signature is not looked at: the
 * server does that.
 *
 * @returns What is wrong with it, if it is none.
 */
export function tokenExpiry(token: string): number | string {
  const parts = token.split(".");
  if (parts.length !== 3) return "the id-token is not a JSON Web Token";
  const payload = decodeBase64(parts[1].replaceAll("-", "+").replaceAll("_", "/"));
  const claims = payload === undefined ? undefined : jsonOf(payload);
  if (!isMapping(claims)) return "the payload of the id-token cannot be read";
  const { exp = 0 } = claims;
  if (typeof exp !== "number") return "the expiry of the id-token is not a number";
  return exp * 1000;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the engine's message quotes the text
  }
}
