import type { SwarmObject, ObjectDraft, ObjectKind, ObjectOf } from "./objects/object.ts";
import type { Task } from "./objects/task.ts";

/** One step of a transaction as it travels through the log: the resulting object, or that it is gone. */
export type Change =
  | { readonly type: "create" | "update"; readonly object: SwarmObject }
  | { readonly type: "delete"; readonly object: SwarmObject };

/** Reads of one consistent state. Cheap: nothing is copied. Valid until the caller yields to the event loop. */
export interface View {
  /** Log index of the newest applied entry in this state; in a transaction, of the committed state under it. */
  readonly index: number;
  get<K extends ObjectKind>(kind: K, id: string): ObjectOf<K> | undefined;
  /** In order of id. */
  list<K extends ObjectKind>(kind: K): Iterable<ObjectOf<K>>;
  count(kind: ObjectKind): number;
  /** Compared without regard to case. Nodes go by hostname, which need not be unique: the first in order of id. */
  byName<K extends ObjectKind>(kind: K, name: string): ObjectOf<K> | undefined;
  tasksOfService(serviceId: string): Iterable<Task>;
  tasksOfNode(nodeId: string): Iterable<Task>;
  tasksOfSlot(serviceId: string, slot: number): Iterable<Task>;
}

/** A view that can be written to. What was written is seen by later reads of the same transaction. */
export interface Transaction extends View {
  /** @throws StoreError `exists`, `name-conflict`, `invalid-object`. */
  create<T extends SwarmObject>(draft: ObjectDraft<T>): void;
  /**
   * `object.version` must be the stored one, as this transaction reads it (provisional, and negative, while in flight:
   * see `createSwarmStore`). @throws StoreError `not-found`, `out-of-sequence`, `name-conflict`, `invalid-object`.
   */
  update(object: SwarmObject): void;
  /** @throws StoreError `not-found`. */
  delete(kind: ObjectKind, id: string): void;
}

/**
 * How the store reaches the log. `propose` resolves, once the data is committed *and applied* on this node, with the
 * log index. Rejections carry `outcome`: `refused` (not in the log, state unchanged) or `unknown`.
 */
export interface Proposer {
  propose(data: Uint8Array): Promise<number>;
}

/** What one applied log entry changed. `restored` marks a state that came from a snapshot: read everything anew. */
export interface ChangeEvent {
  readonly index: number;
  readonly changes: readonly Change[];
  readonly restored: boolean;
}

/** The replicated state of a swarm on one manager. */
export interface SwarmStore {
  /** The committed state: what this node has applied. */
  view(): View;
  /**
   * Runs `write` at once against the newest state known to this node, transactions in flight included; proposes what
   * it wrote; resolves with its result when the changes are applied. A `write` that throws changes nothing, and the
   * promise rejects with what it threw. A transaction that changes nothing proposes nothing, and resolves when those
   * it could have seen are applied.
   * @throws StoreError `not-leader` (nothing was proposed), `unknown-outcome` (leadership was lost in between),
   * `superseded` (an entry that it had not seen came first; state unchanged), `too-large`, `busy`, `misuse`.
   */
  update<T>(write: (tx: Transaction) => T): Promise<T>;
  /** Committed changes from now on, one event per log entry. Slow readers get a `restored` event instead of a backlog. */
  watch(): AsyncIterableIterator<ChangeEvent>;
  /** Calls `listener` after each applied entry, synchronously. Returns how to unsubscribe. */
  subscribe(listener: (event: ChangeEvent) => void): () => void;
  /** This node leads and has applied all entries of earlier terms: writes are accepted from now on. */
  startLeading(): void;
  /** Drops the speculative state and rejects what is in flight. */
  stopLeading(): void;
  /**
   * The state machine's side: applies one committed entry, in order; indexes may have gaps. Deterministic.
   * @throws StoreError `damaged`: nothing of the entry was applied, and this node cannot go on.
   */
  apply(index: number, data: Uint8Array): void;
  /** The present state as bytes, taken at once and read lazily; later changes are not in it. */
  snapshot(): AsyncIterable<Uint8Array>;
  /**
   * Replaces the whole state. On a damaged stream it throws and the state is unchanged. No entry is to be applied until
   * it is done. @throws StoreError `damaged`, `misuse`, and what `chunks` throws.
   */
  restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}
