import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, resolve, sep } from "node:path";
import { describe, it } from "node:test";
import { seededRandom } from "../../testing/seeded_random.ts";
import {
  type Kubeconfig,
  loadKubeconfig,
  locationOfOrigin,
  modifyKubeconfig,
  parseKubeconfig,
} from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { withFiles } from "./folder.ts";

const ONE = `# clusters of the shop
apiVersion: v1
kind: Config
preferences: {}
clusters:
# the east, behind the gate
- cluster:
    server: https://east:6443 # not 443
    certificate-authority: pki/ca.pem
    future-field: kept
  name: east
contexts:
- context: {cluster: east, user: ci}
  name: dev

current-context: dev
users:
- name: ci
  user:
    # from the vault
    token: 'abc'
`;

const TWO = `clusters:
  - name: west
    cluster:
      server: https://west:6443
  - name: east
    cluster:
      server: https://shadowed:6443
users: [{name: cd, user: {token: def}}]
`;

/** Changes the files `names` of `folder`, which are all in `KUBECONFIG`. */
function modify(
  folder: string,
  names: string[],
  change: (kubeconfig: Kubeconfig) => Kubeconfig | void | Promise<Kubeconfig | void>,
): Promise<Kubeconfig> {
  const KUBECONFIG = names.map((name) => join(folder, name)).join(delimiter);
  return modifyKubeconfig(change, { env: { KUBECONFIG } });
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");

const namesIn = (folder: string) => readdirSync(folder).sort();

async function parsed(folder: string, name: string): Promise<Kubeconfig> {
  return await parseKubeconfig(read(folder, name));
}

describe("modifyKubeconfig()", () => {
  it("keeps comments, order, quotes and unknown fields of what it does not change [rest 8.8]", () =>
    withFiles({ one: ONE }, async (folder) => {
      await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig.clusters[0].cluster.server = "https://new:6443";
        kubeconfig.users[0].user.token = "ghi";
        kubeconfig.contexts[0].context.namespace = "shop";
      });
      const expected = ONE.replace("https://east:6443", "https://new:6443")
        .replace("'abc'", "'ghi'")
        .replace("{cluster: east, user: ci}", "{ cluster: east, user: ci, namespace: shop }");
      assert.equal(read(folder, "one"), expected);
    }));

  it("keeps JSON JSON, with its indentation", () =>
    withFiles(
      { one: `{\n\t"users": [\n\t\t{"name": "a", "user": {"x": null}}\n\t]\n}\n` },
      async (folder) => {
        await modify(folder, ["one"], (kubeconfig) => {
          kubeconfig["current-context"] = "1";
        });
        const value = { users: [{ name: "a", user: { x: null } }], "current-context": "1" };
        assert.equal(read(folder, "one"), `${JSON.stringify(value, null, "\t")}\n`);
      },
    ));

  it("keeps Windows' line ends", () =>
    withFiles({ one: "kind: Config # a\r\ncurrent-context: a\r\n" }, async (folder) => {
      await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig["current-context"] = "b";
      });
      assert.equal(read(folder, "one"), "kind: Config # a\r\ncurrent-context: b\r\n");
    }));

  for (
    const { name, text, expected } of [
      {
        name: "with comments alone",
        text: "# mine\n# and yours\n",
        expected: /^# mine\n# and yours\n+apiVersion: v1\n/,
      },
      { name: "with document marks", text: "---\nkind: Config\n---\n", expected: /^---\nkind: Config\n/ },
      { name: "with a byte order mark", text: "\ufeffkind: Config # a\n", expected: /^kind: Config # a\n/ },
      { name: "with braces", text: "{kind: Config, users: [], x: 1}", expected: /^\{\s*kind: Config,/ },
      {
        name: "of JSON in one line",
        text: '{"users":[]}',
        expected: /^\{"users":\[\],"current-context":"1e3"\}$/,
      },
      { name: "of empty lists", text: "users: []\nclusters:\n", expected: /^users: \[\s*\]\nclusters:/ },
    ]
  ) {
    it(`changes a file ${name}`, () =>
      withFiles({ one: text }, async (folder) => {
        await modify(folder, ["one"], (kubeconfig) => {
          kubeconfig["current-context"] = "1e3";
        });
        assert.match(read(folder, "one"), expected);
        assert.equal((await parsed(folder, "one"))["current-context"], "1e3");
      }));
  }

  it("writes each change to the file that the entry is from, and only there [rest 8.8]", () =>
    withFiles({ one: ONE, two: TWO }, async (folder) => {
      const result = await modify(folder, ["one", "two"], (kubeconfig) => {
        for (const { cluster } of kubeconfig.clusters) cluster["tls-server-name"] = "name";
      });
      const [one, two] = [await parsed(folder, "one"), await parsed(folder, "two")];
      assert.equal(one.clusters[0].cluster["tls-server-name"], "name");
      assert.deepEqual(two.clusters.map(({ cluster }) => cluster["tls-server-name"]), ["name", undefined]);
      assert.deepEqual(result.clusters.map((entry) => entry[locationOfOrigin]), [
        join(folder, "one"),
        join(folder, "two"),
      ]);
    }));

  it("writes one file once for many changes, and others not at all [rest 8.8]", () =>
    withFiles({ one: ONE, two: TWO }, async (folder) => {
      const old = new Date(2020, 1, 1);
      utimesSync(join(folder, "one"), old, old);
      const before = statSync(join(folder, "two")).ino;
      await modify(folder, ["one", "two"], (kubeconfig) => {
        kubeconfig.users[1].user.token = "x";
        kubeconfig.clusters[1].cluster.server = "https://x";
      });
      assert.equal(statSync(join(folder, "one")).mtimeMs, old.getTime());
      assert.equal(read(folder, "one"), ONE);
      assert.notEqual(statSync(join(folder, "two")).ino, before);
      assert.deepEqual(namesIn(folder), ["one", "two"]);
    }));

  it("writes nothing when nothing has changed, whatever the order of keys [rest 8.8]", () =>
    withFiles({ one: ONE }, async (folder) => {
      const { ino } = statSync(join(folder, "one"));
      await modify(folder, ["one", "missing"], (kubeconfig) => {
        const { server, ...others } = kubeconfig.clusters[0].cluster;
        kubeconfig.clusters[0].cluster = { ...others, server };
        kubeconfig.contexts.reverse();
      });
      assert.deepEqual([read(folder, "one"), statSync(join(folder, "one")).ino], [ONE, ino]);
      assert.deepEqual(namesIn(folder), ["one"]);
    }));

  it("removes an entry from the file that it is from, so that another's comes to light [rest 8.8]", () =>
    withFiles({ one: ONE, two: TWO }, async (folder) => {
      const result = await modify(folder, ["one", "two"], (kubeconfig) => {
        kubeconfig.clusters = kubeconfig.clusters.filter(({ name }) => name !== "east");
        kubeconfig.users = kubeconfig.users.filter(({ name }) => name !== "cd");
      });
      assert.match(read(folder, "one"), /^clusters: null$/m);
      assert.match(read(folder, "two"), /^users: null$/m);
      assert.deepEqual(result.clusters.map(({ name, cluster }) => [name, cluster.server]), [
        ["west", "https://west:6443"],
        ["east", "https://shadowed:6443"],
      ]);
      assert.deepEqual(result.users.map(({ name }) => name), ["ci"]);
    }));

  for (
    const { name, files, list, option, home, target } of [
      {
        name: "the first of the list that exists",
        files: ["one", "two"],
        list: ["x", "two", "one"],
        target: "two",
      },
      { name: "the last of the list if none exists", files: [], list: ["a/x", "b/y"], target: "b/y" },
      { name: "the only one of the list", files: [], list: ["a/b/x"], target: "a/b/x" },
      {
        name: "the option's, though it is missing",
        files: ["one"],
        list: ["one"],
        option: "new",
        target: "new",
      },
      { name: "the home folder's", files: [], home: "home", target: "home/.kube/config" },
    ] as {
      name: string;
      files: string[];
      list?: string[];
      option?: string;
      home?: string;
      target: string;
    }[]
  ) {
    it(`writes new entries and current-context to ${name} [rest 8.8]`, () =>
      withFiles(Object.fromEntries(files.map((file) => [file, ""])), async (folder) => {
        const result = await modifyKubeconfig((kubeconfig) => {
          kubeconfig.clusters.push({ name: "c", cluster: { server: "https://c" } });
          kubeconfig.users.push({ name: "u", user: {} });
          kubeconfig.contexts.push({ name: "x", context: { cluster: "c", user: "u" } });
          kubeconfig.extensions = [{ name: "e", extension: { a: [1] } }];
          kubeconfig["current-context"] = "x";
        }, {
          ...option && { kubeconfig: join(folder, option) },
          env: {
            KUBECONFIG: list?.map((file) => join(folder, file)).join(delimiter),
            HOME: home && join(folder, home),
          },
        });
        assert.equal(result.users[0][locationOfOrigin], join(folder, target));
        const written = await loadKubeconfig({ kubeconfig: join(folder, target) });
        assert.deepEqual(written, result);
        assert.deepEqual(written.extensions, [{ name: "e", extension: { a: [1] } }]);
        assert.equal(statSync(join(folder, target)).mode & 0o777, 0o600);
        assert.match(read(folder, target), /^apiVersion: v1\nclusters:\n *- name: c\n[^]*^kind: Config$/m);
        for (const file of list ?? []) {
          assert.equal(existsSync(join(folder, file)), [...files, target].includes(file));
        }
      }));
  }

  it("makes folders with mode 0755 [rest 8.8]", () =>
    withFiles({}, async (folder) => {
      await modify(folder, ["a/b/config"], (kubeconfig) => {
        kubeconfig["current-context"] = "x";
      });
      assert.equal(statSync(join(folder, "a/b")).mode & 0o777 & ~0o755, 0);
    }));

  it("gives a file that it writes mode 0600 [rest 8.2, 8.8]", () =>
    withFiles({ one: ONE }, async (folder) => {
      await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig["current-context"] = "x";
      });
      assert.equal(statSync(join(folder, "one")).mode & 0o777, 0o600);
    }));

  for (
    const { name, files, change, expected } of [
      {
        name: "writes it to the default file",
        files: ["", "current-context: b"],
        change: "c",
        expected: ["c", "b"],
      },
      {
        name: "clears it in the first file that sets it",
        files: ["kind: Config", "current-context: b"],
        change: "",
        expected: [undefined, ""],
      },
      {
        name: "clears it in no other file",
        files: ["current-context: a", "current-context: b"],
        change: "",
        expected: ["", "b"],
      },
      { name: "leaves it alone", files: ["", "current-context: b"], change: "b", expected: [undefined, "b"] },
    ]
  ) {
    it(`current-context: ${name} [rest 8.8]`, () =>
      withFiles({ one: files[0], two: files[1] }, async (folder) => {
        await modify(folder, ["one", "two"], (kubeconfig) => {
          kubeconfig["current-context"] = change;
        });
        const found = [await parsed(folder, "one"), await parsed(folder, "two")];
        assert.deepEqual(found.map((kubeconfig) => kubeconfig["current-context"]), expected);
      }));
  }

  it("changes preferences and other fields in the first file that has them [rest 8.8]", () =>
    withFiles({ one: "kind: Config", two: "preferences: {colors: true}\nmine: [1]" }, async (folder) => {
      await modify(folder, ["one", "two"], (kubeconfig) => {
        Object.assign(kubeconfig, { preferences: { colors: false }, mine: undefined, yours: 1 });
      });
      assert.equal(read(folder, "one"), "kind: Config\nyours: 1\n");
      assert.equal(read(folder, "two"), "preferences: { colors: false }\n");
    }));

  it("keeps extensions of entries and files [rest 8.8]", () =>
    withFiles({
      one: `clusters:
- name: a
  cluster:
    extensions:
    - name: minikube.sigs.k8s.io
      extension: {last-update: today, size: 1.50}
extensions: [{name: x, extension: 1}]`,
    }, async (folder) => {
      await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig.clusters[0].cluster.server = "https://a";
        kubeconfig.extensions = [];
      });
      assert.match(
        read(folder, "one"),
        /extension: \{ last-update: today, size: 1\.50 \}\n {4}server: https:\/\/a\n$/,
      );
    }));

  for (
    const { text } of [
      "123",
      "0x1F",
      "1e3",
      "012",
      "1_000",
      "1:30",
      ".5",
      "true",
      "no",
      "On",
      "null",
      "~",
      "2026-01-01",
      "-",
      "",
    ]
      .map((text) => ({ text }))
  ) {
    it(`puts ${JSON.stringify(text)} in quotes, which is no text in YAML 1.1 or 1.2 [rest 8.2]`, () =>
      withFiles({ one: "" }, async (folder) => {
        await modify(folder, ["one"], (kubeconfig) => {
          kubeconfig.contexts.push({ name: text, context: { cluster: "a", user: text, namespace: text } });
        });
        assert.equal(
          read(folder, "one").split(`: ${JSON.stringify(text)}\n`).length - 1,
          text === "" ? 4 : 3,
        );
        assert.equal((await parsed(folder, "one")).contexts[0].name, text);
      }));
  }

  it("puts new entries in their place where names are sorted, else at the end [rest 8.2]", () =>
    withFiles({ one: "users: [{name: a}, {name: c}]\nclusters: [{name: c}, {name: a}]" }, async (folder) => {
      await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig.users.push({ name: "b", user: {} });
        kubeconfig.clusters.push({ name: "b", cluster: {} });
      });
      const { users, clusters } = await parsed(folder, "one");
      assert.deepEqual(users.map(({ name }) => name), ["a", "b", "c"]);
      assert.deepEqual(clusters.map(({ name }) => name), ["c", "a", "b"]);
    }));

  for (
    const { name, text, change } of [
      {
        name: "an alias of an entry's field",
        text: "x: &ca {server: https://a}\nclusters: [{name: a, cluster: *ca}, {name: b, cluster: *ca}]",
        change: (kubeconfig: Kubeconfig) => void (kubeconfig.clusters[1].cluster.server = "https://b"),
      },
      {
        name: "a merge key",
        text: "x: &ca {server: https://a}\nclusters: [{name: a, cluster: {<<: *ca}}]",
        change: (kubeconfig: Kubeconfig) => void (kubeconfig.clusters[0].cluster.server = "https://b"),
      },
      {
        name: "an alias in place of a list",
        text: "x: &l [{name: a}]\nclusters: *l",
        change: (kubeconfig: Kubeconfig) => void kubeconfig.clusters.push({ name: "b", cluster: {} }),
      },
    ]
  ) {
    it(`writes what is asked for over ${name}`, () =>
      withFiles({ one: text }, async (folder) => {
        const wanted = await parsed(folder, "one");
        change(wanted);
        await modify(folder, ["one"], change);
        assert.deepEqual(await parsed(folder, "one"), wanted);
      }));
  }

  for (
    const { name, text, change } of [
      {
        name: "what others refer to by an alias",
        text: "clusters: [{name: a, cluster: &c {server: https://a}}, {name: b, cluster: *c}]",
        change: (kubeconfig: Kubeconfig) => void (kubeconfig.clusters[0].cluster.server = "https://b"),
      },
      {
        name: "the anchor that an alias needs",
        text: "clusters: [{name: a, cluster: &c {server: https://a}}, {name: b, cluster: *c}]",
        change: (kubeconfig: Kubeconfig) => void kubeconfig.clusters.shift(),
      },
      {
        name: "a key that comes from a merge key",
        text: "x: &c {server: https://a}\nclusters: [{name: a, cluster: {<<: *c}}]",
        change: (kubeconfig: Kubeconfig) => void delete kubeconfig.clusters[0].cluster.server,
      },
    ]
  ) {
    it(`refuses to change ${name}, and writes nothing`, () =>
      withFiles({ one: text, two: TWO }, async (folder) => {
        await assert.rejects(
          modify(folder, ["two", "one"], (kubeconfig) => {
            kubeconfig.users[0].user.token = "changed";
            const rest = { ...kubeconfig, clusters: kubeconfig.clusters.slice(2) };
            change(rest);
            kubeconfig.clusters.splice(2, 9, ...rest.clusters);
          }),
          /one": it cannot be changed in place, maybe because of its anchors and aliases/,
        );
        assert.deepEqual([read(folder, "one"), read(folder, "two")], [text, TWO]);
        assert.deepEqual(namesIn(folder), ["one", "two"]);
      }));
  }
});

describe("Paths in a kubeconfig that is written", () => {
  const origin = (folder: string, file: string) => ({ [locationOfOrigin]: join(folder, file) });

  it("stay as they are where nothing changes them [rest 8.8]", () =>
    withFiles({
      "k/one": "users: [{name: a, user: {client-key: ../key.pem, tokenFile: /t, exec: {command: ./x}}}]",
    }, async (folder) => {
      await modify(folder, ["k/one"], (kubeconfig) => {
        kubeconfig.users[0].user.as = "jane";
      });
      const { user } = (await parsed(folder, "k/one")).users[0];
      assert.deepEqual(user, {
        "client-key": "../key.pem",
        tokenFile: "/t",
        exec: { command: "./x" },
        as: "jane",
      });
    }));

  for (
    const { name, old, path, expected } of [
      {
        name: "an absolute one stays relative below the folder",
        old: "a.pem",
        path: "FOLDER/k/pki/b.pem",
        expected: "pki/b.pem",
      },
      {
        name: "an absolute one stays absolute beside the folder",
        old: "a.pem",
        path: "FOLDER/b.pem",
        expected: "FOLDER/b.pem",
      },
      {
        name: "an absolute one stays absolute where one was",
        old: "/a.pem",
        path: "FOLDER/k/b.pem",
        expected: "FOLDER/k/b.pem",
      },
      { name: "a relative one stays relative", old: "/a.pem", path: "../b.pem", expected: "../b.pem" },
    ]
  ) {
    it(`in place of another: ${name} [rest 8.8]`, () =>
      withFiles(
        { "k/one": `clusters: [{name: a, cluster: {certificate-authority: ${old}}}]` },
        async (folder) => {
          const inFolder = (text: string) => text.replace("FOLDER", folder);
          await modify(folder, ["k/one"], (kubeconfig) => {
            kubeconfig.clusters[0].cluster["certificate-authority"] = inFolder(path);
          });
          const { cluster } = (await parsed(folder, "k/one")).clusters[0];
          assert.equal(cluster["certificate-authority"], inFolder(expected));
        },
      ));
  }

  for (
    const { name, from, path, expected } of [
      {
        name: "below the folder become relative to it",
        from: "k/sub/x",
        path: "b.pem",
        expected: join("sub", "b.pem"),
      },
      { name: "beside the file stay relative", from: "k/x", path: "b.pem", expected: "b.pem" },
      {
        name: "that would need .. become absolute",
        from: "other/x",
        path: "b.pem",
        expected: "FOLDER/other/b.pem",
      },
      { name: "that are absolute stay so", from: "k/x", path: "/b.pem", expected: "/b.pem" },
    ]
  ) {
    it(`in an entry from another file: those ${name} [rest 8.8]`, () =>
      withFiles({ "k/one": "" }, async (folder) => {
        const { users } = await modify(folder, ["k/one"], (kubeconfig) => {
          kubeconfig.users.push({ name: "a", user: { tokenFile: path }, ...origin(folder, from) });
        });
        assert.equal(users[0].user.tokenFile, expected.replace("FOLDER", folder));
      }));
  }

  it("of commands stay paths, and names of commands stay names [rest 8.3, 8.8]", () =>
    withFiles({ "k/one": "" }, async (folder) => {
      const { users } = await modify(folder, ["k/one"], (kubeconfig) => {
        for (const command of ["../plugin", "plugin", "bin/plugin"]) {
          kubeconfig.users.push({ name: command, user: { exec: { command } }, ...origin(folder, "k/bin/x") });
        }
      });
      assert.deepEqual(Object.fromEntries(users.map(({ name, user }) => [name, user.exec?.command])), {
        "../plugin": [".", "plugin"].join(sep),
        "bin/plugin": join("bin", "bin", "plugin"),
        plugin: "plugin",
      });
    }));

  it("start from the working directory in new entries [rest 8.8]", () =>
    withFiles({ one: "" }, async (folder) => {
      const { users } = await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig.users.push({ name: "a", user: { "client-key": "k.pem" } });
      });
      assert.equal(users[0].user["client-key"], resolve("k.pem"));
    }));

  it("start from the old file's folder where an entry is replaced by one from nowhere", () =>
    withFiles({ one: "users: [{name: a, user: {client-key: k.pem}}]" }, async (folder) => {
      const { users } = await modify(folder, ["one"], (kubeconfig) => {
        kubeconfig.users[0] = { name: "a", user: { "client-key": "k.pem", "client-certificate": "c.pem" } };
      });
      assert.deepEqual(users[0].user, { "client-key": "k.pem", "client-certificate": "c.pem" });
    }));
});

describe("While modifyKubeconfig() runs", () => {
  const nothing = () => {};

  it("each file of the list has a lock, and then none [rest 8.8]", () =>
    withFiles({ one: ONE, two: TWO }, async (folder) => {
      await modify(folder, ["two", "one", "two", "missing"], () => {
        const locks = namesIn(folder).filter((name) => name.endsWith(".lock"));
        assert.deepEqual(locks, ["missing.lock", "one.lock", "two.lock"]);
      });
      assert.deepEqual(namesIn(folder), ["one", "two"]);
    }));

  it("another one fails at once, and works afterwards [rest 8.8]", () =>
    withFiles({ one: ONE, two: TWO }, async (folder) => {
      await modify(folder, ["one"], async () => {
        await assert.rejects(modify(folder, ["two", "one"], nothing), (error) => {
          assert.ok(isConfigError(error));
          assert.match(
            error.message,
            /one": it is locked: ".*one\.lock" exists\. Try again when.*remove the lock$/,
          );
          return true;
        });
        assert.ok(!existsSync(join(folder, "two.lock")));
        assert.ok(existsSync(join(folder, "one.lock")));
      });
      await modify(folder, ["two", "one"], nothing);
    }));

  it("a failure of the program's function changes nothing and leaves no lock", () =>
    withFiles({ one: ONE }, async (folder) => {
      const reason = new Error("no");
      const failing = modify(folder, ["one"], (kubeconfig) => {
        kubeconfig["current-context"] = "x";
        throw reason;
      });
      await assert.rejects(failing, reason);
      assert.deepEqual([namesIn(folder), read(folder, "one")], [["one"], ONE]);
    }));

  for (
    const { name, change, says } of [
      {
        name: "a field of the wrong type",
        change: (kubeconfig: Kubeconfig) => Object.assign(kubeconfig.users[0].user, { token: 1 }),
        says: /users\["cd"\]\.user\.token: expected text, found a number/,
      },
      {
        name: "a name that is there twice",
        change: (kubeconfig: Kubeconfig) => void kubeconfig.users.push({ name: "ci", user: {} }),
        says: /users: the name "ci" is there twice/,
      },
    ]
  ) {
    it(`${name} is found before anything is written`, () =>
      withFiles({ one: ONE, two: TWO }, async (folder) => {
        const failing = modify(folder, ["two", "one"], (kubeconfig) => {
          kubeconfig["current-context"] = "x";
          change(kubeconfig);
        });
        await assert.rejects(failing, { name: "ConfigError", message: says });
        assert.deepEqual([read(folder, "one"), read(folder, "two")], [ONE, TWO]);
        assert.deepEqual(namesIn(folder), ["one", "two"]);
      }));
  }

  it("a file that is no kubeconfig is named, and none is written [rest 8.3]", () =>
    withFiles({ one: ONE, broken: "users: [" }, async (folder) => {
      await assert.rejects(modify(folder, ["one", "broken"], nothing), /broken": it is not YAML/);
      assert.deepEqual(namesIn(folder), ["broken", "one"]);
    }));

  it("a file that cannot be written beside the old one changes none", () =>
    withFiles({ one: ONE, "k/two": TWO }, async (folder) => {
      const failing = modify(folder, ["one", "k/two"], (kubeconfig) => {
        for (const { user } of kubeconfig.users) user.token = "new";
        rmSync(join(folder, "k"), { recursive: true });
      });
      await assert.rejects(failing, /two": writing a new one beside it failed with ENOENT\. Check/);
      assert.equal(read(folder, "one"), ONE);
      assert.deepEqual(namesIn(folder), ["one"]);
    }));

  it("a file that cannot be put into its place after others is named with them", () =>
    withFiles({ one: ONE, two: TWO }, async (folder) => {
      const failing = modify(folder, ["one", "two"], (kubeconfig) => {
        for (const { user } of kubeconfig.users) user.token = "new";
        rmSync(join(folder, "two"));
        mkdirSync(join(folder, "two/full"), { recursive: true });
      });
      await assert.rejects(failing, /two": replacing it failed with \w+; already changed: ".*one"\. Check/);
      assert.equal((await parsed(folder, "one")).users[0].user.token, "new");
      assert.deepEqual(namesIn(folder), ["one", "two"]);
    }));

  it("a symbolic link stays one, and what it leads to is written [rest 8.8]", () =>
    withFiles({ "real/one": ONE }, async (folder) => {
      symlinkSync(join("real", "one"), join(folder, "link"));
      symlinkSync(join("real", "new"), join(folder, "dangling"));
      for (const name of ["link", "dangling"]) {
        await modify(folder, [name], (kubeconfig) => {
          kubeconfig["current-context"] = "x";
        });
        assert.ok(lstatSync(join(folder, name)).isSymbolicLink());
        assert.equal((await parsed(folder, name))["current-context"], "x");
      }
      assert.deepEqual(namesIn(join(folder, "real")), ["new", "one"]);
    }));

  it("two names of one file are one file", () =>
    withFiles({ one: ONE }, async (folder) => {
      symlinkSync("one", join(folder, "link"));
      await modify(folder, ["link", "one"], (kubeconfig) => {
        kubeconfig["current-context"] = "x";
        kubeconfig.users[0].user.token = "new";
      });
      const { users, "current-context": current } = await parsed(folder, "one");
      assert.deepEqual([users[0].user.token, current], ["new", "x"]);
    }));

  it("an abort ends it, before it writes", () =>
    withFiles({ one: ONE }, async (folder) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const stopped = modifyKubeconfig((kubeconfig) => {
        kubeconfig["current-context"] = "x";
        controller.abort(reason);
      }, { kubeconfig: join(folder, "one"), signal: controller.signal });
      await assert.rejects(stopped, reason);
      assert.deepEqual([namesIn(folder), read(folder, "one")], [["one"], ONE]);
    }));

  it("a missing home is told", async () => {
    await assert.rejects(
      modifyKubeconfig(nothing, { env: {} }),
      /neither KUBECONFIG nor HOME is set\. Set KUBECONFIG/,
    );
  });

  it("what others do at the same time is not lost", () =>
    withFiles({ one: "" }, async (folder) => {
      const add = async (name: string) => {
        for (;;) {
          try {
            await modify(folder, ["one"], (kubeconfig) => void kubeconfig.users.push({ name, user: {} }));
            return;
          } catch (error) {
            if (!/is locked/.test(String(error))) throw error;
          }
        }
      };
      const names = ["a", "b", "c", "d", "e"];
      await Promise.all(names.map(add));
      assert.deepEqual((await parsed(folder, "one")).users.map(({ name }) => name), names);
    }));

  it("what is written can be read on while it is written", () =>
    withFiles({ one: ONE }, async (folder) => {
      writeFileSync(join(folder, "two"), TWO);
      await modify(folder, ["one"], async (kubeconfig) => {
        kubeconfig["current-context"] = "x";
        assert.equal((await loadKubeconfig({ kubeconfig: join(folder, "one") }))["current-context"], "dev");
      });
    }));
});

describe("Any change of a kubeconfig without aliases", () => {
  const TEXTS = [
    "a",
    "b: c",
    "# d",
    "'",
    '"',
    "no",
    "0x1",
    "1_0",
    "- x",
    "&x",
    "*x",
    "!y",
    "{",
    "[",
    "é",
    "🦀",
    " e ",
    "\t",
    "l1\nl2\n",
    "<<",
    "null",
    "2026-01-01",
    "|",
    ">",
    "%",
    "@",
    "",
    "a:",
    "\u2028",
  ];
  const LAYOUTS = [
    ONE,
    TWO,
    ONE.replace("\n", "\n\n# gap\n"),
    JSON.stringify({ users: [{ name: "a", user: {} }] }),
    "",
  ];

  for (const seed of [1, 2, 3, 4]) {
    it(`is written as it was made, with the dice at ${seed}`, () =>
      withFiles({}, async (folder) => {
        const roll = seededRandom(seed);
        const pick = <T>(items: readonly T[]): T => items[Math.floor(roll() * items.length)];
        // The parser cannot be told that << is a key like others: such a change is refused.
        const key = () => pick(TEXTS.filter((text) => text !== "<<"));
        const kubeconfig = join(folder, "config");
        for (let round = 0; round < 60; round++) {
          if (round % 12 === 0) writeFileSync(kubeconfig, pick(LAYOUTS));
          let wanted: Kubeconfig | undefined;
          const written = await modifyKubeconfig((draft) => {
            const name = pick(TEXTS);
            switch (Math.floor(roll() * 5)) {
              case 0:
                draft.users = draft.users.filter((user) => user.name !== name);
                draft.users.push({
                  name,
                  user: { token: pick(TEXTS), "as-groups": [pick(TEXTS), pick(TEXTS)] },
                });
                break;
              case 1:
                for (const { user } of draft.users) {
                  Object.assign(user, {
                    [key()]: { [key()]: [pick(TEXTS), 1, true] },
                  });
                }
                break;
              case 2:
                draft.users.splice(Math.floor(roll() * draft.users.length), 1);
                break;
              case 3:
                draft["current-context"] = name;
                break;
              default:
                for (const { user } of draft.users) {
                  user["as-user-extra"] = { [key()]: [pick(TEXTS)] };
                }
            }
            wanted = structuredClone(draft);
          }, { kubeconfig });
          const byName = ({ users }: Kubeconfig) =>
            Object.fromEntries(users.map(({ name, user }) => [`=${name}`, user]));
          assert.ok(wanted !== undefined);
          assert.deepEqual(byName(await parseKubeconfig(JSON.stringify(written))), byName(wanted));
          assert.equal(written["current-context"] || "", wanted["current-context"] || "");
        }
      }));
  }
});
