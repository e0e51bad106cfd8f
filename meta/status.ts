/** One reason behind a {@linkcode Status}, often one field of the object. */
export interface StatusCause {
  /** Machine-readable kind of cause, such as `FieldValueInvalid`. */
  reason?: string;
  /** What is wrong, for people. */
  message?: string;
  /** The field, such as `spec.containers[0].image`. */
  field?: string;
}

/** What a {@linkcode Status} is about. */
export interface StatusDetails {
  /** Name of the object. */
  name?: string;
  /** Group of the resource. */
  group?: string;
  /** The resource (`pods`), or the kind, as the server chose. */
  kind?: string;
  /** UID of the object. */
  uid?: string;
  /** The single reasons. */
  causes?: StatusCause[];
  /** Seconds that the server asks to wait before the next try. */
  retryAfterSeconds?: number;
}

/**
 * How a server answers when it has no object to send, above all when it refuses.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/, spec rest 4.3
 */
export interface Status {
  /** Always `v1`. */
  apiVersion: "v1";
  /** Always `Status`. */
  kind: "Status";
  /** List metadata; mostly empty. */
  metadata?: Record<string, unknown>;
  /** Whether the request worked. */
  status?: "Success" | "Failure";
  /** What happened, in the server's words. */
  message?: string;
  /** Machine-readable reason, such as `NotFound`. */
  reason?: string;
  /** What it is about. */
  details?: StatusDetails;
  /** The HTTP status code. */
  code?: number;
}

/** Whether a decoded body is a {@linkcode Status} and not an object of some other kind. */
export function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status" &&
    (!("apiVersion" in value) || value.apiVersion === "v1" || value.apiVersion === undefined);
}
