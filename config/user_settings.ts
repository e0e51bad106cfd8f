import type { Clock } from "../async/mod.ts";
import type { ConfigError, Credentials, CredentialSource, Impersonation } from "../rest/mod.ts";
import { checkExec } from "./check_exec.ts";
import { clientCertificateSource } from "./client_certificate_source.ts";
import { combinedSource } from "./combined_source.ts";
import type { ExecSourceOptions } from "./exec_source.ts";
import { hasFolder } from "./find_command.ts";
import { impersonationOf } from "./impersonation_of.ts";
import type { KubeconfigUser } from "./kubeconfig.ts";
import { authProviders, credentialPlugins } from "./loaded_later.ts";
import { nodePath } from "./node_path.ts";
import type { AuthProviderOptions } from "./oidc_source.ts";
import { type MaterialOptions, readMaterial, readNamedFile, resolvePath } from "./read_material.ts";
import { readToken } from "./read_token.ts";
import { tokenFileSource } from "./token_file_source.ts";

/** What a user's entry gives to prove who the client is. */
export interface UserSettings {
  bearerToken?: string;
  username?: string;
  password?: string;
  cert?: string;
  key?: string;
  impersonate?: Impersonation;
  /** Gives all credentials, if some change. Those above are then to be checked, and not to be used. */
  credentials?: CredentialSource;
}

/** Options of {@linkcode userSettings}. */
export interface UserSettingsOptions extends MaterialOptions {
  /** Whether credentials are going to be used. */
  secure: boolean;
  /** For what is read again. */
  clock?: Clock;
  /** Told of what could not be read again. */
  onError: (error: ConfigError) => void;
  /** For auth providers. */
  authProvider?: AuthProviderOptions;
  /** For credential plugins. */
  plugins?: Omit<ExecSourceOptions, "clock">;
}

/** Reads and checks the settings of a user. If something is reported, the result is of no use. */
export async function userSettings(
  user: KubeconfigUser,
  options: UserSettingsOptions,
): Promise<UserSettings> {
  const { report, secure, clock, onError } = options;
  const { token, tokenFile, username, password } = user;
  if ((token || tokenFile) && (username || password)) {
    const [bearer, basic] = [token ? "token" : "tokenFile", username ? "username" : "password"];
    report(bearer, `${basic} is there too, and a request carries one of them`, "Leave one of them out");
  } else if (password && !username) report("password", "there is no username", "Set both or none");

  const cert = await readMaterial("client-certificate", {
    path: user["client-certificate"],
    data: user["client-certificate-data"],
  }, options);
  const key = await readMaterial("client-key", {
    path: user["client-key"],
    data: user["client-key-data"],
  }, options);
  const certField = fieldOf(user, "client-certificate");
  const keyField = fieldOf(user, "client-key");
  if (certField && !keyField) {
    report(certField, "there is no client-key", "A client certificate needs its key");
  }
  if (keyField && !certField) {
    report(keyField, "there is no client-certificate", "A key needs its certificate");
  }

  const impersonate = impersonationOf(user, report);
  if (!secure) return { impersonate };
  const { bearerToken, sources } = await bearerTokenOf(user, options);
  const fixed: Credentials = { ...bearerToken && { bearerToken }, ...username && { username, password } };
  const certPath = user["client-certificate"];
  const keyPath = user["client-key"];
  if (certPath && keyPath) {
    const paths = [await resolvePath(certPath, options.entry), await resolvePath(keyPath, options.entry)];
    sources.push(clientCertificateSource(paths[0], paths[1], { clock, onError }));
  } else if (cert !== undefined) Object.assign(fixed, { cert, key });
  // Both are checked in any case. As in client-go, the first is for users who have no token and no password, and
  // the second for those who have no certificate either.
  const provider = user["auth-provider"] &&
    (await authProviders()).authProviderSource(user["auth-provider"], report, {
      ...options.authProvider,
      clock,
    });
  if (provider !== undefined && !token && !tokenFile && !username) sources.push(provider);
  const plugin = await pluginOf(user, options);
  if (plugin !== undefined && sources.length === 0 && Object.keys(fixed).length === 0) sources.push(plugin);
  if (sources.length > 0 && Object.keys(fixed).length > 0) sources.unshift(() => fixed);
  return {
    ...fixed,
    cert,
    key,
    impersonate,
    ...sources.length > 0 && { credentials: combinedSource(sources) },
  };
}

/** Which of the fields `name` and `name`-data is set. */
export function fieldOf(
  user: KubeconfigUser,
  name: "client-certificate" | "client-key",
): string | undefined {
  if (user[name]) return name;
  return user[`${name}-data`] ? `${name}-data` : undefined;
}

/** The token, or its file, which wins (quirk B9). Without a token the file must be readable now. */
async function bearerTokenOf(
  { token, tokenFile }: KubeconfigUser,
  options: UserSettingsOptions,
): Promise<{ bearerToken?: string; sources: CredentialSource[] }> {
  if (!tokenFile) return { bearerToken: token || undefined, sources: [] };
  const { clock, onError } = options;
  const path = await resolvePath(tokenFile, options.entry);
  const initial = token || await readNamedFile("tokenFile", path, options, readToken);
  return { sources: initial ? [tokenFileSource(path, { clock, onError, initial })] : [] };
}

/** The credential plugin, unless something is wrong with its settings, which is reported (spec rest 8.7). */
async function pluginOf(
  { exec, "auth-provider": authProvider }: KubeconfigUser,
  { entry, report, clock, plugins }: UserSettingsOptions,
): Promise<CredentialSource | undefined> {
  if (exec === undefined) return undefined;
  if (authProvider) report("exec", "there is an auth-provider too", "Leave one of them out");
  const problems = checkExec(exec);
  for (const { field, problem, remedy } of problems) report(`exec.${field}`, problem, remedy);
  if (problems.length > 0) return undefined;
  const { command = "" } = exec;
  const isPath = hasFolder(command, (await nodePath())?.sep ?? "/");
  const absolute = isPath ? await resolvePath(command, entry) : command;
  const { execSource } = await credentialPlugins();
  return execSource({ ...exec, command: absolute }, { ...plugins, clock });
}
