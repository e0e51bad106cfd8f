import type { Client } from "../client/mod.ts";
import { isNetworkError } from "../rest/mod.ts";
import { exec } from "./exec.ts";
import { type SkippedEntry, unpackTar } from "./unpack_tar.ts";
import { packTar } from "./pack_tar.ts";
import type { RemoteProcess } from "./remote_process.ts";
import { writeTar } from "./write_tar.ts";

/** How far copying has come. */
export interface CopyProgress {
  /** What is being copied, relative to what was asked for; empty for that itself. */
  path: string;
  /** How many bytes of files have been copied, all in all. */
  bytes: number;
}

/** Options of {@linkcode upload}. */
export interface CopyOptions {
  /** The pod's namespace. Default: the one that the client's configuration prefers. */
  namespace?: string;
  /** The pod. */
  name: string;
  /** The container. May be left out when the pod has one. */
  container?: string;
  /** What is copied: a file, a link, or a folder with all that is in it. */
  from: string;
  /** What it becomes: its new path, not the folder that it comes into. */
  to: string;
  /** Told how far it has come, after each piece of a file. */
  onProgress?: (progress: CopyProgress) => void;
  /** Ends it. What has been copied stays. */
  signal?: AbortSignal;
}

/** Options of {@linkcode download}. */
export interface DownloadOptions extends CopyOptions {
  /**
   * How often it goes on where it was cut, after a failure of the network. The container must have `sh` and `tail`, and
   * what is copied must not change meanwhile. Default 0.
   */
  retries?: number;
}

/** What was copied. */
export interface CopyResult {
  /** How many files. */
  files: number;
  /** How many bytes of files. */
  bytes: number;
  /** What was left out, and why. */
  skipped: readonly SkippedEntry[];
}

/**
 * Copies a file or a folder of this machine into a container, which must have `tar`. Modes, times and links are kept;
 * owners are not. Devices, sockets and pipes are left out.
 *
 * @throws {Error} If something cannot be read, or `tar` fails, with its words.
 * @throws As `exec()`.
 * @see `kubectl cp`
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { upload } from "@coxswain/kube/streams";
 * const client = await connect();
 * await upload(client, { namespace: "shop", name: "web-0", from: "site", to: "/srv/site" });
 * ```
 */
export async function upload(
  client: Pick<Client, "rest">,
  { from, to, onProgress = () => {}, ...pod }: CopyOptions,
): Promise<CopyResult> {
  const [folder, base] = splitPath(to);
  const result = { files: 0, bytes: 0, skipped: [] as SkippedEntry[] };
  const entries = packTar(from, base, {
    onFile: () => result.files++,
    onBytes: (path, length) => onProgress({ path, bytes: result.bytes += length }),
    onSkipped: (entry) => result.skipped.push(entry),
  });
  // The first entry shows whether there is anything to send, before anything is asked for.
  const first = await entries.next();
  const all = (async function* () {
    if (!first.done) yield first.value;
    yield* entries;
  })();
  const child = await exec(client, { ...pod, stdin: true, command: ["tar", "-xpof", "-", "-C", folder] });
  try {
    const output = child.output();
    output.catch(() => {});
    const writer = child.stdin.getWriter();
    const sending = (async () => {
      for await (const bytes of writeTar(all)) await writer.write(bytes);
      await writer.close();
    })();
    // A tar that has failed takes nothing more, and its own words say why; what cannot be read here is ours to tell.
    const failure = await sending.then(() => undefined, (error) => ({ error }));
    if (failure !== undefined && isOurs(failure.error)) throw failure.error;
    await checkTar(await output, to);
    if (failure !== undefined) throw failure.error;
    return result;
  } finally {
    await child[Symbol.asyncDispose]();
  }
}

/**
 * Copies a file or a folder of a container, which must have `tar`, to this machine. Modes, times and links are kept. Nothing is
 * written outside of `to`: links that lead out of it are left out, and an archive that says otherwise is refused.
 *
 * @throws {SyntaxError} If the container's archive is none, or would write elsewhere.
 * @throws {Error} If something cannot be written, or `tar` fails, with its words.
 * @throws As `exec()`.
 * @see `kubectl cp`
 */
export async function download(
  client: Pick<Client, "rest">,
  { from, to, onProgress = () => {}, retries = 0, ...pod }: DownloadOptions,
): Promise<CopyResult> {
  const [folder, base] = splitPath(from);
  const result = { files: 0, bytes: 0, skipped: [] as SkippedEntry[] };
  await unpackTar(archiveOf(client, pod, folder, base, retries), base, to, {
    onFile: () => result.files++,
    onBytes: (path, length) => onProgress({ path, bytes: result.bytes += length }),
    onSkipped: (entry) => result.skipped.push(entry),
  });
  return result;
}

/** The archive of something in a container, which goes on after a cut where it was. */
async function* archiveOf(
  client: Pick<Client, "rest">,
  pod: Pick<CopyOptions, "namespace" | "name" | "container" | "signal">,
  folder: string,
  base: string,
  retries: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const tar = ["tar", "-cf", "-", "-C", folder, "--", base];
  const rest = (
    at: number,
  ) => ["sh", "-c", 'tar -cf - -C "$1" -- "$2" | tail -c "+$3"', "sh", folder, base, `${at + 1}`];
  for (let at = 0, cuts = 0;;) {
    const child = await exec(client, { ...pod, command: at === 0 ? tar : rest(at) });
    const said = new Response(child.stderr).text().catch(() => "");
    try {
      for await (const bytes of child.stdout) {
        at += bytes.length;
        yield bytes;
      }
      const status = await child.status;
      await checkTar({ ...status, stderr: new TextEncoder().encode(await said) }, `${folder}/${base}`);
      return;
    } catch (error) {
      if (!isNetworkError(error) || cuts++ >= retries) throw error;
    } finally {
      await child[Symbol.asyncDispose]();
    }
  }
}

type Ended = Pick<Awaited<ReturnType<RemoteProcess["output"]>>, "code" | "message" | "stderr">;

function checkTar({ code, message, stderr }: Ended, path: string): void {
  if (code === 0) return;
  const said = new TextDecoder().decode(stderr).trim().slice(0, 2000);
  throw new Error(`Cannot copy ${JSON.stringify(path)}: tar failed in the container: ${said || message}`);
}

/** Whether an error is about this machine's files, and not about the connection. */
function isOurs(error: unknown): boolean {
  return (error instanceof Error && "code" in error) ||
    /^Cannot archive/.test((error as Error)?.message ?? "");
}

/** The folder that something of a container is in, and its name there. */
function splitPath(path: string): [folder: string, base: string] {
  const clean = path.replace(/\/+$/, "");
  const cut = clean.lastIndexOf("/");
  const base = clean.slice(cut + 1);
  if (base === "" || base === "." || base === "..") {
    throw new TypeError(`Cannot copy ${JSON.stringify(path)}: give a path that ends with a name`);
  }
  return [cut < 0 ? "." : clean.slice(0, cut) || "/", base];
}
