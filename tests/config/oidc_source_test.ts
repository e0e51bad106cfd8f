import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import {
  isAuthProviderError,
  loadConfig,
  oidcSource,
  type OidcSourceOptions,
  parseKubeconfig,
  persistAuthProvider,
  restConfigFrom,
} from "@coxswain/kube/config";
import { isConfigError, isNetworkError, RestClient } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { withFiles } from "./folder.ts";
import { CANARY, CERT, KEY, kubeconfigText } from "./material.ts";
import { showsNoSecret } from "./shows_no_secret.ts";
import { OTHER_CA, PROVIDER_CA, tokenOf, type TokenServer, withTokenServer } from "./token_server.ts";

const NEVER = new AbortController().signal;
const ISSUER = { "idp-issuer-url": "https://login.example.com", "client-id": "kube" };
const clock = new ManualClock();
/** Seconds since 1970, by the clock of these tests. */
const NOW = clock.date().getTime() / 1000;
const GOOD = tokenOf({ exp: NOW + 3600, n: 1 });
const NEWER = tokenOf({ exp: NOW + 7200, n: 2 });
const EXPIRED = tokenOf({ exp: NOW - 1 });

/** The settings of a client of `server`, whose token has expired. */
const settingsFor = ({ issuer }: TokenServer, others: Record<string, string> = {}) => ({
  "idp-issuer-url": issuer,
  "client-id": "kube",
  "id-token": EXPIRED,
  "refresh-token": "refresh-1",
  ...others,
});

const gives = (server: TokenServer, body: unknown = { id_token: NEWER }) => {
  server.answer = () => ({ body });
};

describe("oidcSource()", () => {
  for (
    const { name, claims } of [
      { name: "an integer", claims: { exp: Math.floor(NOW) + 3600 } },
      { name: "a fraction", claims: { exp: NOW + 10.5 } },
      { name: "beyond ASCII beside it", claims: { exp: NOW + 3600, name: "Zoë 🦀 ???>>>" } },
    ]
  ) {
    it(`uses a token that is good, whose expiry is ${name} [rest 9.7]`, async () => {
      const token = tokenOf(claims);
      const source = oidcSource({ ...ISSUER, "id-token": token }, { clock });
      const first = await source({ signal: NEVER });
      assert.deepEqual(first, { bearerToken: token });
      assert.equal(await source({ signal: NEVER }), first);
    });
  }

  for (
    const { name, token } of [
      { name: "has expired", token: EXPIRED },
      { name: "expires in 10 seconds", token: tokenOf({ exp: NOW + 10 }) },
      { name: "does not say when it expires", token: tokenOf({}) },
      { name: "is missing", token: "" },
    ]
  ) {
    it(`needs a refresh-token when the id-token ${name} [rest 9.7]`, async () => {
      const source = oidcSource({ ...ISSUER, "id-token": token }, { clock });
      await assert.rejects(async () => await source({ signal: NEVER }), {
        name: "AuthProviderError",
        message:
          /^getting credentials: oidc: No valid id-token, and cannot refresh without refresh-token\. Log/,
      });
    });
  }

  for (
    const { name, token, says } of [
      {
        name: "not three parts",
        token: `a.${CANARY}`,
        says: /the id-token is not a JSON Web Token\. Log in again/,
      },
      {
        name: "a payload that is no base64",
        token: `a.*${CANARY}*.c`,
        says: /the payload of the id-token cannot/,
      },
      {
        name: "a payload that is no JSON",
        token: `a.${btoa(CANARY)}.c`,
        says: /the payload of the id-token cannot/,
      },
      {
        name: "a payload that is a list",
        token: tokenOf([CANARY]),
        says: /the payload of the id-token cannot/,
      },
      {
        name: "an expiry in words",
        token: tokenOf({ exp: CANARY }),
        says: /the expiry of the id-token is not a/,
      },
    ]
  ) {
    it(`fails for a token with ${name} [rest 9.7]`, async () => {
      const source = oidcSource({ ...ISSUER, "id-token": token, "refresh-token": "x" }, { clock });
      await assert.rejects(async () => await source({ signal: NEVER }), (error) => {
        assert.ok(isAuthProviderError(error));
        assert.match(error.message, says);
        showsNoSecret(error);
        return true;
      });
    });
  }

  for (
    const { name, change, setting } of [
      { name: "no issuer", change: { "idp-issuer-url": "" }, setting: "auth-provider.config.idp-issuer-url" },
      { name: "no client", change: { "client-id": "" }, setting: "auth-provider.config.client-id" },
      {
        name: "an issuer that is no URL",
        change: { "idp-issuer-url": "login.example.com" },
        setting: "auth-provider.config.idp-issuer-url",
      },
      {
        name: "an authority that is not base64",
        change: { "idp-certificate-authority-data": "*" },
        setting: "auth-provider.config.idp-certificate-authority-data",
      },
    ]
  ) {
    it(`refuses ${name} [rest 9.7]`, () => {
      const check = (error: unknown) => isConfigError(error) && error.setting === setting;
      assert.throws(() => oidcSource({ ...ISSUER, ...change } as Record<string, string>), check);
    });
  }

  for (const [slash, path] of [["", ""], ["/", "/realms/shop"]]) {
    it(`asks the issuer ${path}${slash} for its endpoint, and that for a token [rest 9.7]`, () =>
      withTokenServer(async (server) => {
        gives(server);
        const settings = { ...settingsFor(server), "idp-issuer-url": server.issuer + slash };
        const source = oidcSource(settings, { clock });
        assert.deepEqual(await source({ signal: NEVER }), { bearerToken: NEWER });
        assert.deepEqual(server.requests, [
          {
            method: "GET",
            path: `${path}/.well-known/openid-configuration`,
            authorization: undefined,
            form: {},
          },
          {
            method: "POST",
            path: `${path}/token?a=b`,
            authorization: undefined,
            form: { grant_type: "refresh_token", refresh_token: "refresh-1", client_id: "kube" },
          },
        ]);
        await source({ signal: NEVER });
        assert.equal(server.requests.length, 2);
      }, { path }));
  }

  for (
    const { name, answer, expected } of [
      { name: "keeps a refresh-token that stays", answer: { id_token: NEWER }, expected: "refresh-1" },
      {
        name: "takes a new refresh-token",
        answer: { id_token: NEWER, refresh_token: "refresh-2" },
        expected: "refresh-2",
      },
      { name: "takes no empty one", answer: { id_token: NEWER, refresh_token: "" }, expected: "refresh-1" },
    ]
  ) {
    it(`${name}, and hands all settings on to be kept [rest 9.7]`, () =>
      withTokenServer(async (server) => {
        gives(server, answer);
        const kept: unknown[] = [];
        const settings = settingsFor(server, { "extra-scopes": "groups" });
        const source = oidcSource(settings, { clock, persist: (config) => void kept.push(config) });
        await source({ signal: NEVER });
        await source({ signal: NEVER });
        assert.deepEqual(kept, [{ ...settings, "id-token": NEWER, "refresh-token": expected }]);
        assert.equal(settings["id-token"], EXPIRED);
      }));
  }

  it("says who the client is in a header, encoded [rest 9.7]", () =>
    withTokenServer(async (server) => {
      gives(server);
      const settings = settingsFor(server, { "client-id": "a b:c", "client-secret": "s%é" });
      await oidcSource(settings, { clock })({ signal: NEVER });
      const { authorization = "", form } = server.requests[1];
      assert.equal(atob(authorization.replace("Basic ", "")), "a+b%3Ac:s%25%C3%A9");
      assert.deepEqual(Object.keys(form), ["grant_type", "refresh_token"]);
    }));

  it("says it in the form where the provider wants that [rest 9.7]", () =>
    withTokenServer(async (server) => {
      gives(server);
      server.discovery = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
      await oidcSource(settingsFor(server, { "client-secret": "s" }), { clock })({ signal: NEVER });
      const { authorization, form } = server.requests[1];
      assert.deepEqual([authorization, form.client_id, form.client_secret], [undefined, "kube", "s"]);
    }));

  it("tries the other way when the client is not known in one [rest 9.7]", () =>
    withTokenServer(async (server) => {
      server.answer = ({ authorization }) =>
        authorization ? { status: 401, body: { error: "invalid_client" } } : { body: { id_token: NEWER } };
      await oidcSource(settingsFor(server, { "client-secret": "s" }), { clock })({ signal: NEVER });
      assert.equal(server.requests.length, 3);
    }));

  it("shares one refresh among all that need it", () =>
    withTokenServer(async (server) => {
      gives(server);
      const source = oidcSource(settingsFor(server), { clock });
      const all = await Promise.all(Array.from({ length: 20 }, () => source({ signal: NEVER })));
      assert.equal(server.requests.length, 2);
      assert.equal(new Set(all).size, 1);
    }));

  it("gets a new token when the server refuses one that seems good, unlike client-go [B6]", () =>
    withTokenServer(async (server) => {
      gives(server);
      const source = oidcSource(settingsFor(server, { "id-token": GOOD }), { clock });
      const first = await source({ signal: NEVER });
      assert.deepEqual(first, { bearerToken: GOOD });
      const second = await source({ signal: NEVER, refused: first });
      assert.deepEqual(second, { bearerToken: NEWER });
      assert.equal(await source({ signal: NEVER, refused: first }), second);
      assert.equal(server.requests.length, 2);
    }));

  it("has nothing better to offer when a token is refused and there is no new one", () =>
    withTokenServer(async (server) => {
      const errors: Error[] = [];
      const onError = (error: Error) => void errors.push(error);
      const source = oidcSource(settingsFor(server, { "id-token": GOOD }), { clock, onError });
      const first = await source({ signal: NEVER });
      assert.equal(await source({ signal: NEVER, refused: first }), first);
      assert.deepEqual(errors.map(({ name }) => name), ["AuthProviderError"]);
    }));

  it("fails when new settings cannot be kept, and tries to keep them again, with no other token [rest 9.7]", () =>
    withTokenServer(async (server) => {
      gives(server, { id_token: NEWER, refresh_token: "refresh-2" });
      const reason = new Error("disk full");
      const failures = [reason, reason];
      const kept: unknown[] = [];
      const persist: OidcSourceOptions["persist"] = (config) => {
        const failure = failures.pop();
        if (failure) throw failure;
        kept.push(config["refresh-token"]);
      };
      const source = oidcSource(settingsFor(server), { clock, persist });
      await assert.rejects(async () => await source({ signal: NEVER }), reason);
      await assert.rejects(async () => await source({ signal: NEVER }), reason);
      assert.deepEqual(await source({ signal: NEVER }), { bearerToken: NEWER });
      assert.deepEqual(kept, ["refresh-2"]);
      assert.equal(server.requests.length, 2);
    }));

  it("keeps new settings once, whoever asks meanwhile [rest 9.7]", () =>
    withTokenServer(async (server) => {
      gives(server);
      const [called, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let calls = 0;
      const persist = () => {
        calls++;
        called.resolve();
        return held.promise;
      };
      const source = oidcSource(settingsFor(server), { clock, persist });
      const first = source({ signal: NEVER });
      await called.promise;
      const second = source({ signal: NEVER });
      held.resolve();
      assert.deepEqual(await Promise.all([first, second]), [{ bearerToken: NEWER }, { bearerToken: NEWER }]);
      assert.deepEqual([calls, server.requests.length], [1, 2]);
    }));

  it("lets one that waits give up and the others have the token", () =>
    withTokenServer(async (server) => {
      const held = Promise.withResolvers<void>();
      server.answer = async () => {
        await held.promise;
        return { body: { id_token: NEWER } };
      };
      const source = oidcSource(settingsFor(server), { clock });
      const controller = new AbortController();
      const reason = new Error("enough");
      const impatient = source({ signal: controller.signal });
      const patient = source({ signal: NEVER });
      controller.abort(reason);
      await assert.rejects(async () => await impatient, reason);
      held.resolve();
      assert.deepEqual(await patient, { bearerToken: NEWER });
    }));

  for (const how of ["data", "file"] as const) {
    it(`believes the authority in a ${how} [rest 9.7]`, () =>
      withFiles({ "ca.pem": PROVIDER_CA }, (folder) =>
        withTokenServer(async (server) => {
          gives(server);
          const authority: Record<string, string> = how === "data"
            ? { "idp-certificate-authority-data": btoa(PROVIDER_CA), "idp-certificate-authority": "/no/such" }
            : { "idp-certificate-authority": join(folder, "ca.pem") };
          const source = oidcSource(settingsFor(server, authority), { clock });
          assert.deepEqual(await source({ signal: NEVER }), { bearerToken: NEWER });
        }, { tls: true })));
  }

  for (
    const { name, settings, check } of [
      {
        name: "another authority",
        settings: { "idp-certificate-authority-data": btoa(OTHER_CA) },
        check: (error: unknown) => isNetworkError(error) && error.reason === "tls",
      },
      {
        name: "a file that does not exist",
        settings: { "idp-certificate-authority": "/no/such" },
        check: (error: unknown) =>
          isConfigError(error) && error.setting === "auth-provider.config.idp-certificate-authority" &&
          /does not exist/.test(error.message),
      },
      {
        name: "an authority that is no certificate",
        settings: { "idp-certificate-authority-data": btoa("x") },
        check: (error: unknown) =>
          isConfigError(error) && error.setting === "auth-provider.config.idp-certificate-authority",
      },
    ]
  ) {
    it(`sends nothing with ${name} [rest 9.7]`, () =>
      withTokenServer(async (server) => {
        gives(server);
        const source = oidcSource(settingsFor(server, settings as Record<string, string>), { clock });
        await assert.rejects(async () => await source({ signal: NEVER }), (error) => {
          assert.ok(check(error), inspect(error));
          return true;
        });
        assert.equal(server.requests.length, 0);
      }, { tls: true }));
  }

  it("does not send a token to an endpoint without TLS that an issuer with TLS names", async () => {
    const asked: string[] = [];
    const source = oidcSource({ ...ISSUER, "refresh-token": "x" }, {
      clock,
      fetch: (url) => {
        asked.push(String(url));
        return Promise.resolve(Response.json({ token_endpoint: "http://login.example.com/token" }));
      },
    });
    await assert.rejects(async () => await source({ signal: NEVER }), /token_endpoint is not https/);
    assert.deepEqual(asked, ["https://login.example.com/.well-known/openid-configuration"]);
  });
});

describe("A message about an identity provider", () => {
  const SECRET = `${CANARY}-secret`;
  for (
    const { name, discovery = {}, answer = { body: {} }, says } of [
      {
        name: "no id_token",
        answer: { body: { access_token: SECRET } },
        says: /did not contain an id_token/,
      },
      {
        name: "an id_token that is none",
        answer: { body: { id_token: SECRET } },
        says: /is not a JSON Web Token/,
      },
      { name: "a list", answer: { body: [SECRET] }, says: /did not contain an id_token/ },
      { name: "no JSON", answer: { body: `${SECRET}{` }, says: /answer to POST \S+ is not JSON/ },
      { name: "a page", answer: { body: SECRET, type: "text/html" }, says: /answer to POST \S+ is not JSON/ },
      {
        name: "a refusal that repeats the token",
        answer: { status: 400, body: { error: "invalid_grant", error_description: SECRET } },
        says: /the provider answered with status 400 \(invalid_grant\)\. Log in again/,
      },
      {
        name: "a refusal in its own words",
        answer: { status: 403, body: { error: SECRET } },
        says: /answered with status 403\. Log in again/,
      },
      {
        name: "a refusal as text",
        answer: { status: 500, body: SECRET, type: "text/plain" },
        says: /answered with status 500\./,
      },
      {
        name: "a Kubernetes Status",
        answer: { body: { kind: "Status", apiVersion: "v1", status: "Failure", message: SECRET, code: 401 } },
        says: /status 401/,
      },
      { name: "a redirect", answer: { status: 302, body: SECRET }, says: /status 302/ },
      { name: "no endpoint", discovery: { token_endpoint: undefined }, says: /names no token_endpoint/ },
      {
        name: "an endpoint that is no URL",
        discovery: { token_endpoint: SECRET },
        says: /names no token_endpoint/,
      },
    ] as {
      name: string;
      discovery?: Record<string, unknown>;
      answer?: { status?: number; body: unknown; type?: string };
      says: RegExp;
    }[]
  ) {
    it(`shows no secret when it gives ${name} [rest 9.7]`, () =>
      withTokenServer(async (server) => {
        server.discovery = discovery;
        server.answer = () => answer;
        const settings = settingsFor(server, { "refresh-token": SECRET, "client-secret": SECRET });
        const source = oidcSource(settings, { clock });
        await assert.rejects(async () => await source({ signal: NEVER }), (error) => {
          assert.ok(isAuthProviderError(error), inspect(error));
          assert.equal(error.provider, "oidc");
          assert.match(error.message, says);
          showsNoSecret(error);
          return true;
        });
      }));
  }

  it("shows no secret when it cannot be reached", async () => {
    const settings = {
      "idp-issuer-url": "http://127.0.0.1:1",
      "client-id": "kube",
      "refresh-token": SECRET,
      "client-secret": SECRET,
    };
    const controller = new AbortController();
    const impatient = new ManualClock();
    const asked = Promise.resolve(oidcSource(settings, { clock: impatient })({ signal: controller.signal }));
    const failed = assert.rejects(asked, (error) => {
      assert.ok(isNetworkError(error), inspect(error));
      showsNoSecret(error);
      return true;
    });
    let isOver = false;
    failed.finally(() => isOver = true).catch(() => {});
    while (!isOver) await Promise.all([impatient.advance(1_000), setImmediate()]);
    await failed;
  });
});

describe("A user with an auth-provider", () => {
  const kubeconfigFor = (config: Record<string, string>, user: Record<string, unknown> = {}) =>
    kubeconfigText({ user: { "auth-provider": { name: "oidc", config }, ...user } });

  it("has new tokens written to the file that the old ones came from [rest 8.8, 9.7]", () =>
    withTokenServer((server) =>
      withFiles({}, async (folder) => {
        const file = join(folder, "config");
        gives(server, { id_token: NEWER, refresh_token: "refresh-2" });
        const text = `# mine
current-context: dev
clusters: [ { name: east, cluster: { server: https://east:6443 } } ]
contexts: [ { name: dev, context: { cluster: east, user: ci } } ]
users:
- name: ci
  user:
    auth-provider:
      config:
        client-id: kube # ours
        id-token: ${EXPIRED}
        idp-issuer-url: ${server.issuer}
        refresh-token: refresh-1
      name: oidc
`;
        await import("node:fs/promises").then(({ writeFile }) => writeFile(file, text));
        const { credentials } = await loadConfig({ kubeconfig: file, clock });
        assert.equal(readFileSync(file, "utf8"), text);
        assert.deepEqual(await credentials?.({ signal: NEVER }), { bearerToken: NEWER });
        assert.equal(
          readFileSync(file, "utf8"),
          text.replace(EXPIRED, NEWER).replace("refresh-1", "refresh-2"),
        );
      })
    ));

  it("keeps new tokens to itself where they come from no file, or the program says so", () =>
    withTokenServer((server) =>
      withFiles({}, async (folder) => {
        gives(server);
        const file = join(folder, "config");
        const text = kubeconfigFor(settingsFor(server));
        const provider = JSON.parse(text).users[0].user["auth-provider"];
        const plain = await parseKubeconfig(kubeconfigText({ user: {} }), { file });
        for (
          const config of [
            await restConfigFrom(await parseKubeconfig(text), { clock }),
            await restConfigFrom(await parseKubeconfig(text, { file }), {
              clock,
              authProvider: { persist() {} },
            }),
            await restConfigFrom(plain, { clock, overrides: { user: { "auth-provider": provider } } }),
          ]
        ) assert.deepEqual(await config.credentials?.({ signal: NEVER }), { bearerToken: NEWER });
      })
    ));

  it("sends its requests with the token, and with a new one when that is refused [rest 9.7]", () =>
    withTokenServer(async (provider) => {
      gives(provider);
      const seen: (string | undefined)[] = [];
      const api = createServer((request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(request.headers.authorization === `Bearer ${NEWER}` ? 200 : 401).end("{}");
      });
      await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
      const credentials = oidcSource(settingsFor(provider, { "id-token": GOOD }), { clock });
      const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
      const rest = new RestClient({ server, credentials });
      try {
        assert.deepEqual(await (await rest.get().absolutePath("/version").send()).json(), {});
        assert.deepEqual(seen, [`Bearer ${GOOD}`, `Bearer ${NEWER}`]);
        const own = rest.get().absolutePath("/version").header("Authorization", `Bearer ${NEWER}`);
        await (await own.send()).json();
      } finally {
        await rest[Symbol.asyncDispose]();
        api.closeAllConnections();
        await new Promise((resolve) => api.close(resolve));
      }
    }));

  for (
    const { name, user, expected } of [
      { name: "a token", user: { token: "abc" }, expected: [undefined, "abc"] },
      { name: "a password", user: { username: "u", password: "p" }, expected: [undefined, undefined] },
    ]
  ) {
    it(`does not need it beside ${name} [rest 9.7]`, async () => {
      const text = kubeconfigFor({ ...ISSUER, "id-token": GOOD }, user);
      const { credentials, bearerToken } = await restConfigFrom(await parseKubeconfig(text));
      assert.deepEqual([credentials, bearerToken], expected);
    });
  }

  it("uses it beside a client certificate [rest 9.7]", async () => {
    const certificate = { "client-certificate-data": btoa(CERT), "client-key-data": btoa(KEY) };
    const text = kubeconfigFor({ ...ISSUER, "id-token": GOOD }, certificate);
    const { credentials } = await restConfigFrom(await parseKubeconfig(text), { clock });
    assert.deepEqual(await credentials?.({ signal: NEVER }), { bearerToken: GOOD, cert: CERT, key: KEY });
  });

  for (
    const { name, provider, setting, says } of [
      {
        name: "gcp",
        provider: { name: "gcp", config: { "access-token": CANARY } },
        setting: "auth-provider.name",
        says:
          /the gcp auth plugin has been removed \(.*\)\. Use the credential plugin gke-gcloud-auth-plugin/,
      },
      {
        name: "azure",
        provider: { name: "azure", config: { "access-token": CANARY } },
        setting: "auth-provider.name",
        says: /the azure auth plugin has been removed \(.*\)\. Use the credential plugin kubelogin/,
      },
      {
        name: "an unknown provider",
        provider: { name: "openstack" },
        setting: "auth-provider.name",
        says: /no Auth Provider found for name "openstack"/,
      },
      {
        name: "a provider without a name",
        provider: {},
        setting: "auth-provider.name",
        says: /no Auth Provider found for name ""/,
      },
      {
        name: "oidc without a client",
        provider: { name: "oidc", config: { "idp-issuer-url": "https://a" } },
        setting: "auth-provider.config.client-id",
        says: /it is not set \(context "dev"\)/,
      },
    ]
  ) {
    it(`is refused for ${name} [rest 9.7]`, async () => {
      const text = kubeconfigText({ user: { "auth-provider": provider } });
      await assert.rejects(restConfigFrom(await parseKubeconfig(text)), (error) => {
        assert.ok(isConfigError(error));
        assert.equal(error.setting, `users["ci"].user.${setting}`);
        assert.match(error.message, says);
        showsNoSecret(error);
        return true;
      });
    });
  }

  it("is left out without TLS, like all credentials [rest 8.5]", async () => {
    const provider = { "auth-provider": { name: "gcp" } };
    const text = kubeconfigText({ cluster: { server: "http://east" }, user: provider });
    assert.equal((await restConfigFrom(await parseKubeconfig(text))).credentials, undefined);
  });
});

describe("persistAuthProvider()", () => {
  for (
    const { name, text } of [
      { name: "a user that is gone", text: "users: [{name: other, user: {auth-provider: {name: oidc}}}]" },
      { name: "a user without a provider", text: "users: [{name: ci, user: {token: abc}}]" },
      { name: "a file that is gone", text: undefined },
    ]
  ) {
    it(`does nothing for ${name} [rest 8.8]`, () =>
      withFiles(text === undefined ? {} : { config: text }, async (folder) => {
        const file = join(folder, "config");
        await persistAuthProvider(file, "ci", { "id-token": "x" });
        if (text !== undefined) assert.equal(readFileSync(file, "utf8"), text);
      }));
  }

  it("fails when the file is locked, without the tokens in the message [rest 8.8]", () =>
    withFiles({ config: "", "config.lock": "" }, async (folder) => {
      const failing = persistAuthProvider(join(folder, "config"), "ci", { "id-token": CANARY });
      await assert.rejects(failing, (error) => {
        assert.match(String(error), /it is locked/);
        showsNoSecret(error);
        return true;
      });
    }));
});
