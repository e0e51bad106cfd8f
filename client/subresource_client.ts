import type { ApplyConfiguration, KubernetesObject, Status, Stored } from "../meta/mod.ts";
import type { TokenRequest, TokenRequestSpec } from "../types/authentication_v1.ts";
import type { Scale } from "../types/autoscaling_v1.ts";
import type { Binding } from "../types/core_v1.ts";
import type { Eviction } from "../types/policy_v1.ts";
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  PatchOptions,
  WriteOptions,
} from "./options.ts";
import type { Patch } from "./patch.ts";
import type { Named } from "./resource_client.ts";

/** One subresource of the objects of a kind, such as `ephemeralcontainers`. Which verbs it takes, says the API. */
export interface SubresourceClient<R extends KubernetesObject> {
  /** Reads it. */
  get(name: string, options?: GetOptions): Promise<Stored<R>>;
  /** Sends something new to it, such as a request for a token. */
  create(name: string, body: R, options?: WriteOptions): Promise<R>;
  /** Replaces it. */
  update(name: string, body: R, options?: WriteOptions): Promise<Stored<R>>;
  /** Changes parts of it. */
  patch(name: string, patch: Patch<R>, options?: PatchOptions): Promise<Stored<R>>;
  /** Server-side apply to it; what is owned there is told apart from what is owned of the object itself. */
  apply(name: string, fields: ApplyConfiguration<R>, options: ApplyOptions): Promise<Stored<R>>;
}

/** The scale of one object: how many replicas are wanted, and how many there are. */
export interface ScaleClient {
  /** Reads the scale. */
  get(options?: GetOptions): Promise<Stored<Scale>>;
  /** Replaces the scale. With a `metadata.resourceVersion`, only if the object has not changed since. */
  update(scale: Scale, options?: WriteOptions): Promise<Stored<Scale>>;
  /** Changes the scale, as in `{ merge: { spec: { replicas: 3 } } }`. */
  patch(patch: Patch<Scale>, options?: PatchOptions): Promise<Stored<Scale>>;
  /** Server-side apply to the scale: owns `spec.replicas`. */
  apply(fields: ApplyConfiguration<Scale>, options: ApplyOptions): Promise<Stored<Scale>>;
}

/** What a kind with a `status` subresource offers. */
export interface StatusWriter<T extends KubernetesObject> {
  /** Replaces the status of an object, and nothing else of it. */
  updateStatus(object: Named<T>, options?: WriteOptions): Promise<Stored<T>>;
  /** Changes parts of a status: the patch is of the whole object, `{ merge: { status: … } }`. */
  patchStatus(name: string, patch: Patch<T>, options?: PatchOptions): Promise<Stored<T>>;
  /** Server-side apply to the status: `{ status: … }`. */
  applyStatus(name: string, fields: ApplyConfiguration<T>, options: ApplyOptions): Promise<Stored<T>>;
}

/** What a kind with a `scale` subresource offers. */
export interface Scalable {
  /** The scale of one object, whatever kind it is. */
  scale(name: string): ScaleClient;
}

/** What a kind with an `eviction` subresource offers: pods. */
export interface Evictable {
  /**
   * Deletes a pod as far as its disruption budgets allow.
   *
   * @param options How to delete. `dryRun` goes as an option of the deletion.
   * @throws {StatusError} {@linkcode isTooManyRequests} while a budget does not allow it: try again later.
   */
  evict(name: string, options?: DeleteOptions): Promise<Status>;
}

/** What a kind with a `binding` subresource offers: pods. */
export interface Bindable {
  /** Gives a pod to a node, as a scheduler does. */
  bind(name: string, node: string, options?: WriteOptions): Promise<Status>;
}

/** What a kind with a `token` subresource offers: service accounts. */
export interface TokenSource {
  /**
   * Makes a token for a service account.
   *
   * @param spec For whom, for how long, bound to what. Default: for the API server, an hour.
   * @returns The request with its answer in `status`: the token and when it ends. **It is a credential.**
   */
  createToken(name: string, spec?: TokenRequestSpec, options?: CallOptions): Promise<CreatedToken>;
}

/** A request for a token, with the answer. */
export type CreatedToken = TokenRequest & Required<Pick<TokenRequest, "spec" | "status">>;

/** What any kind with a subresource offers. */
export interface HasSubresources<T extends KubernetesObject, Sub extends string> {
  /** A subresource by its name, for those without a method of their own. */
  subresource<N extends Sub>(name: N): SubresourceClient<SubresourceObject<T, N>>;
}

/** What is read from and sent to a subresource: mostly the object itself. */
export type SubresourceObject<T extends KubernetesObject, N extends string> = N extends "scale" ? Scale
  : N extends "eviction" ? Eviction
  : N extends "binding" ? Binding
  : N extends "token" ? TokenRequest
  : T;

/** What a kind offers by its subresources. `string` stands for "not known": then all of it. */
export type Subresources<T extends KubernetesObject, Sub extends string> =
  & (["status"] extends [Sub] ? StatusWriter<T> : unknown)
  & (["scale"] extends [Sub] ? Scalable : unknown)
  & (["eviction"] extends [Sub] ? Evictable : unknown)
  & (["binding"] extends [Sub] ? Bindable : unknown)
  & (["token"] extends [Sub] ? TokenSource : unknown)
  & ([Sub] extends [never] ? unknown : HasSubresources<T, Sub>);
