import type { LogIndex, PeerStatus } from "@waggle/raft-core";
import { LOG_HOLD_BYTES_MAX } from "../limits.ts";

/** Bytes that an applied entry costs in memory beside its data, as a rule. */
const ENTRY_BYTES = 64;

/**
 * Decides how much of the log stays for members that live and are behind. Without that a member that takes in a snapshot
 * under load would find the entries after it gone, and need the next one, for ever. It is bounded: who is behind by more than
 * {@link LOG_HOLD_BYTES_MAX} gets a snapshot in the end.
 */
export class LogHold {
  /** How much was applied by each snapshot, so that a part of the log can be weighed. Ascending. */
  #marks: { readonly index: number; readonly bytes: number }[] = [];
  #bytes = 0;

  /** So much was applied. */
  applied(entries: number, dataBytes: number): void {
    this.#bytes += entries * ENTRY_BYTES + dataBytes;
  }

  /** A snapshot is taken at this index, which was applied last. */
  mark(index: number): void {
    this.#marks.push({ index, bytes: this.#bytes });
  }

  /** Up to where the log may go, when `wanted` would do without anybody behind. */
  through(
    wanted: number,
    log: { readonly firstIndex: LogIndex; readonly behind: readonly PeerStatus[] },
  ): number {
    const needs = log.behind
      .map(standsAt)
      // Whom the log does not reach any more gets the newest snapshot anyway.
      .filter((index) => index < wanted && index + 1 >= log.firstIndex);
    const kept = needs.filter((index) => this.#bytesAfter(index) <= LOG_HOLD_BYTES_MAX);
    const through = Math.min(wanted, ...kept);
    const last = this.#marks.findLastIndex(({ index }) => index <= through);
    this.#marks.splice(0, Math.max(0, last));
    return through;
  }

  // A little too much rather than too little: from the last snapshot at or before the index.
  #bytesAfter(index: number): number {
    const mark = this.#marks.findLast((other) => other.index <= index);
    return this.#bytes - (mark?.bytes ?? 0);
  }
}

/** What a peer has, or will have once the snapshot on its way is in. */
function standsAt({ state, match, next, pendingSnapshot }: PeerStatus): number {
  switch (state) {
    case "replicate":
      return match;
    case "probe":
      return Math.max(match, next - 1);
    case "snapshot":
      return Math.max(match, pendingSnapshot);
  }
}
