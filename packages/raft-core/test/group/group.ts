import { confChangeOf } from "../../src/codec/index.ts";
import { bootstrapState, createRaftCore, nodeId } from "../../src/index.ts";
import type {
  ConfState,
  Entry,
  InitialState,
  Message,
  NodeId,
  RaftCore,
  RaftOptions,
  ReadState,
  Ready,
  SnapshotMetadata,
} from "../../src/index.ts";

/** One member with everything that it made durable, and applied since it started. */
export interface Member {
  readonly core: RaftCore;
  readonly disk: Disk;
  readonly applied: Entry[];
  readonly reads: ReadState[];
  readonly snapshots: SnapshotMetadata[];
  readonly refused: unknown[];
  confState: ConfState | undefined;
}

type Disk = { -readonly [Part in keyof InitialState]: InitialState[Part] };

function write(disk: Disk, { hardState, entries, snapshot }: Ready): void {
  if (snapshot !== undefined) {
    disk.snapshot = snapshot.metadata;
    disk.entries = [];
  }
  const [first] = entries;
  if (first !== undefined)
    disk.entries = [...disk.entries.filter(({ index }) => index < first.index), ...entries];
  if (hardState !== undefined) disk.hardState = hardState;
}

/** Cores joined by arrays: a message arrives as soon as it is sent, unless `drop` says no. */
export class Group {
  readonly members = new Map<NodeId, Member>();
  drop: (message: Message) => boolean = () => false;
  readonly #options: Partial<RaftOptions>;
  readonly #queue: Message[] = [];

  constructor(ids: readonly number[], options: Partial<RaftOptions> = {}) {
    this.#options = options;
    for (const id of ids) this.add(id, bootstrapState(ids.map(nodeId)));
  }

  add(
    id: number,
    initial: InitialState = { hardState: undefined, snapshot: undefined, entries: [] },
  ): Member {
    const core = createRaftCore({
      id: nodeId(id),
      initial,
      random: () => (id % 10) / 10,
      ...this.#options,
    });
    const member: Member = {
      core,
      disk: { ...initial },
      applied: [],
      reads: [],
      snapshots: [],
      refused: [],
      confState: initial.snapshot?.confState,
    };
    this.members.set(core.id, member);
    return member;
  }

  /** Starts a member again with nothing but its disk; its state machine starts from the snapshot. */
  restart(id: number): Member {
    return this.add(id, this.member(id).disk);
  }

  /** From now on nothing reaches these members, nor comes from them; `cut()` joins all. */
  cut(...ids: readonly number[]): this {
    this.drop = ({ from, to }) => ids.includes(from) || ids.includes(to);
    return this;
  }

  /** The terms of a member's log from index 1 on, as the paper draws them; what is compacted is left out. */
  terms(id: number): number[] {
    const { snapshot, entries } = this.member(id).disk;
    const base = snapshot?.index === 1 ? [snapshot.term] : [];
    return [...base, ...entries.map(({ term }) => term)];
  }

  /** Ids of those who lead. */
  get leaders(): number[] {
    return [...this.members.values()]
      .map(({ core }) => core.status())
      .filter(({ role }) => role === "leader")
      .map(({ id }) => id);
  }

  member(id: number): Member {
    return this.members.get(nodeId(id))!;
  }

  core(id: number): RaftCore {
    return this.member(id).core;
  }

  tick(count = 1): void {
    for (let done = 0; done < count; done += 1) {
      for (const { core } of this.members.values()) core.tick();
      this.settle();
    }
  }

  /** Handles effects and delivers messages until nothing is left. */
  settle(): void {
    for (let round = 0; round < 10_000; round += 1) {
      let busy = false;
      for (const member of this.members.values()) busy = this.#handle(member) || busy;
      for (const message of this.#queue.splice(0)) {
        busy = true;
        if (!this.drop(message)) this.members.get(message.to)?.core.step(message);
      }
      if (!busy) return;
    }
    throw new Error("the group does not settle");
  }

  #handle(member: Member): boolean {
    const { core } = member;
    if (!core.hasReady()) return false;
    const ready = core.ready();
    write(member.disk, ready);
    this.#queue.push(...ready.messages, ...ready.messagesAfterPersist);
    member.reads.push(...ready.readStates);
    if (ready.snapshot !== undefined) {
      member.snapshots.push(ready.snapshot.metadata);
      member.confState = ready.snapshot.metadata.confState;
    }
    for (const entry of ready.committedEntries) {
      member.applied.push(entry);
      const change = confChangeOf(entry);
      if (change === undefined) continue;
      try {
        member.confState = core.applyConfChange(change);
      } catch (error) {
        member.refused.push(error);
      }
    }
    core.advance();
    return true;
  }

  elect(id: number): RaftCore {
    const core = this.core(id);
    core.campaign();
    this.settle();
    return core;
  }

  /** The normal data that a member applied, as text. */
  texts(id: number): string[] {
    return this.member(id)
      .applied.filter(({ kind, data }) => kind === "normal" && data.byteLength > 0)
      .map(({ data }) => new TextDecoder().decode(data));
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
