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
    const answer = { type: "append-response", from: 2, to: 1, term: 2, index: 3 };
    single.core.step({ ...answer, reject: false, rejectHint: 0, logTerm: 0 } as never);
    expect(single.core.status().commit).toBe(3);
    expect(appendsTo(single, 3)).toMatchObject([{ commit: 3, entries: [{ index: 4 }] }]);
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
    const answer = { type: "append-response", from: 2, to: 1, term: 2, index: 4 };
    single.core.step({ ...answer, reject: false, rejectHint: 0, logTerm: 0 } as never);
    propose(single, 1);
    expect(appendsTo(single, 2).map(indexes)).toEqual([[3, 4], [5], []]);
    expect(single.core.status().peers[1]).toMatchObject({ next: 6, inflightAppends: 1 });
  });
});
