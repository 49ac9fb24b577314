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

/** What is written at once: the snapshot first, then entries, the hard state last. */
export type Write = Pick<Ready, "hardState" | "snapshot" | "entries" | "mustSync">;

/** A store as drivers have it: writes in order, a sync only when asked for, and a crash may take what was not synced. */
export class DiskModel {
  #synced: Content;
  /** Done, and not synced. */
  #unsynced: Write[] = [];
  #writing: Write | undefined = undefined;

  constructor(initial: InitialState) {
    this.#synced = { ...initial };
  }

  /** What a reader sees. */
  load(): InitialState {
    return this.#unsynced.reduce(written, this.#synced);
  }

  get snapshotIndex(): number {
    return this.#synced.snapshot?.index ?? 0;
  }

  /** The entry at `index`, of those that are synced. */
  entryAt(index: number): Entry | undefined {
    const { entries } = this.#synced;
    const first = entries[0];
    return first && entries[index - first.index];
  }

  begin(write: Write): void {
    this.#writing = write;
  }

  /** The write is done. Returns what has become durable by it. */
  finish(): readonly Write[] {
    const write = this.#writing!;
    this.#writing = undefined;
    this.#unsynced.push(write);
    return write.mustSync ? this.#sync() : [];
  }

  #sync(): readonly Write[] {
    const done = this.#unsynced;
    this.#unsynced = [];
    this.#synced = done.reduce(written, this.#synced);
    return done;
  }

  /** A snapshot of the own state, and fewer entries; synced. Returns what has become durable by it. */
  compact(snapshot: SnapshotMetadata, through: LogIndex): readonly Write[] {
    const done = this.#sync();
    const entries = this.#synced.entries.filter(({ index }) => index > through);
    this.#synced = { ...this.#synced, snapshot, entries };
    return done;
  }

  /** The process dies: of what was not synced the first part survives, and the write under way is lost, done, or torn. */
  crash(random: Random): "lost" | "whole" | "torn" {
    const writing = this.#writing;
    this.#writing = undefined;
    const kept = random.integer(this.#unsynced.length + 1);
    const isAllKept = kept === this.#unsynced.length;
    this.#unsynced.length = kept;
    this.#sync();
    const outcome = random.integer(4);
    if (writing === undefined || !isAllKept || outcome === 0) return "lost";
    this.#unsynced = [outcome === 1 ? writing : torn(writing, random)];
    this.#sync();
    return outcome === 1 ? "whole" : "torn";
  }
}

/** The first part of a write. */
function torn(write: Write, random: Random): Write {
  if (write.snapshot !== undefined && random.chance(0.5))
    return { ...write, snapshot: undefined, entries: [], hardState: undefined };
  const entries = write.entries.slice(0, random.integer(write.entries.length + 1));
  return { ...write, entries, hardState: undefined };
}

function written(
  before: Content,
  write: Pick<Ready, "hardState" | "snapshot" | "entries">,
): Content {
  const snapshot = write.snapshot?.metadata ?? before.snapshot;
  const kept = write.snapshot === undefined ? before.entries : [];
  return {
    hardState: write.hardState ?? before.hardState,
    snapshot,
    entries: spliced(kept, write.entries),
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
  const [start, first] = [before[0], added[0]];
  if (first === undefined) return before;
  if (start === undefined) return added;
  return [...before.slice(0, Math.max(0, first.index - start.index)), ...added];
}
