import type { RaftNode, RaftNodeEvent, RaftNodeOptions } from "../src/index.ts";
import type { RaftStore, StoredState } from "@waggle/raft-storage";
import { openFileStore } from "@waggle/raft-storage/file";
import { createFaultVfs, type FaultVfs } from "@waggle/raft-storage/testing";
import { createMemoryStore } from "@waggle/raft-storage/memory";
import { createMemoryNetwork, type MemoryNetwork } from "@waggle/transport/memory";
import { createRaftNode, nodeId } from "../src/index.ts";
import { randomOf } from "./random.ts";
import { Register } from "./register.ts";
import { VirtualClock } from "./virtual-clock.ts";

const PORT = 7_000;
const STEPS_MAX = 4_000;

export interface Member {
  readonly node: RaftNode;
  readonly register: Register;
  readonly events: RaftNodeEvent[];
}

/** What a member finds again after it was stopped. */
interface Kept {
  state: StoredState;
  snapshot: Uint8Array | undefined;
}

export interface MemberOptions extends Partial<Omit<RaftNodeOptions, "id">> {
  /** Whether members store on disks that lose in a crash what was not synced. Default: in memory, where nothing is lost. */
  readonly onDisk?: boolean;
}

/** Members that share one process, one virtual clock and a memory network. */
export class Cluster implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork = createMemoryNetwork();
  readonly members = new Map<number, Member>();
  readonly #kept = new Map<number, Kept>();
  readonly #disks = new Map<number, FaultVfs>();
  readonly #closers = new Map<number, () => Promise<void>>();

  static async start(ids: readonly number[], options: MemberOptions = {}): Promise<Cluster> {
    const cluster = new Cluster();
    const bootstrap = { voters: ids.map(nodeId) };
    for (const id of ids) await cluster.add(id, { bootstrap, ...options });
    return cluster;
  }

  async add(id: number, { onDisk = false, ...options }: MemberOptions = {}): Promise<Member> {
    const transport = this.network.transport(hostOf(id));
    const register = new Register();
    const kept = this.#kept.get(id);
    const node = await createRaftNode({
      id: nodeId(id),
      store: onDisk ? await this.#openDisk(id) : this.#storeOf(id, kept),
      stateMachine: register,
      random: randomOf(id * 977),
      clock: this.clock,
      dial: (peer, protocol, { signal }) =>
        transport.dial({ host: hostOf(peer), port: PORT }, { protocol, signal }),
      ...options,
    });
    const events: RaftNodeEvent[] = [];
    node.subscribe((event) => events.push(event));
    await transport.listen({
      address: { host: hostOf(id), port: PORT },
      onConnection: (connection) => {
        node.accept(connection);
      },
    });
    this.#closers.set(id, () => transport.close());
    const member = { node, register, events };
    this.members.set(id, member);
    return member;
  }

  /** Stops a member as a crash would: nothing is handed over. */
  async crash(id: number): Promise<void> {
    this.network.partition([[hostOf(id)]]);
    await this.#closers.get(id)?.();
    const disk = this.#disks.get(id);
    if (disk !== undefined) this.#disks.set(id, disk.reboot({ random: randomOf(id) }));
    await this.finish(this.get(id).node.stop());
    this.members.delete(id);
    this.network.heal();
  }

  async stop(id: number): Promise<void> {
    await this.finish(this.get(id).node.stop());
    await this.#closers.get(id)?.();
    this.members.delete(id);
  }

  get(id: number): Member {
    const member = this.members.get(id);
    if (member === undefined) throw new RangeError(`node ${id} does not run`);
    return member;
  }

  get leader(): RaftNode | undefined {
    return [...this.members.values()]
      .map(({ node }) => node)
      .filter((node) => node.status().core.role === "leader")
      .sort((left, right) => right.status().core.term - left.status().core.term)[0];
  }

  /** A leader whom all that run follow and who has applied his own first entry. */
  async elect(among: readonly number[] = [...this.members.keys()]): Promise<Member> {
    const agreed = () => {
      const leader = this.leader?.id;
      if (leader === undefined || !among.includes(leader)) return false;
      const { core, applied } = this.get(leader).node.status();
      const ready = applied === core.lastIndex;
      return ready && among.every((id) => this.get(id).node.status().leader === leader);
    };
    await this.until(agreed);
    return this.get(this.leader!.id);
  }

  /** Lets time pass until a condition holds. */
  async until(condition: () => boolean | Promise<boolean>, what = "the condition"): Promise<void> {
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (await condition()) return;
      await this.breathe();
      this.clock.advance(25);
    }
    const states = [...this.members.values()].map(({ node }) => JSON.stringify(node.status()));
    throw new RangeError(`${what} did not come about:\n${states.join("\n")}`);
  }

  /** Resolves with what a call does, while time passes. */
  async finish<T>(call: Promise<T>): Promise<T> {
    let done = false;
    const end = () => (done = true);
    call.then(end, end);
    await this.until(() => done, "the end of a call");
    return call;
  }

  /** Lets everything happen that needs no time. */
  async breathe(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stops = [...this.members.values()].map(({ node }) => node.stop());
    await this.finish(Promise.all(stops));
    for (const close of this.#closers.values()) await close();
  }

  async #openDisk(id: number): Promise<RaftStore> {
    const disk = this.#disks.get(id) ?? createFaultVfs({ random: randomOf(id * 13) });
    this.#disks.set(id, disk);
    return openFileStore({ directory: "/raft", segmentBytes: 4_096, vfs: disk });
  }

  // The memory store forgets when it is closed; what it was told is written down beside it.
  #storeOf(id: number, kept: Kept | undefined): RaftStore {
    const initial = kept?.state ?? { hardState: undefined, snapshot: undefined, entries: [] };
    const record: Kept = { state: initial, snapshot: kept?.snapshot };
    this.#kept.set(id, record);
    const store = createMemoryStore({
      initial,
      ...(record.snapshot === undefined ? {} : { initialSnapshot: record.snapshot }),
    });
    return {
      ...methodsOf(store),
      append: async (batch) => {
        await store.append(batch);
        const first = batch.entries[0]?.index ?? Infinity;
        const entries = record.state.entries.filter(({ index }) => index < first);
        record.state = {
          ...record.state,
          hardState: batch.hardState ?? record.state.hardState,
          entries: [...entries, ...batch.entries],
        };
      },
      saveSnapshot: async (metadata, chunks, options) => {
        const parts: Uint8Array[] = [];
        await store.saveSnapshot(metadata, tee(chunks, parts), options);
        const entries = options.truncateLog ? [] : record.state.entries;
        record.state = { ...record.state, snapshot: metadata, entries };
        record.snapshot = Buffer.concat(parts);
      },
      installSnapshot: async (metadata) => {
        await store.installSnapshot(metadata);
        const parts: Uint8Array[] = [];
        for await (const chunk of (await store.openSnapshot())!.chunks()) parts.push(chunk);
        record.state = { ...record.state, snapshot: metadata, entries: [] };
        record.snapshot = Buffer.concat(parts);
      },
    };
  }
}

export function hostOf(id: number): string {
  return `node-${id}`;
}

function methodsOf(store: RaftStore): RaftStore {
  return {
    initial: () => store.initial(),
    append: (batch) => store.append(batch),
    saveSnapshot: (metadata, chunks, options) => store.saveSnapshot(metadata, chunks, options),
    stageSnapshot: (metadata, identity) => store.stageSnapshot(metadata, identity),
    installSnapshot: (metadata) => store.installSnapshot(metadata),
    openSnapshot: () => store.openSnapshot(),
    compact: (through) => store.compact(through),
    close: () => store.close(),
  };
}

async function* tee(chunks: AsyncIterable<Uint8Array>, parts: Uint8Array[]) {
  for await (const chunk of chunks) {
    parts.push(chunk.slice());
    yield chunk;
  }
}
