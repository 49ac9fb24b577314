import type { Body } from "./items.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { LogIndex } from "@waggle/raft-core";
import type { Paces, SegmentWriter as Writer } from "./writer.ts";
import type { SegmentSummary } from "../recovery.ts";
import type { SegmentSupply } from "./supply.ts";
import type { Vfs } from "../vfs/vfs.ts";
import { join } from "node:path";
import { RaftStoreError } from "../../errors.ts";
import { makeSegment, publishSegment } from "./roll.ts";
import { SegmentWriter } from "./writer.ts";

/** What a log is made of. */
export interface SegmentLogParts {
  readonly vfs: Vfs;
  readonly directory: string;
  readonly keys: KeyRing | undefined;
  readonly paces: Paces;
  readonly supply: SegmentSupply;
  readonly segments: readonly SegmentSummary[];
  readonly writer: Writer;
}

/** Where a record goes, and what a segment that must be begun for it starts with. */
export interface RecordPlan {
  readonly body: Body;
  readonly start: () => Body;
  /** Highest index of an entry in it; 0 when it has none. */
  readonly indexMax: number;
}

/** The row of segments: written at its end, cut off whole segments at its front. */
export class SegmentLog {
  readonly #parts: SegmentLogParts;
  #segments: SegmentSummary[];
  #writer: Writer;

  constructor(parts: SegmentLogParts) {
    this.#parts = parts;
    this.#segments = [...parts.segments];
    this.#writer = parts.writer;
  }

  /** The segments, oldest first. */
  get segments(): readonly SegmentSummary[] {
    return this.#segments;
  }

  /** Writes one record; it is durable after {@link sync}. What the file system throws for lack of room passes through. */
  async write({ body, start, indexMax }: RecordPlan): Promise<void> {
    if (!this.#writer.hasRoom(body.byteLength)) {
      await this.#roll({ start: start(), reset: false, nextBodyBytes: body.byteLength });
    }
    await this.#writer.write(body);
    const summary = this.#segments.at(-1);
    if (summary) summary.indexMax = Math.max(summary.indexMax, indexMax);
    this.#parts.supply.prepare(this.#writer.end);
  }

  /** @throws RaftStoreError `failed`, whatever the reason: the page cache can no longer be trusted. */
  async sync(): Promise<void> {
    await this.#orFailed(() => this.#writer.sync());
  }

  /** Syncs, and marks the end as synced. */
  async mark(): Promise<void> {
    await this.#orFailed(() => this.#writer.mark());
  }

  /** Begins anew: all that was written before is void. */
  async reset(start: Body): Promise<void> {
    await this.#roll({ start, reset: true, nextBodyBytes: 0 });
    await this.#drop(this.#segments.length - 1);
  }

  /** Begins a new segment, under the present key. */
  async begin(start: Body): Promise<void> {
    await this.#roll({ start, reset: false, nextBodyBytes: 0 });
  }

  /** Deletes the segments without an entry above `through`; never the one that is written. */
  async dropThrough(through: LogIndex): Promise<void> {
    const living = this.#segments.findIndex(({ indexMax }) => indexMax > through);
    await this.#drop(living === -1 ? this.#segments.length - 1 : living);
  }

  async close(): Promise<void> {
    await this.#writer.close().catch(() => undefined);
    await this.#parts.supply.close();
  }

  // Without room nothing has changed; what fails after the room was found is final.
  async #roll(plan: {
    readonly start: Body;
    readonly reset: boolean;
    readonly nextBodyBytes: number;
  }): Promise<void> {
    const { vfs, directory, supply, paces } = this.#parts;
    const place = { sequence: this.#writer.sequence + 1, previousEnd: this.#writer.end };
    const made = await makeSegment(this.#parts, supply, { ...plan, ...place });
    try {
      // The successor vouches for where this one ends, so all of it must be durable first.
      await this.#writer.sync();
      const name = await publishSegment(vfs, directory, made);
      this.#segments.push({ name, indexMax: 0, keyId: made.end.header.key?.id });
      await this.#writer.close();
    } catch (cause) {
      await made.file.close().catch(() => undefined);
      throw new RaftStoreError("failed", "the next segment could not be made durable", { cause });
    }
    this.#writer = new SegmentWriter(made.file, made.end, paces);
  }

  async #drop(count: number): Promise<void> {
    const { vfs, directory } = this.#parts;
    for (const { name } of this.#segments.slice(0, Math.min(count, this.#segments.length - 1))) {
      await vfs.remove(join(directory, name));
      await vfs.syncDirectory(directory);
      this.#segments.shift();
    }
  }

  async #orFailed(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (cause) {
      throw new RaftStoreError("failed", "a sync of the log failed", { cause });
    }
  }
}
