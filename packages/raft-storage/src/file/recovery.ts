import type { SegmentHeader } from "./segment/format.ts";
import type { SnapshotFile } from "./snapshot/retention.ts";
import type { StoredState } from "../store.ts";
import type { Vfs } from "./vfs/vfs.ts";
import { join } from "node:path";
import { RaftStoreError } from "../errors.ts";
import { classify, type NamedFile, snapshotName } from "./names.ts";
import {
  findProofOfDamage,
  recordAt,
  SEGMENT_HEADER_BYTES,
  decodeSegmentHeader,
} from "./segment/format.ts";
import { readItems } from "./segment/items.ts";
import { LogReplay } from "./segment/replay.ts";
import { openSnapshotFile, readTakenAtMs } from "./snapshot/read.ts";
import { readFully } from "./vfs/vfs.ts";

/** One segment of the log, as the store keeps track of it. */
export interface SegmentSummary {
  readonly name: string;
  /** Highest index of an entry in it; 0 when it has none. */
  indexMax: number;
}

/** The end of the log: where the next record goes. */
export interface LogEnd {
  readonly header: SegmentHeader;
  readonly fileBytes: number;
  readonly offset: number;
  /** Whether something other than zeros follows. */
  readonly torn: boolean;
  /** Whether the last record says nothing but that those before it are synced. */
  readonly marked: boolean;
}

/** What a directory holds. Nothing has been changed yet. */
export interface Recovered {
  readonly state: StoredState;
  readonly segments: readonly SegmentSummary[];
  /** Undefined when there is no log yet. */
  readonly end: LogEnd | undefined;
  /** Those up to and with the one in force, ascending. */
  readonly snapshots: readonly SnapshotFile[];
  /** Files that no longer count. */
  readonly obsolete: readonly string[];
}

/** Reads a directory without changing it. @throws RaftStoreError `corrupt` with file and offset, `failed`. */
export async function recover(vfs: Vfs, directory: string): Promise<Recovered> {
  const files = (await vfs.list(directory)).map(classify);
  const names = files
    .filter((file) => file.type === "segment")
    .sort((left, right) => left.sequence - right.sequence);
  const segments = await readHeaders(vfs, directory, names);
  const start = Math.max(
    segments.findLastIndex(({ header }) => header.reset),
    0,
  );
  const living = segments.slice(start);
  const replay = new LogReplay();
  const summaries: SegmentSummary[] = [];
  let end: LogEnd | undefined;
  for (const { name, header } of living) {
    if (end !== undefined)
      checkSuccession(join(directory, summaries.at(-1)?.name ?? ""), end, header);
    const read = await replaySegment(vfs, { path: join(directory, name), header, replay });
    summaries.push({ name, indexMax: read.indexMax });
    end = read.end;
  }
  await checkEnd(vfs, directory, { end, name: summaries.at(-1)?.name });
  const fault = replay.check();
  if (fault !== undefined) throw corrupt(join(directory, summaries[0]?.name ?? ""), 0, fault);
  const state = replay.state();
  await checkSnapshotFile(vfs, directory, state);
  const snapshots = await readSnapshots(vfs, directory, { files, state });
  const known = new Set(snapshots.map(({ name }) => name));
  const obsolete = [
    ...segments.slice(0, start).map(({ name }) => name),
    ...files
      .filter(({ type, name }) => type === "temporary" || (type === "snapshot" && !known.has(name)))
      .map(({ name }) => name),
  ];
  return { state, segments: summaries, end, snapshots, obsolete };
}

interface NamedHeader {
  readonly name: string;
  readonly header: SegmentHeader;
}

async function readHeaders(
  vfs: Vfs,
  directory: string,
  names: readonly { readonly name: string; readonly sequence: number }[],
): Promise<readonly NamedHeader[]> {
  const found: NamedHeader[] = [];
  for (const { name, sequence } of names) {
    const path = join(directory, name);
    const header = decodeSegmentHeader(await readPart(vfs, path, SEGMENT_HEADER_BYTES));
    if (typeof header === "string") throw corrupt(path, 0, header);
    if (header.sequence !== sequence) {
      throw corrupt(path, 16, `the header says segment ${header.sequence}`);
    }
    found.push({ name, header });
  }
  return found;
}

// A segment is only ever followed once all of its records are durable: its end must be where its successor says.
function checkSuccession(path: string, end: LogEnd, next: SegmentHeader): void {
  if (next.sequence !== end.header.sequence + 1) {
    throw corrupt(path, 0, `segment ${end.header.sequence + 1} is missing`);
  }
  if (end.offset !== next.previousEnd) {
    throw corrupt(path, end.offset, `a record is damaged; the segment ends at ${next.previousEnd}`);
  }
}

async function replaySegment(
  vfs: Vfs,
  segment: { readonly path: string; readonly header: SegmentHeader; readonly replay: LogReplay },
): Promise<{ readonly end: LogEnd; readonly indexMax: number }> {
  const { path, header, replay } = segment;
  const bytes = await readPart(vfs, path, undefined);
  let offset = SEGMENT_HEADER_BYTES;
  let indexMax = 0;
  let marked = false;
  for (;;) {
    const record = recordAt(bytes, offset, header.salt);
    if (record === undefined) break;
    const items = readItems(record.body);
    if (items === undefined) throw corrupt(path, offset, "a record's contents are malformed");
    for (const item of items) {
      const fault = replay.take(item);
      if (fault !== undefined) throw corrupt(path, offset, fault);
      if (item.type === "entry") indexMax = Math.max(indexMax, item.entry.index);
    }
    marked = items.every(({ type }) => type === "mark");
    offset = record.end;
  }
  // A segment gets its final name only with its first record in place and synced.
  if (offset === SEGMENT_HEADER_BYTES) throw corrupt(path, offset, "the first record is damaged");
  const torn = bytes.subarray(offset).some((byte) => byte !== 0);
  return { end: { header, fileBytes: bytes.byteLength, offset, torn, marked }, indexMax };
}

async function checkEnd(
  vfs: Vfs,
  directory: string,
  last: { readonly end: LogEnd | undefined; readonly name: string | undefined },
): Promise<void> {
  if (last.end?.torn !== true || last.name === undefined) return;
  const path = join(directory, last.name);
  const bytes = await readPart(vfs, path, undefined);
  const proof = findProofOfDamage(bytes, last.end.offset, last.end.header.salt);
  if (proof === undefined) return;
  const message = `a record that had been synced is damaged (the record at ${proof} is newer)`;
  throw corrupt(path, last.end.offset, message);
}

// What is newer than the snapshot in force never came into force.
async function readSnapshots(
  vfs: Vfs,
  directory: string,
  found: { readonly files: readonly NamedFile[]; readonly state: StoredState },
): Promise<readonly SnapshotFile[]> {
  const { snapshot } = found.state;
  if (snapshot === undefined) return [];
  const present = snapshotName(snapshot);
  const snapshots: SnapshotFile[] = [];
  for (const file of found.files) {
    if (file.type !== "snapshot" || file.name > present) continue;
    const takenAtMs = await readTakenAtMs(vfs, join(directory, file.name));
    snapshots.push({ name: file.name, metadata: file.metadata, takenAtMs });
  }
  return snapshots.sort((left, right) => (left.name < right.name ? -1 : 1));
}

async function checkSnapshotFile(vfs: Vfs, directory: string, state: StoredState): Promise<void> {
  if (state.snapshot === undefined) return;
  const reader = await openSnapshotFile(vfs, directory, state.snapshot);
  await reader.close();
}

async function readPart(
  vfs: Vfs,
  path: string,
  lengthMax: number | undefined,
): Promise<Uint8Array> {
  const file = await vfs.open(path, "read");
  try {
    const length = Math.min(await file.size(), lengthMax ?? Number.MAX_SAFE_INTEGER);
    return await readFully(file, 0, length);
  } finally {
    await file.close();
  }
}

function corrupt(file: string, offset: number, message: string): RaftStoreError {
  return new RaftStoreError("corrupt", `${file} at ${offset}: ${message}`, { file, offset });
}
