import { connect } from "node:net";
import { isTransportError, TransportError } from "../errors.ts";
import type { Address, DialOptions } from "../transport.ts";
import type { NodeConnection } from "./connection.ts";
import { FramedSocket } from "./framed-socket.ts";
import { greet } from "./handshake.ts";
import { KEEP_ALIVE_DELAY_MS } from "./limits.ts";
import type { NodeSettings } from "./options.ts";

/** Connects and shakes hands. What is left of a failed attempt is destroyed before this rejects. */
export async function dialNode(
  to: Address,
  settings: NodeSettings,
  options: DialOptions,
): Promise<NodeConnection> {
  const { protocol, signal } = options;
  if (signal?.aborted === true) throw aborted(signal, to);
  const connected = Promise.withResolvers<undefined>();
  const socket = connect({
    host: to.host,
    port: to.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  });
  const framed = new FramedSocket(socket, {
    frameBytesMax: settings.limits.frameBytesMax,
    remote: to,
    handler: {
      onFrame: () => framed.destroy(new TransportError("protocol", "a frame before its time")),
      onGone: (error) =>
        connected.reject(
          error ?? new TransportError("broken", "the connect failed", { address: to }),
        ),
    },
  });
  socket.once("connect", () => connected.resolve(undefined));
  const onAbort = (): void => framed.destroy(aborted(signal, to));
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => framed.destroy(connectTimeout(to, settings)),
    settings.connectTimeoutMs,
  );
  try {
    await connected.promise;
    clearTimeout(timer);
    return await greet(framed, settings, protocol);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function aborted(signal: AbortSignal | undefined, address: Address): TransportError {
  const cause: unknown = signal?.reason;
  // The transport's own shutdown comes this way too.
  if (isTransportError(cause) && cause.code === "closed") return cause;
  return new TransportError("aborted", "the dial was aborted", { address, cause });
}

function connectTimeout(address: Address, settings: NodeSettings): TransportError {
  return new TransportError("timeout", `no connection within ${settings.connectTimeoutMs} ms`, {
    address,
    limit: settings.connectTimeoutMs,
  });
}
