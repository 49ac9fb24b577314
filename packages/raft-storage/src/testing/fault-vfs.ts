import type { Vfs, VfsFile } from "../file/vfs/vfs.ts";
import { RaftStoreError } from "../errors.ts";
import { SystemError } from "./system-error.ts";
import { Disk, type DiskFile, type Losses } from "./fault-disk.ts";

/** What a fault can be injected into. */
export type VfsOperation =
  "write" | "sync" | "rename" | "remove" | "create" | "sync-directory" | "read";

/** What goes wrong: a system error, a write that takes only a part, or the loss of power during the operation. */
export type VfsFault = "EIO" | "ENOSPC" | "short-write" | "crash";

/** Which faults happen, and how the loss of power chooses what survives. */
export interface FaultVfsOptions {
  /** Numbers from 0 up to but not including 1; decides which unsynced sectors and names survive a crash. */
  readonly random: () => number;
  /** Bytes that survive together or not at all, 512 (default) or 4 096. */
  readonly sectorBytes?: number;
  /** Whether changes of names survive a crash `in-order` up to some point (default), or `any` of them. */
  readonly names?: "in-order" | "any";
  /** Asked before each operation; `count` counts all operations from 1. Default: nothing goes wrong. */
  readonly fault?: (operation: VfsOperation, path: string, count: number) => VfsFault | undefined;
}

/**
 * A file system in memory that knows what is synced. Of unsynced writes any sectors may survive a crash, in any order, and
 * unsynced changes of names as told. A sync that fails loses sectors for good, although they still read as written and the
 * next sync succeeds, as on Linux.
 */
export interface FaultVfs extends Vfs {
  /** How many operations there were. */
  readonly operationCount: number;
  /** Power is lost now, if it is not already: every further operation of this one rejects. Returns the disk as found after. */
  reboot(options: FaultVfsOptions): FaultVfs;
  /** The process is killed, the power stays: what was written is still there to read, and no more durable than before. */
  restart(options: FaultVfsOptions): FaultVfs;
  /** Changes one stored byte behind the store's back. */
  corrupt(path: string, offset: number): void;
}

export function createFaultVfs(options: FaultVfsOptions): FaultVfs {
  return new FaultInjector(new Disk(), options);
}

class FaultInjector implements FaultVfs {
  readonly #disk: Disk;
  readonly #options: FaultVfsOptions;
  #locked = false;
  #dead = false;
  operationCount = 0;

  constructor(disk: Disk, options: FaultVfsOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  get #losses(): Losses {
    const { random, sectorBytes = 512, names = "in-order" } = this.#options;
    return { random, sectorBytes, names };
  }

  makeDirectory(): Promise<void> {
    return this.#run("read", "", () => undefined);
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#run("read", directory, () => this.#disk.list(directory));
  }

  async open(path: string, mode: "read" | "update" | "create"): Promise<VfsFile> {
    const operation = mode === "create" ? "create" : "read";
    const file = await this.#run(operation, path, () =>
      mode === "create" ? this.#disk.create(path) : this.#disk.find(path),
    );
    return this.#handle(path, file);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run("rename", from, () => this.#disk.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#run("remove", path, () => this.#disk.remove(path));
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#run("sync-directory", directory, () => this.#disk.syncNames());
  }

  async lock(directory: string): Promise<() => Promise<void>> {
    await Promise.resolve();
    if (this.#locked)
      throw new RaftStoreError("locked", `${directory} is held`, { file: directory });
    this.#locked = true;
    return () => {
      this.#locked = false;
      return Promise.resolve();
    };
  }

  reboot(options: FaultVfsOptions): FaultVfs {
    this.#dead = true;
    return new FaultInjector(this.#disk.afterPowerLoss(this.#losses), options);
  }

  restart(options: FaultVfsOptions): FaultVfs {
    this.#dead = true;
    return new FaultInjector(this.#disk, options);
  }

  corrupt(path: string, offset: number): void {
    this.#disk.find(path).flip(offset);
  }

  #handle(path: string, file: DiskFile): VfsFile {
    return {
      path,
      write: (data, position) => this.#write(path, file, { data, position }),
      read: (target, position) => this.#run("read", path, () => file.read(target, position)),
      sync: () => this.#sync(path, file),
      size: () => this.#run("read", path, () => file.size),
      close: () => Promise.resolve(),
    };
  }

  async #write(
    path: string,
    file: DiskFile,
    part: { readonly data: Uint8Array; readonly position: number },
  ): Promise<number> {
    const { data, position } = part;
    const fault = await this.#next("write", path);
    // A full disk, like a loss of power, may come in the middle of a write.
    const taken =
      fault === undefined ? data.byteLength : Math.floor(this.#options.random() * data.byteLength);
    file.write(data.subarray(0, taken), position);
    if (fault === "short-write") {
      const rest = Math.max(taken, 1);
      file.write(data.subarray(0, rest), position);
      return rest;
    }
    this.#raise(fault, path);
    return data.byteLength;
  }

  async #sync(path: string, file: DiskFile): Promise<void> {
    const fault = await this.#next("sync", path);
    if (fault === "crash" && this.#options.random() < 0.5) file.sync();
    else if (fault === "EIO" || fault === "ENOSPC") file.failSync(this.#losses);
    this.#raise(fault, path);
    file.sync();
  }

  async #run<T>(operation: VfsOperation, path: string, effect: () => T): Promise<T> {
    const fault = await this.#next(operation, path);
    // Whether the operation in which the power fails still happened is open.
    if (fault === "crash" && operation !== "read" && this.#options.random() < 0.5) effect();
    this.#raise(fault, path);
    return effect();
  }

  async #next(operation: VfsOperation, path: string): Promise<VfsFault | undefined> {
    await Promise.resolve();
    if (this.#dead) throw new SystemError("EIO", "the power is gone", path);
    this.operationCount += 1;
    return this.#options.fault?.(operation, path, this.operationCount);
  }

  #raise(fault: VfsFault | undefined, path: string): void {
    if (fault === undefined || fault === "short-write") return;
    if (fault === "crash") this.#dead = true;
    throw new SystemError(fault === "crash" ? "EIO" : fault, `injected: ${fault}`, path);
  }
}
