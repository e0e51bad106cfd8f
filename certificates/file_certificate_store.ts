import { type Clock, systemClock } from "../async/mod.ts";
import { checkCertificates } from "../rest/mod.ts";
import { parseCertificates } from "./certificate.ts";
import type { CertificateStore } from "./certificate_store.ts";
import type { CertificatePair } from "./issue_certificate.ts";
import { formatPem, parsePem } from "./pem.ts";

/** Options of {@linkcode FileCertificateStore}. Read once: changing the object later has no effect. */
export interface FileCertificateStoreOptions {
  /** The folder of the files; it is made when it is needed. */
  directory: string;
  /** The folder of `PREFIX.key`. Default `directory`. */
  keyDirectory?: string;
  /** A certificate that is used until there is one of this store. Needs `keyFile`. */
  certFile?: string;
  /** The key of `certFile`. */
  keyFile?: string;
  /** Gives the names of files their time. Default the runtime's. */
  clock?: Clock;
}

/**
 * A certificate and its key in one file, of mode 0600. Each update writes a new one, `PREFIX-2026-11-23-08-15-00.pem`
 * (in UTC), and then lets the symbolic link `PREFIX-current.pem` lead to it, at once: whoever reads meanwhile finds
 * the old pair or the new one, also after a crash. Old files stay; remove them as you like.
 *
 * As long as there is no link, what is used is `certFile` and `keyFile`, else `PREFIX.crt` and `PREFIX.key`.
 *
 * On Deno it needs `--allow-read` and `--allow-write` for the folder.
 *
 * @see client-go `util/certificate.FileStore`, spec rest 13.2
 * @example
 * ```ts
 * import { FileCertificateStore } from "@coxswain/kube/certificates";
 * const store = new FileCertificateStore("agent", { directory: "/no/such/folder" });
 * console.log(await store.current()); // undefined
 * ```
 */
export class FileCertificateStore implements CertificateStore {
  readonly #prefix: string;
  readonly #options: FileCertificateStoreOptions;
  readonly #clock: Clock;

  /**
   * Opens nothing.
   *
   * @param prefix What the names of its files begin with.
   */
  constructor(prefix: string, options: FileCertificateStoreOptions) {
    this.#prefix = prefix;
    this.#options = { keyDirectory: options.directory, ...options };
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * The pair, or `undefined` if there is none.
   *
   * @throws {TypeError} If a file is where a link should be.
   * @throws {SyntaxError} If what is there is no pair.
   */
  async current(): Promise<CertificatePair | undefined> {
    const { readFile } = await import("node:fs/promises");
    const { directory, keyDirectory, certFile, keyFile } = this.#options;
    await this.#recover();
    const current = this.#path("current.pem");
    if (await kindOf(current) !== "nothing") return await pairIn(await readFile(current, "utf8"), current);
    const { join } = await import("node:path");
    for (
      const [cert, key] of [
        [certFile, keyFile],
        [join(directory, `${this.#prefix}.crt`), join(keyDirectory!, `${this.#prefix}.key`)],
      ]
    ) {
      if (!cert || !key || await kindOf(cert) === "nothing" || await kindOf(key) === "nothing") continue;
      return await pairIn(`${await readFile(cert, "utf8")}\n${await readFile(key, "utf8")}`, cert);
    }
    return undefined;
  }

  /**
   * Keeps another pair.
   *
   * @throws {TypeError} If a file is where a link should be.
   * @throws {SyntaxError} If it is no pair.
   */
  async update({ cert, key }: CertificatePair): Promise<void> {
    const { mkdir, open, rename, rm, symlink } = await import("node:fs/promises");
    const { resolve } = await import("node:path");
    const pair = await pairIn(`${cert}\n${key}`, "the new certificate");
    const second = this.#clock.date().toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
    const path = resolve(this.#path(`${second}.pem`)); // or the link would start in its own folder
    const [current, updated] = [this.#path("current.pem"), this.#path("updated.pem")];
    for (const link of [current, updated]) await linkOrNothing(link);

    await mkdir(this.#options.directory, { recursive: true, mode: 0o755 });
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(pair.cert + pair.key);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {}); // a stray copy is the lesser failure
      throw error;
    }
    await rm(updated, { force: true });
    await symlink(path, updated);
    await rename(updated, current);
  }

  /** Goes on where a crash between the last two steps of an update has ended it. */
  async #recover(): Promise<void> {
    const { rename } = await import("node:fs/promises");
    const [current, updated] = [this.#path("current.pem"), this.#path("updated.pem")];
    await linkOrNothing(current);
    if (await kindOf(current) !== "nothing") return;
    if (await linkOrNothing(updated)) await rename(updated, current);
  }

  #path(name: string): string {
    return `${this.#options.directory}/${this.#prefix}-${name}`;
  }
}

async function kindOf(path: string): Promise<"link" | "file" | "nothing"> {
  const { lstat } = await import("node:fs/promises");
  try {
    return (await lstat(path)).isSymbolicLink() ? "link" : "file";
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") return "nothing";
    throw error;
  }
}

/** Whether there is a link. */
async function linkOrNothing(path: string): Promise<boolean> {
  const kind = await kindOf(path);
  if (kind === "file") {
    throw new TypeError(`expected ${JSON.stringify(path)} to be a symlink but it is a file`);
  }
  return kind === "link";
}

/** The chain and the key in a text, in one form. */
async function pairIn(text: string, where: string): Promise<CertificatePair> {
  const cert = parseCertificates(text).map(({ pem }) => pem).join("");
  const block = parsePem(text).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) {
    throw new SyntaxError(`Cannot use ${JSON.stringify(where)}: there is no private key in it`);
  }
  const key = formatPem(block.label, block.bytes);
  await checkCertificates({ cert, key });
  return { cert, key };
}
