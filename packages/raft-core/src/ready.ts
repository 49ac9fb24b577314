import type { Entry, HardState, Snapshot } from "./entry.ts";
import type { LogIndex, NodeId } from "./ids.ts";
import type { Message } from "./messages.ts";
import type { StorageRequest } from "./storage-messages.ts";

/** What a member does. A pre-candidate asks whether an election could be won, and has promised nothing yet. */
export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

/** Volatile facts that drivers and users watch. */
export interface SoftState {
  /** Who leads in the present term; 0 when nobody is known to. */
  readonly leader: NodeId;
  readonly role: Role;
}

/** A linearizable read whose leadership check passed: serve it once `index` is applied. */
export interface ReadState {
  readonly index: LogIndex;
  /** The bytes that `readIndex` was given. */
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
  /** Undefined when neither leader nor role changed. Nothing waits for it. */
  readonly softState: SoftState | undefined;
  /** To be made durable; undefined when it did not change. Never durable before `entries`: they hold its commit index. */
  readonly hardState: HardState | undefined;
  /** To be made durable. They replace what the store holds at their indexes, and everything after the last of them. */
  readonly entries: readonly Entry[];
  /** A received snapshot: to be made durable, and with it that the log before it is void; then the state machine's. */
  readonly snapshot: Snapshot | undefined;
  /** To be applied in order, after `snapshot` and after the write: an entry may stand in `entries` as well. */
  readonly committedEntries: readonly Entry[];
  /** To be sent, at once or later. They promise nothing about the disk. */
  readonly messages: readonly Message[];
  /** To be sent once the write of this batch is durable, never before: they promise it. */
  readonly messagesAfterPersist: readonly Message[];
  /** Reads that may be served, each once its `index` is applied. */
  readonly readStates: readonly ReadState[];
  /** False: what is to be written may be lost in a crash (only the commit index moved). True: sync before going on. */
  readonly mustSync: boolean;
  /** Requests to the threads that write and apply; empty unless `asyncStorageWrites`. */
  readonly storage: readonly StorageRequest[];
}
