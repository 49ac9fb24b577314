import { describe, expect, test } from "vitest";
import { checkLinearizable, versionedStoreModel } from "../../src/index.ts";
import type { Operation, VersionedInput, VersionedOutput } from "../../src/index.ts";

type Step = readonly [VersionedInput, VersionedOutput | undefined];

/** One client, one operation after the other; unknown outcomes stay open for ever. */
function inTurn(steps: readonly Step[]): Operation<VersionedInput, VersionedOutput>[] {
  return steps.map(([input, output], at) => ({
    client: "only",
    input,
    output,
    calledAt: 2 * at,
    returnedAt: 2 * at + 1,
  }));
}
const verdict = (...steps: Step[]) => checkLinearizable(versionedStoreModel(), inTurn(steps)).kind;

const id = "service";
const get: VersionedInput = { kind: "get", id };
const create = (value: string): VersionedInput => ({ kind: "create", id, value });
const update = (version: number, value: string): VersionedInput => ({
  kind: "update",
  id,
  version,
  value,
});
const remove = (version: number): VersionedInput => ({ kind: "remove", id, version });
const found = (version: number, value: string): VersionedOutput => ({
  kind: "found",
  version,
  value,
});
const written = (version: number): VersionedOutput => ({ kind: "written", version });
const absent: VersionedOutput = { kind: "absent" };
const removed: VersionedOutput = { kind: "removed" };
const refused: VersionedOutput = { kind: "refused" };

describe("a store of versioned objects", () => {
  test.each<[string, Step[]]>([
    [
      "a life",
      [
        [get, absent],
        [create("a"), written(3)],
        [get, found(3, "a")],
        [update(3, "b"), written(7)],
        [remove(7), removed],
        [get, absent],
      ],
    ],
    [
      "a stale update is refused",
      [
        [create("a"), written(3)],
        [update(2, "b"), refused],
        [get, found(3, "a")],
      ],
    ],
    [
      "an update of nothing is refused",
      [
        [update(1, "b"), refused],
        [remove(1), refused],
      ],
    ],
    [
      "creating twice is refused",
      [
        [create("a"), written(3)],
        [create("b"), refused],
      ],
    ],
    [
      "an unknown update took effect",
      [
        [create("a"), written(3)],
        [update(3, "b"), undefined],
        [get, found(5, "b")],
        [update(5, "c"), written(6)],
      ],
    ],
    [
      "an unknown update did not",
      [
        [create("a"), written(3)],
        [update(3, "b"), undefined],
        [get, found(3, "a")],
      ],
    ],
    [
      "an unknown creation took effect, unseen",
      [
        [create("a"), undefined],
        [update(4, "b"), written(5)],
        [get, found(5, "b")],
      ],
    ],
    [
      "an unknown removal took effect",
      [
        [create("a"), written(3)],
        [remove(3), undefined],
        [get, absent],
        [create("b"), written(9)],
      ],
    ],
  ])("%s", (_name, steps) => {
    expect(verdict(...steps)).toBe("linearizable");
  });

  test.each<[string, Step[]]>([
    [
      "a write that is gone",
      [
        [create("a"), written(3)],
        [get, absent],
      ],
    ],
    [
      "a version that did not rise",
      [
        [create("a"), written(3)],
        [update(3, "b"), written(3)],
      ],
    ],
    [
      "an old version after removal",
      [
        [create("a"), written(3)],
        [remove(3), removed],
        [create("b"), written(2)],
      ],
    ],
    [
      "a stale update that was let in",
      [
        [create("a"), written(3)],
        [update(3, "b"), written(4)],
        [update(3, "c"), written(5)],
      ],
    ],
    [
      "a fitting update that was refused",
      [
        [create("a"), written(3)],
        [update(3, "b"), refused],
      ],
    ],
    ["a creation refused without an object", [[create("a"), refused]]],
    [
      "a value under another's version",
      [
        [create("a"), written(3)],
        [get, found(4, "a")],
      ],
    ],
    [
      "an unknown update that comes and goes",
      [
        [create("a"), written(3)],
        [update(3, "b"), undefined],
        [get, found(5, "b")],
        [get, found(3, "a")],
      ],
    ],
    [
      "a removed object that is found",
      [
        [create("a"), written(3)],
        [remove(3), removed],
        [get, found(3, "a")],
      ],
    ],
  ])("violation: %s", (_name, steps) => {
    expect(verdict(...steps)).toBe("violation");
  });

  test("objects are checked apart", () => {
    const history = inTurn([
      [create("a"), written(3)],
      [{ kind: "get", id: "other" }, found(1, "x")],
    ]);
    expect(checkLinearizable(versionedStoreModel(), history)).toMatchObject({
      kind: "violation",
      partition: "other",
    });
  });
});
