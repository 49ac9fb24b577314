import type { Body } from "./items.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { SegmentHeader } from "./format.ts";
import type { SegmentSupply } from "./supply.ts";
import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { segmentName } from "../names.ts";
import { writeFully } from "../vfs/vfs.ts";
import { segmentCipher } from "../keys/segment-cipher.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from "./format.ts";
import { MARK_BODY } from "./items.ts";
import { FIRST_PIECE, storedBytes, type WriterEnd, writeRecord } from "./writer.ts";

/** What a new segment begins with. */
export interface SegmentPlan {
  readonly sequence: number;
  readonly previousEnd: number;
  /** Whether all segments so far become void. */
  readonly reset: boolean;
  /** The state as of the segment's start, so that those before it can be deleted. */
  readonly start: Body;
  /** Bytes of the body that must fit behind the first record. */
  readonly nextBodyBytes: number;
}

/** A segment that is written but has no name yet. */
export interface MadeSegment {
  readonly file: VfsFile;
  readonly end: WriterEnd;
}

/** Writes header and first record into a file of the supply. What fails leaves nothing behind. */
export async function makeSegment(
  { vfs, keys }: { readonly vfs: Vfs; readonly keys: KeyRing | undefined },
  supply: SegmentSupply,
  plan: SegmentPlan,
): Promise<MadeSegment> {
  const { sequence, reset, previousEnd, start } = plan;
  const header: SegmentHeader = {
    sequence,
    reset,
    previousEnd,
    salt: new Uint8Array(randomBytes(8)),
    key: keys?.next(),
  };
  const cipher = segmentCipher(keys, segmentName(sequence), header);
  const offset = SEGMENT_HEADER_BYTES + storedBytes(start.byteLength, cipher);
  const nextBytes = storedBytes(plan.nextBodyBytes, cipher);
  const markBytes = storedBytes(MARK_BODY.byteLength, cipher);
  const { file, fileBytes } = await supply.take(offset + nextBytes + markBytes);
  const front = new Uint8Array(offset);
  front.set(encodeSegmentHeader(header));
  const seal = cipher === undefined ? undefined : { cipher, piece: FIRST_PIECE };
  const place = { salt: header.salt, offset: SEGMENT_HEADER_BYTES, durable: 0, seal };
  writeRecord(front.subarray(SEGMENT_HEADER_BYTES), start, place);
  try {
    await writeFully(file, front, 0);
  } catch (error) {
    await file.close().catch(() => undefined);
    await vfs.remove(file.path).catch(() => undefined);
    throw error;
  }
  return { file, end: { header, fileBytes, offset, marked: true, cipher } };
}

/** Gives a made segment its name, durably. From here on it is part of the log. */
export async function publishSegment(
  vfs: Vfs,
  directory: string,
  { file, end }: MadeSegment,
): Promise<string> {
  const name = segmentName(end.header.sequence);
  await file.sync();
  await vfs.rename(file.path, join(directory, name));
  await vfs.syncDirectory(directory);
  return name;
}
