import type { LinkPorts } from "./peer-link.ts";
import type { NodeId, SnapshotMessage } from "@waggle/raft-core";
import type { PeerConnection } from "./connection.ts";
import type { RaftStore, SnapshotReader } from "@waggle/raft-storage";
import { RaftNodeError } from "../errors.ts";
import { SNAPSHOT_SENDS_MAX, SNAPSHOT_STALL_MS } from "../limits.ts";
import { SNAPSHOT_PROTOCOL } from "./connection.ts";
import { encodeSnapshotHeader } from "./frames.ts";
import { dialPeer } from "./peer-link.ts";

/** What sending snapshots needs of the node. */
export interface SnapshotSenderPorts extends Pick<LinkPorts, "options"> {
  readonly store: Pick<RaftStore, "openSnapshot">;
  readonly onDone: (peer: NodeId, outcome: "finished" | "failed") => void;
}

/** Streams the newest snapshot to peers that are too far behind, each on a connection of its own. */
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
    try {
      await this.#transfer(message);
      onDone(peer, "finished");
    } catch (error) {
      options.logger.warn("a snapshot did not arrive", { peer, error });
      if (!this.#stop.signal.aborted) onDone(peer, "failed");
    } finally {
      this.#busy.delete(peer);
    }
  }

  async #transfer(message: SnapshotMessage): Promise<void> {
    const reader = await this.#ports.store.openSnapshot();
    if (reader === undefined) throw new RaftNodeError("stopped", "there is no snapshot to send");
    try {
      const target = { protocol: SNAPSHOT_PROTOCOL, stop: this.#stop.signal };
      const connection = await dialPeer(this.#ports, message.to, target);
      const destroy = (): void => {
        connection.destroy();
      };
      this.#stop.signal.addEventListener("abort", destroy, { once: true });
      try {
        await this.#stream(connection, reader, message);
      } finally {
        this.#stop.signal.removeEventListener("abort", destroy);
        destroy();
      }
    } finally {
      await reader.close();
    }
  }

  async #stream(
    connection: PeerConnection,
    reader: SnapshotReader,
    message: SnapshotMessage,
  ): Promise<void> {
    const { clock } = this.#ports.options;
    const startTimer = (): (() => void) =>
      clock.setTimer(SNAPSHOT_STALL_MS, () => {
        connection.destroy();
      });
    let cancel = startTimer();
    const progressed = (): void => {
      cancel();
      cancel = startTimer();
    };
    try {
      // The store may hold a newer one by now than the core knew; the message names what is sent.
      const snapshot = { ...message.snapshot, metadata: reader.metadata };
      const header = { byteLength: reader.byteLength, message: { ...message, snapshot } };
      await connection.send(encodeSnapshotHeader(header));
      for await (const chunk of reader.chunks()) {
        await connection.send(chunk);
        progressed();
      }
      for await (const answer of connection.frames) {
        if (answer.byteLength === 1 && answer[0] === 1) return;
        break;
      }
      throw new RaftNodeError("protocol", "the peer did not take the snapshot");
    } finally {
      cancel();
    }
  }
}
