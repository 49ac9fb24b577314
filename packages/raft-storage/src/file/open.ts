import type { FileStoreOptions, RecoveryReport, ResolvedOptions } from "./options.ts";
import type { RaftStore } from "../store.ts";
import type { Recovered, SegmentSummary } from "./recovery.ts";
import { join } from "node:path";
import { isRaftStoreError, RaftStoreError } from "../errors.ts";
import { resolveOptions } from "./options.ts";
import { recover } from "./recovery.ts";
import { fillWithZeros, prepareSegment, publishSegment, SegmentWriter } from "./segment/writer.ts";
import { superseded } from "./snapshot/retention.ts";
import { SnapshotShelf } from "./snapshot/shelf.ts";
import { FileStore } from "./store.ts";
import { isNoRoom } from "./vfs/vfs.ts";

/**
 * Opens the store in a directory, which it takes for itself until `close()`. An unfinished write at the log's end is cut
 * off and reported; damage anywhere else refuses the open and changes nothing.
 * @throws RaftStoreError `locked`, `corrupt` (with file and offset), `disk-full`, `failed`, `invalid-argument`.
 */
export async function openFileStore(options: FileStoreOptions): Promise<RaftStore> {
  const resolved = resolveOptions(options);
  const { vfs, directory } = resolved;
  try {
    await vfs.makeDirectory(directory);
    const unlock = await vfs.lock(directory);
    try {
      return await openLocked(resolved, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (cause) {
    if (isRaftStoreError(cause)) throw cause;
    const code = isNoRoom(cause) ? "disk-full" : "failed";
    throw new RaftStoreError(code, `could not open ${directory}`, { file: directory, cause });
  }
}

async function openLocked(
  options: ResolvedOptions,
  unlock: () => Promise<void>,
): Promise<RaftStore> {
  const { vfs, directory } = options;
  const recovered = await recover(vfs, directory);
  const old = superseded(recovered.snapshots, options, options.nowMs());
  const removed = [...recovered.obsolete, ...old.map(({ name }) => name)];
  const snapshots = recovered.snapshots.filter((file) => !old.includes(file));
  const { segments, writer } = await openEnd(options, recovered);
  try {
    // Oldest first and each made durable, so that a crash in between leaves no hole in the log.
    for (const name of removed) {
      await vfs.remove(join(directory, name));
      await vfs.syncDirectory(directory);
    }
    options.onRecovery(reportOf(directory, recovered, removed));
  } catch (error) {
    await writer.close();
    throw error;
  }
  const shelf = new SnapshotShelf(options, options, snapshots);
  return new FileStore({ options, unlock, segments, writer, shelf, initial: recovered.state });
}

async function openEnd(
  options: ResolvedOptions,
  recovered: Recovered,
): Promise<{ readonly segments: SegmentSummary[]; readonly writer: SegmentWriter }> {
  const { vfs, directory } = options;
  const segments = [...recovered.segments];
  const name = segments.at(-1)?.name;
  if (recovered.end === undefined || name === undefined) return makeFirst(options);
  const file = await vfs.open(join(directory, name), "update");
  try {
    // Records that were written but not synced before a crash may so far be in the cache only.
    if (recovered.end.torn)
      await fillWithZeros(file, recovered.end.offset, recovered.end.fileBytes);
    await file.sync();
  } catch (error) {
    await file.close();
    throw error;
  }
  return { segments, writer: new SegmentWriter(file, recovered.end) };
}

async function makeFirst(
  options: ResolvedOptions,
): Promise<{ readonly segments: SegmentSummary[]; readonly writer: SegmentWriter }> {
  const { vfs, directory, segmentBytes } = options;
  const plan = { sequence: 1, previousEnd: 0, reset: false, segmentBytes, nextBodyBytes: 0 };
  const { file, end } = await prepareSegment(vfs, directory, {
    ...plan,
    items: [{ type: "start" }],
  });
  try {
    const name = await publishSegment(vfs, directory, { file, sequence: 1 });
    return { segments: [{ name, indexMax: 0 }], writer: new SegmentWriter(file, end) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function reportOf(
  directory: string,
  recovered: Recovered,
  removed: readonly string[],
): RecoveryReport {
  const name = recovered.segments.at(-1)?.name;
  const torn =
    recovered.end?.torn === true && name !== undefined
      ? { file: join(directory, name), offset: recovered.end.offset }
      : undefined;
  return {
    segments: recovered.segments.length,
    entries: recovered.state.entries.length,
    torn,
    removed,
  };
}
