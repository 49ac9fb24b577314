import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { FRAME_HEADER_BYTES, FrameKind, encodeFrame, writeFrameHeader } from "../../src/index.ts";
import type { Connection, Transport } from "../../src/index.ts";
import { createMemoryNetwork } from "../../src/memory/index.ts";
import { createNodeTransport } from "../../src/node/index.ts";
import { createSealedTransport } from "../../src/sealed/index.ts";
import { decodeChallenge, encodeConfirm, encodeHello } from "../../src/sealed/messages.ts";
import { tapTransport } from "./wiretap.ts";

const keys = [{ id: "node", secret: new Uint8Array(32).fill(1) }];
const raft = { protocol: "raft/1" };

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

test("the proof that a listener shows does not serve its reader as a dialer's", async () => {
  const network = createMemoryNetwork();
  const stranger = network.transport("stranger");
  const listener = createSealedTransport(network.transport("listener"), { keys });
  open.push(stranger, listener);
  const accepted: Connection[] = [];
  const { address } = await listener.listen({
    address: { host: "listener", port: 0 },
    onConnection: (connection) => accepted.push(connection),
  });
  const connection = await stranger.dial(address, { protocol: "sealed/1" });
  await connection.send(encodeHello({ nonce: new Uint8Array(32), keyId: "node", ...raft }));
  for await (const answer of connection.frames) {
    await connection.send(encodeConfirm(decodeChallenge(answer)!.proof));
    break;
  }
  expect(await connection.closed).toMatchObject({ code: "broken" });
  await eventually(() => listener.stats().handshakesFailed).toBe(1);
  expect(accepted).toEqual([]);
});

test("what a listener once said does not pass for a listener", async () => {
  const network = createMemoryNetwork();
  const said: Uint8Array[] = [];
  const tapped = tapTransport(network.transport("dialer"), {
    in: (frame) => {
      said.push(frame);
      return [frame];
    },
  });
  const dialer = createSealedTransport(tapped, { keys });
  const listener = createSealedTransport(network.transport("listener"), { keys });
  const parrot = network.transport("parrot");
  open.push(dialer, listener, parrot);
  const genuine = await listener.listen({
    address: { host: "listener", port: 0 },
    onConnection: () => undefined,
  });
  await dialer.dial(genuine.address, raft);
  expect(said).toHaveLength(2);
  const recorded = [...said];
  const forged = await parrot.listen({
    address: { host: "parrot", port: 0 },
    onConnection: (connection) => {
      for (const frame of recorded) void connection.send(frame).catch(() => undefined);
    },
  });
  await expect(dialer.dial(forged.address, raft)).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

test("over TCP a stranger is cut at the header of a large frame, before it has sent one byte of it", async () => {
  const listener = createSealedTransport(createNodeTransport(), {
    keys,
    handshakeTimeoutMs: 600_000,
  });
  open.push(listener);
  const { address } = await listener.listen({
    address: { host: "127.0.0.1", port: 0 },
    onConnection: () => undefined,
  });
  const socket = connect(address.port, address.host);
  socket.on("error", () => undefined);
  socket.resume();
  socket.write(encodeFrame(FrameKind.hello, Buffer.from("WGTR\u0001sealed/1", "latin1")));
  await eventually(() => listener.stats().pendingHandshakes).toBe(1);
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader(header, FrameKind.data, 1024 * 1024);
  socket.write(header);
  await once(socket, "close");
  await eventually(() => listener.stats().handshakesFailed).toBe(1);
});

test("a dial that is aborted just when the inner connection stands is aborted all the same", async () => {
  const network = createMemoryNetwork();
  const abort = new AbortController();
  const inner = network.transport("dialer");
  const dialer = createSealedTransport(
    {
      dial: async (to, options) => {
        const connection = await inner.dial(to, options);
        abort.abort();
        return connection;
      },
      listen: (options) => inner.listen(options),
      bind: (options) => inner.bind(options),
      close: () => inner.close(),
    },
    { keys },
  );
  const listener = createSealedTransport(network.transport("listener"), { keys });
  open.push(dialer, listener);
  const { address } = await listener.listen({
    address: { host: "listener", port: 0 },
    onConnection: () => undefined,
  });
  await expect(dialer.dial(address, { ...raft, signal: abort.signal })).rejects.toMatchObject({
    code: "aborted",
  });
  await eventually(() => network.stats().connectionEnds).toBe(0);
});
