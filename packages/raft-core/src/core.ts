import { encodeConfChange } from "./codec/conf-change.ts";
import { startElection } from "./election/campaign.ts";
import type { ConfState, EntryDraft, SnapshotMetadata } from "./entry.ts";
import { RaftError } from "./errors.ts";
import type { UnsupportedTransfer } from "./errors.ts";
import { NO_NODE, isMemberId } from "./ids.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import { PRIORITY_MAX } from "./limits.ts";
import type { ConfChange } from "./membership/change.ts";
import { changed, checkChange } from "./membership/changer.ts";
import { confStateOf } from "./membership/configuration.ts";
import { confStateFault } from "./membership/restore.ts";
import { switchConfiguration } from "./membership/switch.ts";
import type { Message } from "./messages.ts";
import { openState } from "./open-state.ts";
import { isPriority } from "./options.ts";
import type { RaftOptions } from "./options.ts";
import { setInflightLimits } from "./progress/inflight-limits.ts";
import type { InflightLimits } from "./progress/inflights.ts";
import { reportSnapshot, reportUnreachable } from "./progress/reports.ts";
import type { RaftCore, RaftStatus } from "./raft.ts";
import { serveRead } from "./read-index/serve.ts";
import { ReadyGate } from "./ready-gate.ts";
import type { Ready } from "./ready.ts";
import { forwardProposal, forwardRead } from "./replication/forward.ts";
import { changeRefusal, proposeLocal } from "./replication/propose.ts";
import type { Refusal } from "./replication/propose.ts";
import { fillWindow } from "./replication/send.ts";
import type { CoreState } from "./state.ts";
import { statusOf } from "./status.ts";
import { stepMessage } from "./step.ts";
import type { LocalMessage } from "./storage-messages.ts";
import { tickState } from "./tick.ts";
import { bestTransferee, forwardTransfer, startTransfer } from "./transfer/transfer.ts";
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
    if (data.length === 0) throw invalidArgument("nothing to propose");
    this.#propose(data.map((bytes) => ({ kind: "normal", data: bytes })));
  }

  proposeEntries(entries: readonly EntryDraft[]): void {
    const { wireFormat } = this.#state.options;
    const fault = entries.length === 0 ? "nothing to propose" : changesFault(entries, wireFormat);
    if (fault !== undefined) throw invalidArgument(fault);
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
    if (state.role === "leader") {
      refuse(proposeLocal(state, entries));
      return;
    }
    const obstacle = forwardProposal(state, { ...this.#toLeader(), type: "propose", entries });
    if (obstacle === "no-leader") throw noLeader(state);
    if (obstacle === "not-forwarded") throw notLeader(state, "forwardProposals is off");
  }

  /** Envelope of a request, which belongs to no term. */
  #toLeader(): { readonly from: NodeId; readonly to: NodeId; readonly term: Term } {
    const { id, leader } = this.#state;
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
      if (!forwardRead(state, { ...this.#toLeader(), type: "read-index", context }))
        throw noLeader(state);
    } else if (state.reads.full) throw readLimit(state);
    else serveRead(state, { from: state.id, context });
  }

  transferLeadership(to?: NodeId): void {
    const state = this.#state;
    if (state.role === "leader") handOver(state, to ?? bestTransferee(state));
    else if (to === undefined && state.leader !== NO_NODE)
      throw notLeader(state, "only the leader knows who holds most of the log");
    else if (to !== undefined && !isMemberId(to)) throw invalidArgument(`not a node id: ${to}`);
    else if (!forwardTransfer(state, to ?? NO_NODE)) throw noLeader(state);
  }

  setPriority(priority: number): void {
    if (!isPriority(priority))
      throw invalidArgument(`not a whole number from 0 to ${PRIORITY_MAX}: ${priority}`);
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
    reportUnreachable(this.#state, id);
  }

  reportSnapshot(id: NodeId, outcome: "finished" | "failed"): void {
    reportSnapshot(this.#state, id, outcome);
  }

  setInflightLimits(id: NodeId, limits: Partial<InflightLimits>): void {
    const state = this.#state;
    setInflightLimits(state, id, limits);
    if (state.role === "leader") fillWindow(state, id);
  }

  compact(metadata: SnapshotMetadata, through: LogIndex): void {
    const { log } = this.#state;
    if (!(through <= metadata.index && metadata.index <= log.applied))
      throw invalidArgument(
        `must not fall: through ${through}, snapshot ${metadata.index}, applied ${log.applied}`,
      );
    const fault = confStateFault(metadata.confState);
    if (fault !== undefined) throw invalidArgument(`members: ${fault}`);
    const known = log.termAt(metadata.index);
    if (known !== undefined && known !== metadata.term)
      throw invalidArgument(
        `snapshot at ${metadata.index} has term ${metadata.term}, its entry ${known}`,
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

function refuse(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw new RaftError(refusal.details, refusal.why);
}

function handOver(state: CoreState, to: NodeId | undefined): void {
  if (to === undefined)
    throw new RaftError({ code: "no-transferee" }, "no other voter to hand over to");
  const reason = startTransfer(state, to);
  if (reason !== undefined)
    throw new RaftError(
      { code: "unsupported-transfer", reason, to },
      `to ${to}: ${TRANSFER_REFUSALS[reason]}`,
    );
}

const TRANSFER_REFUSALS: Readonly<Record<UnsupportedTransfer, string>> = {
  "already-leader": "it leads already",
  learner: "a learner has no vote",
  "not-a-member": "it is no member",
};

function invalidArgument(why: string): RaftError {
  return new RaftError({ code: "invalid-argument" }, why);
}

function noLeader({ role, term }: CoreState): RaftError {
  return new RaftError(
    { code: "no-leader" },
    `nobody leads that this ${role} of term ${term} knows`,
  );
}

function notLeader({ leader }: CoreState, why: string): RaftError {
  return new RaftError({ code: "not-leader", leader }, `${leader} leads: ${why}`);
}

function readLimit({ reads: { waiting } }: CoreState): RaftError {
  return new RaftError({ code: "read-limit", waiting }, `${waiting} reads wait for a quorum`);
}
