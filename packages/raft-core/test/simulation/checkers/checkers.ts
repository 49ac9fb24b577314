import type { Entry, InitialState, Message, NodeId, Snapshot } from "../../../src/index.ts";
import { encodedBytesOf } from "../../../src/log/entry-size.ts";
import type { CoreState } from "../../../src/state.ts";
import type { RaftTrace } from "../../../src/index.ts";
import type { Write } from "../disk-model.ts";
import { CommitChecker } from "./commits.ts";
import { ElectionChecker } from "./elections.ts";
import type { Base } from "./log-mirror.ts";
import { LogChecker } from "./logs.ts";
import { ProgressChecker } from "./progress.ts";
import { PromiseChecker } from "./promises.ts";
import { ReadChecker } from "./reads.ts";
import { TimerChecker } from "./timers.ts";
import { createView } from "./view.ts";
import type { GroupView, MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

const START: Base = { index: 0, term: 0 };

/**
 * Watches all members from outside: what they hand out, send, hold on their disks, apply and report. Knows nothing of
 * how they work, and looks again after every event.
 */
export class Checkers {
  readonly #group: GroupView = new Map();
  readonly #elections: ElectionChecker;
  readonly #logs: LogChecker;
  readonly #commits: CommitChecker;
  readonly #promises: PromiseChecker;
  readonly #progress: ProgressChecker;
  readonly #timers = new TimerChecker();
  readonly reads: ReadChecker;
  /** State of the state machine after each index. */
  readonly #states = new Map<number, number>();

  constructor() {
    this.#elections = new ElectionChecker();
    this.#logs = new LogChecker(this.#elections);
    this.#commits = new CommitChecker(this.#group);
    this.#promises = new PromiseChecker(this.#group, this.#elections, this.#commits);
    this.#progress = new ProgressChecker(this.#group);
    this.reads = new ReadChecker(this.#commits);
  }

  get committed(): number {
    return this.#commits.last;
  }

  #view(id: NodeId): MemberView {
    let view = this.#group.get(id);
    if (view === undefined) this.#group.set(id, (view = createView(id)));
    return view;
  }

  /** A member starts, or starts again, with what its disk holds. */
  started(id: NodeId, state: CoreState, { hardState, snapshot, entries }: InitialState): void {
    const view = this.#view(id);
    view.state = state;
    const base = snapshot ?? START;
    const after = entries.filter(({ index }) => index > base.index);
    this.#commits.overwriting(view, () => {
      this.#logs.load(view.durable, base, after);
    });
    this.#logs.load(view.written, base, after);
    if (this.#commits.last === 0)
      this.#commits.founded(base.index, view.written.hashAt(base.index)!);
    if (hardState !== undefined) view.durableHard = hardState;
    this.#elections.started(view);
    this.#commits.started(view);
    this.#timers.started(view);
    this.observe(id);
  }

  stopped(id: NodeId): void {
    this.#view(id).state = undefined;
  }

  /** What the core says of itself, at the moment when it happens. */
  traced(id: NodeId, event: RaftTrace): void {
    const view = this.#view(id);
    // At the start the state is not known yet; nothing below happens then.
    if (view.state === undefined) return;
    if (event.type === "commit") this.#commits.committed(view, event.index);
    else if (event.type === "members" && view.state.role === "leader")
      this.#commits.reconfigured(view);
    else if (event.type === "transfer" && event.outcome === "started")
      this.#timers.transferStarted(view);
  }

  /** The core hands out a snapshot and entries to be written. */
  wrote(id: NodeId, snapshot: Snapshot | undefined, entries: readonly Entry[]): void {
    const view = this.#view(id);
    // First, since what a leader writes counts from its election on.
    this.#observeElection(view);
    if (snapshot !== undefined) this.#logs.rebase(view.written, snapshot.metadata);
    this.#logs.wrote(view, entries);
  }

  /** A disk has made this durable. */
  synced(id: NodeId, { snapshot, entries, hardState }: Write): void {
    const view = this.#view(id);
    this.#commits.overwriting(view, () => {
      if (snapshot !== undefined) this.#restored(view, snapshot);
      for (const entry of entries) view.durable.write(entry);
    });
    if (hardState !== undefined) view.durableHard = hardState;
  }

  #restored(view: MemberView, { metadata }: Snapshot): void {
    const known = view.durable.termAt(metadata.index) === metadata.term;
    if (known && view.durable.last > metadata.index)
      throw new Violation(`${view.id} drops its log after ${metadata.index} for a snapshot of it`);
    this.#logs.rebase(view.durable, metadata);
  }

  /** A message leaves for the network. */
  sends(message: Message): void {
    // A request for a transfer is sent in the name of its target.
    if (message.type !== "transfer-leader" && message.term > 0)
      this.#promises.sends(this.#view(message.from), message);
  }

  receives(id: NodeId, from: NodeId): void {
    this.#timers.heard(this.#view(id), from);
  }

  ticked(id: NodeId): void {
    this.#timers.ticked(this.#view(id));
  }

  /** After every event of a member. */
  observe(id: NodeId): void {
    const view = this.#view(id);
    if (view.state === undefined) return;
    this.#observeElection(view);
    this.#commits.observe(view);
    this.#progress.observe(view);
  }

  #observeElection(view: MemberView): void {
    if (!this.#elections.observe(view)) return;
    this.#commits.won(view);
    this.#progress.won(view);
    this.#timers.won(view);
  }

  /** Entries are handed out for applying, of which `waiting` bytes are not done yet. */
  applies(id: NodeId, entries: readonly Entry[], waitingBytes: number): void {
    const { state } = this.#view(id);
    const { maxCommittedBytesPerReady } = state!.options;
    // One entry may always be applied, however large.
    const bytes = entries.length > 1 ? encodedBytesOf(entries) : 1;
    if (waitingBytes + bytes > maxCommittedBytesPerReady)
      throw new Violation(`${id} is to apply ${waitingBytes + bytes} bytes at once`);
  }

  /** State-machine safety: only what is committed and durable, and all members in the same state after it. */
  applied(id: NodeId, index: number, state: number): void {
    const view = this.#view(id);
    const hash = this.#commits.hashAt(index);
    if (hash === undefined) throw new Violation(`${id} applies ${index}, which is not committed`);
    if (!view.durable.holds(index, hash))
      throw new Violation(`${id} applies ${index}, and its disk holds something else`);
    const known = this.#states.get(index);
    if (known !== undefined && known !== state)
      throw new Violation(`state-machine safety: ${id} differs from another after ${index}`);
    this.#states.set(index, state);
    view.appIndex = index;
  }
}
