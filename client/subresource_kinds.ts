import type { KubernetesObject } from "../meta/mod.ts";
import type { DeleteOptions } from "./options.ts";

/** How many replicas of something are wanted, and how many there are: `autoscaling/v1`. */
export interface Scale extends KubernetesObject {
  /** What is wanted. */
  spec?: {
    /** How many replicas. */
    replicas?: number;
  };
  /** What is the case. */
  status?: {
    /** How many replicas there are. */
    replicas: number;
    /** Which pods are the replicas, as a label selector. */
    selector?: string;
  };
}

/** A request to delete a pod as far as its disruption budgets allow: `policy/v1`. */
export interface Eviction extends KubernetesObject {
  /** How to delete. */
  deleteOptions?: Omit<DeleteOptions, "signal" | "dryRun"> & { dryRun?: string[] };
}

/** Gives an object to another, as a pod to a node: `v1`. */
export interface Binding extends KubernetesObject {
  /** To what. */
  target: { apiVersion?: string; kind?: string; name?: string };
}

/** A request for a token of a service account: `authentication.k8s.io/v1`. */
export interface TokenRequest extends KubernetesObject {
  /** What is wanted. */
  spec: {
    /** For whom the token is. Default: the API server. */
    audiences?: string[];
    /** Seconds until it ends; the server may choose otherwise. */
    expirationSeconds?: number;
    /** An object with which the token ends. */
    boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string };
  };
  /** The answer. */
  status?: {
    /** The token: a credential. */
    token: string;
    /** When it ends, in RFC 3339. */
    expirationTimestamp: string;
  };
}
