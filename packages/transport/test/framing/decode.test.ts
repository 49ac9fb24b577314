import fc from "fast-check";
import { expect, test } from "vitest";
import { createFrameDecoder } from "../../src/framing/decode.ts";
import { encodeFrame, FrameKind } from "../../src/framing/encode.ts";

const limits = { frameBytesMax: 5000, controlBytesMax: 10 };

const frameArbitrary = fc.oneof(
  fc.record({
    kind: fc.constant(FrameKind.data),
    payload: fc.uint8Array({ maxLength: 5000, size: "large" }),
  }),
  fc.record({
    kind: fc.constantFrom(FrameKind.ping, FrameKind.goodbye, FrameKind.hello),
    payload: fc.uint8Array({ maxLength: 10 }),
  }),
);

test("frames come out as they went in, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(frameArbitrary, { maxLength: 12 }),
      fc.infiniteStream(
        fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4000 })),
      ),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));
        const decoder = createFrameDecoder(limits);
        const seen = [];
        for (let at = 0; at < stream.length;) {
          const size = cuts.next().value as number;
          seen.push(...decoder.decode(stream.subarray(at, at + size)));
          at += size;
        }
        expect(
          seen.map(({ kind, payload }) => [kind, Buffer.from(payload).toString("hex")]),
        ).toEqual(frames.map(({ kind, payload }) => [kind, Buffer.from(payload).toString("hex")]));
        expect(decoder.atBoundary).toBe(true);
        expect(decoder.error).toBeUndefined();
      },
    ),
    { numRuns: 60 },
  );
});

test("frames before a bad header are returned, then nothing more", () => {
  const decoder = createFrameDecoder(limits);
  const good = encodeFrame(FrameKind.data, Uint8Array.of(1));
  const bad = encodeFrame(FrameKind.data, new Uint8Array(5001));
  expect(decoder.decode(Buffer.concat([good, bad, good]))).toHaveLength(1);
  expect(decoder.error).toMatchObject({ code: "frame-too-large", limit: 5000, actual: 5001 });
  expect(decoder.decode(good)).toEqual([]);
});

test("a bad header is seen as soon as it is there, also in pieces", () => {
  for (const [header, code] of [
    [[FrameKind.data, 0xff, 0xff, 0xff, 0xff], "frame-too-large"],
    [[FrameKind.ping, 0, 0, 0, 11], "protocol"],
    [[6, 0, 0, 0, 0], "protocol"],
    [[0x47, 0x45, 0x54, 0x20, 0x2f], "protocol"],
  ] as const) {
    const decoder = createFrameDecoder(limits);
    for (const byte of header) decoder.decode(Uint8Array.of(byte));
    expect(decoder.error).toMatchObject({ code });
  }
});

test("limits can be lifted between frames", () => {
  const decoder = createFrameDecoder({ frameBytesMax: 0, controlBytesMax: 10 });
  decoder.decode(encodeFrame(FrameKind.hello, Uint8Array.of(1)));
  decoder.setFrameBytesMax(5);
  expect(decoder.decode(encodeFrame(FrameKind.data, new Uint8Array(5)))).toHaveLength(1);
  decoder.decode(encodeFrame(FrameKind.data, new Uint8Array(6)));
  expect(decoder.error).toMatchObject({ code: "frame-too-large" });
});

test("any bytes whatever leave the decoder with frames within the limits", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 10 }), (chunks) => {
      const decoder = createFrameDecoder({ frameBytesMax: 20, controlBytesMax: 2 });
      for (const frame of chunks.flatMap((chunk) => decoder.decode(chunk))) {
        expect(frame.payload.length).toBeLessThanOrEqual(frame.kind === FrameKind.data ? 20 : 2);
      }
    }),
  );
});
