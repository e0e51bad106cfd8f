/** A resource or subresource as a server lists it. */
export interface ApiResource {
  /** The name in URLs: `deployments`, or `deployments/scale`. */
  name: string;
  /** The name of one of them, which kubectl takes too; empty if the server does not say. */
  singularName: string;
  /** Whether objects live in namespaces. */
  namespaced: boolean;
  /** Group of the objects, when it is not that of the list: `autoscaling` for `deployments/scale`. */
  group?: string;
  /** Version of the objects, when it is not that of the list. */
  version?: string;
  /** Kind of the objects. */
  kind: string;
  /** What can be asked of it. */
  verbs: string[];
  /** Names that kubectl takes instead of the plural. */
  shortNames?: string[];
  /** Groups of kinds that kubectl shows together, such as `all`. */
  categories?: string[];
  /** Changes when objects are stored in another version. Aggregated discovery does not have it. */
  storageVersionHash?: string;
}

/** The resources of one group and version. */
export interface ApiResourceList {
  /** Group and version as objects spell them in `apiVersion`. */
  groupVersion: string;
  /** The resources, each followed by its subresources. */
  resources: ApiResource[];
}
