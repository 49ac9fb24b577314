import { describe, expect, test } from "vitest";
import { APPEND_THREAD, APPLY_THREAD, isRaftError, nodeId } from "../../src/index.ts";
import { entry, Single } from "../paper/single.ts";
import { Asynchronous } from "./asynchronous.ts";

const confState = {
  voters: [1, 2, 3].map(nodeId),
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};
const snapshotAt = (index: number, term: number): object => ({
  snapshot: { metadata: { index, term, confState }, data: new Uint8Array(0) },
});
/** v4 */
const addVoter = Uint8Array.from([0x12, 4, 8, 0, 16, 4]);

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return isRaftError(error) ? error.code : error;
  }
}

describe("writing asynchronously", () => {
  test("what answers a peer waits for the write; the next Ready does not", () => {
    const node = new Asynchronous();
    node.from(2, "append", { term: 2, index: 1, logTerm: 1, entries: [entry(2, 2)] });
    node.from(2, "append", { index: 2, logTerm: 2, entries: [entry(3, 2)], commit: 2 });
    expect(node.appends).toMatchObject([
      {
        from: 1,
        to: APPEND_THREAD,
        hardState: { term: 2 },
        entries: [{ index: 2 }],
        responses: [
          { type: "append-response", to: 2, index: 2 },
          { type: "storage-append-response", to: 1, term: 2, index: 2, logTerm: 2 },
        ],
      },
      {
        hardState: { commit: 2 },
        entries: [{ index: 3 }],
        responses: [{ type: "append-response", index: 3 }, { index: 3 }],
      },
    ]);
    expect(node.sent).toEqual([]);
    node.write();
    expect(node.sent).toMatchObject([{ type: "append-response", index: 2 }]);
    node.write();
    expect(node.sent).toMatchObject([{ index: 2 }, { index: 3 }]);
  });

  test("a candidate asks for votes, and counts its own, once term and vote are durable", () => {
    const node = new Asynchronous();
    node.core.campaign();
    node.run();
    expect(node.sent).toEqual([]);
    expect(node.appends).toMatchObject([{ hardState: { term: 2, vote: 1 } }]);
    node.write();
    expect(node.sent).toMatchObject([
      { type: "vote", to: 2 },
      { type: "vote", to: 3 },
    ]);
    expect([...node.state.votes]).toEqual([[1, true]]);
  });

  test("a leader sends entries ahead of its own write, and counts itself after it", () => {
    const node = new Asynchronous();
    node.core.campaign();
    node.run().write().from(2, "vote-response");
    expect(node.sent.slice(2)).toMatchObject([
      { type: "append", to: 2 },
      { type: "append", to: 3 },
    ]);
    expect(node.core.status().commit).toBe(1);
    node.from(2, "append-response", { index: 2 });
    expect(node.core.status().commit).toBe(1);
    node.write();
    expect(node.core.status().commit).toBe(2);
  });

  test("hands out for applying only what is durable here", () => {
    const node = new Asynchronous();
    node.from(2, "append", { term: 2, index: 1, logTerm: 1, entries: [entry(2, 2)], commit: 2 });
    expect(node.applies).toEqual([]);
    node.write();
    expect(node.applies).toMatchObject([
      { from: 1, to: APPLY_THREAD, entries: [{ index: 2 }], responses: [{ to: 1 }] },
    ]);
    expect(node.core.status().applied).toBe(1);
    node.apply();
    expect(node.core.status().applied).toBe(2);
  });

  test("limits what is being applied over all requests", () => {
    const node = new Asynchronous({ maxCommittedBytesPerReady: 16 });
    const entries = [2, 3, 4, 5].map((index) => entry(index, 2));
    node.from(2, "append", { term: 2, index: 1, logTerm: 1, entries, commit: 5 }).write();
    expect(node.applies.map((request) => request.entries.length)).toEqual([2]);
    node.apply();
    expect(node.applies.map((request) => request.entries.length)).toEqual([2]);
    node.settle();
    expect(node.core.status().applied).toBe(5);
  });
});

describe("a write that is overtaken (ABA)", () => {
  test("is not believed although the same entry came back", () => {
    const node = new Asynchronous();
    const same = { index: 1, logTerm: 1, entries: [entry(2, 2)] };
    node.from(2, "append", { term: 2, ...same });
    node.from(3, "append", { term: 3, index: 1, logTerm: 1, entries: [entry(2, 3)] });
    node.from(2, "append", { term: 4, ...same });
    expect(node.appends).toHaveLength(3);
    // The entry is on the disk now, but the second write will replace it there.
    node.write();
    expect(node.state.log.unstable.from).toBe(2);
    node.write();
    expect(node.state.log.unstable.from).toBe(2);
    expect(node.traced.filter(({ type }) => type === "earlier-write")).toEqual([
      { type: "earlier-write", term: 4, messageTerm: 2 },
      { type: "earlier-write", term: 4, messageTerm: 3 },
    ]);
    node.write();
    expect(node.state.log.unstable.from).toBe(3);
  });

  test("is asked for again by every write, so that none is waited for in vain", () => {
    const node = new Asynchronous();
    node.from(2, "append", { term: 2, index: 1, logTerm: 1, entries: [entry(2, 2)] });
    node.from(3, "heartbeat", { term: 3 });
    expect(node.appends[1]).toMatchObject({
      entries: [],
      hardState: { term: 3 },
      responses: [{ type: "storage-append-response", term: 3, index: 2, logTerm: 2 }],
    });
    node.write().write();
    expect(node.state.log.unstable.from).toBe(3);
  });
});

describe("a snapshot that comes in while entries are applied", () => {
  test("lets them end among the members of their time", () => {
    const node = new Asynchronous();
    const change = { ...entry(2, 2), kind: "conf-change-v2", data: addVoter };
    node.from(2, "append", { term: 2, index: 1, logTerm: 1, entries: [change], commit: 2 }).write();
    node.from(2, "snapshot", snapshotAt(9, 2));
    // Even a driver that installs the snapshot first.
    node.write();
    expect(node.core.status()).toMatchObject({ lastIndex: 9, applied: 9, confState });
    node.from(2, "append", { index: 9, logTerm: 2, entries: [entry(10, 2)], commit: 10 }).write();
    expect(node.applies).toHaveLength(1);
    const added = { type: "add-voter", node: nodeId(4) } as const;
    const then = node.core.applyConfChange({
      transition: "auto",
      changes: [added],
      context: new Uint8Array(0),
    });
    expect(then.voters).toEqual([1, 2, 3, 4]);
    expect(node.core.status().confState).toEqual(confState);
    node.apply();
    expect(node.applies).toMatchObject([{ entries: [{ index: 10 }] }]);
    node.apply();
    expect(node.core.status().applied).toBe(10);
  });

  test("is written with the request, and answered along with it", () => {
    const node = new Asynchronous();
    node.from(2, "snapshot", { term: 2, ...snapshotAt(9, 2) });
    expect(node.appends).toMatchObject([
      {
        snapshot: { metadata: { index: 9 } },
        responses: [
          { type: "append-response", index: 9 },
          { type: "storage-append-response", index: 0, snapshot: { metadata: { index: 9 } } },
        ],
      },
    ]);
    // A later term does not matter: a snapshot is committed.
    node.from(3, "heartbeat", { term: 5 });
    node.write();
    expect(node.core.status().applied).toBe(9);
  });
});

describe("misuse", () => {
  test("there is nothing to advance", () => {
    const node = new Asynchronous();
    node.core.campaign();
    node.run();
    expect(codeOf(() => node.core.advance())).toBe("out-of-turn");
  });

  test("local messages are for this mode, and for this node", () => {
    const answer = {
      from: nodeId(2),
      to: nodeId(1),
      term: 2 as never,
      type: "vote-response",
      reject: false,
    } as const;
    const node = new Asynchronous();
    node.core.campaign();
    node.run();
    expect(codeOf(() => node.core.stepLocal(answer))).toBe("invalid-argument");
    const own = { ...answer, from: nodeId(1) };
    expect(codeOf(() => node.core.stepLocal({ ...own, to: nodeId(2) }))).toBe("invalid-argument");
    expect(codeOf(() => new Single().core.stepLocal(own))).toBe("invalid-argument");
    expect(codeOf(() => node.core.stepLocal(own))).toBeUndefined();
  });
});
