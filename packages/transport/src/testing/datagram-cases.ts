import type { Address, Datagram, DatagramSocket } from "../transport.ts";
import type { ComplianceCase, ComplianceNetwork } from "./case.ts";
import {
  complianceCase,
  expect,
  expectRejection,
  expectThrow,
  pattern,
  sameBytes,
  within,
} from "./case.ts";

/** How long to wait before a datagram is sent again, in milliseconds: even loopback may lose one. */
const RESEND_MS = 50;

async function bindPair(
  network: ComplianceNetwork,
  onDatagram: (datagram: Datagram) => void,
): Promise<{ sender: DatagramSocket; receiver: DatagramSocket }> {
  const receiver = await network.right.bind({ address: network.rightAddress, onDatagram });
  const sender = await network.left.bind({
    address: network.leftAddress,
    onDatagram: () => undefined,
  });
  return { sender, receiver };
}

/** Sends until the promise settles. */
async function sendUntil<T>(
  options: { socket: DatagramSocket; to: Address; data: Uint8Array },
  seen: Promise<T>,
): Promise<T> {
  options.socket.send(options.to, options.data);
  const timer = setInterval(() => options.socket.send(options.to, options.data), RESEND_MS);
  try {
    return await within(seen, "a datagram");
  } finally {
    clearInterval(timer);
  }
}

/** What every transport's datagrams do. */
export const datagramCases: readonly ComplianceCase[] = [
  complianceCase(
    "a datagram arrives as it was sent, with the sender's address",
    async (network) => {
      const seen = Promise.withResolvers<Datagram>();
      const { sender, receiver } = await bindPair(network, seen.resolve);
      const data = pattern(4, 200);
      const datagram = await sendUntil(
        { socket: sender, to: receiver.address, data },
        seen.promise,
      );
      expect(sameBytes(datagram.data, data), "the bytes are the same");
      expect(datagram.from.port === sender.address.port, "the port is the sender's");
    },
  ),
  complianceCase("the receiver can answer to the address it sees", async (network) => {
    const answered = Promise.withResolvers<Datagram>();
    const left = await network.left.bind({
      address: network.leftAddress,
      onDatagram: answered.resolve,
    });
    const right: DatagramSocket = await network.right.bind({
      address: network.rightAddress,
      onDatagram: ({ from, data }) => right.send(from, data),
    });
    const data = pattern(5, 64);
    const echo = await sendUntil({ socket: left, to: right.address, data }, answered.promise);
    expect(sameBytes(echo.data, data), "the echo is the same");
  }),
  complianceCase(
    "a datagram of the largest size passes, a larger one is refused",
    async (network) => {
      const { datagramBytesMax } = network.limits;
      const seen = Promise.withResolvers<Datagram>();
      const { sender, receiver } = await bindPair(network, seen.resolve);
      const data = pattern(6, datagramBytesMax);
      const datagram = await sendUntil(
        { socket: sender, to: receiver.address, data },
        seen.promise,
      );
      expect(sameBytes(datagram.data, data), "the largest datagram arrived");
      expectThrow(
        () => sender.send(receiver.address, pattern(7, datagramBytesMax + 1)),
        "datagram-too-large",
      );
    },
  ),
  complianceCase("an onDatagram that throws costs that datagram only", async (network) => {
    let calls = 0;
    const seen = Promise.withResolvers<number>();
    const { sender, receiver } = await bindPair(network, () => {
      calls += 1;
      if (calls === 2) seen.resolve(calls);
      else if (calls === 1) expect(false, "the receiver throws at its first datagram");
    });
    await sendUntil({ socket: sender, to: receiver.address, data: pattern(1, 1) }, seen.promise);
  }),
  complianceCase("sending to nobody is no error, sending after close is", async (network) => {
    const { sender, receiver } = await bindPair(network, () => undefined);
    await receiver.close();
    sender.send(receiver.address, pattern(1, 1));
    await sender.close();
    await sender.close();
    expectThrow(() => sender.send(receiver.address, pattern(1, 1)), "closed");
  }),
  complianceCase(
    "streams and datagrams share a port number, two sockets do not",
    async (network) => {
      const { receiver } = await bindPair(network, () => undefined);
      const again = network.right.bind({ address: receiver.address, onDatagram: () => undefined });
      await expectRejection(again, "address-in-use");
      const listener = await network.right.listen({
        address: receiver.address,
        onConnection: () => undefined,
      });
      expect(listener.address.port === receiver.address.port, "both are on one port");
    },
  ),
];
