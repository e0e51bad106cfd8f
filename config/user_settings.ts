import type { Clock } from "../async/mod.ts";
import type { CredentialSource } from "../rest/mod.ts";
import type { KubeconfigUser } from "./kubeconfig.ts";
import { type MaterialOptions, readMaterial, readNamedFile, resolvePath } from "./read_material.ts";
import { readToken } from "./read_token.ts";
import { tokenFileSource } from "./token_file_source.ts";

/** What to do about credentials that need a plugin. */
const INSTEAD = "Use a user with a token or a client certificate";

/** What a user's entry gives to prove who the client is. */
export interface UserSettings {
  bearerToken?: string;
  username?: string;
  password?: string;
  cert?: string;
  key?: string;
  /** Each gives credentials that change, beside the ones above. */
  sources: CredentialSource[];
}

/** Options of {@linkcode userSettings}. */
export interface UserSettingsOptions extends MaterialOptions {
  /** Whether credentials are going to be used. */
  secure: boolean;
  /** For the token file. */
  clock?: Clock;
}

/** Reads and checks the settings of a user. If something is reported, the result is of no use. */
export async function userSettings(
  user: KubeconfigUser,
  options: UserSettingsOptions,
): Promise<UserSettings> {
  const { report, secure } = options;
  const { token, tokenFile, username, password } = user;
  refuseUnsupported(user, options);
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

  if (!secure) return { sources: [] };
  return { ...await bearerTokenOf(user, options), cert, key, ...username && { username, password } };
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
): Promise<Pick<UserSettings, "bearerToken" | "sources">> {
  if (!tokenFile) return { bearerToken: token || undefined, sources: [] };
  const path = await resolvePath(tokenFile, options.entry);
  const initial = token || await readNamedFile("tokenFile", path, options, readToken);
  return { sources: initial ? [tokenFileSource(path, { clock: options.clock, initial })] : [] };
}

function refuseUnsupported(user: KubeconfigUser, { report, secure }: UserSettingsOptions): void {
  const acting = {
    "as": user.as,
    "as-uid": user["as-uid"],
    "as-groups": user["as-groups"]?.length,
    "as-user-extra": Object.keys(user["as-user-extra"] ?? {}).length,
  };
  for (const [field, isSet] of Object.entries(acting)) {
    if (isSet) report(field, "acting as another user is not supported yet", "Use a user without it");
  }
  if (!secure) return; // like all credentials, they are left out
  if (user.exec) report("exec", "credential plugins are not supported yet", INSTEAD);
  if (user["auth-provider"]) report("auth-provider", "it is not supported", INSTEAD);
}
