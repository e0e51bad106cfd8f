// A server that says what a test wants, and remembers what it was asked.
import { RestClient, type RestConfigInit } from "@coxswain/kube/rest";

/** What the server does: gives a value as JSON, a response, or does what a function does. */
export type Answer = object | Response | ((request: Request) => Response | Promise<Response>);

/** What a test has of its server. */
export interface Answers {
  readonly rest: RestClient;
  /** Path and query of each request, in order; without the time-out. */
  readonly paths: string[];
  /** The requests themselves. */
  readonly requests: Request[];
  /** Changes what is answered from now on. */
  readonly answers: Record<string, Answer>;
}

/** The media type of aggregated discovery. */
export const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** A client of a server that answers paths as given, and 404 to all others. */
export function answering(answers: Record<string, Answer>, init: Partial<RestConfigInit> = {}): Answers {
  const requests: Request[] = [];
  const paths: string[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    searchParams.delete("timeout"); // each request has one, see discovery_client_test.ts
    const search = searchParams.size === 0 ? "" : `?${searchParams}`;
    requests.push(request);
    paths.push(pathname + search);
    const answer = answers[pathname + search] ?? answers[pathname];
    if (answer === undefined) return status(404, "NotFound");
    if (answer instanceof Response) return answer.clone();
    return typeof answer === "function" ? await answer(request) : Response.json(answer);
  };
  const config = {
    server: "http://coxswain.test",
    fetch: fetch as typeof globalThis.fetch,
    maxRetries: 0,
    ...init,
  };
  return { rest: new RestClient(config), paths, requests, answers };
}

/** A refusal. */
export function status(code: number, reason: string): Response {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", reason, message: reason, code };
  return Response.json(body, { status: code });
}

/** A group in the aggregated form, with the resources of each of its versions. */
export function aggregatedGroup(
  name: string,
  versions: Record<string, readonly object[] | "Stale">,
): Record<string, unknown> {
  return {
    metadata: name === "" ? {} : { name },
    versions: Object.entries(versions).map(([version, resources]) =>
      resources === "Stale"
        ? { version, freshness: "Stale", resources: [] }
        : { version, resources, freshness: "Current" }
    ),
  };
}

/** A namespaced resource in the aggregated form. */
export function aggregatedResource(
  resource: string,
  kind: string,
  more: object = {},
): Record<string, unknown> {
  return {
    resource,
    responseKind: { group: "", version: "", kind },
    scope: "Namespaced",
    singularResource: kind.toLowerCase(),
    verbs: ["get", "list"],
    ...more,
  };
}

/** An answer in the aggregated form. */
export function aggregated(...items: object[]): Response {
  return new Response(
    JSON.stringify({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items }),
    {
      headers: { "content-type": AGGREGATED },
    },
  );
}
