import { type ApiObject, isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
import { invalid, invalidValue, type Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";

const FIRST_ADDRESS = 10;
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;
const NONE = "None";
/** Fields that only services of some types have. */
const OF_ADDRESSES = ["clusterIP", "clusterIPs", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy"];
const OF_THE_OUTSIDE = ["externalTrafficPolicy", "healthCheckNodePort"];
const OF_BALANCERS = ["allocateLoadBalancerNodePorts", "loadBalancerClass"];

/** Addresses and node ports of services, given out in their order: 10.0.0.10, 10.0.0.11, …; 30000, 30001, … */
export class ServiceAddresses {
  readonly #addresses = new Map<string, string>(); // by address: whose it is
  readonly #ports = new Map<number, string>();
  #nextAddress = FIRST_ADDRESS;
  #nextPort = FIRST_PORT;

  /** What services in the store have is taken. */
  constructor(store: Store) {
    store.onWrite(({ type, object, previous }, { title }) => {
      if (title !== "services") return;
      if (previous !== undefined && previous.type !== "DELETED") this.#release(previous.object);
      if (type !== "DELETED") this.#take(object);
    });
  }

  /** The `spec` of a service with all that it needs and does not say. @throws {Refusal} 422, if another has what it says. */
  assigned(spec: JsonObject, service: JsonObject, old: ApiObject | undefined): JsonObject {
    const type = String(spec.type ?? "ClusterIP");
    const before = old === undefined || !isJsonObject(old.spec) ? {} : old.spec;
    if (type === "ExternalName") return without(spec, before, OF_ADDRESSES);
    const wasExternal = before.type === "ExternalName";
    const kept = wasExternal ? {} : before;
    const owner = ownerOf(service);
    const clusterIPs = this.#clusterIPs(spec, kept, owner, service);
    const families = clusterIPs[0]?.includes(":") ? ["IPv6"] : ["IPv4"];
    const isHeadless = clusterIPs[0] === NONE;
    const hasSelector = isJsonObject(spec.selector);
    const isOutside = type === "NodePort" || type === "LoadBalancer";
    const gone = [...(isOutside ? [] : OF_THE_OUTSIDE), ...(type === "LoadBalancer" ? [] : OF_BALANCERS)];
    return {
      ...without(spec, kept, gone),
      clusterIP: clusterIPs[0],
      clusterIPs,
      ipFamilies: spec.ipFamilies ?? kept.ipFamilies ??
        (isHeadless && !hasSelector ? ["IPv4", "IPv6"] : families),
      ipFamilyPolicy: spec.ipFamilyPolicy ?? kept.ipFamilyPolicy ??
        (isHeadless && !hasSelector ? "RequireDualStack" : "SingleStack"),
      ...(Array.isArray(spec.ports) && { ports: this.#withNodePorts(spec.ports, kept, spec, service) }),
    };
  }

  #clusterIPs(spec: JsonObject, old: JsonObject, owner: string, service: JsonObject): string[] {
    const given = Array.isArray(spec.clusterIPs) ? spec.clusterIPs.map(String) : [];
    const first = String(spec.clusterIP ?? "");
    const said = given.length > 0 && (first === "" || first === given[0])
      ? given
      : first === ""
      ? given
      : [first];
    if (said.length > 0 && said[0] !== "") {
      const taken = this.#addresses.get(said[0]);
      if (said[0] !== NONE && taken !== undefined && taken !== owner) {
        const rule = `failed to allocate IP ${said[0]}: provided IP is already allocated`;
        throw refused(service, "spec.clusterIPs", said, rule);
      }
      return said;
    }
    if (Array.isArray(old.clusterIPs)) return old.clusterIPs.map(String);
    for (;;) {
      const address = `10.0.${this.#nextAddress >> 8}.${this.#nextAddress & 255}`;
      if (!this.#addresses.has(address)) return [address];
      this.#nextAddress++;
    }
  }

  #withNodePorts(
    ports: readonly unknown[],
    old: JsonObject,
    { type, allocateLoadBalancerNodePorts }: JsonObject,
    service: JsonObject,
  ): unknown[] {
    const owner = ownerOf(service);
    const isOpen = type === "NodePort" ||
      (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
    const before = (Array.isArray(old.ports) ? old.ports : []) as JsonObject[];
    const chosen = new Set<number>();
    return ports.map((port, index) => {
      if (!isJsonObject(port)) return port;
      const same = before.find((one) => one.port === port.port && one.protocol === port.protocol);
      if (!isOpen) return same === undefined ? port : without(port, same, ["nodePort"]);
      const said = Number(port.nodePort || same?.nodePort || 0);
      const holder = this.#ports.get(said);
      if (said !== 0) this.#checkPort(said, holder === owner ? undefined : holder, index, service);
      const nodePort = said || this.#freePort(chosen);
      chosen.add(nodePort);
      return { ...port, nodePort };
    });
  }

  #checkPort(port: number, holder: string | undefined, index: number, service: JsonObject): void {
    const isPossible = port >= FIRST_PORT && port <= LAST_PORT;
    if (isPossible && holder === undefined) return;
    const rule = isPossible
      ? "provided port is already allocated"
      : `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`;
    throw refused(service, `spec.ports[${index}].nodePort`, port, rule);
  }

  #freePort(chosen: ReadonlySet<number>): number {
    while (this.#ports.has(this.#nextPort) || chosen.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort;
  }

  #take(service: ApiObject): void {
    const owner = ownerOf(service);
    for (const address of addressesOf(service)) this.#addresses.set(address, owner);
    for (const port of portsOf(service)) this.#ports.set(port, owner);
  }

  #release(service: ApiObject): void {
    for (const address of addressesOf(service)) this.#addresses.delete(address);
    for (const port of portsOf(service)) this.#ports.delete(port);
  }
}

/** An object without those of its fields that are as they were: they went with a type that it has no more. */
function without(map: JsonObject, old: JsonObject, names: readonly string[]): JsonObject {
  const kept = Object.entries(map).filter(([key, value]) =>
    !names.includes(key) || !sameJson(value, old[key])
  );
  return Object.fromEntries(kept);
}

function ownerOf({ metadata }: JsonObject | ApiObject): string {
  const { namespace, name } = metadata as { namespace?: string; name?: string };
  return `${namespace}/${name}`;
}

function addressesOf({ spec }: ApiObject): string[] {
  const { clusterIPs, clusterIP } = (spec ?? {}) as { clusterIPs?: string[]; clusterIP?: string };
  return (clusterIPs ?? (clusterIP ? [clusterIP] : [])).filter((address) => address !== NONE);
}

function portsOf({ spec }: ApiObject): number[] {
  const { ports = [] } = (spec ?? {}) as { ports?: { nodePort?: number }[] };
  return ports.flatMap(({ nodePort }) => nodePort ? [nodePort] : []);
}

/** 422, as an allocation says it. */
function refused({ metadata }: JsonObject, field: string, value: unknown, rule: string): Refusal {
  const { name } = metadata as { name?: string };
  return invalid({ group: "", kind: "Service" }, String(name), [invalidValue(field, value, rule)]);
}
