import { isRaftNodeError, nodeId } from "../src/index.ts";
import { describe, expect, it } from "vitest";
import { Cluster, hostOf, type MemberOptions } from "./cluster.ts";
import { randomOf } from "./random.ts";
import { text } from "./register.ts";

const settings = { snapshotIntervalEntries: 15, trailingEntries: 4 };
const ids = [1, 2, 3];

/** What became of each line that was proposed, and of the other calls. */
class Ledger {
  readonly applied = new Map<string, number>();
  readonly refused = new Set<string>();
  /** What no call may come to. */
  readonly faults: unknown[] = [];
  open = 0;
  newestId = Math.max(...ids);

  /** Sees that a call is settled, and how. */
  watch(call: Promise<unknown>): void {
    this.open += 1;
    call
      .catch((error: unknown) => {
        if (!isRaftNodeError(error)) this.faults.push(error);
      })
      .finally(() => (this.open -= 1));
  }
}

/** Proposes on whoever thinks that he leads, and notes the outcome once it is known. */
function propose(cluster: Cluster, ledger: Ledger, line: string): void {
  const leaders = [...cluster.members.values()].filter(
    ({ node }) => node.status().leader === node.id,
  );
  for (const [at, { node }] of leaders.entries()) {
    const own = `${line}/${at}`;
    const call = node.propose(text(own));
    ledger.watch(call);
    call.then(
      ({ index }) => ledger.applied.set(own, index),
      (error: unknown) => {
        if (isRaftNodeError(error) && error.outcome === "refused") ledger.refused.add(own);
      },
    );
  }
}

/** Reads on every member: each must then have what was known to be applied when it was asked. */
function read(cluster: Cluster, ledger: Ledger): void {
  const known = [...ledger.applied.keys()];
  for (const { node, register } of cluster.members.values()) {
    const call = node.read({ timeoutMs: 2_000 });
    ledger.watch(call);
    call.then(
      () => ledger.faults.push(...known.filter((line) => !register.lines.includes(line))),
      () => undefined,
    );
  }
}

/** Adds a member, removes one, or hands leadership over. */
async function change(
  cluster: Cluster,
  ledger: Ledger,
  { random, ...options }: MemberOptions & { readonly random: () => number },
): Promise<void> {
  const { leader } = cluster;
  if (leader === undefined) return;
  const { voters } = leader.status().core.confState;
  const choice = random();
  if (choice < 0.4 && voters.length < 5) {
    const id = nodeId((ledger.newestId += 1));
    await cluster.add(id, options);
    ledger.watch(leader.addMember(id, text("")));
  } else if (choice < 0.8 && voters.length > 3) {
    const id = voters[Math.floor(random() * voters.length)]!;
    ledger.watch(leader.removeMember(id));
  } else ledger.watch(leader.transferLeadership());
}

async function disturb(
  cluster: Cluster,
  random: () => number,
  options: MemberOptions,
): Promise<void> {
  const id = ids[Math.floor(random() * ids.length)]!;
  const choice = random();
  if (!cluster.members.has(id)) await cluster.add(id, options);
  else if (choice < 0.4 && ids.every((other) => cluster.members.has(other)))
    await cluster.crash(id);
  else if (choice < 0.6) cluster.network.partition([[hostOf(id)]]);
  else if (choice < 0.7) cluster.network.partition([[hostOf(id)]], { connections: "stall" });
  else cluster.network.heal();
}

async function pass(cluster: Cluster, ms: number): Promise<void> {
  const until = cluster.clock.now() + ms;
  await cluster.until(() => cluster.clock.now() >= until);
}

async function storm(seed: number, { changes }: { readonly changes: boolean }): Promise<void> {
  const options = { ...settings, onDisk: seed % 2 === 0 };
  const random = randomOf(seed);
  await using cluster = await Cluster.start(ids, options);
  const ledger = new Ledger();
  await cluster.elect();
  for (let round = 0; round < 60; round += 1) {
    for (let count = 0; count < 3; count += 1) propose(cluster, ledger, `${round}.${count}`);
    read(cluster, ledger);
    if (random() < 0.25) await disturb(cluster, random, options);
    if (changes && random() < 0.2) await change(cluster, ledger, { ...options, random });
    await pass(cluster, Math.floor(random() * 400));
  }
  cluster.network.heal();
  for (const id of ids) if (!cluster.members.has(id)) await cluster.add(id, options);
  await cluster.until(() => ledger.open === 0, "the end of every call");
  await cluster.until(() => cluster.leader !== undefined, "a leader");
  const { voters } = cluster.leader!.status().core.confState;
  const { node } = await cluster.elect(voters);
  await cluster.finish(node.propose(text("the end")));
  const members = voters.map((id) => cluster.get(id));
  await cluster.until(() => members.every(({ register }) => register.lines.at(-1) === "the end"));
  check(
    ledger,
    members.map(({ register }) => register.lines),
  );
}

function check(ledger: Ledger, logs: readonly (readonly string[])[]): void {
  const found = logs[0]!;
  for (const lines of logs) expect(lines).toEqual(found);
  expect(ledger.faults).toEqual([]);
  expect(new Set(found).size, "nothing is applied twice").toBe(found.length);
  for (const line of ledger.applied.keys()) expect(found).toContain(line);
  for (const line of ledger.refused) expect(found).not.toContain(line);
  const order = [...ledger.applied].sort((left, right) => left[1] - right[1]).map(([line]) => line);
  expect(found.filter((line) => ledger.applied.has(line))).toEqual(order);
  expect(ledger.applied.size, "the storm must leave room for work").toBeGreaterThan(5);
}

describe("a group in a storm of crashes and partitions", () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const place = `seed ${seed}, ${seed % 2 === 0 ? "disks" : "memory"}`;
    it(`keeps every promise (${place})`, () => storm(seed, { changes: false }));
    it(`keeps them while members come and go (${place})`, () => storm(seed, { changes: true }));
  }
});
