import type { OpenApiSchema } from "../discovery/mod.ts";
import type { Scope } from "../meta/mod.ts";

/** The parts of a CustomResourceDefinition, `apiextensions.k8s.io/v1`, that types are made from. */
export interface Definition {
  /** Where it came from, for messages, such as `crds.yaml, document 2`. */
  origin: string;
  /** The API group. */
  group: string;
  /** What the kind is called. */
  names: {
    /** The kind. */
    kind: string;
    /** Name in URLs. */
    plural: string;
    /** Name of one of them. Default the kind in lower case. */
    singular?: string;
    /** Short names. */
    shortNames?: string[];
    /** Groups of kinds that kubectl shows together. */
    categories?: string[];
  };
  /** Whether objects live in a namespace. */
  scope: Scope;
  /** Its versions. */
  versions: DefinitionVersion[];
}

/** One version of a {@linkcode Definition}. */
export interface DefinitionVersion {
  /** Such as `v1beta1`. */
  name: string;
  /** Whether the server serves it. */
  served: boolean;
  /** Whether it is on its way out. */
  deprecated?: boolean;
  /** What servers say to those who use it. */
  deprecationWarning?: string;
  /** The schema of its objects; absent if there is none. */
  schema?: OpenApiSchema;
  /** `status` and `scale`, as far as it has them. */
  subresources: string[];
  /** Paths of the fields that can be selected by, such as `.spec.colour`. */
  selectableFields: string[];
}
