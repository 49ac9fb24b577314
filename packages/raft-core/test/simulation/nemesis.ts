import { count } from "./coverage.ts";
import type { Group } from "./group.ts";
import type { Member } from "./member.ts";
import { NOBODY } from "./world.ts";
import type { World } from "./world.ts";

/** What goes wrong. */
export class Nemesis {
  readonly #world: World;
  readonly #group: Group;

  constructor(world: World, group: Group) {
    this.#world = world;
    this.#group = group;
  }

  /** Cuts the group in two, often so that a leader is left with too few. */
  partition(): void {
    const { random, profile, trace, coverage } = this.#world;
    const { oneWay, leaderAlone, healMs } = profile.partitions;
    const ids = random.shuffle([...this.#group.members.keys()]);
    if (ids.length < 2) return;
    const leader = random.chance(leaderAlone) ? this.#group.anyLeader() : undefined;
    const others =
      leader === undefined ? ids : [leader.id, ...ids.filter((id) => id !== leader.id)];
    const few = Math.max(1, Math.ceil(ids.length / 2) - 1);
    const cut = 1 + random.integer(leader === undefined ? ids.length - 1 : few);
    let [from, to] = [others.slice(0, cut).map(String), others.slice(cut).map(String)];
    const way = random.chance(oneWay) ? "one-way" : "two-way";
    if (way === "one-way" && random.chance(0.5)) [from, to] = [to, from];
    trace?.(NOBODY, `partition ${from.join()} | ${to.join()} ${way}`);
    count(coverage, `partition: ${way}`);
    this.#group.network.partition(from, to, way);
    this.#world.schedule(random.range(0.2, 1.8) * healMs, () => {
      trace?.(NOBODY, "partition ends");
      this.#group.network.heal();
    });
  }

  crash(): void {
    const { random, profile, coverage } = this.#world;
    const { leader, wholeGroup } = profile.crashes;
    if (random.chance(wholeGroup)) {
      count(coverage, "crash of the whole group");
      for (const member of this.#group.members.values()) this.#crashOne(member);
    } else {
      const victim = random.chance(leader) ? this.#group.anyLeader() : undefined;
      this.#crashOne(victim ?? this.#group.any());
    }
  }

  #crashOne(member: Member): void {
    const { random, profile } = this.#world;
    member.crash();
    this.#world.schedule(random.range(0.2, 1.8) * profile.crashes.downMs, () => {
      member.start();
    });
  }

  pause(): void {
    const { random, profile } = this.#world;
    const victim = random.chance(0.5) ? this.#group.anyLeader() : undefined;
    (victim ?? this.#group.any()).pause(random.range(0.2, 1.8) * profile.pauses.forMs);
  }
}
