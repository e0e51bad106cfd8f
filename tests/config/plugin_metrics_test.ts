import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { execSource, parseKubeconfig, type PluginPolicy, restConfigFrom } from "@coxswain/kube/config";
import { PrometheusMeter } from "@coxswain/kube/observe";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, FIRST_KEY, SECOND_CERT, SECOND_KEY } from "./client_certificates.ts";
import { pem } from "../runtimes/roads.ts";
import { kubeconfigText } from "./material.ts";
import { type Plugin, withPlugin } from "./plugin.ts";

const { signal } = new AbortController();
const FIRST = { clientCertificateData: FIRST_CERT, clientKeyData: FIRST_KEY };
const SECOND = { clientCertificateData: SECOND_CERT, clientKeyData: SECOND_KEY };
/** Valid from 2020 to 2120, which is less long than the others. */
const THIRD = { clientCertificateData: pem("ec-sec1"), clientKeyData: pem("ec-sec1-key") };
const CALLS = "rest_client_exec_plugin_call_total";
const POLICY_CALLS = "rest_client_exec_plugin_policy_call_total";
const TTL = "rest_client_exec_plugin_ttl_seconds";
const ROTATION_AGE = "rest_client_exec_plugin_certificate_rotation_age";

/** The samples of a metric, without its name. */
function samples(meter: PrometheusMeter, name: string): string[] {
  const lines = meter.text().split("\n").filter((line) => line.startsWith(name));
  return lines.map((line) => line.slice(name.length).trim());
}

const ttlOf = (cert: string, clock: ManualClock) =>
  (Date.parse(new X509Certificate(cert).validTo) - clock.date().getTime()) / 1000;

/** Asks a configuration made from a kubeconfig for credentials, as a request does. */
async function askConfig(
  { exec }: Plugin,
  { meter, policy, command }: { meter: PrometheusMeter; policy?: PluginPolicy; command?: string },
): Promise<void> {
  const kubeconfig = await parseKubeconfig(
    kubeconfigText({ user: { exec: { ...exec, command: command ?? exec.command } } }),
  );
  const { credentials } = await restConfigFrom(kubeconfig, { meter, plugins: { policy } });
  await credentials!({ signal });
}

describe("The meter of a configuration", () => {
  for (
    const { name, prepare, command, counted } of [
      { name: "that succeeds", counted: '{call_status="no_error",code="0"} 1' },
      {
        name: "that fails",
        prepare: ({ exits }: Plugin) => exits(3),
        counted: '{call_status="plugin_execution_error",code="3"} 1',
      },
      {
        name: "that a signal ends",
        prepare: ({ exits }: Plugin) => exits("SIGKILL"),
        counted: '{call_status="plugin_execution_error",code="-1"} 1',
      },
      {
        name: "that is not there",
        command: "/no/such/plugin",
        counted: '{call_status="plugin_not_found_error",code="1"} 1',
      },
    ] as { name: string; prepare?: (plugin: Plugin) => void; command?: string; counted: string }[]
  ) {
    it(`counts a plugin ${name} [rest 9.4, 12]`, () =>
      withPlugin(async (plugin) => {
        prepare?.(plugin);
        const meter = new PrometheusMeter();
        await askConfig(plugin, { meter, command }).catch(() => {}); // its message is for other tests
        assert.deepEqual(samples(meter, CALLS), [counted]);
        assert.deepEqual(samples(meter, POLICY_CALLS), ['{call_status="allowed"} 1']);
      }));
  }

  it("counts what the policy forbids, which is no call [rest 9.5, 12]", () =>
    withPlugin(async (plugin) => {
      const meter = new PrometheusMeter();
      await assert.rejects(askConfig(plugin, { meter, policy: { policyType: "DenyAll" } }), /not allowed/);
      assert.deepEqual(samples(meter, POLICY_CALLS), ['{call_status="denied"} 1']);
      assert.deepEqual(samples(meter, CALLS), []);
    }));

  it("tells when the first certificate of several plugins ends, and infinity without one [rest 9, 12]", () =>
    withPlugin((one) =>
      withPlugin(async (other) => {
        const meter = new PrometheusMeter();
        const clock = new ManualClock({ start: "2030-01-01T00:00:00Z" });
        const first = execSource(one.exec, { meter, clock });
        const second = execSource(other.exec, { meter, clock });
        const ttl = () => samples(meter, TTL).map(Number);
        assert.deepEqual(samples(meter, TTL), ["+Inf"]);
        await first({ signal }); // a token alone
        assert.deepEqual(samples(meter, TTL), ["+Inf"]);
        other.gives(FIRST);
        const given = await second({ signal });
        assert.deepEqual(ttl(), [ttlOf(FIRST_CERT, clock)]);
        await clock.advance(60_000);
        assert.deepEqual(ttl(), [ttlOf(FIRST_CERT, clock)]);
        one.gives(THIRD);
        await first({ signal, refused: await first({ signal }) });
        assert.deepEqual(ttl(), [ttlOf(pem("ec-sec1"), clock)], "the earliest of several");
        one.gives({ token: "t" });
        await first({ signal, refused: await first({ signal }) });
        assert.deepEqual(ttl(), [ttlOf(FIRST_CERT, clock)], "a later one of the same plugin replaces it");
        other.gives(SECOND);
        await second({ signal, refused: given });
        assert.deepEqual(ttl(), [ttlOf(SECOND_CERT, clock)]);
      })
    ));

  it("tells how old a certificate was when another took its place [rest 9.3, 12]", () =>
    withPlugin(async ({ exec, gives }) => {
      const meter = new PrometheusMeter();
      const clock = new ManualClock({ start: "2030-01-01T00:00:00Z" });
      const source = execSource(exec, { meter, clock });
      const renew = async (status: Record<string, string>) => {
        gives(status);
        await source({ signal, refused: await source({ signal }) });
      };
      const ages = () =>
        samples(meter, `${ROTATION_AGE}_sum`).concat(samples(meter, `${ROTATION_AGE}_count`));
      await renew(THIRD);
      assert.deepEqual(ages(), ["0", "0"], "the first replaces none");
      await renew({ ...THIRD, token: "t" });
      assert.deepEqual(ages(), ["0", "0"], "another token is no other certificate");
      await renew(FIRST);
      assert.deepEqual(ages().map(Number), [(Date.UTC(2030, 0) - Date.UTC(2020, 0)) / 1000, 1]);
    }));
});
