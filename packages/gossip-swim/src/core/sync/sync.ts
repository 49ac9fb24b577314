import { isSameAddress, type Address } from "../../address.ts";
import type { StateMessage } from "../../codec/messages.ts";
import type { Context } from "../context.ts";
import type { StreamId } from "../effects.ts";
import type { Membership } from "../members/membership.ts";
import { Reconnection } from "./reconnection.ts";
import { stateFrame } from "./state-frame.ts";
import type { Streams } from "./streams.ts";

/** Up to this size the interval is the configured one; above it grows with the logarithm of the size. */
const unscaledMembers = 32;

/** Exchanges of the whole state: on join, now and then with anybody, and with the lost. */
export class Sync {
  readonly reconnection: Reconnection;
  readonly #ctx: Context;
  readonly #streams: Streams;
  readonly #membership: Membership;

  constructor(ctx: Context, streams: Streams, membership: Membership) {
    this.#ctx = ctx;
    this.#streams = streams;
    this.#membership = membership;
    this.reconnection = new Reconnection(ctx);
  }

  start(): void {
    const { timers, config } = this.#ctx;
    timers.set({ kind: "sync" }, this.#ctx.jitter(config.syncIntervalMs));
    timers.set({ kind: "reconnect" }, this.#ctx.jitter(config.reconnectIntervalMs));
  }

  request(to: Address): StreamId | undefined {
    const { streamTimeoutMs } = this.#ctx.config;
    return this.#streams.open(to, stateFrame(this.#ctx, false), { kind: "sync" }, streamTimeoutMs);
  }

  /** Exchanges with one random member. */
  syncRound(): void {
    const { timers, config, members } = this.#ctx;
    const n = members.size;
    const factor = n <= unscaledMembers ? 1 : Math.ceil(Math.log2(n) - 5) + 1;
    const meanMs = factor * config.syncIntervalMs;
    timers.set({ kind: "sync" }, meanMs * 0.9 + this.#ctx.jitter(meanMs * 0.2));
    const [peer] = members.sample(1, ({ state }) => state === "alive");
    if (peer !== undefined) this.request(peer.address);
  }

  reconnectRound(): void {
    const { timers, config } = this.#ctx;
    const meanMs = config.reconnectIntervalMs;
    timers.set({ kind: "reconnect" }, meanMs * 0.9 + this.#ctx.jitter(meanMs * 0.2));
    this.#membership.reap();
    const to = this.reconnection.choose();
    if (to !== undefined) this.request(to);
  }

  /** Merges what a peer knows. False if the peer is this node itself, or bears its name. */
  merge(message: StateMessage): boolean {
    if (message.from === this.#ctx.localName) {
      this.#reportNamesake(message);
      return false;
    }
    for (const entry of message.entries) this.#membership.merge(entry);
    return true;
  }
  /** Only a living second bearer speaks under this node's name from another address: its own past is silent. */
  #reportNamesake({ from: name, entries }: StateMessage): void {
    const claimed = entries.find((entry) => entry.name === name)?.address;
    if (claimed === undefined || isSameAddress(claimed, this.#ctx.members.local.address)) return;
    this.#ctx.notify({ type: "name-conflict", member: { name, address: claimed } });
  }
}
