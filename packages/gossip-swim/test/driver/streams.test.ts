import { createRandom, createScheduler } from "@waggle/simkit";
import { expect, test } from "vitest";
import { createSwimDriver, type StreamConnection } from "../../src/driver/index.ts";
import { acceptedStreamsMax } from "../../src/index.ts";

/** One driver on virtual time, whose dials and sends the test decides. */
function setup(ports: { dial?: () => Promise<StreamConnection>; send?: () => void } = {}) {
  const scheduler = createScheduler();
  const driver = createSwimDriver({
    name: "a",
    address: { host: "a", port: 1 },
    random: createRandom(1),
    clock: { now: () => scheduler.now(), setTimer: (ms, run) => scheduler.schedule(ms, run) },
    datagrams: { send: ports.send ?? (() => undefined) },
    streams: { dial: ports.dial ?? (() => Promise.reject(new TypeError("nobody"))) },
    config: { streamTimeoutMs: 1000 },
  });
  driver.start();
  /** Lets time pass, and what is promised meanwhile happen. */
  const pass = async (forMs: number): Promise<void> => {
    scheduler.runUntil(scheduler.now() + forMs);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { driver, pass };
}

/** A stream on which nothing comes until it is cut. */
function silentStream(): StreamConnection & { isCut: boolean } {
  const end = Promise.withResolvers<IteratorResult<Uint8Array>>();
  const stream = {
    isCut: false,
    send: () => Promise.resolve(),
    frames: { [Symbol.asyncIterator]: () => ({ next: () => end.promise }) },
    close: () => Promise.resolve(),
    destroy: () => {
      stream.isCut = true;
      end.resolve({ done: true, value: undefined });
    },
  };
  return stream;
}

test("so many streams are served at once; silent ones are cut in time and make room", async () => {
  const { driver, pass } = setup();
  const streams = Array.from({ length: acceptedStreamsMax + 1 }, silentStream);
  for (const stream of streams) driver.acceptStream(stream);
  expect(streams.filter(({ isCut }) => isCut)).toEqual([streams.at(-1)]);
  await pass(999);
  expect(streams.filter(({ isCut }) => isCut)).toHaveLength(1);
  await pass(1);
  expect(streams.every(({ isCut }) => isCut)).toBe(true);
  const later = silentStream();
  driver.acceptStream(later);
  await pass(1);
  expect(later.isCut).toBe(false);
  driver.stop();
  expect(later.isCut).toBe(true);
});

test("a dial that succeeds after its time leaves no stream open", async () => {
  const dialed = Promise.withResolvers<StreamConnection>();
  const { driver, pass } = setup({ dial: () => dialed.promise });
  const outcome = expect(driver.join([{ host: "b", port: 1 }])).rejects.toMatchObject({
    code: "no-peers",
  });
  await pass(1000);
  await outcome;
  const late = silentStream();
  dialed.resolve(late);
  await pass(0);
  expect(late.isCut).toBe(true);
  driver.stop();
});

test("a packet that the port refuses is lost and counted", () => {
  const { driver } = setup({
    send: () => {
      throw new TypeError("too large");
    },
  });
  const ping = Uint8Array.of(0x57, 1, 0, 9, 1, 0, 0, 0, 7, 1, 97, 1, 98);
  driver.handleDatagram({ host: "b", port: 1 }, ping);
  expect(driver.counts()).toMatchObject({ packetsReceived: 1, packetsSent: 0, sendErrors: 1 });
  driver.stop();
});
