import { crc32 as native } from "node:zlib";
import { expect, it } from "vitest";
import { crc32 } from "../../src/internal/crc32.ts";
import { randomOf } from "../../src/testing/seeded.ts";

it("computes what the platform does, also in parts", () => {
  const random = randomOf(1);
  for (let length = 0; length < 600; length += 1) {
    const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
    const cut = Math.floor(random() * length);
    expect(crc32(bytes)).toBe(native(bytes));
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(native(bytes));
  }
});
