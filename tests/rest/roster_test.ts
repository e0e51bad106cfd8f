import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Listed, Roster } from "../../rest/roster.ts";

class One extends Listed {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

const made = (...names: string[]) => {
  const roster = new Roster<One>();
  const all = names.map((name) => new One(name));
  for (const one of all) roster.add(one);
  return { roster, all, names: () => roster.all().map(({ name }) => name).join(" ") };
};

describe("A roster", () => {
  it("has who came and has not gone, in order", () => {
    const { roster, all: [a, b, c, d], names } = made("a", "b", "c", "d");
    assert.equal(names(), "a b c d");
    for (const [one, left] of [[b, "a c d"], [a, "c d"], [d, "c"], [c, ""]] as const) {
      assert.equal(roster.isEmpty, false);
      assert.equal(roster.delete(one), true);
      assert.equal(names(), left);
    }
    assert.equal(roster.isEmpty, true);
  });

  it("takes nobody out twice, and takes back who has gone", () => {
    const { roster, all: [a, b], names } = made("a", "b");
    roster.delete(a);
    assert.equal(roster.delete(a), false);
    assert.equal(roster.delete(new One("c")), false);
    roster.add(a);
    assert.equal(names(), "b a");
    roster.delete(b);
    assert.equal(names(), "a");
  });

  it("leaves nothing between those who have gone and those who are there", () => {
    const { roster, all: [a, b, c] } = made("a", "b", "c");
    roster.delete(b);
    assert.deepEqual([b.before === b, b.after === b, a.after === c, c.before === a], [
      true,
      true,
      true,
      true,
    ]);
  });

  it("can lose who is there while all of them are told", () => {
    const { roster, all, names } = made("a", "b", "c");
    const told: string[] = [];
    for (const one of roster.all()) {
      told.push(one.name);
      for (const other of all) roster.delete(other);
    }
    assert.deepEqual(told, ["a", "b", "c"]);
    assert.equal(names(), "");
  });
});
