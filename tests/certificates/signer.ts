// What an administrator and a signer do with requests for certificates.
import type { ObjectMeta } from "@coxswain/kube/meta";
import type { ApiServer } from "@coxswain/kube/testing";
import type { RestClient, RestRequest } from "@coxswain/kube/rest";

/** A `CertificateSigningRequest`. */
export interface SigningRequest {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: { request: string; usages: string[]; signerName: string; expirationSeconds?: number };
  status?: { conditions?: object[]; certificate?: string };
}

const requests = (request: RestRequest): RestRequest =>
  request.groupVersion("certificates.k8s.io", "v1").resource("certificatesigningrequests");

/** The first request that is not decided and has a name that is wanted; waits until there is one. */
export async function nextRequest(
  admin: RestClient,
  isWanted: (name?: string) => boolean = () => true,
  fieldSelector?: string,
): Promise<SigningRequest> {
  const watch = (await requests(admin.get()).query({ watch: true, fieldSelector }).send()).watch<
    SigningRequest
  >();
  for await (const { type, object } of watch) {
    if (type !== "ADDED" && type !== "MODIFIED") continue;
    if (!object.status?.conditions?.length && isWanted(object.metadata.name)) return object as SigningRequest;
  }
  throw new Error("the watch has ended");
}

/** Writes the status of a request in memory, where no one approves and signs. */
export function decide(server: ApiServer, request: SigningRequest, status: SigningRequest["status"]): void {
  const decided: SigningRequest = { ...request, status };
  server.load(decided);
}

/** Whoever approves has agreed. */
export const APPROVED = { type: "Approved", status: "True" };
