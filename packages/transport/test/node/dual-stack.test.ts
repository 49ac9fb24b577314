import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { hasIpv6 } from "../has-ipv6.ts";
import type { Connection, Datagram } from "../../src/index.ts";
import { createNodeTransport } from "../../src/node/index.ts";
import { unmapHost } from "../../src/node/mapped-address.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A transport that listens and binds at the host, and what came in there. */
async function nodeAt(host: string) {
  const transport = createNodeTransport();
  closers.push(() => transport.close());
  const datagrams: Datagram[] = [];
  const connections: Connection[] = [];
  const { socket } = await transport.listenAndBind({
    address: { host, port: 0 },
    onConnection: (connection) => connections.push(connection),
    onDatagram: (datagram) => datagrams.push(datagram),
  });
  return { transport, socket, port: socket.address.port, datagrams, connections };
}

if (hasIpv6) {
  test.each(["127.0.0.1", "::1"])("a node at :: and one at %s reach each other", async (host) => {
    const both = await nodeAt("::");
    const one = await nodeAt(host);
    // Datagrams may be lost, also here: each side sends until it has heard the other.
    await eventually(() => {
      both.socket.send({ host, port: one.port }, Uint8Array.of(1));
      one.socket.send({ host, port: both.port }, Uint8Array.of(2));
      return [both.datagrams.length > 0, one.datagrams.length > 0];
    }).toEqual([true, true]);
    const { from } = both.datagrams[0]!;
    expect(from).toEqual({ host, port: one.port });
    // An answer goes to where the datagram came from.
    one.datagrams.length = 0;
    await eventually(() => {
      both.socket.send(from, Uint8Array.of(3));
      return one.datagrams.some(({ data }) => data[0] === 3);
    }).toBe(true);
    await one.transport.dial({ host, port: both.port }, { protocol: "test/1" });
    await both.transport.dial({ host, port: one.port }, { protocol: "test/1" });
    expect(both.connections[0]!.remote.host).toBe(host);
  });
}

test("only IPv4 in IPv6 form is changed", () => {
  for (const [host, expected] of [
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "::ffff:c000:201"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["", ""],
  ] as const)
    expect(unmapHost(host)).toBe(expected);
});
