import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AlreadyOwnedError,
  controllerOf,
  isControlledBy,
  type KubernetesObject,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from "@coxswain/kube/meta";

const owner = (name: string, more: object = {}, apiVersion = "example.com/v1") => ({
  apiVersion,
  kind: "WebApp",
  metadata: { name, namespace: "shop", uid: `uid-of-${name}`, ...more },
});
const APP = owner("web");
const REFERENCE = { apiVersion: "example.com/v1", kind: "WebApp", name: "web", uid: "uid-of-web" };
const POD: KubernetesObject = { kind: "Pod", metadata: { name: "web-0", namespace: "shop" } };

describe("setControllerReference()", () => {
  it("adds a reference, and leaves the object as it was", () => {
    const before = structuredClone(POD);
    const pod = setControllerReference(POD, APP);
    assert.deepEqual(pod.metadata?.ownerReferences, [{
      ...REFERENCE,
      controller: true,
      blockOwnerDeletion: true,
    }]);
    assert.deepEqual(POD, before);
    assert.ok(isControlledBy(pod, APP));
    assert.equal(controllerOf(pod)?.name, "web");
  });

  it("returns the object itself when there is nothing to change", () => {
    const pod = setControllerReference(POD, APP);
    assert.equal(setControllerReference(pod, APP), pod);
    assert.notEqual(setControllerReference(pod, APP, { blockOwnerDeletion: false }), pod);
  });

  it("follows an owner that was made again, or is known in another version", () => {
    const pod = setControllerReference(POD, APP);
    const again = setControllerReference(pod, owner("web", { uid: "new" }, "example.com/v2"));
    assert.deepEqual(again.metadata?.ownerReferences?.map(({ apiVersion, uid }) => [apiVersion, uid]), [[
      "example.com/v2",
      "new",
    ]]);
  });

  it("does not take an object from another controller", () => {
    const pod = setControllerReference(POD, APP);
    for (const other of [owner("other"), owner("web", {}, "other.com/v1")]) {
      assert.throws(() => setControllerReference(pod, other), (error) => {
        assert.ok(error instanceof AlreadyOwnedError);
        assert.equal(
          error.message,
          "Cannot take over Pod shop/web-0: it is controlled by WebApp web already",
        );
        assert.equal(error.owner.uid, "uid-of-web");
        return true;
      });
    }
  });

  it("makes a controller of what is an owner", () => {
    const pod = setControllerReference(setOwnerReference(POD, APP), APP);
    assert.equal(pod.metadata?.ownerReferences?.length, 1);
    assert.ok(isControlledBy(pod, APP));
  });

  for (
    const { name, namespace, ownerNamespace, allowed } of [
      { name: "an owner of its namespace", namespace: "shop", ownerNamespace: "shop", allowed: true },
      { name: "an owner of no namespace", namespace: "shop", ownerNamespace: undefined, allowed: true },
      {
        name: "an owner of no namespace, in none itself",
        namespace: undefined,
        ownerNamespace: undefined,
        allowed: true,
      },
      { name: "an owner of another namespace", namespace: "shop", ownerNamespace: "bank", allowed: false },
      {
        name: "an owner of a namespace, in none itself",
        namespace: undefined,
        ownerNamespace: "shop",
        allowed: false,
      },
    ]
  ) {
    it(`${allowed ? "accepts" : "refuses"} ${name}`, () => {
      const object = { metadata: { name: "a", namespace } };
      const set = () => setControllerReference(object, owner("web", { namespace: ownerNamespace }));
      if (allowed) assert.ok(controllerOf(set()));
      else {assert.throws(
          set,
          /^TypeError: Cannot make WebApp (shop|bank)\/web an owner of a: .*(finalizer|metadata\.namespace)/,
        );}
    });
  }

  it("takes an object from a cache, of which nothing may be changed", () => {
    const frozen = Object.freeze({
      metadata: Object.freeze({ name: "a", ownerReferences: Object.freeze([]) }),
    });
    assert.equal(
      setControllerReference(frozen, owner("web", { namespace: undefined })).metadata.ownerReferences.length,
      1,
    );
  });
});

describe("setOwnerReference() and removeOwnerReference()", () => {
  it("has any number of owners", () => {
    const pod = setOwnerReference(setControllerReference(POD, APP), owner("other"), {
      blockOwnerDeletion: true,
    });
    assert.deepEqual(
      pod.metadata?.ownerReferences?.map((
        { name, controller, blockOwnerDeletion },
      ) => [name, controller, blockOwnerDeletion]),
      [
        ["web", true, true],
        ["other", undefined, true],
      ],
    );
    assert.equal(setOwnerReference(pod, owner("other"), { blockOwnerDeletion: true }), pod);
  });

  it("does not make an owner of a controller", () => {
    const pod = setControllerReference(POD, APP);
    assert.equal(setOwnerReference(pod, APP), pod);
    const again = setOwnerReference(pod, owner("web", { uid: "new" }));
    assert.deepEqual(again.metadata?.ownerReferences, [{
      ...REFERENCE,
      uid: "new",
      controller: true,
      blockOwnerDeletion: true,
    }]);
  });

  it("takes one away, and returns the object itself when there is none", () => {
    const pod = setOwnerReference(setControllerReference(POD, APP), owner("other"));
    const left = removeOwnerReference(pod, APP);
    assert.deepEqual(left.metadata?.ownerReferences?.map(({ name }) => name), ["other"]);
    assert.equal(removeOwnerReference(left, APP), left);
    assert.equal(removeOwnerReference(POD, APP), POD);
  });
});

describe("isControlledBy()", () => {
  it("goes by the uid: another object of the name is not the owner", () => {
    const pod = setControllerReference(POD, APP);
    assert.ok(!isControlledBy(pod, owner("web", { uid: "new" })));
    assert.ok(!isControlledBy(setOwnerReference(POD, APP), APP));
    assert.ok(!isControlledBy({}, APP));
    assert.equal(controllerOf({ metadata: {} }), undefined);
  });
});
