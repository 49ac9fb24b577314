import type { Address } from "../address.ts";
import { CodecError } from "../errors.ts";
import { hostBytesMax, incarnationMax, metaBytesMax, nameBytesMax } from "../limits.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Reads big-endian fields; every read past the end or out of range throws {@link CodecError}. */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#uint(1);
  }

  u16(): number {
    return this.#uint(2);
  }

  u32(): number {
    return this.#uint(4);
  }

  /** A view of the next bytes. */
  raw(length: number): Uint8Array {
    if (length > this.remaining) throw new CodecError("truncated", "the bytes end too early");
    const view = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return view;
  }

  /** A member's name; empty only where the caller allows it. */
  name(options: { readonly emptyAllowed: boolean }): string {
    return this.#text(nameBytesMax, options.emptyAllowed ? 0 : 1);
  }

  incarnation(): number {
    const value = this.u32();
    if (value > incarnationMax) throw new CodecError("malformed", "incarnation out of range");
    return value;
  }

  address(): Address {
    const host = this.#text(hostBytesMax, 1);
    const port = this.u16();
    if (port === 0) throw new CodecError("malformed", "port 0");
    return { host, port };
  }

  /** A copy, so that the packet's buffer is not kept alive. */
  meta(): Uint8Array {
    const length = this.u16();
    if (length > metaBytesMax) throw new CodecError("too-large", "meta exceeds its limit");
    return this.raw(length).slice();
  }

  end(): void {
    if (this.remaining > 0) throw new CodecError("malformed", `${this.remaining} bytes left over`);
  }

  #text(bytesMax: number, bytesMin: number): string {
    const length = this.u8();
    if (length > bytesMax) throw new CodecError("too-large", "text exceeds its limit");
    if (length < bytesMin) throw new CodecError("malformed", "text is empty");
    return decodeUtf8(this.raw(length));
  }

  #uint(width: number): number {
    let value = 0;
    for (const byte of this.raw(width)) value = value * 256 + byte;
    return value;
  }
}
