import type { Entry, HardState, Snapshot } from "./entry.ts";
import type { LogIndex, NodeId } from "./ids.ts";
import type { Message } from "./messages.ts";
import type { StorageRequest } from "./storage-messages.ts";

export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

/** Volatile facts that drivers and users watch. */
export interface SoftState {
  readonly leader: NodeId;
  readonly role: Role;
}

/** A linearizable read whose leadership check passed: serve it once `index` is applied. */
export interface ReadState {
  readonly index: LogIndex;
  readonly context: Uint8Array;
}

/**
 * One batch of effects. The driver's duties, in this order:
 *
 * 1. send `messages` (they may travel in parallel to the disk write of step 2: thesis, 10.2.1);
 * 2. make `snapshot`, `entries` and `hardState` durable, in one write where possible; a sync is needed only when
 *    `mustSync`;
 * 3. send `messagesAfterPersist`;
 * 4. hand `snapshot` and then `committedEntries` to the state machine, and every configuration change among them to
 *    `applyConfChange`;
 * 5. call `advance()`; only then may `ready()` be called again.
 *
 * With `asyncStorageWrites` the duties are these instead: send `messages`, and hand each of `storage` to its thread. There
 * is no `advance()`, `messagesAfterPersist` is empty, and what is to be written and applied stands in `storage` too.
 */
export interface Ready {
  readonly softState: SoftState | undefined;
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  readonly snapshot: Snapshot | undefined;
  readonly committedEntries: readonly Entry[];
  readonly messages: readonly Message[];
  readonly messagesAfterPersist: readonly Message[];
  readonly readStates: readonly ReadState[];
  readonly mustSync: boolean;
  /** Requests to the threads that write and apply; empty unless `asyncStorageWrites`. */
  readonly storage: readonly StorageRequest[];
}
