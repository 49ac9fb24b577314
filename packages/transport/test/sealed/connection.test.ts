import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import type { Connection, Transport } from "../../src/index.ts";
import { createMemoryNetwork } from "../../src/memory/index.ts";
import { createSealedTransport } from "../../src/sealed/index.ts";

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A pair with room for ten small frames on either side. */
async function narrowPair(): Promise<{ near: Connection; far: Connection }> {
  const limits = { inboundFramesMax: 10, inboundBytesMax: 100_000 };
  const network = createMemoryNetwork({ limits: { ...limits, frameBytesMax: 32 * 1024 } });
  const seal = (host: string) =>
    createSealedTransport(network.transport(host), {
      keys: [{ id: "node", secret: new Uint8Array(32).fill(1) }],
      limits: { ...limits, frameBytesMax: 16 * 1024 },
    });
  const [left, right] = [seal("left"), seal("right")];
  open.push(left, right);
  const accepted = Promise.withResolvers<Connection>();
  const { address } = await right.listen({
    address: { host: "right", port: 0 },
    onConnection: accepted.resolve,
  });
  const near = await left.dial(address, { protocol: "test/1" });
  return { near, far: await accepted.promise };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("frames that nobody reads hold their sender back, and none is lost", async () => {
  const { near, far } = await narrowPair();
  const frameBytes = 16 * 1024;
  let sent = 0;
  const sending = (async () => {
    for (; sent < 100; sent += 1) await near.send(new Uint8Array(frameBytes).fill(sent));
  })();
  // Everything happens in microtasks here: what has not moved in some turns stands.
  for (let n = 0; n < 20; n += 1) await turn();
  // Ten frames or 100 KB in each of two queues, 64 KB on the way, and what one record may add.
  expect(sent).toBeLessThan(30);
  const frames = far.frames[Symbol.asyncIterator]();
  for (let n = 0; n < 100; n += 1)
    expect((await frames.next()).value).toEqual(Buffer.alloc(frameBytes, n));
  await sending;
});

test("a connection that broke says so although nobody has read its frames, and they can still be read", async () => {
  const { near, far } = await narrowPair();
  for (let n = 0; n < 15; n += 1) await near.send(Uint8Array.of(n));
  let isClosed = false;
  void far.closed.then(() => (isClosed = true));
  for (let n = 0; n < 20; n += 1) await turn();
  expect(isClosed).toBe(false);
  near.destroy();
  await eventually(() => isClosed).toBe(true);
  const frames = far.frames[Symbol.asyncIterator]();
  for (let n = 0; n < 15; n += 1) expect((await frames.next()).value).toEqual(Buffer.of(n));
  await expect(frames.next()).rejects.toMatchObject({ code: "broken" });
});
