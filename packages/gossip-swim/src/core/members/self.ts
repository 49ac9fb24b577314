import { isSameAddress } from "../../address.ts";
import type { AliveMessage, RumourMessage } from "../../codec/messages.ts";
import { incarnationMax } from "../../limits.ts";
import type { Context } from "../context.ts";
import { judgeRumourAboutSelf } from "./precedence.ts";
import type { MemberRecord } from "./record.ts";

/** So many claims to our name from another address may come from our own past; more mean a second bearer. */
const foreignClaimsMax = 3;

/** What the local node says about itself: its incarnation is raised here and nowhere else. */
export class SelfRecord {
  readonly #ctx: Context;
  #foreignClaims = 0;
  #lastForeignRefutationMs = -Infinity;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  get isLeaving(): boolean {
    return this.#record.state === "left";
  }

  /** Tells the others how this node is now. */
  announce(): void {
    const { name, incarnation, address, meta } = this.#record;
    const rumour: AliveMessage = { type: "alive", name, incarnation, address, meta };
    this.#ctx.broadcast(rumour);
  }

  /** What others say about this node. */
  hear(rumour: RumourMessage): void {
    if (this.isLeaving) return;
    const isForeign =
      rumour.type === "alive" && !isSameAddress(rumour.address, this.#record.address);
    const isOwnData = rumour.type === "alive" && !isForeign && this.#isOwnMeta(rumour.meta);
    switch (judgeRumourAboutSelf(this.#record.incarnation, rumour, isOwnData)) {
      case "ignore":
        return;
      case "repeat":
        if (!this.#ctx.queue.has(this.#record.name)) this.announce();
        return;
      case "refute":
        if (isForeign && !this.#mayAnswerForeign(rumour)) return;
        this.#raise(rumour.incarnation);
        this.#ctx.notify({ type: "refuted", incarnation: this.#record.incarnation });
    }
  }

  updateMeta(meta: Uint8Array): void {
    this.#record.meta = meta;
    this.#raise(this.#record.incarnation);
  }

  /** Says goodbye. */
  leave(): void {
    const { name, incarnation } = this.#record;
    this.#ctx.members.setState(this.#record, "left", this.#ctx.nowMs);
    this.#ctx.broadcast({ type: "dead", name, incarnation, from: name });
  }

  get #record(): MemberRecord {
    return this.#ctx.members.local;
  }

  #raise(heard: number): void {
    const above = Math.max(this.#record.incarnation, heard) + 1;
    this.#record.incarnation = Math.min(above, incarnationMax);
    this.announce();
  }

  #isOwnMeta(meta: Uint8Array): boolean {
    const own = this.#record.meta;
    return own.length === meta.length && own.every((byte, index) => byte === meta[index]);
  }

  /** Two bearers of one name must not outbid each other at the speed of gossip: once per probe interval. */
  #mayAnswerForeign(rumour: AliveMessage): boolean {
    const { nowMs, config } = this.#ctx;
    if (nowMs - this.#lastForeignRefutationMs < config.probeIntervalMs) return false;
    this.#lastForeignRefutationMs = nowMs;
    this.#foreignClaims += 1;
    if (this.#foreignClaims > foreignClaimsMax) {
      const { name, address } = rumour;
      this.#ctx.notify({ type: "name-conflict", member: { name, address } });
    }
    return true;
  }
}
