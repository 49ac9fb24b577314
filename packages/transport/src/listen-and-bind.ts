import { isTransportError } from "./errors.ts";
import { LISTEN_AND_BIND_ATTEMPTS_MAX } from "./limits.ts";
import type {
  Address,
  BindOptions,
  DatagramSocket,
  Listener,
  ListenOptions,
  Transport,
} from "./transport.ts";

/** Options of {@link listenAndBind}: those of `listen` and `bind` for one address. */
export interface ListenAndBindOptions extends ListenOptions, BindOptions {
  readonly address: Address;
}

/** A listener and a datagram socket on the same port. */
export interface Presence {
  readonly listener: Listener;
  readonly socket: DatagramSocket;
}

/**
 * Listens for streams and binds datagrams on the same port, with any transport. With port 0 it tries again when the
 * system chose a port whose datagram twin is taken; with a given port a taken twin is `address-in-use` and nothing stays
 * open.
 * @throws TransportError as `listen` and `bind` do.
 */
export async function listenAndBind(
  transport: Pick<Transport, "listen" | "bind">,
  options: ListenAndBindOptions,
): Promise<Presence> {
  for (let attempt = 1; ; attempt++) {
    const listener = await transport.listen(options);
    try {
      const socket = await transport.bind({ ...options, address: listener.address });
      return { listener, socket };
    } catch (error) {
      await listener.close();
      const again =
        isTransportError(error) &&
        error.code === "address-in-use" &&
        options.address.port === 0 &&
        attempt < LISTEN_AND_BIND_ATTEMPTS_MAX;
      if (!again) throw error;
    }
  }
}
