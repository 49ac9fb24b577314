import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { PeerStatus } from "../../src/index.ts";
import { Single } from "../paper/single.ts";

const TWO = nodeId(2);

/** A leader at term 2 whose log ends at 2; both peers have all of it. */
function leader(): Single {
  const single = new Single([1, 2, 3], { maxInflightAppends: 4, maxBytesPerAppend: 100 });
  single.lead().ack(2).ack(3).take();
  return single;
}

function peer(single: Single, id = 2): PeerStatus {
  return single.core.status().peers.find((one) => one.id === id)!;
}

function propose(single: Single, count: number): void {
  for (let done = 0; done < count; done += 1) single.propose("x");
}

/** Node 2 has everything up to and with `index`. */
function acknowledged(single: Single, index: number): Single {
  return single.from(2, "append-response", { index });
}

describe("limits of what is in flight to one peer", () => {
  test("shrink to 1: nothing leaves until all but none of it is acknowledged", () => {
    const single = leader();
    propose(single, 3);
    single.core.setInflightLimits(TWO, { appends: 1 });
    expect(peer(single)).toMatchObject({ next: 6, inflightAppends: 3, inflightFull: true });
    propose(single, 1);
    expect(peer(single)).toMatchObject({ next: 6, paused: true });
    // One left is still a full window.
    acknowledged(single, 4);
    expect(peer(single)).toMatchObject({ next: 6, inflightAppends: 1 });
    acknowledged(single, 5);
    expect(peer(single)).toMatchObject({ next: 7, inflightAppends: 1, paused: true });
    // Others keep theirs.
    expect(peer(single, 3)).toMatchObject({ next: 7, inflightAppends: 4 });
  });

  test("grow: what did not fit leaves at once", () => {
    const single = leader();
    propose(single, 6);
    expect(peer(single)).toMatchObject({ next: 7, inflightAppends: 4, paused: true });
    single.core.setInflightLimits(TWO, { appends: 5 });
    expect(peer(single)).toMatchObject({ next: 9, inflightAppends: 5, paused: true });
  });

  test("bytes are limited likewise, and appends left as they were", () => {
    const single = leader();
    single.core.setInflightLimits(TWO, { appends: 3 });
    single.core.setInflightLimits(TWO, { bytes: 100 });
    single.core.propose([new Uint8Array(76)]);
    single.run();
    expect(peer(single)).toMatchObject({ inflightAppends: 1, inflightFull: true });
    single.core.setInflightLimits(TWO, { bytes: 1_000 });
    propose(single, 5);
    expect(peer(single)).toMatchObject({ inflightAppends: 3, inflightFull: true });
  });

  test("last over elections, on whichever node they were set", () => {
    const single = new Single([1, 2, 3], { maxInflightAppends: 4 });
    single.core.setInflightLimits(TWO, { appends: 2 });
    single.lead().ack(2).take();
    propose(single, 3);
    expect(peer(single)).toMatchObject({ inflightAppends: 2, inflightFull: true });
  });

  test("end when the peer leaves the group, and do nothing for a stranger", () => {
    const single = leader();
    single.core.setInflightLimits(TWO, { appends: 1 });
    single.core.setInflightLimits(nodeId(9), { appends: 1 });
    const context = new Uint8Array(0);
    for (const type of ["remove", "add-voter"] as const)
      single.core.applyConfChange({ transition: "auto", changes: [{ type, node: TWO }], context });
    acknowledged(single.run(), 2);
    propose(single, 5);
    expect(peer(single)).toMatchObject({ inflightAppends: 4 });
    single.core.applyConfChange({
      transition: "auto",
      changes: [{ type: "add-voter", node: nodeId(9) }],
      context,
    });
    single.run().from(9, "append-response", { index: 2 });
    expect(peer(single, 9)).toMatchObject({ state: "replicate", inflightFull: false });
  });

  test.each([{ appends: 0 }, { appends: 1.5 }, { bytes: 99 }, { bytes: Infinity }])(
    "%o is refused, and nothing is changed",
    (limits) => {
      const single = leader();
      expect(() => single.core.setInflightLimits(TWO, limits)).toThrow(
        expect.objectContaining({ code: "invalid-argument" }),
      );
      propose(single, 5);
      expect(peer(single)).toMatchObject({ inflightAppends: 4, inflightFull: true });
    },
  );
});
