import { describe, expect, test } from "vitest";
import { isRaftError, isRaftOptionsError, nodeId } from "../src/index.ts";
import type { RaftOptions, RaftTrace } from "../src/index.ts";
import { encodeConfChange } from "../src/codec/conf-change.ts";
import { bytes } from "./group/group.ts";
import { change } from "./membership/change-text.ts";
import { Single } from "./paper/single.ts";

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return isRaftError(error) || isRaftOptionsError(error) ? error.code : error;
  }
}

/** A core and what it tells of itself. */
function traced(options: Partial<RaftOptions> = {}): { single: Single; seen: RaftTrace[] } {
  const seen: RaftTrace[] = [];
  const single = new Single([1, 2, 3], { ...options, trace: (event) => seen.push(event) });
  return { single, seen };
}

const dropped = (seen: readonly RaftTrace[]): unknown[] =>
  seen.flatMap((event) => (event.type === "proposal-dropped" ? [event.reason] : []));

describe("forgetting a leader", () => {
  test("lets a follower vote in the same term's lease", () => {
    const { single, seen } = traced({ checkQuorum: true });
    single.from(2, "heartbeat", { term: 2 }).take();
    single.from(3, "vote", { term: 3, index: 1, logTerm: 1 });
    expect(single.take()).toEqual([]);
    single.core.forgetLeader();
    expect(single.run().core.status().leader).toBe(0);
    single.core.forgetLeader();
    expect(seen.filter(({ type }) => type === "leader-forgotten")).toHaveLength(1);
    single.from(3, "vote", { term: 3, index: 1, logTerm: 1 });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: false }]);
  });

  test("does nothing on a leader", () => {
    const single = new Single().lead();
    single.core.forgetLeader();
    expect(single.core.status()).toMatchObject({ role: "leader", leader: 1 });
  });

  test("is refused when reads rely on the lease", () => {
    const { single, seen } = traced({ checkQuorum: true, readMode: "lease" });
    single.from(2, "heartbeat", { term: 2 });
    single.core.forgetLeader();
    expect(single.core.status().leader).toBe(2);
    expect(seen).toContainEqual({ type: "forget-refused" });
  });
});

describe("lease reads", () => {
  test("are answered at once, after the first commit of the term", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true, readMode: "lease" }).lead();
    single.core.readIndex(bytes("a"));
    expect(single.run().readies.flatMap(({ readStates }) => readStates)).toEqual([]);
    single.ack(2);
    single.core.readIndex(bytes("b"));
    expect(single.run().readies.flatMap(({ readStates }) => readStates)).toEqual([
      { index: 2, context: bytes("a") },
      { index: 2, context: bytes("b") },
    ]);
  });

  test("need the quorum check", () => {
    expect(codeOf(() => new Single([1], { readMode: "lease" }))).toBe("invalid-option");
  });
});

describe("proposals", () => {
  test("are not forwarded when that is switched off", () => {
    const { single, seen } = traced({ forwardProposals: false });
    single.from(2, "heartbeat", { term: 2 }).take();
    expect(codeOf(() => single.propose("x"))).toBe("not-leader");
    single.from(3, "propose", { term: 0, entries: [{ kind: "normal", data: bytes("y") }] });
    expect(single.take()).toEqual([]);
    expect(dropped(seen)).toEqual(["not-forwarded", "not-forwarded"]);
  });

  test("that go nowhere are told of", () => {
    const { single, seen } = traced({ maxUncommittedBytes: 30 });
    expect(codeOf(() => single.propose("x"))).toBe("no-leader");
    single.lead().propose("first");
    expect(codeOf(() => single.propose("second"))).toBe("uncommitted-limit");
    single.core.transferLeadership(nodeId(2));
    expect(codeOf(() => single.propose("third"))).toBe("transfer-in-progress");
    expect(dropped(seen)).toEqual(["no-leader", "uncommitted-limit", "transfer-in-progress"]);
  });

  test("of any kind: a change that cannot be made becomes an empty entry", () => {
    const { single, seen } = traced();
    single.lead().ack(2);
    const data = encodeConfChange(change());
    single.core.proposeEntries([{ kind: "conf-change-v2", data }]);
    const written = single.run().readies.flatMap(({ entries }) => entries);
    expect(written.at(-1)).toMatchObject({ index: 3, kind: "normal", data: bytes("") });
    expect(seen).toContainEqual(
      expect.objectContaining({ type: "change-refused", obstacle: { kind: "not-joint" } }),
    );
  });

  test("of nothing, or of what is no change, are refused", () => {
    const { core } = new Single().lead();
    expect(codeOf(() => core.proposeEntries([]))).toBe("invalid-argument");
    const broken = { kind: "conf-change-v2", data: Uint8Array.of(0xff) } as const;
    expect(codeOf(() => core.proposeEntries([broken]))).toBe("invalid-argument");
  });

  test("of changes are taken unseen when that is asked for", () => {
    const single = new Single([1, 2, 3], { validateChanges: false }).lead().ack(2);
    single.core.proposeConfChange(change("v4"));
    single.core.proposeConfChange(change("v5"));
    const kinds = single.run().readies.flatMap(({ entries }) => entries.map(({ kind }) => kind));
    expect(kinds.slice(-2)).toEqual(["conf-change-v2", "conf-change-v2"]);
  });
});

describe("a leader that is removed", () => {
  test("steps down", () => {
    const single = new Single().lead().ack(2);
    single.core.applyConfChange(change("r1"));
    expect(single.core.status()).toMatchObject({ role: "follower", leader: 0 });
  });

  test("or leads on without counting itself, and takes no proposals", () => {
    const single = new Single([1, 2, 3], { stepDownOnRemoval: false }).lead().ack(2);
    single.propose("x").ack(2);
    single.propose("y");
    single.core.applyConfChange(change("r1"));
    expect(single.run().core.status()).toMatchObject({ role: "leader", commit: 3 });
    single.ack(2);
    expect(single.core.status().commit).toBe(3);
    single.ack(3);
    expect(single.core.status().commit).toBe(4);
    expect(codeOf(() => single.propose("z"))).toBe("not-a-member");
  });
});

describe("answers of strangers", () => {
  test.each(["append-response", "vote-response", "heartbeat-response"] as const)(
    "%s is not taken, and its term is not believed",
    (type) => {
      const { single, seen } = traced();
      single.lead().from(9, type, { term: 7 });
      expect(single.core.status()).toMatchObject({ role: "leader", term: 2 });
      expect(seen).toContainEqual({ type: "answer-dropped", message: type, from: 9 });
    },
  );
});

test("status tells how a peer is held back", () => {
  const single = new Single([1, 2, 3], { maxInflightAppends: 1 }).lead().ack(2);
  single.propose("x");
  const peers = Object.fromEntries(single.core.status().peers.map((peer) => [peer.id, peer]));
  expect(peers[2]).toMatchObject({ paused: true, inflightAppends: 1, inflightFull: true });
  expect(peers[3]).toMatchObject({ state: "probe", paused: true, inflightAppends: 0 });
  expect(peers[1]).toMatchObject({ paused: false, pendingSnapshot: 0 });
});

test("a start is told in full", () => {
  const { seen } = traced();
  expect(seen.map(({ type }) => type)).toEqual(["members", "role", "started"]);
  expect(seen[2]).toEqual({
    type: "started",
    voters: [1, 2, 3],
    term: 1,
    commit: 1,
    applied: 1,
    lastIndex: 1,
    lastTerm: 1,
  });
});
