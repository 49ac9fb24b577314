import type { LogIndex, Term } from "@waggle/raft-core";
import type { RaftNodeLimits } from "../options.ts";
import { RaftNodeError } from "../errors.ts";

/** Where an entry stands in the log. */
export interface Place {
  readonly index: number;
  readonly term: Term;
}

/** What a proposal resolves with. */
export interface Applied {
  readonly index: LogIndex;
  /** What the state machine's `apply` returned for it. */
  readonly result: unknown;
}

interface Pending {
  readonly data: Uint8Array;
  /** Settles it, once; later calls have no effect. */
  readonly settle: (outcome: Applied | RaftNodeError) => void;
  readonly isSettled: () => boolean;
}

/**
 * Proposals of this node. They wait until Raft takes them, all that wait in one go; then they are known by term and index
 * until the entry at that index is applied.
 */
export class Proposals {
  readonly #limits: RaftNodeLimits;
  #waiting: Pending[] = [];
  readonly #inFlight = new Map<number, { readonly term: Term; readonly pending: Pending }>();
  #count = 0;
  #bytes = 0;
  #held = false;
  #idle = Promise.withResolvers<undefined>();

  constructor(limits: RaftNodeLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Takes no further proposals (`transfer-in-progress`) until `release`, so that those that are under way come to their
   * end. The promise resolves when they have.
   */
  hold(): Promise<undefined> {
    if (!this.#held) this.#idle = Promise.withResolvers();
    this.#held = true;
    if (this.#count === 0) this.#idle.resolve(undefined);
    return this.#idle.promise;
  }

  release(): void {
    this.#held = false;
  }

  /** Queues a proposal; the promise has exactly one outcome. */
  add(data: Uint8Array, signal: AbortSignal | undefined): Promise<Applied> {
    if (this.#held) {
      const why = "leadership is being handed over";
      return Promise.reject(new RaftNodeError("transfer-in-progress", why));
    }
    if (this.#count >= this.#limits.pendingProposalsMax) {
      return Promise.reject(overloaded(`${this.#count} proposals wait`));
    }
    if (this.#count > 0 && this.#bytes + data.byteLength > this.#limits.pendingBytesMax) {
      return Promise.reject(overloaded(`${this.#bytes} bytes of proposals wait`));
    }
    const { promise, pending } = this.#open(data, signal);
    this.#waiting.push(pending);
    return promise;
  }

  /** Registers an entry that Raft has taken already. */
  track(place: Place): Promise<Applied> {
    const { promise, pending } = this.#open(new Uint8Array(0), undefined);
    this.#inFlight.set(place.index, { term: place.term, pending });
    return promise;
  }

  /** Hands all that waits to `take`, which returns the place of the first; what it throws refuses all of them. */
  flush(take: (data: readonly Uint8Array[]) => Place): void {
    const waiting = this.#waiting.filter(({ isSettled }) => !isSettled());
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      const first = take(waiting.map(({ data }) => data));
      for (const [at, pending] of waiting.entries()) {
        this.#inFlight.set(first.index + at, { term: first.term, pending });
      }
    } catch (error) {
      if (!(error instanceof RaftNodeError)) {
        // A bug: the node fails by it, and its stop settles them.
        this.#waiting = waiting;
        throw error;
      }
      for (const { settle } of waiting) settle(error);
    }
  }

  /** The entry at a place was applied. Whatever this node had proposed there in another term was overwritten. */
  applied(place: { readonly index: LogIndex; readonly term: Term }, result: unknown): void {
    const found = this.#inFlight.get(place.index);
    if (found === undefined) return;
    this.#inFlight.delete(place.index);
    found.pending.settle(
      found.term === place.term ? { index: place.index, result } : leadershipLost(),
    );
  }

  /** What is not yet committed here may or may not become so under another leader. */
  lose(after: number): void {
    for (const [index, { pending }] of this.#inFlight) {
      if (index <= after) continue;
      this.#inFlight.delete(index);
      pending.settle(leadershipLost());
    }
  }

  /** Ends all of them. */
  stop(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { settle } of waiting) settle(new RaftNodeError("stopped", "the node is stopped"));
    for (const { pending } of this.#inFlight.values()) {
      pending.settle(
        new RaftNodeError("stopped-in-flight", "the node stopped", { outcome: "unknown" }),
      );
    }
    this.#inFlight.clear();
  }

  #open(
    data: Uint8Array,
    signal: AbortSignal | undefined,
  ): { readonly promise: Promise<Applied>; readonly pending: Pending } {
    const { promise, resolve, reject } = Promise.withResolvers<Applied>();
    let settled = false;
    const settle = (outcome: Applied | RaftNodeError): void => {
      if (settled) return;
      settled = true;
      this.#count -= 1;
      if (this.#count === 0) this.#idle.resolve(undefined);
      this.#bytes -= data.byteLength;
      signal?.removeEventListener("abort", abort);
      if (outcome instanceof RaftNodeError) reject(outcome);
      else resolve(outcome);
    };
    const pending: Pending = { data, settle, isSettled: () => settled };
    const abort = (): void => {
      const outcome = this.#waiting.includes(pending) ? "refused" : "unknown";
      const cause: unknown = signal?.reason;
      settle(new RaftNodeError("aborted", "the caller aborted the proposal", { outcome, cause }));
    };
    this.#count += 1;
    this.#bytes += data.byteLength;
    if (signal?.aborted === true) {
      const cause: unknown = signal.reason;
      settle(new RaftNodeError("aborted", "the signal was aborted already", { cause }));
    } else {
      signal?.addEventListener("abort", abort, { once: true });
    }
    return { promise, pending };
  }
}

function overloaded(message: string): RaftNodeError {
  return new RaftNodeError("overloaded", message);
}

function leadershipLost(): RaftNodeError {
  return new RaftNodeError("leadership-lost", "another member leads, or may soon", {
    outcome: "unknown",
  });
}
