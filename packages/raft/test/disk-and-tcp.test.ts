import type { RaftNode, RaftNodeEvent } from "../src/index.ts";
import type { Address } from "@waggle/transport";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileStore } from "@waggle/raft-storage/file";
import { createNodeTransport, type NodeTransport } from "@waggle/transport/node";
import { describe, expect, it } from "vitest";
import { createRaftNode, isRaftNodeError, nodeId } from "../src/index.ts";
import { randomOf } from "./random.ts";
import { Register, text } from "./register.ts";

const timeoutMs = 15_000;
const ids = [1, 2, 3].map(nodeId);

interface Running {
  readonly node: RaftNode;
  readonly register: Register;
  readonly transport: NodeTransport;
}

/** Members with real disks and sockets, and with real, short, time. */
class RealCluster {
  readonly #directory: string;
  readonly #addresses = new Map<number, Address>();
  readonly members = new Map<number, Running>();
  #watchers = new Set<() => void>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async start(): Promise<RealCluster> {
    const cluster = new RealCluster(await mkdtemp(join(tmpdir(), "waggle-raft-")));
    for (const id of ids) await cluster.add(id);
    return cluster;
  }

  async add(id: number): Promise<Running> {
    const transport = createNodeTransport();
    const register = new Register();
    const store = await openFileStore({
      directory: join(this.#directory, String(id)),
      segmentBytes: 65_536,
    });
    const node = await createRaftNode({
      id: nodeId(id),
      store,
      stateMachine: register,
      bootstrap: { voters: ids },
      random: randomOf(id * 31 + this.#addresses.size),
      tickMs: 30,
      snapshotIntervalEntries: 100,
      trailingEntries: 10,
      dial: (peer, protocol, { signal }) => {
        const address = this.#addresses.get(peer);
        if (address === undefined) return Promise.reject(new RangeError("not up yet"));
        return transport.dial(address, { protocol, signal });
      },
    });
    const { address } = await transport.listen({
      address: { host: "127.0.0.1", port: 0 },
      onConnection: (connection) => {
        node.accept(connection);
      },
    });
    this.#addresses.set(id, address);
    const running = { node, register, transport };
    this.members.set(id, running);
    node.subscribe((event) => {
      this.#notice(event);
    });
    return running;
  }

  async stop(id: number): Promise<void> {
    const { node, transport } = this.members.get(id)!;
    this.members.delete(id);
    await node.stop();
    await transport.close();
  }

  /** The leader, as soon as there is one that all follow. */
  async leader(): Promise<Running> {
    for (;;) {
      const found = [...this.members.values()].find(
        ({ node }) => node.status().core.role === "leader",
      );
      const all = [...this.members.values()].map(({ node }) => node.status().leader);
      if (found && all.every((leader) => leader === found.node.id)) return found;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Proposes until it is applied, wherever the leader may be; a line whose fate is unknown may come twice. */
  async write(line: string): Promise<void> {
    for (;;) {
      const { node } = await this.leader();
      try {
        await node.propose(text(line));
        return;
      } catch (error) {
        if (!isRaftNodeError(error)) throw error;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  async close(): Promise<void> {
    for (const id of [...this.members.keys()]) await this.stop(id);
    await rm(this.#directory, { recursive: true });
  }

  #notice(event: RaftNodeEvent): void {
    if (event.type !== "role") return;
    const watchers = this.#watchers;
    this.#watchers = new Set();
    for (const resolve of watchers) resolve();
  }
}

describe("members on disk and TCP", () => {
  it("survive each other's stops and their own restarts", async () => {
    const cluster = await RealCluster.start();
    try {
      const lines = Array.from({ length: 300 }, (_, at) => `line ${at}`);
      for (const line of lines.slice(0, 50)) await cluster.write(line);
      const first = await cluster.leader();
      await cluster.stop(first.node.id);
      await Promise.all(lines.slice(50).map((line) => cluster.write(line)));
      const back = await cluster.add(first.node.id);
      await back.node.read({ timeoutMs });
      expect(new Set(back.register.lines)).toEqual(new Set(lines));
      for (const id of ids) await cluster.stop(id);
      for (const id of ids) await cluster.add(id);
      await cluster.leader();
      for (const { node: again, register } of cluster.members.values()) {
        await again.read({ timeoutMs });
        expect(new Set(register.lines)).toEqual(new Set(lines));
      }
    } finally {
      await cluster.close();
    }
  });
});
