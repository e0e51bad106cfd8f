import assert from "node:assert/strict";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { clientCertificateSource } from "@coxswain/kube/config";
import { type Credentials, isConfigError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, FIRST_KEY, SECOND_CERT, SECOND_KEY } from "./client_certificates.ts";
import { withFiles } from "./folder.ts";
import { CANARY, KEY, pem } from "./material.ts";

const { signal } = new AbortController();
const FIRST = { cert: FIRST_CERT, key: FIRST_KEY };
const SECOND = { cert: SECOND_CERT, key: SECOND_KEY };

interface Bench {
  ask: (refused?: Credentials) => Promise<Credentials>;
  /** Lets so much time pass that the files are looked at again. */
  pass: () => Promise<void>;
  clock: ManualClock;
  folder: string;
  /** What failed while there was a pair to go on with. */
  errors: string[];
  write: (file: "cert.pem" | "key.pem", text: string) => void;
}

describe("clientCertificateSource()", () => {
  it("gives the pair, and the same object for as long as it is the same [rest 7.6]", () =>
    bench(async ({ ask, pass, write }) => {
      const first = await ask();
      assert.deepEqual(first, FIRST);
      assert.equal(await ask(), first);
      await pass();
      write("cert.pem", FIRST_CERT);
      assert.equal(await ask(), first);
    }));

  for (const { after, given } of [{ after: 999, given: FIRST }, { after: 1_000, given: SECOND }]) {
    it(`${given === FIRST ? "does not look" : "looks"} at the files again after ${after} ms [rest 7.6]`, () =>
      bench(async ({ ask, clock, write }) => {
        await ask();
        write("cert.pem", SECOND_CERT);
        write("key.pem", SECOND_KEY);
        await clock.advance(after);
        assert.deepEqual(await ask(), given);
      }));
  }

  for (
    const { name, change, says } of [
      {
        name: "the certificate comes first",
        change: ({ write }) => write("cert.pem", SECOND_CERT),
        says:
          /client key ".*key\.pem": the key is not that of the certificate\. Check that the files are a pair/,
      },
      {
        name: "the key comes first",
        change: ({ write }) => write("key.pem", SECOND_KEY),
        says: /the key is not that of the certificate/,
      },
      {
        name: "the certificate is gone for a while",
        change: ({ folder }) => rmSync(join(folder, "cert.pem")),
        says: /client certificate ".*cert\.pem": the file does not exist/,
      },
      {
        name: "the key is gone for a while",
        change: ({ folder }) => rmSync(join(folder, "key.pem")),
        says: /client key ".*key\.pem": the file does not exist/,
      },
      {
        name: "the certificate is written in pieces",
        change: ({ write }) => write("cert.pem", SECOND_CERT.slice(0, 200)),
        says: /client certificate .*: the certificate cannot be read/,
      },
      {
        name: "the key is empty for a while",
        change: ({ write }) => write("key.pem", ""),
        says: /client key .*: the key cannot be read/,
      },
    ] as { name: string; change: (bench: Bench) => void; says: RegExp }[]
  ) {
    it(`goes on with the last pair when ${name} [rest 7.6]`, () =>
      bench(async (bench) => {
        const { ask, pass, write, errors } = bench;
        const first = await ask();
        change(bench);
        await pass();
        assert.equal(await ask(), first);
        assert.equal(await ask(), first);
        assert.equal(errors.length, 1);
        assert.match(errors[0], says);
        write("cert.pem", SECOND_CERT);
        write("key.pem", SECOND_KEY);
        await pass();
        assert.deepEqual(await ask(), SECOND);
        assert.equal(errors.length, 1);
      }));
  }

  it("follows a link to another folder, as the kubelet rotates [rest 7.6]", () =>
    withFiles({
      "one/cert.pem": FIRST_CERT,
      "one/key.pem": FIRST_KEY,
      "two/cert.pem": SECOND_CERT,
      "two/key.pem": SECOND_KEY,
    }, async (folder) => {
      const clock = new ManualClock();
      symlinkSync("one", join(folder, "current"));
      const source = clientCertificateSource(
        join(folder, "current/cert.pem"),
        join(folder, "current/key.pem"),
        { clock },
      );
      assert.deepEqual(await source({ signal }), FIRST);
      symlinkSync("two", join(folder, "next"));
      renameSync(join(folder, "next"), join(folder, "current"));
      await clock.advance(1_000);
      assert.deepEqual(await source({ signal }), SECOND);
    }));

  it("looks again at once when the server refuses the certificate", () =>
    bench(async ({ ask, write }) => {
      const refused = await ask();
      assert.equal(await ask(refused), refused);
      write("cert.pem", SECOND_CERT);
      write("key.pem", SECOND_KEY);
      const second = await ask(refused);
      assert.deepEqual(second, SECOND);
      assert.equal(await ask(refused), second);
    }));

  for (
    const { name, cert = FIRST_CERT, key = FIRST_KEY, says } of [
      { name: "of different pairs", key: SECOND_KEY, says: /client key .* is not that of the certificate/ },
      { name: "where the certificate is none", cert: "junk", says: /client certificate .* cannot be read/ },
      { name: "where the key is none", key: KEY, says: /client key .*: the key cannot be read/ },
      {
        name: "where the key is encrypted",
        key: pem("ENCRYPTED PRIVATE KEY", CANARY),
        says: /client key .*: the key is encrypted\. .*without a passphrase/,
      },
      { name: "that are empty", cert: "", key: "", says: /client certificate .* cannot be read/ },
    ]
  ) {
    it(`fails at first with files ${name}, and tries again [rest 7.6]`, () =>
      bench(async ({ ask, write, errors }) => {
        write("cert.pem", cert);
        write("key.pem", key);
        await assert.rejects(ask(), (error) => {
          assert.ok(isConfigError(error));
          assert.match(error.message, says);
          assert.ok(!inspect(error).includes(btoa(CANARY).slice(0, 12)));
          return true;
        });
        assert.deepEqual(errors, []);
        write("cert.pem", FIRST_CERT);
        write("key.pem", FIRST_KEY);
        assert.deepEqual(await ask(), FIRST);
      }));
  }

  it("shares one look among a hundred that ask at once", () =>
    bench(async ({ ask, pass, folder, errors }) => {
      await ask();
      rmSync(join(folder, "key.pem"));
      await pass();
      const given = await Promise.all(Array.from({ length: 100 }, () => ask()));
      assert.equal(new Set(given).size, 1);
      assert.equal(errors.length, 1);
    }));

  it("lets one that waits give up and the others have the pair", () =>
    withFiles({ "cert.pem": FIRST_CERT, "key.pem": FIRST_KEY }, async (folder) => {
      const source = clientCertificateSource(join(folder, "cert.pem"), join(folder, "key.pem"));
      const controller = new AbortController();
      const [one, other] = [source({ signal: controller.signal }), source({ signal })];
      const reason = new Error("enough");
      controller.abort(reason);
      await assert.rejects(async () => await one, reason);
      assert.deepEqual(await other, FIRST);
    }));
});

function bench(use: (bench: Bench) => Promise<void>): Promise<void> {
  return withFiles({ "cert.pem": FIRST_CERT, "key.pem": FIRST_KEY }, (folder) => {
    const clock = new ManualClock();
    const errors: string[] = [];
    const source = clientCertificateSource(join(folder, "cert.pem"), join(folder, "key.pem"), {
      clock,
      onError: ({ message }) => errors.push(message),
    });
    return use({
      ask: async (refused) => await source({ signal, refused }),
      pass: () => clock.advance(1_000),
      clock,
      folder,
      errors,
      write: (file, text) => writeFileSync(join(folder, file), text),
    });
  });
}
