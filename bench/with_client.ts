import { Client } from "@coxswain/kube/client";
import type { Outcome, Surroundings } from "./benchmark.ts";

/** Gives a client to work with, and closes it afterwards. */
export async function withClient(
  { server, ca }: Surroundings,
  work: (client: Client) => Promise<Outcome>,
): Promise<Outcome> {
  const client = new Client({ server, tls: { ca } });
  try {
    return await work(client);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}
