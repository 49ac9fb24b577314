export type { RaftStore, SnapshotReader, StoredState, AppendBatch } from "./store.ts";
