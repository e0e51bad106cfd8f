import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { tokenFileSource, type TokenFileSourceOptions } from "@coxswain/kube/config";
import { isConfigError, type TokenSource } from "@coxswain/kube/rest";
import { withFiles } from "./folder.ts";
import { ManualClock } from "./manual_clock.ts";

const { signal } = new AbortController();

interface Bench {
  source: TokenSource;
  clock: ManualClock;
  /** What failed while there was a token to go on with. */
  errors: string[];
  write: (text: string) => void;
  remove: () => void;
}

describe("tokenFileSource()", () => {
  for (
    const { name, text } of [
      { name: "as it is", text: "abc" },
      { name: "without white space around it", text: "\n abc \r\n" },
    ]
  ) {
    it(`gives the token ${name} [rest 7.4]`, () =>
      bench({ text }, async ({ source }) => assert.equal(await source({ signal }), "abc")));
  }

  for (
    const { after, token } of [
      { after: 0, token: "first" },
      { after: 49_999, token: "first" },
      { after: 50_000, token: "second" },
      { after: 3_600_000, token: "second" },
    ]
  ) {
    it(`gives the ${token} of two tokens ${after} ms after the first read [rest 7.4]`, () =>
      bench({ text: "first" }, async ({ source, clock, write }) => {
        await source({ signal });
        write("second");
        clock.advance(after);
        assert.equal(await source({ signal }), token);
      }));
  }

  it("does not read before it is asked, nor again while a token is good [rest 7.4]", () =>
    bench({ text: "first" }, async ({ source, clock, write, remove }) => {
      write("second");
      assert.equal(await source({ signal }), "second");
      remove();
      clock.advance(49_999);
      assert.equal(await source({ signal }), "second");
    }));

  it("counts the 50 seconds from each read anew [rest 7.4]", () =>
    bench({ text: "first" }, async ({ source, clock, write }) => {
      await source({ signal });
      clock.advance(70_000);
      await source({ signal });
      write("second");
      clock.advance(49_999);
      assert.equal(await source({ signal }), "first");
      clock.advance(1);
      assert.equal(await source({ signal }), "second");
    }));

  for (const { name, text } of [{ name: "gone" }, { name: "empty", text: " \n" }]) {
    it(`goes on with the last token while the file is ${name}, and tries again each time [rest 7.4]`, () =>
      bench({ text: "first" }, async ({ source, clock, write, remove, errors }) => {
        await source({ signal });
        if (text === undefined) remove();
        else write(text);
        clock.advance(50_000);
        assert.equal(await source({ signal }), "first");
        assert.equal(await source({ signal }), "first");
        assert.equal(errors.length, 2);
        write("second");
        assert.equal(await source({ signal }), "second");
        assert.equal(errors.length, 2);
      }));

    it(`uses the initial token for as long as the file is ${name} [rest 7.4]`, () =>
      bench({ text, options: { initial: "initial\n" } }, async ({ source, write, errors }) => {
        assert.equal(await source({ signal }), "initial");
        assert.match(errors[0], /^Cannot use token file ".*token": the file (is empty|does not exist)\. /);
        write("first");
        assert.equal(await source({ signal }), "first");
      }));

    it(`fails when the file is ${name} and there is no other token, and tries again [rest 7.4]`, () =>
      bench({ text }, async ({ source, write, errors }) => {
        await assert.rejects(async () => await source({ signal }), (error) => isConfigError(error));
        assert.deepEqual(errors, []);
        write("first");
        assert.equal(await source({ signal }), "first");
      }));
  }

  it("prefers the file to the initial token [rest 7.4, B9]", () =>
    bench({ text: "first", options: { initial: "initial" } }, async ({ source }) => {
      assert.equal(await source({ signal }), "first");
    }));

  it("shares one read among a hundred that ask at once [rest 7.4]", () =>
    bench({ options: { initial: "initial" } }, async ({ source, errors }) => {
      const tokens = await Promise.all(Array.from({ length: 100 }, () => source({ signal })));
      assert.deepEqual(new Set(tokens), new Set(["initial"]));
      assert.equal(errors.length, 1);
    }));

  it("lets one that waits give up and the others have the token", () =>
    bench({ text: "first" }, async ({ source }) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const [one, other] = [source({ signal: controller.signal }), source({ signal })];
      controller.abort(reason);
      await assert.rejects(async () => await one, reason);
      assert.equal(await other, "first");
    }));

  it("does not repeat a path that is none", async () => {
    const path = `{"token":"abc123"}`;
    await assert.rejects(async () => await tokenFileSource(path)({ signal }), (error: Error) => {
      return isConfigError(error) && !error.message.includes("abc123");
    });
  });
});

function bench(
  { text, options }: { text?: string; options?: TokenFileSourceOptions },
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  return withFiles(text === undefined ? {} : { token: text }, (folder) => {
    const path = join(folder, "token");
    const clock = new ManualClock();
    const errors: string[] = [];
    const source = tokenFileSource(path, {
      clock,
      onError: ({ message }) => errors.push(message),
      ...options,
    });
    return use({
      source,
      clock,
      errors,
      write: (text) => writeFileSync(path, text),
      remove: () => rmSync(path),
    });
  });
}
