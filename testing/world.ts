import type { Clock } from "../async/mod.ts";
import type { KubernetesObject, ResourceType } from "../meta/mod.ts";
import { ApiHandler } from "./api_handler.ts";
import type { ApiObject } from "./api_object.ts";
import type { Authenticator } from "./authenticator.ts";
import { ALWAYS_ALLOW, type Authorizer, RbacAuthorizer, type RoleResources } from "./authorizer.ts";
import { bootstrapRoles } from "./bootstrap_roles.ts";
import { builtInResources } from "./built_in_resources.ts";
import { followDefinitions } from "./custom_resources.ts";
import { isDefinition } from "./definitions.ts";
import { GarbageCollector } from "./garbage_collector.ts";
import { NamespaceTermination } from "./namespace_termination.ts";
import { Refusal } from "./refusal.ts";
import { Registry } from "./registry.ts";
import { parseObject } from "./request_body.ts";
import { Router } from "./route.ts";
import { type SeededRandom, seededRandom } from "./seeded_random.ts";
import { type ServedResource, servedResource } from "./served_resource.ts";
import { Store } from "./store.ts";

/** All objects of a server as they were at one time, as plain JSON. */
export interface Snapshot {
  /** The version of the newest write. */
  readonly resourceVersion: number;
  /** Where the server's dice stand. */
  readonly random: readonly number[];
  /** The objects as they are stored. */
  readonly objects: readonly KubernetesObject[];
}

/** What a {@linkcode World} is like. */
export interface WorldOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly resources: readonly ResourceType[];
  readonly historySize: number;
  readonly previewVersions: boolean;
  readonly garbageCollection: boolean;
  readonly hasRoles: boolean;
  readonly authenticator: Authenticator;
}

const FIRST_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** A store and all that follows from what is in it. A server that goes back in time gets another one. */
export class World {
  readonly store: Store;
  readonly handler: ApiHandler;
  readonly authorizer: Authorizer;
  /** The dice of audit ids, apart from those of uids: what is only read makes no difference to those. */
  readonly auditRandom: SeededRandom;
  readonly #random: SeededRandom;
  readonly #registry: Registry;
  readonly #router: Router;
  readonly #garbage: GarbageCollector | undefined;
  readonly #termination: NamespaceTermination | undefined;

  /** @param snapshot What is there from the beginning. Default: what a new server has. */
  constructor(options: WorldOptions, snapshot?: Snapshot) {
    const {
      clock,
      seed,
      resources,
      historySize,
      previewVersions,
      garbageCollection,
      hasRoles,
      authenticator,
    } = options;
    this.#random = seededRandom(seed);
    this.auditRandom = seededRandom(seed);
    this.store = new Store(historySize);
    const custom = resources.map((type) => servedResource(type));
    this.#router = new Router([...builtInResources(previewVersions), ...custom]);
    const namespaces = this.#builtIn("v1", "namespaces");
    this.#registry = new Registry(this.store, clock, this.#random, namespaces, previewVersions);
    const definitions = this.#builtIn("apiextensions.k8s.io/v1", "customresourcedefinitions");
    followDefinitions(this.store, this.#registry, this.#router, definitions, clock);
    if (garbageCollection) {
      this.#garbage = new GarbageCollector(this.store, this.#registry, this.#router);
      this.#termination = new NamespaceTermination(
        this.store,
        this.#registry,
        this.#router,
        namespaces,
        clock,
      );
    }
    this.authorizer = hasRoles ? new RbacAuthorizer(this.store, this.#roleResources()) : ALWAYS_ALLOW;
    this.handler = new ApiHandler({
      store: this.store,
      registry: this.#registry,
      router: this.#router,
      clock,
      access: { authenticator, authorizer: this.authorizer },
    });
    if (snapshot === undefined) this.#begin(namespaces, hasRoles);
    else this.#restore(snapshot);
  }

  /** Puts an object into the store as it is. @throws {TypeError} If it could not be there. */
  load(object: KubernetesObject): void {
    const { apiVersion = "", kind = "", metadata } = object;
    const resource = this.#router.kind(apiVersion, kind);
    if (resource === undefined) {
      throw new TypeError(
        `Cannot load ${JSON.stringify(metadata?.name)}: ${JSON.stringify(apiVersion)} serves no kind ${
          JSON.stringify(kind)
        }. Add it to the server's resources`,
      );
    }
    try {
      this.#registry.load(resource, parseObject(JSON.stringify(object), resource, () => undefined));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new TypeError(`Cannot load ${JSON.stringify(metadata?.name)}: ${error.message}`, {
        cause: error,
      });
    } finally {
      this.#garbage?.forget();
    }
  }

  /** Lets the controllers do what the last requests have left to them. */
  settle(): void {
    while (this.#garbage?.settle() || this.#termination?.settle());
  }

  /** What there is. */
  snapshot(): Snapshot {
    const { resourceVersion } = this.store;
    const random = [this.#random.state, this.auditRandom.state];
    return structuredClone({ resourceVersion, random, objects: this.store.objects() });
  }

  #begin(namespaces: ServedResource, hasRoles: boolean): void {
    for (const name of FIRST_NAMESPACES) {
      this.#registry.create(namespaces, undefined, { metadata: { name } }, { dryRun: false });
    }
    if (hasRoles) { for (const object of bootstrapRoles()) this.load(object); }
  }

  /** Makes it as it was: definitions first, since they say what is served. */
  #restore({ resourceVersion, random, objects }: Snapshot): void {
    const copy = structuredClone(objects) as ApiObject[];
    const version = ({ metadata }: ApiObject) => Number(metadata.resourceVersion);
    const order = (a: ApiObject, b: ApiObject) =>
      Number(isDefinition(b)) - Number(isDefinition(a)) || version(a) - version(b);
    for (const object of copy.sort(order)) {
      const resource = this.#router.kind(object.apiVersion, object.kind);
      if (resource === undefined) {
        throw new TypeError(`Cannot restore a snapshot: ${object.apiVersion} serves no kind ${object.kind}`);
      }
      this.store.restore(resource, object);
    }
    this.store.begin(resourceVersion);
    [this.#random.state, this.auditRandom.state] = random;
    this.#garbage?.forget();
  }

  #roleResources(): RoleResources {
    const find = (plural: string) => this.#builtIn("rbac.authorization.k8s.io/v1", plural);
    return {
      roles: find("roles"),
      clusterRoles: find("clusterroles"),
      roleBindings: find("rolebindings"),
      clusterRoleBindings: find("clusterrolebindings"),
    };
  }

  #builtIn(apiVersion: string, plural: string): ServedResource {
    return this.#router.resource(apiVersion, plural)!; // it is in the table
  }
}
