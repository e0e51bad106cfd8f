import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestClient, type RestRequest } from "@coxswain/kube/rest";

/** The `Accept` header that a request goes out with. */
async function acceptOf(build: (rest: RestClient) => RestRequest): Promise<string | null> {
  let accept: string | null = null;
  const rest = new RestClient({
    server: "http://coxswain.test",
    fetch: (_, init) => {
      accept = new Headers(init?.headers).get("accept");
      return Promise.resolve(new Response("{}"));
    },
  });
  try {
    await (await build(rest).send()).text();
  } finally {
    await rest[Symbol.asyncDispose]();
  }
  return accept;
}

describe("RestRequest.as()", () => {
  for (const as of ["PartialObjectMetadata", "PartialObjectMetadataList", "Table"] as const) {
    it(`asks for ${as}, and takes the objects as they are too (spec rest 19, A.3)`, async () => {
      assert.equal(
        await acceptOf((rest) => rest.get().resource("pods").as(as)),
        `application/json;as=${as};g=meta.k8s.io;v=v1,application/json`,
      );
    });
  }

  it("leaves an Accept header of one's own alone (spec rest 2.3)", async () => {
    const accept = await acceptOf((rest) => rest.get().as("Table").header("Accept", "application/yaml"));
    assert.equal(accept, "application/yaml");
  });

  it("is not asked for by default (spec rest 1.6)", async () => {
    assert.equal(await acceptOf((rest) => rest.get().resource("pods")), "application/json, */*");
  });
});
