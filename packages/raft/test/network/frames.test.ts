import type { Message } from "@waggle/raft-core";
import { encodeMessage } from "@waggle/raft-core/codec";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeHello,
  decodeMessages,
  encodeHello,
  encodeMessages,
} from "../../src/network/frames.ts";

const envelope = { from: nodeId(1), to: nodeId(2), term: term(7) };
const messages: readonly Message[] = [
  { ...envelope, type: "heartbeat", commit: logIndex(3), context: new Uint8Array(0) },
  { ...envelope, type: "timeout-now" },
];
describe("frames", () => {
  it("come back as they went", () => {
    const hello = { from: nodeId(Number.MAX_SAFE_INTEGER), to: nodeId(2) };
    expect(decodeHello(encodeHello(hello))).toEqual(hello);
    expect(
      decodeMessages(encodeMessages(messages.map((message) => encodeMessage(message)))),
    ).toEqual(messages);
  });

  it("keep nothing of a larger buffer that they came in", () => {
    const entries = [{ kind: "normal" as const, data: new Uint8Array(9) }];
    const propose: Message = { ...envelope, type: "propose", entries };
    const frame = encodeMessages([encodeMessage(propose)]);
    const chunk = new Uint8Array(65_536);
    chunk.set(frame, 100);
    const [decoded] = decodeMessages(chunk.subarray(100, 100 + frame.byteLength));
    chunk.fill(255);
    expect(decoded).toEqual(propose);
    const { buffer } = (decoded as typeof propose).entries[0]!.data;
    expect(buffer.byteLength).toBe(frame.byteLength);
  });

  it("are refused when cut off at any byte", () => {
    const hello = encodeHello({ from: nodeId(1), to: nodeId(2) });
    const batch = encodeMessages(messages.map((message) => encodeMessage(message)));
    const whole = [0, 4 + encodeMessage(messages[0]!).byteLength];
    for (let length = 0; length < hello.byteLength; length += 1) {
      expect(() => decodeHello(hello.subarray(0, length))).toThrow("no hello");
    }
    for (let length = 0; length < batch.byteLength; length += 1) {
      if (whole.includes(length)) continue;
      expect(() => decodeMessages(batch.subarray(0, length)), String(length)).toThrow();
    }
  });

  it("never throw anything but an error of ours, whatever the bytes", () => {
    const outcome = (decode: () => unknown): unknown => {
      try {
        decode();
        return undefined;
      } catch (error) {
        return (error as Error).name;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of [decodeHello, decodeMessages]) {
          expect([undefined, "RaftNodeError", "CodecError"]).toContain(
            outcome(() => decode(bytes)),
          );
        }
      }),
    );
  });
});
