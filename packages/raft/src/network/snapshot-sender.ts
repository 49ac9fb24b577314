import type { LinkPorts } from "./peer-link.ts";
import type { NodeId, SnapshotMessage } from "@waggle/raft-core";
import type { PeerConnection } from "./connection.ts";
import type { RaftStore, SnapshotReader } from "@waggle/raft-storage";
import { crc32 } from "node:zlib";
import { RaftNodeError } from "../errors.ts";
import { orAborted } from "../internal/or-aborted.ts";
import { FRAME_BYTES_TARGET, SNAPSHOT_SENDS_MAX } from "../limits.ts";
import { SNAPSHOT_PROTOCOL } from "./connection.ts";
import { dialPeer } from "./peer-link.ts";
import {
  decodeSnapshotAnswer,
  encodeSnapshotDigest,
  encodeSnapshotOffer,
} from "./snapshot-frames.ts";
import { StallTimer } from "./stall-timer.ts";

/** What sending snapshots needs of the node. */
export interface SnapshotSenderPorts extends Pick<LinkPorts, "options"> {
  readonly store: Pick<RaftStore, "openSnapshot">;
  readonly onDone: (peer: NodeId, outcome: "finished" | "failed") => void;
}

/** What watches over one transfer. */
interface Watch {
  readonly signal: AbortSignal;
  readonly stall: StallTimer;
}

/**
 * Streams the newest snapshot to peers that are too far behind, each on a connection of its own. Every transfer ends in
 * `onDone`, since Raft waits for it: with one that failed Raft tries again, and the peer goes on from where it stopped.
 */
export class SnapshotSender {
  readonly #ports: SnapshotSenderPorts;
  readonly #stop = new AbortController();
  readonly #busy = new Set<NodeId>();

  constructor(ports: SnapshotSenderPorts) {
    this.#ports = ports;
  }

  get count(): number {
    return this.#busy.size;
  }

  isSending(peer: NodeId): boolean {
    return this.#busy.has(peer);
  }

  send(message: SnapshotMessage): void {
    void this.#send(message);
  }

  destroy(): void {
    this.#stop.abort();
  }

  async #send(message: SnapshotMessage): Promise<void> {
    const { options, onDone } = this.#ports;
    const peer = message.to;
    // Never inside the caller, which is in the middle of handling a Ready.
    await Promise.resolve();
    if (this.#busy.has(peer)) return;
    if (this.#busy.size >= SNAPSHOT_SENDS_MAX) {
      onDone(peer, "failed");
      return;
    }
    this.#busy.add(peer);
    const outcome = await this.#transfer(message).catch((error: unknown) => {
      options.logger.warn("a snapshot did not arrive", { peer, error });
      return "failed" as const;
    });
    this.#busy.delete(peer);
    if (!this.#stop.signal.aborted) onDone(peer, outcome);
  }

  // A disk or a peer that never answers must not keep the outcome back.
  async #transfer(message: SnapshotMessage): Promise<"finished"> {
    const over = new AbortController();
    const stall = new StallTimer(this.#ports.options.clock, () => {
      over.abort(new RaftNodeError("timeout", "the snapshot made no progress"));
    });
    const signal = AbortSignal.any([this.#stop.signal, over.signal]);
    try {
      await orAborted(this.#readAndSend(message, { signal, stall }), signal);
      return "finished";
    } finally {
      stall.end();
      over.abort();
    }
  }

  async #readAndSend(message: SnapshotMessage, watch: Watch): Promise<void> {
    const reader = await this.#ports.store.openSnapshot();
    if (reader === undefined) throw new RaftNodeError("stopped", "there is no snapshot to send");
    try {
      const target = { protocol: SNAPSHOT_PROTOCOL, stop: watch.signal };
      const connection = await dialPeer(this.#ports, message.to, target);
      const destroy = (): void => {
        connection.destroy();
      };
      watch.signal.addEventListener("abort", destroy, { once: true });
      try {
        await this.#converse(connection, reader, { message, watch });
      } finally {
        destroy();
      }
    } finally {
      await reader.close();
    }
  }

  async #converse(
    connection: PeerConnection,
    reader: SnapshotReader,
    { message, watch }: { readonly message: SnapshotMessage; readonly watch: Watch },
  ): Promise<void> {
    // The store may hold a newer one by now than the core knew; the message names what is sent.
    const snapshot = { ...message.snapshot, metadata: reader.metadata };
    const offer = { byteLength: reader.byteLength, message: { ...message, snapshot } };
    const answers = connection.frames[Symbol.asyncIterator]();
    await connection.send(encodeSnapshotOffer(offer));
    const offset = await nextAnswer(answers);
    if (offset === undefined) return;
    watch.stall.restart();
    const verdict = nextAnswer(answers).then((again) => {
      if (again !== undefined) throw new RaftNodeError("protocol", "the peer asked again");
    });
    const send = async (frame: Uint8Array): Promise<void> => {
      // A peer that refuses closes the connection; what it said comes first.
      await connection.send(frame).catch((error: unknown) =>
        verdict.then(() => {
          throw error;
        }),
      );
      watch.stall.progressed(frame.byteLength);
    };
    await Promise.race([sendFrom(offset, reader, send).then(() => verdict), verdict]);
  }
}

/** From where the peer wants the data, or undefined once it has taken the snapshot. @throws RaftNodeError. */
async function nextAnswer(answers: AsyncIterator<Uint8Array>): Promise<number | undefined> {
  const next = await answers.next();
  if (next.done === true) throw new RaftNodeError("protocol", "the peer hung up on the snapshot");
  const answer = decodeSnapshotAnswer(next.value);
  switch (answer.type) {
    case "go-on":
      return answer.offset;
    case "taken":
      return undefined;
    case "refused":
      throw new RaftNodeError("overloaded", `the peer refused the snapshot: ${answer.why}`);
  }
}

// What the peer has already is read all the same: the digest is over everything.
async function sendFrom(
  offset: number,
  reader: SnapshotReader,
  send: (frame: Uint8Array) => Promise<void>,
): Promise<void> {
  let position = 0;
  let crc = 0;
  for await (const chunk of reader.chunks()) {
    crc = crc32(chunk, crc);
    let from = Math.min(Math.max(offset - position, 0), chunk.byteLength);
    position += chunk.byteLength;
    for (; from < chunk.byteLength; from += FRAME_BYTES_TARGET) {
      await send(chunk.subarray(from, from + FRAME_BYTES_TARGET));
    }
  }
  await send(encodeSnapshotDigest(crc));
}
