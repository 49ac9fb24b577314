import { createMessageEncoder, decodeMessage } from "../src/codec/index.ts";
import { bootstrapState, createRaftCore, nodeId } from "../src/index.ts";
import type {
  ConfState,
  Entry,
  HardState,
  LogIndex,
  Message,
  NodeId,
  RaftCore,
  RaftOptions,
  Ready,
} from "../src/index.ts";

/** Applied entries after which a member compacts its log. */
const COMPACT_EVERY = 16_384;
/** Entries that stay in memory for followers that are a little behind. */
const COMPACT_MARGIN = 1_024;

/** Brings the bytes of a message to a member. */
type Carrier = (to: NodeId, bytes: Uint8Array) => void;

type DriverOptions = Pick<RaftOptions, "initial" | "batchAppends">;

/** A member with the driver's duties: a store and a state machine in memory. */
class Driver {
  readonly core: RaftCore;
  /** Encoded messages that arrived. */
  inbox: Uint8Array[] = [];
  appliedIndex: LogIndex;
  /** Bytes of all data applied: the state machine. */
  appliedBytes = 0;
  readies = 0;
  readonly #confState: ConfState;
  readonly #carry: Carrier;
  readonly #encoder = createMessageEncoder();
  #stored: Entry[] = [];
  #storedBefore: number;
  #compacted: LogIndex;
  hardState: HardState | undefined;

  constructor(id: NodeId, carry: Carrier, options: DriverOptions) {
    const { initial } = options;
    const { snapshot } = initial;
    if (snapshot === undefined) throw new Error("a group starts from a snapshot");
    this.core = createRaftCore({ ...options, id, random: () => id / 10 });
    this.#confState = snapshot.confState;
    this.#carry = carry;
    this.appliedIndex = snapshot.index;
    this.#compacted = snapshot.index;
    this.#storedBefore = snapshot.index;
    this.hardState = initial.hardState;
  }

  /** Takes what arrived and does what the core asks for. False when there was nothing to do. */
  work(): boolean {
    const { inbox } = this;
    this.inbox = [];
    for (const bytes of inbox) this.core.step(decodeMessage(bytes));
    if (!this.core.hasReady()) return inbox.length > 0;
    while (this.core.hasReady()) this.#handle(this.core.ready());
    return true;
  }

  #handle(ready: Ready): void {
    this.readies += 1;
    this.#send(ready.messages);
    this.#store(ready.entries);
    this.hardState = ready.hardState ?? this.hardState;
    this.#send(ready.messagesAfterPersist);
    for (const { data, index } of ready.committedEntries) {
      this.appliedBytes += data.byteLength;
      this.appliedIndex = index;
    }
    this.core.advance();
    if (this.appliedIndex - this.#compacted >= COMPACT_EVERY) this.#compact();
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) this.#carry(message.to, this.#encoder.encode(message));
  }

  #store(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    this.#stored.length = first.index - this.#storedBefore - 1;
    for (const entry of entries) this.#stored.push(entry);
  }

  #compact(): void {
    const index = this.appliedIndex;
    const through = (index - COMPACT_MARGIN) as LogIndex;
    const { term } = this.#stored[index - this.#storedBefore - 1]!;
    this.core.compact({ index, term, confState: this.#confState }, through);
    this.#stored = this.#stored.slice(through - this.#storedBefore);
    this.#storedBefore = through;
    this.#compacted = index;
  }
}

/**
 * Three members in one process. Every message between them is encoded by its sender and decoded by its receiver; entries
 * are stored before anything is sent that promises them. Nothing is lost or late.
 */
export class BenchGroup {
  readonly #drivers: readonly Driver[];
  readonly #leader: Driver;

  constructor(options: { readonly batchAppends: boolean }) {
    const ids = [1, 2, 3].map(nodeId);
    const initial = bootstrapState(ids);
    const byId = new Map<NodeId, Driver>();
    const carry: Carrier = (to, bytes) => byId.get(to)!.inbox.push(bytes);
    for (const id of ids) byId.set(id, new Driver(id, carry, { ...options, initial }));
    this.#drivers = [...byId.values()];
    this.#leader = this.#drivers[0]!;
    this.#leader.core.campaign();
    this.#settle();
    if (this.#leader.core.status().role !== "leader") throw new Error("nobody leads");
  }

  /** `count` proposals of `batch` before the next Ready; back when all members applied them. The Readys that took. */
  propose(batch: readonly Uint8Array[], count: number): number {
    const before = this.#leader.appliedIndex;
    const readies = this.#readies();
    for (let done = 0; done < count; done += 1) this.#leader.core.propose(batch);
    this.#settle();
    for (const { appliedIndex } of this.#drivers)
      if (appliedIndex !== before + batch.length * count) throw new Error("not applied everywhere");
    return this.#readies() - readies;
  }

  tick(): void {
    for (const { core } of this.#drivers) core.tick();
    this.#settle();
  }

  #readies(): number {
    return this.#drivers.reduce((sum, driver) => sum + driver.readies, 0);
  }

  #settle(): void {
    for (let busy = true; busy;) {
      busy = false;
      for (const driver of this.#drivers) if (driver.work()) busy = true;
    }
  }
}
