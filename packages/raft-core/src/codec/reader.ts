import { CodecError } from "./errors.ts";
import { GROUP_DEPTH_MAX } from "./limits.ts";
import { PRESENT_EMPTY } from "./write.ts";

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BLOCK = 2;
const WIRE_GROUP_START = 3;
const WIRE_GROUP_END = 4;
const WIRE_FIXED32 = 5;
const VARINT_BYTES_MAX = 10;
/** Of 64 bits, nine bytes hold all but one. */
const TENTH_BYTE_MAX = 1;
const PAYLOAD = 0x80;
const LARGE_SHIFT = 28;
const FIELD_NUMBER_MAX = 2 ** 29 - 1;

/**
 * Reads protobuf from one end of the bytes to the other. Whoever reads a nested message reads up to its end and then
 * calls `close`: what goes beyond that end is noticed there, what goes beyond the bytes at once.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  /** Where reading goes on. */
  at = 0;
  /** Kept, since asking for it takes long; only once it is needed, since small arrays have none until then. */
  #buffer: ArrayBufferLike | undefined = undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Any number of up to 64 bits; beyond the safe integers it is not exact. What `skip` and tags are read with. */
  varint(): number {
    const { bytes } = this;
    let at = this.at;
    let byte = bytes[at++];
    if (byte === undefined) throw truncated(this.bytes);
    if (byte < PAYLOAD) {
      this.at = at;
      return byte;
    }
    let value = byte & 0x7f;
    for (let shift = 7; shift < LARGE_SHIFT; shift += 7) {
      byte = bytes[at++];
      if (byte === undefined) throw truncated(this.bytes);
      value |= (byte & 0x7f) << shift;
      if (byte < PAYLOAD) {
        this.at = at;
        return value;
      }
    }
    return this.#largeVarint(value, at);
  }

  #largeVarint(low: number, start: number): number {
    const { bytes } = this;
    let at = start;
    let value = low;
    let scale = 2 ** LARGE_SHIFT;
    for (; at < this.at + VARINT_BYTES_MAX; scale *= PAYLOAD) {
      const byte = bytes[at++];
      if (byte === undefined) throw truncated(this.bytes);
      value += (byte & 0x7f) * scale;
      if (byte >= PAYLOAD) continue;
      if (at === this.at + VARINT_BYTES_MAX && byte > TENTH_BYTE_MAX) break;
      this.at = at;
      return value;
    }
    throw new CodecError("unsafe-integer", "a number of more than 64 bits");
  }

  uint(): number {
    const first = this.bytes[this.at];
    if (first !== undefined && first < PAYLOAD) {
      this.at += 1;
      return first;
    }
    const value = this.varint();
    if (value > Number.MAX_SAFE_INTEGER) throw unsafe(value);
    return value;
  }

  bool(): boolean {
    return this.varint() !== 0;
  }

  /** The length of a nested message or a field of bytes; the offset of its end. */
  block(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.bytes.byteLength) throw truncated(this.bytes);
    return end;
  }

  /** Ends a nested message. */
  close(end: number): void {
    if (this.at !== end)
      throw new CodecError(
        "truncated",
        `a field goes beyond its message: to byte ${this.at}, not ${end}`,
      );
  }

  /** A view of the bytes that are read, not a copy. */
  data(): Uint8Array {
    const end = this.block();
    const start = this.at;
    this.at = end;
    if (start === end) return PRESENT_EMPTY;
    // Not `subarray`, which of a Buffer makes another one and is slower.
    this.#buffer ??= this.bytes.buffer;
    return new Uint8Array(this.#buffer, this.bytes.byteOffset + start, end - start);
  }

  /** Passes over a field that is unknown: one with a number beyond `known`. Others have a wrong wire type. */
  skip(tag: number, known: number): void {
    const number = Math.floor(tag / 8);
    if (number === 0 || number > FIELD_NUMBER_MAX)
      throw new CodecError("wire-type", `field number ${number}`);
    if (number <= known)
      throw new CodecError("wire-type", `field ${number} has wire type ${tag % 8}`);
    this.#skipValue(tag, 0);
  }

  #skipValue(tag: number, depth: number): void {
    switch (tag % 8) {
      case WIRE_VARINT:
        this.varint();
        return;
      case WIRE_FIXED64:
        this.#skipBytes(8);
        return;
      case WIRE_BLOCK:
        this.at = this.block();
        return;
      case WIRE_GROUP_START:
        this.#skipGroup(tag - WIRE_GROUP_START + WIRE_GROUP_END, depth + 1);
        return;
      case WIRE_FIXED32:
        this.#skipBytes(4);
        return;
      default:
        throw new CodecError("wire-type", `wire type ${tag % 8}`);
    }
  }

  #skipGroup(endTag: number, depth: number): void {
    if (depth > GROUP_DEPTH_MAX)
      throw new CodecError("limit", `groups more than ${GROUP_DEPTH_MAX} deep`);
    for (let tag = this.varint(); tag !== endTag; tag = this.varint()) {
      const number = Math.floor(tag / 8);
      if (number === 0 || number > FIELD_NUMBER_MAX)
        throw new CodecError("wire-type", `field number ${number}`);
      this.#skipValue(tag, depth);
    }
  }

  #skipBytes(count: number): void {
    if (count > this.bytes.byteLength - this.at) throw truncated(this.bytes);
    this.at += count;
  }
}

/** Before an element is added to a list. @throws CodecError `limit` when the list is full. */
export function checkRoom(list: readonly unknown[], countMax: number): void {
  if (list.length >= countMax) throw new CodecError("limit", `more than ${countMax} elements`);
}

function truncated({ byteLength }: Uint8Array): CodecError {
  return new CodecError("truncated", `all ${byteLength} bytes end inside a field`);
}

function unsafe(value: number): CodecError {
  return new CodecError("unsafe-integer", `a number beyond the safe integers: about ${value}`);
}
