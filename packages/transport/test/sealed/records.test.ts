import { createSecretKey } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemoryNetwork } from "../../src/memory/index.ts";
import { createSealedTransport } from "../../src/sealed/index.ts";
import {
  packFrames,
  RecordKind,
  RecordOpener,
  RecordSealer,
  unpackFrames,
} from "../../src/sealed/records.ts";
import { BATCH_BYTES_MAX } from "../../src/sealed/limits.ts";
import type { Connection } from "../../src/index.ts";
import type { Tap } from "./wiretap.ts";
import { flip, tapTransport } from "./wiretap.ts";

const sessionKey = createSecretKey(new Uint8Array(32).fill(5));

test("frames come out of a record as they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (frames) => {
      const unpacked = unpackFrames(packFrames(frames));
      expect(unpacked?.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
    }),
  );
});

test("lengths that do not add up are refused", () => {
  expect(unpackFrames(Uint8Array.of(0, 0, 0))).toBeUndefined();
  expect(unpackFrames(Uint8Array.of(0, 0, 0, 2, 9))).toBeUndefined();
  expect(unpackFrames(Uint8Array.of(255, 255, 255, 255))).toBeUndefined();
});

test("a record joins no more frames than a sender joins", () => {
  const empty = new Uint8Array(0);
  const most = BATCH_BYTES_MAX / 4;
  expect(unpackFrames(packFrames(Array.from({ length: most }, () => empty)))).toHaveLength(most);
  expect(unpackFrames(packFrames(Array.from({ length: most + 1 }, () => empty)))).toBeUndefined();
  expect(unpackFrames(packFrames([new Uint8Array(4 * BATCH_BYTES_MAX)]))).toHaveLength(1);
});

test("a sealed record that the inner transport refuses ends the connection with the reason", async () => {
  const network = createMemoryNetwork({ limits: { frameBytesMax: 1000 } });
  const keys = [{ id: "node", secret: new Uint8Array(32).fill(1) }];
  const left = createSealedTransport(network.transport("left"), { keys });
  const right = createSealedTransport(network.transport("right"), { keys });
  const { address } = await right.listen({
    address: { host: "right", port: 0 },
    onConnection: () => undefined,
  });
  const near = await left.dial(address, { protocol: "test/1" });
  const refused = { code: "frame-too-large", limit: 1000 };
  await expect(near.send(new Uint8Array(1000))).rejects.toMatchObject(refused);
  expect(await near.closed).toMatchObject(refused);
  await Promise.all([left.close(), right.close()]);
});

test("both sides move to the next key together, and no two records are alike", () => {
  for (const rekey of [
    { records: 3, bytes: 1e9 },
    { records: 1e9, bytes: 10 },
  ]) {
    const sealer = new RecordSealer(sessionKey, rekey);
    const opener = new RecordOpener(sessionKey, rekey);
    const stuck = new RecordOpener(sessionKey);
    const seen = new Set<string>();
    let stuckOpened = 0;
    for (let at = 0; at < 20; at++) {
      const record = sealer.seal(RecordKind.frames, Uint8Array.of(7, 7, 7, 7));
      seen.add(Buffer.from(record).toString("hex"));
      expect(opener.open(record)?.plaintext).toEqual(Buffer.of(7, 7, 7, 7));
      if (stuck.open(record) !== undefined) stuckOpened += 1;
    }
    expect(seen.size).toBe(20);
    expect(stuckOpened).toBe(3);
  }
});

test("a record's kind is authenticated, and rubbish does not open", () => {
  const record = new RecordSealer(sessionKey).seal(RecordKind.frames, new Uint8Array(8));
  record[0] = RecordKind.goodbye;
  expect(new RecordOpener(sessionKey).open(record)).toBeUndefined();
  for (const length of [0, 1, 16, 17]) {
    expect(new RecordOpener(sessionKey).open(new Uint8Array(length))).toBeUndefined();
  }
});

async function pair(taps: { out?: Tap; in?: Tap }): Promise<{
  near: Connection;
  far: Connection;
  close: () => Promise<void>;
}> {
  const network = createMemoryNetwork();
  const keys = [{ id: "node", secret: new Uint8Array(32).fill(1) }];
  const left = createSealedTransport(tapTransport(network.transport("left"), taps), { keys });
  const right = createSealedTransport(network.transport("right"), { keys });
  const accepted = Promise.withResolvers<Connection>();
  const { address } = await right.listen({
    address: { host: "right", port: 0 },
    onConnection: accepted.resolve,
  });
  const near = await left.dial(address, { protocol: "test/1" });
  const close = async (): Promise<void> => {
    await Promise.all([left.close(), right.close()]);
  };
  return { near, far: await accepted.promise, close };
}

/** The dialer's first two frames belong to the handshake. */
const FIRST_RECORD = 2;

const attacks: Record<string, () => Tap> = {
  changed: () => (frame, number) => [number === FIRST_RECORD + 1 ? flip(frame, 5) : frame],
  shortened: () => (frame, number) => [number === FIRST_RECORD + 1 ? frame.subarray(1) : frame],
  lost: () => (frame, number) => (number === FIRST_RECORD + 1 ? [] : [frame]),
  doubled: () => (frame, number) => (number === FIRST_RECORD ? [frame, frame] : [frame]),
  swapped: () => {
    let held: Uint8Array | undefined;
    return (frame, number) => {
      if (number === FIRST_RECORD + 1) held = frame;
      else if (held !== undefined) return [frame, held];
      else return [frame];
      return [];
    };
  },
};

for (const [name, attack] of Object.entries(attacks)) {
  test(`a record that was ${name} breaks the connection, and nothing false is delivered`, async () => {
    const { near, far, close } = await pair({ out: attack() });
    for (const byte of [1, 2, 3]) await near.send(Uint8Array.of(byte)).catch(() => undefined);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const frame of far.frames) seen.push(frame[0]!);
    })();
    await expect(reading).rejects.toMatchObject({ code: "unauthenticated" });
    expect(seen).toEqual([1]);
    expect(await far.closed).toMatchObject({ code: "unauthenticated" });
    await near.closed;
    await close();
  });
}

test("a side's own records sent back to it break the connection", async () => {
  const own: Uint8Array[] = [];
  const { near, far, close } = await pair({
    out: (frame, number) => {
      if (number >= FIRST_RECORD) own.push(frame);
      return [frame];
    },
    // Its own second record, where the other side's second one is due: the number fits, the key must not.
    in: (frame, number) => (number < 2 ? [frame] : [own[1]!]),
  });
  await near.send(Uint8Array.of(1));
  await near.send(Uint8Array.of(1));
  expect(own).toHaveLength(2);
  await far.send(Uint8Array.of(2));
  expect(await near.closed).toMatchObject({ code: "unauthenticated" });
  await close();
});

test("an end without the sealed goodbye does not pass for a clean close", async () => {
  const { near, far, close } = await pair({
    out: (frame, number) => (number === FIRST_RECORD + 1 ? [] : [frame]),
  });
  await near.send(Uint8Array.of(1));
  await near.close();
  expect(await far.closed).toMatchObject({ code: "broken" });
  await close();
});
