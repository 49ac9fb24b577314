import { createNodeTransport } from "@waggle/transport/node";
import { createSealedTransport } from "@waggle/transport/sealed";
import { randomBytes } from "node:crypto";

// Two nodes that hold one key. Without the key nobody gets a connection, and nobody can read along.
const keys = [{ id: "demo", secret: randomBytes(32) }];
const server = createSealedTransport(createNodeTransport(), { keys });
const client = createSealedTransport(createNodeTransport(), { keys });

const { address } = await server.listen({
  address: { host: "127.0.0.1", port: 0 },
  onConnection: (connection) => {
    void (async () => {
      for await (const frame of connection.frames) await connection.send(frame);
    })().catch((error: unknown) => console.error(error));
  },
});

const connection = await client.dial(address, { protocol: "echo/1" });
await connection.send(new TextEncoder().encode("hello"));
for await (const frame of connection.frames) {
  console.log(`${connection.keyId}: ${new TextDecoder().decode(frame)}`);
  break;
}

await client.close();
await server.close();
