import { TransportError } from "../errors.ts";
import type { Frame } from "../framing/decode.ts";
import { FrameKind } from "../framing/encode.ts";
import { FrameQueue } from "../internal/frame-queue.ts";
import type { Address, Connection } from "../transport.ts";
import type { FramedSocket, FramedSocketHandler } from "./framed-socket.ts";
import type { NodeSettings } from "./options.ts";

const empty = new Uint8Array(0);

/**
 * A connection whose handshake is over.
 *
 * ```text
 * open ──close() or goodbye received──► closing ──socket closed──► gone
 *   └──────────── destroy(), error, silence ─────────────────────────┘
 * ```
 */
export class NodeConnection implements Connection, FramedSocketHandler {
  readonly protocol: string;
  readonly remote: Address;
  readonly keyId = "";
  readonly frames: FrameQueue;
  readonly closed: Promise<TransportError | undefined>;
  readonly #socket: FramedSocket;
  readonly #settings: NodeSettings;
  readonly #gone = Promise.withResolvers<TransportError | undefined>();
  #state: "open" | "closing" | "gone" = "open";
  #reason: TransportError | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(socket: FramedSocket, settings: NodeSettings, protocol: string) {
    this.#socket = socket;
    this.#settings = settings;
    this.protocol = protocol;
    this.remote = socket.remote;
    this.closed = this.#gone.promise;
    this.frames = new FrameQueue(settings.limits);
    this.frames.onSpace = () => this.#resume();
    socket.handler = this;
    if (settings.idlePingMs > 0) {
      this.#idleTimer = setInterval(() => this.#watchIdle(), settings.idlePingMs).unref();
    }
  }

  async send(frame: Uint8Array): Promise<void> {
    const { frameBytesMax, outboundBytesMax } = this.#settings.limits;
    if (frame.length > frameBytesMax) {
      throw new TransportError("frame-too-large", `a frame has at most ${frameBytesMax} bytes`, {
        limit: frameBytesMax,
        actual: frame.length,
      });
    }
    if (this.#state !== "open") {
      throw (
        this.#reason ??
        new TransportError("closed", "the connection is closed", { address: this.remote })
      );
    }
    const waiting = this.#socket.outboundBytes;
    if (waiting > 0 && waiting + frame.length > outboundBytesMax) {
      throw new TransportError("queue-full", `more than ${outboundBytesMax} bytes wait to leave`, {
        limit: outboundBytesMax,
        actual: waiting + frame.length,
      });
    }
    if (!this.#socket.write(FrameKind.data, frame)) await this.#socket.drained();
  }

  setFrameBytesMax(frameBytesMax: number): void {
    this.#socket.setFrameBytesMax(Math.min(frameBytesMax, this.#settings.limits.frameBytesMax));
  }

  async close(): Promise<void> {
    if (this.#state === "open") {
      this.frames.discard();
      this.#sayGoodbye();
    }
    await this.closed;
  }

  destroy(reason?: TransportError): void {
    if (this.#state === "gone") return;
    this.#state = "closing";
    this.#reason ??= reason ?? new TransportError("aborted", "the connection was destroyed here");
    this.frames.discard(this.#reason);
    this.#socket.destroy(this.#reason);
  }

  onFrame({ kind, payload }: Frame): void {
    switch (kind) {
      case FrameKind.data:
        if (this.#state !== "open") return;
        this.frames.push(payload);
        if (this.frames.full && !this.#socket.paused) this.#socket.pause();
        return;
      case FrameKind.ping:
        // One answer at a time may wait, so that a peer that pings and does not read costs nothing.
        if (this.#state === "open" && this.#socket.outboundBytes === 0)
          this.#sayAlive(FrameKind.pong);
        return;
      case FrameKind.pong:
        return;
      case FrameKind.goodbye:
        if (this.#state !== "open") return;
        this.frames.finish();
        this.#sayGoodbye();
        return;
      case FrameKind.hello:
      case FrameKind.accept:
        this.#fail(new TransportError("protocol", "a second handshake came in"));
    }
  }

  onGone(error: TransportError | undefined): void {
    clearTimeout(this.#closeTimer);
    clearInterval(this.#idleTimer);
    const clean = this.#state === "closing" && this.#socket.finished;
    const reason =
      this.#reason ??
      (clean
        ? undefined
        : (error ??
          new TransportError("broken", "the other side went without a goodbye", {
            address: this.remote,
          })));
    this.#state = "gone";
    this.#reason = reason;
    this.frames.finish(reason);
    this.#gone.resolve(reason);
  }

  #fail(reason: TransportError): void {
    this.#state = "closing";
    this.#reason ??= reason;
    this.frames.finish(this.#reason);
    this.#socket.destroy(this.#reason);
  }

  #sayGoodbye(): void {
    this.#state = "closing";
    clearInterval(this.#idleTimer);
    this.#socket.write(FrameKind.goodbye, empty);
    this.#socket.end();
    // What still comes in is read and dropped: the peer's end stands behind it.
    this.#socket.resume();
    this.#closeTimer = setTimeout(() => this.#cutClose(), this.#settings.closeTimeoutMs);
  }

  #cutClose(): void {
    if (this.#socket.finished) {
      this.#socket.destroy(undefined);
      return;
    }
    this.#fail(
      new TransportError("timeout", "queued frames did not leave in time", {
        address: this.remote,
        limit: this.#settings.closeTimeoutMs,
      }),
    );
  }

  #resume(): void {
    if (!this.#socket.paused) return;
    // Silence counts from here: while paused nothing was read.
    this.#socket.lastReceivedMs = performance.now();
    this.#socket.resume();
  }

  #watchIdle(): void {
    if (this.#socket.paused) {
      // The peer's pings stay unread while the consumer is slow; tell it unasked that this side lives.
      if (this.#socket.outboundBytes === 0) this.#sayAlive(FrameKind.pong);
      return;
    }
    const { idlePingMs, idleTimeoutMs } = this.#settings;
    const silentMs = performance.now() - this.#socket.lastReceivedMs;
    if (silentMs >= idleTimeoutMs) {
      // This process may have slept itself: what has come in meanwhile is read before the verdict.
      setImmediate(() => this.#cutIfSilent());
    } else if (silentMs >= idlePingMs / 2 && this.#socket.outboundBytes === 0) {
      this.#sayAlive(FrameKind.ping);
    }
  }

  #cutIfSilent(): void {
    const limit = this.#settings.idleTimeoutMs;
    if (this.#state !== "open" || this.#socket.paused) return;
    if (performance.now() - this.#socket.lastReceivedMs < limit) return;
    this.#fail(
      new TransportError("timeout", `no sign of the other side for ${limit} ms`, {
        address: this.remote,
        limit,
      }),
    );
  }

  #sayAlive(kind: typeof FrameKind.ping | typeof FrameKind.pong): void {
    this.#socket.write(kind, empty);
  }
}
