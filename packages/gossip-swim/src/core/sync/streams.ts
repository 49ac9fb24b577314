import type { Address } from "../../address.ts";
import type { StreamMessage } from "../../codec/messages.ts";
import { streamsMax } from "../../limits.ts";
import type { Context } from "../context.ts";
import type { StreamId } from "../effects.ts";

/** What the answer on a stream is for. */
export type StreamPurpose =
  { readonly kind: "sync" } | { readonly kind: "ping"; readonly sequence: number };

/** Streams that the core asked for and that are not answered yet. */
export class Streams {
  readonly #open = new Map<StreamId, StreamPurpose>();
  readonly #ctx: Context;
  #lastId = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Undefined when too many are open. */
  open(
    to: Address,
    message: StreamMessage,
    purpose: StreamPurpose,
    timeoutMs: number,
  ): StreamId | undefined {
    if (this.#open.size >= streamsMax) return undefined;
    this.#lastId += 1;
    const streamId = this.#lastId;
    this.#open.set(streamId, purpose);
    const request = this.#ctx.codec.encodeStream(message);
    this.#ctx.emit({ type: "open-stream", streamId, to, request, timeoutMs });
    return streamId;
  }

  /** Ends a stream; undefined when it is not open. */
  take(streamId: StreamId): StreamPurpose | undefined {
    const purpose = this.#open.get(streamId);
    this.#open.delete(streamId);
    return purpose;
  }
}
