import type { LogIndex } from "@waggle/raft-core";

/**
 * What went wrong.
 *
 * | code | caused by | has anything changed | retry |
 * |---|---|---|---|
 * | `disk-full` | the disk or its quota | nothing: log and snapshots are as before | once there is room |
 * | `failed` | the disk: a write or sync failed | unknown for calls in flight; the store refuses everything from here on | no: open the store again |
 * | `closed` | the caller, after `close()`, or by it while a snapshot's source had more to come | nothing | no |
 * | `gap` | the caller: the entries do not follow the log, or an earlier queued append was refused | nothing | after mending the order |
 * | `compacted` | the caller: entries or a compaction beyond what the newest snapshot allows | nothing | no |
 * | `stale-snapshot` | the caller, or a newer snapshot that came first | nothing | no: a newer one is stored |
 * | `too-large` | the caller: a batch, entry or member list above the limit | nothing | no: split it |
 * | `corrupt` | damage on the disk (at open, or while a snapshot is read) | nothing | no: restore the file, or let this member join anew |
 * | `locked` | another process, or this one, has the directory open | nothing | once that store is closed |
 * | `wrong-key` | the keys that were given, or that none were: they do not open, or seal, what is stored | nothing | with the right key |
 * | `not-staged` | the caller: the snapshot to be installed has not been received whole | nothing | once it is |
 * | `superseded` | the caller: another stage was begun | nothing | on the newer stage |
 * | `checksum` | the sender or the way from it: not the bytes that were sent | nothing: the staged snapshot is removed | from the beginning |
 * | `snapshot-source` | the caller: the chunks of a snapshot threw (see `cause`) | nothing: the unfinished file is removed | with a new source |
 * | `invalid-argument` | the caller | nothing | no |
 */
export type RaftStoreErrorCode =
  | "disk-full"
  | "failed"
  | "closed"
  | "gap"
  | "compacted"
  | "stale-snapshot"
  | "too-large"
  | "corrupt"
  | "locked"
  | "wrong-key"
  | "not-staged"
  | "superseded"
  | "checksum"
  | "snapshot-source"
  | "invalid-argument";

/** The part of a log that was read without fault before damage was met. */
export interface IntactPart {
  /** Segments that are whole. */
  readonly segments: number;
  /** Records that are whole, in the damaged segment too. */
  readonly records: number;
  /** Index of the first and the last entry in them; undefined without entries. */
  readonly entries: { readonly first: LogIndex; readonly last: LogIndex } | undefined;
}

/** Details that an error carries besides its code. */
export interface RaftStoreErrorDetails {
  /** The file concerned; of `corrupt`, `locked`, `failed` and `disk-full` where one is known. */
  readonly file?: string;
  /** Where in the file, in bytes. */
  readonly offset?: number;
  /** What was found whole before the damage; of `corrupt` at open. */
  readonly intact?: IntactPart | undefined;
  /** The error below this one. */
  readonly cause?: unknown;
}

const brand = Symbol.for("@waggle/raft-storage.RaftStoreError");

/** The one error class of this package; see {@link RaftStoreErrorCode} for what each code means to the caller. */
export class RaftStoreError extends Error {
  override readonly name = "RaftStoreError";
  readonly code: RaftStoreErrorCode;
  readonly file: string | undefined;
  readonly offset: number | undefined;
  readonly intact: IntactPart | undefined;

  constructor(code: RaftStoreErrorCode, message: string, details: RaftStoreErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.offset = details.offset;
    this.intact = details.intact;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a {@link RaftStoreError}, also one of another copy of this package. */
export function isRaftStoreError(value: unknown): value is RaftStoreError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}
