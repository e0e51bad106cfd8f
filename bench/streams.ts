import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect as dial, createServer } from "node:net";
import process from "node:process";
import { connect } from "@coxswain/kube";
import { exec as execute, portForward } from "@coxswain/kube/streams";
import type { Benchmark } from "./benchmark.ts";

const MIB = 1024 * 1024;
const COUNT = 128;

/** The test cluster, which must run: `deno run -A tests/cluster/server.ts` says how to name it. */
function cluster(): { kubeconfig: string; program: string } {
  const file = process.env.COXSWAIN_CLUSTER;
  if (!file) throw new Error("left out: there is no test cluster (deno run -A tests/cluster/server.ts)");
  return JSON.parse(readFileSync(file, "utf8"));
}

function kubectl(...args: string[]) {
  const { program, kubeconfig } = cluster();
  return spawn(program, ["kubectl", `--kubeconfig=${kubeconfig}`, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

const web = { namespace: "default", name: "web", container: "main" };
const command = ["head", "-c", String(COUNT * MIB), "/dev/zero"];

async function lengthOf(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const bytes of stream) length += bytes.length;
  return length / MIB;
}

/** What a command writes, from a container to this program. */
export const exec: Benchmark = {
  title: "Exec: output of a command",
  unit: "MiB",
  count: COUNT,
  variants: {
    kubectl: async () => ({ count: await lengthOf(kubectl("exec", "web", "--", ...command).stdout) }),
    coxswain: async () => {
      const client = await connect({ kubeconfig: cluster().kubeconfig });
      const child = await execute(client, { ...web, command, stderr: false });
      const count = await lengthOf(child.stdout);
      await child.status;
      await client[Symbol.asyncDispose]();
      return { count };
    },
  },
};

/** A server of this machine that sends so much to whoever connects. */
async function zeros(): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    const piece = new Uint8Array(64 * 1024);
    let left = COUNT * MIB / piece.length;
    const send = () => {
      while (left > 0) {
        left--;
        if (!socket.write(piece)) return void socket.once("drain", send);
      }
      socket.end();
    };
    send();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as { port: number }).port, close: () => server.close() };
}

/** What a server in a pod sends, through a port of this machine. */
export const forward: Benchmark = {
  title: "Port-forward: one connection",
  unit: "MiB",
  count: COUNT,
  variants: {
    kubectl: async () => {
      const server = await zeros();
      const child = kubectl("port-forward", "pod/web", `:${server.port}`, "--address=127.0.0.1");
      const said = await new Promise<string>((resolve) =>
        child.stdout.once("data", (text) => resolve(String(text)))
      );
      const count = await lengthOf(dial(Number(/127\.0\.0\.1:(\d+)/.exec(said)![1]), "127.0.0.1"));
      child.kill();
      server.close();
      return { count };
    },
    coxswain: async () => {
      const server = await zeros();
      const client = await connect({ kubeconfig: cluster().kubeconfig });
      const forwarding = portForward(client, { namespace: "default", name: "web" });
      const { ports } = await forwarding.listen({ ports: [`:${server.port}`], addresses: ["127.0.0.1"] });
      const count = await lengthOf(dial(ports[0].local as number, "127.0.0.1"));
      await forwarding[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
      server.close();
      return { count };
    },
    "coxswain, as streams": async () => {
      const server = await zeros();
      const client = await connect({ kubeconfig: cluster().kubeconfig });
      const forwarding = portForward(client, { namespace: "default", name: "web" });
      const count = await lengthOf((await forwarding.connect(server.port)).readable);
      await forwarding[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
      server.close();
      return { count };
    },
  },
};
