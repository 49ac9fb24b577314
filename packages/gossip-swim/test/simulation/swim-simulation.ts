import { createRandom, drawFaultPlan, type FaultPlan, type Random } from "@waggle/simkit";
import type { CoreEvent, MemberEvent, MemberState } from "../../src/index.ts";
import { createCluster, type Cluster } from "./cluster.ts";
import { createMirror } from "./mirror.ts";

/** How one seed ended. */
export type SwimSeedOutcome =
  | { readonly ok: true; readonly events: number }
  | { readonly ok: false; readonly violation: string };

/** What was drawn for one seed. */
interface Scenario {
  readonly names: readonly string[];
  readonly plan: FaultPlan;
  readonly streamProbe: boolean;
  readonly chaosMs: number;
}

/** A second is one probe interval: the `lan` preset. */
const probeIntervalMs = 1000;

function drawScenario(random: Random): Scenario {
  const count = 2 + random.integer(7);
  return {
    names: Array.from({ length: count }, (_, index) => `n${index + 1}`),
    plan: drawFaultPlan(random.fork("plan"), { periodMs: 10_000, delayMsMeanMax: 60 }),
    streamProbe: random.chance(0.7),
    chaosMs: random.range(10_000, 40_000),
  };
}

/** Runs a random cluster under random faults, and checks what must hold at every event and at the end. */
export function runSwimSeed(seed: number): SwimSeedOutcome {
  return run(seed).outcome;
}

/** The history of a seed, for reading and for comparison of two runs. */
export function traceSwimSeed(seed: number): string[] {
  const { outcome, lines } = run(seed);
  return [...lines, outcome.ok ? `ok ${outcome.events}` : `violation ${outcome.violation}`];
}

function run(seed: number): { outcome: SwimSeedOutcome; lines: string[] } {
  const random = createRandom(seed);
  const scenario = drawScenario(random);
  const simulation = new Simulation(seed, scenario, random.fork("chaos"));
  try {
    simulation.run();
    return {
      outcome: { ok: true, events: simulation.cluster.scheduler.eventsRun },
      lines: simulation.cluster.history.lines(),
    };
  } catch (error) {
    const violation = error instanceof Violation ? error.message : stackOf(error);
    return { outcome: { ok: false, violation }, lines: simulation.cluster.history.lines() };
  }
}

class Violation extends Error {}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

class Simulation {
  readonly cluster: Cluster;
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #mirror = createMirror();
  /** Since when a node has been up without a break, a pause, or a cut link. Undefined: it is not. */
  readonly #soundSinceMs = new Map<string, number>();
  readonly #left = new Set<string>();
  readonly #metas = new Map<string, number>();

  constructor(seed: number, scenario: Scenario, random: Random) {
    this.#scenario = scenario;
    this.#random = random;
    this.cluster = createCluster({
      seed,
      config: { streamProbe: scenario.streamProbe },
      faults: scenario.plan.network,
      onEvent: (at, event) => this.#onEvent(at, event),
    });
  }

  run(): void {
    const { names, chaosMs } = this.#scenario;
    for (const name of names) this.#start(name);
    this.#mustConverge("after the start", 60_000);
    this.#scheduleChaos(this.cluster.scheduler.now() + chaosMs);
    this.cluster.scheduler.runUntil(this.cluster.scheduler.now() + chaosMs);
    this.#calm();
    this.#mustConverge("after the faults", 120_000);
    this.#check(this.cluster.packetBytesLargest() <= 1400, "a packet exceeds 1400 bytes");
    for (const name of names)
      if (this.cluster.isUp(name))
        this.#check(
          this.#mirror.matches(name, this.cluster.core(name).members()),
          `the events at ${name} do not add up to its members`,
        );
  }

  #start(name: string): void {
    this.#mirror.restart(name);
    this.#metas.set(name, this.#random.integer(256));
    this.cluster.start(name, Uint8Array.of(this.#metas.get(name) ?? 0));
    this.#soundSinceMs.set(name, this.cluster.scheduler.now());
    const others = this.#scenario.names.filter((other) => other !== name);
    const seeds = this.#random.shuffle(others).slice(0, 1 + this.#random.integer(2));
    // The first one is always asked too: seeds that form islands would rightly never meet.
    const first = this.#scenario.names[0] ?? name;
    this.cluster.join(name, name === first ? others : [...new Set([first, ...seeds])]);
  }

  #scheduleChaos(endMs: number): void {
    const { network, process } = this.#scenario.plan;
    this.#repeat(endMs, network.partitionEveryMs, () => this.#partition(network));
    this.#repeat(endMs, process.crashEveryMs, () => this.#crash(process.restartAfterMs));
    this.#repeat(endMs, process.pauseEveryMs, () => this.#pause(process.pauseMs));
    this.#repeat(endMs, 8000, () => this.#updateMeta());
    if (this.#random.chance(0.3)) this.#repeat(endMs, 20_000, () => this.#leave());
  }

  #repeat(endMs: number, meanMs: number, run: () => void): void {
    if (meanMs === 0) return;
    const { scheduler } = this.cluster;
    const delayMs = this.#random.range(0.2, 1.8) * meanMs;
    scheduler.schedule(delayMs, () => {
      if (scheduler.now() > endMs) return;
      run();
      this.#repeat(endMs, meanMs, run);
    });
  }

  #partition(network: FaultPlan["network"]): void {
    const names = this.#random.shuffle(this.#scenario.names);
    const size = 1 + this.#random.integer(names.length - 1);
    const isOneWay = this.#random.chance(network.partitionOneWay);
    this.cluster.partition(
      names.slice(0, size),
      names.slice(size),
      ...(isOneWay ? (["one-way"] as const) : []),
    );
    for (const name of names) this.#soundSinceMs.delete(name);
    this.cluster.scheduler.schedule(this.#random.range(0.2, 1.8) * network.healAfterMs, () => {
      this.#heal();
    });
  }

  #heal(): void {
    this.cluster.heal();
    for (const name of this.#scenario.names) this.#markSound(name);
  }

  #crash(restartAfterMs: number): void {
    const name = this.#random.pick(this.#scenario.names);
    if (!this.cluster.isUp(name) || this.#left.has(name)) return;
    this.cluster.crash(name);
    this.#soundSinceMs.delete(name);
    this.cluster.scheduler.schedule(this.#random.range(0.2, 1.8) * restartAfterMs, () => {
      if (!this.cluster.isUp(name)) this.#start(name);
    });
  }

  #pause(pauseMs: number): void {
    const name = this.#random.pick(this.#scenario.names);
    if (!this.cluster.isUp(name)) return;
    const forMs = this.#random.range(0.2, 1.8) * pauseMs;
    this.#soundSinceMs.delete(name);
    this.cluster.pause(name, forMs);
    this.cluster.scheduler.schedule(forMs, () => this.#markSound(name));
  }

  /** From now on it counts as sound again, unless it is down. Another pause or cut takes that back. */
  #markSound(name: string): void {
    if (this.cluster.isUp(name)) this.#soundSinceMs.set(name, this.cluster.scheduler.now());
  }

  #updateMeta(): void {
    const name = this.#random.pick(this.#scenario.names);
    if (!this.cluster.isUp(name) || this.#left.has(name)) return;
    this.#metas.set(name, this.#random.integer(256));
    this.cluster.updateMeta(name, Uint8Array.of(this.#metas.get(name) ?? 0));
  }

  #leave(): void {
    const name = this.#random.pick(this.#scenario.names);
    if (!this.cluster.isUp(name) || this.#left.has(name) || this.#left.size > 1) return;
    this.#left.add(name);
    this.cluster.leave(name);
    this.cluster.scheduler.schedule(5000, () => {
      if (this.cluster.isUp(name)) this.cluster.crash(name);
      this.#soundSinceMs.delete(name);
    });
  }

  /** The world is healthy again but for loss and delay; half of the crashed come back. */
  #calm(): void {
    const { scheduler } = this.cluster;
    this.cluster.heal();
    // What was begun in the chaos (pauses, restarts, goodbyes) comes to its end first.
    scheduler.runUntil(scheduler.now() + 20_000);
    this.cluster.heal();
    for (const name of this.#scenario.names)
      if (!this.cluster.isUp(name) && !this.#left.has(name) && this.#random.chance(0.5))
        this.#start(name);
  }

  #mustConverge(when: string, withinMs: number): void {
    const isConverged = this.cluster.runUntilTrue(() => this.#difference() === "", withinMs);
    this.#check(isConverged, `no convergence ${when}: ${this.#difference()}`);
  }

  /** Where a view differs from the truth; empty when all agree with it. */
  #difference(): string {
    const { names } = this.#scenario;
    const up = names.filter((name) => this.cluster.isUp(name) && !this.#left.has(name));
    for (const at of up)
      for (const name of names) {
        const held = this.cluster.core(at).member(name);
        if (up.includes(name)) {
          if (held?.state !== "alive") return `${at} holds ${name} as ${held?.state ?? "unknown"}`;
          if (held.incarnation !== this.cluster.core(name).member(name)?.incarnation)
            return `${at} holds an old incarnation of ${name}`;
          if (held.meta[0] !== this.#metas.get(name)) return `${at} holds old meta of ${name}`;
        } else if (held?.state === "alive" || held?.state === "suspect")
          return `${at} holds ${name} as ${held.state}, but it is gone`;
      }
    return "";
  }

  #onEvent(at: string, event: MemberEvent | CoreEvent): void {
    if (!("member" in event) || event.type === "name-conflict") {
      this.#check(event.type !== "name-conflict", `${at} sees a conflict of names`);
      return;
    }
    const wrong = this.#mirror.apply(at, event);
    this.#check(wrong === undefined, `${at}: ${wrong ?? ""}`);
    if (event.type === "member-dead") this.#checkDeath(at, event.member.name);
    this.#checkState(at, event.member.name, event.member.state);
  }

  /** A node that has been up and reachable for long is not to be declared dead, whatever befalls its accusers. */
  #checkDeath(at: string, name: string): void {
    const { network } = this.#scenario.plan;
    // Beyond this the protocol only promises rarity, not absence.
    if (network.loss > 0.1 && !this.#scenario.streamProbe) return;
    if (this.#left.has(name)) return;
    // An accusation of somebody who was cut off may take a while to run out.
    const graceMs = 15 * probeIntervalMs;
    const nowMs = this.cluster.scheduler.now();
    const isSound = nowMs - (this.#soundSinceMs.get(name) ?? nowMs) > graceMs;
    this.#check(!isSound, `${at} declares ${name} dead, but it is sound`);
  }

  #checkState(at: string, name: string, state: MemberState): void {
    this.#check(at !== name, `${at} reports an event about itself`);
    if (state === "left") this.#check(this.#left.has(name), `${at} holds ${name} as left`);
  }

  #check(condition: boolean, violation: string): void {
    if (!condition)
      throw new Violation(`at ${this.cluster.scheduler.now().toFixed(0)} ms: ${violation}`);
  }
}
