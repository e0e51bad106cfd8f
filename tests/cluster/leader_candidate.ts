// A candidate for a leadership in a process of its own. Who leads writes its token into a ConfigMap, again and again.
// It ends when its stdin does.
//
// Arguments: kubeconfig, namespace, identity, settings of the elector in JSON
import process from "node:process";
import { connect, LeaderElector, LeaseLock } from "@coxswain/kube";
import { systemClock } from "@coxswain/kube/async";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

const [kubeconfig, namespace, identity, settings] = process.argv.slice(2);
/** Between writes, in milliseconds. */
const PERIOD = 40;

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

const client = await connect({ kubeconfig });
const ledger = client.resource(ConfigMap).namespace(namespace);
const elector = new LeaderElector({
  ...JSON.parse(settings),
  lock: new LeaseLock(client, { namespace, name: "election", identity }),
  onStartedLeading: async ({ signal, fencingToken, isHeld }) => {
    console.log(`leading ${fencingToken}`);
    for (let count = 0; isHeld(); count++) {
      const data = { token: String(fencingToken), holder: identity, count: String(count) };
      // Not guarded by a version: what a leader of before would still write is seen.
      await ledger.patch("ledger", { merge: { data } }, { signal });
      await systemClock.sleep(PERIOD, { signal });
    }
  },
  onStoppedLeading: () => console.log("stopped"),
});
for (;;) {
  await elector.run().catch((error) => console.log(`failed: ${error}`));
}
