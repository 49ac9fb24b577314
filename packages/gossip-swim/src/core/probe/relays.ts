import type { Address } from "../../address.ts";
import { relaysMax } from "../../limits.ts";

interface Relay {
  readonly origin: Address;
  readonly originSequence: number;
  readonly untilMs: number;
}

/** Pings sent for others, by our own sequence. */
export class Relays {
  readonly #bySequence = new Map<number, Relay>();

  add(sequence: number, relay: Relay, nowMs: number): void {
    for (const [oldest, { untilMs }] of this.#bySequence) {
      if (untilMs > nowMs && this.#bySequence.size < relaysMax) break;
      this.#bySequence.delete(oldest);
    }
    this.#bySequence.set(sequence, relay);
  }

  /** To whom an ack is passed on; undefined when it is none of a relayed ping, or came too late. */
  take(sequence: number, nowMs: number): Relay | undefined {
    const relay = this.#bySequence.get(sequence);
    this.#bySequence.delete(sequence);
    return relay !== undefined && relay.untilMs > nowMs ? relay : undefined;
  }
}
