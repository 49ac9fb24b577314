import { SystemError } from "./system-error.ts";

const SECTOR_BYTES = 512;

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
    this.#synced = this.#bytes.slice(0, this.#length);
    this.#pending = [];
  }

  flip(offset: number): void {
    this.#bytes[offset] = (this.#bytes[offset] ?? 0) ^ 0xff;
    this.sync();
  }

  /** What is left of it: all that was synced, and of the rest some sectors. */
  afterPowerLoss(random: () => number): DiskFile {
    let bytes: Uint8Array = this.#synced.slice();
    for (const { position, data } of this.#pending) {
      for (let at = 0; at < data.byteLength;) {
        const sectorEnd = SECTOR_BYTES - ((position + at) % SECTOR_BYTES);
        const part = data.subarray(at, at + sectorEnd);
        if (random() < 0.5) {
          bytes = extended(bytes, position + at + part.byteLength);
          bytes.set(part, position + at);
        }
        at += part.byteLength;
      }
    }
    return new DiskFile(bytes);
  }
}

/** Files by path, as seen and as synced. */
export class Disk {
  #names = new Map<string, DiskFile>();
  readonly #history: ReadonlyMap<string, DiskFile>[] = [new Map()];

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
    this.#change((names) => names.set(path, file));
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
    this.#change((names) => names.delete(path));
  }

  syncNames(): void {
    this.#history.splice(0, this.#history.length - 1);
  }

  afterPowerLoss(random: () => number): Disk {
    const chosen = this.#history[Math.floor(random() * this.#history.length)] ?? this.#names;
    const disk = new Disk();
    for (const [path, file] of chosen) disk.#names.set(path, file.afterPowerLoss(random));
    disk.#history[0] = new Map(disk.#names);
    return disk;
  }

  #change(change: (names: Map<string, DiskFile>) => void): void {
    this.#names = new Map(this.#names);
    change(this.#names);
    this.#history.push(this.#names);
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
