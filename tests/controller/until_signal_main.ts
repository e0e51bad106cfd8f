// A process that is told to end, for run_until_signal_test.ts. What it does, says its first argument.
import process from "node:process";
import { connect, Manager, runUntilSignal } from "@coxswain/kube";
import { systemClock } from "@coxswain/kube/async";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

const [what, kubeconfig] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
/** Keeps the process at work for as long as nobody ends it. */
const forever = () => systemClock.sleep(60_000);

const scenes: Record<string, () => Promise<unknown>> = {
  /** A manager with a leadership; the reconcile that goes on takes a moment to end. */
  async manager() {
    const client = await connect({ kubeconfig });
    const manager = new Manager(client, { leaderElection: { namespace: "default", name: "election" } });
    manager.add({
      for: ConfigMap,
      reconcile: async ({ namespace, name }, { object }) => {
        if (object === undefined || object.data?.done) return;
        say("working");
        await systemClock.sleep(200);
        const settings = client.resource(ConfigMap).namespace(namespace);
        await settings.patch(name, { merge: { data: { done: "yes" } } });
        say("worked");
      },
    });
    await runUntilSignal((signal) => manager.run({ signal }));
    await client[Symbol.asyncDispose]();
    say("ended");
  },
  /** What rejects with the signal's reason. */
  async reason() {
    const told = await runUntilSignal((signal) => {
      say("ready");
      return systemClock.sleep(60_000, { signal });
    });
    say(`ended ${told}`);
  },
  async failure() {
    const work = (signal: AbortSignal) => {
      say("ready");
      return systemClock.sleep(60_000, { signal }).catch((cause) => {
        throw new Error("cannot clean up", { cause });
      });
    };
    await runUntilSignal(work).catch((error) => say(`failed: ${error.message}`));
  },
  async deaf() {
    await runUntilSignal((signal) => {
      signal.addEventListener("abort", () => say("told"));
      say("ready");
      return forever();
    });
  },
  async late() {
    await runUntilSignal(() => {
      say("ready");
      return forever();
    }, { deadline: 100 });
  },
  /** The work has ended long ago. */
  async after() {
    say(`gave ${await runUntilSignal(() => Promise.resolve("this"), { deadline: 100 })}`);
    say(`listeners ${process.listenerCount("SIGTERM") + process.listenerCount("SIGINT")}`);
    say("ready");
    await forever();
  },
};
await scenes[what]();
