import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OutgoingRequest, remoteUser, remoteUserHeaders } from "@coxswain/kube/rest";

const jane = {
  userName: "jane",
  uid: "7",
  groups: ["a", "b"],
  extra: { "Test.example.com/thing": ["x", "y"], "100%": ["z"] },
};

const JANE = [
  ["X-Remote-User", "jane"],
  ["X-Remote-Uid", "7"],
  ["X-Remote-Group", "a"],
  ["X-Remote-Group", "b"],
  ["X-Remote-Extra-Test.example.com%2Fthing", "x"],
  ["X-Remote-Extra-Test.example.com%2Fthing", "y"],
  ["X-Remote-Extra-100%25", "z"],
];

describe("remoteUserHeaders() (spec rest 7.2)", () => {
  it("tells all of a user, one header for each group and value", () => {
    assert.deepEqual(remoteUserHeaders(jane), JANE);
  });

  it("tells the name even though it is empty, and no empty UID", () => {
    assert.deepEqual(remoteUserHeaders({ uid: "" }), [["X-Remote-User", ""]]);
  });

  it("refuses what cannot arrive as it is", () => {
    assert.throws(() => remoteUserHeaders({ userName: "a\nb" }), /Cannot use remoteUser.userName: /);
    assert.throws(() => remoteUser({ groups: ["a "] }), /Cannot use remoteUser.groups: /);
  });
});

describe("remoteUser() (spec rest 7.2)", () => {
  const sent = async (headers: [string, string][]): Promise<[string, string][]> => {
    let seen: OutgoingRequest | undefined;
    const request = { url: "https://a/", method: "GET", headers, signal: new AbortController().signal };
    const before = structuredClone(headers);
    await remoteUser(jane)(request, (request) => {
      seen = request;
      return Promise.resolve(new Response());
    });
    assert.deepEqual(headers, before, "the request may be sent again, so that it stays as it is");
    return seen!.headers;
  };

  it("puts its headers in the place of those that are there, in whatever letters", async () => {
    const others: [string, string][] = [["Accept", "x/y"], ["X-Remote-Users", "kept"]];
    const replaced: [string, string][] = [
      ["x-remote-user", "joe"],
      ["X-REMOTE-UID", "8"],
      ["X-Remote-Group", "c"],
      ["x-remote-extra-other", "d"],
    ];
    assert.deepEqual(await sent([...replaced, ...others]), [...others, ...JANE]);
  });
});
