import type { Connection } from "@waggle/transport";
import type { SnapshotReader } from "@waggle/raft-storage";
import { crc32 } from "node:zlib";
import { createMemoryNetwork } from "@waggle/transport/memory";
import { describe, expect, it } from "vitest";
import { type Dial, nodeId, type PeerConnection, SNAPSHOT_PROTOCOL } from "../../src/index.ts";
import { SNAPSHOT_STALL_MS } from "../../src/limits.ts";
import { decodeHello } from "../../src/network/frames.ts";
import {
  decodeSnapshotDigest,
  decodeSnapshotOffer,
  encodeSnapshotAnswer,
  type SnapshotAnswer,
} from "../../src/network/snapshot-frames.ts";
import { SnapshotSender } from "../../src/network/snapshot-sender.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { snapshotFrom } from "./lone-sender.ts";

const message = snapshotFrom(2);
const chunkBytes = 400_000;
const data = new Uint8Array(3 * chunkBytes).map((_, at) => at % 251);
const address = { host: "receiver", port: 7 };

function turns(count = 20): Promise<void> {
  return count === 0
    ? Promise.resolve()
    : new Promise<void>((resolve) => setImmediate(resolve)).then(() => turns(count - 1));
}

async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    await Promise.resolve();
    yield bytes.subarray(at, at + chunkBytes);
  }
}

/** A sender whose peer does as `serve` says. */
async function setup(
  serve: (connection: Connection, frames: AsyncIterator<Uint8Array>) => Promise<void>,
  parts: {
    readonly chunks?: () => AsyncIterable<Uint8Array>;
    readonly dial?: Dial;
    readonly openSnapshot?: () => Promise<SnapshotReader>;
  } = {},
) {
  const network = createMemoryNetwork();
  const receiver = network.transport("receiver");
  await receiver.listen({
    address,
    onConnection: (connection) => {
      const frames = connection.frames[Symbol.asyncIterator]();
      serve(connection, frames).catch(() => undefined);
    },
  });
  const outcomes: string[] = [];
  const clock = new VirtualClock();
  const reader: SnapshotReader = {
    metadata: message.snapshot.metadata,
    byteLength: data.byteLength,
    chunks: parts.chunks ?? (() => cut(data)),
    close: () => Promise.resolve(),
  };
  const warnings: string[] = [];
  const quiet = { debug: () => 0, info: () => 0, error: () => 0 };
  const warn = (_: string, fields?: object) => warnings.push(String(Reflect.get(fields!, "error")));
  const transport = network.transport("sender");
  const sender = new SnapshotSender({
    options: {
      id: nodeId(2),
      clock,
      random: () => 0,
      logger: { ...quiet, warn },
      dial:
        parts.dial ?? ((_, protocol, { signal }) => transport.dial(address, { protocol, signal })),
    },
    store: { openSnapshot: parts.openSnapshot ?? (() => Promise.resolve(reader)) },
    onDone: (peer, outcome) => outcomes.push(`${peer} ${outcome}`),
  });
  sender.send(message);
  await turns();
  return { sender, outcomes, warnings, clock, receiver };
}

async function take(frames: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const next = await frames.next();
  if (next.done === true) throw new RangeError("no frame");
  return next.value;
}

const say = (connection: Connection, answer: SnapshotAnswer) =>
  connection.send(encodeSnapshotAnswer(answer));

describe("a snapshot's sender", () => {
  it("sends from where the peer stands, and the digest of everything", async () => {
    const offset = chunkBytes + 1;
    const got: Uint8Array[] = [];
    let digest: number | undefined;
    const { outcomes, sender } = await setup(async (connection, frames) => {
      expect(decodeHello(await take(frames))).toEqual({ from: 2, to: 1 });
      const offer = decodeSnapshotOffer(await take(frames));
      expect(offer).toEqual({ byteLength: data.byteLength, message });
      await say(connection, { type: "go-on", offset });
      for (let left = data.byteLength - offset; left > 0; left -= got.at(-1)!.byteLength) {
        got.push(await take(frames));
      }
      digest = decodeSnapshotDigest(await take(frames));
      await say(connection, { type: "taken" });
    });
    expect(Buffer.concat(got).equals(Buffer.from(data.subarray(offset)))).toBe(true);
    expect(digest).toBe(crc32(data));
    expect(outcomes).toEqual(["1 finished"]);
    expect(sender.count).toBe(0);
  });

  it("is done at once when the peer needs no data", async () => {
    const { outcomes } = await setup(async (connection) => say(connection, { type: "taken" }));
    expect(outcomes).toEqual(["1 finished"]);
  });

  it("says why the peer refused, also in the middle of the data", async () => {
    const { outcomes, warnings } = await setup(async (connection, frames) => {
      await take(frames);
      await take(frames);
      await say(connection, { type: "go-on", offset: 0 });
      await take(frames);
      await say(connection, { type: "refused", why: "disk-full" });
      await connection.close();
    });
    expect(outcomes).toEqual(["1 failed"]);
    expect(warnings.join()).toContain("disk-full");
  });

  it("reports every end there is", async () => {
    const ends: ((connection: Connection) => Promise<void>)[] = [
      (connection) => connection.close(),
      (connection) => {
        connection.destroy();
        return Promise.resolve();
      },
      (connection) => say(connection, { type: "go-on", offset: 0 }).then(() => connection.close()),
      (connection) => connection.send(new Uint8Array(99)),
    ];
    for (const end of ends) expect((await setup(end)).outcomes).toEqual(["1 failed"]);
    const { outcomes } = await setup(
      async (connection) => say(connection, { type: "go-on", offset: 0 }),
      {
        chunks: async function* () {
          yield await Promise.reject(new RangeError("the disk is broken"));
        },
      },
    );
    expect(outcomes).toEqual(["1 failed"]);
  });

  it("hears why the peer refused also when it could not send any more", async () => {
    const answers = async function* (): AsyncGenerator<Uint8Array> {
      yield encodeSnapshotAnswer({ type: "go-on", offset: 0 });
      await turns();
      yield encodeSnapshotAnswer({ type: "refused", why: "disk-full" });
    };
    let sent = 0;
    const connection: PeerConnection = {
      protocol: SNAPSHOT_PROTOCOL,
      // The hello and the offer leave; then the peer has hung up.
      send: () => ((sent += 1) <= 2 ? Promise.resolve() : Promise.reject(new RangeError("closed"))),
      frames: answers(),
      close: () => Promise.resolve(),
      destroy: () => undefined,
      closed: new Promise(() => undefined),
    };
    const { outcomes, warnings } = await setup(() => Promise.resolve(), {
      dial: () => Promise.resolve(connection),
    });
    await turns(30);
    expect(outcomes).toEqual(["1 failed"]);
    expect(warnings.join()).toContain("disk-full");
  });

  it("reports nothing once its member has stopped", async () => {
    const { sender, outcomes } = await setup(() => Promise.resolve());
    expect(sender.count).toBe(1);
    sender.destroy();
    await turns();
    expect(sender.count).toBe(0);
    expect(outcomes).toEqual([]);
  });

  it("gives up a peer, or a disk of its own, that does not go on", async () => {
    const hangs = [
      await setup(() => Promise.resolve()),
      await setup(async (connection) => say(connection, { type: "go-on", offset: 0 })),
      await setup(async (connection) => say(connection, { type: "go-on", offset: 0 }), {
        chunks: async function* () {
          yield await new Promise<never>(() => undefined);
        },
      }),
      await setup(() => Promise.resolve(), { openSnapshot: () => new Promise(() => undefined) }),
    ];
    for (const { outcomes, clock, sender } of hangs) {
      expect(outcomes).toEqual([]);
      expect(sender.isSending(nodeId(1))).toBe(true);
      clock.advance(SNAPSHOT_STALL_MS - 1);
      await turns();
      expect(outcomes).toEqual([]);
      clock.advance(1);
      await turns();
      expect(outcomes).toEqual(["1 failed"]);
      expect(sender.count).toBe(0);
    }
  });
});
