import { logIndex, nodeId, term } from "@waggle/raft-core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSnapshotAnswer,
  decodeSnapshotDigest,
  decodeSnapshotOffer,
  encodeSnapshotAnswer,
  encodeSnapshotDigest,
  encodeSnapshotOffer,
  type SnapshotAnswer,
} from "../../src/network/snapshot-frames.ts";

const confState = {
  voters: [nodeId(1)],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};
const offer = {
  byteLength: 5_000_000_000,
  message: {
    from: nodeId(1),
    to: nodeId(2),
    term: term(7),
    type: "snapshot" as const,
    snapshot: {
      metadata: { index: logIndex(9), term: term(6), confState },
      data: new Uint8Array(0),
    },
  },
};
const answers: readonly SnapshotAnswer[] = [
  { type: "go-on", offset: 5_000_000_000 },
  { type: "taken" },
  ...(["busy", "stale", "too-large", "disk-full", "checksum", "not-stored"] as const).map(
    (why) => ({ type: "refused" as const, why }),
  ),
];

describe("a snapshot's frames", () => {
  it("come back as they went", () => {
    expect(decodeSnapshotOffer(encodeSnapshotOffer(offer))).toEqual(offer);
    for (const answer of answers) {
      expect(decodeSnapshotAnswer(encodeSnapshotAnswer(answer))).toEqual(answer);
    }
    expect(decodeSnapshotDigest(encodeSnapshotDigest(0xffff_fffe))).toBe(0xffff_fffe);
  });

  it("are refused when cut off or longer than they should be", () => {
    for (const answer of answers) {
      const frame = encodeSnapshotAnswer(answer);
      expect(() => decodeSnapshotAnswer(frame.subarray(0, -1))).toThrow("malformed");
      expect(() => decodeSnapshotAnswer(new Uint8Array([...frame, 0]))).toThrow("malformed");
    }
    expect(() => decodeSnapshotAnswer(new Uint8Array([0, 99]))).toThrow("malformed");
    expect(() => decodeSnapshotDigest(new Uint8Array(3))).toThrow("malformed");
  });

  it("never throw anything but an error of ours, whatever the bytes", () => {
    const decoders = [decodeSnapshotOffer, decodeSnapshotAnswer, decodeSnapshotDigest];
    const outcome = (decode: () => unknown): unknown => {
      try {
        decode();
        return undefined;
      } catch (error) {
        return (error as Error).name;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of decoders) {
          expect([undefined, "RaftNodeError", "CodecError"]).toContain(
            outcome(() => decode(bytes)),
          );
        }
      }),
    );
  });
});
