import { TransportError } from "../errors.ts";
import { BATCH_BYTES_MAX } from "./limits.ts";

interface Entry {
  readonly frame: Uint8Array;
  readonly outcome: PromiseWithResolvers<void>;
}

/**
 * Frames that wait to be sealed. One writer takes them batch by batch and waits for the network in between, so that a
 * record, once sealed, is never refused: a gap in the numbers would break the connection.
 */
export class Outbox {
  readonly #limits: { readonly frameBytesMax: number; readonly outboundBytesMax: number };
  readonly #write: (frames: readonly Uint8Array[]) => Promise<void>;
  #entries: Entry[] = [];
  #bytes = 0;
  #writing: Promise<void> | undefined;
  #failure: TransportError | undefined;

  constructor(
    limits: { readonly frameBytesMax: number; readonly outboundBytesMax: number },
    write: (frames: readonly Uint8Array[]) => Promise<void>,
  ) {
    this.#limits = limits;
    this.#write = write;
  }

  /** Resolves when the frame's record was handed on. @throws TransportError `queue-full`. */
  async send(frame: Uint8Array): Promise<void> {
    const limit = this.#limits.outboundBytesMax;
    if (this.#bytes > 0 && this.#bytes + frame.length > limit) {
      throw new TransportError("queue-full", `more than ${limit} bytes wait to be sent`, {
        limit,
        actual: this.#bytes + frame.length,
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    const entry: Entry = { frame, outcome: Promise.withResolvers() };
    this.#entries.push(entry);
    this.#bytes += frame.length;
    this.#writing ??= this.#drain();
    await entry.outcome.promise;
  }

  /** Resolves when nothing waits any more, sent or failed. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  /** Fails what waits and what comes. */
  fail(error: TransportError): void {
    this.#failure ??= error;
    for (const entry of this.#entries.splice(0)) entry.outcome.reject(this.#failure);
    this.#bytes = 0;
  }

  async #drain(): Promise<void> {
    // One turn later, frames of the same turn go into one record.
    await Promise.resolve();
    while (this.#entries.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#write(batch.map(({ frame }) => frame));
        for (const entry of batch) entry.outcome.resolve();
      } catch (error) {
        for (const entry of batch) entry.outcome.reject(error);
      }
      if (this.#failure !== undefined) continue;
      for (const { frame } of batch) this.#bytes -= frame.length;
    }
    this.#writing = undefined;
  }

  #takeBatch(): Entry[] {
    const most = Math.min(BATCH_BYTES_MAX, this.#limits.frameBytesMax);
    let count = 0;
    let bytes = 0;
    for (const { frame } of this.#entries) {
      bytes += 4 + frame.length;
      if (count > 0 && bytes > most) break;
      count += 1;
    }
    return this.#entries.splice(0, count);
  }
}
