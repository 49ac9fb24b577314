import type { Connection, Transport } from "../../src/index.ts";

/** What someone on the wire does with a frame: the frames that go on in its place. */
export type Tap = (frame: Uint8Array, number: number) => readonly Uint8Array[];

/** A transport whose dialed connections pass through someone's hands, in both directions. */
export function tapTransport(inner: Transport, taps: { out?: Tap; in?: Tap }): Transport {
  return {
    dial: async (to, options) => tapConnection(await inner.dial(to, options), taps),
    listen: (options) => inner.listen(options),
    bind: (options) => inner.bind(options),
    close: () => inner.close(),
  };
}

function tapConnection(inner: Connection, taps: { out?: Tap; in?: Tap }): Connection {
  let sent = 0;
  return {
    protocol: inner.protocol,
    remote: inner.remote,
    keyId: inner.keyId,
    closed: inner.closed,
    frames: tapFrames(inner.frames, taps.in),
    send: async (frame) => {
      const frames = taps.out?.(new Uint8Array(frame), sent++) ?? [frame];
      for (const each of frames) await inner.send(each);
    },
    close: () => inner.close(),
    destroy: (reason) => inner.destroy(reason),
  };
}

async function* tapFrames(
  frames: AsyncIterable<Uint8Array>,
  tap: Tap | undefined,
): AsyncGenerator<Uint8Array> {
  let number = 0;
  for await (const frame of frames) yield* tap?.(new Uint8Array(frame), number++) ?? [frame];
}

/** A copy with one bit turned. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = copy[at]! ^ 1;
  return copy;
}
