import type { RaftStore } from "@waggle/raft-storage";
import { createMemoryStore } from "@waggle/raft-storage/memory";

/** What is awaited before each write: of the log, of a snapshot on its way in, and of its taking force. */
export interface Gates {
  append?: Promise<unknown> | undefined;
  stage?: Promise<unknown> | undefined;
  install?: Promise<unknown> | undefined;
  /** Bytes of snapshots that passed. */
  staged?: number;
}

/** A store in memory whose disk can be held up. */
export function createGatedStore(gates: Gates): RaftStore {
  const store = createMemoryStore();
  return {
    initial: () => store.initial(),
    append: async (batch) => {
      await gates.append;
      await store.append(batch);
    },
    saveSnapshot: (metadata, chunks, options) => store.saveSnapshot(metadata, chunks, options),
    stageSnapshot: async (metadata, identity) => {
      const stage = await store.stageSnapshot(metadata, identity);
      return {
        metadata,
        get byteLength() {
          return stage.byteLength;
        },
        write: async (chunk) => {
          await gates.stage;
          gates.staged = (gates.staged ?? 0) + chunk.byteLength;
          await stage.write(chunk);
        },
        complete: (expected) => stage.complete(expected),
        abort: () => stage.abort(),
      };
    },
    installSnapshot: async (metadata) => {
      await gates.install;
      await store.installSnapshot(metadata);
    },
    openSnapshot: () => store.openSnapshot(),
    compact: (through) => store.compact(through),
    close: () => store.close(),
  };
}
