import type { Clock } from "../async/mod.ts";
import type { Meter } from "../observe/mod.ts";
import { clientMetrics, type Credentials } from "../rest/mod.ts";
import type { PluginCall } from "./exec_source.ts";

/** Reports what plugins do, for one of them. */
export interface PluginMetrics {
  /** A plugin was run, or could not be run. */
  onCall(call: PluginCall): void;
  /** The policy has decided. */
  onPolicyCall(decision: "allowed" | "denied"): void;
  /** The plugin has given other credentials than before. */
  onChange(credentials: Credentials): Promise<void>;
}

/** The client certificate that a plugin has given last. */
interface Given {
  /** Milliseconds since 1970; `undefined` when there is no certificate. */
  validity?: { from: number; to: number };
}

/**
 * The plugins that report to a meter: one gauge tells of all of them. Module state on purpose, as client-go's tracker
 * is. A plugin is forgotten with the configuration that it belongs to, and all of them with the meter.
 */
const plugins = new WeakMap<Meter, Set<WeakRef<Given>>>();

/** Metrics of plugins, under client-go's names (spec rest 9.3, 12). */
export function pluginMetrics(meter: Meter, clock: Clock): PluginMetrics {
  const calls = meter.counter(clientMetrics.execPluginCalls);
  const policyCalls = meter.counter(clientMetrics.execPluginPolicyCalls);
  const rotationAge = meter.histogram(clientMetrics.execPluginRotationAge);
  const given: Given = {};
  register(meter, clock, given);
  return {
    onCall: ({ exitCode, status }) => calls.add(1, { code: String(exitCode), call_status: status }),
    onPolicyCall: (decision) => policyCalls.add(1, { call_status: decision }),
    async onChange({ cert }) {
      const validity = cert === undefined ? undefined : await validityOf(cert);
      const { validity: before } = given;
      given.validity = validity;
      if (before !== undefined && (before.from !== validity?.from || before.to !== validity.to)) {
        rotationAge.record((clock.date().getTime() - before.from) / 1000);
      }
    },
  };
}

function register(meter: Meter, clock: Clock, given: Given): void {
  const known = plugins.get(meter);
  if (known !== undefined) return void known.add(new WeakRef(given));
  const all = new Set([new WeakRef(given)]);
  plugins.set(meter, all);
  meter.observableGauge(clientMetrics.execPluginTtl, (report) => {
    let earliest = Infinity;
    for (const reference of all) {
      const one = reference.deref();
      if (one === undefined) all.delete(reference);
      else earliest = Math.min(earliest, one.validity?.to ?? Infinity);
    }
    report((earliest - clock.date().getTime()) / 1000);
  });
}

/** When a certificate is valid, of which `checkPair` has said that it can be read. */
async function validityOf(cert: string): Promise<Given["validity"]> {
  const { X509Certificate } = await import("node:crypto");
  const { validFrom, validTo } = new X509Certificate(cert);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}
