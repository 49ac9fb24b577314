import { assert } from "./internal/assert.ts";
import type { DiskFaults } from "./fault-plan.ts";
import { fileBytesMax } from "./limits.ts";
import type { Random } from "./prng.ts";

/**
 * A simulated disk of named files. Each file has durable bytes (as of its last sync) and live bytes (what a reader sees
 * now). A crash makes the live bytes what the durable ones are, plus, by fault plan, some part of what was not synced.
 * Synced bytes that nobody overwrote or cut off are never lost. Creation, removal and renaming are durable at once, as
 * after a synced directory.
 */
export interface SimulatedDisk {
  /** Names of files that exist, sorted. */
  list(): string[];
  exists(name: string): boolean;
  /** A copy of the live bytes; undefined when there is no such file. */
  read(name: string): Uint8Array | undefined;
  /** Writes at an offset of at most the file's length; creates the file. Bytes written are unsynced. */
  write(name: string, offset: number, bytes: Uint8Array): void;
  /** Writes at the end. */
  append(name: string, bytes: Uint8Array): void;
  /** Shortens the file; unsynced until {@link SimulatedDisk.sync}. */
  truncate(name: string, length: number): void;
  /** Makes the live bytes durable. */
  sync(name: string): void;
  /** Removes the file if it exists. */
  remove(name: string): void;
  /** Renames, replacing a file of the new name. */
  rename(from: string, to: string): void;
  /** Whether the file has changes that a crash may lose. */
  isDirty(name: string): boolean;
  /** Loses or tears what was not synced. Returns the names of the files that changed by it, sorted. */
  crash(): string[];
}

export interface SimulatedDiskOptions {
  readonly random: Random;
  /** Default: a crash loses all that was not synced. */
  readonly faults?: DiskFaults;
}

interface DiskFile {
  durable: Uint8Array;
  live: Uint8Array;
  dirty: boolean;
}

/** An empty disk. */
export function createSimulatedDisk(options: SimulatedDiskOptions): SimulatedDisk {
  return new Disk(options.random, options.faults ?? { loseUnsynced: 1, tear: 0 });
}

class Disk implements SimulatedDisk {
  readonly #random: Random;
  readonly #faults: DiskFaults;
  readonly #files = new Map<string, DiskFile>();

  constructor(random: Random, faults: DiskFaults) {
    this.#random = random;
    this.#faults = faults;
  }

  list(): string[] {
    return [...this.#files.keys()].sort();
  }

  exists(name: string): boolean {
    return this.#files.has(name);
  }

  read(name: string): Uint8Array | undefined {
    return this.#files.get(name)?.live.slice();
  }

  write(name: string, offset: number, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? this.#create(name);
    assert(
      Number.isInteger(offset) && offset >= 0 && offset <= file.live.length,
      `offset ${offset} is outside of ${name}`,
    );
    const length = Math.max(file.live.length, offset + bytes.length);
    assert(length <= fileBytesMax, `${name} would exceed ${fileBytesMax} bytes`);
    const live = new Uint8Array(length);
    live.set(file.live);
    live.set(bytes, offset);
    file.live = live;
    file.dirty = true;
  }

  append(name: string, bytes: Uint8Array): void {
    this.write(name, this.#files.get(name)?.live.length ?? 0, bytes);
  }

  truncate(name: string, length: number): void {
    const file = this.#file(name);
    assert(length >= 0 && length <= file.live.length, `cannot truncate ${name} to ${length}`);
    file.live = file.live.slice(0, length);
    file.dirty = true;
  }

  sync(name: string): void {
    const file = this.#file(name);
    file.durable = file.live;
    file.dirty = false;
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  rename(from: string, to: string): void {
    this.#files.set(to, this.#file(from));
    if (from !== to) this.#files.delete(from);
  }

  isDirty(name: string): boolean {
    return this.#files.get(name)?.dirty ?? false;
  }

  crash(): string[] {
    const changed: string[] = [];
    for (const name of this.list()) {
      const file = this.#file(name);
      if (!file.dirty) continue;
      const survivor = this.#survivor(file);
      if (!isEqual(survivor, file.live)) changed.push(name);
      file.live = survivor;
      file.durable = survivor;
      file.dirty = false;
    }
    return changed;
  }

  /**
   * Durable bytes, and of those that differ from them a random leading part, perhaps with damage at its end. Where the
   * file became shorter, the new length survives or does not, whatever became of the bytes.
   */
  #survivor(file: DiskFile): Uint8Array {
    const { durable, live } = file;
    if (this.#random.chance(this.#faults.loseUnsynced)) return durable;
    const written = this.#partlyWritten(durable, live);
    const shortened = live.length < durable.length && this.#random.chance(0.5);
    return shortened ? written.slice(0, live.length) : written;
  }

  #partlyWritten(durable: Uint8Array, live: Uint8Array): Uint8Array {
    const start = firstDifference(durable, live);
    const kept = this.#random.integer(Math.max(durable.length, live.length) - start + 1);
    const end = Math.min(start + kept, live.length);
    const survivor = new Uint8Array(Math.max(durable.length, end));
    survivor.set(durable);
    survivor.set(live.subarray(start, end), start);
    if (end > start && this.#random.chance(this.#faults.tear)) this.#tear(survivor, start, end);
    return survivor;
  }

  /** Damages up to the last 512 unsynced bytes: never one that was synced. */
  #tear(bytes: Uint8Array, start: number, end: number): void {
    const length = 1 + this.#random.integer(Math.min(512, end - start));
    for (let index = end - length; index < end; index += 1)
      bytes[index] = this.#random.integer(256);
  }

  #create(name: string): DiskFile {
    const empty = new Uint8Array(0);
    const file = { durable: empty, live: empty, dirty: false };
    this.#files.set(name, file);
    return file;
  }

  #file(name: string): DiskFile {
    const file = this.#files.get(name);
    assert(file !== undefined, `no such file: ${name}`);
    return file;
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) if (a[index] !== b[index]) return index;
  return length;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && firstDifference(a, b) === a.length;
}
