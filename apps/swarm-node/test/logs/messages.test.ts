import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOG_FRAME_BYTES_MAX } from "../../src/limits.ts";
import {
  decodeLogLine,
  decodeLogRequest,
  encodeLogFailure,
  encodeLogLine,
  encodeLogRequest,
  type LogRequest,
} from "../../src/logs/messages.ts";

const REQUEST: LogRequest = { taskId: "t".repeat(25), stdout: true, stderr: false, follow: true };
const protocolError = expect.objectContaining({ name: "NodeError", code: "protocol" }) as Error;

describe("a log request", () => {
  it.each([REQUEST, { ...REQUEST, tail: 0, sinceMs: 12.5 }])(
    "comes back as it was sent",
    (request) => expect(decodeLogRequest(encodeLogRequest(request))).toEqual(request),
  );

  it.each([
    ["no JSON", "logs"],
    ["a task id that leads elsewhere", JSON.stringify({ ...REQUEST, taskId: "../../identity" })],
    ["a tail below zero", JSON.stringify({ ...REQUEST, tail: -1 })],
    ["no choice of streams", JSON.stringify({ taskId: REQUEST.taskId, follow: false })],
  ])("is refused: %s", (_what, text) => {
    expect(() => decodeLogRequest(Buffer.from(text))).toThrow(protocolError);
  });
});

describe("a log line", () => {
  it("comes back as it was sent, whatever bytes it holds", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("stdout" as const, "stderr" as const),
        fc.double({ min: 0, max: 8.64e15, noNaN: true }),
        fc.uint8Array({ maxLength: 100 }),
        (stream, timestampMs, text) => {
          const line = decodeLogLine(encodeLogLine({ stream, timestampMs, text }));
          expect(line).toMatchObject({ stream, timestampMs });
          expect(new Uint8Array(line.text)).toEqual(text);
        },
      ),
    );
  });

  it("is read from the middle of a larger buffer", () => {
    const frame = encodeLogLine({ stream: "stderr", timestampMs: 7, text: Buffer.from("x") });
    const within = new Uint8Array(frame.length + 20).fill(9);
    within.set(frame, 11);
    const line = decodeLogLine(within.subarray(11, 11 + frame.length));
    expect(line).toMatchObject({ stream: "stderr", timestampMs: 7 });
    expect(Buffer.from(line.text).toString()).toBe("x");
  });

  it("that is a failure is thrown with its reason", () => {
    expect(() => decodeLogLine(encodeLogFailure("task not here"))).toThrow(
      expect.objectContaining({ code: "unavailable", message: "task not here" }) as Error,
    );
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["of an unknown kind", Buffer.alloc(20, 9)],
    ["cut off in its header", Buffer.from([1, 0, 0])],
    ["beyond the limit", Buffer.alloc(LOG_FRAME_BYTES_MAX + 1, 1)],
    ["of a time that is no number", timed(Number.NaN)],
    ["of a time that no date has", timed(1e300)],
  ])("is refused: %s", (_what, frame) => {
    expect(() => decodeLogLine(frame)).toThrow(protocolError);
  });

  it("never throws anything but a refusal, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (frame) => {
        try {
          decodeLogLine(frame);
        } catch (error) {
          expect(error).toMatchObject({ name: "NodeError" });
        }
      }),
    );
  });
});

function timed(timestampMs: number): Uint8Array {
  return encodeLogLine({ stream: "stdout", timestampMs, text: new Uint8Array(0) });
}
