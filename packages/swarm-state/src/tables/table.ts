import type { SwarmObject } from "../objects/object.ts";
import { KeyIndex } from "./key-index.ts";
import { nameOf } from "./name-index.ts";
import { SortedIds } from "./sorted-ids.ts";
import type { IdCursor } from "./sorted-ids.ts";
import { TASK_INDEXES, taskKey } from "./task-index.ts";
import type { TaskIndexName } from "./task-index.ts";

/** Reads of the objects of one kind. */
export interface TableReader {
  get(id: string): SwarmObject | undefined;
  /** How many there are. */
  count(): number;
  /** All ids. */
  ids(): IdCursor;
  /** Ids of those with this folded name. */
  named(name: string): IdCursor;
  /** Ids of the tasks with this key. */
  keyed(index: TaskIndexName, key: string): IdCursor;
}

/** The objects of one kind with their indexes. Knows nothing of rules: what may be written is decided before. */
export class Table implements TableReader {
  readonly #objects = new Map<string, SwarmObject>();
  readonly #ids = new SortedIds();
  readonly #names = new KeyIndex();
  readonly #keys = {
    service: new KeyIndex(),
    node: new KeyIndex(),
    slot: new KeyIndex(),
  } as const satisfies Record<TaskIndexName, KeyIndex>;

  get(id: string): SwarmObject | undefined {
    return this.#objects.get(id);
  }

  count(): number {
    return this.#objects.size;
  }

  ids(): IdCursor {
    return this.#ids.cursor();
  }

  named(name: string): IdCursor {
    return this.#names.cursor(name);
  }

  keyed(index: TaskIndexName, key: string): IdCursor {
    return this.#keys[index].cursor(key);
  }

  /** Writes an object, in place of the one with its id if there is one. */
  put(object: SwarmObject): void {
    const before = this.#objects.get(object.id);
    this.#objects.set(object.id, object);
    if (before === undefined) this.#ids.add(object.id);
    this.#reindex(this.#names, object.id, before && nameOf(before), nameOf(object));
    for (const index of TASK_INDEXES) {
      const from = before && taskKey(index, before);
      this.#reindex(this.#keys[index], object.id, from, taskKey(index, object));
    }
  }

  /** Removes an object; nothing happens where there is none. */
  remove(id: string): void {
    const before = this.#objects.get(id);
    if (before === undefined) return;
    this.#objects.delete(id);
    this.#ids.delete(id);
    this.#reindex(this.#names, id, nameOf(before), undefined);
    for (const index of TASK_INDEXES)
      this.#reindex(this.#keys[index], id, taskKey(index, before), undefined);
  }

  #reindex(index: KeyIndex, id: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    if (from !== undefined) index.delete(from, id);
    if (to !== undefined) index.add(to, id);
  }
}
