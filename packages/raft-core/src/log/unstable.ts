import type { Snapshot } from "../entry.ts";
import type { LogIndex } from "../ids.ts";

const index = (value: number): LogIndex => value as LogIndex;

/** Which part of the log is not yet known to be durable. */
export class Unstable {
  #from: LogIndex;
  #unwrittenFrom: LogIndex;
  #snapshot: Snapshot | undefined = undefined;
  #snapshotWriting = false;

  constructor(from: LogIndex) {
    this.#from = from;
    this.#unwrittenFrom = from;
  }

  /** First index that is not known to be durable. */
  get from(): LogIndex {
    return this.#from;
  }
  /** First index that was not yet handed out for writing. */
  get unwrittenFrom(): LogIndex {
    return this.#unwrittenFrom;
  }
  /** A received snapshot that is not yet durable and applied. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }
  /** The snapshot, unless it was already handed out. */
  get unwrittenSnapshot(): Snapshot | undefined {
    return this.#snapshotWriting ? undefined : this.#snapshot;
  }

  /** Entries from `first` on were written anew: whatever the disk holds there is void. */
  overwritten(first: LogIndex): void {
    this.#from = index(Math.min(this.#from, first));
    this.#unwrittenFrom = index(Math.min(this.#unwrittenFrom, first));
  }

  /** All up to and with `last`, and the snapshot, were handed out for writing. */
  writing(last: LogIndex): void {
    this.#unwrittenFrom = index(Math.max(this.#unwrittenFrom, last + 1));
    this.#snapshotWriting = this.#snapshot !== undefined;
  }

  /** All up to and with `last` is durable. */
  durable(last: LogIndex): void {
    this.#from = index(Math.max(this.#from, last + 1));
    this.#unwrittenFrom = index(Math.max(this.#unwrittenFrom, this.#from));
  }

  /** The snapshot at `at` is durable and applied; a newer one stays. */
  snapshotDurable(at: LogIndex): void {
    if (this.#snapshot?.metadata.index !== at) return;
    this.#snapshot = undefined;
    this.#snapshotWriting = false;
  }

  restore(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#snapshotWriting = false;
    this.#from = index(snapshot.metadata.index + 1);
    this.#unwrittenFrom = this.#from;
  }
}
