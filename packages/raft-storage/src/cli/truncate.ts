import type { RaftLogArguments, RaftLogPorts } from "./run.ts";
import type { LogPlace, WalkedRecord } from "../file/segment/walk.ts";
import { logIndex } from "@waggle/raft-core";
import { join } from "node:path";
import { isRaftStoreError } from "../errors.ts";
import { classify } from "../file/names.ts";
import { openFileStore } from "../file/open.ts";
import { recover } from "../file/recovery.ts";
import { SEGMENT_HEADER_BYTES } from "../file/segment/format.ts";
import { fillWithZeros } from "../file/vfs/vfs.ts";
import { placeOf } from "./key-file.ts";
import { UsageError } from "./usage-error.ts";

const NOT_DONE = 2;

/** Cuts the end of a log off. @throws RaftStoreError `locked`, `corrupt`; UsageError when nothing sound would be left. */
export async function truncate(given: RaftLogArguments, ports: RaftLogPorts): Promise<number> {
  const { after = "" } = given;
  if (/^\d{1,15}$/.test(after)) return truncateEntries(given, ports, Number(after));
  const [, name, offsetText] = /^(log-[0-9a-f]{16}\.wal)@(\d{1,15})$/.exec(after) ?? [];
  if (name === undefined || offsetText === undefined) {
    throw new UsageError("truncate needs --after INDEX or --after FILE@OFFSET");
  }
  return truncateFile(given, ports, { name, offset: Number(offsetText) });
}

// Written once more, an entry replaces itself and all after it: nothing is overwritten.
async function truncateEntries(
  given: RaftLogArguments,
  ports: RaftLogPorts,
  index: number,
): Promise<number> {
  const { directory, provider, yes } = given;
  const { vfs, out, err } = ports;
  const unlock = await vfs.lock(directory);
  const { state } = await placeOf(given, ports).then(recover).finally(unlock);
  const { hardState } = state;
  const last = state.entries.at(-1)?.index ?? 0;
  const kept = state.entries.find((entry) => entry.index === index);
  if (kept === undefined || index <= (state.snapshot?.index ?? 0)) {
    throw new UsageError(`entry ${index} is not one of the log behind its snapshot`);
  }
  const commit = hardState?.commit ?? 0;
  out(`drops ${last - index} entries, ${index + 1} to ${last}`);
  if (commit > index)
    out(`entries up to ${commit} are committed: the group has promised to keep them`);
  if (!yes) return notDone(err);
  const store = await openFileStore({ directory, vfs, ...(provider && { keyProvider: provider }) });
  try {
    const lowered =
      hardState && commit > index ? { ...hardState, commit: logIndex(index) } : undefined;
    await store.append({ entries: [kept], hardState: lowered, sync: true });
  } finally {
    await store.close();
  }
  out("done");
  return 0;
}

interface Place {
  readonly name: string;
  readonly offset: number;
}

async function truncateFile(
  given: RaftLogArguments,
  ports: RaftLogPorts,
  cut: Place,
): Promise<number> {
  const { directory, yes } = given;
  const { vfs, out, err } = ports;
  const unlock = await vfs.lock(directory);
  try {
    const place = await placeOf(given, ports);
    const records = await wholeRecords(place);
    const kept = records.filter((record) => isBefore(record, cut));
    checkCut(records, cut);
    const files = (await vfs.list(directory)).map(classify);
    const isWhole = cut.offset > SEGMENT_HEADER_BYTES;
    const dropped = files
      .filter(
        ({ type, name }) => type === "segment" && (isWhole ? name > cut.name : name >= cut.name),
      )
      .map(({ name }) => name)
      .sort()
      .reverse();
    out(`keeps ${kept.length} records, up to entry ${lastEntryOf(kept)}`);
    out(`drops ${records.length - kept.length} whole records, and what cannot be read behind them`);
    for (const name of dropped) out(`drops all of ${name}`);
    if (!yes) return notDone(err);
    // The newest first, so that what is left is a row of segments at any time.
    for (const name of dropped) {
      await vfs.remove(join(directory, name));
      await vfs.syncDirectory(directory);
    }
    if (isWhole) {
      const file = await vfs.open(join(directory, cut.name), "update");
      try {
        await fillWithZeros(file, cut.offset, await file.size());
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await recover(place);
    out("done: the log is whole");
    return 0;
  } finally {
    await unlock();
  }
}

async function wholeRecords(place: LogPlace): Promise<readonly WalkedRecord[]> {
  const records: WalkedRecord[] = [];
  await recover(place, (walked) => records.push(walked)).catch((error: unknown) => {
    if (!isRaftStoreError(error) || error.code !== "corrupt") throw error;
  });
  return records;
}

function isBefore({ segment, offset }: WalkedRecord, cut: Place): boolean {
  return segment.name < cut.name || (segment.name === cut.name && offset < cut.offset);
}

// The cut must be where a whole record begins or ends, and leave a first record.
function checkCut(records: readonly WalkedRecord[], cut: Place): void {
  const inFile = records.filter(({ segment }) => segment.name === cut.name);
  const places = [
    SEGMENT_HEADER_BYTES,
    ...inFile.flatMap(({ offset, record }) => [offset, record.end]),
  ];
  if (!places.includes(cut.offset)) {
    const below = Math.max(...places.filter((place) => place < cut.offset), 0);
    throw new UsageError(
      `no whole record begins or ends at ${cut.offset}; the last before is ${below}`,
    );
  }
  if (!records.some((record) => isBefore(record, cut))) {
    throw new UsageError("nothing would be left: delete the directory instead, and join anew");
  }
}

function lastEntryOf(records: readonly WalkedRecord[]): string {
  const items = records.flatMap((record) => record.items);
  const last = items.findLast((item) => item.type === "entry");
  return last?.type === "entry" ? String(last.entry.index) : "none";
}

function notDone(err: (line: string) => void): number {
  err("raft-log: nothing was changed; copy the directory, then say --yes");
  return NOT_DONE;
}
