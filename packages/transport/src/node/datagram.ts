import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { checkAddress } from "../address.ts";
import { TransportError } from "../errors.ts";
import type { Address, BindOptions, DatagramSocket } from "../transport.ts";
import { DATAGRAM_QUEUE_BYTES_MAX } from "./limits.ts";
import { mapError } from "./map-error.ts";
import { lookupMapped, unmapHost } from "./mapped-address.ts";
import type { NodeSettings } from "./options.ts";

/** What the datagram sockets of a transport count. */
export interface DatagramCounters {
  datagramsDropped: number;
}

/** What a datagram socket needs of its transport. */
export interface DatagramHost {
  readonly settings: NodeSettings;
  readonly counters: DatagramCounters;
  /** Called when a socket closes. */
  forget(socket: DatagramSocket): void;
}

/** Kernel buffer asked for, in bytes: a burst of gossip while the event loop is busy. The system may grant less. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** Binds a UDP socket; resolves with the port that was chosen. */
export async function bindNode(host: DatagramHost, options: BindOptions): Promise<DatagramSocket> {
  const { address } = options;
  const recvBufferSize = RECEIVE_BUFFER_BYTES;
  const socket = address.host.includes(":")
    ? createSocket({ type: "udp6", recvBufferSize, lookup: lookupMapped })
    : createSocket({ type: "udp4", recvBufferSize });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.once("error", reject);
  socket.bind({ address: address.host, port: address.port, exclusive: true }, () =>
    resolve(undefined),
  );
  try {
    await promise;
  } catch (error) {
    socket.close();
    throw error instanceof Error ? mapError(error, address) : error;
  }
  socket.off("error", reject);
  // After the bind, errors concern single packets: they are losses.
  socket.on("error", () => (host.counters.datagramsDropped += 1));
  return new NodeDatagramSocket(socket, host, options);
}

class NodeDatagramSocket implements DatagramSocket {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #host: DatagramHost;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, host: DatagramHost, options: BindOptions) {
    this.#socket = socket;
    this.#host = host;
    this.address = { host: options.address.host, port: socket.address().port };
    socket.on("message", (data, remote) => {
      if (data.length > host.settings.limits.datagramBytesMax) {
        this.#drop();
        return;
      }
      try {
        const from = { host: unmapHost(remote.address), port: remote.port };
        options.onDatagram({ from, data });
      } catch {
        this.#drop();
      }
    });
  }

  send(to: Address, data: Uint8Array): void {
    checkAddress(to, 1);
    const limit = this.#host.settings.limits.datagramBytesMax;
    if (data.length > limit) {
      throw new TransportError("datagram-too-large", `a datagram has at most ${limit} bytes`, {
        limit,
        actual: data.length,
      });
    }
    if (this.#closing !== undefined) {
      throw new TransportError("closed", "the datagram socket is closed");
    }
    if (this.#socket.getSendQueueSize() + data.length > DATAGRAM_QUEUE_BYTES_MAX) {
      this.#drop();
      return;
    }
    this.#socket.send(data, to.port, to.host, (error) => {
      if (error !== null) this.#drop();
    });
  }

  close(): Promise<void> {
    this.#host.forget(this);
    this.#closing ??= new Promise((resolve) => this.#socket.close(() => resolve()));
    return this.#closing;
  }

  #drop(): void {
    this.#host.counters.datagramsDropped += 1;
  }
}
