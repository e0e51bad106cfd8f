import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  type CertificatePair,
  CertificateRotation,
  type CertificateRotationOptions,
  type CertificateStore,
  type CertificateSubject,
  generateKey,
  issueAuthority,
  issueCertificate,
  parseCertificates,
  signCertificateRequest,
} from "@coxswain/kube/certificates";
import { noLogger, PrometheusMeter } from "@coxswain/kube/observe";
import { RestClient, RestConfig } from "@coxswain/kube/rest";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { pem } from "../runtimes/roads.ts";
import { APPROVED, decide, nextRequest, type SigningRequest } from "./signer.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = "2030-01-01T00:00:00Z";
const AGENT: CertificateSubject = { commonName: "agent", organizations: ["agents"] };
const { signal } = new AbortController();
const authority = await issueAuthority({
  commonName: "ca",
  clock: new ManualClock({ start: "2029-01-01T00:00:00Z" }),
});

/** A certificate for somebody that is valid from `from` for `validity`. */
function certificateFor(
  subject: CertificateSubject,
  { from = START, validity = 10 * DAY }: { from?: string; validity?: number } = {},
): Promise<CertificatePair> {
  const clock = new ManualClock({ start: from });
  return issueCertificate(authority, { ...subject, notBefore: clock.date(), validity, clock });
}

const ENDED = await certificateFor(AGENT, { from: "2029-06-01T00:00:00Z" });

interface Bench {
  rotation: CertificateRotation;
  clock: ManualClock;
  server: ApiServer;
  admin: RestClient;
  meter: PrometheusMeter;
  /** What is in the store, and whether it takes more. */
  stored: { pair?: CertificatePair; failure?: Error };
  /** The next failure that is logged. */
  failed: () => Promise<string>;
  /** The next certificate that the rotation has. */
  rotated: () => Promise<CertificatePair>;
  /** Resolves when the rotation begins to watch what becomes of a request. */
  watching: () => Promise<void>;
  /** The next request; nobody has approved it. */
  next: () => Promise<SigningRequest>;
  /** Signs a request for `validity`. */
  sign: (request: SigningRequest, validity?: number) => Promise<string>;
  /** When each attempt began, in seconds of the clock. */
  attempts: number[];
  /** How many requests were made. */
  made: () => Promise<number>;
}

async function bench(
  t: Cleanup,
  { first, tap, ...options }: Partial<CertificateRotationOptions> & {
    first?: CertificatePair;
    tap?: typeof fetch;
  } = {},
): Promise<Bench> {
  const clock = new ManualClock({ start: START });
  const server = new ApiServer({ clock });
  t.after(() => server[Symbol.asyncDispose]());
  const admin = new RestClient(server.restConfig());
  const watches = events<void>();
  const fetch: typeof globalThis.fetch = tap ?? ((input, init) => {
    if (String(input).includes("watch=true")) watches.push();
    return server.fetch(input, init);
  });
  const rest = new RestClient(server.restConfig().with({ clock, qps: 0, maxRetries: 0, fetch }));
  for (const client of [admin, rest]) t.after(() => client[Symbol.asyncDispose]());
  const meter = new PrometheusMeter();
  const stored: Bench["stored"] = { pair: first };
  const store: CertificateStore = {
    current: () => stored.failure ? Promise.reject(stored.failure) : Promise.resolve(stored.pair),
    update(pair) {
      if (stored.failure) return Promise.reject(stored.failure);
      stored.pair = pair;
      return Promise.resolve();
    },
  };
  const failures = events<string>();
  const rotations = events<CertificatePair>();
  const attempts: number[] = [];
  const rotation = await CertificateRotation.open({
    generateKey() {
      attempts.push(clock.now() / 1000);
      return generateKey();
    },
    store,
    template: AGENT,
    signerName: "example.com/agents",
    usages: "client",
    client: () => rest,
    clock,
    meter,
    random: () => 0.5,
    logger: { ...noLogger, error: (_, fields) => failures.push(String(fields?.error)) },
    onRotated: rotations.push,
    ...options,
  });
  t.after(() => rotation[Symbol.asyncDispose]());
  const seen = new Set<string | undefined>();
  return {
    rotation,
    clock,
    server,
    admin,
    meter,
    stored,
    attempts,
    failed: failures.next,
    rotated: rotations.next,
    watching: watches.next,
    async next() {
      for (;;) {
        const request = await nextRequest(admin, (name) => !seen.has(name));
        seen.add(request.metadata.name);
        return request;
      }
    },
    async sign(request, validity = 10 * DAY) {
      const text = await signCertificateRequest(atob(request.spec.request), authority, {
        notBefore: clock.date(),
        validity,
        clock,
      });
      decide(server, request, { conditions: [APPROVED], certificate: btoa(text) });
      return text;
    },
    async made() {
      const list = await admin.get().groupVersion("certificates.k8s.io", "v1").resource(
        "certificatesigningrequests",
      ).send();
      return (await list.json<{ items: unknown[] }>()).items.length;
    },
  };
}

/** What happens, to be waited for one by one. */
function events<T>(): { push: (one: T) => void; next: () => Promise<T> } {
  const came: T[] = [];
  let wake = () => {};
  return {
    push(one) {
      came.push(one);
      wake();
    },
    async next() {
      while (came.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return came.shift()!;
    },
  };
}

describe("CertificateRotation", () => {
  it(
    "asks at once when there is no certificate, and hands it out [rest 13.3]",
    cleaned(async (t) => {
      const { rotation, stored, next, sign, rotated } = await bench(t, { validity: 10 * DAY });
      assert.deepEqual([rotation.current, rotation.isServerHealthy], [undefined, false]);
      assert.deepEqual(await rotation.credentials({ signal }), {});
      rotation.start();
      const request = await next();
      assert.deepEqual(request.spec.usages, ["digital signature", "client auth"]);
      assert.deepEqual([request.spec.signerName, request.spec.expirationSeconds], [
        "example.com/agents",
        864_000,
      ]);
      const cert = await sign(request);
      assert.equal((await rotated()).cert, cert);
      assert.equal(rotation.current?.cert, cert);
      assert.deepEqual(stored.pair, rotation.current);
      assert.equal(await rotation.credentials({ signal }), rotation.current);
      assert.ok(rotation.isServerHealthy);
      const [{ commonName, organizations }] = parseCertificates(cert);
      assert.deepEqual({ commonName, organizations }, AGENT);
    }),
  );

  for (
    const { chance, due } of [{ chance: 0, due: 7 * DAY }, { chance: 0.5, due: 8 * DAY }, {
      chance: 0.999999,
      due: 9 * DAY,
    }]
  ) {
    it(
      `asks for the next after ${due / DAY} of 10 days where chance says ${chance} [rest 13.3, A.5]`,
      cleaned(async (t) => {
        const first = await certificateFor(AGENT);
        const { rotation, clock, attempts, next, sign, meter, rotated } = await bench(t, {
          first,
          random: () => chance,
        });
        assert.deepEqual(rotation.current, first);
        rotation.start();
        await clock.advance(due - 1_000);
        assert.deepEqual(attempts, []);
        await clock.advance(2_000);
        assert.equal(attempts.length, 1);
        const cert = await sign(await next());
        assert.equal((await rotated()).cert, cert);
        const [, age] = /^certificate_manager_rotation_seconds_sum (.*)$/m.exec(meter.text()) ?? [];
        assert.ok(Math.abs(Number(age) - due / 1000) < 10, age);
      }),
    );
  }

  it(
    "does nothing without a client, and has nothing once its certificate has ended [rest 13.3]",
    cleaned(async (t) => {
      const first = await certificateFor(AGENT, { validity: DAY });
      const { rotation, clock, made } = await bench(t, { first, client: undefined });
      rotation.start();
      assert.equal(clock.timers, 0);
      await clock.advance(DAY);
      assert.deepEqual(rotation.current, first);
      await clock.advance(1_000);
      assert.equal(rotation.current, undefined);
      assert.deepEqual(await rotation.credentials({ signal }), {});
      assert.equal(await made(), 0);
    }),
  );

  for (
    const { name, first } of [
      { name: "there is none", first: undefined },
      {
        name: "the stored one has ended",
        first: ENDED,
      },
    ]
  ) {
    it(
      `begins with another while ${name}, and asks at once [rest 13.3]`,
      cleaned(async (t) => {
        const bootstrap = await certificateFor({ commonName: "bootstrap" });
        const { rotation, stored, next, sign, rotated } = await bench(t, { first, bootstrap });
        assert.deepEqual(rotation.current, bootstrap);
        assert.deepEqual(stored.pair, bootstrap);
        rotation.start();
        const cert = await sign(await next());
        assert.equal((await rotated()).cert, cert);
      }),
    );
  }

  it(
    "has no certificate while the stored one has ended and there is no other [rest 13.3]",
    cleaned(async (t) => {
      const { rotation, next } = await bench(t, { first: ENDED });
      assert.equal(rotation.current, undefined);
      rotation.start();
      await next();
    }),
  );

  it(
    "cannot be opened on a store that fails, but with one that keeps nothing [rest 13.3]",
    cleaned(async (t) => {
      const failure = new Error("the disk is gone");
      const store = { current: () => Promise.reject(failure), update: () => Promise.reject(failure) };
      await assert.rejects(bench(t, { store }), failure);
      const bootstrap = await certificateFor(AGENT);
      const readOnly = { current: () => Promise.resolve(undefined), update: () => Promise.reject(failure) };
      const { rotation, failed } = await bench(t, { store: readOnly, bootstrap });
      assert.deepEqual(rotation.current, bootstrap);
      assert.equal(await failed(), "Error: the disk is gone");
    }),
  );

  const rich: CertificateSubject = {
    commonName: "agent",
    organizations: ["agents", "more"],
    dnsNames: ["a.example.com", "b.example.com"],
    ipAddresses: ["10.0.0.1", "::1"],
  };
  for (
    const { name, template, isMet } of [
      { name: "all that is wanted and more", template: AGENT, isMet: true },
      {
        name: "an address in another spelling",
        template: { commonName: "agent", ipAddresses: ["0:0::1"] },
        isMet: true,
      },
      { name: "no template at all", template: () => undefined, isMet: true },
      { name: "another common name", template: { commonName: "other" }, isMet: false },
      { name: "a group too few", template: { ...AGENT, organizations: ["agents", "admins"] }, isMet: false },
      { name: "a name too few", template: { ...AGENT, dnsNames: ["c.example.com"] }, isMet: false },
      { name: "an address too few", template: { ...AGENT, ipAddresses: ["10.0.0.2"] }, isMet: false },
    ] as { name: string; template: CertificateRotationOptions["template"]; isMet: boolean }[]
  ) {
    it(
      `${isMet ? "keeps" : "replaces"} a certificate with ${name} [rest 13.3]`,
      cleaned(async (t) => {
        const { rotation, clock, made, next } = await bench(t, {
          first: await certificateFor(rich),
          template,
        });
        rotation.start();
        if (!isMet) return void await next();
        await clock.advance(60_000); // a template that may change is looked at every second of it
        assert.equal(await made(), 0);
      }),
    );
  }

  for (
    const { usages, key, expected } of [
      {
        usages: "client",
        key: "rsa-pkcs8-key",
        expected: ["key encipherment", "digital signature", "client auth"],
      },
      { usages: "server", key: "ec-pkcs8-key", expected: ["digital signature", "server auth"] },
      { usages: ["any"], key: "ec-pkcs8-key", expected: ["any"] },
    ] as { usages: CertificateRotationOptions["usages"]; key: string; expected: string[] }[]
  ) {
    it(
      `asks for ${expected.join(", ")} with ${key} [rest 13.3]`,
      cleaned(async (t) => {
        const { rotation, next } = await bench(t, { usages, generateKey: () => Promise.resolve(pem(key)) });
        rotation.start();
        assert.deepEqual((await next()).spec.usages, expected);
      }),
    );
  }

  it(
    "tries again after 2, 4, 8 and 16 seconds, then every 32 [rest 13.3, A.5]",
    cleaned(async (t) => {
      const { rotation, clock, failed, meter, attempts } = await bench(t, {
        random: () => 0,
        tap: () =>
          Promise.resolve(Response.json({ kind: "Status", status: "Failure", code: 500 }, { status: 500 })),
      });
      rotation.start();
      const waits = [2, 4, 8, 16, 32, 32];
      for (const [index, wait] of waits.entries()) {
        await failed();
        await clock.advance(wait * 1000 - 1);
        assert.equal(attempts.length, index + 1);
        await clock.advance(1);
      }
      await failed();
      assert.deepEqual(attempts, [0, 2, 6, 14, 30, 62, 94]);
      assert.match(meter.text(), /^certificate_manager_expiration_renew_errors_total 7$/m);
      assert.equal(rotation.current, undefined);
    }),
  );

  for (
    const { name, answer, isHealthy } of [
      { name: "401", answer: { status: 401, reason: "Unauthorized" }, isHealthy: true },
      { name: "403", answer: { status: 403, reason: "Forbidden" }, isHealthy: true },
      { name: "404 of an API server", answer: { status: 404, reason: "NotFound" }, isHealthy: true },
      { name: "404 of something else", answer: { status: 404, text: "nothing here" }, isHealthy: false },
      { name: "500", answer: { status: 500, reason: "InternalError" }, isHealthy: false },
      { name: "no answer", answer: undefined, isHealthy: false },
    ] as { name: string; answer?: { status: number; reason?: string; text?: string }; isHealthy: boolean }[]
  ) {
    it(
      `takes the server for ${isHealthy ? "healthy" : "ill"} after ${name} [rest 13.3]`,
      cleaned(async (t) => {
        const { rotation, failed } = await bench(t, {
          tap: () => {
            if (answer === undefined) return Promise.reject(new TypeError("network"));
            const { status, reason, text } = answer;
            const body = { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason };
            return Promise.resolve(
              text === undefined ? Response.json(body, { status }) : new Response(text, { status }),
            );
          },
        });
        rotation.start();
        await failed();
        assert.equal(rotation.isServerHealthy, isHealthy);
      }),
    );
  }

  it(
    "tries again when a request is denied, and when the certificate cannot be kept [rest 13.3]",
    cleaned(async (t) => {
      const { rotation, clock, server, next, sign, failed, rotated, stored } = await bench(t);
      rotation.start();
      decide(server, await next(), { conditions: [{ type: "Denied", status: "True", reason: "No" }] });
      assert.match(await failed(), /was denied \(No\)/);
      await clock.advance(2_200);
      const request = await next();
      stored.failure = new Error("the disk is full");
      await sign(request);
      assert.match(await failed(), /the disk is full/);
      assert.equal(rotation.current, undefined);
      stored.failure = undefined;
      await clock.advance(4_400);
      const cert = await sign(await next());
      assert.equal((await rotated()).cert, cert);
    }),
  );

  it(
    "shows no key, whoever prints it",
    cleaned(async (t) => {
      const first = await certificateFor(AGENT);
      const { rotation } = await bench(t, { first });
      const line = first.key.split("\n")[1];
      for (
        const text of [
          inspect(rotation, { depth: 10, showHidden: true }),
          JSON.stringify(rotation),
          String(rotation),
        ]
      ) {
        assert.ok(!text.includes(line), text);
      }
      // A source that gives it is not shown either by what has it.
      const config = new RestConfig({ server: "https://a", credentials: rotation.credentials });
      assert.ok(!inspect(config, { depth: 10 }).includes(line));
    }),
  );

  it(
    "refuses a key that is too short [rest 13.3]",
    cleaned(async (t) => {
      const { rotation, failed, made } = await bench(t, { generateKey: shortKey });
      rotation.start();
      assert.match(await failed(), /the new key is insecure/);
      assert.equal(await made(), 0);
    }),
  );

  it(
    "gives up a request when another certificate is wanted, and asks for that [rest 13.3]",
    cleaned(async (t) => {
      let template: CertificateSubject | undefined = AGENT;
      const { rotation, clock, next, sign, rotated, watching, made, meter, attempts } = await bench(t, {
        template: () => template,
      });
      rotation.start();
      await next();
      await watching();
      template = { commonName: "other" };
      await clock.advance(1_000);
      assert.equal(attempts.length, 2);
      const cert = await sign(await next());
      assert.equal((await rotated()).cert, cert);
      assert.equal(parseCertificates(cert)[0].commonName, "other");
      assert.doesNotMatch(meter.text(), /renew_errors_total [1-9]/, "that is no failure");

      template = undefined;
      await clock.advance(5_000);
      assert.equal(await made(), 2, "nothing is wanted");
      template = { commonName: "third" };
      await clock.advance(1_000); // a certificate that would be valid for long is replaced all the same
      const third = await sign(await next());
      assert.equal((await rotated()).cert, third);
    }),
  );

  it(
    "stops while it waits for the signer, for the next attempt, and for the next rotation [rest 13.3]",
    cleaned(async (t) => {
      const waiting = await bench(t);
      waiting.rotation.start();
      waiting.rotation.start();
      await waiting.next();
      await waiting.rotation[Symbol.asyncDispose]();
      await waiting.rotation[Symbol.asyncDispose]();
      assert.equal(waiting.clock.timers, 0);

      const failing = await bench(t, { tap: () => Promise.reject(new TypeError("network")) });
      failing.rotation.start();
      await failing.failed();
      await failing.rotation[Symbol.asyncDispose]();
      assert.equal(failing.clock.timers, 0);

      const idle = await bench(t, { first: await certificateFor(AGENT) });
      idle.rotation.start();
      await idle.clock.waitForTimer();
      await idle.rotation[Symbol.asyncDispose]();
      assert.equal(idle.clock.timers, 0);
      idle.rotation.start();
      assert.equal(idle.clock.timers, 0);
    }),
  );
});

/** An RSA key of 1024 bits. */
async function shortKey(): Promise<string> {
  const { generateKeyPairSync } = await import("node:crypto");
  return generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }).toString();
}
