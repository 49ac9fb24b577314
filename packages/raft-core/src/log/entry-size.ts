import { entrySize } from "../codec/entry.ts";
import type { Entry } from "../entry.ts";
import { ENTRY_OVERHEAD_BYTES } from "../limits.ts";

/** What an entry counts against the byte limits. */
export function entryBytes(entry: Pick<Entry, "data">): number {
  return ENTRY_OVERHEAD_BYTES + entry.data.byteLength;
}

/** Sum of {@link entryBytes}. */
export function entriesBytes(entries: readonly Pick<Entry, "data">[]): number {
  let total = 0;
  for (const entry of entries) total += entryBytes(entry);
  return total;
}

/** Bytes of an entry as raftpb: what it counts in a batch of committed entries, as in etcd. */
export function encodedBytes(entry: Entry): number {
  return entrySize(entry, false);
}

/** Sum of {@link encodedBytes}. */
export function encodedBytesOf(entries: readonly Entry[]): number {
  let total = 0;
  for (const entry of entries) total += encodedBytes(entry);
  return total;
}
