import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRaftError, nodeId } from "../src/index.ts";
import type { Message } from "../src/index.ts";
import { Group, bytes } from "./group/group.ts";
import { anyMessage } from "./messages.ts";

const vote = { type: "vote", index: 0, logTerm: 0, transfer: false, priority: 0 };

function groupOf(role: string): Group {
  const group = new Group([1, 2, 3]);
  if (role === "new") return group;
  group.elect(role === "follower" ? 2 : 1);
  const leader = group.core(role === "follower" ? 2 : 1);
  for (const text of ["a", "b", "c"]) leader.propose([bytes(text)]);
  group.settle();
  const { applied, term, confState } = group.core(1).status();
  group.core(1).compact({ index: applied, term, confState }, applied);
  if (role === "candidate") {
    group.drop = () => true;
    leader.step({
      type: "heartbeat",
      from: nodeId(3),
      to: nodeId(1),
      term: 3,
      commit: 0,
      context: bytes(""),
    } as never);
    group.tick(25);
  }
  return group;
}

/** Handles effects until none are left, as a driver does. */
function drain(group: Group): void {
  group.drop = () => true;
  group.settle();
}

describe("whatever a peer sends", () => {
  test.each(["new", "follower", "candidate", "leader"])("a %s stands it", (role) => {
    const message = anyMessage(9).map((any) => ({ ...any, to: nodeId(1) }));
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
        const group = groupOf(role);
        const core = group.core(1);
        for (const one of messages) {
          const before = JSON.stringify(core.status());
          try {
            core.step(one);
          } catch (error) {
            if (!isRaftError(error)) throw error;
            expect(error.code).toBe("invalid-message");
            expect(JSON.stringify(core.status())).toBe(before);
          }
          drain(group);
          core.tick();
          drain(group);
        }
      }),
      { seed: 17, numRuns: 150 },
    );
  });

  test.each<[string, object]>([
    ["meant for another node", { type: "timeout-now", to: 2 }],
    ["sender is no node", { type: "timeout-now", from: 0 }],
    ["sent by oneself", { type: "timeout-now", from: 1 }],
    ["no term", { type: "timeout-now", term: 0 }],
    ["term out of range", { type: "timeout-now", term: 2 ** 53 - 1 }],
    ["index and term do not fit", { ...vote, index: 3 }],
    ["priority out of range", { ...vote, priority: 2 ** 31 }],
    ["priority out of range", { ...vote, priority: -1 }],
    ["priority out of range", { ...vote, priority: 0.5 }],
    ["gap", { type: "append", index: 1, logTerm: 1, commit: 1, entries: [entry(4, 3)] }],
    ["terms go back", { type: "append", index: 1, logTerm: 1, commit: 1, entries: [entry(2, 0)] }],
    [
      "newer than its sender's",
      { type: "append", index: 1, logTerm: 1, commit: 1, entries: [entry(2, 99)] },
    ],
    [
      "not a change",
      {
        type: "append",
        index: 1,
        logTerm: 1,
        commit: 1,
        entries: [{ ...entry(2, 1), kind: "conf-change", data: Uint8Array.of(8) }],
      },
    ],
    ["commit beyond", { type: "heartbeat", commit: 99, context: bytes("") }],
    ["not a read round", { type: "heartbeat-response", context: bytes("abc") }],
    ["no entries", { type: "propose", entries: [] }],
    [
      "without voters",
      {
        type: "snapshot",
        snapshot: {
          data: bytes(""),
          metadata: {
            index: 9,
            term: 1,
            confState: {
              voters: [],
              learners: [],
              votersOutgoing: [],
              learnersNext: [],
              autoLeave: false,
            },
          },
        },
      },
    ],
  ])("is refused when it is nonsense: %s", (why, fields) => {
    const core = new Group([1, 2, 3]).core(1);
    const before = core.status();
    const message = { from: 2, to: 1, term: 5, ...fields } as Message;
    expect(() => core.step(message)).toThrow(why);
    expect(core.status()).toEqual(before);
  });

  test("a leader refuses a second leader, and acknowledgements of what it never sent", () => {
    const group = new Group([1, 2, 3]);
    const { term } = group.elect(1).status();
    const envelope = { from: nodeId(2), to: nodeId(1), term };
    const heartbeat = { ...envelope, type: "heartbeat", commit: 0, context: bytes("") } as never;
    expect(() => group.core(1).step(heartbeat)).toThrow("second leader");
    const ack = {
      ...envelope,
      type: "append-response",
      index: 99,
      reject: false,
      rejectHint: 0,
      logTerm: 0,
    } as never;
    expect(() => group.core(1).step(ack)).toThrow("never sent");
    const round = {
      ...envelope,
      type: "heartbeat-response",
      context: Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0),
    } as never;
    expect(() => group.core(1).step(round)).toThrow("never sent");
  });
});

function entry(index: number, term: number): object {
  return { kind: "normal", index, term, data: bytes("x") };
}
