import type { Admission } from "./admission.ts";
import type { ServedResource } from "./served_resource.ts";
import type { User } from "./user.ts";

/** Which object a request is about. */
export interface Target {
  readonly resource: ServedResource;
  /** Undefined for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** What all writes have in common. */
export interface WriteOptions {
  /** Do everything but store the result. */
  readonly dryRun: boolean;
  /** To whom the fields belong that change. Absent: `managedFields` are taken as they were sent. */
  readonly fieldManager?: string;
  /** Who asks for it. Absent: the server itself. */
  readonly user?: User;
  /** Who has a say in it. Absent: nobody. */
  readonly admission?: Admission;
}
