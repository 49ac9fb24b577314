import type { SnapshotMetadata } from "@waggle/raft-core";
import { logIndex, term } from "@waggle/raft-core";

/** What a file in the store's directory is, by its name. */
export type NamedFile =
  | { readonly type: "segment"; readonly name: string; readonly sequence: number }
  | {
      readonly type: "snapshot";
      readonly name: string;
      readonly metadata: Pick<SnapshotMetadata, "index" | "term">;
    }
  | { readonly type: "temporary"; readonly name: string }
  | { readonly type: "foreign"; readonly name: string };

const SEGMENT = /^log-([0-9a-f]{16})\.wal$/;
const SNAPSHOT = /^snapshot-(00[01][0-9a-f]{13})-(00[01][0-9a-f]{13})\.snap$/;
const TEMPORARY = /^(?:log|snapshot)-[0-9a-z-]{1,64}\.tmp$/;

/** The name of the file of data keys. */
export const KEYS_NAME = "KEYS";

/** The name of a segment; names sort as their sequences do. */
export function segmentName(sequence: number): string {
  return `log-${hex(sequence)}.wal`;
}

/** The name of a snapshot's file. */
export function snapshotName(metadata: { readonly index: number; readonly term: number }): string {
  return `snapshot-${hex(metadata.index)}-${hex(metadata.term)}.snap`;
}

/** The name of an unfinished file; deleted at the next open. */
export function temporaryName(kind: "log" | "snapshot", tag: string): string {
  return `${kind}-${tag}.tmp`;
}

export function classify(name: string): NamedFile {
  const sequence = SEGMENT.exec(name)?.[1];
  if (sequence !== undefined)
    return { type: "segment", name, sequence: Number.parseInt(sequence, 16) };
  const snapshot = SNAPSHOT.exec(name);
  if (snapshot !== null) return { type: "snapshot", name, metadata: metadataOf(snapshot) };
  if (TEMPORARY.test(name)) return { type: "temporary", name };
  return { type: "foreign", name };
}

function metadataOf(match: RegExpExecArray): Pick<SnapshotMetadata, "index" | "term"> {
  const [, index = "", termHex = ""] = match;
  return { index: logIndex(Number.parseInt(index, 16)), term: term(Number.parseInt(termHex, 16)) };
}

function hex(value: number): string {
  return value.toString(16).padStart(16, "0");
}
