import type { SnapshotMessage } from "@waggle/raft-core";
import { decodeMessage, encodeMessage } from "@waggle/raft-core/codec";
import { apart, getU64, malformed, setU64, viewOf } from "./frames.ts";

/**
 * What travels over `raft-snapshot/1` after the hello. All numbers are little endian.
 *
 * ```
 * sender                                      receiver
 * offer    u64 bytes of data, raftpb Message
 *                                             u8 1, u64 offset   go on from there
 *                                             u8 2               taken: no data needed, or all is stored
 *                                             u8 0, u8 why       refused, at any time
 * data     frames of at least one byte, from the offset to the end
 * digest   u32 CRC-32 of all data, those before the offset too
 * ```
 */
export interface SnapshotOffer {
  readonly byteLength: number;
  readonly message: SnapshotMessage;
}

/**
 * Why a snapshot is not taken: another one is on its way, the member knows of a later term, it is larger than allowed, the
 * disk is full, the bytes are not those that were sent, or the store cannot take it.
 */
export type SnapshotRefusal =
  "busy" | "stale" | "too-large" | "disk-full" | "checksum" | "not-stored";

/** What the receiver says. */
export type SnapshotAnswer =
  | { readonly type: "go-on"; readonly offset: number }
  | { readonly type: "taken" }
  | { readonly type: "refused"; readonly why: SnapshotRefusal };

const OFFER_BYTES = 8;
const GO_ON_BYTES = 9;
const REFUSED = 0;
const GO_ON = 1;
const TAKEN = 2;
const REFUSALS: readonly SnapshotRefusal[] = [
  "busy",
  "stale",
  "too-large",
  "disk-full",
  "checksum",
  "not-stored",
];

export function encodeSnapshotOffer({ byteLength, message }: SnapshotOffer): Uint8Array {
  const encoded = encodeMessage(message);
  const frame = new Uint8Array(OFFER_BYTES + encoded.byteLength);
  setU64(viewOf(frame), 0, byteLength);
  frame.set(encoded, OFFER_BYTES);
  return frame;
}

/** @throws RaftNodeError `protocol`, CodecError. */
export function decodeSnapshotOffer(frame: Uint8Array): SnapshotOffer {
  if (frame.byteLength < OFFER_BYTES) throw malformed("the snapshot's offer is cut off");
  const message = decodeMessage(apart(frame.subarray(OFFER_BYTES)));
  if (message.type !== "snapshot") throw malformed(`a ${message.type} is no snapshot`);
  return { byteLength: getU64(viewOf(frame), 0), message };
}

export function encodeSnapshotAnswer(answer: SnapshotAnswer): Uint8Array {
  switch (answer.type) {
    case "refused":
      return new Uint8Array([REFUSED, REFUSALS.indexOf(answer.why)]);
    case "taken":
      return new Uint8Array([TAKEN]);
    case "go-on": {
      const frame = new Uint8Array(GO_ON_BYTES);
      frame[0] = GO_ON;
      setU64(viewOf(frame), 1, answer.offset);
      return frame;
    }
  }
}

/** @throws RaftNodeError `protocol`. */
export function decodeSnapshotAnswer(frame: Uint8Array): SnapshotAnswer {
  if (frame[0] === GO_ON && frame.byteLength === GO_ON_BYTES) {
    return { type: "go-on", offset: getU64(viewOf(frame), 1) };
  }
  if (frame[0] === TAKEN && frame.byteLength === 1) return { type: "taken" };
  const why = REFUSALS[frame[1] ?? REFUSALS.length];
  if (frame[0] === REFUSED && frame.byteLength === 2 && why !== undefined) {
    return { type: "refused", why };
  }
  throw malformed("it is no answer to a snapshot");
}

export function encodeSnapshotDigest(crc32: number): Uint8Array {
  const frame = new Uint8Array(4);
  viewOf(frame).setUint32(0, crc32, true);
  return frame;
}

/** @throws RaftNodeError `protocol`. */
export function decodeSnapshotDigest(frame: Uint8Array): number {
  if (frame.byteLength !== 4) throw malformed("it is no digest: the snapshot is not as announced");
  return viewOf(frame).getUint32(0, true);
}
