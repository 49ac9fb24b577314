import type { Entry, HardState, SnapshotMetadata } from "./entry.ts";
import { RaftError } from "./errors.ts";
import { NO_NODE } from "./ids.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import { entriesBytes } from "./log/entry-size.ts";
import type { Message } from "./messages.ts";
import type { Ready, SoftState } from "./ready.ts";
import { proposeAutoLeave } from "./replication/propose.ts";
import type { CoreState } from "./state.ts";
import { stepMessage } from "./step.ts";

/** What the driver was given and has not yet reported done. */
interface InFlight {
  readonly toSelf: readonly Message[];
  readonly written: { readonly index: LogIndex; readonly term: Term } | undefined;
  readonly snapshot: SnapshotMetadata | undefined;
  readonly committed: readonly Entry[];
}

/** Hands out effects one batch at a time, and takes the report that they are done. */
export class ReadyGate {
  readonly #state: CoreState;
  #soft: SoftState;
  #hard: HardState;
  #inFlight: InFlight | undefined = undefined;

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
      log.hasNextCommitted ||
      readStates.length > 0 ||
      outbox.messages.length + outbox.messagesAfterPersist.length + outbox.toSelf.length > 0
    );
  }

  ready(): Ready {
    if (this.#inFlight !== undefined)
      throw new RaftError("out-of-turn", "the last ready() was not advanced");
    const state = this.#state;
    const { log, outbox } = state;
    const hardState = this.#changedHard();
    const entries = log.unwritten();
    const votes = hardState !== undefined && this.#differsInVote(hardState);
    const ready: Ready = {
      softState: this.#changedSoft(),
      hardState,
      entries,
      snapshot: log.unstable.unwrittenSnapshot,
      committedEntries: log.nextCommitted(state.options.maxCommittedBytesPerReady),
      messages: outbox.messages,
      messagesAfterPersist: outbox.messagesAfterPersist,
      readStates: state.readStates,
      mustSync: entries.length > 0 || votes || log.unstable.unwrittenSnapshot !== undefined,
    };
    this.#accept(ready);
    return ready;
  }

  #accept(ready: Ready): void {
    const state = this.#state;
    const { log, outbox } = state;
    const last = ready.entries.at(-1);
    this.#soft = ready.softState ?? this.#soft;
    this.#hard = ready.hardState ?? this.#hard;
    this.#inFlight = {
      toSelf: outbox.toSelf,
      written: last && { index: last.index, term: last.term },
      snapshot: ready.snapshot?.metadata,
      committed: ready.committedEntries,
    };
    outbox.messages = [];
    outbox.messagesAfterPersist = [];
    outbox.toSelf = [];
    state.readStates = [];
    log.unstable.writing(log.lastIndex);
  }

  advance(): void {
    const done = this.#inFlight;
    if (done === undefined) throw new RaftError("out-of-turn", "no ready() to advance");
    this.#inFlight = undefined;
    const { log } = this.#state;
    if (done.snapshot !== undefined) log.snapshotInstalled(done.snapshot);
    if (log.unstable.snapshot === undefined) this.#state.supersededConfiguration = undefined;
    if (done.written !== undefined) log.durableTo(done.written.index, done.written.term);
    for (const message of done.toSelf) stepMessage(this.#state, message);
    this.#applied(done.committed);
  }

  #applied(committed: readonly Entry[]): void {
    const state = this.#state;
    const last = committed.at(-1);
    if (last !== undefined) {
      state.log.appliedTo(last.index);
      state.uncommittedBytes = Math.max(0, state.uncommittedBytes - entriesBytes(committed));
      proposeAutoLeave(state);
    }
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
