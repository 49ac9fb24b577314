import { TransportError } from "../errors.ts";

/** Bounds of a {@link FrameQueue}; it is `full` from either on. */
export interface FrameQueueLimits {
  readonly inboundFramesMax: number;
  readonly inboundBytesMax: number;
}

type Waiter = PromiseWithResolvers<IteratorResult<Uint8Array, undefined>>;

/**
 * Received frames on their way to one consumer. It never refuses a frame: its owner watches `full`, stops reading, and
 * goes on when `onSpace` is called (at half the limits, so that pausing does not flutter).
 */
export class FrameQueue implements AsyncIterable<Uint8Array> {
  onSpace: () => void = () => undefined;
  readonly #limits: FrameQueueLimits;
  #frames: (Uint8Array | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #wasFull = false;
  #waiter: Waiter | undefined;
  #end: { readonly error: TransportError | undefined } | undefined;

  constructor(limits: FrameQueueLimits) {
    this.#limits = limits;
  }

  get full(): boolean {
    return (
      this.#length >= this.#limits.inboundFramesMax || this.#bytes >= this.#limits.inboundBytesMax
    );
  }

  get #length(): number {
    return this.#frames.length - this.#head;
  }

  /** Adds a frame; after the end it is dropped. */
  push(frame: Uint8Array): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve({ done: false, value: frame });
      return;
    }
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.full) this.#wasFull = true;
  }

  /** Ends the queue behind the frames that wait; the first end counts. */
  finish(error?: TransportError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) return;
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }

  /** Ends the queue and drops what waits: nobody is to read it any more. */
  discard(error?: TransportError): void {
    this.#frames = [];
    this.#head = 0;
    this.#bytes = 0;
    this.finish(error);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return { next: async () => this.#next() };
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#shift();
    if (value !== undefined) return { done: false, value };
    if (this.#end !== undefined) {
      if (this.#end.error !== undefined) throw this.#end.error;
      return { done: true, value: undefined };
    }
    if (this.#waiter !== undefined) {
      throw new TransportError("invalid-argument", "the frames of a connection have one consumer");
    }
    this.#waiter = Promise.withResolvers();
    return this.#waiter.promise;
  }

  #shift(): Uint8Array | undefined {
    const frame = this.#frames[this.#head];
    if (frame === undefined) return undefined;
    // Its place stays for a while, see below; the frame itself is the consumer's from here on.
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    this.#bytes -= frame.length;
    // The array is cut now and then instead of shifted each time, which would be quadratic.
    if (this.#head === this.#frames.length || this.#head >= 1024) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
    if (this.#wasFull && this.#hasSpace()) {
      this.#wasFull = false;
      this.onSpace();
    }
    return frame;
  }

  #hasSpace(): boolean {
    return (
      this.#length <= this.#limits.inboundFramesMax / 2 &&
      this.#bytes <= this.#limits.inboundBytesMax / 2
    );
  }
}
