import type { Address } from "../address.ts";
import type { Effect, StreamId } from "../core/effects.ts";
import { createSwim, type SwimCore, type SwimCounts } from "../core/swim.ts";
import { SwimError } from "../errors.ts";
import type { CoreEvent, MemberEvent } from "../events.ts";
import { acceptedStreamsMax } from "../limits.ts";
import type { Member } from "../member.ts";
import { requestOnce, serveOnce } from "./exchange.ts";
import type { SwimDriverOptions } from "./options.ts";
import type { ClockPort, StreamConnection } from "./ports.ts";
import { createSystemClock } from "./system-clock.ts";

/** Counters of a driver since its start. */
export interface SwimDriverCounts extends SwimCounts {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Packets the datagram port refused. */
  readonly sendErrors: number;
}

/**
 * A running member of a cluster. Made, then `start`ed; at the end `leave` (if the others shall know at once), then
 * `stop`.
 */
export interface SwimDriver {
  readonly name: string;
  /** Begins to take part; alone until `join`, or until others join here. Once. */
  start(): void;
  /**
   * Exchanges states with each address and returns how many answered. The local address is skipped. Addresses where no
   * member is known are tried again in the background.
   * @throws SwimError `no-peers` when none answered, `invalid-argument`, `aborted`, `not-running`
   */
  join(addresses: readonly Address[], options?: { readonly signal?: AbortSignal }): Promise<number>;
  /** All members held, the local one first, also dead and left ones for a while. Snapshots. */
  members(): Member[];
  member(name: string): Member | undefined;
  /** Calls the listener on every change of other members, in order, from now on. Returns the end of it. */
  subscribe(listener: (event: MemberEvent) => void): () => void;
  /** Probes a member at once; use it when a connection to it broke. True if a probe is under way. */
  probeNow(name: string): boolean;
  /**
   * Replaces the local meta and spreads it.
   * @throws SwimError `invalid-argument`, `not-running`
   */
  updateMeta(meta: Uint8Array): void;
  /**
   * Says goodbye, and waits until it is likely spread or `leaveTimeoutMs` is over. Call `stop` afterwards.
   * @throws SwimError `aborted` (the goodbye goes on), `not-running`
   */
  leave(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Ends all timers and streams without a word; idempotent. The ports are the caller's to close. */
  stop(): void;
  /** A packet came in. Ignored before `start` and after `stop`. */
  handleDatagram(from: Address, data: Uint8Array): void;
  /** A peer opened a stream. Cut when the driver does not run or serves too many. */
  acceptStream(connection: StreamConnection): void;
  counts(): SwimDriverCounts;
}

/**
 * Binds a core to a clock, packets and streams.
 * @throws SwimError `invalid-argument`
 */
export function createSwimDriver(options: SwimDriverOptions): SwimDriver {
  return new Driver(options);
}

class Driver implements SwimDriver {
  readonly #core: SwimCore;
  readonly #options: SwimDriverOptions;
  readonly #clock: ClockPort;
  readonly #listeners = new Set<(event: MemberEvent) => void>();
  readonly #timers = new Set<() => void>();
  readonly #stopped = new AbortController();
  readonly #joining = new Map<StreamId, (isReached: boolean) => void>();
  readonly #leaving = new Set<() => void>();
  #state: "new" | "running" | "left" | "stopped" = "new";
  #isPumping = false;
  #accepted = 0;
  #packetsSent = 0;
  #packetsReceived = 0;
  #sendErrors = 0;

  constructor(options: SwimDriverOptions) {
    this.#options = options;
    this.#clock = options.clock ?? createSystemClock();
    const random = options.random ?? { next: () => Math.random() };
    this.#core = createSwim({ ...options, random });
  }

  get name(): string {
    return this.#core.name;
  }

  start(): void {
    if (this.#state !== "new") throw new SwimError("not-running", "the driver was started before");
    this.#state = "running";
    this.#core.start(this.#clock.now());
    this.#pump();
  }

  async join(
    addresses: readonly Address[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<number> {
    this.#mustRun();
    const streamIds = this.#core.join(addresses, this.#clock.now());
    const outcomes = streamIds.map(
      async (streamId) =>
        await new Promise<boolean>((resolve) => this.#joining.set(streamId, resolve)),
    );
    this.#pump();
    const results = await orAborted(Promise.all(outcomes), options.signal);
    const reached = results.filter(Boolean).length;
    if (reached === 0)
      throw new SwimError("no-peers", `none of ${addresses.length} addresses answered`);
    return reached;
  }

  members(): Member[] {
    return this.#core.members();
  }

  member(name: string): Member | undefined {
    return this.#core.member(name);
  }

  subscribe(listener: (event: MemberEvent) => void): () => void {
    const own = (event: MemberEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  probeNow(name: string): boolean {
    if (this.#state !== "running") return false;
    const isProbing = this.#core.probeNow(name, this.#clock.now());
    this.#pump();
    return isProbing;
  }

  updateMeta(meta: Uint8Array): void {
    this.#mustRun();
    this.#core.updateMeta(meta, this.#clock.now());
    this.#pump();
  }

  async leave(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#mustRun();
    this.#state = "left";
    const spread = new Promise<void>((resolve) => {
      this.#leaving.add(resolve);
      this.#setTimer(this.#core.config.leaveTimeoutMs, resolve);
    });
    this.#core.leave(this.#clock.now());
    this.#pump();
    await orAborted(spread, options.signal);
  }

  stop(): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#stopped.abort();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#listeners.clear();
    for (const resolve of this.#joining.values()) resolve(false);
    this.#joining.clear();
    this.#settleLeaving();
  }

  handleDatagram(from: Address, data: Uint8Array): void {
    if (!this.#isTakingPart()) return;
    this.#packetsReceived += 1;
    this.#core.handlePacket(from, data, this.#clock.now());
    this.#pump();
  }

  acceptStream(connection: StreamConnection): void {
    if (!this.#isTakingPart() || this.#accepted >= acceptedStreamsMax) {
      connection.destroy();
      return;
    }
    this.#accepted += 1;
    const answer = (request: Uint8Array): Uint8Array | undefined => {
      if (!this.#isTakingPart() || request.length > this.#core.config.streamBytesMax)
        return undefined;
      const reply = this.#core.handleStream(request, this.#clock.now());
      this.#pump();
      return reply;
    };
    const timeoutMs = this.#core.config.streamTimeoutMs;
    const limits = { clock: this.#clock, timeoutMs, signal: this.#stopped.signal };
    void serveOnce(connection, answer, limits).finally(() => (this.#accepted -= 1));
  }

  counts(): SwimDriverCounts {
    return {
      ...this.#core.counts(),
      packetsSent: this.#packetsSent,
      packetsReceived: this.#packetsReceived,
      sendErrors: this.#sendErrors,
    };
  }

  #mustRun(): void {
    if (this.#state !== "running")
      throw new SwimError("not-running", `the driver is ${this.#state}`);
  }

  /** After `leave` the node still answers and spreads its goodbye. */
  #isTakingPart(): boolean {
    return this.#state === "running" || this.#state === "left";
  }

  /** Carries out what the core asks for, also what listeners cause on the way. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (;;) {
        const effects = this.#core.drain();
        if (effects.length === 0) return;
        for (const effect of effects) if (this.#isTakingPart()) this.#carryOut(effect);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "send-packet":
        this.#send(effect.to, effect.bytes);
        return;
      case "schedule":
        this.#setTimer(effect.delayMs, () => {
          this.#core.handleTimer(effect.token, this.#clock.now());
          this.#pump();
        });
        return;
      case "open-stream":
        void this.#exchange(effect);
        return;
      case "notify":
        this.#notify(effect.event);
    }
  }

  #send(to: Address, bytes: Uint8Array): void {
    try {
      this.#options.datagrams.send(to, bytes);
      this.#packetsSent += 1;
    } catch {
      // A packet that could not leave is a packet lost: the protocol is made for that.
      this.#sendErrors += 1;
    }
  }

  #setTimer(delayMs: number, run: () => void): void {
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  async #exchange(effect: Extract<Effect, { type: "open-stream" }>): Promise<void> {
    const { streamId, to, request, timeoutMs } = effect;
    const dial = async (signal: AbortSignal): Promise<StreamConnection> =>
      await this.#options.streams.dial(to, { signal });
    const limits = { clock: this.#clock, timeoutMs, signal: this.#stopped.signal };
    const reply = await requestOnce(dial, request, limits);
    if (!this.#isTakingPart()) return;
    const nowMs = this.#clock.now();
    let isReached = false;
    if (reply === undefined || reply.length > this.#core.config.streamBytesMax)
      this.#core.handleStreamFailure(streamId, nowMs);
    else isReached = this.#core.handleStreamReply(streamId, reply, nowMs);
    this.#pump();
    this.#joining.get(streamId)?.(isReached);
    this.#joining.delete(streamId);
  }

  #notify(event: MemberEvent | CoreEvent): void {
    switch (event.type) {
      case "leave-spread":
        this.#settleLeaving();
        break;
      case "stalled":
      case "refuted":
      case "name-conflict":
        break;
      default:
        for (const listener of this.#listeners) this.#guard(() => listener(event));
        return;
    }
    this.#guard(() => this.#options.onCoreEvent?.(event));
  }

  #settleLeaving(): void {
    for (const resolve of this.#leaving) resolve();
    this.#leaving.clear();
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#options.onListenerError?.(error);
    }
  }
}

/** The promise's result, unless the signal comes first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new SwimError("aborted", "aborted", { cause: signal.reason }));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
