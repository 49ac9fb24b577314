import { openRaftCore } from "../../src/core.ts";
import { isRaftError, logIndex } from "../../src/index.ts";
import type {
  Entry,
  InitialState,
  LocalMessage,
  Message,
  NodeId,
  RaftCore,
  RaftTrace,
  Ready,
  Snapshot,
  SnapshotMetadata,
  StorageAppend,
  StorageApply,
} from "../../src/index.ts";
import { encodedBytesOf } from "../../src/log/entry-size.ts";
import type { CoreState } from "../../src/state.ts";
import { EMPTY_APP, applyEntry, decodeApp, encodeApp } from "./application.ts";
import type { AppState } from "./application.ts";
import { count, countTrace } from "./coverage.ts";
import { DiskModel, merged } from "./disk-model.ts";
import type { Write } from "./disk-model.ts";
import type { DiskSpeed, MemberSettings } from "./profile.ts";
import { markOf } from "./marks.ts";
import { traceReady } from "./trace.ts";
import { TICK_MS } from "./world.ts";
import type { World } from "./world.ts";

/** A driver of one core, the way the real one works: send, write, send, apply, advance; or two threads of its own. */
export class Member {
  readonly id: NodeId;
  #settings: MemberSettings = {};
  readonly #world: World;
  readonly #disk: DiskModel;
  readonly #speed: DiskSpeed;
  /** Length of its ticks. */
  readonly #tickMs: number;
  readonly #durableApp: boolean;
  readonly #snapshots = new Map<number, AppState>();
  readonly #reads = new Map<string, number>();
  #app: AppState;
  #core: RaftCore | undefined;
  #state: CoreState | undefined;
  #busy = false;
  /** Requests of the asynchronous mode; the first of each is being worked on. */
  readonly #appends: StorageAppend[] = [];
  readonly #applies: StorageApply[] = [];
  #applyingBytes = 0;
  #isApplying = false;
  #incarnation = 0;
  #readCount = 0;
  /** What waits for the end of a pause; undefined while the process runs. */
  #held: (() => void)[] | undefined = undefined;
  /** Peers to whom a snapshot is on its way, about which the network has not said a word. */
  readonly #unreported = new Set<NodeId>();

  constructor(id: NodeId, world: World, initial: InitialState) {
    const { profile, random } = world;
    this.id = id;
    this.#world = world;
    this.#speed = profile.disk(random);
    this.#tickMs = TICK_MS * (profile.clocks === "skewed" ? random.range(0.8, 1.25) : 1);
    this.#disk = new DiskModel(initial);
    this.#durableApp = random.chance(0.5);
    const { snapshot } = initial;
    this.#app = snapshot
      ? { index: snapshot.index, hash: 1, confState: snapshot.confState }
      : EMPTY_APP;
    this.#snapshots.set(this.#app.index, this.#app);
    this.start();
    world.schedule(random.range(0, this.#tickMs), () => {
      this.#tick();
    });
  }

  get core(): RaftCore | undefined {
    return this.#core;
  }
  /** The state of the core while it runs; for looking only. */
  get state(): CoreState | undefined {
    return this.#state;
  }
  get app(): AppState {
    return this.#app;
  }
  get readsWaiting(): number {
    return this.#reads.size;
  }

  start(): void {
    if (this.#core !== undefined) return;
    const { checkers, coverage, profile, random, trace } = this.#world;
    const initial = this.#disk.load();
    const base = initial.snapshot?.index ?? 0;
    // A snapshot that was written holds the state, even if the crash came before it was taken over.
    if (!this.#durableApp || this.#app.index < base) {
      if (this.#app.index > base) count(coverage, "restart with entries to apply again");
      this.#app = this.#snapshots.get(base)!;
    }
    // As an operator who changes them one member after the other.
    this.#settings = profile.settings(random);
    const { core, state } = openRaftCore({
      ...this.#settings,
      id: this.id,
      initial,
      random: () => random.next(),
      applied: logIndex(this.#app.index),
      trace: (event) => {
        this.#traced(event);
      },
    });
    this.#core = core;
    this.#state = state;
    this.#busy = false;
    this.#isApplying = false;
    trace?.(this.id, `starts at term ${state.term}`);
    checkers.started(this.id, state, initial);
  }

  #traced(event: RaftTrace): void {
    countTrace(this.#world.coverage, event);
    this.#world.checkers.traced(this.id, event);
  }

  crash(): void {
    if (this.#core === undefined) return;
    const { checkers, coverage, random, trace } = this.#world;
    this.#core = undefined;
    this.#state = undefined;
    this.#incarnation += 1;
    this.#reads.clear();
    this.#appends.length = 0;
    this.#applies.length = 0;
    this.#applyingBytes = 0;
    this.#held = undefined;
    this.#unreported.clear();
    checkers.stopped(this.id);
    const outcome = this.#disk.crash(random);
    this.#world.note(this.id, CRASHED);
    trace?.(this.id, `crashes, the write under way: ${outcome}`);
    count(coverage, `crash: ${outcome}`);
  }

  /** The process stands still, its clock too, and then goes on with all that came meanwhile. */
  pause(forMs: number): void {
    if (this.#core === undefined || this.#held !== undefined) return;
    this.#held = [];
    count(this.#world.coverage, "pause");
    this.#world.trace?.(this.id, "stands still");
    const incarnation = this.#incarnation;
    this.#world.schedule(forMs, () => {
      if (this.#incarnation === incarnation) this.resume();
    });
  }

  resume(): void {
    const held = this.#held;
    this.#held = undefined;
    // One of them may be a crash's end of it all.
    for (const run of held ?? []) if (this.#core !== undefined) run();
  }

  /** Does it now, or after the pause. Lost when the member is down. */
  #whenAwake(run: () => void): void {
    if (this.#held !== undefined) this.#held.push(run);
    else run();
  }

  #tick(): void {
    const { checkers, profile, random } = this.#world;
    if (this.#held === undefined && this.#core !== undefined) {
      const { id } = this;
      this.call((core) => {
        core.tick();
        checkers.ticked(id);
      });
    }
    const jitter = profile.clocks === "even" ? 1 : random.range(0.9, 1.1);
    this.#world.schedule(jitter * this.#tickMs, () => {
      this.#tick();
    });
  }

  /** Calls the core, then handles the effects. RaftErrors of local calls are what a user would see. */
  call(run: (core: RaftCore) => void): boolean {
    if (this.#core === undefined || this.#held !== undefined) return false;
    let accepted = true;
    try {
      run(this.#core);
    } catch (error) {
      if (!isRaftError(error)) throw error;
      count(this.#world.coverage, `refused: ${error.code}`);
      accepted = false;
    }
    this.#pump();
    return accepted;
  }

  /** A peer's message. All peers are correct, so a refusal comes out as a violation. */
  receive(message: Message): void {
    if (this.#core === undefined) return;
    this.#whenAwake(() => {
      this.#world.checkers.receives(this.id, message.from);
      this.#core!.step(message);
      this.#pump();
    });
  }

  read(): void {
    if (this.#core === undefined) return;
    const { checkers } = this.#world;
    this.#readCount += 1;
    const name = `${this.id}/${this.#incarnation}/${this.#readCount}`;
    this.#reads.set(name, checkers.reads.asked());
    const context = Uint8Array.from(name, (c) => c.charCodeAt(0));
    if (!this.call((core) => core.readIndex(context))) this.#reads.delete(name);
  }

  /** Reports the snapshots as lost of which nothing was heard. */
  reportLostSnapshots(): void {
    for (const to of this.#unreported) this.call((core) => core.reportSnapshot(to, "failed"));
    this.#unreported.clear();
  }

  /** Forgets the reads that were asked for while nobody could answer. */
  forgetReads(): void {
    this.#reads.clear();
  }

  #pump(): void {
    const core = this.#core;
    if (core === undefined) return;
    if (this.#settings.asyncStorageWrites === true)
      while (core.hasReady()) this.#beginAsync(core.ready());
    else if (!this.#busy && core.hasReady()) this.#begin(core.ready());
    this.#world.checkers.observe(this.id);
  }

  #take(ready: Ready): void {
    const { checkers, trace } = this.#world;
    const { snapshot, entries, committedEntries } = ready;
    if (snapshot !== undefined) this.#snapshots.set(snapshot.metadata.index, decodeApp(snapshot));
    checkers.wrote(this.id, snapshot, entries);
    if (committedEntries.length > 0)
      checkers.applies(this.id, committedEntries, this.#applyingBytes);
    if (trace !== undefined) traceReady(trace, this.id, ready);
    for (const { index, context } of ready.readStates) this.#finishRead(index, context);
    for (const message of ready.messages) this.#send(message);
  }

  #beginAsync(ready: Ready): void {
    this.#take(ready);
    for (const request of ready.storage) {
      if (request.type === "storage-append") this.#appends.push(request);
      else {
        this.#applies.push(request);
        this.#applyingBytes += encodedBytesOf(request.entries);
      }
    }
    this.#startWrite();
    this.#startApply();
  }

  /** After a delay and a pause, unless the member crashes before. */
  #later(delayMs: number, run: (core: RaftCore) => void): void {
    const incarnation = this.#incarnation;
    this.#world.schedule(delayMs, () => {
      if (this.#incarnation !== incarnation) return;
      this.#whenAwake(() => {
        run(this.#core!);
      });
    });
  }

  #writeMs(): number {
    const { random, isHealthy } = this.#world;
    if (isHealthy) return random.next();
    const { writeMsMax, stalls, stallMsMax } = this.#speed;
    return random.range(0, random.chance(stalls) ? stallMsMax : writeMsMax);
  }

  #startWrite(): void {
    const [first] = this.#appends;
    if (this.#busy || first === undefined) return;
    // A snapshot replaces the state that earlier entries lead to.
    if (first.snapshot !== undefined && this.#applies.length > 0) return;
    this.#busy = true;
    const others = this.#appends.findIndex(({ snapshot }) => snapshot !== undefined);
    const together = others < 0 ? this.#appends.length : others;
    const count = first.snapshot === undefined ? 1 + this.#world.random.integer(together) : 1;
    const requests = this.#appends.slice(0, count);
    this.#disk.begin(requests.map(writeOf).reduce(merged));
    this.#later(this.#writeMs(), (core) => this.#finishWrite(core, requests));
  }

  #finishWrite(core: RaftCore, requests: readonly StorageAppend[]): void {
    this.#synced(this.#disk.finish());
    this.#busy = false;
    this.#appends.splice(0, requests.length);
    for (const { responses, snapshot } of requests) {
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

  #synced(writes: readonly Write[]): void {
    for (const write of writes) this.#world.checkers.synced(this.id, write);
  }

  #startApply(): void {
    const [request] = this.#applies;
    if (request === undefined || this.#isApplying) return;
    this.#isApplying = true;
    const applyMsMax = this.#world.isHealthy ? 1 : this.#speed.applyMsMax;
    this.#later(this.#world.random.range(0, applyMsMax), (core) => {
      this.#isApplying = false;
      for (const entry of request.entries) this.#apply(core, entry);
      this.#applies.shift();
      this.#applyingBytes -= encodedBytesOf(request.entries);
      for (const response of request.responses) core.stepLocal(response);
      this.#compact(core);
      this.#pump();
      this.#startWrite();
      this.#startApply();
    });
  }

  #begin(ready: Ready): void {
    this.#take(ready);
    this.#busy = true;
    this.#disk.begin(ready);
    const writes = ready.entries.length > 0 || ready.hardState !== undefined;
    this.#later(writes ? this.#writeMs() : 0, (core) => this.#finish(core, ready));
  }

  #finish(core: RaftCore, ready: Ready): void {
    this.#synced(this.#disk.finish());
    for (const message of ready.messagesAfterPersist) this.#send(message);
    if (ready.snapshot !== undefined) this.#install(ready.snapshot);
    for (const entry of ready.committedEntries) this.#apply(core, entry);
    core.advance();
    this.#busy = false;
    this.#compact(core);
    this.#pump();
  }

  #install(snapshot: Snapshot): void {
    this.#app = decodeApp(snapshot);
    this.#world.checkers.applied(this.id, this.#app.index, this.#app.hash);
  }

  #apply(core: RaftCore, entry: Entry): void {
    this.#app = applyEntry(this.#world, core, this.#app, entry);
    this.#world.note(this.id, this.#app.hash);
    const marked = markOf(entry.data);
    if (marked !== undefined) this.#world.applied.add(marked);
    this.#world.checkers.applied(this.id, entry.index, this.#app.hash);
  }

  #compact(core: RaftCore): void {
    const { compactEvery, margin } = this.#world.profile;
    const { snapshotIndex } = this.#disk;
    const { index, confState } = this.#app;
    if (index - snapshotIndex < compactEvery || confState === undefined) return;
    const entry = this.#disk.entryAt(index);
    if (entry === undefined) return;
    const metadata: SnapshotMetadata = { index: logIndex(index), term: entry.term, confState };
    const through = logIndex(Math.max(snapshotIndex, index - margin));
    this.#snapshots.set(index, this.#app);
    this.#synced(this.#disk.compact(metadata, logIndex(Math.max(0, through - 1))));
    core.compact(metadata, through);
    count(this.#world.coverage, "compaction");
    this.#world.trace?.(this.id, `compacts through ${through}`);
  }

  #send(message: Message): void {
    this.#world.checkers.sends(message);
    if (message.type === "snapshot") this.#sendSnapshot(message);
    else this.#world.send(message);
  }

  #sendSnapshot(message: Extract<Message, { readonly type: "snapshot" }>): void {
    const { metadata } = message.snapshot;
    const { random, isHealthy } = this.#world;
    const data = encodeApp(this.#snapshots.get(metadata.index)!);
    this.#world.send({ ...message, snapshot: { metadata, data } });
    const { to } = message;
    this.#unreported.add(to);
    const fate = isHealthy ? 0 : random.next();
    // Said soon, said late, or not said at all.
    if (fate > 0.85) return;
    const outcome = random.chance(0.8) ? "finished" : "failed";
    this.#later(fate > 0.7 ? random.range(60, 600) : random.range(2, 60), () => {
      this.#unreported.delete(to);
      this.call((core) => core.reportSnapshot(to, outcome));
    });
  }

  #finishRead(index: number, context: Uint8Array): void {
    const name = String.fromCharCode(...context);
    const least = this.#reads.get(name);
    if (least === undefined) return;
    this.#reads.delete(name);
    count(this.#world.coverage, "read confirmed");
    this.#world.checkers.reads.answered(this.id, index, least);
  }
}

const CRASHED = 0xdead;

function writeOf(request: StorageAppend): Write {
  return { ...request, mustSync: request.responses.length > 0 };
}

function isLocal(
  response: StorageAppend["responses"][number],
  id: NodeId,
): response is Extract<LocalMessage, StorageAppend["responses"][number]> {
  return response.to === id;
}
