import type { Annotations, ObjectMeta } from "./meta.ts";

export interface ClusterSpec extends Annotations {
  /** How many tasks, the live one included, a slot keeps. Default 5; negative keeps all. */
  readonly taskHistoryLimit: number;
  /** Entries between two snapshots. Default 10 000. */
  readonly raftSnapshotIntervalEntries: number;
  /** Entries kept behind a snapshot for slow followers. Default 500. */
  readonly raftTrailingEntries: number;
}

/** The swarm itself; exactly one exists. */
export interface Cluster extends ObjectMeta {
  readonly kind: "cluster";
  readonly spec: ClusterSpec;
  /** Secrets that let a machine join; rotated by replacing them. */
  readonly joinSecrets: { readonly worker: string; readonly manager: string };
}
