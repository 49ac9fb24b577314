import type { RaftLogArguments, RaftLogPorts } from "./run.ts";
import type { Recovered } from "../file/recovery.ts";
import { join } from "node:path";
import { recover } from "../file/recovery.ts";
import { placeOf } from "./key-file.ts";
import { openSnapshotFile } from "../file/snapshot/read.ts";

/** Reads all of it. @throws RaftStoreError `corrupt`. */
export async function verify(given: RaftLogArguments, ports: RaftLogPorts): Promise<number> {
  const { directory, json } = given;
  const { out } = ports;
  const place = await placeOf(given, ports);
  let records = 0;
  const recovered = await recover(place, () => (records += 1));
  const snapshots = [];
  for (const { name, metadata } of recovered.snapshots) {
    const reader = await openSnapshotFile(place, metadata);
    try {
      let bytes = 0;
      for await (const chunk of reader.chunks()) bytes += chunk.byteLength;
      snapshots.push({ name, index: metadata.index, term: metadata.term, bytes });
    } finally {
      await reader.close();
    }
  }
  const summary = { ...summaryOf(directory, recovered), records, snapshots };
  if (json) out(JSON.stringify(summary));
  else for (const line of inWords(summary)) out(line);
  return 0;
}

function summaryOf(directory: string, { state, segments, end, obsolete }: Recovered) {
  const name = segments.at(-1)?.name;
  const isTorn = end?.torn === true && name !== undefined;
  return {
    directory,
    segments: segments.length,
    entries: state.entries.length,
    firstIndex: state.entries[0]?.index,
    lastIndex: state.entries.at(-1)?.index,
    hardState: state.hardState,
    torn: isTorn ? { file: join(directory, name), offset: end.offset } : undefined,
    obsolete,
  };
}

function inWords(
  summary: ReturnType<typeof summaryOf> & {
    readonly records: number;
    readonly snapshots: readonly {
      readonly index: number;
      readonly term: number;
      readonly bytes: number;
    }[];
  },
): readonly string[] {
  const { segments, records, entries, hardState, torn, obsolete, snapshots } = summary;
  const range =
    entries === 0 ? "no entries" : `entries ${summary.firstIndex} to ${summary.lastIndex}`;
  const lines = [`whole: ${segments} segments, ${records} records, ${range}`];
  if (hardState !== undefined) {
    const { term, vote, commit } = hardState;
    lines.push(`hard state: term ${term}, vote ${vote}, commit ${commit}`);
  }
  for (const { index, term, bytes } of snapshots) {
    lines.push(`snapshot ${index}: term ${term}, ${bytes} bytes, whole`);
  }
  if (torn !== undefined) {
    lines.push(`an unfinished write at ${torn.offset} of ${torn.file}: the next open cuts it off`);
  }
  for (const name of obsolete) lines.push(`left over: ${name}: the next open deletes it`);
  return lines;
}
