import type { Socket } from "node:net";
import { TransportError } from "../errors.ts";
import type { Frame, FrameDecoder } from "../framing/decode.ts";
import { createFrameDecoder } from "../framing/decode.ts";
import { FRAME_HEADER_BYTES, writeFrameHeader } from "../framing/encode.ts";
import type { FrameKind } from "../framing/encode.ts";
import type { Address } from "../transport.ts";
import { COALESCE_BYTES_MAX, CONTROL_BYTES_MAX } from "./limits.ts";
import { mapError } from "./map-error.ts";

/** Who gets what happens on a {@link FramedSocket}; replaced when the handshake is over. */
export interface FramedSocketHandler {
  onFrame(frame: Frame): void;
  /** Called once, when the socket is gone, with the reason if there is one. */
  onGone(error: TransportError | undefined): void;
}

/** A TCP socket that speaks frames: joins small writes of one tick, waits for drain, cuts what it cannot follow. */
export class FramedSocket {
  handler: FramedSocketHandler;
  readonly remote: Address;
  /** When bytes last came in, by `performance.now()`. */
  lastReceivedMs: number = performance.now();
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  #corked = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #error: TransportError | undefined;
  #gone = false;

  constructor(
    socket: Socket,
    options: { frameBytesMax: number; handler: FramedSocketHandler; remote: Address },
  ) {
    this.#socket = socket;
    this.handler = options.handler;
    this.remote = options.remote;
    this.#decoder = createFrameDecoder({
      frameBytesMax: options.frameBytesMax,
      controlBytesMax: CONTROL_BYTES_MAX,
    });
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("drain", () => this.#onDrain());
    // Once its end is queued, a socket reports no drain any more.
    socket.on("finish", () => this.#onDrain());
    socket.on("error", (error) => (this.#error ??= mapError(error, this.remote)));
    socket.on("close", () => this.#onClose());
  }

  /** Bytes that wait in this process to be taken by the system. */
  get outboundBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whether everything written has been taken by the system, the end included. */
  get finished(): boolean {
    return this.#socket.writableFinished;
  }

  get paused(): boolean {
    return this.#socket.isPaused();
  }

  setFrameBytesMax(frameBytesMax: number): void {
    this.#decoder.setFrameBytesMax(frameBytesMax);
  }

  /** Writes a frame; whether the caller may go on at once, else it awaits {@link FramedSocket.drained}. */
  write(kind: FrameKind, payload: Uint8Array): boolean {
    this.#cork();
    if (payload.length <= COALESCE_BYTES_MAX) {
      const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
      writeFrameHeader(bytes, kind, payload.length);
      bytes.set(payload, FRAME_HEADER_BYTES);
      return this.#socket.write(bytes);
    }
    const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
    writeFrameHeader(header, kind, payload.length);
    this.#socket.write(header);
    return this.#socket.write(payload);
  }

  /** Resolves when the system has taken enough; rejects when the socket goes first. */
  async drained(): Promise<void> {
    if (this.#gone) throw this.#error ?? closedError(this.remote);
    this.#drained ??= Promise.withResolvers();
    await this.#drained.promise;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the writing side after what is queued. */
  end(): void {
    this.#uncork();
    this.#socket.end();
  }

  /** Cuts the socket; what is queued is lost. The first reason given counts. */
  destroy(error: TransportError | undefined): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    this.lastReceivedMs = performance.now();
    for (const frame of this.#decoder.decode(chunk)) {
      if (this.#socket.destroyed) return;
      this.handler.onFrame(frame);
    }
    const { error } = this.#decoder;
    if (error !== undefined) this.destroy(error);
  }

  #onDrain(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #onClose(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#drained?.reject(this.#error ?? closedError(this.remote));
    this.handler.onGone(this.#error);
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }
}

function closedError(address: Address): TransportError {
  return new TransportError("closed", "the connection is closed", { address });
}
