import { assert } from "./assert.ts";

/** Writes bytes as one big-endian number in base 36 with a fixed count of digits, zeros in front. */
export function toBase36(bytes: Uint8Array, digits: number): string {
  const hex = Buffer.from(bytes).toString("hex");
  const text = BigInt(`0x${hex === "" ? "0" : hex}`).toString(36);
  assert(text.length <= digits, "the digits hold every value of so many bytes");
  return text.padStart(digits, "0");
}
