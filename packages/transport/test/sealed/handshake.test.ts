import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { createMemoryNetwork } from "../../src/memory/index.ts";
import { createSealedTransport } from "../../src/sealed/index.ts";
import type { SealedKeys, SealedTransport } from "../../src/sealed/index.ts";
import { isTransportError } from "../../src/index.ts";
import type { Address, Connection, Transport } from "../../src/index.ts";
import type { Tap } from "./wiretap.ts";
import { flip, tapTransport } from "./wiretap.ts";

const secretOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const key = (id: string, fill: number) => ({ id, secret: secretOf(fill) });

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

interface World {
  readonly dialer: SealedTransport;
  readonly listener: SealedTransport;
  readonly bare: Transport;
  readonly address: Address;
  readonly accepted: Connection[];
}

interface WorldOptions {
  readonly dialerKeys?: SealedKeys;
  readonly listenerKeys?: SealedKeys;
  readonly taps?: { out?: Tap; in?: Tap };
  readonly pendingHandshakesMax?: number;
  readonly handshakeTimeoutMs?: number;
}

async function world(options: WorldOptions = {}): Promise<World> {
  const network = createMemoryNetwork();
  const { pendingHandshakesMax = 256, handshakeTimeoutMs = 5_000 } = options;
  const settings = { pendingHandshakesMax, handshakeTimeoutMs };
  const bare = network.transport("stranger");
  const dialer = createSealedTransport(
    tapTransport(network.transport("dialer"), options.taps ?? {}),
    { ...(options.dialerKeys ?? { keys: [key("node", 1)] }), ...settings },
  );
  const listener = createSealedTransport(network.transport("listener"), {
    ...(options.listenerKeys ?? { keys: [key("node", 1)] }),
    ...settings,
  });
  open.push(bare, dialer, listener);
  const accepted: Connection[] = [];
  const { address } = await listener.listen({
    address: { host: "listener", port: 0 },
    onConnection: (connection) => accepted.push(connection),
  });
  return { dialer, listener, bare, address, accepted };
}

const raft = { protocol: "raft/1" };

test("both sides learn the key and the protocol", async () => {
  const keys = { keys: [key("node", 1), key("manager", 2)] };
  const { dialer, address, accepted } = await world({ dialerKeys: keys, listenerKeys: keys });
  const first = await dialer.dial(address, raft);
  expect([first.keyId, first.protocol]).toEqual(["node", "raft/1"]);
  const second = await dialer.dial(address, { protocol: "gossip/2", keyId: "manager" });
  expect([second.keyId, second.protocol]).toEqual(["manager", "gossip/2"]);
  expect(accepted.map((each) => [each.keyId, each.protocol])).toEqual([
    ["node", "raft/1"],
    ["manager", "gossip/2"],
  ]);
});

test("a wrong key, an unknown id and an id that is not accepted fail alike", async () => {
  const challenges: number[] = [];
  const tap: Tap = (frame) => {
    challenges.push(frame.length);
    return [frame];
  };
  const errors = [];
  for (const dialerKeys of [
    { keys: [key("node", 9)] },
    { keys: [key("nobody", 1)] },
    { keys: [key("join", 3)] },
  ]) {
    const { dialer, listener, address, accepted } = await world({
      dialerKeys,
      listenerKeys: { keys: [key("node", 1), key("join", 3)], acceptKeyIds: ["node"] },
      taps: { in: tap },
    });
    const error: unknown = await dialer.dial(address, raft).catch((thrown: unknown) => thrown);
    errors.push(Object.entries(error as object), String(error));
    await eventually(() => listener.stats().handshakesFailed).toBe(1);
    expect(accepted).toEqual([]);
    expect(listener.stats().pendingHandshakes).toBe(0);
  }
  expect(errors[0]).toContainEqual(["code", "unauthenticated"]);
  expect(new Set(errors.map((each) => JSON.stringify(each))).size).toBe(2);
  expect(challenges).toEqual([65, 65, 65]);
});

test("any changed byte of any handshake message is refused", async () => {
  const lengths = { out: [0, 0], in: [0, 0] };
  const measure =
    (into: number[]): Tap =>
    (frame, number) => {
      if (number < 2) into[number] = frame.length;
      return [frame];
    };
  const honest = await world({ taps: { out: measure(lengths.out), in: measure(lengths.in) } });
  await honest.dialer.dial(honest.address, raft);
  expect(lengths).toEqual({ out: [46, 33], in: [65, 17] });
  for (const direction of ["out", "in"] as const) {
    for (const [message, length] of lengths[direction].entries()) {
      for (let at = 0; at < length; at++) {
        const tap: Tap = (frame, number) => [number === message ? flip(frame, at) : frame];
        const { dialer, address, accepted } = await world({ taps: { [direction]: tap } });
        const error: unknown = await dialer.dial(address, raft).catch((thrown: unknown) => thrown);
        // The listener hangs up without a word on what it cannot accept: the dialer sees that it was refused.
        const code = isTransportError(error) ? error.code : "none";
        expect(["unauthenticated", "refused"], `${direction} ${message} ${at}`).toContain(code);
        // Only the last message, `ready`, comes after the dialer has proved itself to the listener.
        if (!(direction === "in" && message === 1)) expect(accepted).toEqual([]);
      }
    }
  }
});

test("a recorded handshake does not work a second time", async () => {
  const recorded: Uint8Array[] = [];
  const { dialer, listener, bare, address, accepted } = await world({
    taps: {
      out: (frame) => {
        recorded.push(frame);
        return [frame];
      },
    },
  });
  const genuine = await dialer.dial(address, raft);
  await genuine.send(Uint8Array.of(1));
  const replay = await bare.dial(address, { protocol: "sealed/1" });
  for (const frame of recorded) await replay.send(frame).catch(() => undefined);
  await replay.closed;
  expect(accepted).toHaveLength(1);
  await eventually(() => listener.stats().handshakesFailed).toBe(1);
});

test("one's own messages sent back are refused", async () => {
  const network = createMemoryNetwork();
  const mirror = network.transport("mirror");
  const { address } = await mirror.listen({
    address: { host: "mirror", port: 0 },
    onConnection: (connection) =>
      void (async () => {
        for await (const frame of connection.frames) await connection.send(frame);
      })().catch(() => undefined),
  });
  const dialer = createSealedTransport(network.transport("dialer"), { keys: [key("node", 1)] });
  open.push(mirror, dialer);
  await expect(dialer.dial(address, raft)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a peer that stays silent is given up, on both sides", async () => {
  const { listener, bare, address } = await world({ handshakeTimeoutMs: 20 });
  const silent = await bare.dial(address, { protocol: "sealed/1" });
  expect(await silent.closed).toMatchObject({ code: "broken" });
  await eventually(() => listener.stats().handshakesFailed).toBe(1);
  expect(listener.stats().pendingHandshakes).toBe(0);
  const deaf = await bare.listen({
    address: { host: "stranger", port: 0 },
    onConnection: () => undefined,
  });
  await expect(listener.dial(deaf.address, raft)).rejects.toMatchObject({ code: "timeout" });
});

test("a listener that was closed during a handshake hands nothing out", async () => {
  const network = createMemoryNetwork();
  const keys = [key("node", 1)];
  const listener = createSealedTransport(network.transport("listener"), { keys });
  const accepted: Connection[] = [];
  const listening = await listener.listen({
    address: { host: "listener", port: 0 },
    onConnection: (connection) => accepted.push(connection),
  });
  const dialer = createSealedTransport(
    tapTransport(network.transport("dialer"), {
      out: (frame, number) => {
        if (number === 1) void listening.close();
        return [frame];
      },
    }),
    { keys },
  );
  open.push(listener, dialer);
  const connection = await dialer.dial(listening.address, raft);
  expect(await connection.closed).toMatchObject({ code: "broken" });
  expect(accepted).toEqual([]);
});

test("handshakes under way are limited", async () => {
  const { dialer, listener, bare, address } = await world({ pendingHandshakesMax: 1 });
  const waiting = await bare.dial(address, { protocol: "sealed/1" });
  await expect(dialer.dial(address, raft)).rejects.toMatchObject({ code: "refused" });
  expect(listener.stats()).toMatchObject({ connectionsRefused: 1, pendingHandshakes: 1 });
  waiting.destroy();
  await eventually(() => listener.stats().pendingHandshakes).toBe(0);
  await dialer.dial(address, raft);
});

test("keys rotate while the transport runs", async () => {
  const older = key("2026-1", 1);
  const newer = key("2026-2", 2);
  const { dialer, listener, address, accepted } = await world({
    dialerKeys: { keys: [older] },
    listenerKeys: { keys: [older] },
  });
  const standing = await dialer.dial(address, raft);
  listener.setKeys({ keys: [newer, older] });
  await dialer.dial(address, raft);
  dialer.setKeys({ keys: [newer] });
  await dialer.dial(address, raft);
  listener.setKeys({ keys: [newer] });
  expect(accepted.map(({ keyId }) => keyId)).toEqual(["2026-1", "2026-1", "2026-2"]);
  dialer.setKeys({ keys: [older] });
  await expect(dialer.dial(address, raft)).rejects.toMatchObject({ code: "unauthenticated" });
  await standing.send(Uint8Array.of(1));
  expect((await accepted[0]!.frames[Symbol.asyncIterator]().next()).value).toEqual(Buffer.of(1));
});

test("keys are checked, and a refused set leaves the old one in force", async () => {
  const { dialer, address } = await world();
  const bad: SealedKeys[] = [
    { keys: [] },
    { keys: [{ id: "short", secret: new Uint8Array(31) }] },
    { keys: [key("", 1)] },
    { keys: [key("much-too-long-a-name", 1)] },
    { keys: [key("a", 1), key("a", 2)] },
    { keys: [key("a", 1)], acceptKeyIds: ["b"] },
    { keys: [key("a", 1)], datagramKeyId: "b" },
    { keys: [key("a", 1)], acceptDatagramKeyIds: ["b"] },
  ];
  for (const keys of bad) {
    expect(() => dialer.setKeys(keys)).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  }
  await expect(dialer.dial(address, { ...raft, keyId: "b" })).rejects.toMatchObject({
    code: "invalid-argument",
  });
  await dialer.dial(address, raft);
});
