import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Crc32 } from "../../src/internal/crc32.ts";

test("gives the check value of CRC-32/ISO-HDLC", () => {
  const crc = new Crc32();
  crc.update(new TextEncoder().encode("123456789"));
  expect(crc.value).toBe(0xcbf43926);
});

test("agrees with zlib, however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), (bytes, cut) => {
      const crc = new Crc32();
      const at = cut % (bytes.length + 1);
      crc.update(bytes.subarray(0, at));
      crc.update(bytes.subarray(at));
      expect(crc.value).toBe(crc32(bytes));
    }),
  );
});
