/** Two members on the loopback: UDP for packets, TCP with length-prefixed frames for state exchanges. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket as Stream } from "node:net";
import type { Address } from "@waggle/gossip-swim";
import {
  createSwimDriver,
  type StreamConnection,
  type SwimDriver,
} from "@waggle/gossip-swim/driver";

const host = "127.0.0.1";

/** Frames on a TCP socket: four bytes of length, then the bytes. */
function framed(socket: Stream): StreamConnection {
  socket.on("error", () => socket.destroy());
  return {
    send: async (frame) => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(frame.length);
      await new Promise<void>((resolve) => {
        socket.write(Buffer.concat([head, frame]), () => resolve());
      });
    },
    frames: readFrames(socket),
    close: async () => {
      await new Promise<void>((resolve) => socket.end(() => resolve()));
    },
    destroy: () => void socket.destroy(),
  };
}

async function* readFrames(socket: Stream): AsyncGenerator<Uint8Array> {
  let waiting = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE(0)) {
      const end = 4 + waiting.readUInt32BE(0);
      yield new Uint8Array(waiting.subarray(4, end));
      waiting = waiting.subarray(end);
    }
    if (waiting.length > 4 + 1024 * 1024) throw new Error("frame too large");
  }
}

export interface Node {
  readonly driver: SwimDriver;
  readonly address: Address;
  close(): Promise<void>;
}

/** Binds TCP to a port that the system chooses, and UDP to the same; again, should that one be taken. */
async function bindBoth(triesLeft = 20): Promise<{ server: Server; udp: Socket; port: number }> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  const udp = createSocket("udp4");
  udp.bind(bound.port, host);
  try {
    await once(udp, "listening");
    return { server, udp, port: bound.port };
  } catch (error) {
    server.close();
    if (triesLeft === 0) throw error;
    return await bindBoth(triesLeft - 1);
  }
}

/** One member on the loopback. */
export async function startNode(name: string): Promise<Node> {
  const { server, udp, port } = await bindBoth();
  const address = { host, port };

  const driver = createSwimDriver({
    name,
    address,
    preset: "local",
    datagrams: { send: (to, data) => udp.send(data, to.port, to.host) },
    streams: {
      dial: async (to, { signal }) => {
        const socket = connect(to.port, to.host);
        await once(socket, "connect", { signal });
        return framed(socket);
      },
    },
  });
  udp.on("message", (data, from) => {
    driver.handleDatagram({ host: from.address, port: from.port }, data);
  });
  server.on("connection", (socket) => driver.acceptStream(framed(socket)));
  driver.start();

  return {
    driver,
    address,
    close: async () => {
      driver.stop();
      udp.close();
      server.close();
      await once(server, "close");
    },
  };
}

/** Lets two members meet and one say goodbye; returns what the other saw. */
export async function main(): Promise<string[]> {
  const seen: string[] = [];
  const a = await startNode("a");
  const b = await startNode("b");
  const goodbye = new Promise<void>((resolve) => {
    a.driver.subscribe(({ type, member }) => {
      seen.push(`${type} ${member.name}`);
      if (type === "member-left") resolve();
    });
  });
  await b.driver.join([a.address]);
  await b.driver.leave();
  await goodbye;
  await Promise.all([a.close(), b.close()]);
  return seen;
}

if (import.meta.main) console.log((await main()).join("\n"));
