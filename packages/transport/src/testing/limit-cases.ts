import { isTransportError } from "../errors.ts";
import type { ComplianceCase } from "./case.ts";
import {
  complianceCase,
  connectPair,
  expect,
  expectRejection,
  nextFrame,
  pattern,
  sameBytes,
  within,
} from "./case.ts";

/** What every transport does at its limits. */
export const limitCases: readonly ComplianceCase[] = [
  complianceCase("a frame of the largest size passes", async (network) => {
    const { near, far } = await connectPair(network);
    const frame = pattern(8, network.limits.frameBytesMax);
    const sent = near.send(frame);
    expect(sameBytes(await nextFrame(far), frame), "the largest frame arrived");
    await within(sent, "the send");
  }),
  complianceCase("a larger frame is refused and the connection stands", async (network) => {
    const { near, far } = await connectPair(network);
    const tooLarge = new Uint8Array(network.limits.frameBytesMax + 1);
    await expectRejection(near.send(tooLarge), "frame-too-large");
    await near.send(pattern(1, 10));
    expect(sameBytes(await nextFrame(far), pattern(1, 10)), "a small frame still passes");
  }),
  complianceCase(
    "a caller that awaits send is held back by a slow consumer and loses nothing",
    async (network) => {
      const { near, far } = await connectPair(network);
      const frameBytes = Math.min(network.limits.frameBytesMax, 16_384);
      // More than all queues and system buffers on the way can hold is not needed: order and completeness are.
      const count = Math.ceil((8 * 1024 * 1024) / frameBytes);
      const sending = (async () => {
        for (let at = 0; at < count; at++) await near.send(pattern(at, frameBytes));
      })();
      for (let at = 0; at < count; at++) {
        const frame = await nextFrame(far);
        expect(
          frame?.length === frameBytes && frame[0] === pattern(at, 1)[0],
          `frame ${at} is there`,
        );
      }
      await within(sending, "the end of sending");
    },
  ),
  complianceCase(
    "a caller that does not await send meets queue-full, and no queued frame is lost",
    async (network) => {
      const { near, far } = await connectPair(network);
      const frame = pattern(1, Math.min(network.limits.frameBytesMax, 16_384));
      const count = Math.ceil((network.limits.outboundBytesMax * 2) / frame.length) + 2;
      const outcomes = Array.from({ length: count }, () =>
        near.send(frame).then(
          () => "sent",
          (error: unknown) => (isTransportError(error) ? error.code : String(error)),
        ),
      );
      const reading = (async () => {
        let received = 0;
        while ((await nextFrame(far)) !== undefined) received += 1;
        return received;
      })();
      const settled = await within(Promise.all(outcomes), "all sends");
      const sent = settled.filter((each) => each === "sent").length;
      expect(settled.includes("queue-full"), "some sends were refused");
      expect(sent > 0, "the first sends were taken");
      expect(
        sent === settled.filter((each) => each !== "queue-full").length,
        "nothing else went wrong",
      );
      await within(near.close(), "the close");
      expect((await within(reading, "all frames")) === sent, "every accepted frame arrived");
    },
  ),
  complianceCase(
    "a send held back when close is called resolves once its frame leaves",
    async (network) => {
      const { near, far } = await connectPair(network);
      const frame = pattern(1, network.limits.frameBytesMax);
      await near.send(pattern(0, 1));
      const sent = near.send(frame).then(
        () => true,
        () => false,
      );
      const closing = near.close();
      expect((await nextFrame(far))?.length === 1, "the first frame arrived");
      expect(sameBytes(await nextFrame(far), frame), "the frame sent before the close arrived");
      expect(await within(sent, "the send"), "the send says so");
      await within(closing, "the close");
    },
  ),
];
