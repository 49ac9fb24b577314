import type { Applied } from "./replica/proposals.ts";
import type { CallOptions, RaftNode, RaftNodeStatus, ReadOptions } from "./node.ts";
import type { ConfState, NodeId } from "@waggle/raft-core";
import type { PeerConnection } from "./network/connection.ts";
import type { RaftNodeListener } from "./events.ts";
import type { RaftStore } from "@waggle/raft-storage";
import type { Replica } from "./replica/replica.ts";
import { atMost } from "./clock.ts";
import { RaftNodeError } from "./errors.ts";
import {
  MEMBER_CONTEXT_BYTES_MAX,
  PROPOSAL_BYTES_MAX,
  READ_TIMEOUT_MS_DEFAULT,
  STOP_APPLY_MS,
  STOP_CLOSE_MS,
  STOP_TRANSFER_MS,
} from "./limits.ts";
import { addLearner, promoteMember, removeMember } from "./replica/member-changes.ts";
import { hasSuccessor, transferLeadership } from "./replica/transfer.ts";

/** The public face of a {@link Replica}. */
export class Running implements RaftNode {
  readonly #replica: Replica;
  readonly #store: RaftStore;
  #stopping: Promise<void> | undefined;

  constructor(replica: Replica, store: RaftStore) {
    this.#replica = replica;
    this.#store = store;
    replica.events.subscribe((event) => {
      if (event.type === "failed") this.#stopping ??= this.#close();
    });
  }

  get id(): NodeId {
    return this.#replica.core.id;
  }

  async propose(data: Uint8Array, options: CallOptions = {}): Promise<Applied> {
    this.#checkRunning();
    const { byteLength } = data;
    if (byteLength === 0 || byteLength > PROPOSAL_BYTES_MAX) {
      throw new RaftNodeError("invalid-argument", `a proposal of ${byteLength} bytes`);
    }
    const { leader, applier, options: settings, proposals } = this.#replica;
    if (leader !== this.id) {
      throw new RaftNodeError("not-leader", "this node does not lead", { leader });
    }
    if (applier.queuedBytes > settings.limits.applyQueueBytesMax) {
      throw new RaftNodeError("overloaded", `${applier.queuedBytes} bytes wait to be applied`);
    }
    const applied = proposals.add(data, options.signal);
    this.#replica.schedule();
    return applied;
  }

  async read(options: ReadOptions = {}): Promise<number> {
    this.#checkRunning();
    const { signal, timeoutMs = READ_TIMEOUT_MS_DEFAULT } = options;
    const deadlineMs = this.#replica.options.clock.now() + timeoutMs;
    const done = this.#replica.reads.add({ deadlineMs, signal });
    this.#replica.schedule();
    return done;
  }

  accept(connection: PeerConnection): void {
    this.#replica.inbound.accept(connection);
  }

  async addMember(id: NodeId, context: Uint8Array, options: CallOptions = {}): Promise<ConfState> {
    await this.addLearner(id, context, options);
    return promoteMember(this.#replica, { id, context }, options);
  }

  async addLearner(id: NodeId, context: Uint8Array, options: CallOptions = {}): Promise<ConfState> {
    this.#checkRunning();
    if (context.byteLength > MEMBER_CONTEXT_BYTES_MAX) {
      throw new RaftNodeError("invalid-argument", `a context of ${context.byteLength} bytes`);
    }
    return addLearner(this.#replica, { id, context }, options);
  }

  async promoteMember(id: NodeId, options: CallOptions = {}): Promise<ConfState> {
    this.#checkRunning();
    return promoteMember(this.#replica, { id, context: new Uint8Array(0) }, options);
  }

  async removeMember(id: NodeId, options: CallOptions = {}): Promise<ConfState> {
    this.#checkRunning();
    return removeMember(this.#replica, id, options);
  }

  async transferLeadership(to?: NodeId): Promise<NodeId> {
    this.#checkRunning();
    const { electionTicks, tickMs } = this.#replica.options;
    return transferLeadership(this.#replica, to, 2 * electionTicks * tickMs);
  }

  status(): RaftNodeStatus {
    const replica = this.#replica;
    const { links, sender, proposals, reads, applier, state, leader, options } = replica;
    const { tickMs, electionTicks, heartbeatTicks, preVote, checkQuorum } = options;
    const core = replica.core.status();
    const peers = core.peers.map((peer) => ({ ...peer, recentlyActive: replica.isAlive(peer.id) }));
    return {
      id: core.id,
      state,
      leader,
      settings: { tickMs, electionTicks, heartbeatTicks, preVote, checkQuorum },
      applied: applier.applied,
      core: { ...core, peers },
      connected: links.connected,
      pendingProposals: proposals.count,
      pendingProposalBytes: proposals.bytes,
      pendingReads: reads.count,
      applyQueueEntries: applier.queuedEntries,
      applyQueueBytes: applier.queuedBytes,
      outboundBytes: links.queuedBytes,
      snapshotsSending: sender.count,
    };
  }

  subscribe(listener: RaftNodeListener): () => void {
    return this.#replica.events.subscribe(listener);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    const { leader } = this.#replica;
    if (leader === this.id && hasSuccessor(this.#replica)) {
      // Whatever comes of it, the node stops.
      await transferLeadership(this.#replica, undefined, STOP_TRANSFER_MS).catch(
        (error: unknown) => {
          this.#replica.options.logger.debug("leadership was not handed over", { error });
        },
      );
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    const replica = this.#replica;
    replica.halt("stopped");
    // A state machine or a peer that hangs must not keep the node from stopping.
    const { clock } = replica.options;
    await atMost(clock, STOP_APPLY_MS, replica.settle());
    replica.proposals.stop();
    await atMost(clock, STOP_CLOSE_MS, replica.links.close());
    replica.links.destroy();
    // Whatever was promised is durable already, so there is nothing that the caller could do about it.
    await this.#store.close().catch((error: unknown) => {
      replica.options.logger.warn("the store did not close in good order", { error });
    });
  }

  #checkRunning(): void {
    if (this.#stopping === undefined && this.#replica.state === "running") return;
    throw new RaftNodeError("stopped", "the node is stopped");
  }
}
