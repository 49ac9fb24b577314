import { assert } from "../internal/assert.ts";
import { NO_IDS, SortedIds } from "./sorted-ids.ts";
import type { IdCursor } from "./sorted-ids.ts";

/** From a key to the ids of the objects that have it, in order. */
export class KeyIndex {
  readonly #ids = new Map<string, SortedIds>();

  add(key: string, id: string): void {
    let ids = this.#ids.get(key);
    if (ids === undefined) {
      ids = new SortedIds();
      this.#ids.set(key, ids);
    }
    ids.add(id);
  }

  delete(key: string, id: string): void {
    const ids = this.#ids.get(key);
    assert(ids !== undefined, "a key that is deleted from an index is there");
    ids.delete(id);
    if (ids.size === 0) this.#ids.delete(key);
  }

  cursor(key: string): IdCursor {
    return this.#ids.get(key)?.cursor() ?? NO_IDS;
  }
}
