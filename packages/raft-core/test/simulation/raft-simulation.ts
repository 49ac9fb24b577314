import {
  createHistory,
  createPacketSimulator,
  createRandom,
  createScheduler,
} from "@waggle/simkit";
import type { History, Random, Scheduler } from "@waggle/simkit";
import { encodeMessage } from "../../src/codec/index.ts";
import { bootstrapState, nodeId } from "../../src/index.ts";
import type { Message, NodeId } from "../../src/index.ts";
import { Checkers } from "./checkers/checkers.ts";
import { Violation } from "./checkers/violation.ts";
import type { Coverage } from "./coverage.ts";
import { Group } from "./group.ts";
import type { Packet } from "./group.ts";
import { hashBytes, hashNumber } from "./hash.ts";
import { Nemesis } from "./nemesis.ts";
import { drawProfile } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { Recovery } from "./recovery.ts";
import { describe } from "./trace.ts";
import { Workload } from "./workload.ts";
import type { World } from "./world.ts";

/** How the run of one seed ended. */
export type SeedResult =
  | { readonly ok: true; readonly events: number; readonly facts: RunFacts }
  | { readonly ok: false; readonly violation: string; readonly facts: RunFacts };

/** What is known of a run besides its outcome. */
export interface RunFacts {
  readonly profile: string;
  /** Hash of the whole stream of events: equal runs in one comparison. */
  readonly digest: number;
  readonly coverage: Coverage;
}

/** Runs one seed: a group under faults, then in a healthy world. The same seed gives the same run, to the bit. */
export function runRaftSeed(seed: number): SeedResult {
  return new Simulation(seed, undefined).run();
}

/** The run of one seed as lines of text, the violation last if there is one. */
export function traceRaftSeed(seed: number): string[] {
  const history = createHistory();
  const result = new Simulation(seed, history).run();
  const end = result.ok ? `ok after ${result.events} events` : `VIOLATION ${result.violation}`;
  return [`profile ${result.facts.profile}`, ...history.lines(), end];
}

class Simulation {
  readonly #random: Random;
  readonly #profile: Profile;
  readonly #scheduler: Scheduler = createScheduler();
  readonly #world: World;
  readonly #group: Group;
  #digest = 1;

  constructor(seed: number, history: History | undefined) {
    this.#random = createRandom(seed).fork("raft");
    this.#profile = drawProfile(seed, this.#random.fork("profile"));
    const network = createPacketSimulator<Packet>({
      scheduler: this.#scheduler,
      random: this.#random.fork("network"),
      faults: this.#profile.network,
    });
    this.#world = this.#createWorld(history);
    this.#group = new Group(this.#world, network, this.#scheduler);
  }

  #createWorld(history: History | undefined): World {
    const scheduler = this.#scheduler;
    return {
      profile: this.#profile,
      random: this.#random.fork("world"),
      checkers: new Checkers(),
      coverage: new Map(),
      everMembers: new Set(),
      applied: new Set(),
      isHealthy: false,
      now: () => scheduler.now(),
      schedule: (delayMs, run) => {
        scheduler.schedule(delayMs, run);
      },
      send: (message) => {
        this.#send(message);
      },
      note: (who, fact) => {
        this.#note(who, fact);
      },
      trace:
        history === undefined
          ? undefined
          : (who, text) => {
              history.record(scheduler.now(), String(who), text);
            },
    };
  }

  #note(who: NodeId, fact: number): void {
    const microseconds = Math.round(this.#scheduler.now() * 1_000);
    this.#digest = hashNumber(hashNumber(hashNumber(this.#digest, microseconds), who), fact);
  }

  #send(message: Message): void {
    const { from, to } = message;
    this.#world.trace?.(from, `sends ${describe(message)}`);
    const bytes = encodeMessage(message);
    this.#note(from, hashBytes(to, bytes));
    const sentMs = this.#scheduler.now();
    this.#group.network.send(String(from), String(to), { bytes, sentMs });
  }

  run(): SeedResult {
    const outcome = this.#outcome();
    const { name: profile } = this.#profile;
    const facts = { profile, digest: this.#digest, coverage: this.#world.coverage };
    if (outcome !== undefined) return { ok: false, violation: `${profile}: ${outcome}`, facts };
    return { ok: true, events: this.#scheduler.eventsRun, facts };
  }

  #outcome(): string | undefined {
    try {
      const ids = Array.from({ length: this.#profile.size }, (_, at) => nodeId(at + 1));
      for (const id of ids) {
        this.#world.everMembers.add(id);
        this.#group.add(id, bootstrapState(ids));
      }
      this.#startFaults();
      this.#startWork();
      this.#scheduler.runUntil(this.#profile.faultyMs);
      new Recovery(this.#world, this.#group).run();
      return undefined;
    } catch (error) {
      if (error instanceof Violation) return error.message;
      return String(error instanceof Error ? error.stack : error);
    }
  }

  #startFaults(): void {
    const nemesis = new Nemesis(this.#world, this.#group);
    const { partitions, crashes, pauses } = this.#profile;
    this.#every(partitions.everyMs, () => {
      nemesis.partition();
    });
    this.#every(crashes.everyMs, () => {
      nemesis.crash();
    });
    this.#every(pauses.everyMs, () => {
      nemesis.pause();
    });
  }

  #startWork(): void {
    const workload = new Workload(this.#world, this.#group);
    const { work } = this.#profile;
    this.#every(work.proposeMs, () => {
      workload.propose();
    });
    this.#every(work.readMs, () => {
      workload.read();
    });
    this.#every(work.changeMs, () => {
      workload.changeMembers();
    });
    this.#every(work.transferMs, () => {
      workload.transfer();
    });
    this.#every(work.reportMs, () => {
      workload.report();
    });
    this.#every(work.forgetMs, () => {
      workload.forget();
    });
  }

  /** Calls `act` at random times with this mean distance, until the world is healed. */
  #every(meanMs: number, act: () => void): void {
    if (meanMs === 0) return;
    const again = (): void => {
      this.#scheduler.schedule(this.#random.range(0.2, 1.8) * meanMs, () => {
        if (this.#world.isHealthy) return;
        act();
        again();
      });
    };
    again();
  }
}
