import type { Entry, HardState, Snapshot } from "./entry.ts";
import { RaftError } from "./errors.ts";
import { NO_NODE } from "./ids.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import { encodedBytesOf, entriesBytes } from "./log/entry-size.ts";
import { EMPTY_PAGE } from "./log/raft-log.ts";
import type { Page } from "./log/raft-log.ts";
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
  /** The last entry that is being written. */
  readonly written: Entry | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly committed: Page;
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
      this.#softChanged() ||
      this.#hardChanged() ||
      log.unstable.unwrittenSnapshot !== undefined ||
      log.hasUnwritten ||
      this.#mayApply() ||
      readStates.length > 0 ||
      outbox.messages.length + outbox.afterPersist.length > 0
    );
  }

  ready(): Ready {
    if (this.#inFlight !== undefined)
      throw new RaftError({ code: "out-of-turn" }, "ready() before advance() for the last one");
    const { leader, role, term, vote, log, options, outbox, readStates } = this.#state;
    const { asyncStorageWrites } = options;
    const committed = this.#mayApply() ? log.nextCommitted() : EMPTY_PAGE;
    const after = asyncStorageWrites ? NOTHING_AFTER : splitAfterPersist(this.#state);
    const entries = log.unwritten();
    const snapshot = log.unstable.unwrittenSnapshot;
    const effects: Ready = {
      softState: this.#softChanged() ? { leader, role } : undefined,
      hardState: this.#hardChanged() ? { term, vote, commit: log.committed } : undefined,
      entries,
      snapshot,
      committedEntries: committed.entries,
      messages: outbox.messages,
      messagesAfterPersist: after.toPeers,
      readStates,
      mustSync: entries.length > 0 || snapshot !== undefined || this.#voteChanged(),
      storage: [],
    };
    const ready = asyncStorageWrites
      ? { ...effects, storage: storageRequests(this.#state, effects) }
      : effects;
    this.#accept(ready, committed, after.toSelf);
    return ready;
  }

  /** While a snapshot takes over, entries from before and after it must not mix. */
  #mayApply(): boolean {
    return this.#state.supersededConfiguration === undefined && this.#state.log.hasNextCommitted;
  }

  #accept(ready: Ready, committed: Page, toSelf: readonly Message[]): void {
    const state = this.#state;
    const { log, outbox } = state;
    const lastCommitted = committed.entries.at(-1);
    this.#soft = ready.softState ?? this.#soft;
    this.#hard = ready.hardState ?? this.#hard;
    if (lastCommitted !== undefined) log.applyingTo(lastCommitted.index, committed.bytes);
    if (state.options.asyncStorageWrites) {
      if (lastCommitted !== undefined) this.#applying += 1;
    } else
      this.#inFlight = {
        toSelf,
        written: ready.entries.at(-1),
        snapshot: ready.snapshot,
        committed,
      };
    outbox.messages = [];
    outbox.afterPersist = [];
    outbox.waitingAppends.clear();
    state.readStates = [];
    log.unstable.writing(log.lastIndex);
  }

  advance(): void {
    const done = this.#inFlight;
    if (done === undefined) throw new RaftError({ code: "out-of-turn" }, this.#whyNoAdvance());
    this.#inFlight = undefined;
    // The own acknowledgement first, as long as what it acknowledges is not yet taken for durable: then it counts as
    // everybody else's.
    for (const message of done.toSelf) stepMessage(this.#state, message);
    if (done.written !== undefined)
      this.#state.log.durableTo(done.written.index, done.written.term);
    this.#installed(done.snapshot);
    this.#applied(done.committed);
  }

  #whyNoAdvance(): string {
    return this.#state.options.asyncStorageWrites
      ? "advance() has no part in asynchronous writes: use stepLocal()"
      : "advance() without a ready() before it";
  }

  stepLocal(message: LocalMessage): void {
    const { id, options } = this.#state;
    if (!options.asyncStorageWrites || message.to !== id)
      throw new RaftError(
        { code: "invalid-argument" },
        `no ${message.type} is due on ${id}: it names ${message.to}, asyncStorageWrites is ${options.asyncStorageWrites}`,
      );
    switch (message.type) {
      case "storage-append-response":
        this.#written(message);
        return;
      case "storage-apply-response":
        this.#applying -= 1;
        this.#applied({ entries: message.entries, bytes: encodedBytesOf(message.entries) });
        this.#endSuperseded();
        return;
      default:
        if (message.from !== id)
          throw new RaftError(
            { code: "invalid-argument" },
            `a ${message.type} of ${message.from}, which is another node: use step()`,
          );
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

  #applied({ entries, bytes }: Page): void {
    const state = this.#state;
    const last = entries.at(-1);
    if (last === undefined) return;
    state.log.appliedTo(last.index, bytes);
    if (state.uncommittedBytes > 0)
      state.uncommittedBytes = Math.max(0, state.uncommittedBytes - entriesBytes(entries));
    proposeAutoLeave(state);
  }

  #softChanged(): boolean {
    const { leader, role } = this.#state;
    return leader !== this.#soft.leader || role !== this.#soft.role;
  }

  #hardChanged(): boolean {
    return this.#voteChanged() || this.#state.log.committed !== this.#hard.commit;
  }

  #voteChanged(): boolean {
    const { term, vote } = this.#state;
    return term !== this.#hard.term || vote !== this.#hard.vote;
  }
}

/** What waits for the write, apart: this node's own answers, and those for its peers. */
interface AfterPersist {
  readonly toSelf: readonly Message[];
  readonly toPeers: readonly Message[];
}

const NOTHING_AFTER: AfterPersist = { toSelf: [], toPeers: [] };

function splitAfterPersist({ id, outbox }: CoreState): AfterPersist {
  const { afterPersist } = outbox;
  const toSelf = afterPersist.filter(({ to }) => to === id);
  // A leader answers only itself, a follower only its leader: hardly ever is there anything to part.
  if (toSelf.length === 0) return { toSelf, toPeers: afterPersist };
  return { toSelf, toPeers: afterPersist.filter(({ to }) => to !== id) };
}
