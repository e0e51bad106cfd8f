import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import {
  discoveryCacheFolder,
  DiscoveryClient,
  DiskDiscoveryCache,
  type DiskDiscoveryCacheOptions,
  httpCacheFolder,
  RestMapper,
} from "@coxswain/kube/discovery";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { aggregated, aggregatedGroup, aggregatedResource, type Answer, answering } from "./answers.ts";

const ANSWERS: Record<string, Answer> = {
  "/api": aggregated(
    aggregatedGroup("", { v1: [aggregatedResource("pods", "Pod", { shortNames: ["po"] })] }),
  ),
  "/apis": aggregated(
    aggregatedGroup("apps", { v1: [aggregatedResource("deployments", "Deployment")] }),
    aggregatedGroup("empty", { v1: [] }),
  ),
};

const GROUPS = "servergroups.json";
const PODS = "v1/serverresources.json";
const DEPLOYMENTS = "apps/v1/serverresources.json";

/** What kubectl has left, with the spaces and nulls that Go writes. */
const BY_KUBECTL: Record<string, string> = {
  [GROUPS]:
    '{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"","versions":[{"groupVersion":"v1","version":"v1"}],"preferredVersion":{"groupVersion":"v1","version":"v1"}},{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}\n',
  [PODS]:
    '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod","namespaced":true,"group":"","version":"","kind":"Pod","verbs":["get"],"shortNames":["po"]}]}\n',
  [DEPLOYMENTS]:
    '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[{"name":"deployments","singularName":"","namespaced":true,"kind":"Deployment","verbs":null}]}\n',
};

async function folder(t: Cleanup, files: Record<string, string> = {}): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "discovery-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return path;
}

function caching(path: string, options: Partial<DiskDiscoveryCacheOptions> = {}, answers = ANSWERS) {
  const server = answering({ ...answers });
  return {
    ...server,
    cache: new DiskDiscoveryCache(new DiscoveryClient(server.rest), { folder: path, ...options }),
  };
}

describe("DiskDiscoveryCache", () => {
  it(
    "serves what kubectl has written, without a request (spec rest 16.6)",
    cleaned(async (t) => {
      const { cache, paths } = caching(await folder(t, BY_KUBECTL));
      assert.deepEqual((await cache.groups()).map(({ name }) => name), ["", "apps"]);
      assert.deepEqual((await cache.resources("apps/v1")).resources, [
        { name: "deployments", singularName: "", namespaced: true, kind: "Deployment", verbs: [] },
      ]);
      assert.deepEqual((await cache.all()).resources.map(({ groupVersion }) => groupVersion), [
        "v1",
        "apps/v1",
      ]);
      assert.deepEqual(paths, []);
      assert.equal(cache.fresh, false);
    }),
  );

  it(
    "writes files that kubectl reads, and the next run serves from them (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      const first = caching(path);
      await first.cache.all();
      assert.equal(first.cache.fresh, true);
      assert.deepEqual(
        (await readdir(path, { recursive: true })).filter((name) => name.endsWith(".json")).sort(),
        [DEPLOYMENTS, GROUPS, PODS].sort(),
      );
      const groups = JSON.parse(await readFile(join(path, GROUPS), "utf8"));
      assert.deepEqual([groups.kind, groups.apiVersion], ["APIGroupList", "v1"]);
      assert.deepEqual(groups.groups[1], {
        name: "apps",
        versions: [{ groupVersion: "apps/v1", version: "v1" }],
        preferredVersion: { groupVersion: "apps/v1", version: "v1" },
      });
      const resources = JSON.parse(await readFile(join(path, PODS), "utf8"));
      assert.deepEqual([resources.kind, resources.apiVersion, resources.groupVersion], [
        "APIResourceList",
        "v1",
        "v1",
      ]);
      assert.deepEqual(resources.resources[0].shortNames, ["po"]);

      const second = caching(path);
      const served = await second.cache.all();
      assert.deepEqual(served.resources[0].resources, resources.resources);
      // Of what is empty there is no file: it may be so for a moment only.
      assert.deepEqual(second.paths, ["/api", "/apis"]);
      assert.equal(second.cache.fresh, false);
    }),
  );

  it(
    "stays fresh on files of its own (spec rest 16.6)",
    cleaned(async (t) => {
      const { cache, paths } = caching(await folder(t));
      await cache.all();
      await cache.groups();
      await cache.resources("apps/v1");
      assert.equal(cache.fresh, true);
      assert.equal(paths.length, 2);
    }),
  );

  it(
    "believes no file that was there before invalidate(), and writes them anew (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t, BY_KUBECTL);
      const { cache, paths } = caching(path);
      await cache.groups();
      cache.invalidate();
      assert.equal(cache.fresh, true);
      assert.equal((await cache.groups()).length, 3);
      assert.equal(paths.length, 2);
      assert.equal(cache.fresh, true);
      assert.equal(JSON.parse(await readFile(join(path, GROUPS), "utf8")).groups.length, 3);
      await cache.resources("apps/v1"); // this one was written with the rest
      assert.equal(paths.length, 2);
    }),
  );

  it(
    "lets the cache below forget too (spec rest 16.6)",
    cleaned(async (t) => {
      const { cache, paths } = caching(await folder(t));
      await cache.all();
      cache.invalidate();
      await cache.all();
      assert.equal(paths.length, 4);
    }),
  );

  it(
    "does not believe files that are too old (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t, BY_KUBECTL);
      const written = new Date("2026-01-01T00:00:00Z");
      for (const name of Object.keys(BY_KUBECTL)) await utimes(join(path, name), written, written);
      const at = (text: string) => ({ clock: { date: () => new Date(text) } });
      const young = caching(path, at("2026-01-01T05:59:59Z"));
      await young.cache.groups();
      assert.equal(young.paths.length, 0);
      const impatient = caching(path, { maxAge: 1000, ...at("2026-01-01T00:00:02Z") });
      await impatient.cache.resources("apps/v1");
      assert.equal(impatient.paths.length, 2);
      const old = caching(path, at("2026-01-01T06:00:01Z"));
      await old.cache.groups();
      assert.equal(old.paths.length, 2);
    }),
  );

  for (
    const broken of [
      "",
      "{",
      "null",
      "[]",
      '{"kind":"APIResourceList"}',
      '{"kind":"APIGroupList","groups":{}}',
      '{"kind":"APIGroupList","groups":[]}',
      "\xff",
    ]
  ) {
    it(
      `asks the server when a file holds ${JSON.stringify(broken)}, and puts it right (spec rest 16.6)`,
      cleaned(async (t) => {
        const path = await folder(t, { ...BY_KUBECTL, [GROUPS]: broken });
        const { cache, paths } = caching(path);
        assert.equal((await cache.groups()).length, 3);
        assert.equal(paths.length, 2);
        assert.equal(JSON.parse(await readFile(join(path, GROUPS), "utf8")).groups.length, 3);
      }),
    );
  }

  it(
    "works without a folder that can be written (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t, { "file": "" });
      const lines: unknown[] = [];
      const logger = {
        debug: (message: string) => void lines.push(message),
        info() {},
        warn() {},
        error() {},
      };
      const { cache } = caching(join(path, "file"), { logger }); // a file where the folder should be
      assert.equal((await cache.all()).resources.length, 3);
      assert.ok(lines.includes("A file of the discovery cache cannot be written"));
    }),
  );

  it(
    "keeps its files from strangers: 0750 and 0660 (spec rest 16.6)",
    cleaned(async (t) => {
      if (process.platform === "win32") return t.skip("no modes on Windows");
      const path = join(await folder(t), "new");
      const before = process.umask(0o022);
      try {
        await caching(path).cache.all();
      } finally {
        process.umask(before);
      }
      const modeOf = async (name: string) => ((await stat(join(path, name))).mode & 0o777).toString(8);
      assert.deepEqual([await modeOf("."), await modeOf("apps"), await modeOf("apps/v1")], [
        "750",
        "750",
        "750",
      ]);
      assert.deepEqual([await modeOf(GROUPS), await modeOf(DEPLOYMENTS)], ["660", "660"]);
    }),
  );

  it(
    "replaces a file at once, and leaves nothing beside it (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t, { ...BY_KUBECTL, [GROUPS]: "{" });
      if (process.platform !== "win32") await chmod(join(path, GROUPS), 0o400);
      await Promise.all([caching(path).cache.all(), caching(path).cache.all(), caching(path).cache.all()]);
      assert.equal(JSON.parse(await readFile(join(path, GROUPS), "utf8")).kind, "APIGroupList");
      assert.deepEqual((await readdir(path)).sort(), ["apps", GROUPS, "v1"].sort());
    }),
  );

  it(
    "leaves nothing behind when a file cannot take its place (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t, { [`${GROUPS}/in-the-way`]: "" });
      assert.equal((await caching(path).cache.groups()).length, 3);
      assert.deepEqual((await readdir(path)).sort(), ["apps", GROUPS, "v1"].sort());
    }),
  );

  it(
    "is asked once by a mapper when several names are missing in the files (spec rest 17.3)",
    cleaned(async (t) => {
      const { cache, paths } = caching(await folder(t, BY_KUBECTL));
      const mapper = new RestMapper(cache);
      await Promise.allSettled(["nothing-a", "nothing-b", "nothing-c"].map((name) => mapper.resource(name)));
      assert.equal(paths.length, 2);
    }),
  );

  it(
    "makes no path of a group's name that would lead elsewhere",
    cleaned(async (t) => {
      const path = await folder(t);
      const { cache } = caching(path, {}, {
        ...ANSWERS,
        "/apis": aggregated(aggregatedGroup("..", { v1: [aggregatedResource("a", "A")] })),
      });
      await cache.all();
      assert.deepEqual((await readdir(path)).sort(), [GROUPS, "v1"]);
    }),
  );

  it(
    "lets a mapper find what came after the files were written (spec rest 17.3)",
    cleaned(async (t) => {
      const { cache, paths } = caching(await folder(t, BY_KUBECTL), {}, {
        ...ANSWERS,
        "/apis": aggregated(
          aggregatedGroup("example.com", {
            v1: [aggregatedResource("webapps", "WebApp", { shortNames: ["wa"] })],
          }),
        ),
      });
      const mapper = new RestMapper(cache);
      assert.equal((await mapper.resource("po")).kind, "Pod");
      assert.equal(paths.length, 0);
      assert.equal((await mapper.resource("wa")).kind, "WebApp");
      assert.equal(paths.length, 2);
    }),
  );

  it(
    "ends with the signal's reason",
    cleaned(async (t) => {
      const { cache } = caching(await folder(t, BY_KUBECTL));
      await assert.rejects(cache.all({ signal: AbortSignal.abort(new Error("enough")) }), {
        message: "enough",
      });
    }),
  );

  it("refuses an age that is none", () => {
    assert.throws(() => caching("/nowhere", { maxAge: NaN }), RangeError);
  });
});

describe("discoveryCacheFolder()", () => {
  for (
    const [server, folder] of [
      ["https://10.0.0.1:6443/", "10.0.0.1_6443"],
      ["http://localhost:8080", "localhost_8080"],
      ["https://host.example.com/k8s/clusters/c-1/", "host.example.com/k8s/clusters/c_1"],
      ["https://[::1]:6443/", "___1__6443"],
    ]
  ) {
    it(`is kubectl's: ${server} has ${folder} (spec rest 16.6)`, async () => {
      assert.equal(await discoveryCacheFolder(server, { cacheFolder: "/c" }), `/c/discovery/${folder}`);
    });
  }

  it("is below the home folder", async () => {
    assert.match(await discoveryCacheFolder("https://host"), /\.kube\/cache\/discovery\/host$/);
    assert.match(await httpCacheFolder(), /\.kube\/cache\/http$/);
  });
});
