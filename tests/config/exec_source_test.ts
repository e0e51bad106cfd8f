import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { relative } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { isatty } from "node:tty";
import {
  type ExecPluginError,
  execSource,
  isExecPluginError,
  type KubeconfigExec,
  type PluginCall,
  type PluginOptions,
} from "@coxswain/kube/config";
import { type Credentials, type CredentialSource, isConfigError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, FIRST_KEY, SECOND_CERT, SECOND_KEY } from "./client_certificates.ts";
import { pem } from "./material.ts";
import { type Plugin, V1, V1_BETA_1, withPlugin } from "./plugin.ts";

const { signal } = new AbortController();

describe("execSource()", () => {
  it("gives the token that the plugin writes [rest 9.1]", () =>
    withPlugin(async ({ exec }) => {
      assert.deepEqual(await ask(execSource(exec)), { bearerToken: "first" });
    }));

  it("gives the plugin its arguments, and no standard input [rest 9.1]", () =>
    withPlugin(async ({ exec, runs }) => {
      await ask(execSource({ ...exec, args: [...exec.args ?? [], "a b", "", "--c=$D"] }));
      assert.deepEqual(runs()[0].args, ["a b", "", "--c=$D"]);
      assert.equal(runs()[0].stdin, "");
    }));

  it("gives the plugin our environment, then what is configured, then the exec info [rest 9.1]", () =>
    withPlugin(async ({ exec, runs }) => {
      const configured = [
        { name: "INHERITED", value: "configured" },
        { name: "EMPTY" },
        { name: "KUBERNETES_EXEC_INFO", value: "{}" },
        { name: "TWICE", value: "1" },
        { name: "TWICE", value: "2" },
      ];
      const env = { ...process.env, INHERITED: "parent", KEPT: "kept" };
      await ask(execSource({ ...exec, env: configured }, { env }));
      const { INHERITED, EMPTY, TWICE, KEPT, PATH } = runs()[0].env;
      assert.deepEqual([INHERITED, EMPTY, TWICE, KEPT, PATH], [
        "configured",
        "",
        "2",
        "kept",
        process.env.PATH,
      ]);
      assert.deepEqual(runs()[0].info, {
        kind: "ExecCredential",
        apiVersion: V1,
        spec: { interactive: false },
      });
    }));

  it("takes the environment of the process by default [rest 9.1]", () =>
    withPlugin(async ({ exec, runs }) => {
      await ask(execSource(exec));
      assert.equal(runs()[0].env.PATH, process.env.PATH);
    }));

  for (const apiVersion of [V1, V1_BETA_1]) {
    for (const provideClusterInfo of [false, true]) {
      const told = provideClusterInfo ? "tells" : "does not tell";
      it(`${told} the plugin about the cluster in ${apiVersion} [rest 9.1]`, () =>
        withPlugin(async ({ exec, gives, runs }) => {
          gives({ token: "t" }, { apiVersion });
          const cluster = {
            server: "https://east:6443",
            "tls-server-name": "",
            "insecure-skip-tls-verify": false,
            "certificate-authority-data": "Y2E=",
            "proxy-url": undefined,
            config: { audience: "east", nested: [1, null] },
          };
          await ask(execSource({ ...exec, apiVersion, provideClusterInfo }, { cluster }));
          assert.deepEqual(runs()[0].info, {
            kind: "ExecCredential",
            apiVersion,
            spec: {
              interactive: false,
              ...provideClusterInfo && {
                cluster: {
                  server: "https://east:6443",
                  "certificate-authority-data": "Y2E=",
                  config: { audience: "east", nested: [1, null] },
                },
              },
            },
          });
        }));
    }
  }

  it("finds a bare name on our PATH [rest 9.1]", () =>
    withPlugin(async ({ exec, folder }) => {
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
      assert.deepEqual(await ask(execSource({ ...exec, command: "get-token" }, { env })), {
        bearerToken: "first",
      });
    }));

  for (const allowlist of [undefined, [{ command: "get-token" }]]) {
    const policy = allowlist && { policyType: "Allowlist" as const, allowlist };
    it(`does not look on the PATH that a kubeconfig sets, with ${policy ? "an" : "no"} allowlist [rest 9.1, 9.5]`, () =>
      withPlugin(async ({ exec, folder, runs }) => {
        const path = { name: "PATH", value: folder };
        const error = await failureOf(execSource({ ...exec, command: "get-token", env: [path] }, { policy }));
        assert.match(error.message, /executable get-token not found/);
        const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
        const elsewhere = { name: "PATH", value: "/elsewhere" };
        await ask(execSource({ ...exec, command: "get-token", env: [elsewhere] }, { policy, env }));
        assert.match(runs()[0].env.PATH, /(^|:)\/elsewhere$/); // Deno adds a folder of its own to what it runs
      }));
  }
});

describe("execSource() and the terminal", () => {
  const cannot = "exec plugin cannot support interactive mode: ";
  for (
    const { mode, apiVersion, isTerminal, stdinUnavailable, interactive, says } of [
      { mode: "Never", isTerminal: true, interactive: false },
      { mode: "Never", isTerminal: false, interactive: false },
      { mode: "Never", isTerminal: true, stdinUnavailable: "busy", interactive: false },
      { mode: "IfAvailable", isTerminal: true, interactive: true },
      { mode: "IfAvailable", isTerminal: false, interactive: false },
      { mode: "IfAvailable", isTerminal: true, stdinUnavailable: "", interactive: false },
      { mode: "IfAvailable", isTerminal: true, stdinUnavailable: "busy", interactive: false },
      { mode: "Always", isTerminal: true, interactive: true },
      { mode: "Always", isTerminal: false, says: "standard input is not a terminal" },
      {
        mode: "Always",
        isTerminal: false,
        stdinUnavailable: "busy",
        says: "standard input is not a terminal",
      },
      { mode: "Always", isTerminal: true, stdinUnavailable: "", says: "standard input is unavailable" },
      {
        mode: "Always",
        isTerminal: true,
        stdinUnavailable: "busy",
        says: "standard input is unavailable: busy",
      },
      { mode: undefined, apiVersion: V1_BETA_1, isTerminal: true, interactive: true },
      { mode: undefined, apiVersion: V1_BETA_1, isTerminal: false, interactive: false },
      { mode: "IfAvailable", isTerminal: undefined, interactive: isatty(0) },
    ]
  ) {
    const where = [
      isTerminal === undefined ? "whatever standard input is" : isTerminal ? "a terminal" : "no terminal",
      ...stdinUnavailable === undefined ? [] : [`and "${stdinUnavailable}"`],
    ].join(" ");
    it(`${says ? "refuses" : "runs"} the mode ${mode} with ${where} [rest 9.2]`, () =>
      withPlugin(async ({ exec, gives, runs }) => {
        if (apiVersion !== undefined) gives({ token: "t" }, { apiVersion });
        const source = execSource(
          { ...exec, interactiveMode: mode, ...apiVersion && { apiVersion } },
          { isTerminal, stdinUnavailable },
        );
        if (says !== undefined) {
          assert.equal((await failureOf(source)).message, `getting credentials: ${cannot}${says}`);
          assert.equal(runs().length, 0);
        } else {
          await ask(source);
          assert.deepEqual((runs()[0].info as { spec: unknown }).spec, { interactive });
        }
      }));
  }
});

describe("execSource() and the plugin's output", () => {
  const output = (fields: Record<string, unknown>) =>
    JSON.stringify({ apiVersion: V1, kind: "ExecCredential", ...fields });
  const badKey = pem("PRIVATE KEY", "bad");
  const badCert = pem("CERTIFICATE", "bad");
  for (
    const { name, text, given } of [
      { name: "a token", text: output({ status: { token: "t" } }), given: { bearerToken: "t" } },
      {
        name: "a certificate",
        text: output({ status: { clientCertificateData: FIRST_CERT, clientKeyData: FIRST_KEY } }),
        given: { cert: FIRST_CERT, key: FIRST_KEY },
      },
      {
        name: "a certificate with intermediate ones",
        text: output({
          status: { clientCertificateData: FIRST_CERT + SECOND_CERT, clientKeyData: FIRST_KEY },
        }),
        given: { cert: FIRST_CERT + SECOND_CERT, key: FIRST_KEY },
      },
      {
        name: "a token and a certificate",
        text: output({
          status: { token: "t", clientCertificateData: FIRST_CERT, clientKeyData: FIRST_KEY },
        }),
        given: { bearerToken: "t", cert: FIRST_CERT, key: FIRST_KEY },
      },
      {
        name: "null for what it does not give",
        text: output({ spec: null, status: { token: "t", expirationTimestamp: null, clientKeyData: "" } }),
        given: { bearerToken: "t" },
      },
      {
        name: "YAML",
        text: `apiVersion: ${V1}\nkind: ExecCredential\nstatus:\n  token: t\n`,
        given: { bearerToken: "t" },
      },
    ]
  ) {
    it(`takes ${name} [rest 9.1]`, () =>
      withPlugin(async ({ exec, writes }) => {
        writes(text);
        assert.deepEqual(await ask(execSource(exec)), given);
      }));
  }

  for (
    const { name, text, says } of [
      { name: "nothing", text: "", says: "decoding stdout: expected an object, found nothing" },
      { name: "a text", text: "Please log in", says: "decoding stdout: expected an object, found text" },
      {
        name: "broken JSON",
        text: output({ status: { token: "t" } }).slice(0, -1),
        says: "decoding stdout: ",
      },
      {
        name: "no kind",
        text: JSON.stringify({ apiVersion: V1, status: { token: "t" } }),
        says: "decoding stdout: kind is missing",
      },
      {
        name: "no apiVersion",
        text: JSON.stringify({ kind: "ExecCredential", status: { token: "t" } }),
        says: "decoding stdout: apiVersion is missing",
      },
      {
        name: "another kind",
        text: output({ kind: "TokenReview" }),
        says: "decoding stdout: its kind is not ExecCredential",
      },
      {
        name: "another version",
        text: output({ apiVersion: V1_BETA_1, status: { token: "t" } }),
        says: `exec plugin is configured to use API version ${V1}, plugin returned version ${V1_BETA_1}`,
      },
      { name: "no status", text: output({}), says: "exec plugin didn't return a status field" },
      {
        name: "an empty status",
        text: output({ status: {} }),
        says: "exec plugin didn't return a token or cert/key pair",
      },
      {
        name: "empty texts",
        text: output({ status: { token: "", clientCertificateData: "", clientKeyData: "" } }),
        says: "exec plugin didn't return a token or cert/key pair",
      },
      {
        name: "a certificate alone",
        text: output({ status: { clientCertificateData: FIRST_CERT } }),
        says: "exec plugin returned only certificate or key, not both",
      },
      {
        name: "a key alone, with a token",
        text: output({ status: { token: "t", clientKeyData: FIRST_KEY } }),
        says: "exec plugin returned only certificate or key, not both",
      },
      {
        name: "a certificate that is none",
        text: output({ status: { clientCertificateData: badCert, clientKeyData: FIRST_KEY } }),
        says: "failed parsing client leaf certificate: the certificate cannot be read",
      },
      {
        name: "a key that is none",
        text: output({ status: { clientCertificateData: FIRST_CERT, clientKeyData: badKey } }),
        says: "failed parsing client key/certificate: the key cannot be read",
      },
      {
        name: "the key of another certificate",
        text: output({ status: { clientCertificateData: FIRST_CERT, clientKeyData: SECOND_KEY } }),
        says: "failed parsing client key/certificate: the key is not that of the certificate",
      },
      {
        name: "a number as token",
        text: output({ status: { token: 1 } }),
        says: "decoding stdout: status.token: expected text, found a number",
      },
      {
        name: "a date without a time",
        text: output({ status: { token: "t", expirationTimestamp: "2026-01-01" } }),
        says: "decoding stdout: status.expirationTimestamp is not a time in RFC 3339",
      },
      {
        name: "a time that does not exist",
        text: output({ status: { token: "t", expirationTimestamp: "2026-13-01T00:00:00Z" } }),
        says: "decoding stdout: status.expirationTimestamp is not a time in RFC 3339",
      },
    ]
  ) {
    it(`refuses ${name}, and runs the plugin again the next time [rest 9.1]`, () =>
      withPlugin(async ({ exec, writes, gives }) => {
        writes(text);
        const source = execSource(exec);
        const { message } = await failureOf(source);
        assert.ok(message.startsWith(`getting credentials: ${says}`), message);
        gives({ token: "t" });
        assert.deepEqual(await ask(source), { bearerToken: "t" });
      }));
  }

  it("refuses more than 16 MiB", () =>
    withPlugin(async ({ exec, writes }) => {
      writes("x".repeat(17 * 1024 * 1024));
      assert.match((await failureOf(execSource(exec))).message, /it wrote more than 16777216 bytes/);
    }));
});

describe("execSource() and time", () => {
  const start = new Date("2026-01-01T00:00:00Z").getTime();
  const at = (time: number) => new Date(start + time).toISOString();
  for (
    const { name, expirationTimestamp, after, runs } of [
      { name: "long before they expire", expirationTimestamp: at(60_000), after: 1, runs: 1 },
      { name: "when they are just about to expire", expirationTimestamp: at(60_000), after: 60_000, runs: 1 },
      { name: "when they have expired", expirationTimestamp: at(60_000), after: 60_001, runs: 2 },
      { name: "when they had expired before they came", expirationTimestamp: at(-1), after: 0, runs: 2 },
      {
        name: "before a time in another zone",
        expirationTimestamp: "2026-01-01T01:01:00.000000001+01:00",
        after: 59_000,
        runs: 1,
      },
      { name: "that do not expire, a year later", after: 365 * 86_400_000, runs: 1 },
    ]
  ) {
    it(`has run the plugin ${runs === 1 ? "once" : "twice"} for credentials ${name} [rest 9.3]`, () =>
      withPlugin(async ({ exec, gives, ...plugin }) => {
        const clock = new ManualClock();
        gives({ token: "first", ...expirationTimestamp && { expirationTimestamp } });
        const source = execSource(exec, { clock });
        const first = await ask(source);
        await clock.advance(after);
        gives({ token: "second" });
        const second = await ask(source);
        assert.deepEqual(second, { bearerToken: runs === 1 ? "first" : "second" });
        assert.equal(second === first, runs === 1);
        assert.equal(plugin.runs().length, runs);
      }));
  }

  it("forgets the old expiry when new credentials have none [rest 9.3]", () =>
    withPlugin(async ({ exec, gives, runs }) => {
      const clock = new ManualClock();
      gives({ token: "first", expirationTimestamp: at(1_000) });
      const source = execSource(exec, { clock });
      await ask(source);
      await clock.advance(1_001);
      gives({ token: "second" });
      await ask(source);
      await clock.advance(1_000_000);
      await ask(source);
      assert.equal(runs().length, 2);
    }));

  it("keeps the object when the plugin gives the same again [rest 9.3]", () =>
    withPlugin(async ({ exec, gives, runs }) => {
      const clock = new ManualClock();
      gives({ token: "first", expirationTimestamp: at(1_000) });
      const source = execSource(exec, { clock });
      const first = await ask(source);
      await clock.advance(1_001);
      assert.equal(await ask(source), first);
      assert.equal(runs().length, 2);
    }));
});

describe("execSource() and a server that refuses the credentials", () => {
  it("runs the plugin and gives its new credentials [rest 9.3, B6]", () =>
    withPlugin(async ({ exec, gives, runs }) => {
      const source = execSource(exec);
      const refused = await ask(source);
      gives({ token: "second" });
      const second = await ask(source, refused);
      assert.deepEqual(second, { bearerToken: "second" });
      assert.equal(await ask(source), second);
      assert.equal(runs().length, 2);
    }));

  it("does not run the plugin for credentials that were renewed already [rest 9.3]", () =>
    withPlugin(async ({ exec, gives, runs }) => {
      const source = execSource(exec);
      const refused = await ask(source);
      gives({ token: "second" });
      const second = await ask(source, refused);
      assert.equal(await ask(source, refused), second);
      assert.equal(await ask(source, { ...second }), second);
      assert.equal(runs().length, 2);
    }));

  it("gives the refused object back when the plugin has nothing else [rest 9.3]", () =>
    withPlugin(async ({ exec }) => {
      const source = execSource(exec);
      const refused = await ask(source);
      assert.equal(await ask(source, refused), refused);
    }));

  it("gives the refused object back when the plugin fails, and tells onError [rest 9.3]", () =>
    withPlugin(async ({ exec, exits, gives }) => {
      const errors: string[] = [];
      const source = execSource(exec, { onError: ({ message }) => errors.push(message) });
      const refused = await ask(source);
      exits(1);
      assert.equal(await ask(source, refused), refused);
      assert.equal(errors.length, 1);
      assert.match(errors[0], /failed with exit code 1/);
      exits(0);
      gives({ token: "second" });
      assert.equal(await ask(source), refused);
      assert.deepEqual(await ask(source, refused), { bearerToken: "second" });
    }));

  it("gives a renewed certificate [rest 9.3]", () =>
    withPlugin(async ({ exec, gives }) => {
      gives({ clientCertificateData: FIRST_CERT, clientKeyData: FIRST_KEY });
      const source = execSource(exec);
      const refused = await ask(source);
      gives({ clientCertificateData: SECOND_CERT, clientKeyData: SECOND_KEY });
      assert.deepEqual(await ask(source, refused), { cert: SECOND_CERT, key: SECOND_KEY });
    }));
});

describe("execSource() and many that ask at once", () => {
  it("runs the plugin once for all of them [rest 9.3]", () =>
    withPlugin(async ({ exec, runs }) => {
      const source = execSource(exec);
      const given = await Promise.all(Array.from({ length: 50 }, () => ask(source)));
      assert.equal(new Set(given).size, 1);
      assert.equal(runs().length, 1);
    }));

  it("runs the plugin once for all whose credentials were refused [rest 9.3]", () =>
    withPlugin(async ({ exec, gives, runs }) => {
      const source = execSource(exec);
      const refused = await ask(source);
      gives({ token: "second" });
      const given = await Promise.all(Array.from({ length: 50 }, () => ask(source, refused)));
      assert.deepEqual([...new Set(given)], [{ bearerToken: "second" }]);
      assert.equal(runs().length, 2);
    }));

  it("fails for all of them when the plugin fails [rest 9.3]", () =>
    withPlugin(async ({ exec, exits, runs }) => {
      exits(2);
      const source = execSource(exec);
      const errors = await Promise.all(Array.from({ length: 5 }, () => failureOf(source)));
      assert.equal(new Set(errors).size, 1);
      assert.equal(runs().length, 1);
    }));

  it("ends a plugin that hangs when the only one that waits gives up", () =>
    withHeldPlugin(async ({ exec }, server) => {
      const controller = new AbortController();
      const asked = execSource(exec)({ signal: controller.signal });
      const plugin = await connected(server);
      const reason = new Error("enough");
      controller.abort(reason);
      await assert.rejects(async () => await asked, (error) => error === reason);
      await closed(plugin);
    }));

  it("lets one of two give up, and ends the plugin when the other does too", () =>
    withHeldPlugin(async ({ exec }, server) => {
      const source = execSource(exec);
      const [one, other] = [new AbortController(), new AbortController()];
      const asked = [source({ signal: one.signal }), source({ signal: other.signal })];
      const plugin = await connected(server);
      one.abort();
      await assert.rejects(async () => await asked[0], { name: "AbortError" });
      assert.equal(plugin.destroyed, false);
      other.abort();
      await assert.rejects(async () => await asked[1], { name: "AbortError" });
      await closed(plugin);
    }));

  it("lets one of two give up, and gives the other what the plugin writes", () =>
    withHeldPlugin(async ({ exec, runs }, server) => {
      const source = execSource(exec);
      const controller = new AbortController();
      const asked = [source({ signal: controller.signal }), ask(source)];
      const plugin = await connected(server);
      controller.abort();
      await assert.rejects(async () => await asked[0], { name: "AbortError" });
      plugin.write("go on");
      assert.deepEqual(await asked[1], { bearerToken: "first" });
      assert.equal(runs().length, 1);
    }));

  it("runs the plugin anew for one that asks after the others have given up", () =>
    withHeldPlugin(async ({ exec, set }, server) => {
      const source = execSource(exec);
      const controller = new AbortController();
      const asked = source({ signal: controller.signal });
      const plugin = await connected(server);
      controller.abort();
      await assert.rejects(async () => await asked, { name: "AbortError" });
      set("held", "");
      assert.deepEqual(await ask(source), { bearerToken: "first" });
      await closed(plugin);
    }));

  it("does not run the plugin for one that has given up before it asks", () =>
    withPlugin(async ({ exec, runs }) => {
      const source = execSource(exec);
      await assert.rejects(async () => await source({ signal: AbortSignal.abort() }), { name: "AbortError" });
      assert.equal(runs().length, 0);
    }));
});

describe("execSource() and a plugin that fails", () => {
  for (
    const { name, change, says, call } of [
      {
        name: "ends with 3",
        change: ({ exits }) => exits(3),
        says: /^getting credentials: exec: executable \S+get-token failed with exit code 3\. /,
        call: { exitCode: 3, status: "plugin_execution_error" },
      },
      {
        name: "is ended by a signal",
        change: ({ exits }) => exits("SIGKILL"),
        says: /get-token failed with exit code -1\. /,
        call: { exitCode: -1, status: "plugin_execution_error" },
      },
      {
        name: "does not exist",
        change: ({ exec }) => void (exec.command = "/no/such/get-token"),
        says:
          /^getting credentials: exec: executable \/no\/such\/get-token not found\n\nIt looks like you are/,
        call: { exitCode: 1, status: "plugin_not_found_error" },
      },
      {
        name: "is not on PATH",
        change: ({ exec }) => void (exec.command = "no-such-get-token"),
        says: /^getting credentials: exec: executable no-such-get-token not found\n/,
        call: { exitCode: 1, status: "plugin_not_found_error" },
      },
      {
        name: "is no program",
        change: ({ exec, folder }) => void (exec.command = `${folder}/plugin.mjs`),
        says: /plugin\.mjs: this process may not run it$/,
        call: { exitCode: 1, status: "plugin_not_found_error" },
      },
      {
        name: "has an argument that no program can have",
        change: ({ exec }) => void exec.args?.push("a\0b"),
        says: /get-token: starting it failed with ERR_INVALID_ARG_VALUE$/,
        call: { exitCode: 1, status: "client_internal_error" },
      },
      {
        name: "writes what cannot be read",
        change: ({ writes }) => writes("?"),
        says: /decoding stdout: /,
        call: { exitCode: 0, status: "no_error" },
      },
    ] as { name: string; change: (plugin: Plugin) => void; says: RegExp; call: PluginCall }[]
  ) {
    it(`says so when it ${name} [rest 9.4]`, () =>
      withPlugin(async (plugin) => {
        change(plugin);
        const calls: PluginCall[] = [];
        const error = await failureOf(execSource(plugin.exec, { onCall: (call) => calls.push(call) }));
        assert.match(error.message, says);
        assert.equal(error.command, plugin.exec.command);
        assert.equal(error.exitCode, call.status === "plugin_execution_error" ? call.exitCode : undefined);
        assert.deepEqual(calls, [call]);
      }));
  }

  it("counts a run that went well [rest 9.4]", () =>
    withPlugin(async ({ exec }) => {
      const calls: PluginCall[] = [];
      const source = execSource(exec, { onCall: (call) => calls.push(call) });
      await ask(source);
      await ask(source);
      assert.deepEqual(calls, [{ exitCode: 0, status: "no_error" }]);
    }));

  it("helps with a missing plugin ten times an hour [rest 9.4]", async () => {
    const clock = new ManualClock();
    const source = execSource(
      { command: "/no/such", apiVersion: V1, interactiveMode: "Never", installHint: "brew install such" },
      { clock },
    );
    const helped = async (times: number) => {
      const helped: boolean[] = [];
      for (let time = 0; time < times; time++) {
        helped.push((await failureOf(source)).message.endsWith("\n\nbrew install such"));
      }
      return helped.filter(Boolean).length;
    };
    assert.equal(await helped(12), 10);
    await clock.advance(3_599_999);
    assert.equal(await helped(1), 0);
    await clock.advance(1);
    assert.equal(await helped(12), 10);
  });

  it("leaves the generic help alone when there is no hint [rest 9.4]", async () => {
    const { message } = await failureOf(
      execSource({ command: "/no/such", apiVersion: V1, interactiveMode: "Never" }),
    );
    assert.match(message, /#client-go-credential-plugins$/);
  });

  for (
    const { name, installHint, shown } of [
      {
        name: "what a terminal obeys",
        installHint: "a\x1b[31mb\x07\x9bc\u200e",
        shown: "aU+001B[31mbU+0007U+009BcU+200E",
      },
      { name: "tabs and line breaks", installHint: "a\tb\nc\vd\fe\rf", shown: "a\tb\nc\vd\fe\rf" },
      {
        name: "letters of all scripts",
        installHint: "installiere é 日本 🙂 €",
        shown: "installiere é 日本 🙂 €",
      },
      { name: "what is outside the BMP", installHint: "\u{e0001}", shown: "U+E0001" },
    ]
  ) {
    it(`shows a hint with ${name} in a way that is safe [rest 8.5]`, async () => {
      const { message } = await failureOf(
        execSource({ command: "/no/such", apiVersion: V1, interactiveMode: "Never", installHint }),
      );
      assert.ok(message.endsWith(`\n\n${shown}`), JSON.stringify(message));
    });
  }
});

describe("execSource() and settings that cannot work", () => {
  const good: KubeconfigExec = { command: "x", apiVersion: V1, interactiveMode: "Never" };
  for (
    const { name, exec, says } of [
      { name: "no command", exec: { ...good, command: "" }, says: /exec\.command: it is not set/ },
      { name: "no apiVersion", exec: { ...good, apiVersion: "" }, says: /exec\.apiVersion: it is not set/ },
      {
        name: "v1alpha1",
        exec: { ...good, apiVersion: "client.authentication.k8s.io/v1alpha1" },
        says: /exec plugin: invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1"/,
      },
      {
        name: "no interactiveMode in v1",
        exec: { ...good, interactiveMode: undefined },
        says: /exec\.interactiveMode: it is not set/,
      },
      {
        name: "another interactiveMode",
        exec: { ...good, interactiveMode: "never" },
        says: /unknown interactiveMode: "never"/,
      },
      {
        name: "a variable without a name",
        exec: { ...good, env: [{ name: "A", value: "1" }, { value: "2" }] },
        says: /exec\.env\[1\]\.name: it is not set/,
      },
      { name: "several faults", exec: {}, says: /exec: 3 settings are wrong/ },
    ]
  ) {
    it(`refuses ${name} at once [rest 8.7, 9.1, 9.2]`, () => {
      assert.throws(() => execSource(exec), (error) => isConfigError(error) && says.test(error.message));
    });
  }
});

describe("The policy of execSource()", () => {
  const allowlists: Record<string, (plugin: Plugin, command: string) => PluginOptions["policy"]> = {
    "no allowlist": () => ({}),
    "an empty allowlist": () => ({ allowlist: [] }),
    "an allowlist that has the command as it is": (_, command) => ({ allowlist: [{ command }] }),
    "an allowlist that has the command's path": (plugin) => ({ allowlist: [{ command: plugin.command }] }),
    "an allowlist that has the command's name": () => ({
      allowlist: [{ command: "other" }, { command: "get-token" }],
    }),
    "an allowlist of others": () => ({ allowlist: [{ command: "/bin/get-token" }, { command: "get-tok" }] }),
    "an allowlist with an empty entry": (_, command) => ({ allowlist: [{ command }, { command: "" }] }),
    "an allowlist with a path that is not clean": (_, command) => ({
      allowlist: [{ command }, { command: "/bin/../get" }],
    }),
  };
  const commands: Record<string, (plugin: Plugin) => string> = {
    bare: () => "get-token",
    relative: ({ command }) => relative(process.cwd(), command),
    absolute: ({ command }) => command,
  };

  const outcomeOf = (policyType: string, list: string): "allowed" | "denied" | RegExp => {
    if (!["", "AllowAll", "DenyAll", "Allowlist"].includes(policyType)) {
      return /invalid plugin policy: unknown plugin policy: "Some"/;
    }
    if (policyType !== "Allowlist") {
      if (list !== "no allowlist") return /invalid plugin policy: .*and there is an allowlist too/;
      return policyType === "DenyAll" ? "denied" : "allowed";
    }
    switch (list) {
      case "no allowlist":
        return /invalid plugin policy: the allowlist is unspecified/;
      case "an empty allowlist":
        return /the allowlist is empty\. Use the policyType "DenyAll"/;
      case "an allowlist with an empty entry":
        return /entry 2 of the allowlist is empty/;
      case "an allowlist with a path that is not clean":
        return /non-normalized file path: "\/bin\/\.\.\/get"/;
      default:
        return list === "an allowlist of others" ? "denied" : "allowed";
    }
  };

  for (const policyType of ["", "AllowAll", "DenyAll", "Allowlist", "Some"] as const) {
    for (const [list, allowlistFor] of Object.entries(allowlists)) {
      for (const [kind, commandOf] of Object.entries(commands)) {
        const outcome = outcomeOf(policyType, list);
        const verb = outcome === "allowed" ? "lets" : outcome === "denied" ? "denies" : "is wrong for";
        it(`"${policyType}" with ${list} ${verb} a command that is ${kind} [rest 9.5]`, () =>
          withPlugin(async (plugin) => {
            const command = commandOf(plugin);
            const decisions: string[] = [];
            const source = execSource({ ...plugin.exec, command }, {
              env: { ...process.env, PATH: `${plugin.folder}:${process.env.PATH}` },
              policy: { policyType, ...allowlistFor(plugin, command) } as PluginOptions["policy"],
              onPolicyCall: (decision) => decisions.push(decision),
            });
            if (outcome === "allowed") {
              assert.deepEqual(await ask(source), { bearerToken: "first" });
            } else if (outcome === "denied") {
              const shown = JSON.stringify(command);
              assert.equal(
                (await failureOf(source)).message,
                policyType === "DenyAll"
                  ? `getting credentials: plugin ${shown} not allowed: policy set to "DenyAll"`
                  : `getting credentials: plugin path ${shown} is not permitted by the credential plugin allowlist`,
              );
            } else {
              await assert.rejects(
                ask(source),
                (error) => isConfigError(error) && outcome.test(error.message),
              );
            }
            assert.deepEqual(decisions, typeof outcome === "string" ? [outcome] : []);
            assert.equal(plugin.runs().length, outcome === "allowed" ? 1 : 0);
          }));
      }
    }
  }

  it("allows a command that is listed as it is, though it cannot be found, which is then the failure [rest 9.5]", async () => {
    const policy = { policyType: "Allowlist", allowlist: [{ command: "no-such-plugin" }] } as const;
    const exec = { command: "no-such-plugin", apiVersion: V1, interactiveMode: "Never" };
    assert.match((await failureOf(execSource(exec, { policy }))).message, /no-such-plugin not found/);
  });

  it("denies a command that is not listed as it is and cannot be found [rest 9.5]", async () => {
    const policy = { policyType: "Allowlist", allowlist: [{ command: "/bin/no-such-plugin" }] } as const;
    const exec = { command: "no-such-plugin", apiVersion: V1, interactiveMode: "Never" };
    assert.match(
      (await failureOf(execSource(exec, { policy }))).message,
      /plugin path "no-such-plugin" cannot be resolved for credential plugin allowlist check: /,
    );
  });

  it("decides before each run [rest 9.5]", () =>
    withPlugin(async ({ exec }) => {
      const decisions: string[] = [];
      const source = execSource(exec, { onPolicyCall: (decision) => decisions.push(decision) });
      const refused = await ask(source);
      await ask(source);
      await ask(source, refused);
      assert.deepEqual(decisions, ["allowed", "allowed"]);
    }));
});

async function ask(source: CredentialSource, refused?: Credentials): Promise<Credentials> {
  return await source({ signal, refused });
}

async function failureOf(source: CredentialSource): Promise<ExecPluginError> {
  const error = await ask(source).then(() => undefined, (error) => error);
  assert.ok(isExecPluginError(error), `not an ExecPluginError: ${error}`);
  return error;
}

/** A plugin that connects to the server, and then waits to be told to go on. */
async function withHeldPlugin(use: (plugin: Plugin, server: Server) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  try {
    await withPlugin(async (plugin) => {
      plugin.set("held", String(port));
      await use(plugin, server);
    });
  } finally {
    server.close();
  }
}

async function connected(server: Server): Promise<Socket> {
  const [socket] = await once(server, "connection") as [Socket];
  socket.on("error", () => {}); // a process that is told to end may reset its connections
  socket.resume();
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}
