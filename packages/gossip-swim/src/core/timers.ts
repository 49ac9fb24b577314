import type { Effect, TimerToken } from "./effects.ts";

/** What a timer is for. */
export type TimerPurpose =
  | { readonly kind: "gossip" }
  | { readonly kind: "probe-round" }
  | { readonly kind: "probe-timeout"; readonly sequence: number }
  | { readonly kind: "probe-deadline"; readonly sequence: number }
  | { readonly kind: "suspicion"; readonly name: string }
  | { readonly kind: "sync" }
  | { readonly kind: "reconnect" };

/** Timers that still matter, by token. What is not in here is stale. */
export class Timers {
  readonly #live = new Map<TimerToken, TimerPurpose>();
  readonly #emit: (effect: Effect) => void;
  #lastToken = 0;

  constructor(emit: (effect: Effect) => void) {
    this.#emit = emit;
  }

  set(purpose: TimerPurpose, delayMs: number): TimerToken {
    this.#lastToken += 1;
    this.#live.set(this.#lastToken, purpose);
    this.#emit({ type: "schedule", token: this.#lastToken, delayMs: Math.max(0, delayMs) });
    return this.#lastToken;
  }

  cancel(token: TimerToken): void {
    this.#live.delete(token);
  }

  /** What a fired timer is for; undefined when it is stale. */
  take(token: TimerToken): TimerPurpose | undefined {
    const purpose = this.#live.get(token);
    this.#live.delete(token);
    return purpose;
  }

  clear(): void {
    this.#live.clear();
  }
}
