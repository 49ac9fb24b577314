import { expect, test } from "vitest";
import { createObjectId, createRaftId } from "../src/ids.ts";

const fill = (byte: number) => (count: number) => new Uint8Array(count).fill(byte);

test("an object id has 25 digits, whatever the random bytes", () => {
  expect(createObjectId(fill(0))).toBe("0".repeat(25));
  expect(createObjectId(fill(255))).toBe((2n ** 128n - 1n).toString(36));
  const ids = Array.from({ length: 1000 }, () => createObjectId());
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{25}$/);
  expect(new Set(ids).size).toBe(1000);
});

test("a Raft id is a safe whole number and never 0", () => {
  expect(createRaftId(fill(255))).toBe(Number.MAX_SAFE_INTEGER);
  let draw = 0;
  expect(createRaftId((count) => fill(draw++)(count))).toBe(0x01010101010101);
  for (let at = 0; at < 1000; at++) {
    const id = createRaftId();
    expect(Number.isSafeInteger(id) && id >= 1).toBe(true);
  }
});
