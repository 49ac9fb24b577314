import type { LogIndex, NodeId } from "../ids.ts";
import { READS_WAITING_MAX } from "../limits.ts";

/** Who asked, and by which bytes the asker knows the read again. */
export interface ReadRequest {
  readonly from: NodeId;
  readonly context: Uint8Array;
}

/** A read with the commit index at the time of asking. */
export interface ConfirmedRead extends ReadRequest {
  readonly index: LogIndex;
}

/**
 * Reads that wait for a quorum to be heard after they were asked. They are numbered by the leader, never by the users'
 * own bytes: those may repeat, and an old answer must not confirm a new read.
 */
export class ReadQueue {
  #postponed: ReadRequest[] = [];
  #waiting: ConfirmedRead[] = [];
  #confirmed = 0;
  readonly #acknowledged = new Map<NodeId, number>();

  /** How many there are, postponed ones included. */
  get waiting(): number {
    return this.#postponed.length + this.#waiting.length;
  }
  get full(): boolean {
    return this.waiting >= READS_WAITING_MAX;
  }
  /** Number of the newest read; what a heartbeat carries. 0 when none waits. */
  get round(): number {
    return this.#waiting.length === 0 ? 0 : this.newest;
  }
  /** Number of the newest read that was ever asked in this term. */
  get newest(): number {
    return this.#confirmed + this.#waiting.length;
  }

  /** Keeps a read until the leader has committed in its own term. */
  postpone(request: ReadRequest): void {
    this.#postponed.push(request);
  }

  takePostponed(): readonly ReadRequest[] {
    const postponed = this.#postponed;
    this.#postponed = [];
    return postponed;
  }

  wait(read: ConfirmedRead): void {
    this.#waiting.push(read);
  }

  acknowledge(from: NodeId, round: number): void {
    this.#acknowledged.set(from, Math.max(round, this.acknowledgedBy(from)));
  }

  acknowledgedBy(id: NodeId): number {
    return this.#acknowledged.get(id) ?? 0;
  }

  /** Takes out the reads up to number `round`. */
  takeConfirmed(round: number): readonly ConfirmedRead[] {
    const count = Math.min(round, this.newest) - this.#confirmed;
    if (count <= 0) return [];
    this.#confirmed += count;
    return this.#waiting.splice(0, count);
  }

  /** Forgets everything: the term is over, and whoever asked has to ask again. */
  clear(): void {
    this.#postponed = [];
    this.#waiting = [];
    this.#confirmed = 0;
    this.#acknowledged.clear();
  }
}
