import type { Context } from "../context.ts";
import { isActive, type MemberRecord } from "../members/record.ts";
import { Rotation } from "../members/rotation.ts";
import { sendRumours } from "./packets.ts";

/** Rounds that tell a few members what is in the queue. */
export class Gossip {
  readonly #ctx: Context;
  readonly #order: Rotation;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#order = new Rotation(ctx.random);
  }

  addMember(name: string): void {
    this.#order.add(name);
  }

  round(): void {
    const { config, members, queue, nowMs } = this.#ctx;
    const isListener = (record: MemberRecord): boolean =>
      isActive(record) ||
      (record.state === "dead" && nowMs - record.changedAtMs <= config.gossipToTheDeadMs);
    const told = new Set<MemberRecord>();
    while (told.size < config.gossipFanout && queue.size > 0) {
      const listener = this.#order.next(members, isListener);
      if (listener === undefined || told.has(listener)) return;
      told.add(listener);
      sendRumours(this.#ctx, listener.address);
    }
  }
}
