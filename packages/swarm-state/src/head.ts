import type { Change } from "./store.ts";
import type { Overlay } from "./tables/overlay.ts";
import { overlayTables } from "./tables/tables.ts";
import type { TablesOf } from "./tables/tables.ts";
import type { TableReader } from "./tables/table.ts";

/** The speculative head: the committed tables with all that is in flight on top. */
export class Head {
  readonly tables: TablesOf<Overlay>;
  /** Per object written in flight, the token of the last transaction that wrote it. */
  readonly #writers = new Map<string, { readonly change: Change; readonly token: number }>();

  constructor(committed: TablesOf<TableReader>) {
    this.tables = overlayTables(committed);
  }

  /** Puts what a transaction changed on top. */
  add(token: number, changes: readonly Change[]): void {
    for (const change of changes) {
      const { object } = change;
      if (change.type === "delete") this.tables[object.kind].remove(object.id);
      else this.tables[object.kind].put(object);
      this.#writers.set(keyOf(change), { change, token });
    }
  }

  /** The transaction is applied: what no later one has written again is now to be read from the committed tables. */
  release(token: number, changes: readonly Change[]): void {
    for (const change of changes) {
      if (this.#writers.get(keyOf(change))?.token !== token) continue;
      this.tables[change.object.kind].clear(change.object.id);
      this.#writers.delete(keyOf(change));
    }
  }

  /** Takes everything off. */
  clear(): void {
    for (const { change } of this.#writers.values())
      this.tables[change.object.kind].clear(change.object.id);
    this.#writers.clear();
  }
}

function keyOf(change: Change): string {
  return `${change.object.kind}/${change.object.id}`;
}
