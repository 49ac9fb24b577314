import type { VfsFault } from "@waggle/raft-storage/testing";
import { crc32 } from "node:zlib";
import { logIndex, term } from "@waggle/raft-core";
import { encodeMessage } from "@waggle/raft-core/codec";
import { openFileStore } from "@waggle/raft-storage/file";
import { createFaultVfs } from "@waggle/raft-storage/testing";
import { describe, expect, it } from "vitest";
import { nodeId, RAFT_PROTOCOL } from "../../src/index.ts";
import { DISK_FULL_RETRY_MS, SNAPSHOT_RESUME_MS, SNAPSHOT_STALL_MS } from "../../src/limits.ts";
import { encodeHello, encodeMessages } from "../../src/network/frames.ts";
import { encodeSnapshotDigest } from "../../src/network/snapshot-frames.ts";
import { Cluster, hostOf, type MemberOptions } from "../cluster.ts";
import { createGatedStore } from "../gated-store.ts";
import { randomOf } from "../random.ts";
import { text } from "../register.ts";
import { LoneSender, snapshotFrom } from "./lone-sender.ts";

const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`);
const data = text(JSON.stringify(lines));
const size = data.byteLength;
const half = Math.floor(size / 2);
const digest = encodeSnapshotDigest(crc32(data));
const goOn = (offset: number) => ({ type: "go-on", offset });
const refused = (why: string) => ({ type: "refused", why });

async function offer(cluster: Cluster, message = snapshotFrom(9), byteLength = size) {
  return LoneSender.offer(cluster, message, byteLength);
}

/** Sends all of it and says what the member answers in the end. */
async function sendWhole(cluster: Cluster, message = snapshotFrom(9)) {
  const sender = await offer(cluster, message);
  const answer = await sender.answer();
  if (answer?.type !== "go-on") return answer;
  await sender.send(data.subarray(answer.offset));
  await sender.send(digest);
  return sender.answer();
}

describe("a member that is sent a snapshot", () => {
  it("takes it to its store and goes on from there", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register } = await cluster.elect();
    expect(await sendWhole(cluster)).toEqual({ type: "taken" });
    await cluster.until(() => node.status().applied === 50);
    expect(register.lines).toEqual(lines);
    expect(node.status().core).toMatchObject({ commit: 50, role: "follower", term: 90 });
  });

  it("goes on where it stopped when the same sender comes again, and with another anew", async () => {
    await using cluster = await Cluster.start([1]);
    const { node } = await cluster.elect();
    const first = await offer(cluster);
    expect(await first.answer()).toEqual(goOn(0));
    await first.send(data.subarray(0, half));
    await cluster.breathe();
    const second = await offer(cluster);
    expect(await second.answer()).toEqual(goOn(half));
    await cluster.until(() => first.isClosed);
    second.connection.destroy();
    await cluster.breathe();
    const other = await offer(cluster, snapshotFrom(8));
    expect(await other.answer()).toEqual(goOn(0));
    other.connection.destroy();
    await cluster.breathe();
    const later = await offer(cluster, snapshotFrom(9, { index: 51 }));
    expect(await later.answer()).toEqual(goOn(0));
    later.connection.destroy();
    await cluster.breathe();
    expect(await sendWhole(cluster, snapshotFrom(8))).toEqual({ type: "taken" });
    await cluster.until(() => node.status().applied === 50);
  });

  it("takes one at a time, that of the latest term first", async () => {
    await using cluster = await Cluster.start([1]);
    await cluster.elect();
    const first = await offer(cluster);
    expect(await first.answer()).toEqual(goOn(0));
    const equal = await offer(cluster, snapshotFrom(8));
    expect(await equal.answer()).toEqual(refused("busy"));
    // It is for the sender to hang up, once it has heard.
    await cluster.breathe();
    expect([first.isClosed, equal.isClosed]).toEqual([false, false]);
    expect(await sendWhole(cluster, snapshotFrom(8, { term: 91 }))).toEqual({ type: "taken" });
    expect(first.isClosed).toBe(true);
  });

  it("refuses one larger than the limit, and one of an earlier term, before any byte", async () => {
    await using cluster = await Cluster.start([1], { limits: { snapshotBytesMax: size } });
    await cluster.elect();
    expect(await (await offer(cluster, snapshotFrom(9), size + 1)).answer()).toEqual(
      refused("too-large"),
    );
    const old = snapshotFrom(9, { term: 0 });
    expect(await (await offer(cluster, old)).answer()).toEqual(refused("stale"));
    expect(await sendWhole(cluster)).toEqual({ type: "taken" });
  });

  it("asks for no data of one that it has no need of", async () => {
    await using cluster = await Cluster.start([1]);
    await cluster.elect();
    expect(await sendWhole(cluster)).toEqual({ type: "taken" });
    const again = await offer(cluster);
    expect(await again.answer()).toEqual({ type: "taken" });
  });

  it("refuses bytes that are not those that were sent, and begins anew", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register } = await cluster.elect();
    const sender = await offer(cluster);
    expect(await sender.answer()).toEqual(goOn(0));
    await sender.send(new Uint8Array(size));
    await sender.send(digest);
    expect(await sender.answer()).toEqual(refused("checksum"));
    await cluster.finish(node.propose(text("still here")));
    expect(register.lines).toEqual(["still here"]);
    const again = await offer(cluster);
    expect(await again.answer()).toEqual(goOn(0));
  });

  it("cuts who is silent or all but silent, and frees the room of what nobody goes on with", async () => {
    await using cluster = await Cluster.start([1]);
    await cluster.elect();
    const silent = await offer(cluster);
    expect(await silent.answer()).toEqual(goOn(0));
    await silent.send(data.subarray(0, half));
    await cluster.breathe();
    cluster.clock.advance(SNAPSHOT_STALL_MS);
    await cluster.until(() => silent.isClosed);
    const slow = await offer(cluster);
    expect(await slow.answer()).toEqual(goOn(half));
    for (let sent = 0; sent < 3; sent += 1) {
      await slow.send(data.subarray(half + sent, half + sent + 1));
      await cluster.breathe();
      cluster.clock.advance(SNAPSHOT_STALL_MS / 3);
    }
    await cluster.breathe();
    expect(slow.isClosed).toBe(true);
    cluster.clock.advance(SNAPSHOT_RESUME_MS);
    await cluster.breathe();
    expect(await (await offer(cluster)).answer()).toEqual(goOn(0));
  });

  it("lets nothing come between a snapshot and its taking force", async () => {
    const gate = Promise.withResolvers<undefined>();
    const store = createGatedStore({ install: gate.promise });
    await using cluster = await Cluster.start([1], { store });
    const { node } = await cluster.elect();
    const whole = sendWhole(cluster);
    await cluster.until(() => node.status().core.lastIndex === 50);
    const again = await offer(cluster, snapshotFrom(9, { index: 51 }));
    expect(await again.answer()).toEqual(refused("busy"));
    gate.resolve(undefined);
    expect(await whole).toEqual({ type: "taken" });
  });

  it("drops one whose sender's term is over when it is complete", async () => {
    const vfs = createFaultVfs({ random: randomOf(1) });
    const store = await openFileStore({ directory: "/raft", segmentBytes: 4_096, vfs });
    await using cluster = await Cluster.start([1], { store });
    const { node } = await cluster.elect();
    const sender = await offer(cluster);
    expect(await sender.answer()).toEqual(goOn(0));
    await sender.send(data);
    const transport = cluster.network.transport(hostOf(8));
    const other = await transport.dial(
      { host: hostOf(1), port: 7_000 },
      { protocol: RAFT_PROTOCOL },
    );
    const envelope = { from: nodeId(8), to: nodeId(1), term: term(91) };
    const context = new Uint8Array(0);
    const message = { ...envelope, type: "heartbeat", commit: logIndex(0), context } as const;
    await other.send(encodeHello(envelope));
    await other.send(encodeMessages([encodeMessage(message)]));
    await cluster.until(() => node.status().core.term === 91);
    await sender.send(digest);
    expect(await sender.answer()).toEqual(refused("stale"));
    expect((await vfs.list("/raft")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(node.status()).toMatchObject({ state: "running", applied: 2 });
  });

  it("reads no faster than its disk writes", async () => {
    const gate = Promise.withResolvers<undefined>();
    const gates = { stage: gate.promise, staged: 0 };
    await using cluster = await Cluster.start([1], { store: createGatedStore(gates) });
    await cluster.elect();
    const large = 100 * 262_144;
    const sender = await offer(cluster, snapshotFrom(9), large);
    expect(await sender.answer()).toEqual(goOn(0));
    let sent = 0;
    const sending = (async () => {
      for (; sent < large; sent += 262_144) await sender.send(new Uint8Array(262_144));
    })();
    await cluster.breathe();
    await cluster.breathe();
    expect(sent).toBeLessThan(large / 2);
    expect(gates.staged).toBe(0);
    gate.resolve(undefined);
    await cluster.finish(sending);
    await cluster.until(() => gates.staged === large);
  });
});

describe("a member whose disk is full", () => {
  async function start(
    isFull: (operation: string, path: string) => boolean,
    options: MemberOptions = {},
  ) {
    const fault = (operation: string, path: string): VfsFault | undefined =>
      isFull(operation, path) ? "ENOSPC" : undefined;
    const vfs = createFaultVfs({ random: randomOf(3), fault });
    const store = await openFileStore({ directory: "/raft", segmentBytes: 4_096, vfs });
    return Cluster.start([1], { store, ...options });
  }

  it("keeps the log until there is room for a snapshot of its own, and tries now and then", async () => {
    let full = false;
    let tries = 0;
    await using cluster = await start(
      (operation, path) => {
        const isSnapshot = operation === "write" && path.includes("snapshot");
        if (full && isSnapshot) tries += 1;
        return full && isSnapshot;
      },
      { snapshotIntervalEntries: 10, trailingEntries: 0 },
    );
    const { node } = await cluster.elect();
    full = true;
    for (let at = 0; at < 40; at += 1) await cluster.finish(node.propose(text(`line ${at}`)));
    expect(node.status()).toMatchObject({ state: "running", core: { firstIndex: 2 } });
    expect(tries).toBe(1);
    full = false;
    cluster.clock.advance(DISK_FULL_RETRY_MS);
    await cluster.finish(node.propose(text("room")));
    await cluster.until(() => node.status().core.firstIndex > 40);
  });

  it("says so to the sender of a snapshot, goes on, and takes it once there is room", async () => {
    let full = false;
    await using cluster = await start(
      (operation, path) => full && operation === "write" && path.includes("snapshot"),
    );
    const { node, register } = await cluster.elect();
    full = true;
    expect(await sendWhole(cluster)).toEqual(refused("disk-full"));
    await cluster.finish(node.propose(text("still here")));
    expect(register.lines).toEqual(["still here"]);
    full = false;
    expect(await sendWhole(cluster)).toEqual({ type: "taken" });
    await cluster.until(() => node.status().applied === 50);
  });

  it("waits for room to put it in force", async () => {
    let full = false;
    let tries = 0;
    await using cluster = await start((operation) => {
      if (full && operation === "rename") tries += 1;
      return full && operation === "rename";
    });
    const { node } = await cluster.elect();
    full = true;
    const sending = sendWhole(cluster);
    await cluster.until(() => tries === 2);
    expect(node.status()).toMatchObject({ state: "running", applied: 2 });
    full = false;
    expect(await sending).toEqual({ type: "taken" });
    await cluster.until(() => node.status().applied === 50);
  });
});

describe("a member whose disk breaks while it takes in a snapshot", () => {
  it("ends itself, since it can promise nothing any more", async () => {
    let broken = false;
    const fault = (operation: string): VfsFault | undefined =>
      broken && operation === "write" ? "EIO" : undefined;
    const vfs = createFaultVfs({ random: randomOf(5), fault });
    const store = await openFileStore({ directory: "/raft", segmentBytes: 4_096, vfs });
    await using cluster = await Cluster.start([1], { store });
    const { node, events } = await cluster.elect();
    broken = true;
    expect(await sendWhole(cluster)).not.toEqual({ type: "taken" });
    expect(node.status().state).toBe("failed");
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "failed" } });
  });
});

describe("a member that crashes while it takes in a snapshot", () => {
  // One run for each operation of the disk, until a run is through before its crash.
  it.each(["in-order", "any"] as const)("is as before or after it (%s)", async (names) => {
    const seen = new Set<number>();
    for (let crashAt = 1; ; crashAt += 1) {
      let count = -1;
      const fault = (): VfsFault | undefined => {
        if (count >= 0) count += 1;
        return count === crashAt ? "crash" : undefined;
      };
      const vfs = createFaultVfs({ random: randomOf(crashAt), names, fault });
      const open = (disk = vfs) =>
        openFileStore({ directory: "/raft", segmentBytes: 4_096, vfs: disk });
      const first = await Cluster.start([1], { store: await open() });
      const { node } = await first.elect();
      await first.finish(node.propose(text("before")));
      count = 0;
      const answer = await sendWhole(first);
      const through = count < crashAt;
      await first[Symbol.asyncDispose]();
      const disk = vfs.reboot({ random: randomOf(crashAt) });
      const store = await open(disk);
      const stored = store.initial().snapshot?.index ?? 0;
      seen.add(stored);
      expect([1, 50]).toContain(stored);
      if (answer?.type === "taken") expect(stored).toBe(50);
      await using second = new Cluster();
      const again = await second.add(1, { store });
      expect(await sendWhole(second)).toEqual({ type: "taken" });
      await second.until(() => again.node.status().applied === 50);
      expect(again.register.lines).toEqual(lines);
      expect((await disk.list("/raft")).filter((name) => /^snapshot.*tmp$/.test(name))).toEqual([]);
      if (through) break;
    }
    expect(seen).toEqual(new Set([1, 50]));
  });
});
