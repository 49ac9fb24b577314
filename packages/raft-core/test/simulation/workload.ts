import { encodeConfChange } from "../../src/codec/index.ts";
import { nodeId } from "../../src/index.ts";
import type { ConfChange, ConfChangeSingle, ConfState, NodeId } from "../../src/index.ts";
import { membersIn } from "./application.ts";
import { Violation } from "./checkers/violation.ts";
import { count } from "./coverage.ts";
import type { Group } from "./group.ts";
import { NOBODY } from "./world.ts";
import type { World } from "./world.ts";

/** How many may join during a run. */
const SPARE_MEMBERS = 4;
const NO_CONTEXT = new Uint8Array(0);

/** What users and operators do while things go wrong. */
export class Workload {
  readonly #world: World;
  readonly #group: Group;
  #proposals = 0;

  constructor(world: World, group: Group) {
    this.#world = world;
    this.#group = group;
  }

  propose(): void {
    const { random, profile } = this.#world;
    const { batchMax, bytesMax } = profile.work;
    // Mostly to a leader, or hardly anything would ever commit.
    const leader = random.chance(0.85) ? this.#group.anyLeader() : undefined;
    const target = leader ?? this.#group.any();
    const data = Array.from({ length: 1 + random.integer(batchMax) }, () => {
      this.#proposals += 1;
      const bytes = new Uint8Array(4 + random.integer(bytesMax));
      bytes.set([this.#proposals & 0xff, this.#proposals >> 8]);
      return bytes;
    });
    const transfers = target.state?.role === "leader" && target.state.transferee !== 0;
    const accepted = target.call((core) => {
      core.propose(data);
    });
    if (accepted && transfers)
      throw new Violation(`${target.id} takes a proposal while it hands over leadership`);
  }

  read(): void {
    const leader = this.#world.random.chance(0.5) ? this.#group.anyLeader() : undefined;
    (leader ?? this.#group.any()).read();
  }

  transfer(): void {
    const to = this.#group.any().id;
    const { random, coverage } = this.#world;
    const leader = random.chance(0.6) ? this.#group.anyLeader() : undefined;
    const isOpen = leader !== undefined && random.chance(0.3);
    const accepted = (leader ?? this.#group.any()).call((core) => {
      core.transferLeadership(isOpen ? undefined : to);
    });
    if (isOpen && accepted) count(coverage, "transfer to whom the leader chose");
  }

  report(): void {
    const other = this.#group.any().id;
    this.#group.any().call((core) => {
      core.reportUnreachable(other);
    });
  }

  forget(): void {
    this.#group.any().call((core) => {
      core.forgetLeader();
    });
  }

  changeMembers(): void {
    const { random, trace } = this.#world;
    const leader = this.#group.anyLeader();
    if (leader === undefined) return;
    const { confState } = this.#group.newest();
    const anywhere = random.chance(0.2);
    const drawn = this.#draw(confState, leader.id);
    // What arrives late may meet other voters than those of now.
    const change = anywhere || !keepsMajority(confState, drawn) ? harmless(drawn) : drawn;
    trace?.(NOBODY, `change ${change.transition} ${JSON.stringify(change.changes)}`);
    // Whoever is to join runs already, and waits to be told.
    for (const { node } of change.changes)
      if (!this.#group.members.has(node)) this.#group.add(node);
    const target = anywhere ? this.#group.any() : leader;
    const accepted = target.call((core) => {
      if (!anywhere) core.proposeConfChange(change);
      else core.proposeEntries([{ kind: "conf-change-v2", data: encodeConfChange(change) }]);
    });
    const replaces = change.changes.length > 1 && removes(change, leader.id);
    if (accepted && replaces && !anywhere) count(this.#world.coverage, "leader replaced");
  }

  #draw(now: ConfState, leader: NodeId): ConfChange {
    const { random } = this.#world;
    const joint = now.votersOutgoing.length > 0;
    if (joint && random.chance(0.5))
      return { transition: "auto", changes: [], context: NO_CONTEXT };
    const wanted = random.chance(0.6) ? 1 : 2 + random.integer(2);
    const changes: ConfChangeSingle[] = [];
    if (random.chance(0.15)) changes.push({ type: "remove", node: leader });
    while (changes.length < wanted) changes.push(this.#drawOne(now, changes));
    const transition = random.pick(["auto", "auto", "joint-implicit", "joint-explicit"] as const);
    return { transition, changes, context: NO_CONTEXT };
  }

  #drawOne(now: ConfState, taken: readonly ConfChangeSingle[]): ConfChangeSingle {
    const { random, profile, everMembers } = this.#world;
    const { members } = this.#group;
    const current = membersIn(now);
    const fresh = nodeId(members.size + 1);
    const room = members.size < profile.size + SPARE_MEMBERS;
    const outside = [...members.keys()].filter((id) => !current.has(id));
    const joins = current.size < 8 && random.chance(current.size <= profile.size ? 0.6 : 0.3);
    const isTaken = (node: NodeId): boolean => taken.some((change) => change.node === node);
    if (joins && room && !isTaken(fresh) && random.chance(0.7))
      return { type: random.chance(0.5) ? "add-voter" : "add-learner", node: fresh };
    if (joins && outside.length > 0) {
      // Also one that was a member before, and comes back with its old log.
      const node = random.pick(outside);
      const known = everMembers.has(node) || !isTaken(node);
      if (known) return { type: random.pick(["add-voter", "add-learner"] as const), node };
    }
    const node = random.pick([...current]);
    const type = random.pick([
      "remove",
      "add-learner",
      "add-voter",
      "add-voter",
      "update",
    ] as const);
    return { type, node };
  }
}

/**
 * True when the voters that stay are a majority of the present ones. Else a group can be stuck: those who go know of it
 * and cannot lead any more, but have the longer logs and give no vote to those who stay and do not know of it yet.
 */
function keepsMajority({ voters, votersOutgoing }: ConfState, { changes }: ConfChange): boolean {
  const goes = (voter: NodeId): boolean =>
    changes.some(({ type, node }) => node === voter && type !== "add-voter" && type !== "update");
  return [voters, votersOutgoing].every(
    (half) => 2 * half.filter(goes).length < half.length || half.length === 0,
  );
}

/** The change without loss of voters. */
function harmless(change: ConfChange): ConfChange {
  const changes = change.changes.map(
    ({ type, node }) => ({ type: type === "update" ? type : "add-voter", node }) as const,
  );
  return { ...change, changes };
}

function removes(change: ConfChange, id: NodeId): boolean {
  return change.changes.some(({ type, node }) => node === id && type === "remove");
}
