import { assert } from "../../internal/assert.ts";

interface Broadcast {
  readonly name: string;
  readonly part: Uint8Array;
}

/** How often each node sends one rumour. */
export function retransmitLimit(activeCount: number, multiplier: number): number {
  return multiplier * Math.ceil(Math.log10(activeCount + 1));
}

/** Parts of one tier that are passed over because they do not fit, at most: keeps filling a packet cheap. */
const misfitsMax = 16;

/**
 * Rumours to spread, at most one per member: a newer one about the same member takes the place of the older.
 * Those sent least often go first; among equals the oldest.
 */
export class BroadcastQueue {
  /** Index: how often the rumours in it were sent. Maps keep the order of insertion. */
  readonly #tiers: Map<string, Broadcast>[] = [];
  readonly #tierOf = new Map<string, number>();
  #onFinished: (name: string) => void = () => undefined;

  /** Called with the name when a rumour was sent for the last time (not when it was replaced). */
  set onFinished(listener: (name: string) => void) {
    this.#onFinished = listener;
  }

  get size(): number {
    return this.#tierOf.size;
  }

  has(name: string): boolean {
    return this.#tierOf.has(name);
  }

  put(name: string, part: Uint8Array): void {
    this.remove(name);
    this.#tier(0).set(name, { name, part });
    this.#tierOf.set(name, 0);
  }

  remove(name: string): void {
    const tier = this.#tierOf.get(name);
    if (tier === undefined) return;
    this.#tiers[tier]?.delete(name);
    this.#tierOf.delete(name);
  }

  /**
   * Takes the parts for one packet and counts them as sent.
   * @param budgetBytes what they may take together, `overheadBytes` each included
   */
  take(budgetBytes: number, overheadBytes: number, limit: number): Uint8Array[] {
    const taken: { broadcast: Broadcast; tier: number }[] = [];
    let leftBytes = budgetBytes;
    for (const [tier, broadcasts] of this.#tiers.entries()) {
      let misfits = 0;
      for (const broadcast of broadcasts.values()) {
        const bytes = broadcast.part.length + overheadBytes;
        if (bytes <= leftBytes) {
          leftBytes -= bytes;
          taken.push({ broadcast, tier });
        } else if ((misfits += 1) > misfitsMax) break;
      }
    }
    for (const { broadcast, tier } of taken) this.#advance(broadcast, tier, limit);
    return taken.map(({ broadcast }) => broadcast.part);
  }

  #advance(broadcast: Broadcast, tier: number, limit: number): void {
    const { name } = broadcast;
    assert(this.#tierOf.get(name) === tier, "a broadcast is in one tier only");
    this.#tiers[tier]?.delete(name);
    if (tier + 1 >= limit) {
      this.#tierOf.delete(name);
      this.#onFinished(name);
      return;
    }
    this.#tier(tier + 1).set(name, broadcast);
    this.#tierOf.set(name, tier + 1);
  }

  #tier(index: number): Map<string, Broadcast> {
    while (this.#tiers.length <= index) this.#tiers.push(new Map());
    const tier = this.#tiers[index];
    assert(tier !== undefined, "tier exists");
    return tier;
  }
}
