import { TransportError } from "../errors.ts";
import { assert } from "../internal/assert.ts";
import { FrameQueue } from "../internal/frame-queue.ts";
import type { Address, Connection } from "../transport.ts";
import type { Fabric } from "./fabric.ts";
import { MemoryPipe } from "./pipe.ts";

/** One side of a memory connection. */
export class MemoryConnection implements Connection {
  readonly protocol: string;
  readonly local: Address;
  readonly remote: Address;
  readonly keyId = "";
  readonly frames: FrameQueue;
  readonly closed: Promise<TransportError | undefined>;
  readonly #fabric: Fabric;
  readonly #gone = Promise.withResolvers<TransportError | undefined>();
  #outgoing: MemoryPipe | undefined;
  #incoming: MemoryPipe | undefined;
  #over: { readonly error: TransportError | undefined } | undefined;

  constructor(fabric: Fabric, options: Pick<MemoryConnection, "protocol" | "local" | "remote">) {
    this.protocol = options.protocol;
    this.local = options.local;
    this.remote = options.remote;
    this.frames = new FrameQueue(fabric.limits);
    this.closed = this.#gone.promise;
    this.#fabric = fabric;
    fabric.connections.add(this);
  }

  /** Joins two sides to one connection. */
  static join(fabric: Fabric, left: MemoryConnection, right: MemoryConnection): void {
    left.#outgoing = right.#incoming = left.#pipeTo(fabric, right);
    right.#outgoing = left.#incoming = right.#pipeTo(fabric, left);
  }

  async send(frame: Uint8Array): Promise<void> {
    const limit = this.#fabric.limits.frameBytesMax;
    if (frame.length > limit) {
      throw new TransportError("frame-too-large", `a frame has at most ${limit} bytes`, {
        limit,
        actual: frame.length,
      });
    }
    if (this.#over !== undefined) {
      throw this.#over.error ?? new TransportError("closed", "the connection is closed");
    }
    await this.#pipe.send(frame);
  }

  close(): Promise<void> {
    if (this.#over === undefined) {
      this.#pipe.sendGoodbye();
      this.frames.discard();
      this.#settle(undefined);
    }
    return Promise.resolve();
  }

  destroy(reason?: TransportError): void {
    if (this.#over !== undefined) return;
    const error = reason ?? new TransportError("aborted", "the connection was destroyed here");
    this.#pipe.reset(error);
    this.frames.discard(error);
    this.#settle(error);
  }

  /** Ends this side because the other is gone or out of reach. */
  breakOff(message: string): void {
    if (this.#over !== undefined) return;
    const error = new TransportError("broken", message, { address: this.remote });
    this.#pipe.drop(error);
    this.frames.finish(error);
    this.#settle(error);
  }

  /** Lets frames that were held up come in; those of a side that has closed since as well. */
  resume(): void {
    this.#incoming?.pump();
  }

  get #pipe(): MemoryPipe {
    assert(this.#outgoing !== undefined, "both sides are joined before either is handed out");
    return this.#outgoing;
  }

  #pipeTo(fabric: Fabric, peer: MemoryConnection): MemoryPipe {
    return new MemoryPipe({
      fabric,
      from: this.local.host,
      to: peer.local.host,
      inbox: peer.frames,
      onEnd: (kind) => peer.#peerEnded(kind),
    });
  }

  #peerEnded(kind: "goodbye" | "reset"): void {
    if (kind === "reset") {
      this.breakOff("the other side cut the connection");
    } else if (this.#over === undefined) {
      this.#pipe.drop(new TransportError("closed", "the other side closed the connection"));
      this.frames.finish();
      this.#settle(undefined);
    }
  }

  #settle(error: TransportError | undefined): void {
    this.#over = { error };
    this.#fabric.connections.delete(this);
    this.#gone.resolve(error);
  }
}
