import type { NodeId, SnapshotMessage, SnapshotMetadata } from "@waggle/raft-core";
import type { PeerConnection } from "./connection.ts";
import type { ResolvedOptions } from "../options.ts";
import type { SnapshotStage } from "@waggle/raft-storage";
import { RaftNodeError } from "../errors.ts";
import { isCode } from "../internal/is-code.ts";
import { SNAPSHOT_RESUME_MS } from "../limits.ts";
import {
  decodeSnapshotDigest,
  decodeSnapshotOffer,
  encodeSnapshotAnswer,
  type SnapshotOffer,
  type SnapshotRefusal,
} from "./snapshot-frames.ts";
import { StallTimer } from "./stall-timer.ts";

/** What taking in snapshots needs of the node. */
export interface SnapshotReceiverPorts {
  readonly options: Pick<ResolvedOptions, "clock" | "logger" | "limits">;
  readonly snapshots: {
    /** Whether its bytes are `wanted`; when they are `held` already, Raft has been told. @throws RaftError. */
    judge(message: SnapshotMessage): "wanted" | "held" | "stale";
    /** @throws RaftStoreError. */
    stage(metadata: SnapshotMetadata, identity: string): Promise<SnapshotStage>;
    /** Gives Raft a complete one; says whether the member holds it, or all that it stands for, in the end. */
    take(message: SnapshotMessage, stage: SnapshotStage): Promise<boolean>;
  };
}

/** A snapshot on its way in. */
interface Transfer {
  readonly from: NodeId;
  readonly term: number;
  readonly connection: PeerConnection;
  readonly ended: PromiseWithResolvers<undefined>;
  phase: "receiving" | "installing" | "superseded";
}

type Frames = AsyncIterator<Uint8Array>;

/** Over what it comes. */
interface Way {
  readonly connection: PeerConnection;
  readonly frames: Frames;
  readonly stall: StallTimer;
}

/**
 * Takes in snapshots, one at a time, to the disk as they come: the next frame is read once the last one is written, which
 * is the sender's back-pressure.
 *
 * ```
 * offered ──judged, room for it──► receiving ──digest right──► installing ──► taken
 *    └─► refused                      └─► broken: its part waits SNAPSHOT_RESUME_MS for the same sender
 * ```
 */
export class SnapshotReceiver {
  readonly #ports: SnapshotReceiverPorts;
  #current: Transfer | undefined;
  #cancelAbandon: () => void = () => undefined;
  #closed = false;

  constructor(ports: SnapshotReceiverPorts) {
    this.#ports = ports;
  }

  /** Serves one connection that said hello. @throws whatever ends it. */
  async serve(connection: PeerConnection, frames: Frames, from: NodeId): Promise<void> {
    const { clock, logger } = this.#ports.options;
    const stall = new StallTimer(clock, () => {
      connection.destroy();
    });
    try {
      const offer = decodeSnapshotOffer(await nextFrame(frames));
      if (offer.message.from !== from) throw protocol("a snapshot sent for another node");
      const why = await this.#answer(offer, { connection, frames, stall });
      if (why === undefined) {
        await connection.send(encodeSnapshotAnswer({ type: "taken" }));
        return;
      }
      logger.warn("a snapshot was refused", { from, why });
      await connection.send(encodeSnapshotAnswer({ type: "refused", why }));
      // To close on bytes that nobody read could cost the sender the answer.
      stall.restart();
      while ((await frames.next()).done !== true);
    } finally {
      stall.end();
    }
  }

  destroy(): void {
    this.#closed = true;
    this.#cancelAbandon();
  }

  async #answer(offer: SnapshotOffer, way: Way): Promise<SnapshotRefusal | undefined> {
    const { snapshots, options } = this.#ports;
    if (offer.byteLength > options.limits.snapshotBytesMax) return "too-large";
    const transfer = await this.#admit(offer.message, way.connection);
    if (transfer === undefined) return "busy";
    try {
      const judgement = snapshots.judge(offer.message);
      if (judgement !== "wanted") return judgement === "held" ? undefined : judgement;
      return await this.#receive(offer, transfer, way);
    } catch (error) {
      const why = refusalOf(error);
      if (why === undefined) throw error;
      options.logger.warn("a snapshot could not be stored", { from: transfer.from, error });
      return why;
    } finally {
      this.#current = undefined;
      transfer.ended.resolve(undefined);
    }
  }

  // A sender that comes again has lost its connection before; one of a later term leads now.
  async #admit(
    { from, term }: SnapshotMessage,
    connection: PeerConnection,
  ): Promise<Transfer | undefined> {
    for (let other = this.#current; other !== undefined; other = this.#current) {
      const goesBefore = other.from === from || term > other.term;
      if (!goesBefore || other.phase !== "receiving") return undefined;
      other.phase = "superseded";
      other.connection.destroy();
      await other.ended.promise;
    }
    const ended = Promise.withResolvers<undefined>();
    this.#current = { from, term, connection, ended, phase: "receiving" };
    return this.#current;
  }

  async #receive(
    { byteLength, message }: SnapshotOffer,
    transfer: Transfer,
    { connection, frames, stall }: Way,
  ): Promise<SnapshotRefusal | undefined> {
    const { metadata } = message.snapshot;
    const identity = `${transfer.from}/${byteLength}`;
    const stage = await this.#ports.snapshots.stage(metadata, identity);
    this.#cancelAbandon();
    try {
      const offset = stage.byteLength;
      await connection.send(encodeSnapshotAnswer({ type: "go-on", offset }));
      while (stage.byteLength < byteLength) {
        const chunk = await nextFrame(frames);
        if (chunk.byteLength === 0 || stage.byteLength + chunk.byteLength > byteLength) {
          throw protocol("the snapshot is not as long as announced");
        }
        if (transfer.phase === "superseded") throw protocol("another transfer took the place");
        await stage.write(chunk);
        stall.progressed(chunk.byteLength);
      }
      const crc32 = decodeSnapshotDigest(await nextFrame(frames));
      await stage.complete({ byteLength, crc32 });
    } catch (error) {
      this.#abandonLater(stage);
      throw error;
    }
    transfer.phase = "installing";
    stall.restart();
    return (await this.#ports.snapshots.take(message, stage)) ? undefined : "stale";
  }

  // The room of what nobody goes on with is freed.
  #abandonLater(stage: SnapshotStage): void {
    if (this.#closed) return;
    this.#cancelAbandon = this.#ports.options.clock.setTimer(SNAPSHOT_RESUME_MS, () => {
      stage.abort().catch((error: unknown) => {
        this.#ports.options.logger.debug("a part of a snapshot stays until the end", { error });
      });
    });
  }
}

async function nextFrame(frames: Frames): Promise<Uint8Array> {
  const next = await frames.next();
  if (next.done === true) throw protocol("the snapshot is cut off");
  return next.value;
}

function protocol(message: string): RaftNodeError {
  return new RaftNodeError("protocol", message);
}

// What is the store's fault or the sender's is told; for anything else the connection ends.
function refusalOf(error: unknown): SnapshotRefusal | undefined {
  if (isCode(error, "disk-full")) return "disk-full";
  if (isCode(error, "checksum")) return "checksum";
  if (isCode(error, "stale-snapshot")) return "stale";
  return isCode(error, "failed", "too-large", "superseded", "closed") ? "not-stored" : undefined;
}
