import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect as dial, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Client, connect } from "@coxswain/kube";
import { download, exec, upload } from "@coxswain/kube/streams";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { cluster } from "./cluster.ts";
import { kubectl } from "./kubectl.ts";

/** How large the large file is, in MiB. */
const MEBIBYTES = Number(process.env.COXSWAIN_STREAM_MIB ?? 32);

const { kubeconfig } = cluster();

/** What a folder holds: name, kind, mode, time and content of each entry. */
async function contents(path: string, inside = ""): Promise<string[]> {
  const all: string[] = [];
  for (const name of (await readdir(join(path, inside))).sort()) {
    const one = join(inside, name);
    const stats = await lstat(join(path, one));
    const about = `${one} ${(stats.mode & 0o777).toString(8)} ${Math.floor(stats.mtimeMs / 1000)}`;
    if (stats.isDirectory()) all.push(`${about} folder`, ...await contents(path, one));
    else if (stats.isSymbolicLink()) all.push(`${one} -> ${await readlink(join(path, one))}`);
    else all.push(`${about} ${createHash("sha256").update(await readFile(join(path, one))).digest("hex")}`);
  }
  return all;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex");
}

async function sample(path: string): Promise<void> {
  await mkdir(`${path}/sub/${"deep-".repeat(25)}`, { recursive: true });
  for (
    const [name, text, mode] of [
      ["plain.txt", "hello", 0o644],
      ["with a blank", "b", 0o600],
      ["quote'\"$HOME`\\", "q", 0o640],
      ["new\nline", "n", 0o644],
      ["-rf", "dash", 0o644],
      ["ünïcode 🙂", "u", 0o644],
      ["run.sh", "#!/bin/sh\n", 0o755],
      ["empty", "", 0o444],
      [`sub/${"deep-".repeat(25)}/${"long-".repeat(40)}`, "l", 0o644],
      ["sub/.hidden", "h", 0o644],
    ] as const
  ) {
    await writeFile(`${path}/${name}`, text);
    await chmod(`${path}/${name}`, mode);
    await utimes(`${path}/${name}`, 1_600_000_000, 1_600_000_000);
  }
  await symlink("plain.txt", `${path}/link`);
  await symlink("../plain.txt", `${path}/sub/up`);
  await mkdir(`${path}/closed`);
  await chmod(`${path}/closed`, 0o711);
  await utimes(`${path}/closed`, 1_600_000_001, 1_600_000_001);
}

describe("copies between this machine and a container of a real cluster", () => {
  let client: Client;
  let there: string;
  const web = { namespace: "default", name: "web", container: "main" };

  before(async () => {
    client = await connect({ kubeconfig });
    there = `copy-${randomUUID()}`;
    assert.equal((await (await exec(client, { ...web, command: ["mkdir", there] })).status).code, 0);
  });
  after(async () => {
    await (await exec(client, { ...web, command: ["rm", "-rf", there] })).status;
    await client[Symbol.asyncDispose]();
  });

  async function folder(t: Cleanup): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "coxswain-copy-"));
    t.after(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  it(
    "keep names, modes, times, links and bytes, there and back",
    cleaned(async (t) => {
      const here = await folder(t);
      await mkdir(`${here}/one`);
      await sample(`${here}/one`);
      const progress: number[] = [];
      const sent = await upload(client, {
        ...web,
        from: `${here}/one`,
        to: `${there}/tree`,
        onProgress: ({ bytes }) => progress.push(bytes),
      });
      const received = await download(client, { ...web, from: `${there}/tree/`, to: `${here}/two` });
      assert.deepEqual([sent.files, sent.skipped, received.files, received.skipped], [10, [], 10, []]);
      assert.equal(sent.bytes, received.bytes);
      assert.equal(progress.at(-1), sent.bytes);
      assert.deepEqual(await contents(`${here}/two`), await contents(`${here}/one`));
    }),
  );

  it(
    "are the same as kubectl's",
    cleaned(async (t) => {
      const here = await folder(t);
      await mkdir(`${here}/one`);
      await sample(`${here}/one`);
      await rm(`${here}/one/quote'"$HOME\`\\`); // kubectl takes it for a pattern, and fails
      await upload(client, { ...web, from: `${here}/one`, to: `${there}/ours` });
      const copy = async (from: string, to: string) => {
        const { code, stderr } = await kubectl(["cp", "-c", "main", from, to]);
        assert.equal(code, 0, stderr);
      };
      await copy(`${here}/one`, `default/web:${there}/theirs`);
      const list =
        `cd "$1" && find . -type f -exec sha256sum {} + | sort && find . -type f -printf '%m %p\\n' | sort`;
      const [ours, theirs] = await Promise.all(["ours", "theirs"].map(async (name) => {
        const child = await exec(client, { ...web, command: ["sh", "-c", list, "sh", `${there}/${name}`] });
        return new TextDecoder().decode((await child.output()).stdout);
      }));
      assert.equal(ours, theirs);
      await copy(`default/web:${there}/ours`, `${here}/back`);
      const files = (lines: string[]) =>
        lines.filter((line) => !/ -> | folder$/.test(line)).map((line) =>
          line.replace(/ \d+ \d+ ([0-9a-f]+)$/, " $1") // it keeps no modes on the way back
        );
      assert.deepEqual(files(await contents(`${here}/back`)), files(await contents(`${here}/one`)));
    }),
  );

  it(
    `carry a file of ${MEBIBYTES} MiB, and say how far they are`,
    cleaned(async (t) => {
      const here = await folder(t);
      const piece = new Uint8Array(1024 * 1024).map((_, index) => (index * 31) >> 3);
      await writeFile(
        `${here}/big`,
        (function* () {
          for (let count = 0; count < MEBIBYTES; count++) yield piece;
        })(),
      );
      const before = process.memoryUsage().rss;
      let most = 0;
      const onProgress = () => {
        most = Math.max(most, process.memoryUsage().rss - before);
      };
      const sent = await upload(client, { ...web, from: `${here}/big`, to: `${there}/big`, onProgress });
      const received = await download(client, {
        ...web,
        from: `${there}/big`,
        to: `${here}/back`,
        onProgress,
      });
      assert.deepEqual([sent.bytes, received.bytes], [MEBIBYTES * 1024 * 1024, MEBIBYTES * 1024 * 1024]);
      const [one, other] = await Promise.all(["big", "back"].map((name) => hashOf(`${here}/${name}`)));
      assert.equal(one, other);
      assert.ok(most < 160 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MiB more were in use`);
      if (process.env.COXSWAIN_STREAM_MIB) {
        console.log(`${MEBIBYTES} MiB: at most ${most >> 20} MiB more memory`);
      }
    }),
  );

  it(
    "go on where they were cut",
    cleaned(async (t) => {
      const here = await folder(t);
      const command =
        `mkdir ${there}/cut && head -c 6000000 /dev/urandom > ${there}/cut/random && sha256sum < ${there}/cut/random`;
      const made = await (await exec(client, { ...web, command: ["sh", "-c", command] })).output();
      let cuts = 2;
      const sockets = new Set<Socket>();
      const proxy = createHttpServer();
      proxy.on("connect", (request, socket: Socket) => {
        const [host, port] = request.url!.split(":");
        const target = dial(Number(port), host, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
        let length = 0;
        target.on("data", (bytes) => {
          socket.write(bytes);
          if ((length += bytes.length) > 1_500_000 && cuts > 0) {
            cuts--;
            socket.destroy();
            target.destroy();
          }
        });
        socket.pipe(target);
        for (const one of [socket, target]) sockets.add(one.on("error", () => {}));
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      t.after(async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => proxy.close(resolve));
      });
      const { port } = proxy.address() as { port: number };
      const other = new Client(client.rest.config.with({ proxy: `http://127.0.0.1:${port}` }));
      t.after(() => other[Symbol.asyncDispose]());
      await download(other, { ...web, from: `${there}/cut`, to: `${here}/cut`, retries: 2 });
      assert.equal(cuts, 0);
      const hash = createHash("sha256").update(await readFile(`${here}/cut/random`)).digest("hex");
      assert.equal(new TextDecoder().decode(made.stdout).split(" ")[0], hash);
      cuts = 1;
      await assert.rejects(download(other, { ...web, from: `${there}/cut`, to: `${here}/again` }), {
        name: "NetworkError",
      });
    }),
  );

  it(
    "fail in tar's words, and with what cannot be read here",
    cleaned(async (t) => {
      const here = await folder(t);
      await writeFile(`${here}/a`, new Uint8Array(3_000_000));
      await assert.rejects(
        upload(client, { ...web, from: `${here}/a`, to: `${there}/no/such/folder/a` }),
        /tar failed in the container: .*no\/such\/folder/s,
      );
      await assert.rejects(
        download(client, { ...web, from: `${there}/nothing`, to: `${here}/b` }),
        /nothing|empty/,
      );
      await assert.rejects(upload(client, { ...web, from: `${here}/none`, to: `${there}/a` }), {
        code: "ENOENT",
      });
      await assert.rejects(upload(client, { ...web, from: `${here}/a`, to: "/" }), TypeError);
    }),
  );

  it(
    "leave out links that lead out",
    cleaned(async (t) => {
      const here = await folder(t);
      const command =
        `mkdir ${there}/links && cd ${there}/links && ln -s /etc/passwd out && ln -s ../x up && echo hi > in && ln -s in ok`;
      await (await exec(client, { ...web, command: ["sh", "-c", command] })).status;
      const { skipped } = await download(client, { ...web, from: `${there}/links`, to: `${here}/links` });
      assert.deepEqual(skipped.map(({ path }) => path).sort(), ["out", "up"]);
      assert.deepEqual((await readdir(`${here}/links`)).sort(), ["in", "ok"]);
    }),
  );
});
