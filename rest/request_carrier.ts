import { type Clock, onAbort, type RateLimiter, systemClock } from "../async/mod.ts";
import type { Meter } from "../observe/mod.ts";
import { type Answer, headerOf } from "./answer.ts";
import { BodyReader } from "./body_reader.ts";
import type { BodyWriter, WrittenBody } from "./body_writer.ts";
import { codecFor } from "./content_type.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";
import { exchange } from "./exchange.ts";
import { impersonationHeaders } from "./impersonation.ts";
import { jsonCodec } from "./json_codec.ts";
import { authoritySources, failures, requestMeasures, transportMeasures, warnings } from "./loaded_rarely.ts";
import type { TransportSettings } from "./open_transport.ts";
import { proxiesFor } from "./proxies_for.ts";
import { acceptAs } from "./representation.ts";
import type { RequestLife } from "./request_life.ts";
import type { RequestMetrics } from "./request_metrics.ts";
import { checkHeaderValue, type RestConfig } from "./rest_config.ts";
import type { RequestParts, SendOptions } from "./rest_request.ts";
import { RestResponse } from "./rest_response.ts";
import { type Attempt, retryDelay } from "./retry.ts";
import type { StatusError } from "./status_error.ts";
import type { Transport } from "./transport.ts";
import { leaseTransport, type TransportLease } from "./transport_cache.ts";
import type { Upgrade } from "./upgrade.ts";

/** What a server may be late in ending a watch that it was asked to end, in milliseconds. */
const WATCH_GRACE = 10_000;
/** A server ends a watch of which it was not told when, in milliseconds: twice its least time of half an hour. */
const LONGEST_WATCH = 3_600_000;
/** Waits for the rate limiter that are worth a line, in milliseconds: for finding mistakes, and for everybody. */
const SHORT_WAIT = 50;
const LONG_WAIT = 1_000;
/** How long an answer may be that is read only to be done with it, in bytes, and its silence, in milliseconds. */
const MOST_DRAINED = 2048;
const LONGEST_DRAIN = 1_000;
/** How much of a refusal is read, in bytes: a `Status` is far shorter, a proxy's page may be of any length. */
const MOST_REFUSAL = 1024 * 1024;

/** What a client is connected by, and for whom. */
interface OpenTransport {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly lease: TransportLease;
  /** Set once it is open. */
  transport?: Transport;
}

/** How the attempts of a request are carried. */
interface Road {
  /** What carries the next one, if not the client's own. */
  transportFor?: (credentials: Credentials, signal: AbortSignal) => Promise<Transport>;
  /** Each attempt has its own, which is closed after it, and nothing is sent again because it failed. */
  isSingle?: boolean;
  /** Whatever is answered is what was asked for. */
  takesAnyStatus?: boolean;
}

/** A request that is under way. */
export interface CarriedRequest {
  readonly parts: RequestParts;
  /** Its path and query. */
  readonly path: string;
  /** What is sent with it. */
  readonly written: WrittenBody;
  /** For how long it goes on. */
  readonly life: RequestLife;
}

/**
 * Carries the requests of a client to its server, and what is answered back. Loaded with the first of them: all that a
 * client does before is to find out what is asked.
 */
export class RequestCarrier {
  readonly #config: RestConfig;
  readonly #bodies: BodyWriter;
  /** Who asks, where that does not change. */
  readonly #fixed: Credentials;
  /** Opened at the first request, for the authorities and the client certificate that it had. */
  #transport: OpenTransport | undefined;
  /** Reads the authorities, where they come from a source. */
  #readAuthorities: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** Takes measures once there has been a request, where somebody wants them. */
  #metrics: RequestMetrics | undefined;
  /** The headers of requests that bring none of their own, for the credentials that they were made for. */
  #usual: { credentials: Credentials; headers: [string, string][] } | undefined;

  /** @param bodies What writes the bodies, told of those that the server does not take. */
  constructor(config: RestConfig, bodies: BodyWriter) {
    const { bearerToken, username, password, tls: { cert, key } } = config;
    this.#config = config;
    this.#bodies = bodies;
    this.#fixed = { bearerToken, username, password, cert, key };
  }

  /** Sends a request: see {@linkcode RestRequest.send}. Its life ends with the answer's body. */
  async send(
    request: CarriedRequest,
    { idle = idleOf(request.parts), onWarning, anyStatus = false }: SendOptions,
  ): Promise<RestResponse> {
    const { parts, path, life } = request;
    const { timeouts } = this.#config;
    const what = this.#whatIs(parts.method, path);
    let body: BodyReader | undefined;
    const onEnd = (length: number) => {
      life.release();
      this.#metrics?.responseSize(parts.method, length);
    };
    try {
      if (this.#config.meter !== undefined) await this.#loadMetrics(this.#config.meter);
      const answering = this.#answerTo(request, what, { takesAnyStatus: anyStatus });
      const response = this.#metrics === undefined
        ? await answering
        : await this.#measured(answering, parts.method, path);
      const isSuccess = anyStatus || succeeded(response);
      const answered = body = new BodyReader(response.body, {
        what,
        clock: this.#clockFor(this.#transport?.transport),
        // A refusal is short and comes at once, whatever silence is expected of what was asked for.
        idle: isSuccess ? idle ?? timeouts.idle : timeouts.idle,
        isObject: isObject(parts),
        onEnd,
      });
      const end = (reason: unknown) => answered.fail(reason);
      life.onEnd = end;
      life.throwIfEnded();
      if (headerOf(response, "warning") !== null) await this.#warn(response.headers, what, onWarning);
      if (isSuccess) return new RestResponse(response, body, what, this.#config.codecs);
      throw await this.#refusalOf(response, body, parts);
    } catch (error) {
      body?.close();
      throw error;
    }
  }

  /** Sends a request that is to go on in another protocol: see {@linkcode RestClient.upgrade}. */
  async upgrade(
    request: CarriedRequest,
    open: (settings: TransportSettings) => Transport | Promise<Transport>,
  ): Promise<Upgrade> {
    const { parts, path, life } = request;
    const { clock, meter, timeouts: { idle } } = this.#config;
    const what = this.#whatIs(parts.method, path);
    const road: Road = {
      transportFor: async (credentials, signal) =>
        await open(await this.#settingsFor(credentials, await this.#authorities(signal))),
      isSingle: true,
    };
    if (meter !== undefined) await this.#loadMetrics(meter);
    const response = await this.#answerTo(request, what, road);
    if (headerOf(response, "warning") !== null) await this.#warn(response.headers, what);
    if (succeeded(response)) return life;
    const body = new BodyReader(response.body, { what, clock, signal: life.signal, idle });
    throw await this.#refusalOf(response, body, parts);
  }

  /** Lets go of all connections. */
  async close(): Promise<void> {
    this.#transport?.lease.release();
    await this.#transport?.lease.opening.catch(() => {}); // what never opened needs no closing
    this.#transport = undefined;
  }

  async #measured(answering: Promise<Answer>, method: string, path: string): Promise<Answer> {
    const { clock } = this.#config;
    const began = clock.now();
    return await answering.finally(() => this.#metrics?.requestDuration(method, path, clock.now() - began));
  }

  /** What is asked, for errors and logs: without the query, which may be nobody's business. */
  #whatIs(method: string, path: string): string {
    const end = path.indexOf("?");
    return `${method} ${this.#config.server}${path.slice(1, end < 0 ? undefined : end)}`;
  }

  /** Hands on what the server warns of. A handler that fails does not undo what the server has done. */
  async #warn(headers: Headers, what: string, onWarning = this.#config.onWarning): Promise<void> {
    try {
      const { warningsOf } = await warnings();
      for (const warning of warningsOf(headers)) onWarning(warning);
    } catch (error) {
      this.#config.logger.error(`The handler of warnings failed: ${what}`, { error });
    }
  }

  /** What a refusal says. */
  async #refusalOf(response: Answer, body: BodyReader, parts: RequestParts): Promise<StatusError> {
    const bytes = await body.bytes(MOST_REFUSAL);
    const { refusalOf } = await failures();
    const codec = codecFor(response.headers.get("content-type"), this.#config.codecs) ?? jsonCodec;
    return refusalOf(response, bytes, parts, codec);
  }

  async #loadMetrics(meter: Meter): Promise<void> {
    if (this.#metrics !== undefined) return;
    const { server, durationsBy } = this.#config;
    const { requestMetrics } = await requestMeasures();
    this.#metrics ??= requestMetrics(meter, server, { durationsBy });
  }

  /** Sends a request, again if that can help, until there is an answer to go by. */
  async #answerTo(
    { parts, path, written: { body, contentType }, life }: CarriedRequest,
    what: string,
    { transportFor, isSingle = false, takesAnyStatus = false }: Road,
  ): Promise<Answer> {
    const { server, clock, timeouts, credentials: source, middleware, logger, rateLimiter } = this.#config;
    const maxRetries = isSingle ? 0 : this.#config.maxRetries;
    const url = server + path.slice(1);
    const retried = {
      method: parts.method,
      watch: isOn(parts, "watch"),
      replayable: !(parts.body instanceof ReadableStream),
    };
    // A request that says itself who asks needs no source to be asked; the connections are the same.
    const own = hasHeader(parts.headers, "authorization");
    const connected = { cert: this.#transport?.cert, key: this.#transport?.key };
    let credentials: Credentials = source === undefined
      ? this.#fixed
      : own
      ? connected
      : await this.#credentials(source, life.signal);
    let refused = false;
    for (let retries = 0;;) {
      // A watch is long: what limits it is how many there are, not how often they begin (spec rest 3.1).
      if (rateLimiter !== undefined && !isSingle && (!retried.watch || retries > 0)) {
        await this.#waitForRate(rateLimiter, parts.method, path, what, life.signal);
      }
      // Text is counted by its characters: in JSON, that is mostly the number of its bytes.
      if (typeof body === "string" || body instanceof Uint8Array) {
        this.#metrics?.requestSize(parts.method, body.length);
      }
      let attempt: { answer: Answer } | { error: unknown };
      let transport: Transport | undefined;
      try {
        transport = transportFor === undefined
          ? this.#opened(credentials) ?? await this.#transportFor(credentials, life.signal)
          : await transportFor(credentials, life.signal);
        const request = {
          method: parts.method,
          headers: this.#headersFor(parts, credentials, contentType),
          body,
        };
        attempt = {
          answer: await exchange(transport, url, request, {
            what,
            middleware,
            timeouts,
            clock: this.#clockFor(transport),
            life,
          }),
        };
      } catch (error) {
        attempt = { error };
      }
      if (isSingle) transport?.close();
      this.#count(parts.method, attempt, retries);
      const answer = "answer" in attempt ? attempt.answer : undefined;
      if (answer !== undefined) this.#bodies.learnFrom(answer.status, parts, contentType);
      life.throwIfEnded();

      if (answer?.status === 401 && source !== undefined && !own && !refused) {
        refused = true;
        const others = await this.#othersThan(source, credentials, life.signal);
        if (others !== credentials && retried.replayable) {
          credentials = others;
          await this.#letGo(answer, what, life.signal);
          continue;
        }
      }
      const mayRepeat = retries < maxRetries && !(takesAnyStatus && answer !== undefined);
      const delay = mayRepeat ? retryDelay(attempt, retried) : undefined;
      if (delay === undefined) {
        if ("error" in attempt) throw attempt.error;
        return attempt.answer;
      }
      if (answer !== undefined) await this.#letGo(answer, what, life.signal);
      logger.debug(`Sending again: ${what}`, { delay, retries: ++retries, ...outcomeOf(attempt) });
      await clock.sleep(delay, { signal: life.signal });
    }
  }

  /** Is done with an answer. A short one is read, since then its connection can be used again (spec rest 3.2). */
  async #letGo(answer: Answer, what: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#config;
    const reader = new BodyReader(answer.body, { what, clock, signal, idle: LONGEST_DRAIN });
    const length = Number(headerOf(answer, "content-length") ?? Infinity);
    if (length <= MOST_DRAINED) await reader.bytes().catch(() => {}); // it may have broken off already
    reader.close();
  }

  /** Waits for the rate limiter, and says so where a person would wonder (spec rest 3.6). */
  async #waitForRate(
    rateLimiter: RateLimiter,
    verb: string,
    path: string,
    what: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { logger } = this.#config;
    const waited = await rateLimiter.wait({ signal });
    this.#metrics?.rateLimiterDuration(verb, path, waited);
    if (waited <= SHORT_WAIT) return;
    const message = `Waited for the rate limit of this client, not of the server: ${what}`;
    if (waited > LONG_WAIT) logger.warn(message, { milliseconds: Math.round(waited) });
    else logger.debug(message, { milliseconds: Math.round(waited) });
  }

  #count(verb: string, attempt: Attempt, retries: number): void {
    const code = "answer" in attempt ? attempt.answer.status : "<error>";
    this.#metrics?.requestResult(code, verb);
    if (retries > 0) this.#metrics?.requestRetry(code, verb);
  }

  /** Who asks. A source may take its time, as one that asks a person does, but not longer than the request lives. */
  async #credentials(
    source: CredentialSource,
    signal: AbortSignal,
    refused?: Credentials,
  ): Promise<Credentials> {
    const aborted = Promise.withResolvers<never>();
    const forget = onAbort(signal, aborted.reject);
    try {
      return await Promise.race([source({ signal, refused }), aborted.promise]);
    } finally {
      forget();
    }
  }

  /** What the source gives in the place of refused credentials; those themselves if it fails: then the 401 stands. */
  async #othersThan(
    source: CredentialSource,
    refused: Credentials,
    signal: AbortSignal,
  ): Promise<Credentials> {
    try {
      return await this.#credentials(source, signal, refused);
    } catch (error) {
      if (!signal.aborted) {
        this.#config.logger.warn("No other credentials in place of refused ones", { error });
      }
      return refused;
    }
  }

  /** What times a request out: the clock that was given, or what does the same as the runtime's for less. */
  #clockFor(transport: Transport | undefined): Clock {
    const { clock } = this.#config;
    return clock === systemClock ? transport?.clock ?? clock : clock;
  }

  /** The transport that is open already, if it is for a client certificate. */
  #opened({ cert, key }: Credentials): Transport | undefined {
    const { tls: { ca } } = this.#config;
    const open = this.#transport;
    return open !== undefined && open.ca === ca && open.cert === cert && open.key === key
      ? open.transport
      : undefined;
  }

  /** The transport for a client certificate. When that or the CA has changed, what runs on the old one goes on there. */
  async #transportFor({ cert, key }: Credentials, signal: AbortSignal): Promise<Transport> {
    const ca = await this.#authorities(signal);
    const { server, meter } = this.#config;
    const fitting = () => {
      const { ca: hasCa, cert: hasCert, key: hasKey, lease } = this.#transport ?? {};
      return hasCa === ca && hasCert === cert && hasKey === key ? lease : undefined;
    };
    const open = fitting();
    if (open !== undefined) return await open.opening;
    const settings = await this.#settingsFor({ cert, key }, ca);
    const metrics = meter && (await transportMeasures()).transportMetrics(meter);
    const opened = fitting(); // requests wait side by side: another may have come here first
    if (opened !== undefined) return await opened.opening;
    signal.throwIfAborted(); // a client that was closed meanwhile opens nothing more
    const lease = leaseTransport(server, settings, metrics);
    this.#transport?.lease.release();
    const own: OpenTransport = this.#transport = { ca, cert, key, lease };
    return own.transport = await lease.opening;
  }

  /** Whom to believe. What reads a source is loaded with the first request. */
  async #authorities(signal: AbortSignal): Promise<string | undefined> {
    const { tls: { ca } } = this.#config;
    if (typeof ca !== "function") return ca;
    if (this.#readAuthorities === undefined) {
      const { authorityReader } = await authoritySources();
      this.#readAuthorities ??= authorityReader(ca, this.#config);
    }
    return await this.#readAuthorities(signal);
  }

  async #settingsFor({ cert, key }: Credentials, ca: string | undefined): Promise<TransportSettings> {
    const { fetch, tls, proxy } = this.#config;
    return { fetch, tls: { ...tls, ca, cert, key }, proxies: await proxiesFor(proxy) };
  }

  #headersFor(
    parts: RequestParts,
    credentials: Credentials,
    contentType: string | undefined,
  ): [string, string][] {
    const isUsual = parts.headers.length === 0 && contentType === undefined &&
      parts.representation === undefined;
    if (isUsual && this.#usual?.credentials === credentials) return this.#usual.headers;
    const headers = this.#newHeaders(parts, credentials, contentType);
    for (const [name, value] of headers) checkHeaderValue(`header ${name}`, value);
    if (isUsual) this.#usual = { credentials, headers };
    return headers;
  }

  #newHeaders(
    parts: RequestParts,
    { bearerToken, username, password = "" }: Credentials,
    contentType: string | undefined,
  ): [string, string][] {
    const headers = parts.headers.map(([name, value]): [string, string] => [name, value]);
    if (contentType !== undefined) headers.push(["Content-Type", contentType]);
    if (!hasHeader(headers, "accept")) {
      const { representation } = parts;
      const { accept, codecs } = this.#config;
      const types = codecs.map(({ mediaType }) => mediaType);
      headers.push(["Accept", representation === undefined ? accept : acceptAs(representation, types)]);
    }
    if (this.#config.disableCompression && !hasHeader(headers, "accept-encoding")) {
      headers.push(["Accept-Encoding", "identity"]);
    }
    if (!hasHeader(headers, "user-agent")) headers.push(["User-Agent", this.#config.userAgent]);
    if (!hasHeader(headers, "authorization")) {
      if (bearerToken !== undefined) {
        const token = bearerToken.trim();
        checkHeaderValue("bearerToken", token);
        headers.push(["Authorization", `Bearer ${token}`]);
      } else if (username !== undefined) {
        const bytes = new TextEncoder().encode(`${username}:${password}`);
        headers.push(["Authorization", `Basic ${btoa(String.fromCharCode(...bytes))}`]);
      }
    }
    const { impersonate } = this.#config;
    if (impersonate !== undefined && !hasHeader(headers, "impersonate-user")) {
      headers.push(...impersonationHeaders(impersonate));
    }
    return headers;
  }
}

const succeeded = ({ status }: Answer) => status >= 200 && status <= 206;

const outcomeOf = (attempt: Attempt) =>
  "answer" in attempt ? { status: attempt.answer.status } : { error: String(attempt.error) };

const hasHeader = (headers: readonly (readonly [string, string])[], name: string) =>
  headers.some(([other]) => other.toLowerCase() === name);

const isOn = ({ query }: RequestParts, name: string) =>
  query.some(([key, value]) => key === name && /^(true|1)$/.test(value));

/** Whether the answer is one object: what is stored is of a limited size, unlike lists, and what subresources stream. */
function isObject({ method, resource, name, subresources }: RequestParts): boolean {
  return resource !== undefined && (name !== undefined || method === "POST") &&
    (subresources.length === 0 || subresources[0] === "status");
}

/** The silence that a request expects of its answer; `undefined` where the configuration decides. */
function idleOf(parts: RequestParts): number | undefined {
  if (isOn(parts, "follow")) return 0;
  if (!isOn(parts, "watch")) return undefined;
  const seconds = Number(parts.query.find(([key]) => key === "timeoutSeconds")?.[1] ?? 0);
  return (seconds > 0 ? seconds * 1000 : LONGEST_WATCH) + WATCH_GRACE;
}
