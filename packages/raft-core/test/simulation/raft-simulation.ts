import {
  createHistory,
  createPacketSimulator,
  createRandom,
  createScheduler,
  drawFaultPlan,
} from "@waggle/simkit";
import type { FaultPlan, History, PacketSimulator, Random, Scheduler } from "@waggle/simkit";
import { decodeMessage, encodeMessage } from "../../src/codec/index.ts";
import { bootstrapState, nodeId } from "../../src/index.ts";
import type {
  ConfChange,
  ConfChangeSingle,
  ConfState,
  InitialState,
  Message,
  NodeId,
} from "../../src/index.ts";
import { Checkers, Violation } from "./checkers.ts";
import { Member, membersIn } from "./member.ts";
import type { World } from "./member.ts";

/** How the run of one seed ended. */
export type SeedResult =
  | { readonly ok: true; readonly events: number }
  | { readonly ok: false; readonly violation: string };

const TICK_MS = 10;
const FAULTY_MS = 1_200;
/** Time in which a healthy group must come to rest: a few dozen elections. */
const HEALTHY_MS = 6_000;
const SPARE_MEMBERS = 3;

/** Runs one seed: a group of 3 or 5 under faults, then in a healthy world. The same seed gives the same run, to the bit. */
export function runRaftSeed(seed: number): SeedResult {
  const run = new Simulation(seed, undefined);
  return run.run();
}

/** The run of one seed as lines of text, the violation last if there is one. */
export function traceRaftSeed(seed: number): string[] {
  const history = createHistory();
  const result = new Simulation(seed, history).run();
  const end = result.ok ? `ok after ${result.events} events` : `VIOLATION ${result.violation}`;
  return [...history.lines(), end];
}

class Simulation {
  readonly #random: Random;
  readonly #scheduler: Scheduler = createScheduler();
  readonly #network: PacketSimulator<Uint8Array>;
  readonly #members = new Map<NodeId, Member>();
  readonly #history: History | undefined;
  readonly #world: World;
  readonly #plan: FaultPlan;
  readonly #size: number;
  #healthy = false;
  #proposals = 0;

  constructor(seed: number, history: History | undefined) {
    this.#history = history;
    this.#random = createRandom(seed).fork("raft");
    this.#plan = drawFaultPlan(this.#random.fork("plan"), {
      delayMsMeanMax: 25,
      lossMax: 0.25,
      periodMs: 400,
    });
    this.#network = createPacketSimulator({
      scheduler: this.#scheduler,
      random: this.#random.fork("network"),
      faults: this.#plan.network,
    });
    this.#world = this.#drawWorld();
    this.#size = this.#random.chance(0.5) ? 3 : 5;
    const ids = Array.from({ length: this.#size }, (_, at) => nodeId(at + 1));
    for (const id of ids) this.#add(id, bootstrapState(ids));
  }

  #drawWorld(): World {
    const random = this.#random.fork("world");
    const history = this.#history;
    return {
      random,
      checkers: new Checkers(),
      settings: {
        preVote: random.chance(0.7),
        checkQuorum: random.chance(0.7),
        maxBytesPerAppend: random.pick([1, 100, 1_048_576]),
        maxInflightAppends: random.pick([1, 3, 256]),
        asyncStorageWrites: random.chance(0.5),
        maxCommittedBytesPerReady: random.pick([1, 200, 1_048_576]),
      },
      compactEvery: random.pick([4, 12, 1_000]),
      margin: random.pick([0, 3, 10]),
      everMembers: new Set(),
      schedule: (delayMs, run) => {
        this.#scheduler.schedule(delayMs, run);
      },
      send: (message) => this.#send(message),
      trace:
        history === undefined
          ? undefined
          : (who, text) => history.record(this.#scheduler.now(), String(who), text),
    };
  }

  #send(message: Message): void {
    this.#world.trace?.(message.from, `sends ${describe(message)}`);
    this.#network.send(String(message.from), String(message.to), encodeMessage(message));
  }

  #add(id: NodeId, initial: InitialState = EMPTY_STATE): void {
    const member = new Member(id, this.#world, initial);
    this.#members.set(id, member);
    this.#network.attach(String(id), (bytes) => member.receive(decodeMessage(bytes)));
    const tick = (): void => {
      member.call((core) => core.tick());
      this.#scheduler.schedule(this.#random.range(0.9, 1.1) * TICK_MS, tick);
    };
    this.#scheduler.schedule(this.#random.range(0, TICK_MS), tick);
  }

  run(): SeedResult {
    try {
      this.#startFaults();
      this.#scheduler.runUntil(FAULTY_MS);
      this.#heal();
      this.#waitForRest();
      return { ok: true, events: this.#scheduler.eventsRun };
    } catch (error) {
      const text =
        error instanceof Violation ? error.message : error instanceof Error ? error.stack : error;
      return { ok: false, violation: String(text) };
    }
  }

  #startFaults(): void {
    const { network, process } = this.#plan;
    this.#every(network.partitionEveryMs, () => this.#partition());
    this.#every(process.crashEveryMs, () => this.#crash());
    this.#every(25, () => this.#propose());
    this.#every(60, () => this.#anyMember().read());
    if (this.#random.chance(0.5)) this.#every(250, () => this.#changeMembers());
    if (this.#random.chance(0.5)) this.#every(300, () => this.#transfer());
    this.#every(200, () => {
      const other = this.#anyMember().id;
      this.#anyMember().call((core) => core.reportUnreachable(other));
    });
  }

  /** Calls `act` at random times with this mean distance, until the world is healed. */
  #every(meanMs: number, act: () => void): void {
    if (meanMs === 0) return;
    const again = (): void => {
      this.#scheduler.schedule(this.#random.range(0.2, 1.8) * meanMs, () => {
        if (this.#healthy) return;
        act();
        again();
      });
    };
    again();
  }

  #anyMember(): Member {
    return this.#random.pick([...this.#members.values()]);
  }

  #leaders(): Member[] {
    return [...this.#members.values()].filter(({ core }) => core?.status().role === "leader");
  }

  #propose(): void {
    const leaders = this.#leaders();
    // Mostly to a leader, or hardly anything would ever commit.
    const target =
      leaders.length > 0 && this.#random.chance(0.8)
        ? this.#random.pick(leaders)
        : this.#anyMember();
    const count = 1 + this.#random.integer(3);
    const data = Array.from({ length: count }, () => {
      this.#proposals += 1;
      return Uint8Array.from([this.#proposals & 0xff, this.#proposals >> 8, 1, 2, 3]);
    });
    target.call((core) => core.propose(data));
  }

  #transfer(): void {
    const to = this.#anyMember().id;
    this.#anyMember().call((core) => core.transferLeadership(to));
  }

  #changeMembers(): void {
    const fresh = nodeId(this.#members.size + 1);
    const changes: ConfChangeSingle[] = [];
    const count = this.#random.chance(0.7) ? 1 : 2 + this.#random.integer(2);
    for (let at = 0; at < count; at += 1) changes.push(this.#drawChange(fresh, changes));
    const transition = this.#random.pick(["auto", "auto", "joint-implicit"] as const);
    const change: ConfChange = { transition, changes, context: new Uint8Array(0) };
    const leaders = this.#leaders();
    if (leaders.length === 0) return;
    this.#world.trace?.(NOBODY, `change ${JSON.stringify(changes)}`);
    this.#random.pick(leaders).call((core) => {
      core.proposeConfChange(change);
      if (changes.some(({ node }) => node === fresh)) this.#add(fresh);
    });
  }

  #drawChange(fresh: NodeId, taken: readonly ConfChangeSingle[]): ConfChangeSingle {
    const roomLeft = this.#members.size < this.#size + SPARE_MEMBERS;
    const freshTaken = taken.some(({ node }) => node === fresh);
    const addsFresh = roomLeft && !freshTaken && this.#random.chance(0.5);
    if (addsFresh)
      return { type: this.#random.chance(0.7) ? "add-voter" : "add-learner", node: fresh };
    const members = this.#newestMembers();
    const node = this.#random.pick([...membersIn(members)]);
    const type = this.#random.pick(["remove", "add-learner", "add-voter"] as const);
    // At most one voter less per change, and not below three: a leader that goes takes its last word with it, and a
    // group of two cannot do without that.
    const loses = (change: ConfChangeSingle): boolean => change.type !== "add-voter";
    const mayLose = members.voters.length > 3 && !taken.some(loses);
    return { type: mayLose ? type : "add-voter", node };
  }

  /** The members as of the highest applied index: what an operator would see. */
  #newestMembers(): ConfState {
    const apps = [...this.#members.values()].map(({ app }) => app);
    const newest = apps.reduce((best, app) => (app.index > best.index ? app : best));
    return newest.confState!;
  }

  #crash(): void {
    const member = this.#anyMember();
    member.crash();
    const { restartAfterMs } = this.#plan.process;
    this.#scheduler.schedule(this.#random.range(0.2, 1.8) * restartAfterMs, () => {
      member.start();
    });
  }

  #partition(): void {
    const ids = this.#random.shuffle([...this.#members.keys()]).map(String);
    const cut = 1 + this.#random.integer(ids.length - 1);
    const oneWay = this.#random.chance(this.#plan.network.partitionOneWay);
    const [some, others] = [ids.slice(0, cut), ids.slice(cut)];
    this.#world.trace?.(NOBODY, `partition ${some.join()} | ${others.join()} ${oneWay}`);
    this.#network.partition(some, others, oneWay ? "one-way" : "two-way");
    const healMs = this.#random.range(0.2, 1.8) * this.#plan.network.healAfterMs;
    this.#scheduler.schedule(healMs, () => this.#network.heal());
  }

  #heal(): void {
    this.#healthy = true;
    this.#world.trace?.(NOBODY, "all faults stop");
    this.#network.heal();
    this.#network.setDefaults({
      loss: 0,
      duplication: 0,
      reordering: 0,
      delayMsMean: 2,
      delayMsMin: 1,
    });
    this.#runMembersOnly();
  }

  /** An operator stops who was removed, and keeps all others running, joiners too. */
  #runMembersOnly(): void {
    const current = membersIn(this.#newestMembers());
    for (const member of this.#members.values()) {
      const everMember = this.#world.everMembers.has(member.id);
      if (everMember && !current.has(member.id)) member.crash();
      else member.start();
    }
  }

  /** Liveness: a leader emerges, and whatever is proposed reaches every member. */
  #waitForRest(): void {
    for (let atMs = FAULTY_MS; atMs < FAULTY_MS + HEALTHY_MS; atMs += 5 * TICK_MS) {
      this.#scheduler.runUntil(atMs);
      this.#runMembersOnly();
      for (const leader of this.#leaders()) leader.call((core) => core.propose([MARKER]));
      if (this.#atRest(atMs)) return;
    }
    const roles = [...this.#members.values()].map(({ id, core }) => {
      const status = core?.status();
      return `${id} ${status?.role ?? "down"} term ${status?.term ?? 0} applied ${status?.applied ?? 0} of ${JSON.stringify(status?.confState)}`;
    });
    throw new Violation(`liveness: no rest ${HEALTHY_MS} ms after the faults: ${roles.join("; ")}`);
  }

  #atRest(atMs: number): boolean {
    if (atMs < FAULTY_MS + 20 * TICK_MS) return false;
    const [leader, second] = this.#leaders();
    if (leader === undefined || second !== undefined) return false;
    const status = leader.core!.status();
    const { votersOutgoing } = status.confState;
    if (votersOutgoing.length > 0) return false;
    return [...membersIn(status.confState)].every((id) => {
      const member = this.#members.get(id);
      return member !== undefined && member.app.index >= status.commit - 1;
    });
  }
}

const NOBODY = 0 as NodeId;
const MARKER = Uint8Array.from([255]);
const EMPTY_STATE: InitialState = { hardState: undefined, snapshot: undefined, entries: [] };

function describe(message: Message): string {
  const { type, to, term } = message;
  switch (message.type) {
    case "append":
      return `append to ${to} term ${term} after ${message.index}:${message.logTerm} +${message.entries.length} commit ${message.commit}`;
    case "append-response":
      return `append-response to ${to} term ${term} ${message.reject ? "refuses" : "holds"} ${message.index}`;
    case "vote-response":
    case "pre-vote-response":
      return `${type} to ${to} term ${term} ${message.reject ? "no" : "yes"}`;
    default:
      return `${type} to ${to} term ${term}`;
  }
}
