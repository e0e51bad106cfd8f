/** A resource, as far as somebody names it: by plural, singular or short name, in capitals or not. */
export interface ResourceQuery {
  /** `deployments`, `deployment` or `deploy`. */
  resource: string;
  /** The group, or if no version is given the beginning of one: `storage` finds `storage.k8s.io`. Default: any. */
  group?: string;
  /** The version. Default: any, the preferred one first. */
  version?: string;
}

/** A kind, as far as somebody names it. */
export type KindQuery =
  | {
    /** The kind, such as `Deployment`; all in lower case also works. */
    kind: string;
    /** Group and version as objects have them, such as `apps/v1`. */
    apiVersion: string;
  }
  | {
    /** The kind, such as `Deployment`; all in lower case also works. */
    kind: string;
    /** The group; empty for the core group. Default: any, in the order of discovery. */
    group?: string;
    /** Only these versions, the best first. Default: any, the preferred one first. */
    versions?: readonly string[];
    /** Absent: that is the other way to say it. */
    apiVersion?: undefined;
  };
