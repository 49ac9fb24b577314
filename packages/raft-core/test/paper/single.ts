import { bootstrapState, createRaftCore, nodeId } from "../../src/index.ts";
import type {
  Message,
  PeerStatus,
  RaftCore,
  RaftOptions,
  RaftTrace,
  ReadState,
  Ready,
} from "../../src/index.ts";

const NONE = new Uint8Array(0);
/** Far more than any test makes: effects that never end are a fault. */
const BATCHES_MAX = 1_000;

/** One core whose peers are played by the test. Starts at term 1 with a log that ends in 1:1. */
export class Single {
  readonly core: RaftCore;
  readonly sent: Message[] = [];
  readonly readies: Ready[] = [];
  readonly traced: RaftTrace[] = [];

  constructor(voters: readonly number[] = [1, 2, 3], options: Partial<RaftOptions> = {}) {
    this.core = createRaftCore({
      id: nodeId(1),
      initial: options.initial ?? bootstrapState(voters.map(nodeId)),
      random: () => 0,
      preVote: false,
      checkQuorum: false,
      trace: (event) => this.traced.push(event),
      ...options,
    });
  }

  /** A message to this core; what the fields leave out is 0, empty, or the present term. */
  from(id: number, type: Message["type"], fields: object = {}): this {
    const defaults = {
      index: 0,
      logTerm: 0,
      commit: 0,
      entries: [],
      reject: false,
      rejectHint: 0,
      context: NONE,
      transfer: false,
      priority: 0,
    };
    const envelope = { from: id, to: 1, term: this.core.status().term, type };
    this.core.step({ ...defaults, ...envelope, ...fields } as unknown as Message);
    return this.run();
  }

  tick(count = 1): this {
    for (let done = 0; done < count; done += 1) {
      this.core.tick();
      this.run();
    }
    return this;
  }

  /** Handles all effects. */
  run(): this {
    for (let batches = 0; this.core.hasReady(); batches += 1) {
      if (batches > BATCHES_MAX) throw new Error("there is always something to do");
      const ready = this.core.ready();
      this.readies.push(ready);
      this.sent.push(...ready.messages, ...ready.messagesAfterPersist);
      this.core.advance();
    }
    return this;
  }

  /** Takes out what was sent since the last time. */
  take(): Message[] {
    return this.sent.splice(0);
  }

  /** Wins an election with the vote of node 2; the messages of it are gone. */
  lead(): this {
    this.core.campaign();
    this.run().from(2, "vote-response").take();
    return this;
  }

  /** Acknowledges everything on behalf of a peer. */
  ack(id: number): this {
    return this.from(id, "append-response", { index: this.core.status().lastIndex });
  }

  /** What this node, leading, knows of a peer. */
  peer(id: number): PeerStatus {
    return this.core.status().peers.find((peer) => peer.id === id)!;
  }

  /** All reads that were answered so far. */
  get reads(): readonly ReadState[] {
    return this.readies.flatMap(({ readStates }) => readStates);
  }

  propose(text: string): this {
    this.core.propose([new TextEncoder().encode(text)]);
    return this.run();
  }
}

/** The bytes by which a heartbeat names a round of reads. */
export function round(number: number): Uint8Array {
  return Uint8Array.of(number, 0, 0, 0, 0, 0, 0, 0);
}

/** An entry as a leader would send it. */
export function entry(index: number, term: number): object {
  return { kind: "normal", index, term, data: Uint8Array.of(index) };
}
