import { parseApiVersion, type Scope } from "../meta/mod.ts";
import { type ServedResource, servedResource, type Trait } from "./served_resource.ts";

/**
 * What a Kubernetes 1.36 server serves, as far as this one does. Columns: kind, plural, scope, short names,
 * subresources, then traits; `-` stands for none. Taken from discovery and from the strategies in
 * `k8s.io/kubernetes/pkg/registry`.
 */
const TABLE: Readonly<Record<string, string>> = {
  "v1": `
    ConfigMap              configmaps              Namespaced cm      -
    Endpoints              endpoints               Namespaced ep      - upsert
    Event                  events                  Namespaced ev      - upsert
    LimitRange             limitranges             Namespaced limits  - upsert
    Namespace              namespaces              Cluster    ns      status,finalize returned labelName
    Node                   nodes                   Cluster    no      status,proxy
    PersistentVolume       persistentvolumes       Cluster    pv      status returned
    PersistentVolumeClaim  persistentvolumeclaims  Namespaced pvc     status returned
    Pod                    pods                    Namespaced po      status,log,exec,attach,portforward,proxy,binding,eviction,ephemeralcontainers,resize generation returned
    PodTemplate            podtemplates            Namespaced -       - generation returned
    ReplicationController  replicationcontrollers  Namespaced rc      status,scale generation orphans
    ResourceQuota          resourcequotas          Namespaced quota   status returned
    Secret                 secrets                 Namespaced -       -
    Service                services                Namespaced svc     status,proxy returned upsert labelName
    ServiceAccount         serviceaccounts         Namespaced sa      token returned`,
  "apiextensions.k8s.io/v1": `
    CustomResourceDefinition customresourcedefinitions Cluster crd,crds status generation returned`,
  "apps/v1": `
    ControllerRevision     controllerrevisions     Namespaced -       -
    DaemonSet              daemonsets              Namespaced ds      status generation
    Deployment             deployments             Namespaced deploy  status,scale generation
    ReplicaSet             replicasets             Namespaced rs      status,scale generation
    StatefulSet            statefulsets            Namespaced sts     status,scale generation`,
  "autoscaling/v2": `
    HorizontalPodAutoscaler horizontalpodautoscalers Namespaced hpa   status`,
  "batch/v1": `
    CronJob                cronjobs                Namespaced cj      status generation
    Job                    jobs                    Namespaced -       status generation orphans`,
  "certificates.k8s.io/v1": `
    CertificateSigningRequest certificatesigningrequests Cluster csr  status,approval`,
  "coordination.k8s.io/v1": `
    Lease                  leases                  Namespaced -       - conditional upsert`,
  "discovery.k8s.io/v1": `
    EndpointSlice          endpointslices          Namespaced -       - generation`,
  "events.k8s.io/v1": `
    Event                  events                  Namespaced ev      - upsert`,
  "networking.k8s.io/v1": `
    Ingress                ingresses               Namespaced ing     status generation
    IngressClass           ingressclasses          Cluster    -       - generation
    NetworkPolicy          networkpolicies         Namespaced netpol  - generation`,
  "node.k8s.io/v1": `
    RuntimeClass           runtimeclasses          Cluster    -       - conditional upsert`,
  "policy/v1": `
    PodDisruptionBudget    poddisruptionbudgets    Namespaced pdb     status generation conditional`,
  "rbac.authorization.k8s.io/v1": `
    ClusterRole            clusterroles            Cluster    -       - upsert anyName
    ClusterRoleBinding     clusterrolebindings     Cluster    -       - upsert anyName
    Role                   roles                   Namespaced -       - upsert anyName
    RoleBinding            rolebindings            Namespaced -       - upsert anyName`,
  "scheduling.k8s.io/v1": `
    PriorityClass          priorityclasses         Cluster    pc      - generation`,
  "storage.k8s.io/v1": `
    CSIDriver              csidrivers              Cluster    -       - returned conditional
    CSINode                csinodes                Cluster    -       - returned conditional
    StorageClass           storageclasses          Cluster    sc      - returned
    VolumeAttachment       volumeattachments       Cluster    -       status returned conditional`,
};

/** The resources that `kubectl get all` shows. */
const ALL = new Set([
  "pods",
  "replicationcontrollers",
  "services",
  "daemonsets",
  "deployments",
  "replicasets",
  "statefulsets",
  "horizontalpodautoscalers",
  "cronjobs",
  "jobs",
]);

/** The built-in resources, read from the table. */
export function builtInResources(): ServedResource[] {
  const list = (cell: string) => cell === "-" ? [] : cell.split(",");
  return Object.entries(TABLE).flatMap(([apiVersion, rows]) =>
    rows.trim().split("\n").map((row) => {
      const [kind, plural, scope, shortNames, subresources, ...traits] = row.trim().split(/\s+/);
      const type = {
        ...parseApiVersion(apiVersion),
        kind,
        plural,
        scope: scope as Scope,
        shortNames: list(shortNames),
        categories: ALL.has(plural)
          ? ["all"]
          : plural === "customresourcedefinitions"
          ? ["api-extensions"]
          : [],
        subresources: list(subresources),
      };
      return servedResource(type, traits as Trait[], true);
    })
  );
}
