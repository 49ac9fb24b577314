import type { PacketSimulator, Scheduler } from "@waggle/simkit";
import { decodeMessage } from "../../src/codec/index.ts";
import type { ConfState, InitialState, NodeId } from "../../src/index.ts";
import { membersIn } from "./application.ts";
import { Member } from "./member.ts";
import type { World } from "./world.ts";

/** An encoded message, and when it was sent. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly sentMs: number;
}

const EMPTY_STATE: InitialState = { hardState: undefined, snapshot: undefined, entries: [] };

/** All members that ever were, running or not. */
export class Group {
  readonly members = new Map<NodeId, Member>();
  readonly network: PacketSimulator<Packet>;
  readonly scheduler: Scheduler;
  readonly #world: World;
  /** Packets from before this time are lost. */
  #oldestMs = 0;

  constructor(world: World, network: PacketSimulator<Packet>, scheduler: Scheduler) {
    this.#world = world;
    this.network = network;
    this.scheduler = scheduler;
  }

  add(id: NodeId, initial: InitialState = EMPTY_STATE): void {
    const member = new Member(id, this.#world, initial);
    this.members.set(id, member);
    this.network.attach(String(id), ({ bytes, sentMs }) => {
      if (sentMs >= this.#oldestMs) member.receive(decodeMessage(bytes));
    });
  }

  /** What was sent earlier, and is still under way, never arrives. */
  dropPacketsBefore(sentMs: number): void {
    this.#oldestMs = sentMs;
  }

  any(): Member {
    return this.#world.random.pick([...this.members.values()]);
  }

  leaders(): Member[] {
    return [...this.members.values()].filter(({ state }) => state?.role === "leader");
  }

  anyLeader(): Member | undefined {
    const leaders = this.leaders();
    return leaders.length === 0 ? undefined : this.#world.random.pick(leaders);
  }

  /** The members as of the highest applied index: what an operator would see. */
  newest(): { readonly index: number; readonly confState: ConfState } {
    let best: Member["app"] | undefined;
    for (const { app } of this.members.values()) if (app.index > (best?.index ?? 0)) best = app;
    return { index: best!.index, confState: best!.confState! };
  }

  /** Everybody in the newest configuration. */
  current(): Member[] {
    return [...membersIn(this.newest().confState)].map((id) => this.members.get(id)!);
  }
}
