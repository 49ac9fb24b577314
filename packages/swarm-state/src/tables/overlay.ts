import type { SwarmObject } from "../objects/object.ts";
import type { IdCursor } from "./sorted-ids.ts";
import { Table } from "./table.ts";
import type { TableReader } from "./table.ts";
import type { TaskIndexName } from "./task-index.ts";

/** What was written on top of a table, and reads of both as one. The table below may go on changing. */
export class Overlay implements TableReader {
  readonly #below: TableReader;
  readonly #written = new Table();
  /** Ids whose object below is not to be seen: overwritten or deleted. */
  readonly #hidden = new Set<string>();

  constructor(below: TableReader) {
    this.#below = below;
  }

  get(id: string): SwarmObject | undefined {
    return this.#hidden.has(id) ? this.#written.get(id) : this.#below.get(id);
  }

  count(): number {
    let count = this.#below.count() + this.#written.count();
    for (const id of this.#hidden) if (this.#below.get(id) !== undefined) count -= 1;
    return count;
  }

  ids(): IdCursor {
    return this.#merged(this.#below.ids(), this.#written.ids());
  }

  named(name: string): IdCursor {
    // The index above may not have the name yet when the cursor is made, so it is asked anew at each step.
    return this.#merged(this.#below.named(name), {
      after: (last) => this.#written.named(name).after(last),
    });
  }

  keyed(index: TaskIndexName, key: string): IdCursor {
    return this.#merged(this.#below.keyed(index, key), {
      after: (last) => this.#written.keyed(index, key).after(last),
    });
  }

  put(object: SwarmObject): void {
    this.#hidden.add(object.id);
    this.#written.put(object);
  }

  remove(id: string): void {
    this.#hidden.add(id);
    this.#written.remove(id);
  }

  /** Takes back what was written about `id`: the table below shows through again. */
  clear(id: string): void {
    this.#hidden.delete(id);
    this.#written.remove(id);
  }

  #merged(below: IdCursor, written: IdCursor): IdCursor {
    return {
      after: (last) => {
        let low = below.after(last);
        while (low !== undefined && this.#hidden.has(low)) low = below.after(low);
        const high = written.after(last);
        if (low === undefined || high === undefined) return low ?? high;
        return low < high ? low : high;
      },
    };
  }
}
