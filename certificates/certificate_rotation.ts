import { Backoff, type Clock, onAbort, systemClock } from "../async/mod.ts";
import { consoleLogger, type Logger, type Meter, noMeter } from "../observe/mod.ts";
import {
  type CredentialSource,
  isForbidden,
  isNotFound,
  isUnauthorized,
  isUnexpectedServerError,
  type RestClient,
} from "../rest/mod.ts";
import { type Certificate, parseCertificates } from "./certificate.ts";
import { certificateMetrics } from "./certificate_metrics.ts";
import { createCertificateRequest } from "./certificate_request.ts";
import type { CertificateStore } from "./certificate_store.ts";
import type { CertificatePair } from "./issue_certificate.ts";
import { generateKey, readPrivateKey } from "./private_key.ts";
import { requestCertificate } from "./request_certificate.ts";
import { canonicalAddress, type CertificateSubject } from "./subject.ts";

/** Attempts in close order, before they are {@linkcode LATER} apart. */
const ATTEMPTS = 5;
/** Between further attempts, in milliseconds. */
const LATER = 32_000;
/** Between two looks at a template that may change, and between two rotations, in milliseconds. */
const POLL = 1_000;
/** The longest sleep, in milliseconds: a machine that was asleep finds out soon that it is late. */
const LONGEST_SLEEP = 3_600_000;

/** Options of {@linkcode CertificateRotation}. Read once: changing the object later has no effect. */
export interface CertificateRotationOptions {
  /** Where the certificate is kept. */
  store: CertificateStore;
  /**
   * Whom the certificate is for. A function is asked every second: when it gives something else, a new certificate is
   * asked for at once; while it gives nothing, none is.
   */
  template: CertificateSubject | (() => CertificateSubject | undefined);
  /** Who is to sign, such as `kubernetes.io/kube-apiserver-client`. */
  signerName: string;
  /** What it is to be used for: `client` and `server` say what such ones need. */
  usages: "client" | "server" | readonly string[];
  /**
   * Gives the client to ask by; it is told the certificate there is, and stays its owner's to close. Without it nothing
   * is asked for, and what the store has is used until it has expired.
   */
  client?: (current: CertificatePair | undefined) => RestClient | Promise<RestClient>;
  /** What is used while the store has nothing that is valid. It is replaced at once. */
  bootstrap?: CertificatePair;
  /** Makes keys, as PEM. Default: on the curve P-256. RSA keys need 2048 bits. */
  generateKey?: () => Promise<string>;
  /** How long certificates should be valid, in milliseconds. Default: as the signer likes. */
  validity?: number;
  /** Told of each new certificate. */
  onRotated?: (pair: CertificatePair) => void;
  /** Told of attempts that fail. Default: they go to the console. */
  logger?: Logger;
  /** Told of ages and failures: {@linkcode certificateMetrics}. */
  meter?: Meter;
  /** The clock of all waits. Default the runtime's. */
  clock?: Clock;
  /** Where jitter comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/** A pair and what its certificate says. */
interface Held {
  pair: CertificatePair;
  leaf: Certificate;
}

/**
 * Has a new certificate signed by the cluster before the one at hand ends: after 70 to 90 % of its time, so that many
 * clients do not come at once. When that fails it is tried again after 2, 4, 8 and 16 seconds, then every 32 seconds.
 *
 * {@linkcode CertificateRotation.credentials} is for a `RestConfig`: requests that begin after a rotation show the new
 * certificate, watches that run go on.
 *
 * @see client-go `util/certificate.Manager`, spec rest 13.3
 * @example
 * ```ts
 * import { CertificateRotation, FileCertificateStore } from "@coxswain/kube/certificates";
 * const rotation = await CertificateRotation.open({
 *   store: new FileCertificateStore("agent", { directory: "/no/such/folder" }),
 *   template: { commonName: "agent", organizations: ["agents"] },
 *   signerName: "kubernetes.io/kube-apiserver-client",
 *   usages: "client", // and, for a rotation that does something, `client: () => new RestClient(…)`
 * });
 * rotation.start();
 * console.log(rotation.current); // undefined
 * await rotation[Symbol.asyncDispose]();
 * ```
 */
export class CertificateRotation implements AsyncDisposable {
  /** The certificate at hand, for each request; nothing while there is none. */
  readonly credentials: CredentialSource = () => this.current ?? {};
  readonly #options: CertificateRotationOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #meter: Meter;
  readonly #stop = new AbortController();
  #held: Held | undefined;
  /** Whether what is held is for the time being only. */
  #forced = true;
  /** The template of the last request that the server has taken. */
  #requested: CertificateSubject | undefined;
  #isServerHealthy = false;
  #running: Promise<void> | undefined;

  /** Opens nothing: {@linkcode CertificateRotation.open} also reads what the store has. */
  constructor(options: CertificateRotationOptions) {
    const { clock = systemClock, logger = consoleLogger(), meter = noMeter } = options;
    this.#options = { ...options };
    this.#clock = clock;
    this.#logger = logger;
    this.#meter = meter;
  }

  /**
   * Reads what the store has.
   *
   * @throws If there is something in the store that cannot be used.
   */
  static async open(options: CertificateRotationOptions): Promise<CertificateRotation> {
    const rotation = new CertificateRotation(options);
    await rotation.#load();
    return rotation;
  }

  /** The certificate at hand; `undefined` if there is none, or if it has expired. */
  get current(): CertificatePair | undefined {
    return this.#held && isValid(this.#held, this.#clock) ? this.#held.pair : undefined;
  }

  /** Whether the server has last answered a request for a certificate as a working server does, if with a refusal. */
  get isServerHealthy(): boolean {
    return this.#isServerHealthy;
  }

  /** Begins to look after the certificate. Idempotent. Does nothing without a client. */
  start(): void {
    if (this.#options.client === undefined || this.#stop.signal.aborted) return;
    this.#running ??= this.#run(this.#stop.signal);
  }

  /** Stops; what has been asked for and not been signed is left alone. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #load(): Promise<void> {
    const { store, bootstrap } = this.#options;
    const stored = await store.current();
    if (stored !== undefined) this.#held = hold(stored);
    this.#forced = this.current === undefined;
    if (!this.#forced || bootstrap === undefined) return;
    await store.update(bootstrap).catch((error) => {
      this.#logger.error("Cannot keep the first certificate", { error });
    });
    this.#held = hold(bootstrap);
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#untilDue(signal);
        if (this.#template() !== undefined) await this.#rotate(signal);
        await this.#clock.sleep(POLL, { signal });
      }
    } catch (error) {
      if (!signal.aborted) this.#logger.error("The rotation of the certificate has ended", { error });
    }
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    const isDynamic = typeof this.#options.template === "function";
    const due = this.#deadline();
    for (;;) {
      const left = due - this.#clock.date().getTime();
      if (!(left > 0)) return;
      await this.#clock.sleep(Math.min(left, isDynamic ? POLL : LONGEST_SLEEP), { signal });
      if (this.#isOutdated()) return;
    }
  }

  /** When to ask for the next certificate, in milliseconds since 1970 (spec rest 13.3). */
  #deadline(): number {
    if (this.#forced || this.#held === undefined || !satisfies(this.#held.leaf, this.#template())) return 0;
    const { random = Math.random } = this.#options;
    const { notBefore, notAfter } = this.#held.leaf;
    return notBefore.getTime() + (notAfter.getTime() - notBefore.getTime()) * (0.7 + 0.2 * random());
  }

  /** Whether the template asks for what neither the certificate has nor the last request. */
  #isOutdated(): boolean {
    const template = this.#template();
    const isMet = this.#held !== undefined && satisfies(this.#held.leaf, template);
    return !isMet && JSON.stringify(template) !== JSON.stringify(this.#requested);
  }

  #template(): CertificateSubject | undefined {
    const { template } = this.#options;
    return typeof template === "function" ? template() : template;
  }

  async #rotate(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({
      initial: 2_000,
      cap: 16_000,
      jitter: 0.1,
      random: this.#options.random,
    });
    for (let attempt = 1; !await this.#attempt(signal); attempt++) {
      await this.#clock.sleep(attempt < ATTEMPTS ? backoff.next() : LATER, { signal });
    }
  }

  /** Asks for a certificate once. @returns Whether that is done with. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { client, generateKey: newKey = generateKey, signerName, store, validity } = this.#options;
    const template = this.#template();
    if (template === undefined) return true;
    const life = new AbortController();
    const forget = onAbort(signal, (reason) => life.abort(reason));
    let wasTaken = false;
    try {
      const key = await newKey();
      const { kind, size } = await readPrivateKey(key);
      if (size < (kind === "RSA" ? 2048 : 256)) throw new RangeError("the new key is insecure");
      const request = await createCertificateRequest(template, key);
      const onRequested = () => {
        wasTaken = true;
        this.#requested = template;
        this.#interruptWhenOutdated(life);
      };
      const cert = await requestCertificate(await client!(this.current), request, {
        ...{ signerName, validity, clock: this.#clock, signal: life.signal, onRequested },
        usages: this.#usages(kind),
      });
      const pair = { cert, key };
      await store.update(pair);
      this.#replace(pair);
      return true;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (life.signal.aborted) return await this.#attempt(signal);
      if (!wasTaken) this.#isServerHealthy = isHealthySign(error);
      this.#meter.counter(certificateMetrics.renewErrors).add(1);
      this.#logger.error("Cannot get a new certificate, trying again later", { error });
      return false;
    } finally {
      forget();
      life.abort(); // ends what looks at the template
    }
  }

  /** Gives up a request as soon as another one is wanted. */
  #interruptWhenOutdated(life: AbortController): void {
    if (typeof this.#options.template !== "function") return;
    const look = async () => {
      while (!this.#isOutdated()) await this.#clock.sleep(POLL, { signal: life.signal });
      life.abort(new Error("another certificate is wanted"));
    };
    look().catch(() => {}); // the request is over
  }

  #usages(kind: "EC" | "RSA"): readonly string[] {
    const { usages } = this.#options;
    if (typeof usages !== "string") return usages;
    return [...kind === "RSA" ? ["key encipherment"] : [], "digital signature", `${usages} auth`];
  }

  #replace(pair: CertificatePair): void {
    const { leaf } = this.#held ?? {};
    if (leaf !== undefined) {
      const age = this.#clock.date().getTime() - leaf.notBefore.getTime();
      this.#meter.histogram(certificateMetrics.rotationAge).record(age / 1000);
    }
    this.#held = hold(pair);
    this.#forced = false;
    this.#isServerHealthy = true;
    this.#options.onRotated?.(pair);
  }
}

function hold(pair: CertificatePair): Held {
  return { pair, leaf: parseCertificates(pair.cert)[0] };
}

function isValid({ leaf }: Held, clock: Clock): boolean {
  return clock.date() <= leaf.notAfter;
}

/** Whether a certificate has all that is asked for; it may have more. */
function satisfies(certificate: CertificateSubject, template: CertificateSubject | undefined): boolean {
  if (template === undefined) return true;
  if ((template.commonName ?? "") !== (certificate.commonName ?? "")) return false;
  const has = (all: readonly string[] = [], wanted: readonly string[] = []) =>
    wanted.every((one) => all.includes(one));
  return has(certificate.dnsNames, template.dnsNames) &&
    has(certificate.organizations, template.organizations) &&
    has(certificate.ipAddresses, template.ipAddresses?.map(canonicalAddress));
}

/** Whether only a server that works refuses like that. */
function isHealthySign(error: unknown): boolean {
  if (isUnauthorized(error)) return true;
  return !isUnexpectedServerError(error) && (isNotFound(error) || isForbidden(error));
}
