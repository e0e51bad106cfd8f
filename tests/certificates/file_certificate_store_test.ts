import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { type CertificatePair, FileCertificateStore, issueAuthority } from "@coxswain/kube/certificates";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, FIRST_KEY, SECOND_CERT, SECOND_KEY } from "../config/client_certificates.ts";
import { withFiles } from "../config/folder.ts";
import { pem } from "../runtimes/roads.ts";

const FIRST = { cert: FIRST_CERT, key: FIRST_KEY };
const SECOND = { cert: SECOND_CERT, key: SECOND_KEY };
const START = "2030-01-02T03:04:05Z";
const FILE = "agent-2030-01-02-03-04-05.pem";
const IS_A_FILE = /expected ".*agent-(current|updated)\.pem" to be a symlink but it is a file/;

interface Bench {
  store: FileCertificateStore;
  clock: ManualClock;
  path: (name: string) => string;
  names: () => string[];
}

function bench(files: Record<string, string>, use: (bench: Bench) => unknown): Promise<void> {
  return withFiles(files, async (directory) => {
    const clock = new ManualClock({ start: START });
    await use({
      store: new FileCertificateStore("agent", { directory, clock }),
      clock,
      path: (name) => join(directory, name),
      names: () => readdirSync(directory).sort(),
    });
  });
}

describe("FileCertificateStore.update()", () => {
  it("writes a file that others may not read, and a link to it [rest 13.2]", () =>
    bench({}, async ({ store, path, names }) => {
      await store.update(FIRST);
      assert.deepEqual(names(), [FILE, "agent-current.pem"]);
      assert.equal(readFileSync(path(FILE), "utf8"), FIRST_CERT + FIRST_KEY);
      assert.equal(readlinkSync(path("agent-current.pem")), path(FILE));
      if (process.platform !== "win32") assert.equal(statSync(path(FILE)).mode & 0o777, 0o600);
      assert.deepEqual(await store.current(), FIRST);
    }));

  it("lets the link lead to a newer file, and leaves the old one [rest 13.2]", () =>
    bench({}, async ({ store, clock, names }) => {
      await store.update(FIRST);
      await clock.advance(61_000);
      await store.update(SECOND);
      assert.deepEqual(names(), [FILE, "agent-2030-01-02-03-05-06.pem", "agent-current.pem"]);
      assert.deepEqual(await store.current(), SECOND);
    }));

  it("replaces the file of the same second at once", () =>
    bench({}, async ({ store, names }) => {
      await store.update(FIRST);
      await store.update(SECOND);
      assert.deepEqual(names(), [FILE, "agent-current.pem"]);
      assert.deepEqual(await store.current(), SECOND);
    }));

  it("keeps a chain [rest 13.2]", () =>
    bench({}, async ({ store }) => {
      const chain = { cert: FIRST_CERT + SECOND_CERT, key: FIRST_KEY };
      await store.update(chain);
      assert.deepEqual(await store.current(), chain);
    }));

  it("makes its folder, and a link that holds where the folder is named relatively [rest 13.2]", () =>
    withFiles({}, async (folder) => {
      const directory = relative(process.cwd(), join(folder, "deep/er"));
      const store = new FileCertificateStore("agent", { directory });
      await store.update(FIRST);
      assert.ok(isAbsolute(readlinkSync(join(directory, "agent-current.pem"))));
      assert.deepEqual(await store.current(), FIRST);
    }));

  for (
    const { name, pair } of [
      { name: "a key of another certificate", pair: { cert: FIRST_CERT, key: SECOND_KEY } },
      { name: "no certificate", pair: { cert: "hunter2", key: FIRST_KEY } },
      { name: "no key", pair: { cert: FIRST_CERT, key: "hunter2" } },
    ] as { name: string; pair: CertificatePair }[]
  ) {
    it(`refuses ${name}, and the one before stays [rest 13.2]`, () =>
      bench({}, async ({ store, clock, names }) => {
        await store.update(FIRST);
        await clock.advance(1_000);
        await assert.rejects(store.update(pair), (error) => {
          assert.doesNotMatch(String(error), /hunter2/);
          return true;
        });
        assert.deepEqual(names(), [FILE, "agent-current.pem"]);
        assert.deepEqual(await store.current(), FIRST);
      }));
  }

  for (const file of ["agent-current.pem", "agent-updated.pem"]) {
    it(`leaves ${file} alone if it is no link [rest 13.2]`, () =>
      bench({ [file]: FIRST_CERT + FIRST_KEY }, async ({ store, names, path }) => {
        await assert.rejects(store.update(SECOND), IS_A_FILE);
        assert.deepEqual(names(), [file]);
        assert.ok(lstatSync(path(file)).isFile());
      }));
  }

  it("takes away a link that a crash has left [rest 13.2]", () =>
    bench({ "old.pem": FIRST_CERT + FIRST_KEY }, async ({ store, path, names }) => {
      symlinkSync(path("old.pem"), path("agent-current.pem"));
      symlinkSync(path("nowhere.pem"), path("agent-updated.pem"));
      await store.update(SECOND);
      assert.deepEqual(names(), [FILE, "agent-current.pem", "old.pem"]);
      assert.deepEqual(await store.current(), SECOND);
    }));
});

describe("FileCertificateStore.current()", () => {
  it("is nothing where there is nothing, and makes nothing [rest 13.2]", () =>
    withFiles({}, async (folder) => {
      const directory = join(folder, "none");
      assert.equal(await new FileCertificateStore("agent", { directory }).current(), undefined);
      assert.ok(!existsSync(directory));
    }));

  it("takes the link before the files that are named, and these before those beside it [rest 13.2]", () =>
    withFiles({
      "a/own.crt": SECOND_CERT,
      "a/own.key": SECOND_KEY,
      "a/agent.crt": FIRST_CERT,
      "keys/agent.key": FIRST_KEY,
    }, async (folder) => {
      const third = await issueAuthority({ commonName: "third" });
      const directory = join(folder, "a");
      const store = new FileCertificateStore("agent", {
        directory,
        keyDirectory: join(folder, "keys"),
        certFile: join(directory, "own.crt"),
        keyFile: join(directory, "own.key"),
      });
      assert.deepEqual(await store.current(), SECOND);
      renameSync(join(directory, "own.key"), join(directory, "other.key"));
      assert.deepEqual(await store.current(), FIRST, "half a pair is none");
      rmSync(join(folder, "keys/agent.key"));
      assert.equal(await store.current(), undefined);
      await store.update(third);
      assert.deepEqual(await store.current(), third);
    }));

  it("finishes an update that a crash has ended before its last step [rest 13.2]", () =>
    bench({ "new.pem": SECOND_CERT + SECOND_KEY }, async ({ store, path, names }) => {
      symlinkSync(path("new.pem"), path("agent-updated.pem"));
      assert.deepEqual(await store.current(), SECOND);
      assert.deepEqual(names(), ["agent-current.pem", "new.pem"]);
    }));

  it("leaves alone what a crash has left while there is a certificate [rest 13.2]", () =>
    bench({ "old.pem": FIRST_CERT + FIRST_KEY, "new.pem": SECOND_CERT }, async ({ store, path }) => {
      symlinkSync(path("old.pem"), path("agent-current.pem"));
      symlinkSync(path("new.pem"), path("agent-updated.pem"));
      assert.deepEqual(await store.current(), FIRST);
      assert.ok(lstatSync(path("agent-updated.pem")).isSymbolicLink());
    }));

  for (const file of ["agent-current.pem", "agent-updated.pem"]) {
    it(`refuses ${file} if it is no link [rest 13.2]`, () =>
      bench({ [file]: FIRST_CERT + FIRST_KEY }, ({ store }) => assert.rejects(store.current(), IS_A_FILE)));
  }

  for (
    const { name, text, says } of [
      { name: "no key", text: FIRST_CERT, says: /there is no private key in it/ },
      { name: "no certificate", text: FIRST_KEY, says: /any valid RSA or ECDSA certificates/ },
      { name: "no pair", text: FIRST_CERT + SECOND_KEY, says: /it is not the key of tls.cert/ },
    ]
  ) {
    it(`refuses a file with ${name} [rest 13.2]`, () =>
      bench({ "some.pem": text }, async ({ store, path }) => {
        symlinkSync(path("some.pem"), path("agent-current.pem"));
        await assert.rejects(store.current(), says);
      }));
  }

  it("refuses a link that leads nowhere [rest 13.2]", () =>
    bench({}, async ({ store, path }) => {
      symlinkSync(path("nowhere.pem"), path("agent-current.pem"));
      await assert.rejects(store.current(), /ENOENT/);
    }));

  it("reads keys of each kind", () =>
    withFiles({}, async (folder) => {
      for (const kind of ["ec-sec1", "ec-pkcs8", "rsa-pkcs1", "rsa-pkcs8"]) {
        const directory = join(folder, kind);
        mkdirSync(directory);
        writeFileSync(join(directory, "agent.crt"), pem(kind));
        writeFileSync(join(directory, "agent.key"), pem(`${kind}-key`));
        const store = new FileCertificateStore("agent", { directory });
        assert.deepEqual(await store.current(), { cert: pem(kind), key: pem(`${kind}-key`) });
      }
    }));
});
