import { TransportError } from "../errors.ts";
import { FRAME_HEADER_BYTES, FrameKind } from "./encode.ts";

/** A frame taken from a byte stream. The payload may be a view of the chunk in which it came. */
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

/** What a {@link FrameDecoder} accepts, in bytes of payload. */
export interface FrameDecoderLimits {
  /** For frames of kind `data`; 0 while none may come. */
  readonly frameBytesMax: number;
  /** For all other kinds. */
  readonly controlBytesMax: number;
}

/** Cuts a byte stream into frames, however it was chopped up. */
export interface FrameDecoder {
  /**
   * Takes the next bytes and returns the frames that they complete. Never throws; after {@link FrameDecoder.error} is
   * set it returns nothing. Memory held is at most about twice the bytes received of one unfinished frame.
   */
  decode(chunk: Uint8Array): readonly Frame[];
  /** Set once the stream cannot be followed any more: `frame-too-large` or `protocol`. */
  readonly error: TransportError | undefined;
  /** Whether the stream stands between two frames, so that an end here cuts none. */
  readonly atBoundary: boolean;
  /** Changes the limit for the frames whose header is still to come. */
  setFrameBytesMax(frameBytesMax: number): void;
}

/** Room for an unfinished frame is taken in steps from this size, so that a length alone costs no memory. */
const PARTIAL_BYTES_MIN = 1024;

/** Makes a decoder for one byte stream; it starts at a frame's first byte. */
export function createFrameDecoder(limits: FrameDecoderLimits): FrameDecoder {
  return new PushDecoder(limits);
}

class PushDecoder implements FrameDecoder {
  error: TransportError | undefined;
  #frameBytesMax: number;
  readonly #controlBytesMax: number;
  /** Bytes of the unfinished frame, header included. */
  #partial = new Uint8Array(PARTIAL_BYTES_MIN);
  #partialBytes = 0;

  constructor(limits: FrameDecoderLimits) {
    this.#frameBytesMax = limits.frameBytesMax;
    this.#controlBytesMax = limits.controlBytesMax;
  }

  get atBoundary(): boolean {
    return this.#partialBytes === 0;
  }

  setFrameBytesMax(frameBytesMax: number): void {
    this.#frameBytesMax = frameBytesMax;
  }

  decode(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length && this.error === undefined) {
      at =
        this.#partialBytes > 0 ? this.#continue(chunk, at, frames) : this.#begin(chunk, at, frames);
    }
    return frames;
  }

  /** Takes a frame that starts at `at`; keeps its bytes if it is not whole. Returns where to go on. */
  #begin(chunk: Uint8Array, at: number, frames: Frame[]): number {
    if (chunk.length - at >= FRAME_HEADER_BYTES) {
      const length = this.#readHeader(chunk, at);
      if (length === undefined) return chunk.length;
      const end = at + FRAME_HEADER_BYTES + length;
      if (end <= chunk.length) {
        frames.push({
          kind: kindAt(chunk, at),
          payload: chunk.subarray(at + FRAME_HEADER_BYTES, end),
        });
        return end;
      }
    }
    this.#keep(chunk.subarray(at));
    return chunk.length;
  }

  /** Adds to the frame begun in an earlier chunk. Returns where to go on. */
  #continue(chunk: Uint8Array, at: number, frames: Frame[]): number {
    if (this.#partialBytes < FRAME_HEADER_BYTES) {
      const taken = Math.min(FRAME_HEADER_BYTES - this.#partialBytes, chunk.length - at);
      this.#keep(chunk.subarray(at, at + taken));
      at += taken;
      if (this.#partialBytes < FRAME_HEADER_BYTES) return at;
    }
    const length = this.#readHeader(this.#partial, 0);
    if (length === undefined) return chunk.length;
    const missing = FRAME_HEADER_BYTES + length - this.#partialBytes;
    const taken = Math.min(missing, chunk.length - at);
    this.#keep(chunk.subarray(at, at + taken));
    if (taken === missing) {
      const end = FRAME_HEADER_BYTES + length;
      frames.push({
        kind: kindAt(this.#partial, 0),
        payload: this.#partial.slice(FRAME_HEADER_BYTES, end),
      });
      this.#partialBytes = 0;
      if (this.#partial.length > PARTIAL_BYTES_MIN)
        this.#partial = new Uint8Array(PARTIAL_BYTES_MIN);
    }
    return at + taken;
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length;
    if (needed > this.#partial.length) {
      const larger = new Uint8Array(Math.max(needed, this.#partial.length * 2));
      larger.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = larger;
    }
    this.#partial.set(bytes, this.#partialBytes);
    this.#partialBytes = needed;
  }

  /** The payload's length, or nothing after setting `error`. */
  #readHeader(bytes: Uint8Array, at: number): number | undefined {
    const kind = bytes[at] ?? 0;
    if (kind > FrameKind.goodbye) {
      this.error = new TransportError("protocol", `a frame of unknown kind ${kind} came in`);
      return undefined;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES);
    const length = view.getUint32(1);
    const limit = kind === FrameKind.data ? this.#frameBytesMax : this.#controlBytesMax;
    if (length > limit) {
      this.error = new TransportError(
        kind === FrameKind.data && limit > 0 ? "frame-too-large" : "protocol",
        `a frame of ${length} bytes came in, ${limit} are allowed`,
        { limit, actual: length },
      );
      return undefined;
    }
    return length;
  }
}

function kindAt(bytes: Uint8Array, at: number): FrameKind {
  return bytes[at] as FrameKind;
}
