import { membersIn } from "./application.ts";
import { Violation } from "./checkers/violation.ts";
import type { Group } from "./group.ts";
import type { Member } from "./member.ts";
import { marked } from "./marks.ts";
import { NOBODY, TICK_MS } from "./world.ts";
import type { World } from "./world.ts";

/** Ticks in which a healthy group must come to rest: some dozens of elections. */
const REST_TICKS_MAX = 600;
const STEP_TICKS = 5;

/**
 * Liveness: once the faults have stopped, a leader emerges and stays, whatever is proposed again and again succeeds, all
 * members come to the same state, reads are answered, leadership can be handed over, and a dead leader is replaced.
 */
export class Recovery {
  readonly #world: World;
  readonly #group: Group;
  #marks = 0;

  constructor(world: World, group: Group) {
    this.#world = world;
    this.#group = group;
  }

  run(): void {
    const healedMs = this.#group.scheduler.now();
    this.#heal();
    this.#comeToRest("after the faults");
    // What is still on its way from before could end any rest.
    this.#group.dropPacketsBefore(healedMs);
    this.#stayAtRest();
    this.#answerReads();
    this.#handOver("named");
    this.#handOver("chosen");
    this.#replaceLeader();
  }

  #heal(): void {
    const { network } = this.#group;
    this.#world.isHealthy = true;
    this.#world.trace?.(NOBODY, "all faults stop");
    network.heal();
    const delays = { delayMsMin: 1, delayMsMean: 1 };
    network.setDefaults({ loss: 0, duplication: 0, reordering: 0, late: 0, ...delays });
    for (const member of this.#group.members.values()) {
      member.resume();
      member.start();
      member.reportLostSnapshots();
      member.forgetReads();
    }
  }

  /** An operator stops who was removed once all know of it, and keeps all others running, joiners too. */
  #stopRemoved(): void {
    const { index, confState } = this.#group.newest();
    const current = membersIn(confState);
    const known = [...current].every((id) => this.#group.members.get(id)!.app.index >= index);
    for (const member of this.#group.members.values()) {
      const isRemoved = this.#world.everMembers.has(member.id) && !current.has(member.id);
      if (!isRemoved) member.start();
      else if (known) member.crash();
    }
  }

  #pass(ticks: number): void {
    const { scheduler } = this.#group;
    scheduler.runUntil(scheduler.now() + ticks * TICK_MS);
  }

  #comeToRest(when: string): void {
    const first = this.#marks + 1;
    for (let ticks = 0; ticks < REST_TICKS_MAX; ticks += STEP_TICKS) {
      this.#pass(STEP_TICKS);
      this.#stopRemoved();
      this.#leaveJoint();
      const isDone = this.#marks > first && this.#world.applied.has(this.#marks);
      if (!isDone) this.#proposeAgain();
      else if (this.#restless() === undefined) return;
    }
    const roles = [...this.#group.members.values()].map(describe).join("; ");
    const why = this.#restless() ?? "nothing proposed succeeds";
    throw new Violation(`liveness: no rest ${when} in ${REST_TICKS_MAX} ticks: ${why}: ${roles}`);
  }

  /** One proposal at a time, anywhere, until it is applied. */
  #proposeAgain(): void {
    const { applied, random } = this.#world;
    if (this.#marks === 0 || applied.has(this.#marks)) this.#marks += 1;
    random.pick(this.#group.current()).call((core) => {
      core.propose([marked(this.#marks)]);
    });
  }

  /** Who enters a joint configuration explicitly has to leave it, too. */
  #leaveJoint(): void {
    for (const leader of this.#group.leaders()) {
      const { outgoing, autoLeave } = leader.state!.configuration;
      if (outgoing.size === 0 || autoLeave) continue;
      const change = { transition: "auto", changes: [], context: new Uint8Array(0) } as const;
      leader.call((core) => {
        core.proposeConfChange(change);
      });
    }
  }

  /** What is not at rest; undefined when everything is. */
  #restless(): string | undefined {
    const [leader, second] = this.#group.leaders();
    if (leader === undefined || second !== undefined) return "not one leader";
    const state = leader.state!;
    const { log, configuration } = state;
    if (configuration.outgoing.size > 0) return "joint";
    if (log.committed !== log.lastIndex) return "not all is committed";
    if (state.uncommittedBytes !== 0) return `${state.uncommittedBytes} bytes count as uncommitted`;
    if (state.transferee !== 0) return "a transfer is under way";
    for (const peer of leader.core!.status().peers) {
      if (peer.id === leader.id) continue;
      if (peer.match !== log.lastIndex) return `${peer.id} lacks entries`;
      if (peer.state !== "replicate") return `${peer.id} is in ${peer.state}`;
      if (peer.inflightAppends !== 0) return `${peer.id} has appends in flight`;
    }
    for (const member of this.#group.current()) {
      if (member.app.index !== log.lastIndex) return `${member.id} has not applied all`;
      if (member.state?.leader !== leader.id) return `${member.id} follows another`;
    }
    return undefined;
  }

  /** Nothing to do: the leader stays, and only heartbeats travel. */
  #stayAtRest(): void {
    const [leader] = this.#group.leaders();
    const { term, options } = leader!.state!;
    const ticks = 3 * options.electionTicks;
    const before = this.#group.network.counts().sent;
    this.#pass(ticks);
    if (leader!.state?.role !== "leader" || leader!.state.term !== term)
      throw new Violation(`liveness: ${leader!.id} loses leadership in a healthy group`);
    const sent = this.#group.network.counts().sent - before;
    // A heartbeat and its answer per peer and tick of the leader, whose clock may be fast.
    const expected = 2 * (leader!.state.progress.size - 1) * (2 * ticks + 1);
    if (sent > expected)
      throw new Violation(`liveness: ${sent} messages at rest in ${ticks} ticks`);
  }

  #answerReads(): void {
    const members = this.#group.current();
    for (const member of members) member.read();
    this.#pass(3);
    for (const { id, readsWaiting } of members)
      if (readsWaiting > 0) throw new Violation(`liveness: a read of ${id} is not answered`);
  }

  /** To a voter that is named, or to whom the leader chooses. */
  #handOver(target: "named" | "chosen"): void {
    const [leader] = this.#group.leaders();
    const { configuration, term, options } = leader!.state!;
    const others = [...configuration.incoming].filter((id) => id !== leader!.id);
    if (others.length === 0) return;
    const to = target === "named" ? this.#world.random.pick(others) : undefined;
    leader!.call((core) => {
      core.transferLeadership(to);
    });
    this.#pass(options.electionTicks);
    const [next] = this.#group.leaders();
    const isMeant = to === undefined ? next?.id !== leader!.id : next?.id === to;
    if (next?.state?.term !== term + 1 || !isMeant)
      throw new Violation(`liveness: ${leader!.id} cannot hand over to ${to ?? "anybody"}`);
    this.#comeToRest("after a transfer");
  }

  #replaceLeader(): void {
    const [leader] = this.#group.leaders();
    const { configuration } = leader!.state!;
    if (configuration.incoming.size < 3) return;
    leader!.crash();
    for (let ticks = 0; ticks < REST_TICKS_MAX; ticks += STEP_TICKS) {
      this.#pass(STEP_TICKS);
      if (this.#group.leaders().length === 0) continue;
      leader!.start();
      this.#comeToRest("after the leader's crash");
      return;
    }
    throw new Violation(`liveness: nobody follows upon ${leader!.id}`);
  }
}

function describe({ id, state, app }: Member): string {
  if (state === undefined) return `${id} down`;
  const { role, term, log, confState } = state;
  const { voters, votersOutgoing, learners } = confState;
  const members = `${voters.join()}|${votersOutgoing.join()}|${learners.join()}`;
  return `${id} ${role} term ${term} log ${log.committed}/${log.lastIndex} applied ${app.index} of ${members}`;
}
