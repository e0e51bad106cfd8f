import { FieldSet } from "./field_set.ts";
import type { ServedResource } from "./served_resource.ts";

/** Kinds whose metadata a write of the status leaves alone; custom resources are like them. */
export const KEEPS_METADATA: ReadonlySet<string> = new Set(["volumeattachments.storage.k8s.io"]);

const NOTHING = new FieldSet();
const STATUS = FieldSet.of(["f:status"]);
const SPEC = FieldSet.of(["f:spec"]);
const SPEC_AND_METADATA = FieldSet.of(["f:spec"], ["f:metadata"]);

/** What else a write of the status leaves alone, as `GetResetFields` of the strategies says. */
const ALSO_KEPT: Readonly<Record<string, FieldSet>> = {
  "deployments.apps": FieldSet.of(["f:spec"], ["f:metadata", "f:labels"]),
  "pods": FieldSet.of(
    ["f:spec"],
    ["f:metadata", "f:deletionTimestamp"],
    ["f:metadata", "f:ownerReferences"],
  ),
};

/** The fields that a write does not change whatever it says, and so does not own. */
export function resetFields({ title, builtIn, subresources }: ServedResource, via: string): FieldSet {
  if (!subresources.has("status")) return NOTHING;
  if (via !== "status") return STATUS;
  return ALSO_KEPT[title] ?? (!builtIn || KEEPS_METADATA.has(title) ? SPEC_AND_METADATA : SPEC);
}
