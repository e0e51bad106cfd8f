import { isNoMatch } from "../discovery/mod.ts";
import { apiVersionOf, type KubernetesObject, type ResourceType, type Stored } from "../meta/mod.ts";
import { isConflict, isNotFound } from "../rest/mod.ts";
import type { Client } from "./client.ts";
import { rankOf } from "./manifest_order.ts";
import type { CallOptions } from "./options.ts";
import type { ClientOf } from "./resource_client.ts";
import type { DynamicObject } from "./dynamic_object.ts";

/** Label of a member, with the id of its set. */
export const PART_OF = "applyset.kubernetes.io/part-of";
/** Label of the parent, with the id of its set. */
const ID = "applyset.kubernetes.io/id";
/** Annotation of the parent: which tool keeps the set, and its version. */
const TOOLING = "applyset.kubernetes.io/tooling";
/** Annotation of the parent: where members are beside its own namespace, separated by commas. */
const NAMESPACES = "applyset.kubernetes.io/additional-namespaces";
/** Annotation of the parent: of which kinds there are members, as `Kind.group`, separated by commas. */
const GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds";
/** Who we are in the first of these. */
const TOOL = "coxswain";
const VERSION = "v1";

/** Where members of a set may be. */
export interface ApplySetScope {
  /** Their kinds, as `Kind.group`. */
  groupKinds: ReadonlySet<string>;
  /** Their namespaces. */
  namespaces: ReadonlySet<string>;
}

/** A member that is no longer wanted. */
export interface Member {
  /** The object, with its kind. */
  object: Stored<KubernetesObject>;
  /** Deletes it. */
  remove(): Promise<unknown>;
}

/**
 * What belongs together: a secret that says of which kinds and where there are members, and a label on each of them.
 * So what is no longer among the manifests can be found, also by other tools, and after having been interrupted.
 *
 * @see https://git.k8s.io/enhancements/keps/sig-cli/3659-kubectl-apply-prune
 */
export class ApplySet {
  /** Value of the label of each member. */
  readonly id: string;
  readonly #client: Client;
  readonly #parents: ClientOf<DynamicObject>;
  readonly #name: string;
  readonly #namespace: string;
  readonly #dryRun: "All" | undefined;
  #before: ApplySetScope = { groupKinds: new Set(), namespaces: new Set() };

  /** See {@linkcode ApplySet.open}. */
  constructor(client: Client, parents: ClientOf<DynamicObject>, parent: ParentOptions, id: string) {
    this.#client = client;
    this.#parents = parents;
    this.#name = parent.name;
    this.#namespace = parent.namespace;
    this.#dryRun = parent.dryRun;
    this.id = id;
  }

  /**
   * Looks whether there is such a set.
   *
   * @throws {TypeError} If the parent exists and is none, or another tool's.
   */
  static async open(client: Client, parent: ParentOptions, { signal }: CallOptions): Promise<ApplySet> {
    const { name, namespace } = parent;
    const id = `applyset-${await hash(`${name}.${namespace}.Secret.`)}-v1`;
    const secrets = client.resource(await client.find({ apiVersion: "v1", kind: "Secret" }, { signal }));
    const set = new ApplySet(client, secrets.namespace(namespace), parent, id);
    await set.#read(signal);
    return set;
  }

  /** Says, before anything is applied, where members may be from now on: those of before, and the new ones. */
  async expand(scope: ApplySetScope, { signal }: CallOptions): Promise<void> {
    await this.#write({
      groupKinds: new Set([...this.#before.groupKinds, ...scope.groupKinds]),
      namespaces: new Set([...this.#before.namespaces, ...scope.namespaces]),
    }, signal);
  }

  /** Members of before that are not among those applied now; what others need last. */
  async leftOver(applied: ReadonlySet<string>, { signal }: CallOptions): Promise<Member[]> {
    const { groupKinds, namespaces } = this.#before;
    const members: Member[] = [];
    const kinds = [...groupKinds].sort((a, b) => rankOf(b) - rankOf(a));
    for (const groupKind of kinds) {
      const type = await this.#typeOf(groupKind, signal);
      if (type === undefined) continue; // a kind that is gone has no objects
      const all = this.#client.resource(type);
      const places = type.scope === "Cluster"
        ? [all]
        : [...new Set([...namespaces, this.#namespace])].map((one) => all.namespace(one));
      for (const place of places) {
        for await (
          const object of place.metadata().items({ labelSelector: `${PART_OF}=${this.id}`, signal })
        ) {
          const { name, uid } = object.metadata;
          if (applied.has(uid)) continue;
          members.push({
            object: { ...object, apiVersion: apiVersionOf(type), kind: type.kind },
            remove: () =>
              place.delete(name, {
                preconditions: { uid },
                propagationPolicy: "Background",
                dryRun: this.#dryRun,
                signal,
              }).catch(unlessNotFound),
          });
        }
      }
    }
    return members;
  }

  /** Says, when all has gone well, where members are. */
  async settle(scope: ApplySetScope, { signal }: CallOptions): Promise<void> {
    await this.#write(scope, signal);
  }

  async #read(signal?: AbortSignal): Promise<void> {
    let parent: Stored<KubernetesObject>;
    try {
      parent = await this.#parents.metadata().get(this.#name, { signal });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const { labels = {}, annotations = {} } = parent.metadata;
    const what = `Cannot prune: the secret ${JSON.stringify(this.#name)} in namespace ${
      JSON.stringify(this.#namespace)
    }`;
    const tool = annotations[TOOLING]?.replace(/\/[^/]*$/, "");
    if (tool === undefined || labels[ID] === undefined) {
      throw new TypeError(`${what} exists, and is no parent of an ApplySet. Choose another name`);
    }
    if (tool !== TOOL) throw new TypeError(`${what} is the parent of an ApplySet that ${tool} keeps`);
    if (labels[ID] !== this.id) throw new TypeError(`${what} has the id of another ApplySet`);
    this.#before = {
      groupKinds: new Set(annotations[GROUP_KINDS]?.split(",").filter(Boolean)),
      namespaces: new Set(annotations[NAMESPACES]?.split(",").filter(Boolean)),
    };
  }

  async #write({ groupKinds, namespaces }: ApplySetScope, signal?: AbortSignal): Promise<void> {
    const elsewhere = [...namespaces].filter((one) => one !== this.#namespace);
    const fields = {
      metadata: {
        labels: { [ID]: this.id },
        annotations: {
          [TOOLING]: `${TOOL}/${VERSION}`,
          [GROUP_KINDS]: [...groupKinds].sort().join(","),
          [NAMESPACES]: elsewhere.sort().join(","),
        },
      },
    };
    const options = { fieldManager: `${TOOL}-applyset`, dryRun: this.#dryRun, signal };
    try {
      await this.#parents.apply(this.#name, fields, options);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await this.#parents.apply(this.#name, fields, { ...options, force: true }); // they are ours by their meaning
    }
  }

  async #typeOf(groupKind: string, signal?: AbortSignal): Promise<ResourceType | undefined> {
    const [, kind, group] = /^([^.]*)\.?(.*)$/.exec(groupKind) as RegExpExecArray;
    try {
      return await this.#client.find({ kind, group }, { signal });
    } catch (error) {
      if (isNoMatch(error)) return undefined;
      throw error;
    }
  }
}

/** Which secret is the parent. */
export interface ParentOptions {
  /** Its name. */
  name: string;
  /** Its namespace. */
  namespace: string;
  /** Whether nothing is to be stored. */
  dryRun?: "All";
}

function unlessNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error; // what is gone already need not be deleted
}

/** SHA-256 in the base64 of URLs, without its padding. */
async function hash(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
