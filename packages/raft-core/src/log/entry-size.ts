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

/** The longest prefix of at most `bytesMax`, but at least one entry. */
export function prefixWithin(entries: readonly Entry[], bytesMax: number): readonly Entry[] {
  let total = 0;
  for (const [count, entry] of entries.entries()) {
    total += entryBytes(entry);
    if (total > bytesMax && count > 0) return entries.slice(0, count);
  }
  return entries;
}
