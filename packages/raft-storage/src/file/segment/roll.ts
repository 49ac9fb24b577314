import type { Item } from "./items.ts";
import type { ResolvedOptions } from "../options.ts";
import { RaftStoreError } from "../../errors.ts";
import { prepareSegment, publishSegment, SegmentWriter } from "./writer.ts";

/** What the next segment begins with. */
export interface RollPlan {
  readonly items: readonly Item[];
  /** Whether all segments so far become void. */
  readonly reset: boolean;
  /** Bytes of the body that must fit in. */
  readonly nextBodyBytes: number;
}

/**
 * Ends a segment and begins the next. Without room for it nothing has changed; what fails after the room was found is
 * `failed`.
 */
export async function rollSegment(
  options: ResolvedOptions,
  writer: SegmentWriter,
  plan: RollPlan,
): Promise<{ readonly name: string; readonly writer: SegmentWriter }> {
  const { vfs, directory, segmentBytes } = options;
  const sequence = writer.sequence + 1;
  const place = { sequence, previousEnd: writer.end, segmentBytes };
  const { file, end } = await prepareSegment(vfs, directory, { ...plan, ...place });
  try {
    // The successor vouches for where this one ends, so all of it must be durable first.
    await writer.sync();
    const name = await publishSegment(vfs, directory, { file, sequence });
    await writer.close();
    return { name, writer: new SegmentWriter(file, end) };
  } catch (cause) {
    await file.close().catch(() => undefined);
    throw new RaftStoreError("failed", "the next segment could not be made durable", { cause });
  }
}
