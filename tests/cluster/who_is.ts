import type { Client } from "@coxswain/kube";

/** Whom a server takes somebody for. */
export interface UserInfo {
  username: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/** Whom the server takes a client for. */
export async function whoIs({ rest }: Client): Promise<UserInfo> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const request = rest.post().groupVersion("authentication.k8s.io", "v1").resource("selfsubjectreviews").body(
    review,
  );
  return (await (await request.send()).json<{ status: { userInfo: UserInfo } }>()).status.userInfo;
}
