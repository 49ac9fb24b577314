import { CodecError } from "./errors.ts";

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;
const VARINT_BYTES_MAX = 10;
const PAYLOAD = 0x80;
const START_BYTES = 64;

/** Writes protobuf fields into a growing buffer. */
export class WireWriter {
  #bytes = new Uint8Array(START_BYTES);
  #length = 0;

  /** A varint field, also when it is 0. */
  uint(field: number, value: number): this {
    this.#varint(field * 8 + WIRE_VARINT);
    this.#varint(value);
    return this;
  }

  /** A length-delimited field, also when it is empty. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + WIRE_BYTES);
    this.#varint(value.byteLength);
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= PAYLOAD) {
      this.#bytes[this.#length++] = (rest % PAYLOAD) + PAYLOAD;
      rest = Math.floor(rest / PAYLOAD);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.byteLength) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.byteLength * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** One field as it stands on the wire; its value is read by the kind that the format expects. */
export interface WireField {
  readonly number: number;
  uint(): number;
  bool(): boolean;
  bytes(): Uint8Array;
  /** Appends the number, or the packed numbers, to `list`. */
  uints(list: number[], countMax: number): void;
}

class Cursor implements WireField {
  readonly #bytes: Uint8Array;
  #at = 0;
  number = 0;
  #wireType = 0;
  #valueStart = 0;
  #value = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): boolean {
    if (this.#at >= this.#bytes.byteLength) return false;
    const key = this.#varint();
    this.number = Math.floor(key / 8);
    this.#wireType = key % 8;
    if (this.number === 0) throw new CodecError("wire-type", "field number 0");
    this.#skipValue();
    return true;
  }

  uint(): number {
    this.#expect(WIRE_VARINT);
    if (!Number.isSafeInteger(this.#value)) throw unsafe();
    return this.#value;
  }

  bool(): boolean {
    this.#expect(WIRE_VARINT);
    return this.#value !== 0;
  }

  bytes(): Uint8Array {
    this.#expect(WIRE_BYTES);
    return this.#bytes.subarray(this.#valueStart, this.#at);
  }

  uints(list: number[], countMax: number): void {
    if (this.#wireType === WIRE_VARINT) pushLimited(list, this.uint(), countMax);
    else {
      const packed = new Cursor(this.bytes());
      while (packed.#at < packed.#bytes.byteLength) {
        const value = packed.#varint();
        if (!Number.isSafeInteger(value)) throw unsafe();
        pushLimited(list, value, countMax);
      }
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw new CodecError("wire-type", `field ${this.number} has wire type ${this.#wireType}`);
  }

  #skipValue(): void {
    switch (this.#wireType) {
      case WIRE_VARINT:
        this.#value = this.#varint();
        return;
      case WIRE_FIXED64:
        this.#skip(8);
        return;
      case WIRE_BYTES:
        this.#skip(this.#varint());
        return;
      case WIRE_FIXED32:
        this.#skip(4);
        return;
      default:
        throw new CodecError("wire-type", `wire type ${this.#wireType}`);
    }
  }

  #skip(count: number): void {
    this.#valueStart = this.#at;
    if (count > this.#bytes.byteLength - this.#at)
      throw new CodecError("truncated", "a field goes beyond the end");
    this.#at += count;
  }

  /** May return a number beyond the safe integers: only fields that are used are refused for it. */
  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new CodecError("truncated", "a number goes beyond the end");
      this.#at += 1;
      value += (byte % PAYLOAD) * scale;
      if (byte < PAYLOAD) return value;
      scale *= PAYLOAD;
    }
    throw unsafe();
  }
}

/** Adds to a list that may not grow without end. @throws CodecError `limit`. */
export function pushLimited<T>(list: T[], value: T, countMax: number): void {
  if (list.length >= countMax) throw new CodecError("limit", `more than ${countMax} elements`);
  list.push(value);
}

function unsafe(): CodecError {
  return new CodecError("unsafe-integer", "a number beyond the safe integers");
}

/** Calls `visit` for each field in turn; a field that is not asked for its value is passed over. */
export function eachField(bytes: Uint8Array, visit: (field: WireField) => void): void {
  const cursor = new Cursor(bytes);
  while (cursor.next()) visit(cursor);
}
