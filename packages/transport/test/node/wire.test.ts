import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { encodeFrame, FrameKind } from "../../src/framing/encode.ts";
import { createNodeTransport } from "../../src/node/index.ts";
import type { NodeTransport, NodeTransportOptions } from "../../src/node/index.ts";
import type { Connection, Listener } from "../../src/index.ts";

const preamble = Buffer.from("WGTR\u0001", "latin1");
const hello = encodeFrame(FrameKind.hello, Buffer.concat([preamble, Buffer.from("test/1")]));
const accept = encodeFrame(FrameKind.accept, preamble);
const anyPort = { host: "127.0.0.1", port: 0 };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

function transportOf(options: NodeTransportOptions = {}): NodeTransport {
  const transport = createNodeTransport(options);
  closers.push(() => transport.close());
  return transport;
}

async function listening(
  options: NodeTransportOptions = {},
): Promise<{ transport: NodeTransport; listener: Listener; accepted: Connection[] }> {
  const transport = transportOf(options);
  const accepted: Connection[] = [];
  const onConnection = (connection: Connection): void => void accepted.push(connection);
  const listener = await transport.listen({ address: anyPort, onConnection });
  return { transport, listener, accepted };
}

/** A bare TCP client. */
async function rawClient(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  closers.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** A bare TCP server that does what the test says with each connection. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const dialTo = (transport: NodeTransport, port: number): Promise<Connection> =>
  transport.dial({ host: "127.0.0.1", port }, { protocol: "test/1" });

const rubbish: Record<string, Uint8Array> = {
  "an HTTP request": Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  "a frame of the user first": encodeFrame(FrameKind.data, Uint8Array.of(1)),
  "an empty frame of the user first": encodeFrame(FrameKind.data, new Uint8Array(0)),
  "a hello without the magic": encodeFrame(FrameKind.hello, Buffer.from("xxxxxtest/1")),
  "a hello of another version": encodeFrame(FrameKind.hello, Buffer.from("WGTR\u0002test/1")),
  "a hello with a bad protocol name": encodeFrame(
    FrameKind.hello,
    Buffer.concat([preamble, Buffer.from("TEST")]),
  ),
  "a hello that is too long": encodeFrame(FrameKind.hello, Buffer.alloc(200)),
  "a frame sent along with the hello": Buffer.concat([
    hello,
    encodeFrame(FrameKind.data, new Uint8Array(9)),
  ]),
};

for (const [name, bytes] of Object.entries(rubbish)) {
  test(`a listener cuts ${name}`, async () => {
    const { transport, listener, accepted } = await listening();
    const client = await rawClient(listener.address.port);
    client.resume();
    client.write(bytes);
    await once(client, "close");
    if (name !== "a frame sent along with the hello") {
      await eventually(() => transport.stats().handshakesFailed).toBe(1);
      expect(accepted).toEqual([]);
    }
    await eventually(() => transport.stats().connections).toBe(0);
    expect(transport.stats().pendingHandshakes).toBe(0);
  });
}

test("a dialer refuses a peer that answers something else", async () => {
  const port = await rawServer((socket) => socket.write("SSH-2.0-x\r\n"));
  await expect(dialTo(transportOf(), port)).rejects.toMatchObject({ code: "protocol" });
});

test("a dialer is refused by a peer that hangs up, and gives up one that stays silent", async () => {
  const rude = await rawServer((socket) => socket.destroy());
  await expect(dialTo(transportOf(), rude)).rejects.toMatchObject({ code: "refused" });
  const silent = await rawServer(() => undefined);
  const transport = transportOf({ handshakeTimeoutMs: 20 });
  await expect(dialTo(transport, silent)).rejects.toMatchObject({ code: "timeout", limit: 20 });
});

test("closing the transport ends a dial under way with closed", async () => {
  const reached = Promise.withResolvers<undefined>();
  const silent = await rawServer(() => reached.resolve(undefined));
  const transport = transportOf();
  const dial = dialTo(transport, silent);
  const outcome = expect(dial).rejects.toMatchObject({ code: "closed" });
  await reached.promise;
  await transport.close();
  await outcome;
});

test("a listener gives up a client that never says hello", async () => {
  const { transport, listener } = await listening({ handshakeTimeoutMs: 20 });
  const client = await rawClient(listener.address.port);
  client.resume();
  await once(client, "close");
  await eventually(() => transport.stats().handshakesFailed).toBe(1);
  expect(transport.stats().pendingHandshakes).toBe(0);
});

test("handshakes under way are limited", async () => {
  const { transport, listener } = await listening({ pendingHandshakesMax: 1 });
  const first = await rawClient(listener.address.port);
  await eventually(() => transport.stats().pendingHandshakes).toBe(1);
  const second = await rawClient(listener.address.port);
  second.resume();
  await once(second, "close");
  expect(transport.stats()).toMatchObject({ connectionsRefused: 1, pendingHandshakes: 1 });
  first.destroy();
  await eventually(() => transport.stats().pendingHandshakes).toBe(0);
  await dialTo(transportOf(), listener.address.port);
});

test("connections are limited, and a closed one makes room", async () => {
  const { transport, listener } = await listening({ connectionsMax: 1 });
  const dialer = transportOf();
  const first = await dialTo(dialer, listener.address.port);
  await expect(dialTo(dialer, listener.address.port)).rejects.toMatchObject({ code: "refused" });
  expect(transport.stats().connectionsRefused).toBe(1);
  await first.close();
  await eventually(() => transport.stats().connections).toBe(0);
  await eventually(() =>
    dialTo(dialer, listener.address.port).then(() => "connected", String),
  ).toBe("connected");
});

test("a peer that goes without a goodbye has broken the connection; what it sent before is delivered", async () => {
  const { listener, accepted } = await listening();
  const client = await rawClient(listener.address.port);
  client.resume();
  client.write(hello);
  await eventually(() => accepted.length).toBe(1);
  client.end(encodeFrame(FrameKind.data, Uint8Array.of(7)));
  const frames = accepted[0]!.frames[Symbol.asyncIterator]();
  expect(await frames.next()).toMatchObject({ done: false, value: Buffer.of(7) });
  await expect(frames.next()).rejects.toMatchObject({ code: "broken" });
  expect(await accepted[0]!.closed).toMatchObject({ code: "broken" });
});

test("a peer that sends more than the limit is cut", async () => {
  const { listener, accepted } = await listening({ limits: { frameBytesMax: 100 } });
  const client = await rawClient(listener.address.port);
  client.resume();
  client.write(hello);
  await eventually(() => accepted.length).toBe(1);
  client.write(encodeFrame(FrameKind.data, new Uint8Array(101)));
  expect(await accepted[0]!.closed).toMatchObject({ code: "frame-too-large", limit: 100 });
});

test("a half-open connection is noticed by silence", async () => {
  const port = await rawServer((socket) => socket.write(accept));
  const transport = transportOf({ idlePingMs: 10, idleTimeoutMs: 40 });
  const connection = await dialTo(transport, port);
  expect(await connection.closed).toMatchObject({ code: "timeout", limit: 40 });
  await expect(connection.send(Uint8Array.of(1))).rejects.toMatchObject({ code: "timeout" });
});

test("pings are sent in silence, and answered", async () => {
  const received: Buffer[] = [];
  const port = await rawServer((socket) => {
    socket.write(accept);
    socket.on("data", (chunk) => received.push(chunk));
    socket.write(encodeFrame(FrameKind.ping, new Uint8Array(0)));
  });
  await dialTo(transportOf({ idlePingMs: 10, idleTimeoutMs: 10_000 }), port);
  const ping = Buffer.from(encodeFrame(FrameKind.ping, new Uint8Array(0)));
  const pong = Buffer.from(encodeFrame(FrameKind.pong, new Uint8Array(0)));
  await eventually(() => {
    const bytes = Buffer.concat(received);
    return bytes.includes(ping) && bytes.includes(pong);
  }).toBe(true);
});

test("a slow consumer says unasked that it lives, and does not take the peer for dead", async () => {
  const { listener, accepted } = await listening({
    idlePingMs: 10,
    idleTimeoutMs: 150,
    limits: { inboundFramesMax: 1 },
  });
  const client = await rawClient(listener.address.port);
  const received: Buffer[] = [];
  client.on("data", (chunk) => received.push(chunk));
  client.write(hello);
  await eventually(() => accepted.length).toBe(1);
  client.write(encodeFrame(FrameKind.data, Uint8Array.of(1)));
  const outcome: unknown[] = [];
  void accepted[0]!.closed.then((error) => outcome.push(error));
  // Twenty pongs, ten milliseconds apart: more than the idle timeout in which the client said nothing.
  const pong = Buffer.from(encodeFrame(FrameKind.pong, new Uint8Array(0)));
  await eventually(() => Buffer.concat(received).subarray(accept.length).toString("hex")).toContain(
    Buffer.concat(Array.from({ length: 20 }, () => pong)).toString("hex"),
  );
  expect(outcome).toEqual([]);
  // Once it reads again, silence counts again.
  await accepted[0]!.frames[Symbol.asyncIterator]().next();
  expect(await accepted[0]!.closed).toMatchObject({ code: "timeout" });
});

test("close gives up on a peer that reads nothing, and says that frames did not leave", async () => {
  const port = await rawServer((socket) => {
    socket.write(accept);
    socket.pause();
  });
  const connection = await dialTo(transportOf({ closeTimeoutMs: 30 }), port);
  const sends = Array.from({ length: 40 }, () =>
    connection.send(new Uint8Array(1024 * 1024)).catch((error: unknown) => error),
  );
  await connection.close();
  expect(await connection.closed).toMatchObject({ code: "timeout" });
  await Promise.all(sends);
});

test("a second handshake is refused", async () => {
  const { listener, accepted } = await listening();
  const client = await rawClient(listener.address.port);
  client.resume();
  client.write(hello);
  await eventually(() => accepted.length).toBe(1);
  client.write(hello);
  expect(await accepted[0]!.closed).toMatchObject({ code: "protocol" });
});

test("close hears the peer's end although frames wait that nobody read", async () => {
  const { listener, accepted } = await listening({
    closeTimeoutMs: 600_000,
    limits: { inboundFramesMax: 1 },
  });
  const client = await rawClient(listener.address.port);
  client.resume();
  client.write(hello);
  await eventually(() => accepted.length).toBe(1);
  const first = accepted[0]!.frames[Symbol.asyncIterator]().next();
  const small = encodeFrame(FrameKind.data, Uint8Array.of(1));
  client.write(Buffer.concat([small, small]));
  await first;
  // The second frame fills the queue. What comes now is more than the system's buffers hold: it has to be read away.
  for (let n = 0; n < 16; n += 1)
    client.write(encodeFrame(FrameKind.data, new Uint8Array(1024 * 1024)));
  client.end(encodeFrame(FrameKind.goodbye, new Uint8Array(0)));
  await accepted[0]!.close();
  expect(await accepted[0]!.closed).toBeUndefined();
});

test("what was asked for before the transport closed does not stay open behind it", async () => {
  const transport = transportOf();
  const handlers = { onConnection: () => undefined, onDatagram: () => undefined };
  const outcomes = [
    transport.listen({ address: anyPort, ...handlers }),
    transport.bind({ address: anyPort, ...handlers }),
  ].map((each) => expect(each).rejects.toMatchObject({ code: "closed" }));
  await transport.close();
  await Promise.all(outcomes);
});

test("listenAndBind takes one port for both, and says when the twin is taken", async () => {
  const transport = transportOf();
  const handlers = { onConnection: () => undefined, onDatagram: () => undefined };
  const { listener, socket } = await transport.listenAndBind({ address: anyPort, ...handlers });
  expect(socket.address).toEqual(listener.address);
  const squatter = createSocket("udp4");
  closers.push(() => squatter.close());
  squatter.bind(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = { host: "127.0.0.1", port: squatter.address().port };
  await expect(transport.listenAndBind({ address, ...handlers })).rejects.toMatchObject({
    code: "address-in-use",
  });
  const free = await transport.listen({ address, ...handlers });
  expect(free.address).toEqual(address);
});

test("datagrams over the limit are dropped on receipt, and counted", async () => {
  const transport = transportOf({ limits: { datagramBytesMax: 100 } });
  const seen: number[] = [];
  const socket = await transport.bind({
    address: anyPort,
    onDatagram: ({ data }) => seen.push(data.length),
  });
  const sender = createSocket("udp4");
  closers.push(() => sender.close());
  await eventually(() => {
    sender.send(new Uint8Array(101), socket.address.port, "127.0.0.1");
    sender.send(new Uint8Array(100), socket.address.port, "127.0.0.1");
    return seen.length > 0 && transport.stats().datagramsDropped > 0;
  }).toBe(true);
  expect(new Set(seen)).toEqual(new Set([100]));
});

test("addresses and options that cannot be are refused", async () => {
  const transport = transportOf();
  const onConnection = (): void => undefined;
  await expect(
    transport.listen({ address: { host: "192.0.2.1", port: 0 }, onConnection }),
  ).rejects.toMatchObject({ code: "address-unavailable" });
  await expect(
    transport.dial({ host: "127.0.0.1", port: 0 }, { protocol: "test/1" }),
  ).rejects.toMatchObject({ code: "invalid-argument" });
  for (const options of [
    { idlePingMs: 10, idleTimeoutMs: 10 },
    { connectionsMax: 0 },
    { connectTimeoutMs: Number.NaN },
  ]) {
    expect(() => createNodeTransport(options)).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  }
});
