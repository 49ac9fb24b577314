import { isRaftNodeError } from "../src/index.ts";
import { describe, expect, it } from "vitest";
import { Cluster, hostOf, type MemberOptions } from "./cluster.ts";
import { randomOf } from "./random.ts";
import { text } from "./register.ts";

const settings = { snapshotIntervalEntries: 15, trailingEntries: 4 };
const ids = [1, 2, 3];

/** What became of each line that was proposed. */
interface Ledger {
  readonly applied: Map<string, number>;
  readonly refused: Set<string>;
}

/** Proposes on whoever thinks that he leads, and notes the outcome once it is known. */
function propose(cluster: Cluster, ledger: Ledger, line: string): void {
  const leaders = [...cluster.members.values()].filter(
    ({ node }) => node.status().leader === node.id,
  );
  for (const [at, { node }] of leaders.entries()) {
    const own = `${line}/${at}`;
    node.propose(text(own)).then(
      ({ index }) => ledger.applied.set(own, index),
      (error: unknown) => {
        if (isRaftNodeError(error) && error.outcome === "refused") ledger.refused.add(own);
      },
    );
  }
}

async function disturb(
  cluster: Cluster,
  random: () => number,
  options: MemberOptions,
): Promise<void> {
  const id = ids[Math.floor(random() * ids.length)]!;
  const choice = random();
  if (!cluster.members.has(id)) await cluster.add(id, options);
  else if (choice < 0.4 && cluster.members.size === ids.length) await cluster.crash(id);
  else if (choice < 0.6) cluster.network.partition([[hostOf(id)]]);
  else if (choice < 0.7) cluster.network.partition([[hostOf(id)]], { connections: "stall" });
  else cluster.network.heal();
}

async function pass(cluster: Cluster, ms: number): Promise<void> {
  const until = cluster.clock.now() + ms;
  await cluster.until(() => cluster.clock.now() >= until);
}

async function storm(seed: number): Promise<void> {
  const options = { ...settings, onDisk: seed % 2 === 0 };
  const random = randomOf(seed);
  await using cluster = await Cluster.start(ids, options);
  const ledger: Ledger = { applied: new Map(), refused: new Set() };
  await cluster.elect();
  for (let round = 0; round < 60; round += 1) {
    for (let count = 0; count < 3; count += 1) propose(cluster, ledger, `${round}.${count}`);
    if (random() < 0.25) await disturb(cluster, random, options);
    await pass(cluster, Math.floor(random() * 400));
  }
  cluster.network.heal();
  for (const id of ids) if (!cluster.members.has(id)) await cluster.add(id, options);
  const { node } = await cluster.elect();
  await cluster.finish(node.propose(text("the end")));
  const members = [...cluster.members.values()];
  await cluster.until(() => members.every(({ register }) => register.lines.at(-1) === "the end"));
  const [first] = members;
  for (const { register } of members) expect(register.lines).toEqual(first!.register.lines);
  const found = first!.register.lines;
  expect(new Set(found).size, "nothing is applied twice").toBe(found.length);
  for (const line of ledger.applied.keys()) expect(found).toContain(line);
  for (const line of ledger.refused) expect(found).not.toContain(line);
  const order = [...ledger.applied].sort((left, right) => left[1] - right[1]).map(([line]) => line);
  expect(found.filter((line) => ledger.applied.has(line))).toEqual(order);
  expect(ledger.applied.size, "the storm must leave room for work").toBeGreaterThan(5);
}

describe("a group in a storm of crashes and partitions", () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    it(`keeps every promise (seed ${seed}, ${seed % 2 === 0 ? "disks" : "memory"})`, () =>
      storm(seed));
  }
});
