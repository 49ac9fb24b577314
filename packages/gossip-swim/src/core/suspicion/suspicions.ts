import type { SwimConfig } from "../../options.ts";
import type { TimerToken } from "../effects.ts";
import type { Timers } from "../timers.ts";
import { suspicionBounds, suspicionTimeoutMs, type SuspicionBounds } from "./timeout.ts";

interface Suspicion {
  readonly bounds: SuspicionBounds;
  readonly accusers: Set<string>;
  startedAtMs: number;
  confirmations: number;
  token: TimerToken;
}

/** One running timer per suspect. */
export class Suspicions {
  readonly #byName = new Map<string, Suspicion>();
  readonly #timers: Timers;
  readonly #config: SwimConfig;

  constructor(timers: Timers, config: SwimConfig) {
    this.#timers = timers;
    this.#config = config;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Begins, or begins anew. The first accuser is not a confirmation. */
  start(name: string, accuser: string, at: { nowMs: number; activeCount: number }): void {
    this.stop(name);
    const bounds = suspicionBounds(at.activeCount, this.#config);
    const token = this.#timers.set({ kind: "suspicion", name }, suspicionTimeoutMs(bounds, 0));
    const accusers = new Set(accuser === "" ? [] : [accuser]);
    this.#byName.set(name, {
      bounds,
      accusers,
      startedAtMs: at.nowMs,
      confirmations: 0,
      token,
    });
  }

  /** True if this accuser is new and still counts; then the time is shorter and the rumour worth passing on. */
  confirm(name: string, accuser: string, nowMs: number): boolean {
    const suspicion = this.#byName.get(name);
    if (suspicion === undefined || accuser === "" || suspicion.accusers.has(accuser)) return false;
    if (suspicion.confirmations >= suspicion.bounds.confirmationsMax) return false;
    suspicion.accusers.add(accuser);
    suspicion.confirmations += 1;
    this.#reschedule(name, suspicion, nowMs);
    return true;
  }

  stop(name: string): void {
    const suspicion = this.#byName.get(name);
    if (suspicion === undefined) return;
    this.#timers.cancel(suspicion.token);
    this.#byName.delete(name);
  }

  /** After this node stood still: gives every suspect that time back, since its refutation may have gone unheard. */
  prolong(byMs: number, nowMs: number): void {
    for (const [name, suspicion] of this.#byName) {
      suspicion.startedAtMs += byMs;
      this.#reschedule(name, suspicion, nowMs);
    }
  }

  #reschedule(name: string, suspicion: Suspicion, nowMs: number): void {
    this.#timers.cancel(suspicion.token);
    const timeoutMs = suspicionTimeoutMs(suspicion.bounds, suspicion.confirmations);
    const remainingMs = suspicion.startedAtMs + timeoutMs - nowMs;
    suspicion.token = this.#timers.set({ kind: "suspicion", name }, remainingMs);
  }
}
