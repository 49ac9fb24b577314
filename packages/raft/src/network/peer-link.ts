import type { Message, NodeId } from "@waggle/raft-core";
import type { PeerConnection } from "./connection.ts";
import type { ResolvedOptions } from "../options.ts";
import { createMessageEncoder, encodedMessageSize } from "@waggle/raft-core/codec";
import { RaftNodeError } from "../errors.ts";
import {
  DIAL_TIMEOUT_MS,
  FRAME_BYTES_TARGET,
  OUTBOUND_BYTES_MAX,
  REDIAL_MS_MAX,
  REDIAL_MS_MIN,
} from "../limits.ts";
import { RAFT_PROTOCOL } from "./connection.ts";
import { encodeHello, encodeMessages } from "./frames.ts";

/** What a link needs of its node. */
export interface LinkPorts {
  readonly options: Pick<ResolvedOptions, "id" | "dial" | "clock" | "random" | "logger">;
  /** Messages to the peer were lost. */
  readonly onUnreachable: (peer: NodeId) => void;
}

/** Opens a connection and says hello, within a time limit and until `stop` aborts. */
export async function dialPeer(
  { options }: Pick<LinkPorts, "options">,
  peer: NodeId,
  target: { readonly protocol: string; readonly stop: AbortSignal },
): Promise<PeerConnection> {
  const timeout = new AbortController();
  const cancel = options.clock.setTimer(DIAL_TIMEOUT_MS, () => {
    timeout.abort();
  });
  try {
    const signal = AbortSignal.any([target.stop, timeout.signal]);
    const connection = await raceAbort(options.dial(peer, target.protocol, { signal }), signal);
    try {
      await connection.send(encodeHello({ from: options.id, to: peer }));
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  } finally {
    cancel();
  }
}

// Holds the time limit also when the dial does not heed its signal; what it brings too late is cut.
function raceAbort(dialing: Promise<PeerConnection>, signal: AbortSignal): Promise<PeerConnection> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new RaftNodeError("timeout", "the dial took too long, or the node stopped"));
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    dialing.then(
      (connection) => {
        if (signal.aborted) connection.destroy();
        else resolve(connection);
      },
      (error: unknown) => {
        reject(new RaftNodeError("timeout", "the peer cannot be reached", { cause: error }));
      },
    );
  });
}

/**
 * Messages to one peer in one lane. It connects when there is something to send, and drops what waits whenever that fails: Raft sends
 * again what matters.
 */
export class PeerLink {
  readonly peer: NodeId;
  readonly #ports: LinkPorts;
  readonly #stop = new AbortController();
  readonly #encoder = createMessageEncoder();
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #connection: PeerConnection | undefined;
  #running: Promise<void> | undefined;
  #redialMs = REDIAL_MS_MIN;
  #redialAt = -Infinity;
  #closing = false;

  constructor(peer: NodeId, ports: LinkPorts) {
    this.peer = peer;
    this.#ports = ports;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  send(message: Message): void {
    const waits = this.#connection === undefined && this.#now() < this.#redialAt;
    if (this.#closing || waits) return;
    const full = this.#queuedBytes + encodedMessageSize(message) > OUTBOUND_BYTES_MAX;
    if (full && this.#queue.length > 0) return;
    const bytes = this.#encoder.encode(message);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.byteLength;
    this.#running ??= this.#run();
  }

  /** The peer was heard: a dial is worth while again. */
  wake(): void {
    if (this.#connection === undefined) this.#redialAt = -Infinity;
  }

  /** Lets what waits leave if it is connected, then closes. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#connection === undefined) this.#stop.abort();
    await this.#running;
    await this.#connection?.close().catch(() => undefined);
  }

  destroy(): void {
    this.#closing = true;
    this.#stop.abort();
    this.#connection?.destroy();
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const connection = this.#connection ?? (await this.#connect());
        await connection.send(this.#takeFrame());
      }
    } catch (error) {
      this.#lose(error);
    }
    this.#running = undefined;
  }

  async #connect(): Promise<PeerConnection> {
    const target = { protocol: RAFT_PROTOCOL, stop: this.#stop.signal };
    const connection = await dialPeer(this.#ports, this.peer, target);
    this.#connection = connection;
    this.#redialMs = REDIAL_MS_MIN;
    void connection.closed.then(() => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      if (!this.#closing) this.#ports.onUnreachable(this.peer);
    });
    void this.#ignoreInbound(connection);
    return connection;
  }

  // Nothing comes this way, but a connection notices its end only while it is read.
  async #ignoreInbound(connection: PeerConnection): Promise<void> {
    try {
      for await (const frame of connection.frames) if (frame.byteLength > 0) connection.destroy();
    } catch {
      // The same news comes through `closed`.
    }
  }

  #lose(error: unknown): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#connection?.destroy();
    this.#connection = undefined;
    const { options, onUnreachable } = this.#ports;
    const jitter = 0.5 + options.random();
    this.#redialAt = this.#now() + this.#redialMs * jitter;
    this.#redialMs = Math.min(this.#redialMs * 2, REDIAL_MS_MAX);
    if (this.#closing) return;
    options.logger.debug("peer is not reachable", { peer: this.peer, error });
    onUnreachable(this.peer);
  }

  #takeFrame(): Uint8Array {
    let bytes = 0;
    let count = 0;
    for (const message of this.#queue) {
      if (count > 0 && bytes + message.byteLength > FRAME_BYTES_TARGET) break;
      bytes += message.byteLength;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return encodeMessages(this.#queue.splice(0, count));
  }

  #now(): number {
    return this.#ports.options.clock.now();
  }
}
