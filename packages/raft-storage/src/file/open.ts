import type { FileStoreOptions, RecoveryReport, ResolvedOptions } from "./options.ts";
import type { LogEnd } from "./segment/walk.ts";
import type { Recovered, SegmentSummary } from "./recovery.ts";
import type { MadeSegment } from "./segment/roll.ts";
import type { Vfs, VfsFile } from "./vfs/vfs.ts";
import { join } from "node:path";
import { isRaftStoreError, RaftStoreError } from "../errors.ts";
import { resolveOptions } from "./options.ts";
import { recover } from "./recovery.ts";
import { KeyRing } from "./keys/key-ring.ts";
import { MARK_BODY, startBody } from "./segment/items.ts";
import { SegmentLog } from "./segment/log.ts";
import { makeSegment, publishSegment } from "./segment/roll.ts";
import { SegmentSupply } from "./segment/supply.ts";
import { SegmentWriter } from "./segment/writer.ts";
import { superseded } from "./snapshot/retention.ts";
import { SnapshotShelf } from "./snapshot/shelf.ts";
import { type FileRaftStore, FileStore } from "./store.ts";
import { Pace } from "./vfs/pace.ts";
import { fillWithZeros, isNoRoom } from "./vfs/vfs.ts";

/**
 * Opens the store in a directory, which it takes for itself until `close()`. An unfinished write at the log's end is cut
 * off and reported; damage anywhere else refuses the open and changes nothing.
 * @throws RaftStoreError `locked`, `corrupt` (with file and offset), `wrong-key`, `disk-full`, `failed`, `invalid-argument`.
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileRaftStore> {
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
): Promise<FileRaftStore> {
  const { vfs, directory } = options;
  const keys = await loadKeys(options);
  const recovered = await recover({ vfs, directory, keys });
  if (keys?.isEmpty === true) await keys.rotate();
  const old = superseded(recovered.snapshots, options, options.nowMs());
  const removed = [...recovered.obsolete, ...old.map(({ name }) => name)];
  const snapshots = recovered.snapshots.filter((file) => !old.includes(file));
  const log = await openLog(options, recovered, keys);
  try {
    // In any order: nothing of the living log is among them.
    for (const name of removed) await vfs.remove(join(directory, name));
    if (removed.length > 0) await vfs.syncDirectory(directory);
    const used = [...log.segments, ...snapshots].map(({ keyId }) => keyId ?? 0);
    await keys?.keepOnly(new Set(used));
    options.onRecovery(reportOf(directory, recovered, removed));
  } catch (error) {
    await log.close();
    throw error;
  }
  const shelf = new SnapshotShelf({ ...options, keys }, options, snapshots);
  return new FileStore({ options, unlock, keys, log, shelf, initial: recovered.state });
}

// Without a provider an encrypted file is refused by name where it is met.
async function loadKeys({ keyProvider, ...place }: ResolvedOptions): Promise<KeyRing | undefined> {
  return keyProvider && KeyRing.load({ ...place, provider: keyProvider });
}

async function openLog(
  options: ResolvedOptions,
  recovered: Recovered,
  keys: KeyRing | undefined,
): Promise<SegmentLog> {
  const { vfs, directory } = options;
  const paces = { write: new Pace(options.diskCalls), sync: new Pace(options.diskCalls) };
  const supply = new SegmentSupply({ ...options, onShort: (cause) => tell(options, cause) });
  const name = recovered.segments.at(-1)?.name;
  const { segments, file, end } =
    recovered.end === undefined || name === undefined
      ? await makeFirst({ ...options, keys }, supply)
      : {
          segments: recovered.segments,
          file: await openEnd(vfs, join(directory, name), recovered.end),
          end: recovered.end,
        };
  const writer = new SegmentWriter(file, { cipher: undefined, ...end }, paces);
  const log = new SegmentLog({ vfs, directory, keys, paces, supply, segments, writer });
  if (keys === undefined || recovered.end === undefined) return log;
  try {
    // Nobody writes on in a sealed segment that another process began: see the nonces in keys/cipher.ts.
    const { hardState, snapshot } = recovered.state;
    await log.begin(startBody(hardState, snapshot));
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function openEnd(vfs: Vfs, path: string, end: LogEnd): Promise<VfsFile> {
  const file = await vfs.open(path, "update");
  try {
    // Records that were written but not synced before a crash may so far be in the cache only.
    if (end.torn) await fillWithZeros(file, end.offset, end.fileBytes);
    await file.sync();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function makeFirst(
  place: ResolvedOptions & { readonly keys: KeyRing | undefined },
  supply: SegmentSupply,
): Promise<MadeSegment & { readonly segments: readonly SegmentSummary[] }> {
  const { vfs, directory } = place;
  const made = await makeSegment(place, supply, {
    sequence: 1,
    previousEnd: 0,
    reset: false,
    start: MARK_BODY,
    nextBodyBytes: 0,
  });
  try {
    const name = await publishSegment(vfs, directory, made);
    return { ...made, segments: [{ name, indexMax: 0 }] };
  } catch (error) {
    await made.file.close();
    throw error;
  }
}

// Anything else than a full disk will be met again, and thrown, when the segment is needed.
function tell({ onDiskFull, directory }: ResolvedOptions, cause: unknown): void {
  if (!isNoRoom(cause)) return;
  const message = "no room for the next segment; appends go on in what is left of the present one";
  onDiskFull(new RaftStoreError("disk-full", message, { file: directory, cause }));
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
