import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../testing/seeded_random.ts";
import {
  type Kubeconfig,
  mergeKubeconfigs,
  parseKubeconfig,
  redactKubeconfig,
  restConfigFrom,
} from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { CA, CANARY, CERT, KEY, kubeconfigText } from "./material.ts";

/** One test each, since runners give a test five seconds. */
const SEEDS = [20_260_726, 1, 2, 3, 4, 5, 6, 7];
const ROUNDS = 150;
const SECRET = `${CANARY}-secret`;

const YAML = `
apiVersion: v1
kind: Config
current-context: dev
preferences: {}
clusters:
- name: east
  cluster:
    server: https://east:6443
    certificate-authority-data: ${btoa(CA)}
    extensions: &extensions
    - {name: a, extension: {b: [1, true, null]}}
users:
- name: ci
  user:
    token: ${SECRET}
    client-certificate-data: ${btoa(CERT)}
    client-key-data: >-
      ${btoa(KEY)}
    extensions: *extensions
- name: admin
  user: {username: root, password: "${SECRET}"}
contexts:
- {name: dev, context: {cluster: east, user: ci, namespace: shop}}
- {name: ops, context: {cluster: east, user: admin}}
`;

/** What breaks parsers, and what this one looks for. */
const PIECES = [
  ..."{}[]:,-#&*!|>'\"%@`?\t\n\r\0\ufeff\u2028\ud800 ",
  ...[
    "---\n",
    "...\n",
    "- ",
    ": ",
    "<<: ",
    "&a ",
    "*a ",
    "? ",
    "|\n",
    "null",
    "~",
    "0x1",
    "1e999",
    "\\u0000",
  ],
  ...["__proto__: ", "constructor: ", "toString: ", "prototype", "!!binary ", "!!set ", "%YAML 1.1\n---\n"],
  ...["exec: {}", "as: root", "proxy-url: x", "tokenFile: .", "client-key: ", "cluster: ", "name: "],
];

/** What a field may hold by mistake. */
const VALUES = [null, true, 0, -1, 1e21, "", "x", "\0", [], {}, [null], [[]], { name: "x" }, [{ name: "x" }]];

describe("A mangled kubeconfig is read, or refused with a ConfigError without secrets", () => {
  for (const seed of SEEDS) {
    it(`as text, seed ${seed}`, async () => {
      const random = seededRandom(seed);
      for (let round = 0; round < ROUNDS; round++) {
        let text = random() < 0.8 ? YAML : kubeconfigText({ user: { token: SECRET } });
        for (let change = 0; change <= random() * 4; change++) text = mangle(text, random);
        await tryAll(text, `round ${round} of seed ${seed}`);
      }
    });

    it(`as values, seed ${seed}`, async () => {
      const random = seededRandom(seed);
      const base = await parseKubeconfig(YAML);
      for (let round = 0; round < ROUNDS; round++) {
        let value: unknown = base;
        for (let change = 0; change <= random() * 3; change++) value = replaceSomething(value, random);
        await tryAll(JSON.stringify(value), `round ${round} of seed ${seed}`);
      }
    });
  }
});

async function tryAll(text: string, round: string): Promise<void> {
  const before = Reflect.ownKeys(Object.prototype).length;
  try {
    const kubeconfig = await parseKubeconfig(text);
    const merged = mergeKubeconfigs([kubeconfig, { clusters: [], users: [], contexts: [] }]);
    redactKubeconfig(merged);
    await useAll(merged, round);
  } catch (error) {
    checkError(error, round);
  }
  assert.equal(Reflect.ownKeys(Object.prototype).length, before, round);
}

async function useAll(kubeconfig: Kubeconfig, round: string): Promise<void> {
  for (const { name } of kubeconfig.contexts) {
    try {
      await restConfigFrom(kubeconfig, { context: name });
    } catch (error) {
      checkError(error, round);
    }
  }
}

function checkError(error: unknown, round: string): void {
  assert.ok(isConfigError(error), `${round}: ${error instanceof Error ? error.stack : error}`);
  assert.ok(!error.message.includes(CANARY), `${round}: ${error.message}`);
}

function mangle(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const length = Math.floor(random() ** 3 * 40);
  const piece = PIECES[Math.floor(random() * PIECES.length)];
  switch (Math.floor(random() * 5)) {
    case 0: // lost
      return text.slice(0, at) + text.slice(at + length + 1);
    case 1: // inserted
      return text.slice(0, at) + piece + text.slice(at);
    case 2: // overwritten
      return text.slice(0, at) + piece + text.slice(at + piece.length);
    case 3: // there twice
      return text.slice(0, at + length) + text.slice(at);
    default: // cut off
      return random() < 0.2 ? text.slice(0, at) : text + piece;
  }
}

function replaceSomething(value: unknown, random: () => number): unknown {
  const replace = () => VALUES[Math.floor(random() * VALUES.length)];
  if (typeof value !== "object" || value === null || random() < 0.1) return replace();
  const keys = Object.keys(value);
  if (keys.length === 0) return replace();
  const key = keys[Math.floor(random() * keys.length)];
  if (Array.isArray(value)) {
    return value.map((item, at) => String(at) === key ? replaceSomething(item, random) : item);
  }
  return { ...value, [key]: replaceSomething((value as Record<string, unknown>)[key], random) };
}
