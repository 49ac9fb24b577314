import { TransportError } from "../errors.ts";
import { FrameKind } from "../framing/encode.ts";
import { isProtocolName } from "../protocol-name.ts";
import { NodeConnection } from "./connection.ts";
import type { FramedSocket } from "./framed-socket.ts";
import type { NodeSettings } from "./options.ts";

/**
 * First bytes of the payload of `hello` and `accept`: `WGTR` and the version of the framing.
 * `hello` goes on with the protocol name in ASCII.
 */
const preamble: Uint8Array = Uint8Array.of(0x57, 0x47, 0x54, 0x52, 1);

/** Says hello and waits for the accept. The socket must be connected. */
export function greet(
  socket: FramedSocket,
  settings: NodeSettings,
  protocol: string,
): Promise<NodeConnection> {
  const hello = Buffer.concat([preamble, Buffer.from(protocol, "latin1")]);
  const outcome = awaitFirstFrame(socket, settings, (kind, payload) =>
    kind === FrameKind.accept && Buffer.compare(payload, preamble) === 0 ? protocol : undefined,
  );
  socket.write(FrameKind.hello, hello);
  return outcome;
}

/** Waits for the hello and answers it. The socket's frame limit must be 0 until then. */
export async function receive(
  socket: FramedSocket,
  settings: NodeSettings,
  frameBytesMax: number,
): Promise<NodeConnection> {
  const outcome = awaitFirstFrame(socket, settings, (kind, payload) => {
    const name = Buffer.from(payload.subarray(preamble.length)).toString("latin1");
    const good =
      kind === FrameKind.hello &&
      Buffer.compare(payload.subarray(0, preamble.length), preamble) === 0 &&
      isProtocolName(name);
    if (!good) return undefined;
    socket.setFrameBytesMax(frameBytesMax);
    socket.write(FrameKind.accept, preamble);
    return name;
  });
  return outcome;
}

/** Reads the protocol from the peer's first frame and makes the connection in the same turn, so that no frame is lost. */
function awaitFirstFrame(
  socket: FramedSocket,
  settings: NodeSettings,
  read: (kind: FrameKind, payload: Uint8Array) => string | undefined,
): Promise<NodeConnection> {
  const outcome = Promise.withResolvers<NodeConnection>();
  const timer = setTimeout(() => {
    socket.destroy(
      new TransportError("timeout", "the other side did not finish the handshake in time", {
        address: socket.remote,
        limit: settings.handshakeTimeoutMs,
      }),
    );
  }, settings.handshakeTimeoutMs);
  socket.handler = {
    onFrame: ({ kind, payload }) => {
      clearTimeout(timer);
      const protocol = read(kind, payload);
      if (protocol === undefined) {
        const text = "the other side does not speak this transport";
        socket.destroy(new TransportError("protocol", text, { address: socket.remote }));
      } else {
        outcome.resolve(new NodeConnection(socket, settings, protocol));
      }
    },
    onGone: (error) => {
      clearTimeout(timer);
      outcome.reject(refusedIfBroken(error, socket));
    },
  };
  return outcome.promise;
}

/** A peer that hangs up before the handshake is over has refused: it is at a limit, or closing. */
function refusedIfBroken(error: TransportError | undefined, socket: FramedSocket): TransportError {
  if (error !== undefined && error.code !== "broken") return error;
  return new TransportError("refused", "the other side hung up during the handshake", {
    address: socket.remote,
    cause: error,
  });
}
