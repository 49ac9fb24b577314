import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { createSwarmSecret } from "@waggle/swarm-identity";
import type { Connection } from "@waggle/transport";
import type { PreSharedKey } from "@waggle/transport/sealed";
import { afterEach, describe, expect, it } from "vitest";
import { KEY_IDS, PROTOCOLS } from "../../src/network/keys.ts";
import { type NodeNetwork, openNodeNetwork } from "../../src/network/node-network.ts";
import { managerKeys, nodeKeyOf, workerKeys } from "../../src/network/swarm-keys.ts";
import { frameReader } from "../support/memory-pair.ts";
import { createSilentLogger } from "../support/silent-logger.ts";

const ANY_PORT = { host: "127.0.0.1", port: 0 };
const secret = createSwarmSecret();
const joinSecrets = { worker: "w".repeat(25), manager: "m".repeat(25) };
const asManager = managerKeys(secret, joinSecrets);
const asWorker = workerKeys(nodeKeyOf(secret));

/** The other side hangs up at once: that may show in the handshake already. */
async function untilCut(dialling: Promise<Connection>): Promise<void> {
  try {
    await (
      await dialling
    ).closed;
  } catch (error) {
    expect(error).toMatchObject({ code: "refused" });
  }
}

describe("a node's network", () => {
  const networks: NodeNetwork[] = [];
  afterEach(async () => {
    await Promise.all(networks.splice(0).map((network) => network.close()));
  });

  async function open(keys: readonly PreSharedKey[], listen = ANY_PORT) {
    const logger = createSilentLogger();
    const network = await openNodeNetwork({ listen, keys, logger });
    networks.push(network);
    return { network, logger };
  }

  it("hands a connection to who serves its protocol, sealed in both directions", async () => {
    const { network: manager } = await open(asManager);
    const { network: worker } = await open(asWorker);
    const accepted = Promise.withResolvers<Connection>();
    manager.serve(PROTOCOLS.session.name, (connection) => accepted.resolve(connection));
    const near = await worker.dial(manager.address, PROTOCOLS.session.name, {
      keyId: KEY_IDS.node,
    });
    const far = await accepted.promise;
    expect(far).toMatchObject({ protocol: "session/1", keyId: "node" });
    await near.send(Buffer.from("hello"));
    await far.send(Buffer.from("welcome"));
    expect(Buffer.from((await frameReader(far)())!).toString()).toBe("hello");
    expect(Buffer.from((await frameReader(near)())!).toString()).toBe("welcome");
  });

  it("cuts a connection for a protocol that nobody serves", async () => {
    const { network: manager, logger } = await open(asManager);
    const { network: worker } = await open(asWorker);
    await untilCut(worker.dial(manager.address, PROTOCOLS.session.name, { keyId: KEY_IDS.node }));
    expect(logger.texts).toEqual([
      "a connection for a protocol that this node does not serve was closed",
    ]);
  });

  it("cuts a worker that wants to speak what is between managers", async () => {
    const { network: manager, logger } = await open(asManager);
    const { network: worker } = await open(asWorker);
    const served: Connection[] = [];
    for (const { name } of Object.values(PROTOCOLS)) {
      manager.serve(name, (connection) => served.push(connection));
    }
    for (const { name } of [PROTOCOLS.raft, PROTOCOLS.raftSnapshot, PROTOCOLS.managerCalls]) {
      await untilCut(worker.dial(manager.address, name, { keyId: KEY_IDS.node }));
    }
    expect(served).toEqual([]);
    expect(logger.texts).toHaveLength(3);
    expect(logger.texts[0]).toContain("whose key does not open its protocol");
  });

  it("does not let a token speak anything but the join protocol", async () => {
    const { network: manager } = await open(asManager);
    const { network: stranger } = await open([asManager[2]!]);
    const served: string[] = [];
    manager.serve(PROTOCOLS.gossip.name, () => served.push("gossip"));
    manager.serve(PROTOCOLS.join.name, (connection) => served.push(connection.keyId));
    const keyId = KEY_IDS.joinWorker;
    await untilCut(stranger.dial(manager.address, PROTOCOLS.gossip.name, { keyId }));
    const join = await stranger.dial(manager.address, PROTOCOLS.join.name, { keyId });
    await join.close();
    expect(served).toEqual(["join-worker"]);
  });

  it("refuses a wrong key, and one that the other side does not know", async () => {
    const { network: manager } = await open(asManager);
    const { network: other } = await open(workerKeys(nodeKeyOf(createSwarmSecret())));
    manager.serve(PROTOCOLS.session.name, (connection) => connection.destroy());
    await expect(
      other.dial(manager.address, PROTOCOLS.session.name, { keyId: KEY_IDS.node }),
    ).rejects.toMatchObject({ code: "unauthenticated" });
    const { network: worker } = await open(asWorker);
    await expect(
      manager.dial(worker.address, PROTOCOLS.raft.name, { keyId: KEY_IDS.manager }),
    ).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("uses new keys for what comes from then on", async () => {
    const { network: manager } = await open(managerKeys(secret, undefined));
    const { network: stranger } = await open([asManager[2]!]);
    manager.serve(PROTOCOLS.join.name, (connection) => connection.destroy());
    const dial = () =>
      stranger.dial(manager.address, PROTOCOLS.join.name, { keyId: KEY_IDS.joinWorker });
    await expect(dial()).rejects.toMatchObject({ code: "unauthenticated" });
    manager.setKeys(asManager);
    await untilCut(dial());
    manager.setKeys(managerKeys(secret, { ...joinSecrets, worker: "x".repeat(25) }));
    await expect(dial()).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("gives up a dial when it is told to", async () => {
    const { network } = await open(asManager);
    await expect(
      network.dial(network.address, PROTOCOLS.raft.name, {
        keyId: KEY_IDS.manager,
        signal: AbortSignal.abort(),
      }),
    ).rejects.toMatchObject({ code: "aborted" });
  });

  it("carries datagrams between members, on the port that streams have too", async () => {
    const { network: manager } = await open(asManager);
    const { network: worker } = await open(asWorker);
    const heard = Promise.withResolvers<{ port: number; text: string }>();
    manager.onDatagram((from, data) =>
      heard.resolve({ port: from.port, text: Buffer.from(data).toString() }),
    );
    worker.sendDatagram(manager.address, Buffer.from("ping"));
    expect(await heard.promise).toEqual({ port: worker.address.port, text: "ping" });
  });

  it("does not throw for a datagram that cannot be sent", async () => {
    const { network } = await open(asManager);
    network.sendDatagram(network.address, new Uint8Array(100_000));
    await network.close();
    network.sendDatagram(network.address, new Uint8Array(1));
  });

  it("says what to do when the port is taken by another listener", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    await expect(open(asManager, { host: "127.0.0.1", port })).rejects.toMatchObject({
      name: "NodeError",
      code: "unavailable",
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`) as string,
    });
    taken.close();
  });

  it("does not keep the TCP port when the UDP port of that number is taken", async () => {
    const opensAfterFailure = async (): Promise<boolean> => {
      const taken = createSocket("udp4").bind(0, "127.0.0.1");
      await once(taken, "listening");
      const listen = { host: "127.0.0.1", port: taken.address().port };
      await expect(open(asManager, listen)).rejects.toMatchObject({ code: "unavailable" });
      taken.close();
      await once(taken, "close");
      return open(asManager, listen).then(
        ({ network }) => network.address.port === listen.port,
        () => false,
      );
    };
    // Another program may hold the TCP port of that number: then the next number shows it.
    let opened = false;
    for (let attempt = 0; attempt < 5 && !opened; attempt += 1) opened = await opensAfterFailure();
    expect(opened).toBe(true);
  });

  it("refuses an address that this machine does not have", async () => {
    await expect(open(asManager, { host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("Choose another --listen-addr") as string,
    });
  });

  it("ends its connections when it is closed", async () => {
    const { network: manager } = await open(asManager);
    const { network: worker } = await open(asWorker);
    manager.serve(PROTOCOLS.session.name, () => undefined);
    const near = await worker.dial(manager.address, PROTOCOLS.session.name, {
      keyId: KEY_IDS.node,
    });
    await manager.close();
    await near.closed;
    await expect(
      worker.dial(manager.address, PROTOCOLS.session.name, { keyId: KEY_IDS.node }),
    ).rejects.toMatchObject({ code: "refused" });
  });
});
