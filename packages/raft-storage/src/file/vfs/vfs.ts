const ZERO_CHUNK_BYTES = 1_048_576;

/** One open file. Positions and lengths are in bytes. */
export interface VfsFile {
  readonly path: string;
  /** Writes at a position and resolves with how many bytes were taken: at least 1 unless `data` is empty. */
  write(data: Uint8Array, position: number): Promise<number>;
  /** Fills `target` from a position; resolves with how many bytes were there, 0 at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Makes everything written so far durable (`fdatasync`). After a rejection nothing may be assumed. */
  sync(): Promise<void>;
  /** As {@link VfsFile.write}, on the spot. Undefined where there is no such call. */
  writeNow?: ((data: Uint8Array, position: number) => number) | undefined;
  /** As {@link VfsFile.sync}, on the spot. Undefined where there is no such call. */
  syncNow?: (() => void) | undefined;
  size(): Promise<number>;
  close(): Promise<void>;
}

/**
 * All that the file store asks of a file system. Rejections carry the system's `code` (`ENOSPC`, `EIO`, …). A rename,
 * creation or removal is durable only after {@link Vfs.syncDirectory}.
 */
export interface Vfs {
  makeDirectory(path: string): Promise<void>;
  /** Names (not paths) in a directory. */
  list(directory: string): Promise<readonly string[]>;
  /** `create` makes or empties the file and opens it for reading and writing; `update` needs it to be there. */
  open(path: string, mode: "read" | "update" | "create"): Promise<VfsFile>;
  /** Replaces what has the new name, in one step. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncDirectory(directory: string): Promise<void>;
  /** Lets come in what waits to be handled, so that it can share the next sync. Undefined: one microtask. */
  turn?: (() => Promise<void>) | undefined;
  /**
   * Takes the directory for this process and resolves with how to give it back. The lock dies with the process.
   * @throws RaftStoreError `locked`.
   */
  lock(directory: string): Promise<() => Promise<void>>;
}

/** Writes all of `data`, in as many steps as the file system takes. */
export async function writeFully(file: VfsFile, data: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < data.byteLength) {
    written += await file.write(data.subarray(written), position + written);
  }
}

/** Overwrites with zeros from `start` up to `end`. */
export async function fillWithZeros(file: VfsFile, start: number, end: number): Promise<void> {
  const zeros = new Uint8Array(Math.min(ZERO_CHUNK_BYTES, end - start));
  for (let offset = start; offset < end; offset += zeros.byteLength) {
    await writeFully(file, zeros.subarray(0, Math.min(zeros.byteLength, end - offset)), offset);
  }
}

/** Reads `length` bytes, or fewer when the file ends before. */
export async function readFully(
  file: VfsFile,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(target.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return target.subarray(0, filled);
}

/** The system's error code, if the value carries one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? code : undefined;
}

/** Whether an error says that there is no room: on the disk, in the quota, or up to the file size limit. */
export function isNoRoom(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}
