import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { change, members } from "../membership/change-text.ts";
import { Single } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const busy: unknown = expect.objectContaining({ code: "transfer-in-progress" });

/** Leads; leadership is to go to node `to`, which has not acknowledged anything. */
function handingOver(to: number, single = new Single().lead()): Single {
  single.core.transferLeadership(nodeId(to));
  return single.run();
}

const urged = (single: Single): boolean => single.take().some(({ type }) => type === "timeout-now");

describe("handing over leadership", () => {
  test("a transfer never ends", () => {
    const single = handingOver(3).tick(10);
    expect(() => single.propose("x")).not.toThrow();
  });

  test("a transfer ends with the election period that it falls into", () => {
    const single = handingOver(3, new Single().lead().tick(9)).tick(9);
    expect(() => single.propose("x")).toThrow(busy);
  });

  test("proposals are accepted during a transfer", () => {
    const single = handingOver(3);
    expect(() => single.propose("x")).toThrow(busy);
    single.from(2, "propose", { term: 0, entries: [{ kind: "normal", data: Uint8Array.of(1) }] });
    expect(single.core.status().lastIndex).toBe(2);
  });

  test("the target is urged at once although it lacks entries", () => {
    expect(urged(handingOver(3))).toBe(false);
  });

  test("the target is urged before it has the last entry", () => {
    const single = handingOver(3, new Single().lead().ack(2).propose("x"));
    expect(urged(single.from(3, "append-response", { index: 2 }))).toBe(false);
    expect(urged(single.from(3, "append-response", { index: 3 }))).toBe(true);
  });

  test("a target that has everything is not urged", () => {
    expect(urged(handingOver(2, new Single().lead().ack(2)))).toBe(true);
  });

  test("a lagging target is not brought up to date", () => {
    const single = new Single().lead().from(3, "heartbeat-response").from(3, "heartbeat-response");
    single.core.reportUnreachable(nodeId(3));
    single.from(3, "append-response", { index: 1, reject: true, rejectHint: 0 });
    single.from(3, "append-response", { index: 1 }).take();
    single.core.reportUnreachable(nodeId(3));
    expect(handingOver(3, single).take()).toMatchObject([
      { type: "append", to: 3, entries: [{ index: 2 }] },
    ]);
  });

  test("leadership goes to a learner", () => {
    const initial = stored([1], { members: members({ voters: [1, 2], learners: [3] }) });
    const single = new Single([], { initial }).lead().ack(3).from(3, "transfer-leader");
    expect(urged(single)).toBe(false);
    expect(() => single.propose("x")).not.toThrow();
  });

  test.each(["r3", "l3"])(
    "a transfer goes on although its target is no voter any more (%s)",
    (text) => {
      const single = handingOver(3, new Single().lead().ack(2));
      single.core.applyConfChange(change(text));
      expect(() => single.propose("x")).not.toThrow();
    },
  );

  test("a transfer outlives the leadership", () => {
    const single = handingOver(3).from(2, "heartbeat", { term: 5 }).lead();
    expect(() => single.propose("x")).not.toThrow();
  });

  test("a second target does not take the place of the first", () => {
    const single = handingOver(2, handingOver(3));
    expect(urged(single.ack(3))).toBe(false);
    expect(urged(single.ack(2))).toBe(true);
  });
});

describe("the target", () => {
  test("the target asks for pre-votes", () => {
    const single = new Single([1, 2, 3], { preVote: true }).from(2, "heartbeat");
    single.take();
    expect(single.from(2, "timeout-now").take()).toMatchObject([
      { type: "vote", term: 2, transfer: true },
      { type: "vote", term: 2, transfer: true },
    ]);
  });
});
