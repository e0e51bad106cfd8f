import { type Clock, onAbort } from "../async/mod.ts";
import { formatTime, type Status } from "../meta/mod.ts";
import { type ApiObject, isJsonObject } from "./api_object.ts";
import { componentStatus } from "./component_status.ts";
import { healthText } from "./health.ts";
import { servedPaths } from "./served_paths.ts";
import type { ApiRequest } from "./api_request.ts";
import { streamPieces } from "./byte_chunks.ts";
import { cachedVersion, reachCache, versionNeeded } from "./cached_reads.ts";
import { parseDeleteOptions } from "./delete_options.ts";
import type { DeleteOptions } from "./deletion.ts";
import { checkReached, encodeList, findPage } from "./list.ts";
import { answerDiscovery } from "./discovery.ts";
import { type ListOptions, parseListOptions, parseResourceVersion } from "./list_options.ts";
import { definitionWarnings } from "./definition_rules.ts";
import { DEFINITIONS } from "./definitions.ts";
import { finalizerWarnings } from "./metadata_rules.ts";
import { withoutWatchPath } from "./old_watch_path.ts";
import { withDistinctOwners } from "./owner_rules.ts";
import { checkContentType, mediaType } from "./media_type.ts";
import { checkPatchType, isApply, parseApplied, parsePatch } from "./patch.ts";
import {
  badRequest,
  expired,
  methodNotAllowed,
  notFound,
  notImplemented,
  quoted,
  Refusal,
  serverError,
  tooLargeResourceVersion,
} from "./refusal.ts";
import { answerOpenApi } from "./open_api.ts";
import { negotiate, represent, type Representation } from "./representation.ts";
import type { Registry, UpdateVia } from "./registry.ts";
import { reviewed, type ReviewParts, REVIEWS } from "./reviews.ts";
import { parseJson, parseObject, type SentObject } from "./request_body.ts";
import type { Route, Router } from "./route.ts";
import { spentBudget } from "./disruption_budget.ts";
import { boundPod, checkActsOn, evictedPod } from "./pod_actions.ts";
import { podWarnings } from "./pod_warnings.ts";
import { appliedScale, hasReplicas, scaleOf, withScale } from "./scale.ts";
import { type ServedResource, servedResource } from "./served_resource.ts";
import { encodeJson, keyOf, type Store } from "./store.ts";
import { issuedToken } from "./token_request.ts";
import { ADMIN, userOf } from "./user.ts";
import { errorEvent, Watch } from "./watch.ts";
import { type ChangeOptions, parseWriteOptions, reportProblems } from "./write_options.ts";

const UNCACHED = { "cache-control": "no-cache, private" };
const TEXT_HEADERS = { "content-type": "text/plain; charset=utf-8", ...UNCACHED };
const JSON_HEADERS = { "content-type": "application/json", ...UNCACHED };
const VERSION = {
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: "v1.36.0+coxswain",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "in-memory",
};

/** Subresources of one kind alone. */
const SUBRESOURCES = [
  "certificatesigningrequests/approval",
  "pods/binding",
  "pods/ephemeralcontainers",
  "pods/eviction",
  "pods/resize",
  "serviceaccounts/token",
];

/** What a deletion of a job warns of. */
const PODS_STAY =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or " +
  "set propagationPolicy=Orphan to suppress this warning";

/** What is sent to the `token` of a service account. */
const TOKEN_REQUEST = servedResource(
  {
    group: "authentication.k8s.io",
    version: "v1",
    kind: "TokenRequest",
    plural: "tokenrequests",
    scope: "Namespaced",
  },
  { builtIn: true },
);

/** What is sent to `scale` subresources. */
const SCALE = servedResource(
  { group: "autoscaling", version: "v1", kind: "Scale", plural: "scales", scope: "Namespaced" },
  { builtIn: true },
);

type CollectionRoute = Route & { to: "collection" };
type ObjectRoute = Route & { to: "object" };

/** What an {@linkcode ApiHandler} works with. */
export interface ApiHandlerParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly router: Router;
  readonly clock: Clock;
  /** What reviews ask. */
  readonly access: Pick<ReviewParts, "authenticator" | "authorizer">;
}

/** Turns requests into answers: HTTP on one side, the registry and the store on the other. */
export class ApiHandler {
  /** The watches that are open. */
  readonly watches: Set<Watch> = new Set();
  readonly #watchOf = new WeakMap<Response, Watch>();
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #router: Router;
  readonly #clock: Clock;
  readonly #access: ApiHandlerParts["access"];

  constructor({ store, registry, router, clock, access }: ApiHandlerParts) {
    this.#store = store;
    this.#registry = registry;
    this.#router = router;
    this.#clock = clock;
    this.#access = access;
  }

  /** The watch that an answer is the answer of. */
  watchOf(response: Response): Watch | undefined {
    return this.#watchOf.get(response);
  }

  /** Answers a request; refusals are answers too. */
  async answer(request: ApiRequest): Promise<Response> {
    try {
      const url = request.method === "GET" ? withoutWatchPath(request.url) : undefined;
      return await this.#answerPath(url === undefined ? request : { ...request, url });
    } catch (error) {
      if (error instanceof Refusal) return refuse(error.status, error.warnings);
      throw error;
    }
  }

  #answerPath(request: ApiRequest): Response | Promise<Response> {
    const route = this.#router.route(request.url.pathname);
    switch (route.to) {
      case "nothing":
        return pageNotFound();
      case "health": {
        const text = healthText(route.path, request.url.searchParams);
        return text === undefined ? pageNotFound() : new Response(text, { headers: TEXT_HEADERS });
      }
      case "paths":
        return json(200, { paths: servedPaths(this.#router.resources) });
      case "version":
        return json(200, VERSION);
      case "discovery":
        return answerDiscovery(route.path, this.#router.resources, request);
      case "openapi":
        return answerOpenApi(request, this.#router.resources);
    }
    const form = negotiate(request.headers);
    const answer = warningOf(route.resource, this.#answerResource(request, route));
    return form === undefined ? answer : this.#represent(answer, form, request, route.resource);
  }

  /** The answer in the form that was asked for; of a watch, one that is still known as that. */
  async #represent(
    answer: Response | Promise<Response>,
    form: Representation,
    { url }: ApiRequest,
    resource: ServedResource,
  ): Promise<Response> {
    const plain = await answer;
    const now = () => this.#clock.date().getTime();
    const response = await represent(plain, form, resource, url.searchParams, now);
    const watch = this.#watchOf.get(plain);
    if (watch !== undefined) this.#watchOf.set(response, watch);
    return response;
  }

  #answerResource(request: ApiRequest, route: CollectionRoute | ObjectRoute): Response | Promise<Response> {
    if (route.resource.stored === undefined) return this.#answerUnstored(request, route);
    if (route.to === "collection") return this.#answerCollection(request, route);
    if (request.method === "POST" && !route.resource.builtIn && route.subresource === "") {
      // The handler of custom resources takes no notice of a name.
      return this.#create(request, { ...route, to: "collection" });
    }
    return this.#answerObject(request, route);
  }

  /** Answers what is not stored: reviews, bindings and the like. */
  async #answerUnstored(request: ApiRequest, route: CollectionRoute | ObjectRoute): Promise<Response> {
    const { resource, namespace } = route;
    if (resource.title === "componentstatuses" && request.method === "GET") {
      return json(200, componentStatus(route.to === "object" ? route.name : undefined));
    }
    if (request.method !== "POST" || !resource.verbs.includes("create")) throw methodNotAllowed();
    if (REVIEWS.includes(resource.title)) return await this.#review(request, resource, namespace);
    if (resource.title !== "bindings") throw notImplemented(resource.title);
    const text = await request.text();
    const { metadata } = parseJson(text, (problem) => problem);
    const name = isJsonObject(metadata) ? String(metadata.name ?? "") : "";
    const pods = this.#router.resource("v1", "pods") as ServedResource; // it is built in
    const target = { to: "object", resource: pods, namespace, name, subresource: "binding" } as const;
    return this.#actOnPod({ ...request, text: () => Promise.resolve(text) }, target);
  }

  async #review(request: ApiRequest, resource: ServedResource, namespace?: string): Promise<Response> {
    const options = parseWriteOptions(request, "CreateOptions");
    const warnings: string[] = [];
    const sent = await this.#readObject(request, resource, options, warnings);
    const review = reviewed(resource, namespace, sent, {
      ...this.#access,
      user: request.user ?? ADMIN,
      now: formatTime(this.#clock.date()),
      managedFields: this.#registry.firstManagers(resource, sent, options),
    });
    return json(201, review, warnings);
  }

  #answerCollection(request: ApiRequest, route: CollectionRoute): Response | Promise<Response> {
    const { resource, namespace } = route;
    const coversAll = resource.scope === "Namespaced" && namespace === undefined;
    switch (request.method) {
      case "GET": {
        const options = parseListOptions(request.url.searchParams, resource);
        const read = () =>
          options.watch
            ? this.#watch(route, options, request.signal)
            : this.#list(route, options, request.signal);
        const collection = this.#store.collection(resource);
        const needed = versionNeeded(options, this.#store.resourceVersion);
        return needed <= collection.visible ? read() : reachCache(collection, needed, this.#clock).then(read);
      }
      case "POST":
        if (coversAll && !resource.builtIn) return pageNotFound();
        if (coversAll) throw methodNotAllowed();
        return this.#create(request, route);
      case "DELETE":
        if (coversAll || resource.title === "namespaces") throw methodNotAllowed();
        return this.#deleteCollection(request, route);
      default:
        if (!resource.builtIn) throw badRequest("name must be provided");
        throw methodNotAllowed();
    }
  }

  #answerObject(request: ApiRequest, route: ObjectRoute): Response | Promise<Response> {
    const { resource, name, subresource } = route;
    const { plural } = resource;
    if (subresource !== "" && !resource.subresources.has(subresource)) throw notFound(resource, name);
    if (
      !SUBRESOURCES.includes(`${plural}/${subresource}`) &&
      !["", "status", "finalize", "scale"].includes(subresource)
    ) {
      throw notImplemented(`the subresource ${resource.plural}/${subresource}`);
    }
    switch (`${request.method} ${subresource}`) {
      case "GET ":
      case "GET status":
      case "GET approval":
      case "GET ephemeralcontainers":
      case "GET resize":
        return this.#get(request, route);
      case "PUT ":
      case "PUT status":
      case "PUT finalize":
      case "PUT approval":
      case "PUT ephemeralcontainers":
      case "PUT resize":
        return this.#update(request, route);
      case "PATCH ":
      case "PATCH status":
      case "PATCH approval":
      case "PATCH ephemeralcontainers":
      case "PATCH resize":
        return this.#patch(request, route);
      case "DELETE ":
        return this.#delete(request, route);
      case "GET scale":
        return json(200, scaleOf(this.#registry.get(route), resource));
      case "PUT scale":
      case "PATCH scale":
        return this.#scale(request, route);
      case "POST binding":
      case "POST eviction":
        return this.#actOnPod(request, route);
      case "POST token":
        return this.#issueToken(request, route);
      default:
        throw methodNotAllowed();
    }
  }

  #get({ url }: ApiRequest, route: ObjectRoute): Response {
    const text = url.searchParams.get("resourceVersion") ?? "";
    const version = parseResourceVersion(text, serverError);
    checkReached(version, this.#store.resourceVersion);
    const isCached = text !== "" && version <= this.#store.collection(route.resource).visible;
    return json(200, isCached ? this.#registry.cached(route) : this.#registry.get(route));
  }

  #list(
    { resource, namespace }: CollectionRoute,
    options: ListOptions,
    signal: AbortSignal | undefined,
  ): Response {
    const collection = this.#store.collection(resource);
    const page = findPage(collection, prefixOf(namespace), options, this.#store.resourceVersion);
    return new Response(streamPieces(encodeList(resource, page), signal), { headers: JSON_HEADERS });
  }

  #watch(
    { resource, namespace }: CollectionRoute,
    options: ListOptions,
    signal: AbortSignal | undefined,
  ): Response {
    const collection = this.#store.collection(resource);
    const prefix = prefixOf(namespace);
    const current = this.#store.resourceVersion;
    const cached = cachedVersion(collection, current);
    const oldest = Math.max(collection.compacted, collection.cachedSince);
    const version = parseResourceVersion(options.resourceVersion, serverError);
    const sendsInitial = options.sendInitialEvents ?? version === 0;
    // Refused where the stream has begun already, as the real one does: an event, not a status code.
    if (options.sendInitialEvents && version > current) {
      return new Response(errorEvent(tooLargeResourceVersion(version, current)), { headers: JSON_HEADERS });
    }
    if (!sendsInitial && version !== 0 && version < oldest) {
      const status = expired(`too old resource version: ${version} (${oldest})`);
      return new Response(errorEvent(status), { headers: JSON_HEADERS });
    }
    const initial = sendsInitial ? [...collection.at(cached, prefix)] : [];
    const { matches, allowWatchBookmarks: bookmarks, timeoutSeconds } = options;
    const start = {
      initial: matches === undefined ? initial : initial.filter(({ object }) => matches(object)),
      marksInitialEnd: sendsInitial && bookmarks,
      resourceVersion: sendsInitial || version === 0 ? cached : version,
    };
    let forgetSignal = () => {};
    const watch = new Watch(collection, prefix, start, {
      clock: this.#clock,
      apiVersion: resource.apiVersion,
      bookmarks,
      timeout: timeoutSeconds === undefined || timeoutSeconds <= 0 ? undefined : timeoutSeconds * 1_000,
      matches,
      current: () => this.#store.resourceVersion,
      onEnd: () => {
        this.watches.delete(watch);
        forgetSignal();
      },
    });
    this.watches.add(watch);
    forgetSignal = onAbort(signal, (reason) => watch.fail(reason));
    const response = new Response(watch.stream, { headers: JSON_HEADERS });
    this.#watchOf.set(response, watch);
    return response;
  }

  async #create(request: ApiRequest, { resource, namespace }: CollectionRoute): Promise<Response> {
    const options = parseWriteOptions(request, "CreateOptions");
    const warnings: string[] = [];
    const sent = await this.#readObject(request, resource, options, warnings);
    return warning(warnings, () => {
      const object = this.#registry.create(resource, namespace, sent, options);
      return json(201, object, [...warnings, ...podWarnings(object, resource, true)]);
    });
  }

  async #update(request: ApiRequest, route: ObjectRoute): Promise<Response> {
    const options = parseWriteOptions(request, "UpdateOptions");
    const warnings: string[] = [];
    const sent = await this.#readObject(request, route.resource, options, warnings);
    const preconditionUid = sent.metadata.uid;
    return warning(warnings, () => {
      const warned = this.#warned(route);
      const { object, created } = this.#registry.update(route, viaOf(route), sent, {
        ...options,
        preconditionUid,
      });
      return json(created ? 201 : 200, object, [...warnings, ...warned(object)]);
    });
  }

  async #patch(request: ApiRequest, route: ObjectRoute): Promise<Response> {
    const { resource } = route;
    const type = mediaType(request.headers.get("content-type") ?? "");
    checkPatchType(type, resource);
    const options = parseWriteOptions(request, "PatchOptions", isApply(type));
    if (isApply(type)) {
      const applied = await parseApplied(await request.text());
      const warned = this.#warned(route);
      const { object, created } = this.#registry.apply(route, viaOf(route), applied, options);
      return json(created ? 201 : 200, object, warned(object));
    }
    const patch = parsePatch(type, await request.text(), resource, this.#kindOf);
    const warnings: string[] = [];
    const { sent: patched, problems, refuse } = patch(this.#registry.get(route));
    reportProblems(problems, options, warnings, refuse);
    warnings.push(...adviceOf(patched, resource));
    const sent = withDistinctOwners(patched, warnings);
    return warning(warnings, () => {
      const warned = this.#warned(route);
      const { object } = this.#registry.update(route, viaOf(route), sent, options);
      return json(200, object, [...warnings, ...warned(object)]);
    });
  }

  /** What the client is warned of after a change: of pods themselves nothing, of templates what is new in them. */
  #warned({ resource, namespace, name }: ObjectRoute): (object: ApiObject) => readonly string[] {
    const before = this.#store.collection(resource).get(keyOf(namespace, name));
    return (object) =>
      before !== undefined &&
        (resource.title === "pods" || before.metadata.generation === object.metadata.generation)
        ? []
        : podWarnings(object, resource, before === undefined);
  }

  /** Reads a `Scale`, or patches the one that there is, and sets the object's replicas by it. */
  async #scale(request: ApiRequest, route: ObjectRoute): Promise<Response> {
    const { resource, name } = route;
    const type = mediaType(request.headers.get("content-type") ?? "");
    const isPatch = request.method === "PATCH";
    if (isPatch) checkPatchType(type, resource);
    const applies = isPatch && isApply(type);
    const options = parseWriteOptions(request, isPatch ? "PatchOptions" : "UpdateOptions", applies);
    if (applies) {
      const scale = await parseApplied(await request.text());
      const { object } = this.#registry.apply(route, "scale", appliedScale(scale, resource), options);
      return json(200, scaleOf(object, resource));
    }
    const object = this.#registry.get(route);
    const sent = isPatch
      ? parsePatch(type, await request.text(), SCALE, () => undefined)(scaleOf(object, resource)).sent
      : await this.#readObject(request, SCALE, options, []);
    const { name: sentName = "", resourceVersion } = sent.metadata;
    if (sentName !== name) {
      throw badRequest(`the name of the object (${sentName}) does not match the name on the URL (${name})`);
    }
    const scaled = withScale(object, sent, resource);
    const metadata = {
      ...object.metadata,
      resourceVersion: resourceVersion || object.metadata.resourceVersion,
    };
    // Nobody manages replicas that there were not.
    const { managedFields } = object.metadata;
    const decided = hasReplicas(object, resource) ? options : { ...options, managedFields };
    const changed = this.#registry.update(route, "scale", { ...scaled, metadata } as SentObject, decided);
    return json(200, scaleOf(changed.object, resource));
  }

  /** Gives a pod a node, or asks it to leave. */
  async #actOnPod(request: ApiRequest, route: ObjectRoute): Promise<Response> {
    const { dryRun } = parseWriteOptions(request, "CreateOptions");
    checkContentType(request.headers);
    const body = parseJson(await request.text(), (problem) => problem);
    const isBinding = route.subresource === "binding";
    const pod = this.#registry.get(route);
    checkActsOn(isBinding ? "Binding" : "Eviction", body, route);
    const now = formatTime(this.#clock.date());
    if (isBinding) {
      this.#registry.put(route, boundPod(pod, body, route, now), dryRun);
    } else {
      const options = isJsonObject(body.deleteOptions) ? JSON.stringify(body.deleteOptions) : "";
      const asked = parseDeleteOptions(new URLSearchParams(), options);
      const deletion = { ...asked, dryRun: dryRun || asked.dryRun };
      this.#spendBudget(pod, route, now, deletion.dryRun);
      this.#registry.put(route, evictedPod(pod, now), deletion.dryRun);
      this.#registry.delete(route, deletion);
    }
    return json(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
  }

  /** A disruption budget has a say in evictions, and counts them. */
  #spendBudget(pod: ApiObject, { namespace }: ObjectRoute, now: string, dryRun: boolean): void {
    const resource = this.#router.resource("policy/v1", "poddisruptionbudgets") as ServedResource; // it is built in
    const revisions = this.#store.collection(resource).at(this.#store.resourceVersion, `${namespace}/`);
    const budgets = [...revisions].map(({ object }) => object);
    const budget = spentBudget(pod, budgets, now);
    if (budget === undefined) return;
    const target = { resource, namespace, name: budget.metadata.name };
    this.#registry.update(target, "status", budget, { dryRun, fieldManager: "kube-apiserver" });
  }

  /** A token for a service account, which the server knows from then on. */
  async #issueToken(request: ApiRequest, route: ObjectRoute): Promise<Response> {
    const { dryRun, ...options } = parseWriteOptions(request, "CreateOptions");
    const sent = await this.#readObject(request, TOKEN_REQUEST, { dryRun, ...options }, []);
    const account = this.#registry.get(route);
    const { namespace } = route;
    const bound = (apiVersion: string, kind: string, name: string) => {
      const resource = this.#router.kind(apiVersion, kind) as ServedResource; // one of three that are built in
      const place = resource.scope === "Cluster" ? undefined : namespace;
      return this.#registry.get({ resource, namespace: place, name });
    };
    const managedFields = this.#registry.managersOfToken(TOKEN_REQUEST, sent, options.fieldManager ?? "");
    const parts = { account, bound, now: this.#clock.date(), id: this.#registry.newUid(), managedFields };
    const { token, answer } = issuedToken(sent, parts);
    const { name, uid } = account.metadata;
    const user = userOf({ name: `system:serviceaccount:${namespace}:${name}`, uid });
    if (!dryRun) this.#access.authenticator.issue(user, token);
    return json(201, answer);
  }

  async #delete(request: ApiRequest, route: ObjectRoute): Promise<Response> {
    const deletion = await readDeleteOptions(request);
    const { object, gone } = this.#registry.delete(route, deletion);
    const { group, plural, traits, title } = route.resource;
    const warnings = title === "jobs.batch" && deletion.propagationPolicy === undefined ? [PODS_STAY] : [];
    if (!gone || traits.has("returned")) {
      return json(!gone && deletion.isOldCascade ? 202 : 200, object, warnings);
    }
    const { name, uid } = object.metadata;
    const details = { name, ...(group === "" ? {} : { group }), kind: plural, uid };
    return json(
      200,
      { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details },
      warnings,
    );
  }

  async #deleteCollection(request: ApiRequest, { resource, namespace }: CollectionRoute): Promise<Response> {
    const deletion = await readDeleteOptions(request);
    const asked = parseListOptions(request.url.searchParams, resource);
    // It is listed in pages, and a page at a version is one at that version.
    const isAtVersion = !["", "0"].includes(asked.resourceVersion) && asked.resourceVersionMatch === "";
    const options = isAtVersion ? { ...asked, resourceVersionMatch: "Exact" } : asked;
    const collection = this.#store.collection(resource);
    const page = findPage(collection, prefixOf(namespace), options, this.#store.resourceVersion);
    for (const { object: { metadata } } of page.revisions) {
      if (collection.get(keyOf(metadata.namespace, metadata.name)) === undefined) continue; // gone since that version
      this.#registry.delete({ resource, namespace: metadata.namespace, name: metadata.name }, deletion);
    }
    return new Response(streamPieces(encodeList(resource, page)), { headers: JSON_HEADERS });
  }

  async #readObject(
    request: ApiRequest,
    resource: ServedResource,
    options: ChangeOptions,
    warnings: string[],
  ): Promise<SentObject> {
    checkContentType(request.headers);
    const problems: string[] = [];
    const sent = parseObject(await request.text(), resource, this.#kindOf, problems);
    const { kind, version } = resource;
    reportProblems(
      problems,
      options,
      warnings,
      (problem) =>
        badRequest(`${kind} in version ${quoted(version)} cannot be handled as a ${kind}: ${problem}`),
    );
    warnings.push(...adviceOf(sent, resource));
    return withDistinctOwners(sent, warnings);
  }

  readonly #kindOf = (apiVersion: string, kind: string): ServedResource | undefined =>
    this.#router.kind(apiVersion, kind);
}

/** The answer with what is to be said to who asks for a resource that will go. */
function warningOf(
  { deprecation }: ServedResource,
  answer: Response | Promise<Response>,
): Response | Promise<Response> {
  if (deprecation === undefined) return answer;
  return Promise.resolve(answer).then((response) => {
    response.headers.append("warning", `299 - ${quoted(deprecation)}`);
    return response;
  });
}

/** The answer that tells of a failure. */
export function refuse(status: Status, warnings: readonly string[] = []): Response {
  const retryAfter = status.details?.retryAfterSeconds;
  const response = json(status.code ?? 500, status, warnings);
  if (retryAfter !== undefined) response.headers.set("retry-after", String(retryAfter));
  return response;
}

/** What the client is to know of an object that is a definition, or is defined by one. */
function adviceOf({ metadata, spec }: SentObject, { title, builtIn }: ServedResource): string[] {
  if (title === DEFINITIONS) return isJsonObject(spec) ? definitionWarnings(spec) : [];
  return builtIn ? [] : finalizerWarnings(metadata);
}

/** Calls a function; if it refuses, the client is told the warnings all the same. */
function warning<T>(warnings: readonly string[], write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Refusal) error.warnings = warnings;
    throw error;
  }
}

/** A warning as its header has it. */
export function formatWarning(text: string): string {
  return `299 - ${quoted(text)}`;
}

/** The answer where no handler feels responsible. */
function pageNotFound(): Response {
  return new Response("404 page not found\n", { status: 404, headers: TEXT_HEADERS });
}

async function readDeleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const text = await request.text();
  if (text !== "") checkContentType(request.headers);
  return { ...parseDeleteOptions(request.url.searchParams, text), admission: request.admission };
}

function json(status: number, value: unknown, warnings: readonly string[] = []): Response {
  const headers = new Headers(JSON_HEADERS);
  for (const warning of warnings) headers.append("warning", formatWarning(warning));
  return new Response(encodeJson(value) as Uint8Array<ArrayBuffer>, { status, headers });
}

function prefixOf(namespace: string | undefined): string {
  return namespace === undefined ? "" : `${namespace}/`;
}

function viaOf({ subresource }: ObjectRoute): UpdateVia {
  return subresource as UpdateVia; // the others have been turned away
}
