import type { StoredState } from "../store.ts";
import { MEMORY_BYTES_MAX_DEFAULT } from "../limits.ts";
import { RaftStoreError } from "../errors.ts";

/** How a memory store behaves. */
export interface MemoryStoreOptions {
  /** Most bytes of entries and snapshot together; above it calls are refused with `disk-full`. Default 1 GiB. */
  readonly bytesMax?: number;
  /** What the store holds at the start, e.g. from `initial()` of an earlier one. Default: nothing. */
  readonly initial?: StoredState;
  /** Bytes of the snapshot that `initial` names. Default: none. */
  readonly initialSnapshot?: Uint8Array;
  /**
   * Awaited before each append takes effect: the place for latency or faults. What it throws fails the store for good,
   * like a failed sync. Default: nothing.
   */
  readonly beforeAppend?: () => Promise<void> | void;
}

/** @throws RaftStoreError `invalid-argument`. */
export function memoryBytesMax(options: MemoryStoreOptions): number {
  const bytesMax = options.bytesMax ?? MEMORY_BYTES_MAX_DEFAULT;
  if (!Number.isSafeInteger(bytesMax) || bytesMax < 1) {
    throw new RaftStoreError("invalid-argument", `bytesMax is ${bytesMax}`);
  }
  if (options.initialSnapshot !== undefined && options.initial?.snapshot === undefined) {
    throw new RaftStoreError("invalid-argument", "initialSnapshot needs initial.snapshot");
  }
  return bytesMax;
}
