import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readTar, type TarHeader, type TarSource, writeTar } from "@coxswain/kube/streams";
import { unpackTar } from "../../streams/unpack_tar.ts";
import { seededRandom } from "../../testing/seeded_random.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";

const file = (name: string, text: string, more: Partial<TarSource> = {}): TarSource => ({
  name,
  type: "file",
  size: new TextEncoder().encode(text).length,
  mode: 0o644,
  mtime: 1_700_000_000,
  linkName: "",
  body: [text],
  ...more,
});
const entry = (name: string, type: TarHeader["type"], linkName = ""): TarSource => ({
  ...file(name, ""),
  type,
  linkName,
  mode: 0o755,
});

async function bytesOf(entries: Iterable<TarSource>): Promise<Uint8Array> {
  return await new Response(ReadableStream.from(writeTar(entries))).bytes();
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function listed(archive: AsyncIterable<Uint8Array>): Promise<[string, string, string][]> {
  const all: [string, string, string][] = [];
  for await (const { name, type, linkName, body } of readTar(archive)) {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of body) text += decoder.decode(bytes, { stream: true });
    all.push([name, type, type === "file" ? text : linkName]);
  }
  return all;
}

async function folder(t: Cleanup): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "coxswain-tar-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

const LONG = `${"long-name-".repeat(15)}/${"ü".repeat(80)}`;
const SAMPLE = [
  entry("a", "directory"),
  file("a/b.txt", "hello"),
  file("a/empty", ""),
  file(`a/${LONG}`, "x".repeat(1000)),
  entry("a/link", "symlink", "b.txt"),
  entry("a/long-link", "symlink", LONG),
];
const NAMES = [
  ["a/", "directory", ""],
  ["a/b.txt", "file", "hello"],
  ["a/empty", "file", ""],
  [`a/${LONG}`, "file", "x".repeat(1000)],
  ["a/link", "symlink", "b.txt"],
  ["a/long-link", "symlink", LONG],
];

describe("readTar() and writeTar()", () => {
  for (const size of [1, 100, 512, 10_000]) {
    it(`read what was written, in pieces of ${size}`, async () => {
      assert.deepEqual(await listed(inPieces(await bytesOf(SAMPLE), size)), NAMES);
    });
  }

  it("pass over bodies that nobody reads", async () => {
    const names: string[] = [];
    for await (const { name } of readTar(inPieces(await bytesOf(SAMPLE), 77))) names.push(name);
    assert.deepEqual(names, NAMES.map(([name]) => name));
  });

  it(
    "write what tar reads",
    cleaned(async (t) => {
      const path = await folder(t);
      await writeFile(`${path}/a.tar`, await bytesOf(SAMPLE));
      execFileSync("tar", ["-xf", "a.tar"], { cwd: path });
      assert.equal(await readFile(`${path}/a/${LONG}`, "utf8"), "x".repeat(1000));
      assert.equal(await readlink(`${path}/a/long-link`), LONG);
      assert.equal((await lstat(`${path}/a/b.txt`)).mtimeMs, 1_700_000_000_000);
    }),
  );

  for (const format of ["ustar", "gnu", "pax", "v7"]) {
    it(
      `read what tar writes as ${format}`,
      cleaned(async (t) => {
        const path = await folder(t);
        await mkdir(`${path}/a/sub`, { recursive: true });
        await writeFile(`${path}/a/b`, "hello");
        await writeFile(`${path}/a/sub/c`, "y".repeat(3000));
        await symlink("b", `${path}/a/link`);
        if (format === "gnu" || format === "pax") await writeFile(`${path}/a/${"n".repeat(200)}`, "long");
        const archive = execFileSync("tar", ["--format", format, "--sort=name", "-cf", "-", "a"], {
          cwd: path,
        });
        const found = await listed(inPieces(new Uint8Array(archive), 1000));
        assert.deepEqual(found.filter(([name]) => name.length < 50), [
          ["a/", "directory", ""],
          ["a/b", "file", "hello"],
          ["a/link", "symlink", "b"],
          ["a/sub/", "directory", ""],
          ["a/sub/c", "file", "y".repeat(3000)],
        ]);
        assert.equal(found.length, format === "gnu" || format === "pax" ? 6 : 5);
      }),
    );
  }

  it("know sizes above 8 GiB", async () => {
    const size = 20 * 1024 ** 3 + 5;
    const archive = writeTar([file("big", "", { size, body: ["x"] })]);
    const { value } = await archive.next();
    async function* head() {
      yield value!;
      await Promise.resolve();
    }
    for await (const one of readTar(head())) {
      assert.equal(one.size, size);
      break;
    }
  });

  it("refuse a file that has another size than it said", async () => {
    await assert.rejects(bytesOf([file("a", "hello", { size: 4 })]), /its size has changed/);
    await assert.rejects(bytesOf([file("a", "hello", { size: 6 })]), /its size has changed/);
  });

  it("refuse what breaks off, and what is no archive", async () => {
    const bytes = await bytesOf(SAMPLE);
    for (const length of [100, 513, 1500]) {
      const read = listed(inPieces(bytes.subarray(0, length), 512));
      await assert.rejects(read, SyntaxError, `${length}`);
    }
    await assert.rejects(
      listed(inPieces(new TextEncoder().encode("no archive at all".repeat(100)), 512)),
      SyntaxError,
    );
  });

  for (let seed = 1; seed <= 5; seed++) {
    it(`read a damaged archive to an end or an error, and nothing more: seed ${seed}`, async () => {
      const random = seededRandom(seed);
      const good = await bytesOf(SAMPLE);
      for (let round = 0; round < 60; round++) {
        const bytes = good.slice(0, random() < 0.2 ? Math.floor(random() * good.length) : good.length);
        for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
          const block = Math.floor(random() * bytes.length / 512) * 512;
          bytes[Math.min(bytes.length - 1, block + Math.floor(random() * 512))] = Math.floor(random() * 256);
          // A sum that fits makes the reader believe the rest.
          if (random() < 0.7 && block + 512 <= bytes.length) {
            let sum = 256;
            for (let at = 0; at < 512; at++) if (at < 148 || at > 155) sum += bytes[block + at];
            bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), block + 148);
          }
        }
        await listed(inPieces(bytes, 700)).catch((error) =>
          assert.ok(error instanceof SyntaxError, String(error))
        );
      }
    });
  }
});

/** Everything below a folder. */
async function everything(path: string, inside = ""): Promise<string[]> {
  const all: string[] = [];
  for (const name of (await readdir(`${path}/${inside}`)).sort()) {
    const one = inside === "" ? name : `${inside}/${name}`;
    all.push(one);
    if ((await lstat(`${path}/${one}`)).isDirectory()) all.push(...await everything(path, one));
  }
  return all;
}

async function unpack(path: string, entries: TarSource[]): Promise<{ skipped: string[]; error?: unknown }> {
  const skipped: string[] = [];
  try {
    await unpackTar(writeTar(entries), "a", `${path}/in`, {
      onFile() {},
      onBytes() {},
      onSkipped: ({ path }) => skipped.push(path),
    });
    return { skipped };
  } catch (error) {
    return { skipped, error };
  }
}

describe("unpackTar()", () => {
  it(
    "writes files, folders and links, with their modes and times",
    cleaned(async (t) => {
      const path = await folder(t);
      const { skipped, error } = await unpack(path, [
        ...SAMPLE,
        { ...entry("a/closed", "directory"), mode: 0o500 },
        file("a/closed/secret", "s", { mode: 0o4600 }),
        entry("a/hard", "link", "a/b.txt"),
      ]);
      assert.equal(error, undefined);
      assert.deepEqual(skipped, []);
      assert.equal(await readFile(`${path}/in/b.txt`, "utf8"), "hello");
      assert.equal(await readFile(`${path}/in/hard`, "utf8"), "hello");
      assert.equal(await readlink(`${path}/in/link`), "b.txt");
      assert.equal((await lstat(`${path}/in/closed`)).mode & 0o7777, 0o500);
      const { mode, mtimeMs } = await lstat(`${path}/in/closed/secret`);
      assert.deepEqual([mode & 0o7777, mtimeMs], [0o600, 1_700_000_000_000]);
    }),
  );

  for (
    const { name, entries, leaves = [], isRefused = true } of [
      { name: "a path with ..", entries: [entry("a", "directory"), file("a/../../evil", "x")] },
      { name: "an absolute path", entries: [file("/tmp/evil", "x")] },
      { name: "another name", entries: [file("b", "x")] },
      {
        name: "a path that goes through a link of the archive",
        entries: [entry("a", "directory"), entry("a/l", "symlink", "../out"), file("a/l/evil", "x")],
        isRefused: false,
        leaves: ["a/l"],
      },
      {
        name: "a hard link to the outside",
        entries: [entry("a", "directory"), entry("a/h", "link", "../out/secret")],
      },
      {
        name: "a hard link to an absolute path",
        entries: [entry("a", "directory"), entry("a/h", "link", "/etc/passwd")],
      },
      {
        name: "a link to the outside",
        entries: [entry("a", "directory"), entry("a/l", "symlink", "../out")],
        isRefused: false,
      },
      {
        name: "a link to an absolute path",
        entries: [entry("a", "directory"), entry("a/l", "symlink", "/etc")],
        isRefused: false,
      },
      {
        name: "a link that goes down and up",
        entries: [entry("a", "directory"), entry("a/l", "symlink", "x/../../out")],
        isRefused: false,
      },
      {
        name: "a file where a folder is",
        entries: [entry("a", "directory"), entry("a/d", "directory"), file("a/d", "x")],
      },
      { name: "an empty archive", entries: [] },
    ]
  ) {
    it(
      `writes nothing outside, given ${name}`,
      cleaned(async (t) => {
        void leaves;
        const path = await folder(t);
        await mkdir(`${path}/out`);
        await writeFile(`${path}/out/secret`, "untouched");
        const { error, skipped } = await unpack(path, entries);
        if (isRefused) assert.ok(error instanceof SyntaxError, String(error));
        else assert.ok(skipped.length > 0 || error instanceof SyntaxError, "nothing was left out");
        assert.deepEqual((await everything(path)).filter((one) => !one.startsWith("in")), [
          "out",
          "out/secret",
        ]);
        assert.equal(await readFile(`${path}/out/secret`, "utf8"), "untouched");
      }),
    );
  }

  it(
    "does not write through links that are there already",
    cleaned(async (t) => {
      const path = await folder(t);
      await mkdir(`${path}/out`);
      await writeFile(`${path}/out/secret`, "untouched");
      await mkdir(`${path}/in`);
      await symlink("../out", `${path}/in/d`);
      await symlink("../out/secret", `${path}/in/f`);
      const through = await unpack(path, [entry("a", "directory"), file("a/d/evil", "x")]);
      assert.ok(through.error instanceof SyntaxError);
      const over = await unpack(path, [entry("a", "directory"), file("a/f", "new")]);
      assert.equal(over.error, undefined);
      assert.equal(await readFile(`${path}/in/f`, "utf8"), "new");
      assert.deepEqual(await everything(`${path}/out`), ["secret"]);
      assert.equal(await readFile(`${path}/out/secret`, "utf8"), "untouched");
    }),
  );

  for (let seed = 1; seed <= 4; seed++) {
    it(
      `writes nothing outside, whatever the archive says: seed ${seed}`,
      cleaned(async (t) => {
        const random = seededRandom(seed);
        const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)];
        for (let round = 0; round < 25; round++) {
          const path = await folder(t);
          await mkdir(`${path}/out`);
          await writeFile(`${path}/out/secret`, "untouched");
          const name = () =>
            Array.from(
              { length: 1 + Math.floor(random() * 4) },
              () => pick("a", "b", "..", ".", "out", "l", ""),
            ).join("/");
          const entries = [entry("a", "directory")];
          for (let count = 0; count < 12; count++) {
            const path = pick("a/", "a/", "a/", "", "/", "../") + name();
            entries.push(pick(
              file(path, "evil"),
              entry(path, "directory"),
              entry(path, "symlink", pick("../out", "..", "/", "out", "l", ".", name())),
              entry(path, "link", pick("a/b", "../out/secret", name())),
            ));
          }
          // Each entry alone too, or the first that is refused hides the rest.
          for (const one of [entries, ...entries.map((one) => [entry("a", "directory"), one])]) {
            await unpack(path, one);
          }
          assert.deepEqual((await everything(path)).filter((one) => !/^in(\/|$)/.test(one)), [
            "out",
            "out/secret",
          ]);
          assert.equal(await readFile(`${path}/out/secret`, "utf8"), "untouched");
        }
      }),
    );
  }
});
