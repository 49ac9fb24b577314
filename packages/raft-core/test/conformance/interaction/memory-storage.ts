import type {
  Entry,
  HardState,
  LogIndex,
  Snapshot,
  SnapshotMetadata,
  Term,
} from "../../../src/index.ts";
import { logIndex, term } from "../../../src/index.ts";

/** The reference's storage in memory: entries after a dummy that marks where the log begins. */
export class MemoryStorage {
  #dummy: { readonly index: LogIndex; readonly term: Term } = { index: logIndex(0), term: term(0) };
  #entries: readonly Entry[] = [];
  hardState: HardState | undefined = undefined;
  snapshot: SnapshotMetadata | undefined = undefined;

  get firstIndex(): number {
    return this.#dummy.index + 1;
  }
  get lastIndex(): number {
    return this.#dummy.index + this.#entries.length;
  }
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What is wrong; undefined when the snapshot replaced everything. */
  applySnapshot({ metadata }: Pick<Snapshot, "metadata">): string | undefined {
    if (this.snapshot !== undefined && this.snapshot.index >= metadata.index)
      return "requested index is older than the existing snapshot";
    this.snapshot = metadata;
    this.#dummy = { index: metadata.index, term: metadata.term };
    this.#entries = [];
    return undefined;
  }

  append(added: readonly Entry[]): void {
    const fresh = added.filter(({ index }) => index > this.#dummy.index);
    const first = fresh[0];
    if (first === undefined) return;
    if (first.index > this.lastIndex + 1)
      throw new Error(`missing log entry [last: ${this.lastIndex}, append at: ${first.index}]`);
    this.#entries = [...this.#entries.filter(({ index }) => index < first.index), ...fresh];
  }

  /** What is wrong; undefined when entries up to and with `through` are gone. */
  compact(through: LogIndex): string | undefined {
    if (through <= this.#dummy.index) return "requested index is unavailable due to compaction";
    const entry = this.#entries.find(({ index }) => index === through);
    if (entry === undefined)
      throw new Error(`compact ${through} is out of bound lastindex(${this.lastIndex})`);
    this.#dummy = { index: through, term: entry.term };
    this.#entries = this.#entries.filter(({ index }) => index > through);
    return undefined;
  }
}
