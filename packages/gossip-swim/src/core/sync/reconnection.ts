import { isSameAddress, type Address } from "../../address.ts";
import { seedsMax } from "../../limits.ts";
import type { Context } from "../context.ts";

/** How many attempts per interval the whole cluster makes on one dead member, about. */
const attemptsPerDead = 3;

/**
 * Whom to try although nobody vouches for it: dead members, and addresses of `join` where no member is known.
 * Without this a cluster that was cut in two long enough would never grow together again.
 */
export class Reconnection {
  readonly #ctx: Context;
  #seeds: Address[] = [];

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  remember(seed: Address): void {
    this.#seeds = this.#seeds.filter((known) => !isSameAddress(known, seed));
    this.#seeds.push(seed);
    if (this.#seeds.length > seedsMax) this.#seeds.shift();
  }

  /** An address to try now, or none: the larger the cluster, the rarer each node's attempts. */
  choose(): Address | undefined {
    const { members, random } = this.#ctx;
    const seeds = this.#strandedSeeds();
    const wanted = members.deadCount + seeds.length;
    if (wanted === 0) return undefined;
    if (random.next() >= (attemptsPerDead * wanted) / members.activeCount) return undefined;
    if (random.next() * wanted < seeds.length)
      return seeds[Math.floor(random.next() * seeds.length)];
    const dead = members.all().filter(({ state }) => state === "dead");
    return dead[Math.floor(random.next() * dead.length)]?.address;
  }

  #strandedSeeds(): Address[] {
    if (this.#seeds.length === 0) return [];
    const records = this.#ctx.members.all();
    return this.#seeds.filter(
      (seed) => !records.some((record) => isSameAddress(record.address, seed)),
    );
  }
}
