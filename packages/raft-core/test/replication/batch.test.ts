import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { AppendMessage, RaftOptions } from "../../src/index.ts";
import { Single } from "../paper/single.ts";

const SIZE = 10;
/** What such an entry counts against the limits in bytes. */
const COST = SIZE + 24;

/** A leader at term 2 whose log ends at 2; both peers have all of it. */
function leader(options: Partial<RaftOptions> = {}): Single {
  const single = new Single([1, 2, 3], { batchAppends: true, ...options }).lead().ack(2).ack(3);
  single.take();
  return single;
}

function propose(single: Single, count: number): void {
  for (let done = 0; done < count; done += 1) single.core.propose([new Uint8Array(SIZE)]);
}

function appendsTo(single: Single, to: number): AppendMessage[] {
  return single
    .run()
    .take()
    .filter((message): message is AppendMessage => message.type === "append" && message.to === to);
}

/** Node 2 has everything up to and with `index`; no Ready is taken. */
function acknowledge(single: Single, index: number, term = 2): void {
  const answer = { from: 2, to: 1, term, index, reject: false, rejectHint: 0, logTerm: 0 };
  single.core.step({ ...answer, type: "append-response" } as never);
}

const indexes = ({ entries }: AppendMessage): number[] => entries.map(({ index }) => index);

describe("appends to a peer that is behind", () => {
  test("leave one by one unless batching is asked for", () => {
    const single = leader({ batchAppends: false });
    propose(single, 3);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3], [4], [5]]);
  });

  test("are joined while they wait, and count as one in flight", () => {
    const single = leader();
    propose(single, 3);
    expect(single.core.status().peers[1]).toMatchObject({ next: 6, inflightAppends: 1 });
    expect(appendsTo(single, 2)).toMatchObject([{ index: 2, logTerm: 2, commit: 2 }]);
    propose(single, 2);
    expect(single.core.status().peers[1]).toMatchObject({ next: 8, inflightAppends: 2 });
    expect(appendsTo(single, 3).map(indexes)).toEqual([[6, 7]]);
    single.ack(2);
    expect(single.core.status().peers[1]).toMatchObject({ match: 7, inflightAppends: 0 });
  });

  test("never grow once they were handed out", () => {
    const single = leader();
    propose(single, 1);
    const [handedOut] = appendsTo(single, 2);
    const before = structuredClone(handedOut);
    propose(single, 1);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[4]]);
    expect(handedOut).toEqual(before);
  });

  test("take the newest commit index with them, also when no entry comes along", () => {
    const single = leader();
    propose(single, 1);
    appendsTo(single, 2);
    propose(single, 1);
    acknowledge(single, 3);
    expect(single.core.status().commit).toBe(3);
    expect(appendsTo(single, 3)).toMatchObject([{ commit: 3, entries: [{ index: 4 }] }]);
    // It was told: its answer to the first one needs no empty append.
    expect(appendsTo(single.from(3, "append-response", { index: 3 }), 3)).toEqual([]);
  });

  test("begin with an empty one, when that only tells the commit index", () => {
    const single = leader();
    propose(single, 1);
    appendsTo(single, 3);
    acknowledge(single, 3);
    propose(single, 2);
    expect(single.core.status().peers[2]).toMatchObject({ next: 6, inflightAppends: 2 });
    expect(appendsTo(single, 3)).toMatchObject([
      { commit: 3, entries: [{ index: 4 }, { index: 5 }] },
    ]);
  });

  test("do not follow on an empty one once the peer turned out to be further on", () => {
    const single = leader({ maxBytesPerAppend: COST });
    propose(single, 3);
    appendsTo(single, 2);
    single.core.setInflightLimits(nodeId(2), { appends: 1 });
    single.core.reportUnreachable(nodeId(2));
    acknowledge(single, 2);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3]]);
    const envelope = { from: 2, to: 1, term: 2 };
    single.core.step({
      ...envelope,
      type: "heartbeat-response",
      context: new Uint8Array(0),
    } as never);
    // The appends from before were not lost, only late.
    acknowledge(single, 5);
    propose(single, 1);
    const sent = appendsTo(single, 2).filter(({ entries }) => entries.length > 0);
    expect(sent).toMatchObject([{ index: 5, entries: [{ index: 6 }] }]);
  });

  test("do not follow on those of an earlier term", () => {
    const single = leader();
    propose(single, 1);
    appendsTo(single, 2);
    acknowledge(single, 3);
    const vote = { to: 1, term: 3, type: "vote-response", reject: false };
    single.core.step({ ...vote, from: 2, reject: true } as never);
    single.core.campaign();
    for (const from of [2, 3]) single.core.step({ ...vote, term: 4, from } as never);
    acknowledge(single, 3, 4);
    const terms = appendsTo(single, 2).map(({ term, entries }) => [term, entries.length]);
    expect(terms.filter(([term]) => term === 2)).toEqual([[2, 0]]);
    expect(terms.at(-1)).toEqual([4, 1]);
  });

  test("stay below the size of one append", () => {
    const single = leader({ maxBytesPerAppend: 2 * COST });
    propose(single, 5);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3, 4], [5, 6], [7]]);
  });

  test("stop at a full window, of which a joined append fills one place", () => {
    const single = leader({ maxInflightAppends: 2, maxBytesPerAppend: 2 * COST });
    propose(single, 9);
    // The window is full as soon as its last place is taken: what waits in it gets no longer.
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3, 4], [5]]);
  });

  test("to a probed peer go out one at a time", () => {
    const single = leader();
    single.core.reportUnreachable(nodeId(2));
    propose(single, 3);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3]]);
    expect(appendsTo(single.from(2, "heartbeat-response"), 2).map(indexes)).toEqual([[3, 4, 5]]);
  });

  test("are not joined to what was given up in between", () => {
    const single = leader();
    propose(single, 2);
    single.core.reportUnreachable(nodeId(2));
    // It has them after all, from somewhere: what waits is no longer in flight.
    acknowledge(single, 4);
    propose(single, 1);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3, 4], [5], []]);
    expect(single.core.status().peers[1]).toMatchObject({ next: 6, inflightAppends: 1 });
  });
});
