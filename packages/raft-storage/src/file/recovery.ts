import type { LogEnd, LogPlace } from "./segment/walk.ts";
import type { SnapshotFile } from "./snapshot/retention.ts";
import type { IntactPart } from "../errors.ts";
import type { StoredState } from "../store.ts";
import { join } from "node:path";
import { isRaftStoreError, RaftStoreError } from "../errors.ts";
import { classify, type NamedFile, snapshotName } from "./names.ts";
import { LogReplay } from "./segment/replay.ts";
import { corrupt, readHeaders, walkLog, type WalkedRecord } from "./segment/walk.ts";
import { openSnapshotFile, readSnapshotHead } from "./snapshot/read.ts";

/** One segment of the log, as the store keeps track of it. */
export interface SegmentSummary {
  readonly name: string;
  /** Highest index of an entry in it; 0 when it has none. */
  indexMax: number;
  /** The data key that its records are sealed with, if they are. */
  readonly keyId?: number | undefined;
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

/**
 * Reads a directory without changing it. Each record of the living part of the log is also shown to `visit`.
 * @throws RaftStoreError `corrupt` with file, offset and what is intact before, `failed`.
 */
export async function recover(
  place: LogPlace,
  visit: (walked: WalkedRecord) => void = () => undefined,
): Promise<Recovered> {
  const { vfs, directory } = place;
  const files = (await vfs.list(directory)).map(classify);
  const names = files
    .filter((file) => file.type === "segment")
    .sort((left, right) => left.sequence - right.sequence);
  const segments = await readHeaders(place, names);
  const start = Math.max(
    segments.findLastIndex(({ header }) => header.reset),
    0,
  );
  const reader = new LogReader(visit);
  const end = await reader.explain(() =>
    walkLog(place, segments.slice(start), (walked) => reader.take(walked)),
  );
  const fault = reader.replay.check();
  if (fault !== undefined) throw corrupt(join(directory, segments[start]?.name ?? ""), 0, fault);
  const state = reader.replay.state();
  if (state.snapshot !== undefined) {
    await (await openSnapshotFile(place, state.snapshot)).close();
  }
  const snapshots = await readSnapshots(place, { files, state });
  const known = new Set(snapshots.map(({ name }) => name));
  const obsolete = [
    ...segments.slice(0, start).map(({ name }) => name),
    ...files
      .filter(({ type, name }) => type === "temporary" || (type === "snapshot" && !known.has(name)))
      .map(({ name }) => name),
  ];
  return { state, segments: reader.summaries, end, snapshots, obsolete };
}

/** Takes the records in, and keeps account of what was whole. */
class LogReader {
  readonly replay = new LogReplay();
  readonly summaries: SegmentSummary[] = [];
  readonly #visit: (walked: WalkedRecord) => void;
  #records = 0;

  constructor(visit: (walked: WalkedRecord) => void) {
    this.#visit = visit;
  }

  take(walked: WalkedRecord): string | undefined {
    const { name, header } = walked.segment;
    if (this.summaries.at(-1)?.name !== name) {
      this.summaries.push({ name, indexMax: 0, keyId: header.key?.id });
    }
    const summary = this.summaries.at(-1);
    for (const item of walked.items) {
      const fault = this.replay.take(item);
      if (fault !== undefined) return fault;
      if (item.type === "entry" && summary !== undefined) {
        summary.indexMax = Math.max(summary.indexMax, item.entry.index);
      }
    }
    this.#records += 1;
    this.#visit(walked);
    return undefined;
  }

  /** Adds to an error what was read without fault before it. */
  async explain<T>(walk: () => Promise<T>): Promise<T> {
    try {
      return await walk();
    } catch (error) {
      if (!isRaftStoreError(error) || error.code !== "corrupt") throw error;
      const { file = "", offset = 0 } = error;
      const intact = this.#intact();
      const message = `${error.message}; intact before it: ${inWords(intact)}`;
      throw new RaftStoreError("corrupt", message, { file, offset, intact });
    }
  }

  #intact(): IntactPart {
    const { entries } = this.replay.state();
    const first = entries[0]?.index;
    const last = entries.at(-1)?.index;
    return {
      segments: Math.max(this.summaries.length - 1, 0),
      records: this.#records,
      entries: first === undefined || last === undefined ? undefined : { first, last },
    };
  }
}

function inWords({ segments, records, entries }: IntactPart): string {
  const range = entries === undefined ? "no entry" : `entries ${entries.first} to ${entries.last}`;
  return `${segments} whole segments, ${records} records, ${range}`;
}

// What is newer than the snapshot in force never came into force.
async function readSnapshots(
  { vfs, directory }: LogPlace,
  found: { readonly files: readonly NamedFile[]; readonly state: StoredState },
): Promise<readonly SnapshotFile[]> {
  const { snapshot } = found.state;
  if (snapshot === undefined) return [];
  const present = snapshotName(snapshot);
  const snapshots: SnapshotFile[] = [];
  for (const file of found.files) {
    if (file.type !== "snapshot" || file.name > present) continue;
    const head = await readSnapshotHead(vfs, join(directory, file.name));
    const { name, metadata } = file;
    snapshots.push({ name, metadata, takenAtMs: head?.takenAtMs, keyId: head?.seal?.key.id });
  }
  return snapshots.sort((left, right) => (left.name < right.name ? -1 : 1));
}
