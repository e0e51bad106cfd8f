/**
 * The server has no current information on a group and version, mostly since the server behind it is down.
 *
 * @see spec rest 16.2
 */
export class StaleGroupVersionError extends Error {
  /** Which one, as objects spell it. */
  readonly groupVersion: string;

  /** Names the group and version. */
  constructor(groupVersion: string) {
    super(`stale GroupVersion discovery: ${groupVersion}`);
    this.name = "StaleGroupVersionError";
    this.groupVersion = groupVersion;
  }
}
