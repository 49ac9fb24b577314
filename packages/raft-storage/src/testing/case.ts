import type { RaftStore, StoredState } from "../store.ts";
import type { Entry, SnapshotMetadata } from "@waggle/raft-core";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { isRaftStoreError, type RaftStoreErrorCode } from "../errors.ts";
import { assert } from "../internal/assert.ts";

/** How the cases get at a store. */
export interface StoreUnderTest {
  /** Opens a fresh, empty store. */
  open(): Promise<RaftStore>;
  /**
   * Closes a store and opens another one on what it stored. Undefined where a store does not outlive its closing: cases
   * that need it are then passed over by {@link complianceCases}' caller.
   */
  readonly reopen?: ((store: RaftStore) => Promise<RaftStore>) | undefined;
}

/** One thing that any store must do. */
export interface ComplianceCase {
  readonly name: string;
  readonly needsReopen: boolean;
  /** Rejects when the store does not comply. Closes what it opens. */
  run(subject: StoreUnderTest): Promise<void>;
}

/** Entry of a given term whose data names both. */
export function entryAt(index: number, entryTerm = 1, bytes = 16): Entry {
  const data = new Uint8Array(bytes).fill((index * 7 + entryTerm) % 251);
  return { kind: "normal", term: term(entryTerm), index: logIndex(index), data };
}

/** Entries `from` to `to`, both included. */
export function entriesOf(from: number, to: number, entryTerm = 1): readonly Entry[] {
  return Array.from({ length: to - from + 1 }, (_, at) => entryAt(from + at, entryTerm));
}

/** Metadata of a snapshot of a group of three. */
export function metadataAt(index: number, snapshotTerm = 1): SnapshotMetadata {
  return {
    index: logIndex(index),
    term: term(snapshotTerm),
    confState: {
      voters: [nodeId(1), nodeId(2), nodeId(3)],
      learners: [nodeId(4)],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    },
  };
}

/** Some chunks of bytes that depend on `seed`. */
export async function* chunksOf(
  seed: number,
  lengths: readonly number[],
): AsyncGenerator<Uint8Array> {
  for (const length of lengths) {
    await Promise.resolve();
    yield new Uint8Array(length).fill(seed);
  }
}

/** All bytes of the newest snapshot, or undefined without one. */
export async function snapshotBytes(store: RaftStore): Promise<Uint8Array | undefined> {
  const reader = await store.openSnapshot();
  if (reader === undefined) return undefined;
  const data = new Uint8Array(reader.byteLength);
  let offset = 0;
  for await (const chunk of reader.chunks()) {
    data.set(chunk, offset);
    offset += chunk.byteLength;
  }
  await reader.close();
  assert(offset === reader.byteLength, "a snapshot must have the length that it says");
  return data;
}

/** Asserts that a call is refused with a code. */
export async function refuses(code: RaftStoreErrorCode, call: Promise<unknown>): Promise<void> {
  const outcome: unknown = await call.then(
    () => "it was accepted",
    (error: unknown) => error,
  );
  const found = isRaftStoreError(outcome) ? outcome.code : String(outcome);
  assert(found === code, `expected ${code}, got: ${found}`);
}

/** Asserts that a state holds exactly these entries after its snapshot. */
export function holds(state: StoredState, expected: readonly Entry[]): void {
  const floor = state.snapshot?.index ?? 0;
  const found = state.entries.filter(({ index }) => index > floor).map(describe);
  const wanted = expected.filter(({ index }) => index > floor).map(describe);
  assert(found.join() === wanted.join(), `entries [${found.join()}], expected [${wanted.join()}]`);
}

function describe(entry: Entry): string {
  return `${entry.index}/${entry.term}/${entry.kind}/${entry.data.join(".")}`;
}
