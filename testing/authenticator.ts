import { failure, Refusal } from "./refusal.ts";
import { randomUid } from "./seeded_random.ts";
import { ADMIN, ANONYMOUS, serviceAccountOf, type User, type UserInit, userOf } from "./user.ts";

/** Options of {@linkcode Authenticator}. */
export interface AuthenticatorOptions {
  /** Who is known. Undefined: nobody is asked. */
  readonly users: readonly UserInit[] | undefined;
  /** Whether those without credentials are let in, as `system:anonymous`. */
  readonly anonymous: boolean;
  /** What tokens are made of. */
  readonly random: () => number;
}

/** What a request brings to say who it is from. */
export interface Credentials {
  /** The header. */
  readonly authorization: string | null;
  /** What the client's certificate says, or that it was signed by somebody else. */
  readonly certificate?: UserInit | "unknown";
}

/** Says who requests are from: by bearer token or by client certificate. */
export class Authenticator {
  readonly #isStrict: boolean;
  readonly #anonymous: boolean;
  readonly #random: () => number;
  readonly #byToken = new Map<string, User>();
  readonly #tokens = new Map<string, string>(); // by name
  readonly #first: string;

  /** @throws {TypeError} If a name or a token comes twice. */
  constructor({ users, anonymous, random }: AuthenticatorOptions) {
    this.#isStrict = users !== undefined || anonymous;
    this.#anonymous = anonymous;
    this.#random = random;
    for (const init of users ?? []) {
      if (this.#tokens.has(init.name)) {
        throw new TypeError(`Cannot know ${JSON.stringify(init.name)}: it comes twice`);
      }
      const token = init.token ?? randomUid(random);
      if (this.#byToken.has(token)) {
        throw new TypeError(`Cannot know ${JSON.stringify(init.name)}: its token is another user's, too`);
      }
      this.issue(userOf(init), token);
    }
    this.#first = users?.[0]?.name ?? ADMIN.name;
  }

  /** Who it is. @throws {Refusal} 401. */
  authenticate({ authorization, certificate }: Credentials): User {
    if (certificate !== undefined && certificate !== "unknown") return userOf(certificate);
    const [, token] = /^Bearer\s+(\S+)$/i.exec(authorization ?? "") ?? [];
    const user = token === undefined ? undefined : this.#byToken.get(token);
    if (user !== undefined) return user;
    if (!this.#isStrict) return ADMIN;
    if (this.#anonymous && !authorization && certificate === undefined) return ANONYMOUS;
    throw new Refusal(failure(401, "Unauthorized", "Unauthorized"));
  }

  /** Who a token belongs to. */
  userOf(token: string): User | undefined {
    return this.#byToken.get(token);
  }

  /** Makes a token known. The first of a user is the one that it is given. */
  issue(user: User, token: string): void {
    this.#byToken.set(token, user);
    if (!this.#tokens.has(user.name)) this.#tokens.set(user.name, token);
  }

  /**
   * The token of a user; undefined if none is needed. Service accounts, and the administrator, get one when it is asked for.
   *
   * @param name Default: the first of the users, or the administrator.
   * @throws {TypeError} If there is no such user.
   */
  tokenOf(name?: string): string | undefined {
    if (name === undefined && !this.#isStrict) return undefined;
    const wanted = name ?? this.#first;
    const token = this.#tokens.get(wanted);
    if (token !== undefined) return token;
    if (wanted !== ADMIN.name && serviceAccountOf(wanted) === undefined) {
      throw new TypeError(
        `Cannot act as ${JSON.stringify(wanted)}: the server knows no such user. Add it to its users`,
      );
    }
    const fresh = randomUid(this.#random);
    this.issue(wanted === ADMIN.name ? ADMIN : userOf({ name: wanted }), fresh);
    return fresh;
  }
}
