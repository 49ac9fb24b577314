import { encodeEntry } from "./codec/entry.ts";
import { StoreError } from "./errors.ts";
import { Head } from "./head.ts";
import { assert } from "./internal/assert.ts";
import { equalBytes } from "./internal/bytes.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Change, Transaction } from "./store.ts";
import type { TableReader } from "./tables/table.ts";
import type { TablesOf } from "./tables/tables.ts";
import { OpenTransaction } from "./transaction.ts";

/** What the pipeline stands on: the committed state and where it is. */
export interface Committed {
  readonly tables: TablesOf<TableReader>;
  readonly index: number;
  /** Token of the last entry that had an effect. */
  readonly lineage: number;
  /** The latest time at which any object was written. */
  readonly writtenAtMs: number;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/** A transaction that was proposed and has not been applied. */
interface InFlight {
  readonly token: number;
  readonly data: Uint8Array;
  readonly changes: readonly Change[];
  /** Its author, and those who read its effect and wrote nothing. Emptied when they have been told. */
  waiters: Waiter[];
  /** The proposer could not say whether it is in the log. It stays in the head, for it may well be. */
  unknown: boolean;
}

/**
 * Transactions from the moment they run until their entries are applied.
 *
 * Each entry names the one it was built upon (`after`), in flight or committed, and has an effect only directly after
 * it. So when one is lost, whatever was built upon it is void on every node, even where it is in the log already; the
 * pipeline needs only to find out and to tell the authors.
 */
export class Pipeline {
  readonly #options: ResolvedOptions;
  readonly #committed: Committed;
  readonly #head: Head;
  /** By token, in the order of proposal. */
  readonly #inFlight = new Map<number, InFlight>();
  /** The last of them. */
  #newest: InFlight | undefined;
  #inFlightBytes = 0;
  #leading = false;
  #writing = false;
  /** The newest token given out; a later one is always greater, whatever the clock does. */
  #token = 0;
  /** The newest time given out. */
  #nowMs = -Infinity;

  constructor(options: ResolvedOptions, committed: Committed) {
    this.#options = options;
    this.#committed = committed;
    this.#head = new Head(committed.tables);
  }

  startLeading(): void {
    this.#leading = true;
  }

  stopLeading(): void {
    this.#leading = false;
    this.abandon("leadership was lost with the transaction in flight");
  }

  /** Rejects all that is in flight with `unknown-outcome` and drops the head. */
  abandon(reason: string): void {
    this.#cut([...this.#inFlight.values()], () => new StoreError("unknown-outcome", reason));
  }

  /** Runs a transaction on the head and proposes it. Throws what `write` throws, having changed nothing. */
  run<T>(write: (tx: Transaction) => T): Promise<T> {
    this.#admit();
    const token = Math.max(
      this.#token + 1,
      this.#committed.lineage + 1,
      Math.floor(this.#options.now()),
    );
    const { result, changes } = this.#write(write, token);
    const last = this.#newest;
    if (changes.length === 0) return this.#waitFor(last, result);
    if (changes.length > this.#options.transactionChangesMax)
      throw new StoreError(
        "too-large",
        `the transaction has ${changes.length} changes, more than ${this.#options.transactionChangesMax}`,
      );
    const after = last?.token ?? this.#committed.lineage;
    const data = encodeEntry(token, after, changes, this.#options.transactionBytesMax);
    this.#token = token;
    const entry: InFlight = { token, data, changes, waiters: [], unknown: false };
    this.#inFlight.set(token, entry);
    this.#newest = entry;
    this.#inFlightBytes += data.length;
    this.#head.add(token, changes);
    const done = this.#waitFor(entry, result);
    void this.#propose(entry);
    return done;
  }

  /** An entry was applied (or was found void): settles the transaction that it came from. */
  applied(token: number, data: Uint8Array, effective: boolean): void {
    const entry = this.#inFlight.get(token);
    if (entry !== undefined && equalBytes(entry.data, data)) {
      if (effective) this.#settle(entry);
      else this.#void(entry);
    } else if (effective && this.#inFlight.size > 0) {
      this.#cut([...this.#inFlight.values()], () => superseded());
    }
  }

  #admit(): void {
    if (this.#writing)
      throw new StoreError("misuse", "a transaction cannot be begun inside another one");
    if (!this.#leading) throw new StoreError("not-leader", "this node does not lead the swarm");
    const { transactionsInFlightMax, inFlightBytesMax } = this.#options;
    if (this.#inFlight.size >= transactionsInFlightMax || this.#inFlightBytes >= inFlightBytesMax)
      throw new StoreError("busy", `${this.#inFlight.size} transactions are in flight already`);
  }

  #write<T>(
    write: (tx: Transaction) => T,
    token: number,
  ): { readonly result: T; readonly changes: readonly Change[] } {
    // Leaders' clocks differ. What was written later must not look older, or planners take old tasks for new ones.
    const nowMs = Math.max(this.#options.now(), this.#nowMs, this.#committed.writtenAtMs);
    assert(Number.isFinite(nowMs) && Number.isSafeInteger(token), "the clock gives a number");
    this.#nowMs = nowMs;
    const tx = new OpenTransaction({
      below: this.#head.tables,
      index: this.#committed.index,
      nowMs,
      provisionalVersion: -token,
    });
    let changes: readonly Change[] = [];
    let result: T;
    this.#writing = true;
    try {
      result = write(tx);
    } finally {
      this.#writing = false;
      changes = tx.close();
    }
    if (isThenable(result)) {
      // What the asynchronous rest of it still does fails; that failure is this one's consequence and is not news.
      void Promise.resolve(result).then(undefined, () => undefined);
      throw new StoreError("misuse", "a transaction is to be written synchronously");
    }
    return { result, changes };
  }

  #waitFor<T>(entry: InFlight | undefined, result: T): Promise<T> {
    if (entry === undefined) return Promise.resolve(result);
    if (entry.unknown)
      throw new StoreError("unknown-outcome", "what was read may not have come to the log");
    return new Promise<T>((resolve, reject) => {
      entry.waiters.push({ resolve: () => resolve(result), reject });
    });
  }

  async #propose(entry: InFlight): Promise<void> {
    try {
      const index = await this.#options.proposer.propose(entry.data);
      // Applied entries have left already; one that has not, behind the applied index, was hidden by a snapshot.
      if (index <= this.#committed.index)
        this.#markUnknown(entry, "the state was replaced while the transaction was in flight");
    } catch (cause) {
      if (outcomeOf(cause) === "refused") this.#refused(entry, cause);
      else this.#markUnknown(entry, "it is not known whether the transaction is in the log", cause);
    }
  }

  #refused(entry: InFlight, cause: unknown): void {
    if (this.#inFlight.get(entry.token) !== entry) return;
    this.#cut(
      this.#from(entry),
      () => new StoreError("not-leader", "the log refused the transaction", { cause }),
    );
  }

  #markUnknown(entry: InFlight, message: string, cause?: unknown): void {
    if (this.#inFlight.get(entry.token) !== entry || entry.unknown) return;
    entry.unknown = true;
    this.#reject(entry, () => new StoreError("unknown-outcome", message, { cause }));
  }

  /** Its entry came to the log in the wrong place. Those of unknown outcome before it are thereby known to be lost. */
  #void(entry: InFlight): void {
    const later = this.#from(entry);
    const lost = [...this.#inFlight.values()].filter(
      (other) => other.token < entry.token && other.unknown,
    );
    this.#cut([...lost, ...later], () => superseded());
  }

  #settle(entry: InFlight): void {
    this.#inFlight.delete(entry.token);
    if (this.#newest === entry) this.#newest = undefined;
    this.#inFlightBytes -= entry.data.length;
    this.#head.release(entry.token, entry.changes);
    const waiters = entry.waiters;
    entry.waiters = [];
    for (const waiter of waiters) waiter.resolve();
  }

  /** Takes transactions out of the pipeline, rebuilds the head from the others, and tells the authors. */
  #cut(entries: readonly InFlight[], error: () => StoreError): void {
    for (const entry of entries) {
      if (this.#inFlight.delete(entry.token)) this.#inFlightBytes -= entry.data.length;
    }
    this.#head.clear();
    this.#newest = undefined;
    for (const entry of this.#inFlight.values()) {
      this.#head.add(entry.token, entry.changes);
      this.#newest = entry;
    }
    for (const entry of entries) this.#reject(entry, error);
  }

  #reject(entry: InFlight, error: () => StoreError): void {
    const waiters = entry.waiters;
    entry.waiters = [];
    for (const waiter of waiters) waiter.reject(error());
  }

  /** This one and all that were built upon it. */
  #from(entry: InFlight): InFlight[] {
    return [...this.#inFlight.values()].filter((other) => other.token >= entry.token);
  }
}

function superseded(): StoreError {
  return new StoreError(
    "superseded",
    "another entry came to the log before the transaction, which had not seen it",
  );
}

function outcomeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "outcome" in error
    ? error.outcome
    : undefined;
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
