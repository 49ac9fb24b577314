import { SystemError } from "./system-error.ts";

/** How much a loss of power, or a failed sync, may leave of what was not synced. */
export interface Losses {
  /** Numbers from 0 up to but not including 1. */
  readonly random: () => number;
  /** Sectors survive each for itself, in any order; none survives in part. */
  readonly sectorBytes: number;
  /** Whether changes of names survive in the order in which they were made, up to some point, or any of them. */
  readonly names: "in-order" | "any";
}

interface PendingWrite {
  readonly position: number;
  readonly data: Uint8Array;
}

/** A file's bytes, as seen and as synced. */
export class DiskFile {
  #bytes: Uint8Array;
  #length: number;
  #synced: Uint8Array;
  #pending: PendingWrite[] = [];

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = bytes.slice();
    this.#length = bytes.byteLength;
    this.#synced = bytes.slice();
  }

  get size(): number {
    return this.#length;
  }

  read(target: Uint8Array, position: number): number {
    const found = this.#bytes
      .subarray(0, this.#length)
      .subarray(position)
      .subarray(0, target.byteLength);
    target.set(found);
    return found.byteLength;
  }

  write(data: Uint8Array, position: number): void {
    if (data.byteLength === 0) return;
    const end = position + data.byteLength;
    this.#bytes = grown(this.#bytes, end);
    this.#length = Math.max(this.#length, end);
    this.#bytes.set(data, position);
    this.#pending.push({ position, data: data.slice() });
  }

  sync(): void {
    for (const { position, data } of this.#pending.splice(0)) this.#keep(position, data);
  }

  /** A sync that fails: some sectors are written, the rest never will be, although they still read as if. */
  failSync(losses: Losses): void {
    for (const write of this.#pending.splice(0)) {
      for (const { position, data } of survivors(write, losses)) this.#keep(position, data);
    }
  }

  flip(offset: number): void {
    this.#bytes[offset] = (this.#bytes[offset] ?? 0) ^ 0xff;
    this.#synced = this.#bytes.slice(0, this.#length);
    this.#pending = [];
  }

  /** What is left of it: all that was synced, and of the rest some sectors. */
  afterPowerLoss(losses: Losses): DiskFile {
    const left = new DiskFile(this.#synced);
    for (const write of this.#pending) {
      for (const { position, data } of survivors(write, losses)) left.write(data, position);
    }
    left.sync();
    return left;
  }

  #keep(position: number, data: Uint8Array): void {
    this.#synced = extended(this.#synced, position + data.byteLength);
    this.#synced.set(data, position);
  }
}

function survivors(
  { position, data }: PendingWrite,
  { random, sectorBytes }: Losses,
): readonly PendingWrite[] {
  const found: PendingWrite[] = [];
  for (let at = 0; at < data.byteLength;) {
    const sectorEnd = sectorBytes - ((position + at) % sectorBytes);
    const part = data.subarray(at, at + sectorEnd);
    if (random() < 0.5) found.push({ position: position + at, data: part });
    at += part.byteLength;
  }
  return found;
}

type NameChange = (names: Map<string, DiskFile>) => void;

/** Files by path, as seen and as synced. */
export class Disk {
  readonly #names = new Map<string, DiskFile>();
  #syncedNames = new Map<string, DiskFile>();
  #pendingChanges: NameChange[] = [];

  find(path: string): DiskFile {
    const file = this.#names.get(path);
    if (file === undefined) throw new SystemError("ENOENT", "no such file", path);
    return file;
  }

  list(directory: string): readonly string[] {
    const prefix = `${directory}/`;
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  create(path: string): DiskFile {
    const file = new DiskFile();
    this.#change((names) => {
      names.set(path, file);
    });
    return file;
  }

  rename(from: string, to: string): void {
    const file = this.find(from);
    this.#change((names) => {
      names.delete(from);
      names.set(to, file);
    });
  }

  remove(path: string): void {
    this.find(path);
    this.#change((names) => {
      names.delete(path);
    });
  }

  syncNames(): void {
    this.#syncedNames = new Map(this.#names);
    this.#pendingChanges = [];
  }

  afterPowerLoss(losses: Losses): Disk {
    const { random, names } = losses;
    const count = Math.floor(random() * (this.#pendingChanges.length + 1));
    const found = new Map(this.#syncedNames);
    for (const [at, change] of this.#pendingChanges.entries()) {
      if (names === "any" ? random() < 0.5 : at < count) change(found);
    }
    const disk = new Disk();
    for (const [path, file] of found) disk.#names.set(path, file.afterPowerLoss(losses));
    disk.syncNames();
    return disk;
  }

  #change(change: NameChange): void {
    change(this.#names);
    this.#pendingChanges.push(change);
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array {
  return length <= bytes.byteLength
    ? bytes
    : extended(bytes, Math.max(length, bytes.byteLength * 2));
}

function extended(bytes: Uint8Array, length: number): Uint8Array {
  if (length <= bytes.byteLength) return bytes;
  const wider = new Uint8Array(length);
  wider.set(bytes);
  return wider;
}
