import { checkAddress } from "../address.ts";
import { isTransportError, TransportError } from "../errors.ts";
import { checkProtocolName } from "../protocol-name.ts";
import type {
  Address,
  BindOptions,
  Connection,
  DatagramSocket,
  DialOptions,
  Listener,
  ListenOptions,
  Transport,
} from "../transport.ts";
import { SealedConnection } from "./connection.ts";
import { DatagramOpener, DatagramSealer } from "./datagram.ts";
import type { InnerConnection, Session } from "./handshake.ts";
import { authenticateAccept, authenticateDial } from "./handshake.ts";
import type { KeySet, SealedKeys } from "./keys.ts";
import { resolveKeys } from "./keys.ts";
import { HANDSHAKE_BYTES_MAX, RECORD_OVERHEAD_BYTES } from "./limits.ts";
import type { SealedSettings, SealedTransportOptions } from "./options.ts";
import { resolveSealedOptions } from "./options.ts";

/** Counters of a sealed transport since it was made. */
export interface SealedTransportStats {
  /** Incoming connections whose handshake is under way now. */
  readonly pendingHandshakes: number;
  /** Incoming connections that did not prove an accepted key in time. */
  readonly handshakesFailed: number;
  /** Incoming connections cut because too many handshakes were under way. */
  readonly connectionsRefused: number;
  /** Datagrams dropped: sealed under no accepted key, changed on the way, or the receiver threw. */
  readonly datagramsDropped: number;
}

/** A transport whose peers have proved a pre-shared key, and whose bytes are encrypted. */
export interface SealedTransport extends Transport {
  /**
   * Replaces all keys, for rotation: first everyone accepts the old and the new key, then everyone uses the new one,
   * then the old one goes. Holds for handshakes and datagrams from now on; connections that stand are left alone.
   * @throws TransportError `invalid-argument`; then the old keys stay.
   */
  setKeys(keys: SealedKeys): void;
  stats(): SealedTransportStats;
}

/** Protocol name under which sealed connections run on the inner transport. */
const INNER_PROTOCOL = "sealed/1";

/**
 * Puts authentication and encryption over a transport, which from then on belongs to it: closing this closes that.
 * @throws TransportError `invalid-argument`.
 */
export function createSealedTransport(
  inner: Transport,
  options: SealedTransportOptions,
): SealedTransport {
  return new Sealed(inner, resolveKeys(options), resolveSealedOptions(options));
}

class Sealed implements SealedTransport {
  readonly #inner: Transport;
  readonly #settings: SealedSettings;
  readonly #connections = new Set<SealedConnection>();
  readonly #counters = {
    pendingHandshakes: 0,
    handshakesFailed: 0,
    connectionsRefused: 0,
    datagramsDropped: 0,
  };
  #keys: KeySet;
  #closed = false;

  constructor(inner: Transport, keys: KeySet, settings: SealedSettings) {
    this.#inner = inner;
    this.#keys = keys;
    this.#settings = settings;
  }

  setKeys(keys: SealedKeys): void {
    this.#keys = resolveKeys(keys);
  }

  stats(): SealedTransportStats {
    return { ...this.#counters };
  }

  async dial(to: Address, options: DialOptions): Promise<Connection> {
    checkAddress(to, 1);
    const protocol = checkProtocolName(options.protocol);
    const { signal } = options;
    const keys = this.#keys;
    const keyId = options.keyId ?? keys.defaultId;
    if (!keys.byId.has(keyId)) {
      throw new TransportError("invalid-argument", `this side does not hold key ${keyId}`);
    }
    const innerOptions = { protocol: INNER_PROTOCOL, ...(signal === undefined ? {} : { signal }) };
    const connection = await this.#inner.dial(to, innerOptions);
    const onAbort = (): void => {
      const cause: unknown = signal?.reason;
      connection.destroy(
        new TransportError("aborted", "the dial was aborted", { address: to, cause }),
      );
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      return await this.#establish(connection, (over) =>
        authenticateDial(over, { keys, keyId, protocol }),
      );
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async listen(options: ListenOptions): Promise<Listener> {
    const gate = { pending: 0, closed: false };
    const listener = await this.#inner.listen({
      address: options.address,
      frameBytesMax: HANDSHAKE_BYTES_MAX,
      onConnection: (connection) => {
        if (gate.pending >= this.#settings.pendingHandshakesMax) {
          this.#counters.connectionsRefused += 1;
          connection.destroy(new TransportError("refused", "too many handshakes are under way"));
        } else {
          void this.#accept(connection, options.onConnection, gate);
        }
      },
    });
    return {
      address: listener.address,
      close: () => {
        gate.closed = true;
        return listener.close();
      },
    };
  }

  async bind(options: BindOptions): Promise<DatagramSocket> {
    const opener = new DatagramOpener();
    const sealer = new DatagramSealer();
    const socket = await this.#inner.bind({
      address: options.address,
      onDatagram: ({ from, data }) => {
        const opened = opener.open(this.#keys, data);
        if (opened === undefined) {
          this.#dropDatagram();
          return;
        }
        try {
          options.onDatagram({ from, data: opened });
        } catch {
          this.#dropDatagram();
        }
      },
    });
    return {
      address: socket.address,
      send: (to, data) => {
        const limit = this.#settings.limits.datagramBytesMax;
        if (data.length > limit) {
          throw new TransportError("datagram-too-large", `a datagram has at most ${limit} bytes`, {
            limit,
            actual: data.length,
          });
        }
        socket.send(to, sealer.seal(this.#keys, data));
      },
      close: () => socket.close(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    await this.#inner.close();
  }

  async #accept(
    connection: Connection,
    onConnection: ListenOptions["onConnection"],
    gate: { pending: number; readonly closed: boolean },
  ): Promise<void> {
    const { frameBytesMax } = this.#settings.limits;
    let sealed: SealedConnection;
    gate.pending += 1;
    this.#counters.pendingHandshakes += 1;
    try {
      sealed = await this.#establish(connection, (over) =>
        authenticateAccept(over, {
          keys: () => this.#keys,
          frameBytesMax: Math.max(frameBytesMax + RECORD_OVERHEAD_BYTES, HANDSHAKE_BYTES_MAX),
        }),
      );
    } catch {
      this.#counters.handshakesFailed += 1;
      return;
    } finally {
      gate.pending -= 1;
      this.#counters.pendingHandshakes -= 1;
    }
    if (gate.closed) {
      sealed.destroy(new TransportError("closed", "the listener is closed"));
      return;
    }
    try {
      onConnection(sealed);
    } catch (error) {
      sealed.destroy(new TransportError("aborted", "onConnection threw", { cause: error }));
    }
  }

  /** Runs one side of the handshake in its time; what fails leaves no connection behind. */
  async #establish(
    connection: Connection,
    authenticate: (inner: InnerConnection) => Promise<Session>,
  ): Promise<SealedConnection> {
    const inner = { connection, frames: connection.frames[Symbol.asyncIterator]() };
    const limit = this.#settings.handshakeTimeoutMs;
    const timer = setTimeout(() => {
      const details = { address: connection.remote, limit };
      connection.destroy(new TransportError("timeout", "the handshake took too long", details));
    }, limit);
    try {
      const session = await authenticate(inner);
      const sealed = new SealedConnection(inner, session, this.#settings);
      this.#connections.add(sealed);
      void sealed.closed.then(() => this.#connections.delete(sealed));
      if (!this.#closed) return sealed;
      throw new TransportError("closed", "the transport is closed");
    } catch (error) {
      const reason = this.#closed
        ? new TransportError("closed", "the transport is closed")
        : handshakeError(error, connection.remote);
      connection.destroy(reason);
      throw reason;
    } finally {
      clearTimeout(timer);
    }
  }

  #dropDatagram(): void {
    this.#counters.datagramsDropped += 1;
  }
}

/** A peer that hangs up before the handshake is over has refused, as far as this side can tell. */
function handshakeError(error: unknown, address: Address): TransportError {
  if (isTransportError(error) && error.code !== "broken" && error.code !== "closed") return error;
  return new TransportError("refused", "the other side hung up during the handshake", {
    address,
    cause: error,
  });
}
