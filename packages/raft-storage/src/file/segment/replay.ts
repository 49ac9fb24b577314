import type { Entry, HardState, SnapshotMetadata } from "@waggle/raft-core";
import type { StoredState } from "../../store.ts";
import type { Item } from "./items.ts";

/** Puts a log together from its items in the order in which they were written: the later one wins. */
export class LogReplay {
  #hardState: HardState | undefined;
  #snapshot: SnapshotMetadata | undefined;
  #entries: Entry[] = [];

  /** In words why the item cannot follow those before it, or undefined. */
  take(item: Item): string | undefined {
    switch (item.type) {
      case "mark":
        return undefined;
      case "hard-state":
        this.#hardState = item.hardState;
        return undefined;
      case "snapshot":
        this.#snapshot = item.metadata;
        return undefined;
      case "entry":
        return this.#takeEntry(item.entry);
    }
  }

  /** In words why what was read is no complete log, or undefined. */
  check(): string | undefined {
    const floor = this.#snapshot?.index ?? 0;
    const first = this.#entries[0];
    const last = this.#entries.at(-1);
    if (first === undefined || last === undefined) return undefined;
    if (first.index > floor + 1) {
      return `the log begins at ${first.index}, after the snapshot at ${floor}`;
    }
    return last.index < floor ? `the log ends at ${last.index}, before ${floor}` : undefined;
  }

  state(): StoredState {
    return { hardState: this.#hardState, snapshot: this.#snapshot, entries: this.#entries };
  }

  #takeEntry(entry: Entry): string | undefined {
    const first = this.#entries[0]?.index ?? entry.index;
    const next = first + this.#entries.length;
    if (entry.index > next) return `entry ${entry.index} follows entry ${next - 1}`;
    if (entry.index < next) this.#entries.length = Math.max(entry.index - first, 0);
    this.#entries.push(entry);
    return undefined;
  }
}
