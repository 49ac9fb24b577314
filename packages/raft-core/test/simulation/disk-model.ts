import type { Random } from "@waggle/simkit";
import type {
  Entry,
  HardState,
  InitialState,
  LogIndex,
  Ready,
  SnapshotMetadata,
} from "../../src/index.ts";

interface Content {
  readonly hardState: HardState | undefined;
  readonly snapshot: SnapshotMetadata | undefined;
  readonly entries: readonly Entry[];
}

/** What is written at once. */
export type Write = Pick<Ready, "hardState" | "snapshot" | "entries" | "mustSync">;

/** A store as drivers have it: writes in order, a sync only when asked for, and a crash may take what was not synced. */
export class DiskModel {
  #written: Content;
  #synced: Content;
  #writing: Write | undefined = undefined;

  constructor(initial: InitialState) {
    this.#written = { ...initial };
    this.#synced = this.#written;
  }

  load(): InitialState {
    return this.#written;
  }

  begin(ready: Write): void {
    this.#writing = ready;
  }

  finish(): void {
    const ready = this.#writing;
    if (ready === undefined) return;
    this.#writing = undefined;
    this.#written = written(this.#written, ready);
    if (ready.mustSync) this.#synced = this.#written;
  }

  /** A snapshot of the own state, and fewer entries; synced. */
  compact(snapshot: SnapshotMetadata, through: LogIndex): void {
    const entries = this.#written.entries.filter(({ index }) => index > through);
    this.#written = { ...this.#written, snapshot, entries };
    this.#synced = this.#written;
  }

  /** The process dies: a write under way is lost, done, or torn; what was not synced may be lost. */
  crash(random: Random): void {
    const ready = this.#writing;
    this.#writing = undefined;
    const outcome = random.integer(4);
    if (outcome === 0) this.#written = this.#synced;
    if (ready === undefined || outcome <= 1) return;
    if (outcome === 2) this.#written = written(this.#written, ready);
    else if (ready.snapshot === undefined) {
      const kept = ready.entries.slice(0, random.integer(ready.entries.length + 1));
      const torn = { ...ready, entries: kept, hardState: undefined };
      this.#written = written(this.#written, torn);
    }
    this.#synced = this.#written;
  }
}

function written(
  before: Content,
  ready: Pick<Ready, "hardState" | "snapshot" | "entries">,
): Content {
  const snapshot = ready.snapshot?.metadata ?? before.snapshot;
  const kept = ready.snapshot === undefined ? before.entries : [];
  return {
    hardState: ready.hardState ?? before.hardState,
    snapshot,
    entries: spliced(kept, ready.entries),
  };
}

/** Two writes, one after the other, as one. */
export function merged(first: Write, second: Write): Write {
  return {
    hardState: second.hardState ?? first.hardState,
    snapshot: second.snapshot ?? first.snapshot,
    entries: spliced(first.entries, second.entries),
    mustSync: first.mustSync || second.mustSync,
  };
}

function spliced(before: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
  const first = added[0];
  if (first === undefined) return before;
  return [...before.filter(({ index }) => index < first.index), ...added];
}
