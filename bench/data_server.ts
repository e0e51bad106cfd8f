import { ROOT } from "../tools/project.ts";
import { runtime } from "../tools/runtimes.ts";
import type { ServerOptions } from "./server.ts";

/** The running data server. */
export interface DataServer extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** The authority of its certificate, in PEM, if it speaks TLS. */
  readonly ca?: string;
  /** The file with that authority. */
  readonly caFile?: string;
}

const CERTIFICATES = `${ROOT}tests/certificates/`;

/** Starts `bench/server.ts` on Node; resolves when its data is ready. */
export async function openDataServer(
  { tls, ...amounts }: Omit<ServerOptions, "tls"> & { tls: boolean },
): Promise<DataServer> {
  const options: ServerOptions = tls
    ? { ...amounts, tls: { cert: `${CERTIFICATES}server.pem`, key: `${CERTIFICATES}server-key.pem` } }
    : amounts;
  const child = new Deno.Command(await runtime("node"), {
    args: [`${ROOT}bench/server.ts`, JSON.stringify(options)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await output.read();
    if (done) throw new Error("The data server ended before it listened: see what it wrote above");
    text += value;
  }
  const caFile = tls ? `${CERTIFICATES}ca.pem` : undefined;
  return {
    url: JSON.parse(text).url,
    ca: caFile === undefined ? undefined : await Deno.readTextFile(caFile),
    caFile,
    async [Symbol.asyncDispose]() {
      await input.close();
      await output.cancel();
      await child.status;
    },
  };
}
