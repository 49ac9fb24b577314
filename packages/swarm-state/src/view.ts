import type { ObjectKind, ObjectOf, SwarmObject } from "./objects/object.ts";
import type { Task } from "./objects/task.ts";
import type { View } from "./store.ts";
import { foldName } from "./tables/name-index.ts";
import type { IdCursor } from "./tables/sorted-ids.ts";
import type { TableReader } from "./tables/table.ts";
import type { TablesOf } from "./tables/tables.ts";
import { slotKey } from "./tables/task-index.ts";

/** Reads of some tables in the shape of the contract. All lists are in order of id. */
export class TablesView implements View {
  readonly #tables: TablesOf<TableReader>;
  readonly #index: () => number;

  constructor(tables: TablesOf<TableReader>, index: () => number) {
    this.#tables = tables;
    this.#index = index;
  }

  get index(): number {
    return this.#index();
  }

  get<K extends ObjectKind>(kind: K, id: string): ObjectOf<K> | undefined {
    return this.#tables[kind].get(id) as ObjectOf<K> | undefined;
  }

  list<K extends ObjectKind>(kind: K): Iterable<ObjectOf<K>> {
    const table = this.#tables[kind];
    return inOrder<ObjectOf<K>>(table, () => table.ids());
  }

  count(kind: ObjectKind): number {
    return this.#tables[kind].count();
  }

  byName<K extends ObjectKind>(kind: K, name: string): ObjectOf<K> | undefined {
    const id = this.#tables[kind].named(foldName(name)).after("");
    return id === undefined ? undefined : this.get(kind, id);
  }

  tasksOfService(serviceId: string): Iterable<Task> {
    const { task } = this.#tables;
    return inOrder<Task>(task, () => task.keyed("service", serviceId));
  }

  tasksOfNode(nodeId: string): Iterable<Task> {
    const { task } = this.#tables;
    return inOrder<Task>(task, () => task.keyed("node", nodeId));
  }

  tasksOfSlot(serviceId: string, slot: number): Iterable<Task> {
    const { task } = this.#tables;
    return inOrder<Task>(task, () => task.keyed("slot", slotKey(serviceId, slot)));
  }
}

/** Can be walked many times, and while objects are written: each is seen at most once, as it is when its turn comes. */
function inOrder<T extends SwarmObject>(table: TableReader, start: () => IdCursor): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      const cursor = start();
      for (let id = cursor.after(""); id !== undefined; id = cursor.after(id)) {
        const object = table.get(id);
        if (object !== undefined) yield object as T;
      }
    },
  };
}
