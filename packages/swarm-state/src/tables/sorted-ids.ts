import { assert } from "../internal/assert.ts";

/** Walks ids in order, and stays right when they change meanwhile: it looks for what follows `last`, not for a place. */
export interface IdCursor {
  /** The first id greater than `last`; the empty string is before all ids. */
  after(last: string): string | undefined;
}

/** A cursor over nothing. */
export const NO_IDS: IdCursor = { after: () => undefined };

/** A chunk is split at this length: long enough for few chunks, short enough for a cheap splice. */
const CHUNK_LENGTH_MAX = 512;

/** A set of ids in order: a list of short sorted lists. Insert, delete and seek cost about the logarithm of the size. */
export class SortedIds {
  readonly #chunks: string[][] = [];
  #size = 0;
  /** Grows with every change, so that a cursor knows when its place is no longer good. */
  #edition = 0;

  get size(): number {
    return this.#size;
  }

  add(id: string): void {
    const at = Math.max(0, this.#chunkFor(id));
    const chunk = this.#chunks[at];
    this.#edition += 1;
    this.#size += 1;
    if (chunk === undefined) {
      this.#chunks.push([id]);
      return;
    }
    const place = lowerBound(chunk, id);
    assert(chunk[place] !== id, "an id is added once");
    chunk.splice(place, 0, id);
    if (chunk.length > CHUNK_LENGTH_MAX)
      this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_LENGTH_MAX / 2));
  }

  delete(id: string): void {
    const at = this.#chunkFor(id);
    const chunk = this.#chunks[at];
    const place = chunk === undefined ? -1 : lowerBound(chunk, id);
    assert(chunk?.[place] === id, "an id that is deleted is there");
    this.#edition += 1;
    this.#size -= 1;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  cursor(): IdCursor {
    let chunk = 0;
    let place = 0;
    let edition = -1;
    return {
      after: (last) => {
        if (edition !== this.#edition) {
          edition = this.#edition;
          chunk = Math.max(0, this.#chunkFor(last));
          place = lowerBound(this.#chunks[chunk] ?? [], last);
        }
        for (;;) {
          const id = this.#chunks[chunk]?.[place];
          if (id !== undefined && id > last) return id;
          if (id === undefined) {
            if (chunk + 1 >= this.#chunks.length) return undefined;
            chunk += 1;
            place = 0;
          } else place += 1;
        }
      },
    };
  }

  /** The last chunk that starts at or before `id`; -1 where all start after it. */
  #chunkFor(id: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] ?? "") <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** The first place whose id is not less than `id`. */
function lowerBound(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
