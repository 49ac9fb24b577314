import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { Entry, LogIndex, Term } from "../../src/index.ts";
import { entriesBytes } from "../../src/log/entry-size.ts";
import { Asynchronous } from "../async/asynchronous.ts";
import { Single, entry } from "../paper/single.ts";

const members = [1, 2, 3].map(nodeId);

test("a joint configuration is left in spite of an oversized proposal", () => {
  const confState = {
    voters: members,
    learners: [],
    votersOutgoing: [nodeId(1)],
    learnersNext: [],
    autoLeave: true,
  };
  const snapshot = { index: 1 as LogIndex, term: 1 as Term, confState };
  const initial = { hardState: undefined, snapshot, entries: [] };
  const single = new Single([1], { initial, maxUncommittedBytes: 100 }).lead();
  single.core.propose([new Uint8Array(500)]);
  // The first entry of the term gets applied, the large one waits.
  single.run().from(2, "append-response", { index: 2 });
  expect(single.readies.flatMap(({ entries }) => entries).at(-1)).toMatchObject({
    index: 4,
    kind: "conf-change-v2",
    data: new Uint8Array(0),
  });
});

test("an empty proposal of a user counts, so that many are bounded", () => {
  const single = new Single([1, 2, 3], { maxUncommittedBytes: 3 * 24 }).lead();
  const empty = (): void => single.core.propose([new Uint8Array(0)]);
  empty();
  empty();
  empty();
  expect(empty).toThrow(expect.objectContaining({ code: "uncommitted-limit" }));
});

type Step =
  | { readonly type: "propose"; readonly sizes: readonly number[] }
  | { readonly type: "acknowledge"; readonly peer: number; readonly share: number }
  | {
      readonly type: "write" | "apply" | "unreachable" | "heartbeat" | "elect-again" | "overthrow";
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("propose" as const),
      sizes: fc.array(fc.nat(60), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("acknowledge" as const),
      peer: fc.constantFrom(2, 3),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...(["write", "apply", "unreachable", "heartbeat", "elect-again", "overthrow"] as const),
      ),
    }),
  },
);

function take(node: Asynchronous, what: Step): void {
  const { core, state } = node;
  switch (what.type) {
    case "propose":
      try {
        core.propose(what.sizes.map((size) => new Uint8Array(size)));
      } catch (error) {
        expect(error).toMatchObject({ code: "uncommitted-limit" });
      }
      node.run();
      return;
    case "acknowledge": {
      const { match, next } = state.progress.get(nodeId(what.peer))!;
      const index = match + Math.round((next - 1 - match) * what.share);
      node.from(what.peer, "append-response", { index });
      return;
    }
    case "write":
      if (node.appends.length > 0) node.write();
      return;
    case "apply":
      if (node.applies.length > 0) node.apply();
      return;
    case "unreachable":
      core.reportUnreachable(nodeId(2));
      return;
    case "heartbeat":
      node.from(2, "heartbeat-response");
      return;
    case "elect-again":
      node.from(2, "append-response", { term: state.term + 1 });
      lead(node);
      return;
    case "overthrow": {
      // Another leader replaces what is not committed; then this node leads again.
      const { committed: index } = state.log;
      const logTerm = state.log.termAt(index);
      const term = state.term + 1;
      const entries = [{ ...entry(index + 1, term), data: new Uint8Array(0) }];
      node.from(2, "append", { term, index, logTerm, entries });
      lead(node);
    }
  }
}

function lead(node: Asynchronous): void {
  while (node.core.status().role !== "leader") {
    node.core.campaign();
    // A change that is committed and not applied, or a vote that is not written, holds up an election.
    node.run().settle().from(2, "vote-response");
  }
}

function between({ state }: Asynchronous, after: number, upTo: number): readonly Entry[] {
  const from = Math.max(after + 1, state.log.firstIndex) as LogIndex;
  return state.log.entriesFrom(from, Infinity)!.entries.filter(({ index }) => index <= upTo);
}

describe("what counts against the limits", () => {
  test.each([false, true])("is never too much, and drains to zero (batchAppends %s)", (batch) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
        const node = new Asynchronous({
          maxUncommittedBytes: 400,
          maxBytesPerAppend: 150,
          maxInflightBytes: 300,
          maxInflightAppends: 3,
          batchAppends: batch,
        });
        lead(node);
        for (const one of steps) {
          take(node, one);
          const { state } = node;
          const { applied, lastIndex } = state.log;
          const waiting = entriesBytes(between(node, applied, lastIndex));
          expect(state.uncommittedBytes).toBeLessThanOrEqual(waiting);
          for (const { match, next, inflights } of state.progress.values())
            expect(inflights.bytes).toBeLessThanOrEqual(
              entriesBytes(between(node, match, next - 1)),
            );
        }
        // A probed peer needs a heartbeat, and small windows more than one round.
        for (let round = 0; round < 40; round += 1)
          for (const id of [2, 3]) {
            node.from(id, "heartbeat-response");
            take(node, { type: "acknowledge", peer: id, share: 1 });
            node.settle();
          }
        const peers = node.core.status().peers.map(({ match }) => match);
        expect(new Set(peers)).toEqual(new Set([node.state.log.lastIndex]));
        expect(node.state.uncommittedBytes).toBe(0);
        for (const { inflights } of node.state.progress.values())
          expect(inflights).toMatchObject({ count: 0, bytes: 0 });
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
