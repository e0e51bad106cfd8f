import type { Scope } from "../meta/mod.ts";

/** A module to be written: the types of one API group and version. */
export interface ModuleModel {
  /** Its file, without `.ts`, such as `apps_v1`. */
  name: string;
  /** The API group; empty for the core group. */
  group: string;
  /** The version. */
  version: string;
  /** What is declared, in order. */
  declarations: Declaration[];
}

/** An interface or another name for a type; and for a served kind the descriptor under the same name. */
export interface Declaration {
  /** A TypeScript identifier. */
  name: string;
  /** What it is, for people; empty if nobody says so. */
  doc: string;
  /** What else is known of its values, each as a sentence. */
  facts: readonly string[];
  /** The type. */
  type: InterfaceModel | TypeModel;
  /** Where a server serves it, if it does. */
  resource?: ResourceModel;
}

/** The fields of an object. */
export interface InterfaceModel {
  /** Tells it from a {@linkcode TypeModel}. */
  is: "interface";
  /** The interfaces that it extends. */
  extends: TypeModel[];
  /** Its own fields, in order. */
  fields: FieldModel[];
  /** Whether it may have further fields, of which nothing is known. */
  open: boolean;
}

/** One field of an object. */
export interface FieldModel {
  /** As on the wire. */
  name: string;
  /** What it is, for people; empty if nobody says so. */
  doc: string;
  /** What else is known of its values, each as a sentence. */
  facts: readonly string[];
  /** What values it has. */
  type: TypeModel;
  /** Whether it may be absent. */
  optional: boolean;
}

/** A type within another. */
export type TypeModel =
  | {
    /** A word or literal of TypeScript, such as `string` or `"Always"`. */
    is: "word";
    /** The word. */
    word: string;
  }
  | {
    /** A declared type, maybe of another module. */
    is: "named";
    /** Its name where it is declared. */
    name: string;
    /** The module that declares it: a {@linkcode ModuleModel.name}, or `meta`. */
    module: string;
    /** What its type parameters are. */
    of: readonly TypeModel[];
  }
  | {
    /** A list. */
    is: "list";
    /** What its items are. */
    item: TypeModel;
  }
  | {
    /** An object with any keys. */
    is: "map";
    /** What its values are. */
    value: TypeModel;
  }
  | {
    /** One of several. */
    is: "union";
    /** Which. */
    members: readonly TypeModel[];
  };

/** What a descriptor says about a kind. */
export interface ResourceModel {
  /** The kind. */
  kind: string;
  /** Name in URLs. */
  plural: string;
  /** Name of one of them. */
  singular: string;
  /** Whether objects live in a namespace. */
  scope: Scope;
  /** Short names, as the server orders them. */
  shortNames: readonly string[];
  /** Groups of kinds that kubectl shows together. */
  categories: readonly string[];
  /** What can be asked of it. */
  verbs: readonly string[];
  /** Its subresources, in order. */
  subresources: readonly string[];
}
