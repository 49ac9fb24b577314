import { expect, test } from "vitest";
import { encodeEntry } from "../../src/codec/entry.ts";
import type { Entry, EntryKind, LogIndex, Term } from "../../src/index.ts";
import { encodedBytes, encodedBytesOf } from "../../src/log/entry-size.ts";

const KINDS: readonly EntryKind[] = ["normal", "conf-change", "conf-change-v2"];
const NUMBERS = [1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 52];

test("an entry counts what its encoding takes", () => {
  const entries: Entry[] = [];
  for (const kind of KINDS)
    for (const number of NUMBERS)
      for (const length of [0, 1, 127, 128, 20_000])
        entries.push({
          kind,
          term: number as Term,
          index: number as LogIndex,
          data: new Uint8Array(length),
        });
  let total = 0;
  for (const entry of entries) {
    expect(encodedBytes(entry)).toBe(encodeEntry(entry).byteLength);
    total += encodedBytes(entry);
  }
  expect(encodedBytesOf(entries)).toBe(total);
});
