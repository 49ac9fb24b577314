import { TransportError } from "../errors.ts";
import type { FrameQueue } from "../internal/frame-queue.ts";
import { OUTBOUND_BYTES_HIGH_WATER } from "../limits.ts";
import type { Fabric } from "./fabric.ts";

/** One direction of a memory connection: frames under way, in order, until the receiver has room for them. */
export class MemoryPipe {
  readonly #fabric: Fabric;
  readonly #from: string;
  readonly #to: string;
  readonly #inbox: FrameQueue;
  readonly #onEnd: (kind: "goodbye" | "reset") => void;
  #items: Item[] = [];
  #bytes = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(options: MemoryPipeOptions) {
    this.#fabric = options.fabric;
    this.#from = options.from;
    this.#to = options.to;
    this.#inbox = options.inbox;
    this.#onEnd = options.onEnd;
    this.#inbox.onSpace = () => this.pump();
  }

  /** Sends a copy of the frame; resolves once few enough bytes are under way. */
  async send(frame: Uint8Array): Promise<void> {
    const limit = this.#fabric.limits.outboundBytesMax;
    if (this.#bytes > 0 && this.#bytes + frame.length > limit) {
      throw new TransportError("queue-full", `more than ${limit} bytes wait to be sent`, {
        limit,
        actual: this.#bytes + frame.length,
      });
    }
    this.#bytes += frame.length;
    // Not `slice`, which copies nothing when the frame is a Buffer.
    this.#post({ kind: "frame", frame: new Uint8Array(frame), arrived: false });
    if (this.#bytes < OUTBOUND_BYTES_HIGH_WATER) return;
    this.#drained ??= Promise.withResolvers();
    await this.#drained.promise;
  }

  /** Ends in good order, behind the frames under way. */
  sendGoodbye(): void {
    this.#post({ kind: "goodbye", arrived: false });
    this.#drained?.resolve();
  }

  /** Ends at once: what is under way is lost, and the other side hears of it. */
  reset(error: TransportError): void {
    this.#items = [];
    this.#bytes = 0;
    this.#drained?.reject(error);
    this.#post({ kind: "reset", arrived: false });
  }

  /** Drops what is under way because the receiver is gone. */
  drop(error: TransportError): void {
    this.#items = [];
    this.#bytes = 0;
    this.#drained?.reject(error);
  }

  /** Delivers what has arrived, as far as the receiver has room and the link is up. */
  pump(): void {
    for (;;) {
      const item = this.#items[0];
      if (!item?.arrived || !this.#fabric.isUp(this.#from, this.#to)) return;
      if (item.kind !== "frame") {
        this.#items = [];
        this.#onEnd(item.kind);
        return;
      }
      if (this.#inbox.full) return;
      this.#items.shift();
      this.#bytes -= item.frame.length;
      this.#inbox.push(item.frame);
      if (this.#bytes < OUTBOUND_BYTES_HIGH_WATER) {
        this.#drained?.resolve();
        this.#drained = undefined;
      }
    }
  }

  #post(item: Item): void {
    this.#items.push(item);
    this.#fabric.afterLatency(this.#from, this.#to, () => {
      item.arrived = true;
      this.pump();
    });
  }
}

interface MemoryPipeOptions {
  readonly fabric: Fabric;
  readonly from: string;
  readonly to: string;
  /** Where frames are delivered. */
  readonly inbox: FrameQueue;
  /** Called when the sender's end arrives. */
  readonly onEnd: (kind: "goodbye" | "reset") => void;
}

type Item =
  | { readonly kind: "frame"; readonly frame: Uint8Array; arrived: boolean }
  | { readonly kind: "goodbye" | "reset"; arrived: boolean };
