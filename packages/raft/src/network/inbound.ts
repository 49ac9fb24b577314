import type { Message, NodeId } from "@waggle/raft-core";
import type { PeerConnection } from "./connection.ts";
import type { ResolvedOptions } from "../options.ts";
import { RaftNodeError } from "../errors.ts";
import { INBOUND_CONNECTIONS_MAX } from "../limits.ts";
import { RAFT_PROTOCOL, SNAPSHOT_PROTOCOL } from "./connection.ts";
import { decodeHello, decodeMessages } from "./frames.ts";
import { SnapshotReceiver, type SnapshotReceiverPorts } from "./snapshot-receiver.ts";

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
  readonly snapshots: SnapshotReceiverPorts["snapshots"];
}

/** The incoming side of the network. */
export class Inbound {
  readonly #ports: InboundPorts;
  readonly #connections = new Set<PeerConnection>();
  readonly #receiver: SnapshotReceiver;
  #closed = false;

  constructor(ports: InboundPorts) {
    this.#ports = ports;
    this.#receiver = new SnapshotReceiver(ports);
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
    this.#receiver.destroy();
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
        await this.#receiver.serve(connection, frames, from);
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
}

// A request for a transfer is made in the name of the node that is to lead; one for a read may have been forwarded.
function checkSender({ type, from: name }: Message, from: NodeId): void {
  const mayForward = type === "transfer-leader" || type === "read-index";
  if ((name === from || mayForward) && type !== "snapshot") return;
  throw new RaftNodeError("protocol", `node ${from} may not send this ${type}`);
}
