import type { Address } from "../address.ts";
import { assert } from "../internal/assert.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Appends big-endian fields to a buffer that grows. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  u8(value: number): void {
    this.#uint(value, 1);
  }

  u16(value: number): void {
    this.#uint(value, 2);
  }

  u32(value: number): void {
    this.#uint(value, 4);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Text with an 8-bit length. */
  text(value: string): void {
    const bytes = encodeUtf8(value);
    this.u8(bytes.length);
    this.raw(bytes);
  }

  address(value: Address): void {
    this.text(value.host);
    this.u16(value.port);
  }

  /** Bytes with a 16-bit length. */
  blob(bytes: Uint8Array): void {
    this.u16(bytes.length);
    this.raw(bytes);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #uint(value: number, width: number): void {
    assert(
      Number.isInteger(value) && value >= 0 && value < 256 ** width,
      `${value} does not fit ${width} bytes`,
    );
    this.#reserve(width);
    for (let shift = width - 1; shift >= 0; shift -= 1) {
      this.#bytes[this.#length] = Math.floor(value / 256 ** shift) & 0xff;
      this.#length += 1;
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
