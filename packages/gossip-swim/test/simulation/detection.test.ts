import { expect, test } from "vitest";
import { createCluster, type Cluster, type ClusterOptions } from "./cluster.ts";

const five = ["a", "b", "c", "d", "e"];

function converged(cluster: Cluster, names: readonly string[]): boolean {
  return names.every((at) => names.every((name) => cluster.stateAt(at, name) === "alive"));
}

function startFive(options: ClusterOptions): Cluster {
  const cluster = createCluster(options);
  for (const name of five) cluster.start(name);
  for (const name of five) if (name !== "a") cluster.join(name, ["a"]);
  expect(cluster.runUntilTrue(() => converged(cluster, five), 2000)).toBe(true);
  cluster.scheduler.runUntil(cluster.scheduler.now() + 3000 + (options.seed % 1000));
  return cluster;
}

const allHold = (cluster: Cluster, name: string, state: string) =>
  five.every((at) => at === name || cluster.stateAt(at, name) === state);

test("lan, five nodes: a crashed one is dead everywhere within about six seconds, without help", () => {
  const times: number[] = [];
  for (let seed = 1; seed <= 60; seed += 1) {
    const cluster = startFive({ seed });
    const crashedMs = cluster.scheduler.now();
    cluster.crash("c");
    expect(cluster.runUntilTrue(() => allHold(cluster, "c", "dead"), 9000)).toBe(true);
    times.push(cluster.scheduler.now() - crashedMs);
  }
  times.sort((a, b) => a - b);
  expect(times[30]).toBeLessThan(5500);
  expect(times[54]).toBeLessThan(6500);
});

test("lan: probeNow on a crashed member makes it suspect within a second and a half", () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const cluster = startFive({ seed });
    cluster.crash("c");
    const crashedMs = cluster.scheduler.now();
    cluster.probeNow("a", "c");
    cluster.runUntilTrue(() => cluster.stateAt("a", "c") === "suspect", 3000);
    expect(cluster.scheduler.now() - crashedMs).toBeLessThanOrEqual(1100);
    expect(cluster.runUntilTrue(() => allHold(cluster, "c", "suspect"), 800)).toBe(true);
    expect(cluster.runUntilTrue(() => allHold(cluster, "c", "dead"), 4500)).toBe(true);
    expect(cluster.scheduler.now() - crashedMs).toBeLessThan(5500);
  }
});

test("lan: a node frozen for two seconds is not declared dead, and declares nobody dead or suspect", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const deaths: string[] = [];
    const cluster = startFive({
      seed,
      faults: seed % 2 === 0 ? { loss: 0.05 } : {},
      onEvent: (at, event) => {
        if (event.type === "member-dead") deaths.push(`${at}: ${event.member.name}`);
        if (event.type === "member-suspect" && at === "c" && seed % 2 === 1)
          deaths.push(`c suspects ${event.member.name}`);
      },
    });
    // The worst case: it is probed at once when it freezes.
    cluster.pause("c", 2000);
    for (const at of five) if (at !== "c") cluster.probeNow(at, "c");
    cluster.scheduler.runUntil(cluster.scheduler.now() + 8000);
    expect(deaths, `seed ${seed}`).toEqual([]);
    expect(cluster.runUntilTrue(() => converged(cluster, five), 2000)).toBe(true);
  }
});
