import type { Entry, HardState, Snapshot } from "./entry.ts";
import { RaftError } from "./errors.ts";
import { NO_NODE } from "./ids.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import { entriesBytes } from "./log/entry-size.ts";
import type { Message } from "./messages.ts";
import type { Ready, SoftState } from "./ready.ts";
import { proposeAutoLeave } from "./replication/propose.ts";
import type { CoreState } from "./state.ts";
import { stepMessage } from "./step.ts";
import type { LocalMessage, StorageAppendResponse } from "./storage-messages.ts";
import { storageRequests } from "./storage-requests.ts";

/** What the driver was given and has not yet reported done. */
interface InFlight {
  readonly toSelf: readonly Message[];
  readonly written: { readonly index: LogIndex; readonly term: Term } | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly committed: readonly Entry[];
}

/** Hands out effects one batch at a time, and takes the report that they are done. */
export class ReadyGate {
  readonly #state: CoreState;
  #soft: SoftState;
  #hard: HardState;
  #inFlight: InFlight | undefined = undefined;
  /** Requests to apply that were not answered; only with asynchronous writes. */
  #applying = 0;

  constructor(state: CoreState) {
    this.#state = state;
    this.#soft = { leader: NO_NODE, role: "follower" };
    // What the store gave; a higher commit from the snapshot is written along with the next change.
    const stored = state.options.initial.hardState;
    this.#hard = stored ?? { term: 0 as Term, vote: 0 as NodeId, commit: 0 as LogIndex };
  }

  hasReady(): boolean {
    if (this.#inFlight !== undefined) return false;
    const { log, outbox, readStates } = this.#state;
    return (
      this.#changedSoft() !== undefined ||
      this.#changedHard() !== undefined ||
      log.unstable.unwrittenSnapshot !== undefined ||
      log.hasUnwritten ||
      this.#mayApply() ||
      readStates.length > 0 ||
      outbox.messages.length + outbox.afterPersist.length > 0
    );
  }

  ready(): Ready {
    if (this.#inFlight !== undefined)
      throw new RaftError("out-of-turn", "the last ready() was not advanced");
    const { log, options, outbox, readStates } = this.#state;
    const { asyncStorageWrites } = options;
    const hardState = this.#changedHard();
    const entries = log.unwritten();
    const votes = hardState !== undefined && this.#differsInVote(hardState);
    const ready: Ready = {
      softState: this.#changedSoft(),
      hardState,
      entries,
      snapshot: log.unstable.unwrittenSnapshot,
      committedEntries: this.#mayApply() ? log.nextCommitted() : [],
      messages: outbox.messages,
      messagesAfterPersist: asyncStorageWrites ? [] : this.#afterPersist(false),
      readStates,
      mustSync: entries.length > 0 || votes || log.unstable.unwrittenSnapshot !== undefined,
      storage: [],
    };
    const full = asyncStorageWrites
      ? { ...ready, storage: storageRequests(this.#state, ready) }
      : ready;
    this.#accept(full);
    return full;
  }

  /** While a snapshot takes over, entries from before and after it must not mix. */
  #mayApply(): boolean {
    return this.#state.supersededConfiguration === undefined && this.#state.log.hasNextCommitted;
  }

  #afterPersist(self: boolean): readonly Message[] {
    const { id, outbox } = this.#state;
    return outbox.afterPersist.filter(({ to }) => (to === id) === self);
  }

  #accept(ready: Ready): void {
    const state = this.#state;
    const { log, outbox } = state;
    const last = ready.entries.at(-1);
    const lastCommitted = ready.committedEntries.at(-1);
    this.#soft = ready.softState ?? this.#soft;
    this.#hard = ready.hardState ?? this.#hard;
    if (lastCommitted !== undefined)
      log.applyingTo(lastCommitted.index, entriesBytes(ready.committedEntries));
    if (state.options.asyncStorageWrites) {
      if (lastCommitted !== undefined) this.#applying += 1;
    } else
      this.#inFlight = {
        toSelf: this.#afterPersist(true),
        written: last && { index: last.index, term: last.term },
        snapshot: ready.snapshot,
        committed: ready.committedEntries,
      };
    outbox.messages = [];
    outbox.afterPersist = [];
    state.readStates = [];
    log.unstable.writing(log.lastIndex);
  }

  advance(): void {
    const done = this.#inFlight;
    if (done === undefined) throw new RaftError("out-of-turn", "no ready() to advance");
    this.#inFlight = undefined;
    // The own acknowledgement first, as long as what it acknowledges is not yet taken for durable: then it counts as
    // everybody else's.
    for (const message of done.toSelf) stepMessage(this.#state, message);
    if (done.written !== undefined)
      this.#state.log.durableTo(done.written.index, done.written.term);
    this.#installed(done.snapshot);
    this.#applied(done.committed);
  }

  stepLocal(message: LocalMessage): void {
    const { id, options } = this.#state;
    if (!options.asyncStorageWrites || message.to !== id)
      throw new RaftError("invalid-argument", `no ${message.type} is due here`);
    switch (message.type) {
      case "storage-append-response":
        this.#written(message);
        return;
      case "storage-apply-response":
        this.#applying -= 1;
        this.#applied(message.entries);
        this.#endSuperseded();
        return;
      default:
        if (message.from !== id)
          throw new RaftError("invalid-argument", `a ${message.type} of another node`);
        stepMessage(this.#state, message);
    }
  }

  #written({ term: messageTerm, index, logTerm, snapshot }: StorageAppendResponse): void {
    const { log, options, term } = this.#state;
    if (index !== 0) {
      // Since then another write may have been asked for that will replace what is there now: the same entries may have
      // been overwritten and come back.
      if (messageTerm < term) options.trace?.({ type: "earlier-write", term, messageTerm });
      else log.durableTo(index, logTerm);
    }
    this.#installed(snapshot);
  }

  #installed(snapshot: Snapshot | undefined): void {
    if (snapshot !== undefined) this.#state.log.snapshotInstalled(snapshot.metadata);
    this.#endSuperseded();
  }

  #endSuperseded(): void {
    if (this.#state.log.unstable.snapshot === undefined && this.#applying === 0)
      this.#state.supersededConfiguration = undefined;
  }

  #applied(committed: readonly Entry[]): void {
    const state = this.#state;
    const last = committed.at(-1);
    if (last === undefined) return;
    const bytes = entriesBytes(committed);
    state.log.appliedTo(last.index, bytes);
    state.uncommittedBytes = Math.max(0, state.uncommittedBytes - bytes);
    proposeAutoLeave(state);
  }

  #changedSoft(): SoftState | undefined {
    const { leader, role } = this.#state;
    return leader === this.#soft.leader && role === this.#soft.role ? undefined : { leader, role };
  }

  #changedHard(): HardState | undefined {
    const { term, vote, log } = this.#state;
    const hard = { term, vote, commit: log.committed };
    return this.#differsInVote(hard) || hard.commit !== this.#hard.commit ? hard : undefined;
  }

  #differsInVote({ term, vote }: HardState): boolean {
    return term !== this.#hard.term || vote !== this.#hard.vote;
  }
}
