import { type Clock, type RateLimiter, systemClock, TokenBucket } from "../async/mod.ts";
import { consoleLogger, type Logger, type Meter } from "../observe/mod.ts";
import type { CertificateAuthoritySource } from "./ca_source.ts";
import type { Codec } from "./codec.ts";
import { ConfigError } from "./config_error.ts";
import type { CredentialSource } from "./credentials.ts";
import { type Impersonation, impersonationHeaders } from "./impersonation.ts";
import { jsonCodec } from "./json_codec.ts";
import type { Middleware } from "./middleware.ts";
import { parseProxyUrl } from "./parse_proxy_url.ts";
import { type WarningHandler, warningWriter } from "./warning_handler.ts";

/** How the server proves who it is, and the client too. All texts are PEM. */
export interface TlsConfig {
  /**
   * Certificate authorities that may have signed the server's certificate: text, or a source of text that changes.
   * Default: the runtime's own.
   */
  ca?: string | CertificateAuthoritySource;
  /** The client's certificate, followed by intermediate ones if there are any. Needs `key`. */
  cert?: string;
  /** The private key of `cert`. */
  key?: string;
  /** The name to ask for and to verify, when it is not the host of the URL. */
  serverName?: string;
  /** Believe any server certificate. Anybody on the way can then read and change everything. Default false. */
  insecure?: boolean;
}

/** Time-outs in milliseconds; 0 means none. There is no total time-out: it would end healthy watches. */
export interface Timeouts {
  /**
   * Until a connection stands, TLS included. Default 30,000, as client-go dials. Where the runtime's
   * `fetch` connects, this is added to `headers`, since it does not say when it is connected.
   */
  connect?: number;
  /** From the request until the answer's headers. Default 75,000: the server itself gives up after 60 s. */
  headers?: number;
  /**
   * Longest silence within an answer's body while it is being read; where a runtime reads one object, or up to 64 kB, in
   * one call, the longest time for all of it. Default 60,000. A watch has its own: the
   * `timeoutSeconds` that it asked the server for, plus 10 s.
   */
  idle?: number;
}

/** What {@linkcode RestConfig} is made of. */
export interface RestConfigInit {
  /** URL of the API server, such as `https://10.0.0.1:6443` or `https://host/prefix`; `host:port` also works. */
  server: string;
  /** The namespace that this configuration prefers, from a kubeconfig context or a pod. Default `default`. */
  namespace?: string;
  /** Sent as `Authorization: Bearer …`. Not together with `username`. */
  bearerToken?: string;
  /** For HTTP basic authentication. */
  username?: string;
  /** For HTTP basic authentication. */
  password?: string;
  /** Gives credentials that change. Instead of `bearerToken`, `username` and a client certificate in `tls`. */
  credentials?: CredentialSource;
  /** Certificates and names. */
  tls?: TlsConfig;
  /** Makes the connections instead of the runtime's own transport; `tls` is then not possible. */
  fetch?: typeof globalThis.fetch;
  /**
   * The proxy for requests: a URL (`http`, `https`, `socks5` or `socks5h`, perhaps with a user and password) for all
   * of them whatever `NO_PROXY` says, `"none"`, or `"environment"`: as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say,
   * or the same in lower case, read when a client connects, by Go's rules (no proxy for `localhost` and loopback
   * addresses; networks such as `10.0.0.0/8` in `NO_PROXY`). Default `"environment"`, as in client-go.
   *
   * Deno is not asked for a permission to read them. Without `--allow-env` for all eight, what Deno itself makes of
   * them holds, which differs from Go in details.
   *
   * An `https` proxy proves who it is to the same `tls.ca` as the server, and may ask for the same client certificate.
   */
  proxy?: string;
  /**
   * What answers and bodies may be written in beside JSON, the best first. Default: nothing, so that JSON is asked for.
   */
  codecs?: readonly Codec[];
  /**
   * The media type in which objects are sent: that of a codec, or `application/json`. A client whose server answers
   * it with 415 sends JSON from then on. Default that of the first codec.
   */
  contentType?: string;
  /**
   * The `Accept` header of requests that do not have their own, such as
   * `application/cbor;q=0.5,application/json`. Default: the codecs and JSON; without codecs, JSON before all else.
   */
  accept?: string;
  /** Answers are not compressed. Default: servers may compress large ones, which costs time on fast networks. */
  disableCompression?: boolean;
  /** When to give up waiting. */
  timeouts?: Timeouts;
  /** Value of the `User-Agent` header. Default `coxswain`. */
  userAgent?: string;
  /**
   * Requests each second that this client sends in the long run. Default 50, in the stead of client-go's 5, which
   * servers with priority and fairness do not need. 0 for no limit.
   */
  qps?: number;
  /** Requests that it may send at once. Default 100. */
  burst?: number;
  /** Limits the rate instead of `qps` and `burst`, also for several clients together. */
  rateLimiter?: RateLimiter;
  /** Whom to act as, where the one who asks may impersonate that user. */
  impersonate?: Impersonation;
  /** What stands between clients and their transport; the first is the outermost. */
  middleware?: readonly Middleware[];
  /**
   * Takes the warnings that servers put into their answers, such as that a version of an API is deprecated. Default:
   * each text is logged once.
   */
  onWarning?: WarningHandler;
  /** Told of waits for the rate limiter and of requests that are sent again. Default: warnings go to the console. */
  logger?: Logger;
  /** Told of durations, sizes and outcomes of requests, under client-go's names. */
  meter?: Meter;
  /**
   * What the meter tells durations apart by, beside the verb: the `host` alone, as Go programs do, or also the `url`,
   * with names and values taken out. That is a series for each resource that a program uses. Default `host`.
   */
  durationsBy?: "host" | "url";
  /** How often a request is sent again at most, when the server asks for it or a read was cut. Default 10. */
  maxRetries?: number;
  /** The clock of all waits and time-outs. Default the runtime's. */
  clock?: Clock;
  /** Where jitter comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/**
 * Where an API server is and how to talk to it. Checked when made, so that what cannot work fails here and
 * not at the first request. It does not change, and it does not show its secrets: printing it, or turning it
 * into JSON, leaves them out.
 *
 * @see client-go `rest.Config`, spec rest 1
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RestConfig } from "@coxswain/kube/rest";
 * const config = new RestConfig({ server: "https://10.0.0.1:6443", bearerToken: "abc123" });
 * assert.ok(!JSON.stringify(config).includes("abc123"));
 * ```
 */
export class RestConfig {
  /** URL of the API server, with a path that ends in `/`. */
  readonly server: string;
  /** The preferred namespace. */
  readonly namespace: string;
  /** Value of the `User-Agent` header. */
  readonly userAgent: string;
  /** Time-outs, with the defaults filled in. */
  readonly timeouts: Readonly<Required<Timeouts>>;
  /** Takes the warnings of servers. */
  readonly onWarning: WarningHandler;
  /** Told of what happens to requests. */
  readonly logger: Logger;
  /** How often a request is sent again at most. */
  readonly maxRetries: number;
  /** Limits the rate of requests; shared by all clients of this configuration. */
  readonly rateLimiter: RateLimiter | undefined;
  /** What answers and bodies may be written in, the best first. JSON is always there. */
  readonly codecs: readonly Codec[];
  /** The media type in which objects are sent. */
  readonly contentType: string;
  /** The `Accept` header of requests without their own. */
  readonly accept: string;
  readonly #init: RestConfigInit;

  /**
   * Checks the settings.
   *
   * @throws {ConfigError} If one is malformed or contradicts another.
   */
  constructor(init: RestConfigInit) {
    const {
      namespace = "default",
      userAgent = "coxswain",
      timeouts: { connect = 30_000, headers = 75_000, idle = 60_000 } = {},
    } = init;
    // First, as a mistake in it explains others.
    this.server = serverUrl(init.server, impliesTls(init.tls ?? {}));
    const tls = checkTls(init.tls ?? {});
    this.namespace = namespace;
    this.userAgent = userAgent;
    this.timeouts = Object.freeze({ connect, headers, idle });
    for (const [name, value] of Object.entries(this.timeouts)) {
      if (!(value >= 0)) {
        throw new ConfigError(
          `timeouts.${name}`,
          `${value} is not a duration`,
          "Give milliseconds, or 0 for none",
        );
      }
    }
    if (init.bearerToken !== undefined && init.username !== undefined) {
      throw new ConfigError("bearerToken and username", "a request carries one of them", "Leave one out");
    }
    const fixed = init.bearerToken ?? init.username ?? tls.cert;
    if (init.credentials !== undefined && fixed !== undefined) {
      throw new ConfigError("credentials", "fixed credentials are given too", "Leave out one or the other");
    }
    checkHeaderValue("bearerToken", init.bearerToken?.trim() ?? "");
    checkHeaderValue("userAgent", userAgent);
    const { qps = 50, burst = 100, maxRetries = 10, clock, rateLimiter } = init;
    for (const [name, value] of Object.entries({ qps, burst, maxRetries })) {
      if (!(value >= 0)) {
        throw new ConfigError(name, `${value} is not a number from 0 up`, "Give one, or leave it out");
      }
    }
    this.maxRetries = maxRetries;
    const { logger = consoleLogger(), onWarning } = init;
    this.logger = logger;
    // client-go's default says each warning each time; one that is said once is read.
    this.onWarning = onWarning ?? warningWriter((line) => logger.warn(line.trimEnd()), { deduplicate: true });
    impersonationHeaders(init.impersonate ?? {});
    this.rateLimiter = rateLimiter ??
      (qps > 0 ? new TokenBucket({ qps, burst: Math.max(1, burst), clock }) : undefined);
    const { proxy = "environment" } = init;
    if (!/^(environment|none)$/.test(proxy)) parseProxyUrl("proxy", proxy);
    if (init.fetch !== undefined) {
      const name = (["ca", "cert", "key", "serverName", "insecure"] as const).find((name) =>
        tls[name] !== undefined
      );
      const lost = name !== undefined ? `tls.${name}` : proxy !== "environment" ? "proxy" : undefined;
      if (lost !== undefined) {
        throw new ConfigError(
          lost,
          "a custom fetch makes its own connections",
          "Set it there, or pass no fetch",
        );
      }
    }
    const others = (init.codecs ?? []).filter(({ mediaType }) => mediaType !== jsonCodec.mediaType);
    this.codecs = Object.freeze([...others, jsonCodec]);
    const { contentType = this.codecs[0].mediaType } = init;
    this.contentType = contentType;
    const types = this.codecs.map(({ mediaType }) => mediaType);
    if (!types.includes(contentType)) {
      throw new ConfigError("contentType", `no codec writes ${contentType}`, "Give one, or leave it out");
    }
    this.accept = init.accept ?? (others.length > 0 ? types.join(",") : `${contentType}, */*`);
    checkHeaderValue("accept", this.accept);
    const unread = this.accept.split(",").map((clause) => clause.split(";")[0].trim().toLowerCase())
      .find((type) => !types.includes(type) && !/^(\*|application)\/\*$/.test(type));
    if (unread !== undefined) {
      throw new ConfigError(
        "accept",
        `no codec reads ${JSON.stringify(unread)}`,
        "Give one, or ask for less",
      );
    }
    this.#init = { ...init, tls };
  }

  /** Certificates and names; empty when the runtime's defaults hold. */
  get tls(): Readonly<TlsConfig> {
    return this.#init.tls!;
  }

  /** Where credentials come from that change. */
  get credentials(): CredentialSource | undefined {
    return this.#init.credentials;
  }

  /** The bearer token. */
  get bearerToken(): string | undefined {
    return this.#init.bearerToken;
  }

  /** User name for basic authentication. */
  get username(): string | undefined {
    return this.#init.username;
  }

  /** Password for basic authentication. */
  get password(): string | undefined {
    return this.#init.password;
  }

  /** The URL of the proxy, which may hold a password; `none`, or `environment`. */
  get proxy(): string {
    return this.#init.proxy ?? "environment";
  }

  /** Whether answers are not compressed. */
  get disableCompression(): boolean {
    return this.#init.disableCompression ?? false;
  }

  /** The `fetch` that makes the connections, when one was given. */
  get fetch(): typeof globalThis.fetch | undefined {
    return this.#init.fetch;
  }

  /** The clock of all waits and time-outs. */
  get clock(): Clock {
    return this.#init.clock ?? systemClock;
  }

  /** Whom to act as. */
  get impersonate(): Impersonation | undefined {
    return this.#init.impersonate;
  }

  /** What stands between clients and their transport. */
  get middleware(): readonly Middleware[] {
    return this.#init.middleware ?? [];
  }

  /** Told of durations, sizes and outcomes of requests. */
  get meter(): Meter | undefined {
    return this.#init.meter;
  }

  /** What the meter tells durations apart by. */
  get durationsBy(): "host" | "url" {
    return this.#init.durationsBy ?? "host";
  }

  /** Where jitter comes from. */
  get random(): () => number {
    return this.#init.random ?? Math.random;
  }

  /** A copy with some settings changed. One that is given as `undefined` is cleared. */
  with(changes: Partial<RestConfigInit>): RestConfig {
    return new RestConfig({ ...this.#init, server: this.server, ...changes });
  }

  /**
   * A copy for requests that do not say who asks: without credentials of any kind, impersonation, middleware, and a
   * `fetch` of one's own, any of which may carry some. What it says of the server, its authorities and the proxy stays.
   *
   * @see client-go `rest.AnonymousClientConfig`, spec rest 1.2
   */
  anonymous(): RestConfig {
    const { ca, serverName, insecure } = this.tls;
    return this.with({
      ...{ bearerToken: undefined, username: undefined, password: undefined, credentials: undefined },
      ...{ impersonate: undefined, middleware: undefined, fetch: undefined },
      tls: { ca, serverName, insecure },
    });
  }

  /** What may be shown: no secret, and for certificates only that there are some. */
  toJSON(): Record<string, unknown> {
    const shown = (value: unknown) => value === undefined ? undefined : "--- REDACTED ---";
    const { ca, cert, key, serverName, insecure } = this.tls;
    return {
      server: this.server,
      namespace: this.namespace,
      userAgent: this.userAgent,
      timeouts: this.timeouts,
      tls: {
        ca: ca && "--- TRUNCATED ---",
        cert: cert && "--- TRUNCATED ---",
        key: shown(key),
        serverName,
        insecure,
      },
      proxy: this.proxy.replace(/^([a-z0-9+.-]+:\/\/).*@/i, "$1--- REDACTED ---@"),
      disableCompression: this.disableCompression,
      impersonate: this.impersonate,
      username: this.username,
      password: shown(this.password),
      bearerToken: shown(this.bearerToken),
      credentials: shown(this.credentials),
    };
  }

  /** The server, without secrets. */
  toString(): string {
    return `RestConfig(${this.server})`;
  }
}

const impliesTls = ({ ca, cert, insecure }: TlsConfig) => Boolean(ca || cert || insecure);

/** The base URL from what people write: a URL, or `host[:port]` (spec rest 1.3). */
function serverUrl(server: string, usesTls: boolean): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(server);
  const text = absolute ? server : `${usesTls ? "https" : "http"}://${server}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    server === "" || url === undefined || !/^https?:$/.test(url.protocol) ||
    (!absolute && url.pathname !== "/")
  ) {
    // A URL may carry a password, so the message repeats it only where there can be none.
    const shown = server.includes("@") ? "the value" : JSON.stringify(server);
    throw new ConfigError(
      "server",
      `${shown} is neither a URL nor host:port`,
      "Write it like https://host:6443",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(
      "server",
      "the URL carries a user name or password",
      "Give them as username and password",
    );
  }
  return `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
}

function checkTls({ ca, cert, key, serverName, insecure }: TlsConfig): TlsConfig {
  if (ca !== undefined && insecure) {
    throw new ConfigError(
      "tls.insecure",
      "a ca is given too, which would be ignored",
      "Leave one of them out",
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw new ConfigError(`tls.${there}`, `there is no tls.${missing}`, "A client certificate needs both");
  }
  // Checked here since runtimes ignore what they cannot read, or go on without the certificate.
  if (typeof ca !== "function") checkPem("tls.ca", ca, "CERTIFICATE");
  checkPem("tls.cert", cert, "CERTIFICATE");
  checkPem("tls.key", key, "PRIVATE KEY");
  return { ca, cert, key, serverName: serverName || undefined, insecure: insecure || undefined };
}

const PEM_BLOCK =
  /-----BEGIN ([A-Z0-9 ]+)-----\s+(?:[A-Za-z0-9-]+: [^\n]*\n)*([A-Za-z0-9+/=\s]+?)-----END \1-----/g;

function checkPem(setting: string, text: string | undefined, label: string): void {
  if (text === undefined) return;
  const labels = [...text.matchAll(PEM_BLOCK)].map((match) => match[1]);
  if (labels.some((found) => found === label || (label === "PRIVATE KEY" && found.endsWith(` ${label}`)))) {
    return;
  }
  const found = labels.length === 0 ? "no PEM block in it" : `only ${[...new Set(labels)].join(", ")} in it`;
  throw new ConfigError(setting, `expected a "BEGIN ${label}" block, found ${found}`, "Give PEM text");
}

/**
 * Refuses what no header can hold. Runtimes refuse it too, but some repeat the value in their error, which here
 * would be a credential.
 */
export function checkHeaderValue(setting: string, value: string): void {
  if (/[^\x20-\x7e]/.test(value)) {
    throw new ConfigError(
      setting,
      "it has characters that no HTTP header can hold",
      "Check for line breaks or stray bytes",
    );
  }
}
