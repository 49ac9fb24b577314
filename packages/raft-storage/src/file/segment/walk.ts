import type { Item } from "./items.ts";
import type { FileCipher } from "../keys/cipher.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { Vfs } from "../vfs/vfs.ts";
import { join } from "node:path";
import { RaftStoreError } from "../../errors.ts";
import { SEGMENT_BYTES_MAX } from "../../limits.ts";
import { segmentCipher } from "../keys/segment-cipher.ts";
import { readFully } from "../vfs/vfs.ts";
import {
  boundTo,
  decodeSegmentHeader,
  findProofOfDamage,
  recordAt,
  type RecordView,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "./format.ts";
import { readItems } from "./items.ts";

/** Where a log lies. */
export interface LogPlace {
  readonly vfs: Vfs;
  readonly directory: string;
  /** Undefined when no key is at hand. */
  readonly keys?: KeyRing | undefined;
}

/** A segment's file and what it says about itself. */
export interface NamedSegment {
  readonly name: string;
  readonly header: SegmentHeader;
}

/** One record as it was met. */
export interface WalkedRecord {
  readonly segment: NamedSegment;
  readonly offset: number;
  readonly record: RecordView;
  readonly items: readonly Item[];
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

interface WalkedSegment extends LogEnd {
  /** Where a record stands that proves what follows the end to be damage. */
  readonly proof: number | undefined;
}

/** The headers of segments, in the order of their names. @throws RaftStoreError `corrupt`. */
export async function readHeaders(
  { vfs, directory }: LogPlace,
  names: readonly { readonly name: string; readonly sequence: number }[],
): Promise<readonly NamedSegment[]> {
  const found: NamedSegment[] = [];
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

/**
 * Reads all records of the segments, in order, and finds the log's end. What `visit` says against a record, and what is
 * damaged rather than torn, is thrown.
 *
 * A bad record is torn, and thus the end, only if nothing says that it had been synced: not its successor segment, which
 * is begun once all before it is synced, and not a later record, each of which says how far the log was synced when it was
 * written. Neither zeros nor a broken checksum nor the file's end are taken for a sign of either: sectors reach the disk in
 * any order, and damage may look like anything.
 * @throws RaftStoreError `corrupt`.
 */
export async function walkLog(
  place: LogPlace,
  segments: readonly NamedSegment[],
  visit: (walked: WalkedRecord) => string | undefined,
): Promise<LogEnd | undefined> {
  const { directory } = place;
  let end: WalkedSegment | undefined;
  let next = readAhead(place, segments[0]);
  for (const [at, segment] of segments.entries()) {
    const path = join(directory, segment.name);
    const previous = segments[at - 1];
    if (previous !== undefined && end !== undefined) {
      checkSuccession(join(directory, previous.name), end, segment.header);
    }
    if (previous?.header.key !== undefined && segment.header.key === undefined) {
      throw corrupt(path, 8, "a plain segment follows an encrypted one");
    }
    const cipher = segmentCipher(place.keys, path, segment.header);
    const bytes = await next;
    next = readAhead(place, segments[at + 1]);
    const isLast = at === segments.length - 1;
    end = walkSegment({ path, segment, cipher, bytes, isLast, from: undefined }, visit);
    if (end.proof === undefined) continue;
    // A store that is open may have written on while its file was read. What is damaged stays so.
    const again = await readPart(place.vfs, path, undefined);
    end = walkSegment({ path, segment, cipher, bytes: again, isLast, from: end }, visit);
    if (end.proof === undefined) continue;
    const message = `a record that had been synced is damaged (the record at ${end.proof} is newer)`;
    throw corrupt(path, end.offset, message);
  }
  return end;
}

// The disk works on the next segment while this one is gone through.
function readAhead(place: LogPlace, segment: NamedSegment | undefined): Promise<Uint8Array> {
  if (segment === undefined) return Promise.resolve(new Uint8Array(0));
  const reading = readPart(place.vfs, join(place.directory, segment.name), undefined);
  // When the walk ends before, nobody asks any more.
  reading.catch(() => undefined);
  return reading;
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

function walkSegment(
  read: {
    readonly path: string;
    readonly segment: NamedSegment;
    readonly cipher: FileCipher | undefined;
    readonly bytes: Uint8Array;
    readonly isLast: boolean;
    /** Where an earlier reading of the file ended. */
    readonly from: LogEnd | undefined;
  },
  visit: (walked: WalkedRecord) => string | undefined,
): WalkedSegment {
  const { path, segment, bytes } = read;
  const { header } = segment;
  let offset = read.from?.offset ?? SEGMENT_HEADER_BYTES;
  let marked = read.from?.marked ?? false;
  for (;;) {
    const record = recordAt(bytes, offset, header.salt);
    if (record === undefined) break;
    const body = openBody(record, offset, read.cipher);
    if (body === undefined) throw corrupt(path, offset, "a record was not sealed by this store");
    const items = readItems(body);
    if (items === undefined) throw corrupt(path, offset, "a record's contents are malformed");
    const fault = visit({ segment, offset, record, items });
    if (fault !== undefined) throw corrupt(path, offset, fault);
    marked = items.every(({ type }) => type === "mark");
    offset = record.end;
  }
  // A segment gets its final name only with its first record in place and synced.
  if (offset === SEGMENT_HEADER_BYTES) throw corrupt(path, offset, "the first record is damaged");
  const torn = read.isLast && bytes.subarray(offset).some((byte) => byte !== 0);
  const proof = torn ? findProofOfDamage(bytes, offset, header.salt) : undefined;
  return { header, fileBytes: bytes.byteLength, offset, torn, marked, proof };
}

function openBody(
  record: RecordView,
  offset: number,
  cipher: FileCipher | undefined,
): Uint8Array | undefined {
  if (cipher === undefined) return record.body;
  const piece = { kind: 0, counter: record.piece } as const;
  return cipher.open(piece, boundTo(record.bytes, offset), record.body);
}

async function readPart(
  vfs: Vfs,
  path: string,
  lengthMax: number | undefined,
): Promise<Uint8Array> {
  const file = await vfs.open(path, "read");
  try {
    const size = await file.size();
    // Checked before the memory is asked for.
    if (size > SEGMENT_BYTES_MAX)
      throw corrupt(path, 0, `${size} bytes are more than a segment has`);
    return await readFully(file, 0, Math.min(size, lengthMax ?? size));
  } finally {
    await file.close();
  }
}

/** The error of damage, with its place. */
export function corrupt(file: string, offset: number, message: string): RaftStoreError {
  return new RaftStoreError("corrupt", `${file} at ${offset}: ${message}`, { file, offset });
}
