import type {
  ConfChange,
  ConfState,
  Message,
  NodeId,
  RaftCore,
  Ready,
  SnapshotMetadata,
  SoftState,
} from "@waggle/raft-core";
import type { RaftStore } from "@waggle/raft-storage";
import type { ResolvedOptions } from "../options.ts";
import { isRaftError, NO_NODE } from "@waggle/raft-core";
import { confChangeOf } from "@waggle/raft-core/codec";
import { RaftNodeError } from "../errors.ts";
import { EventHub } from "../events.ts";
import { Inbound, type InboundFrame } from "../network/inbound.ts";
import { laneOf } from "../network/lanes.ts";
import { PeerLinks } from "../network/links.ts";
import { SnapshotSender } from "../network/snapshot-sender.ts";
import { type AppliedBatch, Applier } from "./applier.ts";
import { membersOf } from "./members.ts";
import { type Place, Proposals } from "./proposals.ts";
import { Reads } from "./reads.ts";
import { ReceivedSnapshots } from "./received-snapshots.ts";
import { refusalOf } from "./refusals.ts";
import { Snapshotter } from "./snapshotter.ts";

/** What a replica starts from: everything is loaded, nothing runs yet. */
export interface ReplicaParts {
  readonly options: ResolvedOptions;
  readonly store: RaftStore;
  readonly core: RaftCore;
  /** The newest snapshot, which is in the state machine. */
  readonly snapshot: SnapshotMetadata | undefined;
}

/**
 * The core and what surrounds it. One loop takes the core's effects batch by batch and does them in the order that `Ready`
 * demands; everything else only feeds the core and sets that loop going.
 */
export class Replica {
  readonly options: ResolvedOptions;
  readonly core: RaftCore;
  readonly events: EventHub;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly applier: Applier;
  readonly links: PeerLinks;
  readonly sender: SnapshotSender;
  readonly inbound: Inbound;
  readonly #store: RaftStore;
  readonly #snapshotter: Snapshotter;
  readonly #heard = new Map<NodeId, number>();
  readonly #received: ReceivedSnapshots;
  #turnEnd = Promise.withResolvers<undefined>();
  #running = false;
  #state: "running" | "stopped" | "failed" = "running";
  #leader: NodeId = NO_NODE;
  #leadingTerm: number | undefined;
  #confState: ConfState;
  /** Everything up to and with this index was handed to the applier: its proposals will be settled. */
  #handedOver: number;
  #inboundBytes = 0;
  #cancelTick: () => void = () => undefined;

  constructor(parts: ReplicaParts) {
    const { options, core, store, snapshot } = parts;
    const { logger } = options;
    this.options = options;
    this.core = core;
    this.#store = store;
    this.#confState = core.status().confState;
    this.#handedOver = core.status().applied;
    this.events = new EventHub((error) => {
      logger.error("a listener threw", { error });
    });
    this.proposals = new Proposals(options.limits);
    this.reads = new Reads({ random: options.random, retryTicks: options.electionTicks });
    const onFailed = (error: unknown): void => {
      this.fail(error);
    };
    this.applier = new Applier(
      {
        stateMachine: options.stateMachine,
        store,
        onFailed,
        onApplied: (applied) => {
          this.#onApplied(applied);
        },
        onRestored: ({ index }) => {
          this.reads.applied(index);
          this.events.emit({ type: "restored", index });
        },
      },
      core.status().applied,
    );
    const isAlive = (peer: NodeId): boolean => this.sender.isSending(peer) || this.isAlive(peer);
    this.#snapshotter = new Snapshotter(
      { options, store, core, onFailed, isAlive },
      snapshot?.index ?? 0,
    );
    this.links = new PeerLinks({ options, onUnreachable: (peer) => this.#onUnreachable(peer) });
    this.sender = new SnapshotSender({
      options,
      store,
      onDone: (peer, outcome) => {
        this.#feed(() => {
          core.reportSnapshot(peer, outcome);
        });
      },
    });
    this.#received = new ReceivedSnapshots({
      options,
      store,
      core,
      onFailed,
      isRunning: () => this.#state === "running",
      step: (message) => {
        this.#stepCore(message);
        this.schedule();
      },
    });
    this.inbound = new Inbound({
      options,
      onMessages: (frame) => this.#onMessages(frame),
      snapshots: this.#received,
    });
  }

  get state(): "running" | "stopped" | "failed" {
    return this.#state;
  }

  /** Who leads as far as this node knows; undefined when it knows of nobody. */
  get leader(): NodeId | undefined {
    return this.#leader === NO_NODE ? undefined : this.#leader;
  }

  get confState(): ConfState {
    return this.#confState;
  }

  start(): void {
    this.#armTick();
    this.schedule();
  }

  /** Resolves when the loop has nothing more to do for now. */
  turn(): Promise<undefined> {
    return this.#turnEnd.promise;
  }

  /** Whether the peer was heard within an election's time. */
  isAlive(peer: NodeId): boolean {
    if (peer === this.core.id) return true;
    const { clock, electionTicks, tickMs } = this.options;
    return clock.now() - this.heardMs(peer) <= electionTicks * tickMs;
  }

  /** When a peer was last heard, by the node's clock; minus infinity when it never was. */
  heardMs(peer: NodeId): number {
    return this.#heard.get(peer) ?? -Infinity;
  }

  /** Sets the loop going, after this turn. */
  schedule(): void {
    if (this.#running || this.#state !== "running") return;
    this.#running = true;
    void this.#run();
  }

  /** Ends everything that runs. Calls that wait are settled. */
  halt(state: "stopped" | "failed"): void {
    if (this.#state !== "running") return;
    this.#state = state;
    this.#cancelTick();
    this.inbound.destroy();
    this.sender.destroy();
    this.reads.stop();
    this.#turnEnd.resolve(undefined);
  }

  /** The store or the state machine broke: this member can promise nothing any more. */
  fail(error: unknown): void {
    if (this.#state !== "running") return;
    this.halt("failed");
    this.links.destroy();
    this.proposals.stop();
    this.options.logger.error("the node failed", { error });
    this.events.emit({ type: "failed", error });
  }

  /** Waits for the state machine and the snapshot under way. */
  async settle(): Promise<void> {
    await Promise.all([this.applier.stop(), this.#snapshotter.stop()]);
  }

  async #run(): Promise<void> {
    // Whatever else is proposed in this turn comes along.
    await Promise.resolve();
    try {
      for (;;) {
        this.#flush();
        if (this.#state !== "running" || !this.core.hasReady()) break;
        await this.#handle(this.core.ready());
        this.core.advance();
      }
    } catch (error) {
      this.fail(error);
    }
    this.#running = false;
    this.#received.dropUnwanted();
    const ended = this.#turnEnd;
    this.#turnEnd = Promise.withResolvers();
    if (this.#state !== "running") this.#turnEnd.resolve(undefined);
    ended.resolve(undefined);
  }

  // Just before each Ready, so that what came while the last one was written shares the next write.
  #flush(): void {
    if (this.#state !== "running") return;
    if (this.proposals.hasWaiting) {
      this.proposals.flush((data) =>
        this.place(() => {
          this.core.propose(data);
        }),
      );
    }
    if (this.reads.hasWaiting) {
      this.reads.flush((context) => {
        try {
          this.core.readIndex(context);
          return true;
        } catch (error) {
          if (isRaftError(error)) return false;
          throw error;
        }
      });
    }
  }

  /** Makes a proposal on the leader and says where its first entry stands. @throws RaftNodeError. */
  place(propose: () => void): Place {
    const { role, lastIndex, term } = this.core.status();
    if (role !== "leader") {
      throw new RaftNodeError("not-leader", "another member leads, or none", {
        leader: this.leader,
      });
    }
    try {
      propose();
    } catch (error) {
      throw refusalOf(error);
    }
    return { index: lastIndex + 1, term };
  }

  async #handle(ready: Ready): Promise<void> {
    this.#inboundBytes = 0;
    this.#send(ready.messages);
    if (ready.softState !== undefined) this.#onSoftState(ready.softState);
    const { snapshot, hardState, entries } = ready;
    if (snapshot !== undefined) {
      this.#snapshotter.received(snapshot.metadata.index);
      await this.#received.install(snapshot.metadata);
    }
    if (hardState !== undefined || entries.length > 0) {
      await this.#store.append({ hardState, entries, sync: ready.mustSync });
    }
    this.#send(ready.messagesAfterPersist);
    if (snapshot !== undefined) this.#install(snapshot.metadata);
    this.#handOver(ready);
    if (ready.softState !== undefined && ready.softState.role !== "leader") {
      this.proposals.lose(this.#handedOver);
    }
    for (const read of ready.readStates) this.reads.confirm(read, this.applier.applied);
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.type === "snapshot") this.sender.send(message);
      else this.links.send(message);
    }
  }

  #onSoftState({ role, leader }: SoftState): void {
    const { term } = this.core.status();
    if (leader !== this.#leader || role !== "leader") this.reads.leaderChanged();
    this.#leader = leader;
    this.#leadingTerm = role === "leader" ? term : undefined;
    this.events.emit({ type: "role", role, leader: this.leader, term });
  }

  #install(metadata: SnapshotMetadata): void {
    // Whether the snapshot holds what was proposed here cannot be told.
    this.proposals.lose(this.#handedOver);
    this.#handedOver = metadata.index;
    this.#setMembers(metadata.index, metadata.confState, undefined);
    this.applier.restore(metadata);
  }

  #handOver({ committedEntries }: Ready): void {
    for (const entry of committedEntries) {
      const change = confChangeOf(entry);
      if (change === undefined) continue;
      try {
        this.#setMembers(entry.index, this.core.applyConfChange(change), change);
      } catch (error) {
        // Refused alike on every member, since it depends on the members only.
        if (!isRaftError(error)) throw error;
        this.options.logger.warn("a change of the members was refused", { error });
      }
    }
    const last = committedEntries.at(-1);
    if (last === undefined) return;
    this.#handedOver = last.index;
    this.applier.apply(committedEntries, this.#confState);
  }

  #setMembers(
    index: SnapshotMetadata["index"],
    confState: ConfState,
    change: ConfChange | undefined,
  ): void {
    const before = membersOf(this.#confState);
    const members = membersOf(confState);
    this.#confState = confState;
    this.links.keep(members);
    this.events.emit({ type: "members", index, confState, change });
    const { id } = this.core;
    if (before.has(id) && !members.has(id)) this.events.emit({ type: "removed", index });
  }

  #onApplied(batch: AppliedBatch): void {
    const { results, position } = batch;
    for (const applied of results) this.proposals.applied(applied, applied.result);
    this.reads.applied(position.index);
    // The first entry of a term is the one by which its leader commits all before it.
    if (this.#leadingTerm !== undefined && position.term === this.#leadingTerm) {
      const term = position.term;
      this.#leadingTerm = undefined;
      this.events.emit({ type: "leading", term });
    }
    if (this.#state === "running") this.#snapshotter.consider(batch);
  }

  async #onMessages({ from, messages, byteLength }: InboundFrame): Promise<void> {
    const { limits, clock } = this.options;
    for (const message of messages) this.#step(message, limits.applyQueueBytesMax);
    // Not whom a message names as its sender: some are passed on.
    this.#heard.set(from, clock.now());
    this.links.wake(from);
    this.#inboundBytes += byteLength;
    this.schedule();
    // Entries leave room for what must not wait behind them.
    const isBulk = messages.some((message) => laneOf(message) === "bulk");
    const bytesMax = isBulk ? limits.inboundBytesMax : 2 * limits.inboundBytesMax;
    while (this.#state === "running" && this.#inboundBytes > bytesMax) {
      await this.turn();
    }
  }

  #step(message: Message, applyQueueBytesMax: number): void {
    if (this.#state !== "running") return;
    const behind = this.applier.queuedBytes > applyQueueBytesMax;
    if (behind && message.type === "append" && message.entries.length > 0) return;
    this.#stepCore(message);
  }

  // A message that no peer may send is the peer's fault; anything else that is thrown is ours.
  #stepCore(message: Message): void {
    try {
      this.core.step(message);
    } catch (error) {
      if (!isRaftError(error)) this.fail(error);
      throw error;
    }
  }

  #onUnreachable(peer: NodeId): void {
    this.#feed(() => {
      this.core.reportUnreachable(peer);
    });
  }

  #feed(input: () => void): void {
    if (this.#state !== "running") return;
    try {
      input();
    } catch (error) {
      this.fail(error);
    }
    this.schedule();
  }

  // The only voter disturbs nobody, so it does not wait for an election timeout.
  #campaignAlone(): void {
    const { id } = this.core;
    const { voters, votersOutgoing } = this.#confState;
    const isAlone = voters.length === 1 && voters[0] === id && votersOutgoing.length === 0;
    const isIdle = this.#leader === NO_NODE && this.core.status().role === "follower";
    if (isAlone && isIdle) this.core.campaign();
  }

  #armTick(): void {
    const { clock, tickMs } = this.options;
    this.#cancelTick = clock.setTimer(tickMs, () => {
      this.#feed(() => {
        this.core.tick();
        this.#campaignAlone();
        this.reads.tick(clock.now());
        this.#armTick();
      });
    });
  }
}
