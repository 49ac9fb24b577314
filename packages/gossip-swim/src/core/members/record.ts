import type { Address } from "../../address.ts";
import type { Member, MemberState } from "../../member.ts";

/** The core's own, changing record of a member. */
export interface MemberRecord {
  readonly name: string;
  address: Address;
  meta: Uint8Array;
  state: MemberState;
  incarnation: number;
  /** When `state` changed last. */
  changedAtMs: number;
}

/** Alive or suspect: takes part. */
export function isActive(record: MemberRecord): boolean {
  return record.state === "alive" || record.state === "suspect";
}

/** An immutable copy for the outside. */
export function snapshotOf(record: MemberRecord): Member {
  const { name, address, meta, state, incarnation } = record;
  return Object.freeze({ name, address, meta, state, incarnation });
}
