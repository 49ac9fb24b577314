import type { Random } from "@waggle/simkit";
import { confChangeOf } from "../../src/codec/index.ts";
import { createRaftCore, isRaftError, logIndex } from "../../src/index.ts";
import type {
  ConfState,
  Entry,
  InitialState,
  LocalMessage,
  LogIndex,
  Message,
  NodeId,
  RaftCore,
  RaftOptions,
  Ready,
  Snapshot,
  SnapshotMetadata,
  StorageAppend,
  StorageApply,
} from "../../src/index.ts";
import { hashBytes, hashText } from "./checkers.ts";
import type { Checkers } from "./checkers.ts";
import { DiskModel, merged } from "./disk-model.ts";
import type { Write } from "./disk-model.ts";

/** The replicated state: a hash of all that was applied, and the members. */
interface App {
  readonly index: number;
  readonly hash: number;
  readonly confState: ConfState | undefined;
}

/** What a member needs of the world. */
export interface World {
  readonly random: Random;
  readonly checkers: Checkers;
  readonly settings: Pick<
    RaftOptions,
    | "preVote"
    | "checkQuorum"
    | "maxBytesPerAppend"
    | "maxInflightAppends"
    | "maxCommittedBytesPerReady"
    | "asyncStorageWrites"
  >;
  readonly compactEvery: number;
  readonly margin: number;
  /** All who were members as of any applied entry. */
  readonly everMembers: Set<NodeId>;
  schedule(delayMs: number, run: () => void): void;
  send(message: Message): void;
  /** Called only when somebody reads the trace: texts cost time. */
  readonly trace: ((who: NodeId, text: string) => void) | undefined;
}

const EMPTY_APP: App = { index: 0, hash: 1, confState: undefined };

/** A driver of one core, the way the real one works: send, write, send, apply, advance. */
export class Member {
  readonly id: NodeId;
  readonly #world: World;
  readonly #disk: DiskModel;
  readonly #durableApp: boolean;
  readonly #snapshots = new Map<number, App>();
  readonly #reads = new Map<string, number>();
  #app: App;
  #core: RaftCore | undefined;
  #busy = false;
  /** Requests of the asynchronous mode; the first of each is being worked on. */
  readonly #appends: StorageAppend[] = [];
  readonly #applies: StorageApply[] = [];
  #isApplying = false;
  #incarnation = 0;
  #readCount = 0;

  constructor(id: NodeId, world: World, initial: InitialState) {
    this.id = id;
    this.#world = world;
    this.#disk = new DiskModel(initial);
    this.#durableApp = world.random.chance(0.5);
    this.#app =
      initial.snapshot === undefined
        ? EMPTY_APP
        : { index: initial.snapshot.index, hash: 1, confState: initial.snapshot.confState };
    this.#snapshots.set(this.#app.index, this.#app);
    this.start();
  }

  get core(): RaftCore | undefined {
    return this.#core;
  }

  get app(): App {
    return this.#app;
  }

  start(): void {
    if (this.#core !== undefined) return;
    const initial = this.#disk.load();
    const base = initial.snapshot ?? { index: 0, term: 0 };
    // A snapshot that was written holds the state, even if the crash came before it was taken over.
    if (!this.#durableApp || this.#app.index < base.index)
      this.#app = this.#snapshots.get(base.index)!;
    const options: RaftOptions = {
      id: this.id,
      initial,
      random: () => this.#world.random.next(),
      applied: logIndex(this.#app.index),
      ...this.#world.settings,
    };
    const after = initial.entries.filter(({ index }) => index > base.index);
    this.#world.checkers.started(this.id, base, after);
    this.#core = createRaftCore(options);
    this.#busy = false;
    this.#isApplying = false;
    this.#world.trace?.(this.id, `starts at term ${this.#core.status().term}`);
    this.#observe();
  }

  crash(): void {
    if (this.#core === undefined) return;
    this.#world.trace?.(this.id, "crashes");
    this.#core = undefined;
    this.#incarnation += 1;
    this.#reads.clear();
    this.#appends.length = 0;
    this.#applies.length = 0;
    this.#disk.crash(this.#world.random);
  }

  /** Calls the core, then handles the effects. RaftErrors of local calls are what a user would see. */
  call(run: (core: RaftCore) => void): void {
    if (this.#core === undefined) return;
    try {
      run(this.#core);
    } catch (error) {
      if (!isRaftError(error)) throw error;
    }
    this.#pump();
  }

  /** A peer's message. All peers are correct, so a refusal comes out as a violation. */
  receive(message: Message): void {
    if (this.#core === undefined) return;
    this.#core.step(message);
    this.#pump();
  }

  read(): void {
    this.#readCount += 1;
    const name = `${this.id}/${this.#incarnation}/${this.#readCount}`;
    this.#reads.set(name, this.#world.checkers.committed);
    this.call((core) => core.readIndex(Uint8Array.from(name, (c) => c.charCodeAt(0))));
  }

  #observe(): void {
    if (this.#core !== undefined) this.#world.checkers.observe(this.#core.status());
  }

  #pump(): void {
    const core = this.#core;
    if (core === undefined) return;
    if (this.#world.settings.asyncStorageWrites === true)
      while (core.hasReady()) this.#beginAsync(core.ready());
    else if (!this.#busy && core.hasReady()) this.#begin(core.ready());
    this.#observe();
  }

  #take(ready: Ready): void {
    const { checkers } = this.#world;
    if (ready.snapshot !== undefined) {
      const { metadata } = ready.snapshot;
      checkers.restored(this.id, metadata);
      this.#snapshots.set(metadata.index, stateIn(ready.snapshot));
    }
    checkers.wrote(this.id, ready.entries);
    this.#traceReady(ready);
    for (const read of ready.readStates) this.#finishRead(read.index, read.context);
    for (const message of ready.messages) this.#send(message);
  }

  #beginAsync(ready: Ready): void {
    this.#take(ready);
    for (const request of ready.storage) {
      if (request.type === "storage-append") this.#appends.push(request);
      else this.#applies.push(request);
    }
    this.#startWrite();
    this.#startApply();
  }

  /** After a delay, unless the member crashes before. */
  #later(delayMs: number, run: (core: RaftCore) => void): void {
    const incarnation = this.#incarnation;
    this.#world.schedule(delayMs, () => {
      if (this.#incarnation === incarnation) run(this.#core!);
    });
  }

  #startWrite(): void {
    const [first] = this.#appends;
    if (this.#busy || first === undefined) return;
    // A snapshot replaces the state that earlier entries lead to.
    if (first.snapshot !== undefined && this.#applies.length > 0) return;
    this.#busy = true;
    const { random } = this.#world;
    const others = this.#appends.findIndex(({ snapshot }) => snapshot !== undefined);
    const together = others < 0 ? this.#appends.length : others;
    const count = first.snapshot === undefined ? 1 + random.integer(together) : 1;
    const requests = this.#appends.slice(0, count);
    this.#disk.begin(requests.map(writeOf).reduce(merged));
    this.#later(random.range(0, 4), (core) => this.#finishWrite(core, requests));
  }

  #finishWrite(core: RaftCore, requests: readonly StorageAppend[]): void {
    this.#disk.finish();
    this.#busy = false;
    this.#appends.splice(0, requests.length);
    for (const { hardState, responses, snapshot } of requests) {
      if (hardState !== undefined && responses.length > 0)
        this.#world.checkers.durableTerm(this.id, hardState.term);
      if (snapshot !== undefined) this.#install(snapshot);
      for (const response of responses) {
        if (isLocal(response, this.id)) core.stepLocal(response);
        else this.#send(response);
      }
    }
    this.#compact(core);
    this.#pump();
    this.#startWrite();
  }

  #startApply(): void {
    const [request] = this.#applies;
    if (request === undefined || this.#isApplying) return;
    this.#isApplying = true;
    this.#later(this.#world.random.range(0, 4), (core) => {
      this.#isApplying = false;
      for (const entry of request.entries) this.#apply(core, entry);
      this.#applies.shift();
      for (const response of request.responses) core.stepLocal(response);
      this.#compact(core);
      this.#pump();
      this.#startWrite();
      this.#startApply();
    });
  }

  #begin(ready: Ready): void {
    const { random } = this.#world;
    this.#take(ready);
    this.#busy = true;
    this.#disk.begin(ready);
    const incarnation = this.#incarnation;
    const writes = ready.entries.length > 0 || ready.hardState !== undefined;
    const delayMs = writes ? random.range(0, 4) : 0;
    this.#world.schedule(delayMs, () => {
      if (this.#incarnation === incarnation) this.#finish(ready);
    });
  }

  #finish(ready: Ready): void {
    const core = this.#core!;
    this.#disk.finish();
    if (ready.hardState !== undefined && ready.mustSync)
      this.#world.checkers.durableTerm(this.id, ready.hardState.term);
    for (const message of ready.messagesAfterPersist) this.#send(message);
    if (ready.snapshot !== undefined) this.#install(ready.snapshot);
    for (const entry of ready.committedEntries) this.#apply(core, entry);
    core.advance();
    this.#busy = false;
    this.#compact(core);
    this.#pump();
  }

  #install(snapshot: Snapshot): void {
    const state = stateIn(snapshot);
    this.#app = state;
    this.#world.checkers.applied(this.id, snapshot.metadata.index, state.hash);
  }

  #apply(core: RaftCore, entry: Entry): void {
    if (entry.index !== this.#app.index + 1)
      throw new Error(`${this.id} applies ${entry.index} after ${this.#app.index}`);
    const change = confChangeOf(entry);
    let { confState } = this.#app;
    if (change !== undefined) {
      try {
        confState = core.applyConfChange(change);
      } catch (error) {
        if (!isRaftError(error)) throw error;
      }
    }
    let hash = hashBytes(hashText(this.#app.hash, `${entry.index}:${entry.term}`), entry.data);
    if (change !== undefined && confState !== undefined) {
      const members = membersIn(confState);
      for (const id of members) this.#world.everMembers.add(id);
      hash = hashText(hash, JSON.stringify(confState));
      this.#world.trace?.(this.id, `members after ${entry.index}: ${JSON.stringify(confState)}`);
    }
    this.#app = { index: entry.index, hash, confState };
    this.#world.checkers.applied(this.id, entry.index, hash);
  }

  #compact(core: RaftCore): void {
    const { compactEvery, margin } = this.#world;
    const snapshotIndex = this.#disk.load().snapshot?.index ?? 0;
    const { index, confState } = this.#app;
    if (index - snapshotIndex < compactEvery || confState === undefined) return;
    const entry = this.#disk.load().entries.find((candidate) => candidate.index === index);
    if (entry === undefined) return;
    const metadata: SnapshotMetadata = { index: logIndex(index), term: entry.term, confState };
    const through = logIndex(Math.max(snapshotIndex, index - margin));
    this.#snapshots.set(index, this.#app);
    this.#disk.compact(metadata, logIndex(Math.max(0, through - 1)));
    core.compact(metadata, through);
    this.#world.trace?.(this.id, `compacts through ${through}`);
  }

  #send(message: Message): void {
    if (message.type !== "snapshot") {
      this.#world.send(message);
      return;
    }
    const { metadata } = message.snapshot;
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, this.#snapshots.get(metadata.index)!.hash);
    this.#world.send({ ...message, snapshot: { metadata, data } });
    const outcome = this.#world.random.chance(0.8) ? "finished" : "failed";
    const incarnation = this.#incarnation;
    this.#world.schedule(this.#world.random.range(5, 60), () => {
      if (this.#incarnation === incarnation)
        this.call((core) => core.reportSnapshot(message.to, outcome));
    });
  }

  #finishRead(index: LogIndex, context: Uint8Array): void {
    const name = String.fromCharCode(...context);
    const asked = this.#reads.get(name);
    if (asked === undefined) return;
    this.#reads.delete(name);
    this.#world.checkers.read(this.id, index, asked);
  }

  #traceReady(ready: Ready): void {
    const { trace } = this.#world;
    if (trace === undefined) return;
    const { softState, hardState, snapshot } = ready;
    if (softState !== undefined) trace(this.id, `${softState.role}, leader ${softState.leader}`);
    if (hardState !== undefined) trace(this.id, `hard state ${JSON.stringify(hardState)}`);
    if (snapshot !== undefined) trace(this.id, `restores ${snapshot.metadata.index}`);
    for (const { index, term, kind } of ready.entries)
      trace(this.id, `writes ${index}:${term} ${kind}`);
    const last = ready.committedEntries.at(-1);
    if (last !== undefined) trace(this.id, `applies up to ${last.index}`);
  }
}

function writeOf(request: StorageAppend): Write {
  return { ...request, mustSync: request.responses.length > 0 };
}

function stateIn({ metadata, data }: Snapshot): App {
  const hash = new DataView(data.buffer, data.byteOffset).getUint32(0);
  return { index: metadata.index, hash, confState: metadata.confState };
}

function isLocal(
  response: StorageAppend["responses"][number],
  id: NodeId,
): response is Extract<LocalMessage, StorageAppend["responses"][number]> {
  return response.to === id;
}

/** All who take part in a configuration. */
export function membersIn(state: ConfState): Set<NodeId> {
  return new Set([
    ...state.voters,
    ...state.votersOutgoing,
    ...state.learners,
    ...state.learnersNext,
  ]);
}
