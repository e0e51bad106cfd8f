import { defineResource, type KubernetesObject } from "@coxswain/kube";
import type { Condition } from "@coxswain/kube/meta";

/** What operator.yaml defines, and the operator makes Deployments and Services of. */
export interface WebApp extends KubernetesObject {
  spec: { image: string; replicas?: number };
  status?: { observedGeneration?: number; conditions?: Condition[] };
}
export const WebApp = defineResource<WebApp>({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
});
