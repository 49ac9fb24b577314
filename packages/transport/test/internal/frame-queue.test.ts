import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { FrameQueue } from "../../src/internal/frame-queue.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("a queue that never runs empty does not hold on to frames that were read", async () => {
  const queue = new FrameQueue({ inboundFramesMax: 1024, inboundBytesMax: 1024 * 1024 });
  const frames = queue[Symbol.asyncIterator]();
  const read: WeakRef<object>[] = [];
  queue.push(new Uint8Array(64));
  for (let n = 0; n < 20; n += 1) {
    queue.push(new Uint8Array(64));
    const { value } = await frames.next();
    read.push(new WeakRef(value!));
  }
  // A reference that was just made lives until the end of the present turn.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  const held = read.filter((each) => each.deref() !== undefined).length;
  expect(held).toBeLessThanOrEqual(1);
});
