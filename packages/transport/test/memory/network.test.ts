import { expect, test } from "vitest";
import { createMemoryNetwork } from "../../src/memory/index.ts";
import type { MemoryNetwork, MemoryNetworkOptions } from "../../src/memory/index.ts";
import { listenAndBind } from "../../src/index.ts";
import type { Address, Connection, Datagram } from "../../src/index.ts";

/** A clock that moves when the test says so. */
function manualTimers() {
  const due: { atMs: number; run: () => void }[] = [];
  let nowMs = 0;
  return {
    schedule: (delayMs: number, run: () => void) => void due.push({ atMs: nowMs + delayMs, run }),
    advance: (byMs: number) => {
      const untilMs = nowMs + byMs;
      for (;;) {
        due.sort((left, right) => left.atMs - right.atMs);
        if (due[0] === undefined || due[0].atMs > untilMs) break;
        nowMs = due[0].atMs;
        due.shift()!.run();
      }
      nowMs = untilMs;
    },
  };
}

async function pair(
  options: MemoryNetworkOptions = {},
): Promise<{ network: MemoryNetwork; near: Connection; far: Connection; address: Address }> {
  const network = createMemoryNetwork(options);
  const accepted = Promise.withResolvers<Connection>();
  const { address } = await network.transport("b").listen({
    address: { host: "b", port: 0 },
    onConnection: accepted.resolve,
  });
  const near = await network.transport("a").dial(address, { protocol: "test/1" });
  return { network, near, far: await accepted.promise, address };
}

const nextByte = async (connection: Connection): Promise<number | undefined> =>
  ((await connection.frames[Symbol.asyncIterator]().next()).value as Uint8Array | undefined)?.[0];

test("a partition breaks connections, loses datagrams and fails dials; healing lets new ones through", async () => {
  const { network, near, far, address } = await pair();
  const seen: Datagram[] = [];
  const receiver = await network
    .transport("b")
    .bind({ address: { host: "b", port: 0 }, onDatagram: (datagram) => seen.push(datagram) });
  const left = network.transport("a");
  const sender = await left.bind({ address: { host: "a", port: 0 }, onDatagram: () => undefined });
  network.partition([["a"], ["b"]]);
  expect(await near.closed).toMatchObject({ code: "broken" });
  expect(await far.closed).toMatchObject({ code: "broken" });
  sender.send(receiver.address, Uint8Array.of(1));
  await expect(left.dial(address, { protocol: "test/1" })).rejects.toMatchObject({
    code: "unreachable",
  });
  network.heal();
  sender.send(receiver.address, Uint8Array.of(2));
  await left.dial(address, { protocol: "test/1" });
  expect(seen.map(({ data }) => data[0])).toEqual([2]);
  expect(network.stats()).toEqual({ datagramsDropped: 1, connectionEnds: 2 });
});

test("hosts named in no group stay together", async () => {
  const { network, near, far } = await pair();
  network.partition([["c"]]);
  await near.send(Uint8Array.of(1));
  expect(await nextByte(far)).toBe(1);
});

test("a stalling partition holds frames, and a close, until it heals", async () => {
  const { network, near, far } = await pair();
  network.partition([["a"], ["b"]], { connections: "stall" });
  await near.send(Uint8Array.of(1));
  await near.send(Uint8Array.of(2));
  await near.close();
  let arrived = false;
  const first = nextByte(far).then((byte) => {
    arrived = true;
    return byte;
  });
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect(arrived).toBe(false);
  network.heal();
  expect([await first, await nextByte(far), await nextByte(far)]).toEqual([1, 2, undefined]);
  expect(await far.closed).toBeUndefined();
});

test("latency delays on the clock that is given, and streams keep their order when it varies", async () => {
  const timers = manualTimers();
  const delays = [0, 0, 30, 10, 20];
  const latencyMs = (): number => delays.shift() ?? 5;
  const network = createMemoryNetwork({ timers, latencyMs });
  const accepted = Promise.withResolvers<Connection>();
  const { address } = await network
    .transport("b")
    .listen({ address: { host: "b", port: 1 }, onConnection: accepted.resolve });
  const dial = network.transport("a").dial(address, { protocol: "test/1" });
  timers.advance(0);
  const [near, far] = [await dial, await accepted.promise];
  for (const byte of [1, 2, 3]) await near.send(Uint8Array.of(byte));
  const seen: number[] = [];
  void (async () => {
    for await (const frame of far.frames) seen.push(frame[0]!);
  })();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  timers.advance(29);
  await settle();
  expect(seen).toEqual([]);
  timers.advance(1);
  await settle();
  expect(seen).toEqual([1, 2, 3]);
});

test("loss drops the same datagrams on each run", async () => {
  const run = async (): Promise<number[]> => {
    const network = createMemoryNetwork({ lossRate: 0.5 });
    const seen: number[] = [];
    const receiver = await network
      .transport("b")
      .bind({ address: { host: "b", port: 0 }, onDatagram: ({ data }) => seen.push(data[0]!) });
    const sender = await network
      .transport("a")
      .bind({ address: { host: "a", port: 0 }, onDatagram: () => undefined });
    for (let byte = 0; byte < 100; byte++) sender.send(receiver.address, Uint8Array.of(byte));
    await Promise.resolve();
    expect(network.stats().datagramsDropped).toBe(100 - seen.length);
    return seen;
  };
  const first = await run();
  expect(first.length).toBeGreaterThan(20);
  expect(first.length).toBeLessThan(80);
  expect(await run()).toEqual(first);
});

test("what is sent is a copy, also of a Buffer", async () => {
  const { near, far } = await pair();
  const frame = Buffer.of(1);
  const sent = near.send(frame);
  frame[0] = 2;
  await sent;
  expect(await nextByte(far)).toBe(1);
});

test("a host listens under its own name only, on one port for streams and datagrams", async () => {
  const transport = createMemoryNetwork().transport("a");
  const handlers = { onConnection: () => undefined, onDatagram: () => undefined };
  await expect(
    transport.listen({ address: { host: "b", port: 0 }, ...handlers }),
  ).rejects.toMatchObject({ code: "address-unavailable" });
  const { listener, socket } = await listenAndBind(transport, {
    address: { host: "a", port: 0 },
    ...handlers,
  });
  expect(socket.address).toEqual(listener.address);
});

test("listenAndBind tries another port when the datagram twin is taken, unless the port was given", async () => {
  const transport = createMemoryNetwork().transport("a");
  const handlers = { onConnection: () => undefined, onDatagram: () => undefined };
  const probe = await transport.listen({ address: { host: "a", port: 0 }, ...handlers });
  const taken = { host: "a", port: probe.address.port + 1 };
  await transport.bind({ address: taken, ...handlers });
  await expect(listenAndBind(transport, { address: taken, ...handlers })).rejects.toMatchObject({
    code: "address-in-use",
  });
  const { socket } = await listenAndBind(transport, {
    address: { host: "a", port: 0 },
    ...handlers,
  });
  expect(socket.address.port).toBe(taken.port + 1);
});

test("options out of range are refused", () => {
  for (const options of [
    { lossRate: 2 },
    { latencyMs: -1 },
    { limits: { frameBytesMax: 0 } },
    { limits: { datagramBytesMax: 70_000 } },
    { limits: { inboundFramesMax: 1.5 } },
  ]) {
    expect(() => createMemoryNetwork(options)).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  }
});
