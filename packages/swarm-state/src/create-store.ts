import { decodeEntry } from "./codec/entry.ts";
import type { LoggedChange } from "./codec/entry.ts";
import { StoreError } from "./errors.ts";
import { assert } from "./internal/assert.ts";
import type { SwarmObject } from "./objects/object.ts";
import { resolveOptions } from "./options.ts";
import type { SwarmStoreOptions } from "./options.ts";
import { Pipeline } from "./pipeline.ts";
import { readSnapshot, takeSnapshot } from "./snapshot.ts";
import type { Change, ChangeEvent, SwarmStore, Transaction, View } from "./store.ts";
import type { Table } from "./tables/table.ts";
import { createTables } from "./tables/tables.ts";
import type { TablesOf } from "./tables/tables.ts";
import { TablesView } from "./view.ts";
import { Watchers } from "./watch.ts";

/**
 * Makes an empty store. It follows until `startLeading()` is called.
 *
 * **Versions.** The log index of an entry is not known when it is proposed, so entries carry objects without versions,
 * and `apply` gives every object the index of its entry, the same on every node. While an entry is in flight, its
 * objects have a *provisional* version in the speculative head: a negative number, one per transaction. A later
 * transaction that reads such an object may write it, since it names the version that it read. Who read the committed
 * state (`view()`) names a committed version, and is refused with `out-of-sequence` while a newer one is in flight.
 * Provisional versions mean nothing outside the transaction that read them: do not carry them out.
 *
 * **Order.** Each entry names the one upon whose effect it was built, and has an effect only directly after it; any
 * other is void on every node alike. So no transaction ever overwrites what it has not seen, whatever becomes of those
 * before it; its author hears `superseded`, or `not-leader` where the log refused one before it.
 *
 * **Times** (`createdAtMs`, `updatedAtMs`) never go back from one entry to the next, although each leader reads its own
 * clock: one that lags stamps with the latest time written until it has caught up.
 *
 * **Objects** are frozen deeply: those read, and also those given to `create` and `update`.
 */
export function createSwarmStore(options: SwarmStoreOptions): SwarmStore {
  return new ReplicatedStore(options);
}

class ReplicatedStore implements SwarmStore {
  #tables: TablesOf<Table> = createTables();
  #index = 0;
  #lineage = 0;
  #writtenAtMs = -Infinity;
  #pipeline: Pipeline;
  readonly #options: ReturnType<typeof resolveOptions>;
  readonly #watchers: Watchers;
  #leading = false;

  constructor(options: SwarmStoreOptions) {
    this.#options = resolveOptions(options);
    this.#watchers = new Watchers({
      eventsMax: this.#options.watchEventsMax,
      onListenerError: this.#options.onListenerError,
    });
    this.#pipeline = this.#newPipeline();
  }

  view(): View {
    return new TablesView(this.#tables, () => this.#index);
  }

  async update<T>(write: (tx: Transaction) => T): Promise<T> {
    return await this.#pipeline.run(write);
  }

  watch(): AsyncIterableIterator<ChangeEvent> {
    return this.#watchers.watch();
  }

  subscribe(listener: (event: ChangeEvent) => void): () => void {
    return this.#watchers.subscribe(listener);
  }

  startLeading(): void {
    this.#leading = true;
    this.#pipeline.startLeading();
  }

  stopLeading(): void {
    this.#leading = false;
    this.#pipeline.stopLeading();
  }

  apply(index: number, data: Uint8Array): void {
    assert(Number.isSafeInteger(index) && index > this.#index, "entries are applied in order");
    const entry = decodeEntry(data);
    const effective = entry.after === this.#lineage;
    const changes = effective ? this.#checked(index, entry.changes) : [];
    for (const { type, object } of changes) {
      if (type === "delete") this.#tables[object.kind].remove(object.id);
      else this.#tables[object.kind].put(object);
      this.#writtenAtMs = Math.max(this.#writtenAtMs, object.updatedAtMs);
    }
    this.#index = index;
    if (effective) this.#lineage = entry.token;
    this.#pipeline.applied(entry.token, data, effective);
    this.#publish({ index, changes, restored: false });
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return takeSnapshot({ tables: this.#tables, index: this.#index, lineage: this.#lineage });
  }

  async restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const before = { index: this.#index, tables: this.#tables };
    const { header, objects } = await readSnapshot(chunks);
    if (header.index > index || !Number.isSafeInteger(index))
      throw new StoreError("damaged", `the snapshot is of index ${header.index}, not ${index}`);
    if (this.#index !== before.index || this.#tables !== before.tables)
      throw new StoreError("misuse", "the state changed while a snapshot was being read");
    const tables = createTables();
    let writtenAtMs = -Infinity;
    for (const object of objects) {
      tables[object.kind].put(object);
      writtenAtMs = Math.max(writtenAtMs, object.updatedAtMs);
    }
    this.#pipeline.abandon("the state was replaced while the transaction was in flight");
    this.#tables = tables;
    this.#index = index;
    this.#lineage = header.lineage;
    this.#writtenAtMs = writtenAtMs;
    this.#pipeline = this.#newPipeline();
    if (this.#leading) this.#pipeline.startLeading();
    this.#publish({ index, changes: [], restored: true });
  }

  #newPipeline(): Pipeline {
    const index = (): number => this.#index;
    const lineage = (): number => this.#lineage;
    const writtenAtMs = (): number => this.#writtenAtMs;
    return new Pipeline(this.#options, {
      tables: this.#tables,
      get index() {
        return index();
      },
      get lineage() {
        return lineage();
      },
      get writtenAtMs() {
        return writtenAtMs();
      },
    });
  }

  /** The changes as they will be written; throws `damaged` before anything is, where they do not fit the state. */
  #checked(index: number, logged: readonly LoggedChange[]): readonly Change[] {
    const seen = new Set<string>();
    return logged.map((change) => {
      const { kind, id } = change.type === "delete" ? change : change.object;
      const stored = this.#tables[kind].get(id);
      const key = `${kind}/${id}`;
      if (seen.has(key) || (stored === undefined) !== (change.type === "create"))
        throw new StoreError("damaged", `entry ${index}: ${change.type} of ${key} does not fit`);
      seen.add(key);
      if (change.type !== "delete")
        return Object.freeze({ type: change.type, object: stamped(change.object, index) });
      assert(stored !== undefined, "what is deleted is there");
      return Object.freeze({ type: change.type, object: stored });
    });
  }

  #publish(event: ChangeEvent): void {
    this.#watchers.publish(Object.freeze({ ...event, changes: Object.freeze(event.changes) }));
  }
}

/** Copies only the top: all below is frozen and shared. */
function stamped(object: SwarmObject, version: number): SwarmObject {
  return Object.freeze({ ...object, version });
}
