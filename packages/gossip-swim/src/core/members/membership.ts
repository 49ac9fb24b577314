import { isSameAddress } from "../../address.ts";
import type {
  AliveMessage,
  DeadMessage,
  RumourMessage,
  StateEntry,
  SuspectMessage,
} from "../../codec/messages.ts";
import { incarnationMax } from "../../limits.ts";
import type { Context } from "../context.ts";
import type { Suspicions } from "../suspicion/suspicions.ts";
import { judgeRumour } from "./precedence.ts";
import { isActive, snapshotOf, type MemberRecord } from "./record.ts";
import type { SelfRecord } from "./self.ts";

/** What other rooms want to know at once. */
export interface MembershipHooks {
  /** A member was added. */
  onAdded(record: MemberRecord): void;
  /** Somebody else suspects a member. */
  onAccused(record: MemberRecord): void;
}

/** Applies rumours to the table: the only place where the state of other members changes. */
export class Membership {
  readonly #ctx: Context;
  readonly #suspicions: Suspicions;
  readonly #self: SelfRecord;
  readonly #hooks: MembershipHooks;

  constructor(ctx: Context, suspicions: Suspicions, self: SelfRecord, hooks: MembershipHooks) {
    this.#ctx = ctx;
    this.#suspicions = suspicions;
    this.#self = self;
    this.#hooks = hooks;
  }

  apply(rumour: RumourMessage): void {
    if (rumour.name === this.#ctx.localName) {
      this.#self.hear(rumour);
      return;
    }
    switch (rumour.type) {
      case "alive":
        this.#applyAlive(rumour);
        return;
      case "suspect":
        this.#applySuspect(rumour);
        return;
      case "dead":
        this.#applyDead(rumour);
    }
  }

  /** One member of a peer's state: what it holds dead is only suspected, so that a living one can refute. */
  merge(entry: StateEntry): void {
    const { name, incarnation, address, meta, state } = entry;
    const isOver = state === "dead" || state === "left";
    const isKnown = this.#ctx.members.get(name) !== undefined;
    if (isOver && !isKnown) return;
    if (!isOver) this.apply({ type: "alive", name, incarnation, address, meta });
    if (state === "left") this.apply({ type: "dead", name, incarnation, from: name });
    else if (state !== "alive") this.apply({ type: "suspect", name, incarnation, from: "" });
  }

  /** The time of a suspect is over. */
  expire(name: string): void {
    const record = this.#ctx.members.get(name);
    if (record?.state !== "suspect") return;
    const { incarnation } = record;
    this.apply({ type: "dead", name, incarnation, from: this.#ctx.localName });
  }

  /** Forgets those dead or left for long. */
  reap(): void {
    const { config, nowMs } = this.#ctx;
    this.#forget((record) => nowMs - record.changedAtMs > config.deadRetentionMs);
  }

  #applyAlive(rumour: AliveMessage): void {
    const record = this.#ctx.members.get(rumour.name);
    const verdict = judgeRumour(record, rumour);
    if (record === undefined) this.#add(rumour);
    else if (verdict === "revive") this.#revive(record, rumour);
  }

  #add(rumour: AliveMessage): void {
    const { members, config, nowMs } = this.#ctx;
    if (members.size >= config.membersMax) this.#forget(() => true);
    if (members.size >= config.membersMax) return;
    const { name, incarnation, address, meta } = rumour;
    const record: MemberRecord = {
      name,
      incarnation,
      address,
      meta,
      state: "alive",
      changedAtMs: nowMs,
    };
    members.add(record);
    this.#ctx.broadcast(rumour);
    this.#hooks.onAdded(record);
    this.#ctx.notify({
      type: "member-alive",
      member: snapshotOf(record),
      previous: undefined,
    });
  }

  #revive(record: MemberRecord, rumour: AliveMessage): void {
    const previous = record.state;
    const isChanged =
      !isSameAddress(record.address, rumour.address) || !isSameBytes(record.meta, rumour.meta);
    record.incarnation = rumour.incarnation;
    record.address = rumour.address;
    record.meta = rumour.meta;
    this.#suspicions.stop(record.name);
    this.#ctx.broadcast(rumour);
    if (previous === "alive") {
      if (isChanged) this.#ctx.notify({ type: "member-updated", member: snapshotOf(record) });
      return;
    }
    this.#ctx.members.setState(record, "alive", this.#ctx.nowMs);
    this.#ctx.notify({ type: "member-alive", member: snapshotOf(record), previous });
  }

  #applySuspect(rumour: SuspectMessage): void {
    if (rumour.incarnation >= incarnationMax) return;
    const { members, nowMs } = this.#ctx;
    const record = members.get(rumour.name);
    const verdict = judgeRumour(record, rumour);
    if (record === undefined) return;
    if (verdict === "confirm") {
      if (this.#suspicions.confirm(rumour.name, rumour.from, nowMs)) this.#ctx.broadcast(rumour);
      return;
    }
    if (verdict !== "suspect") return;
    const isNew = record.state === "alive";
    record.incarnation = rumour.incarnation;
    members.setState(record, "suspect", nowMs);
    const { activeCount } = members;
    this.#suspicions.start(record.name, rumour.from, { nowMs, activeCount });
    this.#ctx.broadcast(rumour);
    if (isNew) this.#ctx.notify({ type: "member-suspect", member: snapshotOf(record) });
    if (rumour.from !== this.#ctx.localName) this.#hooks.onAccused(record);
  }

  #applyDead(rumour: DeadMessage): void {
    const hasLeft = rumour.from === rumour.name;
    if (rumour.incarnation >= incarnationMax && !hasLeft) return;
    const record = this.#ctx.members.get(rumour.name);
    if (record === undefined || judgeRumour(record, rumour) !== "bury") return;
    record.incarnation = rumour.incarnation;
    this.#suspicions.stop(record.name);
    this.#ctx.members.setState(record, hasLeft ? "left" : "dead", this.#ctx.nowMs);
    this.#ctx.broadcast(rumour);
    const type = hasLeft ? "member-left" : "member-dead";
    this.#ctx.notify({ type, member: snapshotOf(record) });
  }

  #forget(isDue: (record: MemberRecord) => boolean): void {
    this.#ctx.members.removeWhere((record) => !isActive(record) && isDue(record));
  }
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
