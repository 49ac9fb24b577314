import { randomBytes as systemRandomBytes } from "node:crypto";
import { assert } from "./internal/assert.ts";
import { toBase36 } from "./internal/base36.ts";
import { OBJECT_ID_DIGITS } from "./limits.ts";

/** Gives so many random bytes; the default is the system's generator, a simulation gives its own. */
export type RandomBytes = (count: number) => Uint8Array;

const OBJECT_ID_BYTES = 16;

/** Makes the id of a new object: 128 random bits as 25 digits `[0-9a-z]`. */
export function createObjectId(randomBytes: RandomBytes = systemRandomBytes): string {
  return toBase36(take(randomBytes, OBJECT_ID_BYTES), OBJECT_ID_DIGITS);
}

/**
 * Makes the Raft id of a new manager: a random whole number from 1 to 2^53 - 1. Raft ids are never used again; drawn at
 * random from so many, two of a swarm's are the same about never.
 */
export function createRaftId(randomBytes: RandomBytes = systemRandomBytes): number {
  for (;;) {
    const bytes = take(randomBytes, 7);
    const high = (bytes[0] ?? 0) & 0x1f;
    const value = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, high);
    // 0 means "no node" in Raft.
    if (value !== 0) return value;
  }
}

function take(randomBytes: RandomBytes, count: number): Uint8Array {
  const bytes = randomBytes(count);
  assert(bytes.length === count, "the generator gives as many bytes as it is asked for");
  return bytes;
}
