import { confChangeOf, encodeConfChange } from "./codec/conf-change.ts";
import { startElection } from "./election/campaign.ts";
import type { ConfState, EntryDraft, SnapshotMetadata } from "./entry.ts";
import { RaftError, RaftOptionsError, isRaftError } from "./errors.ts";
import { NO_NODE, isMemberId } from "./ids.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import { openLog, openVote } from "./log/open.ts";
import type { ConfChange } from "./membership/change.ts";
import { changed, checkChange } from "./membership/changer.ts";
import { EMPTY_CONFIGURATION, confStateOf, votersOf } from "./membership/configuration.ts";
import { confStateFault, configurationOf } from "./membership/restore.ts";
import { installConfiguration, switchConfiguration } from "./membership/switch.ts";
import type { Message } from "./messages.ts";
import { isPriority, resolveOptions } from "./options.ts";
import type { RaftOptions } from "./options.ts";
import { envelope, send } from "./outbox.ts";
import type { RaftCore, RaftStatus } from "./raft.ts";
import { setInflightLimits } from "./progress/inflight-limits.ts";
import type { InflightLimits } from "./progress/inflights.ts";
import { ReadQueue } from "./read-index/read-queue.ts";
import { serveRead } from "./read-index/serve.ts";
import { ReadyGate } from "./ready-gate.ts";
import type { Ready } from "./ready.ts";
import { changeRefusal, dropProposal, proposeLocal } from "./replication/propose.ts";
import type { Refusal } from "./replication/propose.ts";
import { fillWindow } from "./replication/send.ts";
import { drawElectionTimeout } from "./roles/transitions.ts";
import type { CoreState } from "./state.ts";
import { peerStatus, statusOf } from "./status.ts";
import { stepMessage } from "./step.ts";
import type { LocalMessage } from "./storage-messages.ts";
import { tickState } from "./tick.ts";
import { bestTransferee, startTransfer } from "./transfer/transfer.ts";
import { changesFault, checkMessage, isAnswerOfStranger } from "./validate.ts";

/**
 * Creates one member of a Raft group, as a follower.
 * @throws RaftOptionsError for options out of range, and for a stored state that contradicts itself.
 */
export function createRaftCore(options: RaftOptions): RaftCore {
  return openRaftCore(options).core;
}

/** The same with its state, which tests may change. */
export function openRaftCore(options: RaftOptions): {
  readonly core: RaftCore;
  readonly state: CoreState;
} {
  const state = openState(options);
  return { core: new Core(state), state };
}

function openState(options: RaftOptions): CoreState {
  const resolved = resolveOptions(options);
  const { snapshot, entries } = resolved.initial;
  const fault = changesFault(entries, resolved.wireFormat);
  if (fault !== undefined) throw new RaftOptionsError("invalid-initial-state", "initial", fault);
  const log = openLog(resolved.initial, resolved.applied, {
    applyingBytesMax: resolved.maxCommittedBytesPerReady,
    durableOnly: resolved.asyncStorageWrites,
    trace: resolved.trace,
  });
  const state: CoreState = {
    id: resolved.id,
    options: resolved,
    log,
    ...openVote(resolved.initial, log),
    role: "follower",
    leader: NO_NODE,
    configuration: EMPTY_CONFIGURATION,
    priority: resolved.priority,
    confState: confStateOf(EMPTY_CONFIGURATION),
    supersededConfiguration: undefined,
    progress: new Map(),
    inflightLimits: new Map(),
    votes: new Map(),
    electionElapsed: 0,
    heartbeatElapsed: 0,
    electionTimeout: resolved.electionTicks,
    transferee: NO_NODE,
    pendingChangeIndex: 0 as LogIndex,
    uncommittedBytes: 0,
    reads: new ReadQueue(),
    readStates: [],
    outbox: { messages: [], afterPersist: [], waitingAppends: new Map() },
  };
  if (snapshot !== undefined) installConfiguration(state, configurationOf(snapshot.confState));
  replayAppliedChanges(state, snapshot?.index ?? 0);
  drawElectionTimeout(state);
  traceStart(state);
  return state;
}

function traceStart({ options, confState, configuration, log, term, role }: CoreState): void {
  options.trace?.({ type: "members", confState });
  options.trace?.({ type: "role", role, term, leader: NO_NODE });
  const { committed: commit, applied, lastIndex, lastTerm } = log;
  const voters = votersOf(configuration);
  options.trace?.({ type: "started", voters, term, commit, applied, lastIndex, lastTerm });
}

/** The snapshot says who the members were then; changes that were applied since are in the log. */
function replayAppliedChanges(state: CoreState, base: number): void {
  const from = (base + 1) as LogIndex;
  const entries =
    from > state.log.applied ? [] : (state.log.entriesFrom(from, Infinity)?.entries ?? []);
  for (const entry of entries) {
    if (entry.index > state.log.applied) return;
    const change = confChangeOf(entry, state.options.wireFormat);
    if (change === undefined) continue;
    try {
      installConfiguration(state, changed(state.configuration, change));
    } catch (error) {
      // It was refused when it was applied, too: that depends on the members only.
      if (!isRaftError(error)) throw error;
    }
  }
}

class Core implements RaftCore {
  readonly #state: CoreState;
  readonly #gate: ReadyGate;

  constructor(state: CoreState) {
    this.#state = state;
    this.#gate = new ReadyGate(state);
  }

  get id(): NodeId {
    return this.#state.id;
  }

  tick(): void {
    tickState(this.#state);
  }

  step(message: Message): void {
    const state = this.#state;
    checkMessage(state, message);
    if (!isAnswerOfStranger(state, message)) stepMessage(state, message);
    else {
      const { type, from } = message;
      state.options.trace?.({ type: "answer-dropped", message: type, from });
    }
  }

  campaign(): void {
    startElection(this.#state, this.#state.options.preVote ? "pre" : "plain");
  }

  propose(data: readonly Uint8Array[]): void {
    if (data.length === 0) throw new RaftError({ code: "invalid-argument" }, "nothing to propose");
    this.#propose(data.map((bytes) => ({ kind: "normal", data: bytes })));
  }

  proposeEntries(entries: readonly EntryDraft[]): void {
    const { wireFormat } = this.#state.options;
    const fault = entries.length === 0 ? "nothing to propose" : changesFault(entries, wireFormat);
    if (fault !== undefined) throw new RaftError({ code: "invalid-argument" }, fault);
    this.#propose(entries);
  }

  proposeConfChange(change: ConfChange): void {
    const { options, role } = this.#state;
    checkChange(change);
    const refusal =
      role === "leader" && options.validateChanges ? changeRefusal(this.#state, change) : undefined;
    if (refusal !== undefined) throw refusal;
    const data = encodeConfChange(change, options.wireFormat);
    this.#propose([{ kind: "conf-change-v2", data }]);
  }

  #propose(entries: readonly EntryDraft[]): void {
    const state = this.#state;
    if (state.role === "leader") refuse(proposeLocal(state, entries));
    else {
      const dropped = whyNotForwarded(state);
      if (dropped !== undefined) dropProposal(state, dropped);
      const to = this.#toLeader();
      if (dropped === "not-forwarded") throw notLeader(state, "proposals are not forwarded");
      send(state, { ...to, type: "propose", entries });
    }
  }

  /** Envelope of a request, which belongs to no term. */
  #toLeader(): { readonly from: NodeId; readonly to: NodeId; readonly term: Term } {
    const { id, leader } = this.#state;
    if (leader === NO_NODE) throw noLeader();
    return { from: id, to: leader, term: 0 as Term };
  }

  applyConfChange(change: ConfChange): ConfState {
    const state = this.#state;
    const superseded = state.supersededConfiguration;
    const next = changed(superseded ?? state.configuration, change);
    // An entry from before a snapshot that came in meanwhile: the snapshot has this change in it.
    if (superseded === undefined) switchConfiguration(state, next);
    else state.supersededConfiguration = next;
    return confStateOf(next);
  }

  readIndex(context: Uint8Array): void {
    const state = this.#state;
    if (state.role !== "leader") {
      if (state.leader === NO_NODE)
        state.options.trace?.({ type: "read-dropped", role: state.role, term: state.term });
      send(state, { ...this.#toLeader(), type: "read-index", context });
    } else if (state.reads.full) throw readLimit(state);
    else serveRead(state, { from: state.id, context });
  }

  transferLeadership(to?: NodeId): void {
    const state = this.#state;
    const { role, leader, term } = state;
    if (role === "leader") handOver(state, to ?? bestTransferee(state));
    else if (leader === NO_NODE) {
      const reason = "no-leader";
      if (role === "follower")
        state.options.trace?.({ type: "transfer-ignored", to: to ?? NO_NODE, term, reason });
      throw noLeader();
    } else if (to === undefined) throw notLeader(state, "it alone knows who has most of the log");
    else if (!isMemberId(to)) throw new RaftError({ code: "invalid-argument" }, "not a node id");
    else send(state, { ...envelope(state, leader), from: to, type: "transfer-leader" });
  }

  setPriority(priority: number): void {
    if (!isPriority(priority)) throw new RaftError({ code: "invalid-argument" }, "not a priority");
    this.#state.priority = priority;
  }

  forgetLeader(): void {
    const state = this.#state;
    const { leader, options, term } = state;
    if (state.role !== "follower") return;
    if (options.readMode === "lease") {
      options.trace?.({ type: "forget-refused" });
      return;
    }
    if (leader === NO_NODE) return;
    options.trace?.({ type: "leader-forgotten", leader, term });
    state.leader = NO_NODE;
  }

  reportUnreachable(id: NodeId): void {
    const state = this.#state;
    const peer = state.progress.get(id);
    if (state.role !== "leader" || id === this.id) return;
    if (peer === undefined) {
      state.options.trace?.({ type: "unknown-peer", from: id });
      return;
    }
    // Appends sent ahead were probably lost: find out where the peer stands.
    if (peer.state === "replicate") peer.becomeProbe();
    state.options.trace?.({ type: "peer-unreachable", peer: peerStatus(state, id, peer) });
  }

  reportSnapshot(id: NodeId, outcome: "finished" | "failed"): void {
    const peer = this.#state.progress.get(id);
    if (this.#state.role !== "leader") return;
    if (peer === undefined) this.#state.options.trace?.({ type: "unknown-peer", from: id });
    if (peer?.state !== "snapshot") return;
    if (outcome === "failed") peer.snapshotFailed();
    peer.becomeProbe();
    const reported = peerStatus(this.#state, id, peer);
    this.#state.options.trace?.({ type: "snapshot-reported", peer: reported, outcome });
    // Wait for the acknowledgement, or for the next heartbeat to be answered.
    peer.pause();
  }

  setInflightLimits(id: NodeId, limits: Partial<InflightLimits>): void {
    const state = this.#state;
    setInflightLimits(state, id, limits);
    if (state.role === "leader") fillWindow(state, id);
  }

  compact(metadata: SnapshotMetadata, through: LogIndex): void {
    const { log } = this.#state;
    if (!(through <= metadata.index && metadata.index <= log.applied))
      throw new RaftError({ code: "invalid-argument" }, "not: through ≤ snapshot ≤ applied");
    const fault = confStateFault(metadata.confState);
    if (fault !== undefined) throw new RaftError({ code: "invalid-argument" }, `members: ${fault}`);
    const known = log.termAt(metadata.index);
    if (known !== undefined && known !== metadata.term)
      throw new RaftError(
        { code: "invalid-argument" },
        "the snapshot's term is not that of its entry",
      );
    log.compact(metadata, through);
  }

  hasReady(): boolean {
    return this.#gate.hasReady();
  }

  ready(): Ready {
    return this.#gate.ready();
  }

  stepLocal(message: LocalMessage): void {
    this.#gate.stepLocal(message);
  }

  advance(): void {
    this.#gate.advance();
  }

  status(): RaftStatus {
    return statusOf(this.#state);
  }
}

function whyNotForwarded({
  leader,
  options,
}: CoreState): "no-leader" | "not-forwarded" | undefined {
  if (leader === NO_NODE) return "no-leader";
  return options.forwardProposals ? undefined : "not-forwarded";
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new RaftError(refusal.details, refusal.why);
}

function handOver(state: CoreState, to: NodeId | undefined): void {
  if (to === undefined) throw new RaftError({ code: "no-transferee" }, "there is no other voter");
  const reason = startTransfer(state, to);
  if (reason !== undefined)
    throw new RaftError({ code: "unsupported-transfer", reason, to }, `to ${to}: ${reason}`);
}

function noLeader(): RaftError {
  return new RaftError({ code: "no-leader" }, "nobody leads");
}

function notLeader({ leader }: CoreState, why: string): RaftError {
  return new RaftError({ code: "not-leader", leader }, `${leader} leads: ${why}`);
}

function readLimit({ reads }: CoreState): RaftError {
  return new RaftError({ code: "read-limit", waiting: reads.waiting }, "too many reads wait");
}
