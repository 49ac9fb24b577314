import type { SnapshotDigest, SnapshotStage } from "../store.ts";
import type { SnapshotMetadata } from "@waggle/raft-core";
import { RaftStoreError } from "../errors.ts";

/** Where the bytes of one staged snapshot go. */
export interface StageSink {
  readonly byteLength: number;
  readonly crc32: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Makes it durable; nothing is written after. */
  finish(): Promise<void>;
  /** Removes what was written; does not throw. */
  discard(): Promise<void>;
}

interface Slot<Sink> {
  readonly metadata: SnapshotMetadata;
  readonly identity: string;
  readonly sink: Sink;
  /** Which handle may write: the newest. */
  holder: number;
}

/** The snapshots on their way in: one that grows, one that is complete and waits to be installed. All in turn. */
export class Staging<Sink extends StageSink> {
  readonly #create: (metadata: SnapshotMetadata) => Promise<Sink>;
  #growing: Slot<Sink> | undefined;
  #complete: Slot<Sink> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(create: (metadata: SnapshotMetadata) => Promise<Sink>) {
    this.#create = create;
  }

  begin(metadata: SnapshotMetadata, identity: string): Promise<SnapshotStage> {
    return this.#inTurn(async () => {
      const slot = this.#find(metadata, identity) ?? (await this.#open(metadata, identity));
      slot.holder += 1;
      return this.#handle(slot, slot.holder);
    });
  }

  /** The complete one of that index and term; it stays until {@link release}. */
  ready({ index, term }: SnapshotMetadata): Promise<Sink | undefined> {
    return this.#inTurn(() => {
      const slot = this.#complete;
      const found = slot?.metadata.index === index && slot.metadata.term === term;
      return Promise.resolve(found ? slot.sink : undefined);
    });
  }

  /** The bytes of the complete one belong to somebody else now. */
  release(sink: Sink): void {
    if (this.#complete?.sink === sink) this.#complete = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
    await this.#growing?.sink.discard();
    await this.#complete?.sink.discard();
  }

  #find(metadata: SnapshotMetadata, identity: string): Slot<Sink> | undefined {
    return [this.#growing, this.#complete].find(
      (slot) =>
        slot?.identity === identity &&
        slot.metadata.index === metadata.index &&
        slot.metadata.term === metadata.term,
    );
  }

  async #open(metadata: SnapshotMetadata, identity: string): Promise<Slot<Sink>> {
    await this.#giveUp(this.#growing);
    const slot = { metadata, identity, sink: await this.#create(metadata), holder: 0 };
    this.#growing = slot;
    return slot;
  }

  #handle(slot: Slot<Sink>, holder: number): SnapshotStage {
    const asHolder = (operation: () => Promise<void>): Promise<void> =>
      this.#inTurn(() => {
        this.#checkHolder(slot, holder);
        return operation();
      });
    return {
      metadata: slot.metadata,
      get byteLength() {
        return slot.sink.byteLength;
      },
      write: (chunk) => asHolder(() => this.#write(slot, chunk)),
      complete: (expected) => asHolder(() => this.#finish(slot, expected)),
      abort: () =>
        this.#inTurn(() =>
          slot.holder === holder ? this.#giveUp(slot) : Promise.resolve(undefined),
        ),
    };
  }

  #checkHolder(slot: Slot<Sink>, holder: number): void {
    const held = slot === this.#growing || slot === this.#complete;
    if (held && slot.holder === holder) return;
    throw new RaftStoreError("superseded", `the stage of snapshot ${slot.metadata.index} is over`);
  }

  async #write(slot: Slot<Sink>, chunk: Uint8Array): Promise<void> {
    if (slot !== this.#growing) {
      throw new RaftStoreError("invalid-argument", "a complete snapshot takes no more bytes");
    }
    await this.#orGiveUp(slot, () => slot.sink.write(chunk));
  }

  async #finish(slot: Slot<Sink>, expected: SnapshotDigest): Promise<void> {
    if (slot === this.#complete) return;
    const { sink } = slot;
    await this.#orGiveUp(slot, async () => {
      if (sink.byteLength !== expected.byteLength || sink.crc32 !== expected.crc32) {
        const found = `${sink.byteLength} bytes with checksum ${sink.crc32}`;
        const wanted = `${expected.byteLength} with ${expected.crc32}`;
        throw new RaftStoreError("checksum", `received ${found}, expected ${wanted}`);
      }
      await sink.finish();
    });
    await this.#giveUp(this.#complete);
    this.#growing = undefined;
    this.#complete = slot;
  }

  async #orGiveUp(slot: Slot<Sink>, operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      await this.#giveUp(slot);
      throw error;
    }
  }

  async #giveUp(slot: Slot<Sink> | undefined): Promise<void> {
    if (slot === undefined) return;
    if (slot === this.#growing) this.#growing = undefined;
    else if (slot === this.#complete) this.#complete = undefined;
    else return;
    await slot.sink.discard();
  }

  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(() => {
      if (this.#closed) throw new RaftStoreError("closed", "the store is closed");
      return operation();
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }
}
