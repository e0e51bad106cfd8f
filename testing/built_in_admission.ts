import { type ApiObject, isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
import { GENERATION } from "./template_generation.ts";
import { forbidden } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import { ServiceAddresses } from "./service_addresses.ts";
import type { Store } from "./store.ts";
import type { User } from "./user.ts";

/** What an object is admitted as: with which uid if it is new, else what it was before. */
export interface Admitted {
  readonly resource: ServedResource;
  readonly uid: string;
  readonly old: ApiObject | undefined;
  /** Who asks for it. */
  readonly user?: User;
}

/** The priorities that every cluster has. */
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};

/** How long pods stay on nodes that are not there, in seconds. */
const AWAY = 300;
const AWAY_TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/**
 * What a server adds to an object before it looks whether it is valid: the work of its mutating admission plugins, and of
 * what the strategies of the kinds do first. Fields that are added here are managed by nobody.
 */
export class BuiltInAdmission {
  readonly #addresses: ServiceAddresses;
  readonly #priorityClasses = new Map<string, ApiObject>();
  readonly #previewVersions: boolean;

  /**
   * @param store Where the objects are that others refer to, and that have addresses already.
   * @param previewVersions Whether what is not switched on by default is there: coordinated leader election.
   */
  constructor(store: Store, previewVersions: boolean) {
    this.#previewVersions = previewVersions;
    this.#addresses = new ServiceAddresses(store);
    store.onWrite(({ type, object }, { title }) => {
      if (title !== "priorityclasses.scheduling.k8s.io") return;
      if (type === "DELETED") this.#priorityClasses.delete(object.metadata.name);
      else this.#priorityClasses.set(object.metadata.name, object);
    });
  }

  /** The object with what is added. @throws {Refusal} 403, if it names what there is not. */
  admit<T extends JsonObject>(object: T, admitted: Admitted): T {
    const change = this.#changeFor(object, admitted);
    return change === undefined ? object : { ...object, ...change };
  }

  #changeFor(object: JsonObject, admitted: Admitted): JsonObject | undefined {
    const { resource: { apiVersion, kind }, old } = admitted;
    const spec = isJsonObject(object.spec) ? object.spec : {};
    switch (`${apiVersion}/${kind}`) {
      case "v1/Pod":
        return { spec: this.#pod(spec, object, admitted) };
      case "v1/Service":
        return { spec: this.#addresses.assigned(spec, object, old) };
      case "v1/PersistentVolume":
        return old === undefined ? protectedBy(object, "kubernetes.io/pv-protection") : undefined;
      case "v1/PersistentVolumeClaim":
        return old === undefined ? protectedBy(object, "kubernetes.io/pvc-protection") : undefined;
      case "batch/v1/Job":
        return old === undefined ? generatedSelector(object, spec, admitted.uid) : undefined;
      case "certificates.k8s.io/v1/CertificateSigningRequest":
        return old === undefined ? { spec: requestedBy(spec, admitted.user) } : undefined;
      case "apps/v1/DaemonSet":
        return { metadata: counted(object, old) };
      case "coordination.k8s.io/v1/Lease":
        return this.#previewVersions || !isJsonObject(object.spec)
          ? undefined
          : { spec: uncoordinated(spec, old) };
      default:
        return undefined;
    }
  }

  #pod(spec: JsonObject, object: JsonObject, { resource, old }: Admitted): JsonObject {
    const tolerations = (Array.isArray(spec.tolerations) ? spec.tolerations : []) as JsonObject[];
    const added = AWAY_TAINTS.filter((key) => !tolerations.some((one) => tolerates(one, key)))
      .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: AWAY }));
    const before = old?.spec as JsonObject | undefined;
    const priority = before === undefined ? this.#priority(spec, object, resource) : {
      priority: spec.priority ?? before.priority,
      preemptionPolicy: spec.preemptionPolicy ?? before.preemptionPolicy,
    };
    const whole: JsonObject = { ...spec, ...priority, tolerations: [...tolerations, ...added] };
    return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
  }

  #priority(spec: JsonObject, object: JsonObject, resource: ServedResource): JsonObject {
    const { name } = object.metadata as JsonObject;
    const preempts = { preemptionPolicy: spec.preemptionPolicy ?? "PreemptLowerPriority" };
    const className = spec.priorityClassName;
    if (typeof className === "string" && className !== "") {
      const known = SYSTEM_PRIORITIES[className];
      if (known !== undefined) return { priority: known, ...preempts };
      const found = this.#priorityClasses.get(className);
      if (found === undefined) {
        throw forbidden(resource, String(name), `no PriorityClass with name ${className} was found`);
      }
      return {
        priority: found.value ?? 0,
        preemptionPolicy: spec.preemptionPolicy ?? found.preemptionPolicy,
      };
    }
    const fallback = [...this.#priorityClasses.values()].find(({ globalDefault }) => globalDefault === true);
    if (fallback === undefined) return { priority: 0, ...preempts };
    return {
      priorityClassName: fallback.metadata.name,
      priority: fallback.value ?? 0,
      preemptionPolicy: spec.preemptionPolicy ?? fallback.preemptionPolicy,
    };
  }
}

function tolerates({ key = "", operator, effect }: JsonObject, taint: string): boolean {
  return (key === taint || (key === "" && operator === "Exists")) && (!effect || effect === "NoExecute");
}

/** Requests for certificates say who asks, whatever they have said themselves. */
function requestedBy(spec: JsonObject, user: User | undefined): JsonObject {
  const { username: _, uid: __, groups: ___, extra: ____, ...rest } = spec;
  if (user === undefined) return rest;
  const { name, uid, groups, extra } = user;
  return {
    ...rest,
    username: name,
    ...(uid !== "" && { uid }),
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** The metadata of a daemon set, with how often its template has changed. */
function counted({ metadata, spec }: JsonObject, old: ApiObject | undefined): JsonObject {
  const { annotations } = metadata as { annotations?: JsonObject };
  const count = old === undefined
    ? 1
    : Number((old.metadata.annotations as JsonObject | undefined)?.[GENERATION] ?? 0) +
      (sameJson((spec as JsonObject).template, (old.spec as JsonObject).template) ? 0 : 1);
  return { ...metadata as JsonObject, annotations: { ...annotations, [GENERATION]: String(count) } };
}

function protectedBy({ metadata }: JsonObject, finalizer: string): JsonObject {
  const { finalizers } = metadata as JsonObject;
  const others = Array.isArray(finalizers) ? finalizers : [];
  if (others.includes(finalizer)) return { metadata };
  return { metadata: { ...metadata as JsonObject, finalizers: [...others, finalizer] } };
}

/** A job selects its pods by its uid, unless it says that it has a selector of its own. */
function generatedSelector({ metadata }: JsonObject, spec: JsonObject, uid: string): JsonObject | undefined {
  if (spec.manualSelector === true) return undefined;
  const { name } = metadata as JsonObject;
  const template = isJsonObject(spec.template) ? spec.template : {};
  const about = isJsonObject(template.metadata) ? template.metadata : {};
  const given = isJsonObject(about.labels) ? about.labels : {};
  const labels: JsonObject = {
    ...given,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": given["batch.kubernetes.io/job-name"] ?? name,
    "controller-uid": uid,
    "job-name": given["job-name"] ?? name,
  };
  const selector = isJsonObject(spec.selector) ? spec.selector : {};
  const matchLabels = { ...selector.matchLabels as JsonObject, "batch.kubernetes.io/controller-uid": uid };
  return {
    metadata: { labels, ...metadata as JsonObject },
    spec: {
      ...spec,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...about, labels } },
    },
  };
}

/** A Lease's spec where coordinated leader election is not switched on: its fields stay only where they were before. */
function uncoordinated(spec: JsonObject, old: JsonObject | undefined): JsonObject {
  const before = isJsonObject(old?.spec) ? old.spec : {};
  const { strategy, preferredHolder, ...rest } = spec;
  return {
    ...rest,
    ...strategy !== undefined && before.strategy !== undefined && { strategy },
    ...preferredHolder !== undefined && before.preferredHolder !== undefined && { preferredHolder },
  };
}
