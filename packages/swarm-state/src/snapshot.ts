import { SnapshotReader } from "./codec/snapshot-reader.ts";
import type { DecodedSnapshot } from "./codec/snapshot-reader.ts";
import { encodeSnapshot } from "./codec/snapshot-writer.ts";
import { StoreError } from "./errors.ts";
import type { SwarmObject } from "./objects/object.ts";
import { OBJECT_KINDS } from "./tables/tables.ts";
import type { TablesOf } from "./tables/tables.ts";
import type { TableReader } from "./tables/table.ts";

/** A state at one moment. */
export interface StateAt {
  readonly tables: TablesOf<TableReader>;
  readonly index: number;
  readonly lineage: number;
}

/**
 * Takes hold of the state now; encodes it when read. Objects never change, so references to them are a consistent
 * picture however long the reading takes. Can be read many times.
 */
export function takeSnapshot(state: StateAt): AsyncIterable<Uint8Array> {
  const objects: SwarmObject[] = [];
  const counts: Record<string, number> = {};
  for (const kind of OBJECT_KINDS) {
    const table = state.tables[kind];
    counts[kind] = table.count();
    const cursor = table.ids();
    for (let id = cursor.after(""); id !== undefined; id = cursor.after(id)) {
      const object = table.get(id);
      if (object !== undefined) objects.push(object);
    }
  }
  const header = { index: state.index, lineage: state.lineage, counts };
  return { [Symbol.asyncIterator]: () => read(encodeSnapshot(header, objects)) };
}

function read(
  chunks: Generator<Uint8Array, void, undefined>,
): AsyncIterator<Uint8Array, undefined> {
  const done = { done: true, value: undefined } as const;
  return {
    next: () => {
      const result = chunks.next();
      return Promise.resolve(result.done === true ? done : { done: false, value: result.value });
    },
    return: () => {
      chunks.return();
      return Promise.resolve(done);
    },
  };
}

/** Reads a snapshot wholly and checks it. Throws StoreError `damaged`; errors of the source itself pass unchanged. */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<DecodedSnapshot> {
  const reader = new SnapshotReader();
  for await (const chunk of chunks) decoding(() => reader.push(chunk));
  return decoding(() => reader.end());
}

function decoding<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new StoreError("damaged", "the snapshot cannot be read", { cause });
  }
}
