import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { RaftTrace } from "../../src/index.ts";
import { bytes } from "../group/group.ts";
import { change } from "../membership/change-text.ts";
import { Single } from "../paper/single.ts";

function transferee(single: Single): number {
  single.core.transferLeadership();
  return single.run().core.status().transferee;
}

describe("a transfer without a target", () => {
  test("goes to the voter that has most of the log", () => {
    const single = new Single([1, 2, 3, 4]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response").ack(2).ack(3).ack(4);
    single.propose("x").ack(2).ack(4).propose("y").ack(4).take();
    expect(transferee(single)).toBe(4);
    expect(single.take()).toMatchObject([{ type: "timeout-now", to: 4 }]);
  });

  test("takes the lowest of equals", () => {
    const single = new Single([1, 2, 3]).lead().ack(3).ack(2);
    expect(transferee(single)).toBe(2);
  });

  test("prefers who was heard of lately to who had more", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).lead().ack(2);
    single.from(3, "heartbeat-response").tick(10);
    single.from(3, "heartbeat-response");
    expect(single.core.status().peers).toMatchObject([
      {},
      { id: 2, match: 2, recentlyActive: false },
      { id: 3, match: 0, recentlyActive: true },
    ]);
    expect(transferee(single)).toBe(3);
  });

  test("avoids who was reported unreachable", () => {
    const single = new Single([1, 2, 3]).lead().ack(2).ack(3).propose("x").ack(2);
    single.core.reportUnreachable(nodeId(2));
    expect(transferee(single)).toBe(3);
  });

  test("leaves out learners, and voters that are about to go", () => {
    const single = new Single([1, 2, 3]).lead().ack(2).ack(3);
    single.core.applyConfChange(change("l3"));
    single.core.applyConfChange({
      transition: "joint-explicit",
      changes: [
        { type: "remove", node: nodeId(2) },
        { type: "add-voter", node: nodeId(4) },
      ],
      context: bytes(""),
    });
    expect(transferee(single.run())).toBe(4);
  });

  test("is refused where there is no other voter", () => {
    const single = new Single([1]);
    single.core.campaign();
    single.run().core.applyConfChange(change("l2"));
    expect(() => {
      single.run().core.transferLeadership();
    }).toThrow(expect.objectContaining({ code: "no-transferee", retry: "later" }));
  });

  test("is the leader's to decide", () => {
    const single = new Single().from(2, "heartbeat");
    expect(() => {
      single.core.transferLeadership();
    }).toThrow(expect.objectContaining({ details: { code: "not-leader", leader: 2 } }));
  });
});

describe("a transfer that cannot be", () => {
  test.each([
    [1, "already-leader"],
    [3, "learner"],
    [9, "not-a-member"],
  ] as const)("to %i is refused: %s; the one that runs goes on", (to, reason) => {
    const seen: RaftTrace[] = [];
    const single = new Single([1, 2, 3], { trace: (event) => seen.push(event) }).lead().ack(2);
    single.core.applyConfChange(change("l3"));
    single.core.transferLeadership(nodeId(2));
    expect(() => {
      single.core.transferLeadership(nodeId(to));
    }).toThrow(
      expect.objectContaining({
        details: { code: "unsupported-transfer", reason, to },
        retry: "never",
      }),
    );
    expect(single.core.status().transferee).toBe(2);
    expect(seen).toContainEqual({ type: "transfer-ignored", to, term: 2, reason });
  });

  test("that a peer asks for is ignored; one to the leader ends the one that runs", () => {
    const single = new Single([1, 2, 3]).lead().ack(2);
    single.core.applyConfChange(change("l3"));
    single.core.transferLeadership(nodeId(2));
    single.run().take();
    single.from(3, "transfer-leader").from(9, "transfer-leader");
    expect(single.core.status().transferee).toBe(2);
    single.from(1, "transfer-leader");
    expect(single.core.status().transferee).toBe(0);
    expect(single.take()).toEqual([]);
  });

  test("asked for twice goes on as it is", () => {
    const single = new Single().lead();
    single.core.transferLeadership(nodeId(2));
    single.tick(5).core.transferLeadership(nodeId(2));
    expect(single.tick(4).core.status().transferee).toBe(2);
    expect(single.tick(1).core.status().transferee).toBe(0);
  });

  test("of an earlier term is ignored", () => {
    const single = new Single().lead().ack(2);
    single.from(2, "transfer-leader", { term: 1 });
    expect(single.core.status().transferee).toBe(0);
    single.from(2, "transfer-leader", { term: 0 });
    expect(single.core.status().transferee).toBe(2);
  });
});
