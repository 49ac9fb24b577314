import type { Address } from "./address.ts";

/**
 * What this node believes of a member. `dead`: did not answer and did not refute. `left`: said goodbye. Both are
 * forgotten after a while, and end at once when the member announces itself with a higher incarnation.
 */
export type MemberState = "alive" | "suspect" | "dead" | "left";

/** A member as this node sees it now: a snapshot that does not change. */
export interface Member {
  readonly name: string;
  readonly address: Address;
  /** Opaque to this package; at most `metaBytesMax` bytes. Do not change the bytes. */
  readonly meta: Uint8Array;
  readonly state: MemberState;
  /** Raised by the member itself only; of two statements the one with the higher incarnation is newer. */
  readonly incarnation: number;
}
