import { describe, expect, test } from "vitest";
import { READS_WAITING_MAX, nodeId } from "../../src/index.ts";
import type { ConfChange, RaftOptions } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";
import { change, members } from "../membership/change-text.ts";
import { Single } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const round = (number: number): Uint8Array => Uint8Array.of(number, 0, 0, 0, 0, 0, 0, 0);

/** What was answered to this node itself so far. */
const answered = ({ readies }: Single): string[] =>
  readies.flatMap(({ readStates }) =>
    readStates.map(({ context }) => new TextDecoder().decode(context)),
  );

const responses = (single: Single): unknown[] =>
  single.take().filter(({ type }) => type === "read-index-response");

/** Node 1 leads these members and has committed in its term; peers are played by the test. */
function leading(of: Parameters<typeof members>[0], options: Partial<RaftOptions> = {}): Single {
  const single = new Single([], { initial: stored([1], { members: members(of) }), ...options });
  single.core.campaign();
  single.run();
  const peers = single.core.status().confState;
  const others = new Set([...peers.voters, ...peers.votersOutgoing].filter((id) => id !== 1));
  for (const id of others)
    if (single.core.status().role !== "leader") single.from(id, "vote-response");
  for (const id of others) single.ack(id);
  expect(single.core.status()).toMatchObject({ role: "leader", commit: 2 });
  single.take();
  return single;
}

function read(single: Single, text = "a"): Single {
  single.core.readIndex(bytes(text));
  return single.run();
}

const heard = (single: Single, id: number, number: number): Single =>
  single.from(id, "heartbeat-response", { context: round(number) });

function apply(single: Single, what: ConfChange): Single {
  single.core.applyConfChange(what);
  return single.run();
}

describe("a read that waits is checked again", () => {
  test("when the group shrinks to its leader", () => {
    const single = read(leading({ voters: [1, 2] }));
    expect(answered(single)).toEqual([]);
    expect(answered(apply(single, change("r2")))).toEqual(["a"]);
  });

  test("when who did not answer is removed", () => {
    const single = heard(read(leading({ voters: [1, 2, 3, 4] })), 2, 1);
    expect(answered(single)).toEqual([]);
    expect(answered(apply(single, change("r4")))).toEqual(["a"]);
  });

  test("when a voter that did not answer becomes a learner", () => {
    const single = heard(read(leading({ voters: [1, 2, 3, 4] })), 2, 1);
    expect(answered(apply(single, change("l4")))).toEqual(["a"]);
  });

  test("when a joint configuration is left", () => {
    const both = { voters: [1, 2, 3], votersOutgoing: [1, 4, 5] };
    const single = heard(read(leading(both)), 2, 1);
    expect(answered(single)).toEqual([]);
    expect(answered(apply(single, change("")))).toEqual(["a"]);
  });

  test("and answered to a peer", () => {
    const single = leading({ voters: [1, 2], learners: [3] });
    single.from(3, "read-index", { term: 0, context: bytes("r") });
    expect(responses(single)).toEqual([]);
    expect(responses(apply(single, change("r2")))).toMatchObject([{ to: 3, index: 2 }]);
  });

  test("but not answered on the word of who is no voter any more", () => {
    const single = heard(read(leading({ voters: [1, 2, 3] })), 9, 1);
    heard(apply(single, change("v4 v5", "joint-explicit")), 2, 1);
    expect(answered(single)).toEqual([]);
  });
});

describe("a read is not confirmed", () => {
  test("by learners", () => {
    const single = read(leading({ voters: [1, 2, 3], learners: [4, 5] }));
    expect(answered(heard(heard(single, 4, 1), 5, 1))).toEqual([]);
    expect(answered(heard(single, 3, 1))).toEqual(["a"]);
  });

  test("by one half of a joint configuration", () => {
    const single = read(leading({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] }));
    expect(answered(heard(heard(single, 2, 1), 3, 1))).toEqual([]);
    expect(answered(heard(single, 4, 1))).toEqual(["a"]);
  });

  test("by what was said before it was asked, though its bytes are the same", () => {
    const single = heard(read(leading({ voters: [1, 2, 3] }), "same"), 2, 1);
    expect(answered(single)).toEqual(["same"]);
    heard(heard(read(single, "same"), 3, 1), 2, 1);
    expect(answered(single)).toEqual(["same"]);
    expect(answered(heard(single, 3, 2))).toEqual(["same", "same"]);
  });

  test("by a leader that steps down, and what waited is forgotten", () => {
    const single = read(leading({ voters: [1, 2, 3] }));
    single.from(3, "read-index", { term: 0, context: bytes("r") }).take();
    single.from(2, "heartbeat", { term: 3 });
    heard(single, 3, 2).take();
    expect(answered(single)).toEqual([]);
    single.lead().ack(2);
    heard(single, 2, 0);
    expect([answered(single), responses(single)]).toEqual([[], []]);
  });

  test("by a leader that is removed and steps down", () => {
    const single = apply(read(leading({ voters: [1, 2, 3] })), change("r1"));
    expect(single.core.status().role).toBe("follower");
    expect(answered(heard(heard(single, 2, 1), 3, 1))).toEqual([]);
  });

  test("by the word of a removed leader that leads on", () => {
    const single = leading({ voters: [1, 2, 3] }, { stepDownOnRemoval: false });
    apply(read(single), change("r1"));
    expect(answered(heard(single, 2, 1))).toEqual([]);
    expect(answered(heard(single, 3, 1))).toEqual(["a"]);
  });
});

describe("a leader that is all the quorum there is answers at once", () => {
  test.each([
    ["alone", { voters: [1] }],
    ["with learners", { voters: [1], learners: [2] }],
    ["in both halves", { voters: [1], votersOutgoing: [1] }],
  ])("%s", (_name, of) => {
    expect(answered(read(leading(of)))).toEqual(["a"]);
  });

  test("also to a learner that asks, without a round", () => {
    const single = leading({ voters: [1], learners: [2] });
    single.take();
    single.from(2, "read-index", { term: 0, context: bytes("r") });
    expect(single.take()).toMatchObject([{ type: "read-index-response", to: 2, index: 2 }]);
  });
});

test("the answer to an asker that was removed meanwhile is left out", () => {
  const single = leading({ voters: [1, 2, 3] });
  single.from(3, "read-index", { term: 0, context: bytes("r") });
  apply(single, change("r3"));
  expect(responses(heard(single, 2, 1))).toEqual([]);
});

test("reads from before the first commit of the term share one round", () => {
  const single = new Single().lead();
  for (const text of ["a", "b", "c"]) read(single, text);
  expect(single.take()).toEqual([]);
  single.ack(2);
  const rounds = single.take().filter(({ type }) => type === "heartbeat");
  expect(rounds).toMatchObject([
    { to: 2, context: round(3) },
    { to: 3, context: round(3) },
  ]);
  expect(answered(heard(single, 3, 3))).toEqual(["a", "b", "c"]);
});

test("too many reads are refused here and left out for peers; nothing changes", () => {
  const single = leading({ voters: [1, 2] });
  for (let at = 0; at < READS_WAITING_MAX; at += 1) single.core.readIndex(bytes(""));
  single.run().take();
  expect(() => {
    single.core.readIndex(bytes("x"));
  }).toThrow(
    expect.objectContaining({ details: { code: "read-limit", waiting: READS_WAITING_MAX } }),
  );
  single.from(2, "read-index", { term: 0, context: bytes("y") });
  expect(single.take()).toEqual([]);
});

describe("a group with lease reads", () => {
  const lease = { readMode: "lease", checkQuorum: true } as const;
  const reads = (group: Group, id: number): unknown[] => group.member(id).reads;

  test("answers its leader and its followers without a round", () => {
    const group = new Group([1, 2, 3], lease);
    group.elect(1);
    group.drop = ({ type }) => type === "heartbeat" || type === "heartbeat-response";
    group.core(1).readIndex(bytes("a"));
    group.core(3).readIndex(bytes("b"));
    group.settle();
    expect(reads(group, 1)).toEqual([{ index: 2, context: bytes("a") }]);
    expect(reads(group, 3)).toEqual([{ index: 2, context: bytes("b") }]);
  });

  test("never has two leaders that answer", () => {
    const group = new Group([1, 2, 3], lease);
    group.elect(1);
    group.drop = ({ from, to }) => from === 1 || to === 1;
    const last: number[] = [];
    for (let ticks = 0; ticks < 60; ticks += 1) {
      group.tick();
      const answering = [1, 2, 3].filter((id) => {
        const before = reads(group, id).length;
        if (group.core(id).status().role !== "leader") return false;
        group.core(id).readIndex(bytes("r"));
        group.settle();
        return reads(group, id).length > before;
      });
      expect(answering.length).toBeLessThanOrEqual(1);
      last.push(...answering);
    }
    expect([last[0], last.at(-1)]).toEqual([1, expect.toBeOneOf([2, 3])]);
  });

  test("asks its followers while leadership is handed over", () => {
    const single = leading({ voters: [1, 2, 3] }, lease);
    expect(answered(read(single, "before"))).toEqual(["before"]);
    single.core.transferLeadership(nodeId(2));
    expect(answered(read(single, "meanwhile"))).toEqual(["before"]);
    expect(answered(heard(single, 3, 1))).toEqual(["before", "meanwhile"]);
  });

  test("waits for the first commit of the term", () => {
    const group = new Group([1, 2, 3], lease);
    group.drop = ({ type }) => type === "append-response";
    group.elect(1);
    group.core(1).readIndex(bytes("a"));
    group.settle();
    expect(reads(group, 1)).toEqual([]);
    group.drop = () => false;
    group.tick();
    expect(reads(group, 1)).toEqual([{ index: 2, context: bytes("a") }]);
  });
});

test("a leader that was removed and comes back counts itself only for what is durable", () => {
  const single = leading({ voters: [1, 2, 3] }, { stepDownOnRemoval: false });
  single.core.propose([bytes("x")]);
  single.core.applyConfChange(change("r1"));
  single.core.applyConfChange(change("v1"));
  const status = single.core.status();
  expect(status.peers[0]).toMatchObject({ id: nodeId(1), match: 0 });
  single.run();
  expect(single.core.status().peers[0]).toMatchObject({ match: status.lastIndex });
});
