import { isRaftError, logIndex, term } from "../../../src/index.ts";
import type {
  ConfState,
  Entry,
  HardState,
  InitialState,
  LogIndex,
  NodeId,
  RaftCore,
  RaftOptions,
  RaftTrace,
  Ready,
  Snapshot,
  SnapshotMetadata,
  StorageAppend,
  StorageApply,
  StorageRequest,
} from "../../../src/index.ts";
import { confChangeOf } from "../../../src/codec/conf-change.ts";
import { openRaftCore } from "../../../src/core.ts";
import type { CoreState } from "../../../src/state.ts";
import { frozen } from "../frozen.ts";
import { describeReady } from "./describe-ready.ts";
import { describeMessage } from "./describe-message.ts";
import type { Parcel } from "./describe-message.ts";
import { logLine } from "./log-lines.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { CommandError } from "./output.ts";
import type { Output } from "./output.ts";

const NO_MEMBERS: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

/** What is still there after a node stopped. */
export interface Kept {
  readonly storage: MemoryStorage;
  /** What the state machine went through, as far as it is durable. */
  readonly history: readonly SnapshotMetadata[];
}

/** What a node starts from. */
export interface NodeStart {
  readonly id: NodeId;
  /** Of a node that is there from the beginning. */
  readonly snapshot: SnapshotMetadata | undefined;
  readonly options: Partial<RaftOptions> & Pick<RaftOptions, "random">;
  /** The disk of a node that ran before. */
  readonly kept?: Kept;
  readonly output: Output;
  /** Takes what is to be delivered. */
  readonly post: (parcel: Parcel) => void;
}

const NOTHING: SnapshotMetadata = { index: logIndex(0), term: term(0), confState: NO_MEMBERS };

function stored({ storage, history }: Kept): InitialState {
  const { hardState, entries, firstIndex } = storage;
  const snapshot = history.find(({ index }) => index > 0 && index === firstIndex - 1);
  return { hardState, snapshot, entries };
}

function isVoteRequest({ type }: Parcel): boolean {
  return type === "vote";
}

function withoutVoteRequests(request: StorageRequest): StorageRequest {
  if (request.type === "storage-apply") return request;
  return { ...request, responses: request.responses.filter((parcel) => !isVoteRequest(parcel)) };
}

/** One member with a store in memory and a state machine that remembers every state. */
export class Node {
  readonly id: NodeId;
  readonly core: RaftCore;
  readonly state: CoreState;
  readonly storage: MemoryStorage;
  readonly start: NodeStart;
  readonly appendWork: StorageAppend[] = [];
  readonly applyWork: StorageApply[] = [];
  readonly #output: Output;
  readonly #post: (parcel: Parcel) => void;
  readonly #history: SnapshotMetadata[];
  /** When each message of the next Ready was sent. */
  readonly #sent = new Map<Parcel, number>();
  #hardState: HardState | undefined = undefined;
  /** What was not taken during the present step. */
  readonly #dropped = new Set<RaftTrace["type"]>();

  constructor(start: NodeStart) {
    const { id, snapshot, options, output, post, kept } = start;
    this.start = start;
    this.id = id;
    this.storage = kept?.storage ?? new MemoryStorage();
    this.#output = output;
    this.#post = post;
    this.#history = [...(kept?.history ?? [snapshot ?? NOTHING])];
    this.#hardState = kept?.storage.hardState;
    if (kept === undefined && snapshot !== undefined)
      this.storage.applySnapshot({ metadata: snapshot });
    const { index: commit } = snapshot ?? NOTHING;
    const fresh = {
      hardState: { term: term(0), vote: 0 as NodeId, commit },
      snapshot,
      entries: [],
    };
    const opened = openRaftCore({
      ...options,
      id,
      initial: kept === undefined ? fresh : stored(kept),
      trace: (event) => this.#trace(event),
    });
    this.core = opened.core;
    this.state = opened.state;
  }

  /** What is left of this node when it stops after having applied up to `applied` durably. */
  kept(applied: LogIndex): Kept {
    const { snapshot, firstIndex } = this.storage;
    const known = [...(snapshot === undefined ? [] : [snapshot]), ...this.#history];
    const history = known.filter(({ index }) => index <= applied || index < firstIndex);
    return { storage: this.storage, history: history.sort((a, b) => a.index - b.index) };
  }

  /** The state to send to a peer. */
  get newestSnapshot(): Snapshot {
    return { metadata: this.#newestState, data: new Uint8Array(0) };
  }

  get #newestState(): SnapshotMetadata {
    return this.#history.at(-1)!;
  }

  get #isAsync(): boolean {
    return this.state.options.asyncStorageWrites;
  }

  #trace(event: RaftTrace): void {
    if (event.type === "sent") this.#sent.set(event.message, this.#sent.size);
    if (event.type === "proposal-dropped" || event.type === "answer-dropped")
      this.#dropped.add(event.type);
    const line = logLine(event, this.id);
    if (line !== undefined) this.#output.log(line.level, line.text);
  }

  /** Takes a message; what the reference answers when it refuses. */
  step(parcel: Parcel): string | undefined {
    this.#dropped.clear();
    try {
      this.#step(parcel);
    } catch (error) {
      if (isRaftError(error)) return error.message;
      throw error;
    }
    this.#offerSnapshot();
    if (this.#dropped.has("answer-dropped")) return "raft: cannot step as peer not found";
    if (parcel.type === "propose" && this.#dropped.has("proposal-dropped"))
      return "raft proposal dropped";
    return undefined;
  }

  #step(parcel: Parcel): void {
    switch (parcel.type) {
      case "storage-append":
      case "storage-apply":
        throw new CommandError("raft: cannot step raft local message");
      case "storage-append-response":
      case "storage-apply-response":
        this.core.stepLocal(parcel);
        return;
      case "append-response":
      case "vote-response":
      case "pre-vote-response":
        if (parcel.from !== this.id) this.core.step(parcel);
        else if (this.state.progress.has(this.id)) this.core.stepLocal(parcel);
        // The reference refuses what a removed member answers to itself like any stranger's answer.
        else this.#dropped.add("answer-dropped");
        return;
      default:
        this.core.step(parcel);
    }
  }

  processReady(): void {
    const ready = frozen(this.core.ready());
    const messages = this.#inOrder(ready);
    this.#output.write(describeReady(ready, messages, this.#mustSync(ready)));
    this.#hardState = ready.hardState ?? this.#hardState;
    if (!this.#isAsync) {
      this.#write(ready);
      this.#apply(ready.committedEntries);
    }
    for (const message of messages) {
      if (message.type === "storage-append") this.appendWork.push(message);
      else if (message.type === "storage-apply") this.applyWork.push(message);
      else this.#post(message);
    }
    if (!this.#isAsync) this.core.advance();
    this.#offerSnapshot();
  }

  /** The reference asks for a sync less often: a snapshot alone is no reason for it. */
  #mustSync({ entries, hardState }: Ready): boolean {
    if (hardState === undefined) return entries.length > 0;
    const { term: before = 0, vote = 0 } = this.#hardState ?? {};
    return entries.length > 0 || hardState.term !== before || hardState.vote !== vote;
  }

  /**
   * The reference has two queues: answers, and all the rest. Here requests for votes wait for the disk as well, so the
   * order of sending has to be found again.
   */
  #inOrder({ messages, messagesAfterPersist, storage }: Ready): readonly Parcel[] {
    const sent = new Map(this.#sent);
    this.#sent.clear();
    const rank = (parcel: Parcel): number => sent.get(parcel) ?? Infinity;
    const waiting = [
      ...messagesAfterPersist,
      ...storage.flatMap(({ responses }) => [...responses]),
    ];
    const requests = [...messages, ...waiting.filter(isVoteRequest)];
    return [
      ...requests.sort((a, b) => rank(a) - rank(b)),
      ...messagesAfterPersist.filter((message) => !isVoteRequest(message)),
      ...storage.map(withoutVoteRequests),
    ];
  }

  #write(write: Pick<Ready, "hardState" | "snapshot" | "entries">): void {
    const { hardState, snapshot, entries } = write;
    if (hardState !== undefined) this.storage.hardState = hardState;
    if (snapshot === undefined) {
      this.storage.append(entries);
      return;
    }
    if (entries.length > 0)
      throw new CommandError("can't apply snapshot and entries at the same time");
    const fault = this.storage.applySnapshot(snapshot);
    if (fault !== undefined) throw new CommandError(fault);
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const change = confChangeOf(entry);
      let { confState } = this.#newestState;
      if (change !== undefined) confState = this.core.applyConfChange(change);
      this.#history.push({ index: entry.index, term: entry.term, confState });
    }
  }

  processAppend(): void {
    const work = this.appendWork.shift();
    if (work === undefined) {
      this.#output.write("no append work to perform");
      return;
    }
    this.#output.write(`Processing:\n${describeMessage({ ...work, responses: [] })}\n`);
    this.#write(work);
    this.#respond(work.responses);
  }

  processApply(): void {
    const work = this.applyWork.shift();
    if (work === undefined) {
      this.#output.write("no apply work to perform");
      return;
    }
    this.#output.write(`Processing:\n${describeMessage({ ...work, responses: [] })}\n`);
    this.#apply(work.entries);
    this.#respond(work.responses);
  }

  #respond(responses: readonly Parcel[]): void {
    this.#output.write("Responses:\n");
    for (const response of responses) {
      this.#output.write(`${describeMessage(response)}\n`);
      this.#post(response);
    }
  }

  /** The reference asks for a snapshot when it needs one; this core wants to know the newest one beforehand. */
  #offerSnapshot(): void {
    const { log } = this.state;
    const newest = this.#history.findLast(({ index }) => index <= log.applied);
    if (newest === undefined || newest.index <= (log.snapshot?.index ?? 0)) return;
    this.core.compact(newest, logIndex(0));
  }

  compact(through: LogIndex): void {
    const fault = this.storage.compact(through);
    if (fault !== undefined) throw new CommandError(fault);
    const newest = this.state.log.snapshot;
    if (newest !== undefined) this.core.compact(newest, through);
  }
}
