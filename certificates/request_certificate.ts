import { type Clock, onAbort } from "../async/mod.ts";
import type { Condition, KubernetesObject, ObjectMeta } from "../meta/mod.ts";
import {
  decodeBase64,
  isExpired,
  isNetworkError,
  isTimeout,
  type RestClient,
  type RestRequest,
} from "../rest/mod.ts";
import { encodeBase64 } from "./pem.ts";

/** How long a signer may take, in milliseconds; client-go's `certificateWaitTimeout`. */
const PATIENCE = 900_000;
/** Between two attempts to follow a request, in milliseconds. */
const PAUSE = 1_000;

/** Options of {@linkcode requestCertificate}. */
export interface RequestCertificateOptions {
  /** Who is to sign, such as `kubernetes.io/kube-apiserver-client`. */
  signerName: string;
  /** What the certificate is to be used for, such as `["digital signature", "client auth"]`. */
  usages: readonly string[];
  /** Name of the object. Default: one that begins with `csr-`. */
  name?: string;
  /** How long the certificate should be valid, in milliseconds, of which whole seconds count. The signer decides. */
  validity?: number;
  /** How long to wait until it is signed, in milliseconds. Default 900,000. */
  timeout?: number;
  /** Told once the server has taken the request. */
  onRequested?: (name: string) => void;
  /** The clock of the waiting. Default that of the client. */
  clock?: Clock;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/** A `CertificateSigningRequest`, as far as it is needed here. */
interface CertificateSigningRequest extends KubernetesObject {
  metadata: ObjectMeta;
  status?: { conditions?: Pick<Condition, "type" | "reason" | "message">[]; certificate?: string };
}

/**
 * Has a cluster sign a request for a certificate: creates a `CertificateSigningRequest`, and waits until somebody has
 * approved it and the signer has signed. Uses `certificates.k8s.io/v1`, which all servers have since 1.19; client-go
 * also falls back to `v1beta1`.
 *
 * @param request As {@linkcode createCertificateRequest} writes it.
 * @returns The certificate and what the signer has put after it, as PEM.
 * @throws {StatusError} If the server refuses, with its own reason.
 * @throws {Error} If the request is denied, fails or is deleted, or nobody signs it in time.
 * @see client-go `util/certificate/csr`, spec rest 13.4
 */
export async function requestCertificate(
  rest: RestClient,
  request: string,
  options: RequestCertificateOptions,
): Promise<string> {
  const { signerName, usages, name, validity, timeout = PATIENCE, clock = rest.config.clock, signal } =
    options;
  const created = await rest.post().groupVersion("certificates.k8s.io", "v1").resource(
    "certificatesigningrequests",
  )
    .body({
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: name ? { name } : { generateName: "csr-" },
      spec: {
        request: encodeBase64(new TextEncoder().encode(request)),
        signerName,
        usages,
        ...validity !== undefined && { expirationSeconds: Math.trunc(validity / 1000) },
      },
    }).send({ signal });
  const { metadata } = await created.json<CertificateSigningRequest>();
  const shown = metadata.name ?? "";
  options.onRequested?.(shown);

  const life = new AbortController();
  const late = new Error(
    `Cannot get a certificate: timed out waiting for ${JSON.stringify(shown)} to be signed`,
  );
  const cancel = clock.schedule(() => life.abort(late), timeout);
  const forget = onAbort(signal, (reason) => life.abort(reason));
  try {
    return await signedCertificate(rest, metadata, clock, life.signal);
  } finally {
    cancel();
    forget();
  }
}

/** Follows a request until it is decided. */
async function signedCertificate(
  rest: RestClient,
  { name = "", uid }: ObjectMeta,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const all = rest.get().groupVersion("certificates.k8s.io", "v1").resource("certificatesigningrequests")
    .query({ fieldSelector: `metadata.name=${name}` });
  for (;;) {
    try {
      const certificate = await followOnce(all, name, uid, signal);
      if (certificate !== undefined) return certificate;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isNetworkError(error) && !isExpired(error) && !isTimeout(error)) throw error;
    }
    await clock.sleep(PAUSE, { signal });
  }
}

/** One list and one watch. */
async function followOnce(
  all: RestRequest,
  name: string,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await all.send({ signal });
  const { metadata, items } = await answer.json<
    { metadata: { resourceVersion?: string }; items: CertificateSigningRequest[] }
  >();
  const [found] = items;
  if (found === undefined) throw gone(name);
  const certificate = certificateIn(found, name, uid);
  if (certificate !== undefined) return certificate;
  const watch = await all.query({ watch: true, resourceVersion: metadata.resourceVersion }).send({ signal });
  for await (const { type, object } of watch.watch<CertificateSigningRequest>()) {
    if (type === "DELETED") throw gone(name);
    if (type === "BOOKMARK") continue;
    const certificate = certificateIn(object as CertificateSigningRequest, name, uid);
    if (certificate !== undefined) return certificate;
  }
}

const gone = (name: string) =>
  new Error(`Cannot get a certificate: ${JSON.stringify(name)} was deleted before it was signed`);

/** The certificate, once it is there. */
function certificateIn(
  { metadata, status: { conditions = [], certificate } = {} }: CertificateSigningRequest,
  name: string,
  uid: string | undefined,
): string | undefined {
  if (metadata.uid !== uid) {
    throw new Error(`Cannot get a certificate: ${JSON.stringify(name)} is another one, its UID has changed`);
  }
  for (const { type, reason, message } of conditions) {
    if (type !== "Denied" && type !== "Failed") continue;
    const why = [reason, message].filter(Boolean).join(": ");
    throw new Error(
      `Cannot get a certificate: ${JSON.stringify(name)} ${type === "Denied" ? "was denied" : "has failed"}${
        why && ` (${why})`
      }`,
    );
  }
  if (!certificate || !conditions.some(({ type }) => type === "Approved")) return undefined;
  const bytes = decodeBase64(certificate);
  if (bytes === undefined) {
    throw new SyntaxError(`Cannot get a certificate: that of ${JSON.stringify(name)} is not base64`);
  }
  return new TextDecoder().decode(bytes);
}
