import type { Connection } from "@waggle/transport";
import { createMemoryNetwork } from "@waggle/transport/memory";

const SERVER = { host: "server", port: 1 };

/** A server on a memory network that a test dials as often as it likes. */
export interface MemoryServer {
  /** A new connection to the server, for any protocol. */
  readonly dial: () => Promise<Connection>;
  /** The server's side of all connections, in the order in which they came. */
  readonly accepted: readonly Connection[];
  close(): Promise<void>;
}

/** Listens on a memory network; each connection is handed to `onConnection`. */
export async function createMemoryServer(
  onConnection: (connection: Connection) => void = () => undefined,
): Promise<MemoryServer> {
  const network = createMemoryNetwork();
  const server = network.transport(SERVER.host);
  const client = network.transport("client");
  const accepted: Connection[] = [];
  await server.listen({
    address: SERVER,
    onConnection: (connection) => {
      accepted.push(connection);
      onConnection(connection);
    },
  });
  return {
    dial: () => client.dial(SERVER, { protocol: "test/1" }),
    accepted,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** Both ends of one connection. */
export async function createMemoryPair(): Promise<{
  readonly near: Connection;
  readonly far: Connection;
}> {
  const server = await createMemoryServer();
  const near = await server.dial();
  const far = server.accepted[0];
  if (far === undefined) throw new TypeError("the connection was not accepted");
  return { near, far };
}

/** Reads one frame after the other; `undefined` at the end. */
export function frameReader(connection: Connection): () => Promise<Uint8Array | undefined> {
  const inbox = connection.frames[Symbol.asyncIterator]();
  return async () => {
    const next = await inbox.next();
    return next.done === true ? undefined : next.value;
  };
}

/** Lets everything that is only waiting for its turn happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
