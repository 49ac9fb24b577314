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
  SnapshotMetadata,
} from "../../src/index.ts";

/** One member with everything that it ever made durable and applied. */
export interface Member {
  readonly core: RaftCore;
  readonly applied: Entry[];
  readonly reads: ReadState[];
  readonly snapshots: SnapshotMetadata[];
  readonly refused: unknown[];
  confState: ConfState | undefined;
}

/** Cores joined by arrays: a message arrives as soon as it is sent, unless `drop` says no. */
export class Group {
  readonly members = new Map<NodeId, Member>();
  drop: (message: Message) => boolean = () => false;
  readonly #options: Partial<RaftOptions>;
  readonly #queue: Message[] = [];

  constructor(ids: readonly number[], options: Partial<RaftOptions> = {}) {
    this.#options = options;
    const initial = bootstrapState(ids.map(nodeId));
    for (const id of ids) this.add(id, initial);
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
      applied: [],
      reads: [],
      snapshots: [],
      refused: [],
      confState: initial.snapshot?.confState,
    };
    this.members.set(core.id, member);
    return member;
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
