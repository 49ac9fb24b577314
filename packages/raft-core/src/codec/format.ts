import type { WideIds } from "./wide-ids.ts";

/**
 * How raftpb is written; both ways are read. All members of a group may differ in the profile, and must agree on what the
 * ids mean.
 */
export interface WireFormat {
  /**
   * Default `standard`, which etcd writes since 3.7: a field is there when the kind of message gives it a meaning. `gogo`,
   * of etcd up to 3.6: all numbers are there, also when they are 0.
   */
  readonly profile?: "standard" | "gogo";
  /** Default none: ids are written as they are, and one beyond the safe integers is refused. */
  readonly ids?: WideIds;
}

/** What is written unless asked for otherwise. */
export const STANDARD: WireFormat = { profile: "standard" };
