import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeRumour, judgeRumourAboutSelf } from "../../../src/core/members/precedence.ts";
import type { MemberState, RumourMessage } from "../../../src/index.ts";

const address = { host: "h", port: 1 };
const rumour = (type: RumourMessage["type"], incarnation: number): RumourMessage =>
  type === "alive"
    ? { type, name: "x", incarnation, address, meta: new Uint8Array(0) }
    : { type, name: "x", incarnation, from: "y" };

// SWIM, section 4.2, with leaving and returning added. Incarnations: held 5, rumour 4, 5, 6.
const table: [MemberState | undefined, RumourMessage["type"], string][] = [
  [undefined, "alive", "add add add"],
  [undefined, "suspect", "ignore ignore ignore"],
  [undefined, "dead", "ignore ignore ignore"],
  ["alive", "alive", "ignore ignore revive"],
  ["alive", "suspect", "ignore suspect suspect"],
  ["alive", "dead", "ignore bury bury"],
  ["suspect", "alive", "ignore ignore revive"],
  ["suspect", "suspect", "ignore confirm suspect"],
  ["suspect", "dead", "ignore bury bury"],
  ["dead", "alive", "ignore ignore revive"],
  ["dead", "suspect", "ignore ignore ignore"],
  ["dead", "dead", "ignore ignore ignore"],
  ["left", "alive", "ignore ignore revive"],
  ["left", "suspect", "ignore ignore ignore"],
  ["left", "dead", "ignore ignore ignore"],
];

test.each(table)("held %s, rumour %s: %s", (state, type, expected) => {
  const held = state && { state, incarnation: 5 };
  const verdicts = [4, 5, 6].map((incarnation) => judgeRumour(held, rumour(type, incarnation)));
  expect(verdicts.join(" ")).toBe(expected);
});

test("no rumour lowers the incarnation, and the same one never counts twice as news", () => {
  const state = fc.constantFrom<MemberState>("alive", "suspect", "dead", "left");
  const type = fc.constantFrom<RumourMessage["type"]>("alive", "suspect", "dead");
  fc.assert(
    fc.property(state, fc.nat(5), type, fc.nat(5), (held, own, kind, incarnation) => {
      const verdict = judgeRumour({ state: held, incarnation: own }, rumour(kind, incarnation));
      if (verdict !== "ignore") expect(incarnation).toBeGreaterThanOrEqual(own);
      const next = { add: held, revive: "alive", suspect: "suspect", bury: "dead" } as const;
      if (verdict === "ignore" || verdict === "confirm") return;
      const again = judgeRumour({ state: next[verdict], incarnation }, rumour(kind, incarnation));
      expect(["ignore", "confirm"]).toContain(again);
    }),
  );
});

test("a node defends itself", () => {
  const judge = (type: RumourMessage["type"], incarnation: number, isOwn = false) =>
    judgeRumourAboutSelf(5, rumour(type, incarnation), isOwn);
  expect([4, 5, 6].map((n) => judge("suspect", n))).toEqual(["repeat", "refute", "refute"]);
  expect([4, 5, 6].map((n) => judge("dead", n))).toEqual(["repeat", "refute", "refute"]);
  expect([4, 5, 6].map((n) => judge("alive", n, true))).toEqual(["ignore", "ignore", "refute"]);
  expect(judge("alive", 5, false)).toBe("refute");
});
