import { isSameAddress, type Address } from "../address.ts";
import type { PacketMessage, StreamMessage } from "../codec/messages.ts";
import { isCodecError } from "../errors.ts";
import { assert } from "../internal/assert.ts";
import type { Member } from "../member.ts";
import {
  resolveSwimOptions,
  validateAddress,
  validateMeta,
  type SwimConfig,
  type SwimOptions,
} from "../options.ts";
import { Context } from "./context.ts";
import { Gossip } from "./dissemination/gossip.ts";
import type { Effect, StreamId, TimerToken } from "./effects.ts";
import { Membership } from "./members/membership.ts";
import { isActive, snapshotOf } from "./members/record.ts";
import { SelfRecord } from "./members/self.ts";
import { Prober } from "./probe/prober.ts";
import { stateFrame } from "./sync/state-frame.ts";
import { Streams } from "./sync/streams.ts";
import { Sync } from "./sync/sync.ts";
import { Suspicions } from "./suspicion/suspicions.ts";
import type { TimerPurpose } from "./timers.ts";

/** Counters since the start, and sizes now. */
export interface SwimCounts {
  /** Packets and stream frames that could not be decoded. */
  readonly malformed: number;
  /** Times this node found that it had stood still itself. */
  readonly stalls: number;
  /** Rumours waiting to be spread. */
  readonly queued: number;
  /** Suspicions running. */
  readonly suspects: number;
}

/**
 * SWIM membership without I/O. Every input carries the present time in milliseconds of a monotonic clock; what is to be
 * done comes out of {@link SwimCore.drain}, which the driver calls after every input. Inputs never throw on what other
 * nodes send.
 */
export interface SwimCore {
  readonly name: string;
  readonly config: SwimConfig;
  /** Begins the rounds. Once. */
  start(nowMs: number): void;
  handlePacket(from: Address, bytes: Uint8Array, nowMs: number): void;
  /** A frame on a stream that a peer opened. Returns the frame to answer with; undefined: cut the stream. */
  handleStream(request: Uint8Array, nowMs: number): Uint8Array | undefined;
  /** The answer on a stream that the core asked for. True if it was of use. */
  handleStreamReply(streamId: StreamId, reply: Uint8Array, nowMs: number): boolean;
  /** No answer will come. */
  handleStreamFailure(streamId: StreamId, nowMs: number): void;
  /** A scheduled timer fired; a stale one is ignored. */
  handleTimer(token: TimerToken, nowMs: number): void;
  /**
   * Asks for a state exchange with each address but the local one; returns the streams. The addresses are remembered:
   * those where no member is known are tried again from time to time.
   * @throws SwimError `invalid-argument`
   */
  join(addresses: readonly Address[], nowMs: number): StreamId[];
  /**
   * Says goodbye: `leave-spread` follows when it was sent often enough. Pings are answered still; nobody is probed.
   * Not to be undone: to come back, make a new core. A second call does nothing.
   */
  leave(nowMs: number): void;
  /**
   * Replaces the local meta and spreads it.
   * @throws SwimError `invalid-argument`
   */
  updateMeta(meta: Uint8Array, nowMs: number): void;
  /**
   * Probes a member at once, out of turn, e.g. because a connection to it broke. True if a probe is under way; false if
   * the member is unknown, local, dead or gone, or too many probes are in flight.
   */
  probeNow(name: string, nowMs: number): boolean;
  /** All members held, the local one first, also dead and left ones for a while. Snapshots. */
  members(): Member[];
  member(name: string): Member | undefined;
  counts(): SwimCounts;
  /** What is to be done since the last call, in order. */
  drain(): Effect[];
}

/**
 * A core that waits for {@link SwimCore.start}.
 * @throws SwimError `invalid-argument`
 */
export function createSwim(options: SwimOptions): SwimCore {
  return new Swim(options);
}

class Swim implements SwimCore {
  readonly #ctx: Context;
  readonly #suspicions: Suspicions;
  readonly #self: SelfRecord;
  readonly #membership: Membership;
  readonly #prober: Prober;
  readonly #gossip: Gossip;
  readonly #streams: Streams;
  readonly #sync: Sync;
  #malformed = 0;
  #stalls = 0;
  /** When the next gossip round is due: the heartbeat by which a stall is noticed. Undefined before the start. */
  #gossipDueMs: number | undefined;
  #gossipToken: TimerToken | undefined;

  constructor(options: SwimOptions) {
    const ctx = new Context(resolveSwimOptions(options));
    this.#ctx = ctx;
    this.#suspicions = new Suspicions(ctx.timers, ctx.config);
    this.#self = new SelfRecord(ctx);
    this.#gossip = new Gossip(ctx);
    this.#membership = new Membership(ctx, this.#suspicions, this.#self, {
      onAdded: ({ name }) => {
        this.#prober.addMember(name);
        this.#gossip.addMember(name);
      },
      onAccused: ({ name }) => this.#confirmPerhaps(name),
    });
    this.#streams = new Streams(ctx);
    this.#prober = new Prober(ctx, {
      onFailed: ({ name, incarnation }) => {
        this.#membership.apply({ type: "suspect", name, incarnation, from: ctx.localName });
      },
      pingByStream: (to, ping, timeoutMs) => {
        this.#streams.open(to, ping, { kind: "ping", sequence: ping.sequence }, timeoutMs);
      },
    });
    this.#sync = new Sync(ctx, this.#streams, this.#membership);
    ctx.queue.onFinished = (name) => this.#rumourFinished(name);
  }

  get name(): string {
    return this.#ctx.localName;
  }

  get config(): SwimConfig {
    return this.#ctx.config;
  }

  start(nowMs: number): void {
    assert(this.#gossipDueMs === undefined, "the core is started already");
    this.#ctx.nowMs = nowMs;
    this.#self.announce();
    this.#setGossip(this.#ctx.jitter(this.config.gossipIntervalMs));
    this.#prober.start();
    this.#sync.start();
  }

  handlePacket(from: Address, bytes: Uint8Array, nowMs: number): void {
    this.#enter(nowMs);
    const messages = this.#decode(() => this.#ctx.codec.decodePacket(bytes));
    for (const message of messages ?? []) this.#handleMessage(from, message);
  }

  handleStream(request: Uint8Array, nowMs: number): Uint8Array | undefined {
    this.#enter(nowMs);
    const message = this.#decode(() => this.#ctx.codec.decodeStream(request));
    const reply = message && this.#replyTo(message);
    return reply && this.#ctx.codec.encodeStream(reply);
  }

  handleStreamReply(streamId: StreamId, reply: Uint8Array, nowMs: number): boolean {
    this.#enter(nowMs);
    const purpose = this.#streams.take(streamId);
    if (purpose === undefined) return false;
    const message = this.#decode(() => this.#ctx.codec.decodeStream(reply));
    if (purpose.kind === "ping") {
      if (message?.type !== "ack" || message.sequence !== purpose.sequence) return false;
      this.#prober.succeed(message.sequence);
      return true;
    }
    return message?.type === "state" && message.reply && this.#sync.merge(message);
  }

  handleStreamFailure(streamId: StreamId, nowMs: number): void {
    this.#enter(nowMs);
    this.#streams.take(streamId);
  }

  handleTimer(token: TimerToken, nowMs: number): void {
    this.#enter(nowMs);
    const purpose = this.#ctx.timers.take(token);
    if (purpose !== undefined) this.#fire(purpose);
  }

  join(addresses: readonly Address[], nowMs: number): StreamId[] {
    for (const address of addresses) validateAddress(address);
    this.#enter(nowMs);
    const streamIds: StreamId[] = [];
    for (const address of addresses) {
      if (isSameAddress(address, this.#ctx.members.local.address)) continue;
      this.#sync.reconnection.remember(address);
      const streamId = this.#sync.request(address);
      if (streamId !== undefined) streamIds.push(streamId);
    }
    return streamIds;
  }

  leave(nowMs: number): void {
    this.#enter(nowMs);
    if (this.#self.isLeaving) return;
    this.#prober.stop();
    this.#self.leave();
    if (this.#ctx.members.activeCount === 0) this.#ctx.notify({ type: "leave-spread" });
    else this.#gossip.round();
  }

  updateMeta(meta: Uint8Array, nowMs: number): void {
    validateMeta(meta);
    this.#enter(nowMs);
    if (!this.#self.isLeaving) this.#self.updateMeta(meta.slice());
  }

  probeNow(name: string, nowMs: number): boolean {
    this.#enter(nowMs);
    const record = this.#ctx.members.get(name);
    if (record === undefined || record === this.#ctx.members.local || this.#self.isLeaving)
      return false;
    return this.#prober.probe(record);
  }

  members(): Member[] {
    return this.#ctx.members.all().map(snapshotOf);
  }

  member(name: string): Member | undefined {
    const record = this.#ctx.members.get(name);
    return record && snapshotOf(record);
  }

  counts(): SwimCounts {
    return {
      malformed: this.#malformed,
      stalls: this.#stalls,
      queued: this.#ctx.queue.size,
      suspects: this.#suspicions.size,
    };
  }

  drain(): Effect[] {
    return this.#ctx.drain();
  }

  #handleMessage(from: Address, message: PacketMessage): void {
    switch (message.type) {
      case "ping":
        this.#prober.answerPing(from, message);
        return;
      case "ping-request":
        this.#prober.relay(from, message);
        return;
      case "ack":
        this.#prober.succeed(message.sequence);
        return;
      case "alive":
      case "suspect":
      case "dead":
        this.#membership.apply(message);
    }
  }

  #replyTo(message: StreamMessage): StreamMessage | undefined {
    switch (message.type) {
      case "state":
        if (message.reply) return undefined;
        this.#sync.merge(message);
        return stateFrame(this.#ctx, true);
      case "ping":
        if (message.target !== this.name) return undefined;
        return { type: "ack", sequence: message.sequence };
      case "ack":
        return undefined;
    }
  }

  #fire(purpose: TimerPurpose): void {
    switch (purpose.kind) {
      case "gossip":
        this.#setGossip(this.config.gossipIntervalMs);
        this.#gossip.round();
        return;
      case "probe-round":
        this.#prober.round();
        return;
      case "probe-timeout":
        this.#prober.timeout(purpose.sequence);
        return;
      case "probe-deadline":
        this.#prober.deadline(purpose.sequence);
        return;
      case "suspicion":
        this.#membership.expire(purpose.name);
        return;
      case "sync":
        this.#sync.syncRound();
        return;
      case "reconnect":
        if (this.#self.isLeaving) return;
        this.#sync.reconnectRound();
    }
  }

  /** Every input comes through here: sets the time, and notices that this node itself stood still. */
  #enter(nowMs: number): void {
    const { config } = this.#ctx;
    this.#ctx.nowMs = Math.max(nowMs, this.#ctx.nowMs);
    if (this.#gossipDueMs === undefined) return;
    const lateMs = this.#ctx.nowMs - this.#gossipDueMs;
    if (lateMs <= config.stallMs) return;
    // Answers may have come and gone meanwhile: probes in flight prove nothing, and refutations may be unheard.
    this.#stalls += 1;
    if (!this.#self.isLeaving) {
      this.#prober.stop();
      this.#prober.start();
    }
    this.#suspicions.prolong(lateMs, this.#ctx.nowMs);
    this.#setGossip(0);
    this.#ctx.notify({ type: "stalled", lateMs });
  }

  #setGossip(delayMs: number): void {
    const { timers, nowMs } = this.#ctx;
    if (this.#gossipToken !== undefined) timers.cancel(this.#gossipToken);
    this.#gossipToken = timers.set({ kind: "gossip" }, delayMs);
    this.#gossipDueMs = nowMs + delayMs;
  }

  /** Looks for itself when others accuse: soon enough confirm, not all at once in a large cluster. */
  #confirmPerhaps(name: string): void {
    const { members, config, random } = this.#ctx;
    const record = members.get(name);
    if (record === undefined || this.#self.isLeaving || !isActive(record)) return;
    const wanted = 2 * (config.suspicionConfirmations + 1);
    if (random.next() < wanted / members.activeCount) this.#prober.probe(record);
  }

  #rumourFinished(name: string): void {
    if (name === this.name && this.#self.isLeaving) this.#ctx.notify({ type: "leave-spread" });
  }

  #decode<T>(decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!isCodecError(error)) throw error;
      this.#malformed += 1;
      return undefined;
    }
  }
}
