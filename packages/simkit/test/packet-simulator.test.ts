import { expect, test } from "vitest";
import type { NetworkFaults } from "../src/fault-plan.ts";
import { createHistory } from "../src/history.ts";
import { createPacketSimulator } from "../src/packet-simulator.ts";
import { createRandom } from "../src/prng.ts";
import { createScheduler } from "../src/scheduler.ts";

function setup(seed: number, faults: Partial<NetworkFaults> = {}) {
  const scheduler = createScheduler();
  const network = createPacketSimulator<number>({ scheduler, random: createRandom(seed), faults });
  const history = createHistory();
  const received: number[] = [];
  network.attach("b", (packet, from) => {
    received.push(packet);
    history.record(scheduler.now(), "b", `got ${packet} from ${from}`);
  });
  return { scheduler, network, history, received };
}

const rough = { delayMsMean: 20, loss: 0.2, duplication: 0.2, reordering: 0.3 };

test("the same seed gives the same history, to the bit", () => {
  const run = (seed: number) => {
    const { scheduler, network, history } = setup(seed, rough);
    for (let n = 0; n < 200; n += 1) scheduler.schedule(n, () => network.send("a", "b", n));
    scheduler.runUntilIdle();
    return { lines: history.lines(), digest: history.digest() };
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1).digest).not.toBe(run(2).digest);
});

test("without faults packets arrive once, in order, after the delay", () => {
  const { scheduler, network, received } = setup(1, { delayMsMin: 3, delayMsMean: 3 });
  for (let n = 0; n < 20; n += 1) network.send("a", "b", n);
  scheduler.runUntilIdle();
  expect(received).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(scheduler.now()).toBe(3);
});

test("order is kept with random delays unless reordering is asked for", () => {
  const inOrder = (faults: Partial<NetworkFaults>) => {
    const { scheduler, network, received } = setup(4, { delayMsMean: 50, ...faults });
    for (let n = 0; n < 100; n += 1) network.send("a", "b", n);
    scheduler.runUntilIdle();
    return received.every((packet, index) => packet === index);
  };
  expect(inOrder({})).toBe(true);
  expect(inOrder({ reordering: 0.5 })).toBe(false);
});

test("loss and duplication come at about their rates", () => {
  const { scheduler, network } = setup(2, { loss: 0.25, duplication: 0.1 });
  for (let n = 0; n < 4000; n += 1) network.send("a", "b", n);
  scheduler.runUntilIdle();
  const counts = network.counts();
  expect(Math.abs(counts.lost - 1000)).toBeLessThan(120);
  expect(Math.abs(counts.duplicated - 300)).toBeLessThan(80);
  expect(counts.delivered).toBe(counts.sent - counts.lost + counts.duplicated);
});

test("the mean delay is what the plan says", () => {
  const { scheduler, network } = setup(3, { delayMsMin: 5, delayMsMean: 25, reordering: 1 });
  let sum = 0;
  network.attach("b", () => (sum += scheduler.now()));
  for (let n = 0; n < 5000; n += 1) network.send("a", "b", n);
  scheduler.runUntilIdle();
  expect(Math.abs(sum / 5000 - 25)).toBeLessThan(1.5);
});

test("partitions cut both ways or one, also packets under way, until healed", () => {
  const { scheduler, network, received } = setup(1);
  const back: number[] = [];
  network.attach("a", (packet) => back.push(packet));
  network.send("a", "b", 1);
  network.partition(["a"], ["b"], "one-way");
  network.send("a", "b", 2);
  network.send("b", "a", 3);
  scheduler.runUntilIdle();
  expect([received, back]).toEqual([[], [3]]);
  network.partition(["a"], ["b"]);
  expect(network.isCut("b", "a")).toBe(true);
  network.heal();
  network.send("a", "b", 4);
  scheduler.runUntilIdle();
  expect(received).toEqual([4]);
  expect(network.counts().cut).toBe(2);
});

test("a link may have faults of its own, and a detached node receives nothing", () => {
  const { scheduler, network, received } = setup(1);
  network.setLink("a", "b", { loss: 1 });
  network.send("a", "b", 1);
  network.send("c", "b", 2);
  network.send("a", "nobody", 3);
  scheduler.runUntilIdle();
  expect(received).toEqual([2]);
  expect(network.counts()).toMatchObject({ lost: 1, unreachable: 1 });
  expect(() => network.setDefaults({ loss: 2 })).toThrow("probability");
});

test("late packets are overtaken, and hold up nobody", () => {
  const { scheduler, network, received } = setup(5, { late: 0.1, lateMsMean: 500 });
  const sentAt: number[] = [];
  const delays: number[] = [];
  network.attach("b", (packet) => {
    received.push(packet);
    delays.push(scheduler.now() - sentAt[packet]!);
  });
  for (let n = 0; n < 1000; n += 1)
    scheduler.schedule(n, () => {
      sentAt[n] = scheduler.now();
      network.send("a", "b", n);
    });
  scheduler.runUntilIdle();
  expect(received).toHaveLength(1000);
  const late = delays.filter((delayMs) => delayMs > 1.001);
  expect(Math.abs(late.length - 100)).toBeLessThan(40);
  expect(Math.max(...late)).toBeGreaterThan(1000);
});
