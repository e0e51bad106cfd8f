import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { caFileSource } from "@coxswain/kube/config";
import { PrometheusMeter } from "@coxswain/kube/observe";
import { isConfigError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, SECOND_CERT } from "./client_certificates.ts";
import { withFiles } from "./folder.ts";

const PERIOD = 300_000;
const RELOADS = /rest_client_transport_ca_reload_total\{reason="(.*)",result="(.*)"\} (\d+)/g;

interface Bench {
  ask: (signal?: AbortSignal) => Promise<string>;
  write: (text: string) => void;
  remove: () => void;
  pass: (duration: number) => Promise<void>;
  /** What failed while there were authorities to go on with. */
  errors: string[];
  /** What was counted. */
  reloads: () => string[];
}

function bench(text: string | undefined, use: (bench: Bench) => Promise<void>): Promise<void> {
  return withFiles(text === undefined ? {} : { "ca.pem": text }, (folder) => {
    const path = join(folder, "ca.pem");
    const clock = new ManualClock();
    const meter = new PrometheusMeter();
    const errors: string[] = [];
    const source = caFileSource(path, { clock, meter, onError: ({ message }) => errors.push(message) });
    return use({
      ask: async (signal = new AbortController().signal) => await source({ signal }),
      write: (text) => writeFileSync(path, text),
      remove: () => rmSync(path),
      pass: (duration) => clock.advance(duration),
      errors,
      reloads: () => [...meter.text().matchAll(RELOADS)].map(([, ...parts]) => parts.join(" ")),
    });
  });
}

describe("caFileSource()", () => {
  it("reads the file at most every five minutes [rest 7.7]", () =>
    bench(FIRST_CERT, async ({ ask, write, pass, reloads }) => {
      assert.equal(await ask(), FIRST_CERT);
      write(SECOND_CERT);
      await pass(PERIOD - 1);
      assert.equal(await ask(), FIRST_CERT);
      await pass(1);
      assert.equal(await ask(), SECOND_CERT);
      assert.deepEqual(reloads(), [], "the client counts changes");
      await pass(PERIOD);
      assert.equal(await ask(), SECOND_CERT);
      assert.deepEqual(reloads(), ["unchanged success 1"]);
    }));

  it("takes a certificate among junk for good [rest 7.5]", () =>
    bench(`# mine\n${FIRST_CERT.slice(0, 90)}\n${FIRST_CERT}`, async ({ ask }) => {
      assert.match(await ask(), /^# mine/);
    }));

  for (
    const { name, spoil, reason, says } of [
      { name: "empty", spoil: ({ write }) => write("\n"), reason: "empty", says: /the file is empty/ },
      {
        name: "garbage",
        spoil: ({ write }) => write("hunter2"),
        reason: "ca_parse_error",
        says: /no certificate in it can be read/,
      },
      {
        name: "gone",
        spoil: ({ remove }) => remove(),
        reason: "read_error",
        says: /the file does not exist/,
      },
    ] as { name: string; spoil: (bench: Bench) => void; reason: string; says: RegExp }[]
  ) {
    it(`goes on with the last authorities while the file is ${name}, until the next period [rest 7.7]`, () =>
      bench(FIRST_CERT, async (bench) => {
        const { ask, write, pass, errors, reloads } = bench;
        await ask();
        spoil(bench);
        await pass(PERIOD);
        assert.equal(await ask(), FIRST_CERT);
        write(SECOND_CERT);
        assert.equal(await ask(), FIRST_CERT, "no second look in one period");
        assert.equal(errors.length, 1);
        assert.match(errors[0], says);
        assert.doesNotMatch(errors[0], /hunter2/);
        await pass(PERIOD);
        assert.equal(await ask(), SECOND_CERT);
        assert.deepEqual(reloads(), [`${reason} failure 1`]);
      }));

    it(`fails while the file is ${name} and there was never another, and looks each time [rest 7.7]`, () =>
      bench(FIRST_CERT, async (bench) => {
        const { ask, write, errors, reloads } = bench;
        spoil(bench);
        await assert.rejects(ask(), (error) => isConfigError(error) && says.test(error.message));
        write(SECOND_CERT);
        assert.equal(await ask(), SECOND_CERT);
        assert.deepEqual([errors, reloads()], [[], []]);
      }));
  }

  it("shares one look among a hundred that ask at once, of whom some give up", () =>
    bench(FIRST_CERT, async ({ ask, write, pass, reloads }) => {
      await ask();
      write(FIRST_CERT);
      await pass(PERIOD);
      const controller = new AbortController();
      const gone = assert.rejects(ask(controller.signal), (error) => error === "enough");
      const asked = Array.from({ length: 100 }, () => ask());
      controller.abort("enough");
      await gone;
      assert.deepEqual([...new Set(await Promise.all(asked))], [FIRST_CERT]);
      assert.deepEqual(reloads(), ["unchanged success 1"]);
    }));
});
