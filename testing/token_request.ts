import { formatTime, parseApiVersion } from "../meta/mod.ts";
import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { badRequest, failure, invalid, invalidValue, Refusal } from "./refusal.ts";

/** Who the server says that it is in tokens, and whom they are for if nobody else is named. */
const ISSUER = "https://kubernetes.default.svc";
const TITLE = { group: "authentication.k8s.io", kind: "TokenRequest" };
const HOUR = 3_600;
const SHORTEST = 600;

/** What a token is made with. */
export interface TokenParts {
  /** The service account. */
  readonly account: ApiObject;
  /** Finds the object that a token is bound to. @throws {Refusal} 404. */
  readonly bound: (apiVersion: string, kind: string, name: string) => ApiObject;
  readonly now: Date;
  /** What tokens are told apart by. */
  readonly id: string;
  readonly managedFields: unknown;
}

/**
 * The answer to a request for a token of a service account. The token is a JWT by its form; its signature is none.
 *
 * @throws {Refusal} As the server refuses it.
 */
export function issuedToken(request: JsonObject, parts: TokenParts): { token: string; answer: JsonObject } {
  const { account, now } = parts;
  const { name, namespace, uid } = account.metadata;
  const sent = isJsonObject(request.metadata) ? request.metadata : {};
  const spec = isJsonObject(request.spec) ? request.spec : {};
  checkSame("name", sent.name, name, name);
  checkSame("namespace", sent.namespace, namespace, name);
  const expirationSeconds = Number(spec.expirationSeconds ?? HOUR);
  checkExpiration(expirationSeconds);
  const audiences = Array.isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences : [ISSUER];
  const boundObjectRef = isJsonObject(spec.boundObjectRef) ? spec.boundObjectRef : null;
  const boundTo = boundObjectRef === null ? {} : claimOf(boundObjectRef, parts);
  const seconds = Math.floor(now.getTime() / 1_000);
  const claims = {
    aud: audiences,
    exp: seconds + expirationSeconds,
    iat: seconds,
    iss: ISSUER,
    jti: parts.id,
    "kubernetes.io": { namespace, ...boundTo, serviceaccount: { name, uid } },
    nbf: seconds,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const expiry = new Date(now.getTime() + expirationSeconds * 1_000);
  const token = tokenOf(claims);
  const { managedFields } = parts;
  const answer = {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: { name, namespace, uid, creationTimestamp: formatTime(now), managedFields },
    spec: { audiences, expirationSeconds, boundObjectRef },
    status: { token, expirationTimestamp: formatTime(expiry) },
  };
  return { token, answer };
}

function checkSame(field: string, sent: unknown, expected: unknown, account: string): void {
  if (!sent || sent === expected) return;
  const rule = `must match the service account ${field} if specified`;
  throw invalid(TITLE, account, [invalidValue(`metadata.${field}`, sent, rule)]);
}

function checkExpiration(seconds: number): void {
  const refused = (rule: string) =>
    invalid(TITLE, "", [invalidValue("spec.expirationSeconds", seconds, rule)]);
  if (seconds < SHORTEST) throw refused("may not specify a duration less than 10 minutes");
  if (seconds > 2 ** 32) throw refused("may not specify a duration larger than 2^32 seconds");
}

/** What a token says of the object that it lives as long as. */
function claimOf({ apiVersion, kind, name, uid }: JsonObject, { account, bound }: TokenParts): JsonObject {
  const version = String(apiVersion ?? "v1");
  const { group } = parseApiVersion(version);
  if (group !== "" || !["Pod", "Secret", "Node"].includes(String(kind))) {
    const title = `${version.includes("/") ? "" : "/"}${version}, Kind=${kind}`;
    throw badRequest(`cannot bind token to object of type ${title}`);
  }
  const object = bound(version, String(kind), String(name));
  const { serviceAccountName = "" } = (object.spec ?? {}) as JsonObject;
  if (kind === "Pod" && serviceAccountName !== account.metadata.name) {
    const quoted = JSON.stringify(account.metadata.name);
    throw badRequest(
      `cannot bind token for serviceaccount ${quoted} to pod running with different serviceaccount name.`,
    );
  }
  if (uid && uid !== object.metadata.uid) {
    const problem = `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
      "The object might have been deleted and then recreated";
    const message = `Operation cannot be fulfilled on ${kind} ${JSON.stringify(name)}: ${problem}`;
    throw new Refusal(failure(409, "Conflict", message, { name: String(name), kind: String(kind) }));
  }
  return { [String(kind).toLowerCase()]: { name, uid: object.metadata.uid } };
}

function tokenOf(claims: JsonObject): string {
  const part = (value: unknown) => base64url(JSON.stringify(value));
  return `${part({ alg: "RS256", kid: "in-memory" })}.${part(claims)}.${base64url("not a signature")}`;
}

function base64url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
