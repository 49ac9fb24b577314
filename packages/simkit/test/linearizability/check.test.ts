import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkLinearizable, createRandom, mapModel, registerModel } from "../../src/index.ts";
import type { MapInput, Operation, RegisterInput, RegisterOutput } from "../../src/index.ts";
import { drawn, existsOrder } from "./histories.ts";

const verdict = (picture: string) => checkLinearizable(registerModel("0"), drawn(picture)).kind;

describe("a register, histories with known verdicts", () => {
  test.each([
    ["nothing happened", ``],
    ["one after the other", `|w1| |r1| |w2| |r2|`],
    ["a read during a write sees the old value", `|w1----|\n  |r0|`],
    ["a read during a write sees the new value", `|w1----|\n  |r1|`],
    ["two reads during a write, old then new", `|w1---------|\n |r0| |r1|`],
    ["writes that overlap end in either order", `|w1---| |r1|\n |w2--|`],
    ["writes that overlap end in either order, the other", `|w1---| |r2|\n |w2--|`],
    ["an unknown write took effect", `|w1-?\n       |r1|`],
    ["an unknown write never took effect", `|w1-?\n       |r0| |r0|`],
    ["an unknown write took effect much later", `|w1-?\n       |r0|  |r0|  |r1| |r1|`],
    ["one of two equal swaps", `|c01t--|\n |c02f---|\n          |r1|`],
    ["a swap on what an unknown write left", `|w1-?\n    |c12t| |r2|`],
    ["touching counts as overlapping", `|w1|\n   |r0|`],
  ])("%s", (_name, picture) => {
    expect(verdict(picture)).toBe("linearizable");
  });

  test.each([
    ["a stale read", `|w1| |r0|`],
    ["a value from nowhere", `|r7|`],
    ["two reads during a write, new then old", `|w1---------|\n |r1| |r0|`],
    ["new then old, at different clients", `|w1-----------|\n |r1|\n      |r0|`],
    ["two swaps of one value", `|c01t|\n |c02t|`],
    ["a lost update", `|w1| |w2| |r1|`],
    ["an unknown write does not come and go", `|w1-?\n      |r1| |r0|`],
    ["an unknown write does not act before its call", `|r1|\n      |w1-?`],
    ["readers that disagree on the order of writes", `|w1-----|\n|w2-----|\n         |r1| |r2|`],
  ])("violation: %s", (_name, picture) => {
    expect(verdict(picture)).toBe("violation");
  });
});

test("a violation says how far an explanation goes, and what could not follow", () => {
  const found = checkLinearizable(
    registerModel("0"),
    drawn(`|w1| |r1|  |r0|\n            |w2---|`),
  );
  expect(found.kind).toBe("violation");
  if (found.kind !== "violation") return;
  expect(found.explained.map(({ input }) => input.kind)).toEqual(["write", "read", "write"]);
  expect(found.stuck.map(({ input, output }) => [input.kind, output])).toEqual([["read", "0"]]);
});

const operation: fc.Arbitrary<Operation<RegisterInput, RegisterOutput>> = fc
  .record({
    calledAt: fc.nat(20),
    took: fc.nat(8),
    known: fc.integer({ min: 0, max: 5 }),
    value: fc.constantFrom("0", "1", "2"),
    other: fc.constantFrom("0", "1", "2"),
    did: fc.boolean(),
    kind: fc.constantFrom("read", "write", "compare-and-set"),
  })
  .map(({ calledAt, took, known, value, other, did, kind }) => {
    const times = { client: "any", calledAt, returnedAt: calledAt + took };
    if (kind === "read")
      return { ...times, input: { kind }, output: known === 0 ? undefined : value };
    const output = known === 0 ? undefined : did;
    return kind === "write"
      ? { ...times, input: { kind, value }, output }
      : { ...times, input: { kind: "compare-and-set", expected: value, value: other }, output };
  });

test("the verdict is that of the definition", () => {
  const verdicts = { linearizable: 0, violation: 0 };
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 7 }), (history) => {
      const expected = existsOrder(history, "0") ? "linearizable" : "violation";
      verdicts[expected] += 1;
      expect(checkLinearizable(registerModel("0"), history).kind).toBe(expected);
    }),
    { numRuns: 2000, seed: 1 },
  );
  expect(Math.min(verdicts.linearizable, verdicts.violation)).toBeGreaterThan(100);
});

/** Clients that use a real map, each operation at a drawn moment of its time. */
function useMap(seed: number, length: number): Operation<MapInput, RegisterOutput>[] {
  const random = createRandom(seed);
  const values = new Map<string, string>();
  const busyUntil = Array.from({ length: 16 }, () => 0);
  const planned = Array.from({ length }, (_, at) => {
    const client = at % busyUntil.length;
    const calledAt = (busyUntil[client] ?? 0) + random.next();
    const actsAt = calledAt + random.next();
    const returnedAt = actsAt + random.next();
    busyUntil[client] = returnedAt;
    return { client: String(client), calledAt, actsAt, returnedAt };
  }).sort((a, b) => a.actsAt - b.actsAt);
  return planned.map(({ client, calledAt, returnedAt }) => {
    const key = `key ${random.integer(8)}`;
    const known = values.get(key) ?? "";
    const value = String(random.integer(5));
    const lost = random.integer(200) === 0;
    const times = { client, calledAt, returnedAt };
    switch (random.integer(4)) {
      case 0:
        values.set(key, value);
        return {
          ...times,
          input: { key, operation: { kind: "write", value } },
          output: lost ? undefined : true,
        };
      case 1: {
        const expected = String(random.integer(5));
        if (known === expected) values.set(key, value);
        const input = { key, operation: { kind: "compare-and-set" as const, expected, value } };
        return { ...times, input, output: lost ? undefined : known === expected };
      }
      case 2:
        values.delete(key);
        return { ...times, input: { key, operation: { kind: "delete" } }, output: true };
      default:
        return { ...times, input: { key, operation: { kind: "read" } }, output: known };
    }
  });
}

test("long histories of a map are decided, and one wrong read in them is found", () => {
  for (const seed of [1, 2, 3]) {
    const history = useMap(seed, 4000);
    expect(checkLinearizable(mapModel(), history)).toEqual({ kind: "linearizable" });
    const at = history.findIndex(
      ({ input, output }, index) =>
        index > 2000 && input.operation.kind === "read" && output !== "",
    );
    const wrong = history.with(at, { ...history[at]!, output: "never written" });
    expect(checkLinearizable(mapModel(), wrong)).toMatchObject({
      kind: "violation",
      partition: history[at]!.input.key,
    });
  }
});

test("too many states end the search", () => {
  const history = drawn(`|w1-----|\n|w2-----|\n|w3-----|\n|w4-----|\n          |r9|`);
  expect(checkLinearizable(registerModel("0"), history, { statesMax: 10 })).toEqual({
    kind: "undecided",
    partition: "",
  });
});
