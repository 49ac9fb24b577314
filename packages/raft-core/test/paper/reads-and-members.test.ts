import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { ConfChange, ConfChangeSingle } from "../../src/index.ts";
import { bytes } from "../group/group.ts";
import { Single } from "./single.ts";

const round = (number: number): Uint8Array => Uint8Array.of(number, 0, 0, 0, 0, 0, 0, 0);

function change(type: ConfChangeSingle["type"], node: number): ConfChange {
  return { transition: "auto", changes: [{ type, node: nodeId(node) }], context: bytes("") };
}

describe("6.4 (thesis) linearizable reads", () => {
  test("need a quorum that was heard after they were asked", () => {
    const single = new Single().lead().ack(2);
    single.take();
    single.core.readIndex(bytes("a"));
    expect(single.run().take()).toMatchObject([
      { type: "heartbeat", to: 2, context: round(1) },
      { type: "heartbeat", to: 3, context: round(1) },
    ]);
    single.from(2, "heartbeat-response");
    expect(single.readies.flatMap((ready) => ready.readStates)).toEqual([]);
    single.from(2, "heartbeat-response", { context: round(1) });
    expect(single.readies.flatMap((ready) => ready.readStates)).toEqual([
      { index: 2, context: bytes("a") },
    ]);
  });

  test("with equal bytes are told apart: an answer to the first does not confirm the second", () => {
    const single = new Single().lead().ack(2);
    single.core.readIndex(bytes("same"));
    single.core.readIndex(bytes("same"));
    single.run().from(2, "heartbeat-response", { context: round(1) });
    expect(single.readies.flatMap((ready) => ready.readStates)).toHaveLength(1);
  });

  test("wait until the leader has committed in its term", () => {
    const single = new Single().lead();
    single.from(3, "read-index", { term: 0, context: bytes("r") });
    expect(single.take()).toEqual([]);
    single.ack(2).from(2, "heartbeat-response", { context: round(1) });
    expect(single.take()).toContainEqual({
      type: "read-index-response",
      from: 1,
      to: 3,
      term: 2,
      index: 2,
      context: bytes("r"),
    });
  });

  test("are answered when the quorum shrinks", () => {
    const single = new Single([1, 2, 3, 4]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response").ack(2).ack(3);
    single.core.readIndex(bytes("a"));
    single.run().from(2, "heartbeat-response", { context: round(1) });
    expect(single.readies.flatMap((ready) => ready.readStates)).toEqual([]);
    single.core.applyConfChange(change("remove", 4));
    single.run();
    expect(single.readies.flatMap((ready) => ready.readStates)).toHaveLength(1);
  });
});

describe("4 (thesis) changes of the members", () => {
  test("take effect when applied; a smaller quorum commits what it has", () => {
    const single = new Single([1, 2]).lead();
    expect(single.core.status().commit).toBe(1);
    single.core.applyConfChange(change("remove", 2));
    expect(single.core.status().commit).toBe(2);
  });

  test("a new leader waits until all before its term is applied", () => {
    const single = new Single().lead();
    const propose = (): unknown => single.core.proposeConfChange(change("add-learner", 4));
    // The empty entry of its own term is not yet committed, but everything before it is applied.
    expect(propose).not.toThrow();
    const other = new Single();
    other.from(2, "append", {
      term: 2,
      index: 1,
      logTerm: 1,
      entries: [{ kind: "normal", index: 2, term: 2, data: bytes("x") }],
    });
    other.lead();
    expect(() => other.core.proposeConfChange(change("add-learner", 4))).toThrow(
      expect.objectContaining({ code: "change-in-flight" }),
    );
  });

  test("that a follower forwards and the leader cannot take become empty entries", () => {
    const single = new Single().lead().ack(2);
    single.core.proposeConfChange(change("add-learner", 4));
    const data = Uint8Array.of(0x12, 2, 16, 5);
    single.run().take();
    single.from(3, "propose", { term: 0, entries: [{ kind: "conf-change-v2", data }] });
    const written = single.readies.flatMap(({ entries }) => entries).slice(-2);
    expect(written).toMatchObject([
      { kind: "conf-change-v2" },
      { kind: "normal", data: bytes("") },
    ]);
  });

  test("a new peer is probed at once and counts as active for a while", () => {
    const single = new Single([1], { checkQuorum: true });
    single.core.campaign();
    single.run();
    single.core.applyConfChange(change("add-voter", 2));
    expect(single.run().take()).toMatchObject([{ type: "append", to: 2 }]);
    single.tick(10);
    expect(single.core.status().role).toBe("leader");
    single.tick(10);
    expect(single.core.status().role).toBe("follower");
  });

  test("a transfer to a removed member is given up", () => {
    const single = new Single().lead().ack(2);
    single.core.transferLeadership(nodeId(3));
    single.run();
    single.core.applyConfChange(change("remove", 3));
    expect(() => single.propose("x")).not.toThrow();
  });
});
