import type { Entry } from "@waggle/raft-core";
import type { RaftStore } from "../store.ts";
import { logIndex, nodeId, term } from "@waggle/raft-core";

/** What is measured. */
export interface AppendBenchOptions {
  /** Entries of one append, which is waited for before the next. */
  readonly entriesPerAppend: number;
  /** Bytes of data of one entry. */
  readonly entryBytes: number;
  readonly durationMs: number;
  /** Milliseconds from any origin, with fractions, e.g. `performance.now`. */
  readonly nowMs: () => number;
}

/** What came of it. */
export interface AppendBenchResult {
  readonly appendsPerSecond: number;
  readonly entriesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Appends to a store, durably and one after the other, for as long as asked. The log goes on from what it holds. */
export async function benchAppends(
  store: RaftStore,
  first: number,
  options: AppendBenchOptions,
): Promise<AppendBenchResult & { readonly next: number }> {
  const { entriesPerAppend, entryBytes, durationMs, nowMs } = options;
  const data = new Uint8Array(entryBytes).fill(0x5a);
  const latencies: number[] = [];
  const startedAt = nowMs();
  let next = first;
  let endedAt = startedAt;
  while (endedAt - startedAt < durationMs) {
    const begunAt = nowMs();
    const entries = entriesFrom(next, entriesPerAppend, data);
    next += entriesPerAppend;
    const hardState = { term: term(1), vote: nodeId(1), commit: logIndex(next - 1) };
    await store.append({ entries, hardState, sync: true });
    endedAt = nowMs();
    latencies.push(endedAt - begunAt);
  }
  latencies.sort((left, right) => left - right);
  const appendsPerSecond = (latencies.length * 1_000) / (endedAt - startedAt);
  return {
    appendsPerSecond,
    entriesPerSecond: appendsPerSecond * entriesPerAppend,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    next,
  };
}

/** Fills a store with so many bytes of entries, to see how long it takes to open it again. */
export async function fillStore(
  store: RaftStore,
  options: { readonly bytes: number; readonly entryBytes: number },
): Promise<void> {
  const { bytes, entryBytes } = options;
  const data = new Uint8Array(entryBytes).fill(0x5a);
  const perAppend = Math.max(1, Math.floor(FILL_APPEND_BYTES / entryBytes));
  let next = 1;
  while (next * entryBytes < bytes) {
    await store.append({ entries: entriesFrom(next, perAppend, data), sync: false });
    next += perAppend;
  }
}

const FILL_APPEND_BYTES = 65_536;

function entriesFrom(first: number, count: number, data: Uint8Array): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < count; at += 1) {
    entries.push({ kind: "normal", term: term(1), index: logIndex(first + at), data });
  }
  return entries;
}
