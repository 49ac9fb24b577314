import type { Message, NodeId } from "@waggle/raft-core";
import type { PeerConnection } from "./connection.ts";
import type { ResolvedOptions } from "../options.ts";
import type { SnapshotHeader } from "./frames.ts";
import { RaftNodeError } from "../errors.ts";
import { INBOUND_CONNECTIONS_MAX, SNAPSHOT_STALL_MS } from "../limits.ts";
import { RAFT_PROTOCOL, SNAPSHOT_PROTOCOL } from "./connection.ts";
import { decodeHello, decodeMessages, decodeSnapshotHeader } from "./frames.ts";

/** What came in one frame, and over whose connection. */
export interface InboundFrame {
  readonly from: NodeId;
  readonly messages: readonly Message[];
  readonly byteLength: number;
}

/** Where what arrives goes. */
export interface InboundPorts {
  readonly options: Pick<ResolvedOptions, "id" | "clock" | "logger" | "limits">;
  /** Takes a frame of messages; resolves when there is room for more. @throws for what no peer may send. */
  readonly onMessages: (frame: InboundFrame) => Promise<void>;
  readonly onSnapshot: (header: SnapshotHeader, chunks: readonly Uint8Array[]) => void;
}

/** The incoming side of the network. */
export class Inbound {
  readonly #ports: InboundPorts;
  readonly #connections = new Set<PeerConnection>();
  #snapshotBytes = 0;
  #closed = false;

  constructor(ports: InboundPorts) {
    this.#ports = ports;
  }

  /** Takes over a connection. Whatever is wrong with it ends it alone. */
  accept(connection: PeerConnection): void {
    if (this.#closed || this.#connections.size >= INBOUND_CONNECTIONS_MAX) {
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    void this.#serve(connection).finally(() => this.#connections.delete(connection));
  }

  destroy(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.destroy();
  }

  async #serve(connection: PeerConnection): Promise<void> {
    try {
      const frames = connection.frames[Symbol.asyncIterator]();
      const first = await frames.next();
      if (first.done !== true) await this.#read(connection, frames, this.#greet(first.value));
      await connection.close();
    } catch (error) {
      this.#ports.options.logger.debug("an inbound connection ended", { error });
      connection.destroy();
    }
  }

  #greet(frame: Uint8Array): NodeId {
    const { from, to } = decodeHello(frame);
    const { id } = this.#ports.options;
    if (to !== id) throw new RaftNodeError("protocol", `a peer takes node ${id} for ${to}`);
    return from;
  }

  async #read(
    connection: PeerConnection,
    frames: AsyncIterator<Uint8Array>,
    from: NodeId,
  ): Promise<void> {
    switch (connection.protocol) {
      case RAFT_PROTOCOL:
        await this.#readMessages(frames, from);
        return;
      case SNAPSHOT_PROTOCOL:
        await this.#readSnapshot(connection, frames, from);
        return;
      default:
        throw new RaftNodeError("protocol", `unknown protocol ${connection.protocol}`);
    }
  }

  async #readMessages(frames: AsyncIterator<Uint8Array>, from: NodeId): Promise<void> {
    for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
      const messages = decodeMessages(next.value);
      for (const message of messages) checkSender(message, from);
      await this.#ports.onMessages({ from, messages, byteLength: next.value.byteLength });
    }
  }

  async #readSnapshot(
    connection: PeerConnection,
    frames: AsyncIterator<Uint8Array>,
    from: NodeId,
  ): Promise<void> {
    const first = await frames.next();
    if (first.done === true) return;
    const header = decodeSnapshotHeader(first.value);
    if (header.message.from !== from) throw new RaftNodeError("protocol", "sent for another node");
    const { limits } = this.#ports.options;
    if (this.#snapshotBytes + header.byteLength > limits.snapshotBytesMax) {
      throw new RaftNodeError("overloaded", `no room for a snapshot of ${header.byteLength} bytes`);
    }
    this.#snapshotBytes += header.byteLength;
    try {
      const chunks = await this.#collect(connection, frames, header.byteLength);
      this.#ports.onSnapshot(header, chunks);
      await connection.send(new Uint8Array([1]));
    } finally {
      this.#snapshotBytes -= header.byteLength;
    }
  }

  async #collect(
    connection: PeerConnection,
    frames: AsyncIterator<Uint8Array>,
    byteLength: number,
  ): Promise<readonly Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let received = 0;
    while (received < byteLength) {
      const cancel = this.#ports.options.clock.setTimer(SNAPSHOT_STALL_MS, () => {
        connection.destroy();
      });
      const next = await frames.next().finally(cancel);
      if (next.done === true) throw new RaftNodeError("protocol", "the snapshot is cut off");
      received += next.value.byteLength;
      if (received > byteLength || next.value.byteLength === 0) {
        throw new RaftNodeError("protocol", "the snapshot is longer than announced");
      }
      chunks.push(next.value);
    }
    return chunks;
  }
}

// A request for a transfer is made in the name of the node that is to lead; one for a read may have been forwarded.
function checkSender({ type, from: name }: Message, from: NodeId): void {
  const mayForward = type === "transfer-leader" || type === "read-index";
  if ((name === from || mayForward) && type !== "snapshot") return;
  throw new RaftNodeError("protocol", `node ${from} may not send this ${type}`);
}
