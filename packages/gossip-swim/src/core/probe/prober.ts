import type { Address } from "../../address.ts";
import type { PacketMessage, PingMessage, PingRequestMessage } from "../../codec/messages.ts";
import { probesMax } from "../../limits.ts";
import type { Context } from "../context.ts";
import { sendPacket } from "../dissemination/packets.ts";
import type { TimerToken } from "../effects.ts";
import { isActive, type MemberRecord } from "../members/record.ts";
import { Rotation } from "../members/rotation.ts";
import { Relays } from "./relays.ts";

interface Probe {
  readonly name: string;
  /** As of the start: a verdict concerns this incarnation and none that came since. */
  readonly incarnation: number;
  readonly deadlineMs: number;
  readonly tokens: readonly [timeout: TimerToken, deadline: TimerToken];
}

export interface ProberHooks {
  /** No answer, neither directly nor through others. */
  onFailed(member: { readonly name: string; readonly incarnation: number }): void;
  /** Asks for a ping over a stream; an answer is reported by `succeed`. */
  pingByStream(to: Address, ping: PingMessage, timeoutMs: number): void;
}

/** Finds out who answers: one member per interval in turn, and any member out of turn. */
export class Prober {
  readonly #ctx: Context;
  readonly #hooks: ProberHooks;
  readonly #order: Rotation;
  readonly #relays = new Relays();
  readonly #probes = new Map<number, Probe>();
  readonly #probed = new Set<string>();
  #sequence: number;
  #roundToken: TimerToken | undefined;

  constructor(ctx: Context, hooks: ProberHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
    this.#order = new Rotation(ctx.random);
    this.#sequence = Math.floor(ctx.random.next() * 2 ** 32);
  }

  /** (Re)starts the rounds after a random part of the interval. */
  start(): void {
    this.#setRound(this.#ctx.jitter(this.#ctx.config.probeIntervalMs));
  }

  /** Drops all probes without verdict and ends the rounds. */
  stop(): void {
    for (const { tokens } of this.#probes.values())
      for (const token of tokens) this.#ctx.timers.cancel(token);
    this.#probes.clear();
    this.#probed.clear();
    if (this.#roundToken !== undefined) this.#ctx.timers.cancel(this.#roundToken);
    this.#roundToken = undefined;
  }

  addMember(name: string): void {
    this.#order.add(name);
  }

  round(): void {
    this.#setRound(this.#ctx.config.probeIntervalMs);
    const target = this.#order.next(this.#ctx.members, isActive);
    if (target !== undefined) this.probe(target);
  }

  /** Probes at once; true if a probe of this member is under way now. */
  probe(target: MemberRecord): boolean {
    if (this.#probed.has(target.name)) return true;
    if (!isActive(target) || this.#probes.size >= probesMax) return false;
    const { config, timers, nowMs } = this.#ctx;
    const sequence = this.#nextSequence();
    const tokens = [
      timers.set({ kind: "probe-timeout", sequence }, config.probeTimeoutMs),
      timers.set({ kind: "probe-deadline", sequence }, config.probeIntervalMs),
    ] as const;
    const deadlineMs = nowMs + config.probeIntervalMs;
    const { name, incarnation } = target;
    this.#probes.set(sequence, { name, incarnation, deadlineMs, tokens });
    this.#probed.add(name);
    this.#ping(target, sequence);
    return true;
  }

  /** The direct ping was not answered in time: asks others, and tries a stream. */
  timeout(sequence: number): void {
    const probe = this.#probes.get(sequence);
    const target = probe && this.#ctx.members.get(probe.name);
    if (probe === undefined || target === undefined) return;
    const { config, members, localName, nowMs } = this.#ctx;
    const isHelper = (record: MemberRecord): boolean =>
      record.state === "alive" && record !== target;
    const request: PingRequestMessage = {
      type: "ping-request",
      sequence,
      target: target.name,
      from: localName,
    };
    for (const helper of members.sample(config.indirectProbes, isHelper))
      sendPacket(this.#ctx, helper.address, [request]);
    if (!config.streamProbe) return;
    const ping: PingMessage = { ...request, type: "ping" };
    this.#hooks.pingByStream(target.address, ping, probe.deadlineMs - nowMs);
  }

  deadline(sequence: number): void {
    const probe = this.#probes.get(sequence);
    if (probe === undefined) return;
    this.#end(sequence, probe);
    this.#hooks.onFailed(probe);
  }

  /** An answer came: to a probe of our own, or one to pass on. */
  succeed(sequence: number): void {
    const probe = this.#probes.get(sequence);
    if (probe !== undefined) {
      this.#end(sequence, probe);
      return;
    }
    const relay = this.#relays.take(sequence, this.#ctx.nowMs);
    if (relay === undefined) return;
    sendPacket(this.#ctx, relay.origin, [{ type: "ack", sequence: relay.originSequence }]);
  }

  answerPing(from: Address, ping: PingMessage): void {
    if (ping.target !== this.#ctx.localName) return;
    const answer: PacketMessage[] = [{ type: "ack", sequence: ping.sequence }];
    const sender = this.#ctx.members.get(ping.from);
    if (sender !== undefined) answer.push(...accusation(sender));
    sendPacket(this.#ctx, from, answer);
  }

  /** Pings for another member, at the address that we know ourselves, so that nobody can aim us elsewhere. */
  relay(from: Address, request: PingRequestMessage): void {
    const { members, config, nowMs } = this.#ctx;
    const target = members.get(request.target);
    if (target === undefined || target === members.local || !isActive(target)) return;
    const sequence = this.#nextSequence();
    const untilMs = nowMs + config.probeIntervalMs;
    this.#relays.add(sequence, { origin: from, originSequence: request.sequence, untilMs }, nowMs);
    this.#ping(target, sequence);
  }

  /** A suspect is told so first of all: it may refute in the answer. */
  #ping(target: MemberRecord, sequence: number): void {
    const ping: PingMessage = {
      type: "ping",
      sequence,
      target: target.name,
      from: this.#ctx.localName,
    };
    sendPacket(this.#ctx, target.address, [...accusation(target), ping]);
  }

  #end(sequence: number, probe: Probe): void {
    for (const token of probe.tokens) this.#ctx.timers.cancel(token);
    this.#probes.delete(sequence);
    this.#probed.delete(probe.name);
  }

  #setRound(delayMs: number): void {
    if (this.#roundToken !== undefined) this.#ctx.timers.cancel(this.#roundToken);
    this.#roundToken = this.#ctx.timers.set({ kind: "probe-round" }, delayMs);
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 1) % 2 ** 32;
    return this.#sequence;
  }
}

/** What to tell a member that is not held alive, so that it can refute. Anonymous: it must not count as confirmation. */
function accusation(record: MemberRecord): PacketMessage[] {
  if (record.state === "alive") return [];
  const { name, incarnation } = record;
  return [
    { type: record.state === "suspect" ? "suspect" : "dead", name, incarnation, from: "" } as const,
  ];
}
