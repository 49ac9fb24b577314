import type { Message } from "../messages.ts";
import { encodeMessageInto, encodedMessageSize } from "./encode-message.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { ENCODER_BLOCK_BYTES } from "./limits.ts";

/** Encodes many messages, of which most are small: asking for a buffer takes longer than filling it. */
export interface MessageEncoder {
  /**
   * A message as raftpb bytes, which nobody writes to again. Many messages share a block of `ENCODER_BLOCK_BYTES`, and each
   * keeps all of it alive: use one encoder for what is let go of together, as the queue to one peer is.
   */
  encode(message: Message): Uint8Array;
}

/** An encoder with a block of its own. */
export function createMessageEncoder(format: WireFormat = STANDARD): MessageEncoder {
  return new BlockEncoder(format);
}

class BlockEncoder implements MessageEncoder {
  readonly #format: WireFormat;
  #block = new Uint8Array(0);
  #used = 0;

  constructor(format: WireFormat) {
    this.#format = format;
  }

  encode(message: Message): Uint8Array {
    const size = encodedMessageSize(message, this.#format);
    // At most half of a block is left unused.
    if (size > ENCODER_BLOCK_BYTES / 2) {
      const bytes = new Uint8Array(size);
      encodeMessageInto(message, bytes, 0, this.#format);
      return bytes;
    }
    if (size > this.#block.byteLength - this.#used) {
      this.#block = new Uint8Array(ENCODER_BLOCK_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = encodeMessageInto(message, this.#block, start, this.#format);
    return this.#block.subarray(start, this.#used);
  }
}
