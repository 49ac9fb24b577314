import type { SwimCodec } from "../codec/codec.ts";
import type { RumourMessage } from "../codec/messages.ts";
import type { CoreEvent, MemberEvent } from "../events.ts";
import type { RandomSource, ResolvedSwimOptions, SwimConfig } from "../options.ts";
import { BroadcastQueue } from "./dissemination/queue.ts";
import type { Effect } from "./effects.ts";
import { MemberTable } from "./members/table.ts";
import { Timers } from "./timers.ts";

/** What all rooms of one core share. */
export class Context {
  readonly config: SwimConfig;
  readonly codec: SwimCodec;
  readonly random: RandomSource;
  readonly members: MemberTable;
  readonly queue: BroadcastQueue = new BroadcastQueue();
  readonly timers: Timers;
  /** The present time, set at every input. */
  nowMs = 0;
  #effects: Effect[] = [];

  constructor(options: ResolvedSwimOptions) {
    this.config = options.config;
    this.codec = options.codec;
    this.random = options.random;
    this.timers = new Timers((effect) => this.emit(effect));
    const { name, address, meta } = options;
    const local = { name, address, meta, state: "alive", incarnation: 1, changedAtMs: 0 } as const;
    this.members = new MemberTable({ ...local }, options.random);
  }

  get localName(): string {
    return this.members.local.name;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  notify(event: MemberEvent | CoreEvent): void {
    this.emit({ type: "notify", event });
  }

  drain(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Spreads a rumour by gossip. */
  broadcast(rumour: RumourMessage): void {
    this.queue.put(rumour.name, this.codec.encodePart(rumour));
  }

  /** A number in [0, below), for delays. */
  jitter(below: number): number {
    return this.random.next() * below;
  }
}
