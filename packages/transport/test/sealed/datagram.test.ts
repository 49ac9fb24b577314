import { expect, test } from "vitest";
import { createMemoryNetwork } from "../../src/memory/index.ts";
import { createSealedTransport, DATAGRAM_OVERHEAD_BYTES_MAX } from "../../src/sealed/index.ts";
import { DatagramOpener, DatagramSealer } from "../../src/sealed/datagram.ts";
import { resolveKeys } from "../../src/sealed/keys.ts";
import { flip } from "./wiretap.ts";

const key = (id: string, fill: number) => ({ id, secret: new Uint8Array(32).fill(fill) });
const data = Uint8Array.of(1, 2, 3);

test("what one socket seals another opens, at most the stated bytes longer", () => {
  const keys = resolveKeys({ keys: [key("a-16-letter-name", 1)] });
  const sealer = new DatagramSealer();
  const opener = new DatagramOpener();
  const sealed = [1, 2, 3].map(() => sealer.seal(keys, data));
  expect(sealed[0]!.length).toBe(data.length + DATAGRAM_OVERHEAD_BYTES_MAX);
  for (const each of sealed.toReversed()) {
    expect(opener.open(keys, each)).toEqual(Buffer.from(data));
  }
  expect(new Set(sealed.map((each) => Buffer.from(each).toString("hex"))).size).toBe(3);
});

test("any changed, missing or added byte makes it unreadable", () => {
  const keys = resolveKeys({ keys: [key("node", 1)] });
  const sealed = new DatagramSealer().seal(keys, data);
  const opener = new DatagramOpener();
  for (let at = 0; at < sealed.length; at++) {
    expect(opener.open(keys, flip(sealed, at))).toBeUndefined();
    expect(opener.open(keys, sealed.subarray(0, at))).toBeUndefined();
  }
  expect(opener.open(keys, Buffer.concat([sealed, Buffer.of(0)]))).toBeUndefined();
});

test("only accepted keys open datagrams; by default the one that seals them", () => {
  const join = new DatagramSealer().seal(resolveKeys({ keys: [key("join", 3)] }), data);
  const node = new DatagramSealer().seal(resolveKeys({ keys: [key("node", 1)] }), data);
  const wrong = new DatagramSealer().seal(resolveKeys({ keys: [key("node", 9)] }), data);
  const both = { keys: [key("node", 1), key("join", 3)] };
  const opener = new DatagramOpener();
  const opened = (keys: Parameters<typeof resolveKeys>[0]): boolean[] =>
    [node, join, wrong].map((each) => opener.open(resolveKeys(keys), each) !== undefined);
  expect(opened(both)).toEqual([true, false, false]);
  expect(opened({ ...both, acceptDatagramKeyIds: ["join", "node"] })).toEqual([true, true, false]);
  expect(opened({ ...both, datagramKeyId: "join" })).toEqual([false, true, false]);
});

test("no two sockets seal under the same key, nor does one under two secrets", () => {
  const older = resolveKeys({ keys: [key("node", 1)] });
  const newer = resolveKeys({ keys: [key("node", 2)] });
  const sealer = new DatagramSealer();
  const first = sealer.seal(older, data);
  const changed = sealer.seal(newer, data);
  const other = new DatagramSealer().seal(older, data);
  // Version, length, id, then the salt of the key and the number under it.
  const salts = [first, changed, other].map((each) => Buffer.from(each.subarray(6, 22)));
  expect(new Set(salts.map((salt) => salt.toString("hex"))).size).toBe(3);
  const opener = new DatagramOpener();
  expect(opener.open(older, first)).toEqual(Buffer.from(data));
  expect(opener.open(newer, changed)).toEqual(Buffer.from(data));
  // A sender that proved genuine under the old secret is not, once the id stands for another.
  expect(opener.open(newer, first)).toBeUndefined();
});

test("a socket drops and counts what it cannot open, and goes on", async () => {
  const network = createMemoryNetwork();
  const stranger = await network
    .transport("stranger")
    .bind({ address: { host: "stranger", port: 0 }, onDatagram: () => undefined });
  const seal = (host: string) =>
    createSealedTransport(network.transport(host), { keys: [key("node", 1)] });
  const [left, right] = [seal("left"), seal("right")];
  const seen = Promise.withResolvers<Uint8Array>();
  const receiver = await right.bind({
    address: { host: "right", port: 0 },
    onDatagram: (datagram) => seen.resolve(datagram.data),
  });
  const sender = await left.bind({
    address: { host: "left", port: 0 },
    onDatagram: () => undefined,
  });
  stranger.send(receiver.address, data);
  stranger.send(receiver.address, new Uint8Array(0));
  sender.send(receiver.address, data);
  expect(await seen.promise).toEqual(Buffer.from(data));
  expect(right.stats().datagramsDropped).toBe(2);
  await Promise.all([left.close(), right.close()]);
});
