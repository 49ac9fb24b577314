import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { Single } from "./single.ts";

describe("3.10 of the thesis: leadership transfer", () => {
  test("at once to a peer that has everything; proposals wait; ends after an election timeout", () => {
    const single = new Single().lead().ack(2);
    single.take();
    single.core.transferLeadership(nodeId(2));
    expect(single.run().take()).toEqual([{ type: "timeout-now", from: 1, to: 2, term: 2 }]);
    expect(() => single.propose("x")).toThrow(
      expect.objectContaining({ code: "transfer-in-progress" }),
    );
    single.tick(10);
    expect(() => single.propose("x")).not.toThrow();
  });

  test("brings a peer up to date first", () => {
    const single = new Single().lead();
    single.core.transferLeadership(nodeId(3));
    expect(
      single
        .run()
        .take()
        .map(({ type }) => type),
    ).not.toContain("timeout-now");
    expect(single.ack(3).take()).toContainEqual({ type: "timeout-now", from: 1, to: 3, term: 2 });
  });

  test("the target campaigns without asking first, and says why", () => {
    const single = new Single([1, 2, 3], { preVote: true }).from(2, "heartbeat");
    single.take();
    single.from(2, "timeout-now");
    expect(single.take()[0]).toMatchObject({ type: "vote", transfer: true, term: 2 });
  });
});
