import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { tokenFileSource, type TokenFileSourceOptions } from "@coxswain/kube/config";
import { type CredentialSource, isConfigError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { withFiles } from "./folder.ts";

const { signal } = new AbortController();

interface Bench {
  source: CredentialSource;
  /** The token that the source gives. */
  token: () => Promise<string | undefined>;
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
      bench({ text }, async ({ token }) => assert.equal(await token(), "abc")));
  }

  for (
    const { after, given } of [
      { after: 0, given: "first" },
      { after: 49_999, given: "first" },
      { after: 50_000, given: "second" },
      { after: 3_600_000, given: "second" },
    ]
  ) {
    it(`gives the ${given} of two tokens ${after} ms after the first read [rest 7.4]`, () =>
      bench({ text: "first" }, async ({ token, clock, write }) => {
        await token();
        write("second");
        await clock.advance(after);
        assert.equal(await token(), given);
      }));
  }

  it("does not read before it is asked, nor again while a token is good [rest 7.4]", () =>
    bench({ text: "first" }, async ({ token, clock, write, remove }) => {
      write("second");
      assert.equal(await token(), "second");
      remove();
      await clock.advance(49_999);
      assert.equal(await token(), "second");
    }));

  it("counts the 50 seconds from each read anew [rest 7.4]", () =>
    bench({ text: "first" }, async ({ token, clock, write }) => {
      await token();
      await clock.advance(70_000);
      await token();
      write("second");
      await clock.advance(49_999);
      assert.equal(await token(), "first");
      await clock.advance(1);
      assert.equal(await token(), "second");
    }));

  for (const { name, text } of [{ name: "gone" }, { name: "empty", text: " \n" }]) {
    it(`goes on with the last token while the file is ${name}, and tries again each time [rest 7.4]`, () =>
      bench({ text: "first" }, async ({ token, clock, write, remove, errors }) => {
        await token();
        if (text === undefined) remove();
        else write(text);
        await clock.advance(50_000);
        assert.equal(await token(), "first");
        assert.equal(await token(), "first");
        assert.equal(errors.length, 2);
        write("second");
        assert.equal(await token(), "second");
        assert.equal(errors.length, 2);
      }));

    it(`uses the initial token for as long as the file is ${name} [rest 7.4]`, () =>
      bench({ text, options: { initial: "initial\n" } }, async ({ token, write, errors }) => {
        assert.equal(await token(), "initial");
        assert.match(errors[0], /^Cannot use token file ".*token": the file (is empty|does not exist)\. /);
        write("first");
        assert.equal(await token(), "first");
      }));

    it(`fails when the file is ${name} and there is no other token, and tries again [rest 7.4]`, () =>
      bench({ text }, async ({ token, write, errors }) => {
        await assert.rejects(token(), (error) => isConfigError(error));
        assert.deepEqual(errors, []);
        write("first");
        assert.equal(await token(), "first");
      }));
  }

  it("prefers the file to the initial token [rest 7.4, B9]", () =>
    bench({ text: "first", options: { initial: "initial" } }, async ({ token }) => {
      assert.equal(await token(), "first");
    }));

  it("shares one read among a hundred that ask at once [rest 7.4]", () =>
    bench({ options: { initial: "initial" } }, async ({ token, errors }) => {
      const tokens = await Promise.all(Array.from({ length: 100 }, () => token()));
      assert.deepEqual(new Set(tokens), new Set(["initial"]));
      assert.equal(errors.length, 1);
    }));

  it("gives the same object for as long as the token is the same", () =>
    bench({ text: "first" }, async ({ source, clock, write }) => {
      const first = await source({ signal });
      await clock.advance(50_000);
      assert.equal(await source({ signal }), first);
      write("second");
      await clock.advance(50_000);
      assert.deepEqual(await source({ signal }), { bearerToken: "second" });
    }));

  it("reads again at once when the server refuses the token, unlike client-go [B6]", () =>
    bench({ text: "first" }, async ({ source, write }) => {
      const refused = await source({ signal });
      assert.equal(await source({ signal, refused }), refused);
      write("second");
      const second = await source({ signal, refused });
      assert.deepEqual(second, { bearerToken: "second" });
      write("third");
      assert.equal(await source({ signal, refused }), second);
    }));

  it("has nothing else to offer when the token is refused and the file is gone", () =>
    bench({ text: "first" }, async ({ source, remove, errors }) => {
      const refused = await source({ signal });
      remove();
      assert.equal(await source({ signal, refused }), refused);
      assert.equal(errors.length, 1);
    }));

  it("lets one that waits give up and the others have the token", () =>
    bench({ text: "first" }, async ({ source, token }) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const [one, other] = [source({ signal: controller.signal }), token()];
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
      token: async () => (await source({ signal })).bearerToken,
      clock,
      errors,
      write: (text) => writeFileSync(path, text),
      remove: () => rmSync(path),
    });
  });
}
