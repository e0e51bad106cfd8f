import { editKubeconfigText } from "./edit_kubeconfig_text.ts";
import type { NamedEntry } from "./kubeconfig_edit.ts";
import { readSource } from "./kubeconfig_sources.ts";
import { withLocks } from "./lock_files.ts";
import { replaceFiles } from "./replace_files.ts";

/**
 * Writes the settings of an auth provider, such as new tokens, back to the kubeconfig file that they came from, in the
 * way of {@linkcode modifyKubeconfig}. Nothing happens if the file has no such user any more, or the user no
 * `auth-provider`.
 *
 * @param file Absolute path of the kubeconfig.
 * @param name Name of the user.
 * @param config All settings; they replace those in the file.
 * @throws {ConfigError} If the file is locked, or cannot be read or written.
 * @see client-go `clientcmd.PersisterForUser`, spec rest 8.8
 */
export async function persistAuthProvider(
  file: string,
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  await withLocks([file], async () => {
    const { text, target, kubeconfig } = await readSource(file, undefined);
    const entry = kubeconfig.users.find((user) => user.name === name);
    const provider = entry?.user["auth-provider"];
    if (entry === undefined || provider === undefined) return;
    const value = {
      ...entry,
      user: { ...entry.user, "auth-provider": { ...provider, config: { ...config } } },
    };
    const edits = [{ list: "users" as const, name, value: value as unknown as NamedEntry }];
    await replaceFiles([{ file: target, text: await editKubeconfigText(text, edits, file) }]);
  });
}
