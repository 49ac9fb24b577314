import { expect, it } from "vitest";
import { recordAt, recordBytes } from "../../../src/file/segment/format.ts";
import { batchesBody } from "../../../src/file/segment/items.ts";
import { writeRecord } from "../../../src/file/segment/writer.ts";
import { entriesOf } from "../../../src/testing/case.ts";

it("takes a record for one in its own place and segment only", () => {
  const salt = new Uint8Array(8).fill(7);
  const body = batchesBody([{ entries: entriesOf(1, 2), sync: true }]);
  const bytes = recordBytes(body.byteLength);
  const segment = new Uint8Array(64 + 2 * bytes);
  const record = segment.subarray(64, 64 + bytes);
  writeRecord(record, body, { salt, offset: 64, durable: 64, seal: undefined });
  segment.set(record, 64 + bytes);
  expect(recordAt(segment, 64, salt)?.body.byteLength).toBe(body.byteLength);
  expect(recordAt(segment, 64 + bytes, salt)).toBeUndefined();
  expect(recordAt(segment, 64, new Uint8Array(8).fill(8))).toBeUndefined();
  for (let at = 64; at < 64 + 24 + body.byteLength; at += 1) {
    segment[at]! ^= 1;
    expect(recordAt(segment, 64, salt), `byte ${at}`).toBeUndefined();
    segment[at]! ^= 1;
  }
});
