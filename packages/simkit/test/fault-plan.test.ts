import { expect, test } from "vitest";
import { drawFaultPlan, noFaults } from "../src/fault-plan.ts";
import { createPacketSimulator } from "../src/packet-simulator.ts";
import { createRandom } from "../src/prng.ts";
import { createScheduler } from "../src/scheduler.ts";

test("a plan is drawn from the seed alone and keeps its bounds", () => {
  const bounds = { lossMax: 0.1, delayMsMeanMax: 5 };
  for (let seed = 0; seed < 200; seed += 1) {
    const plan = drawFaultPlan(createRandom(seed), bounds);
    expect(drawFaultPlan(createRandom(seed), bounds)).toEqual(plan);
    expect(plan.network.loss).toBeLessThan(0.1);
    expect(plan.network.delayMsMean).toBeLessThan(5);
    const random = createRandom(seed);
    createPacketSimulator({ scheduler: createScheduler(), random, faults: plan.network });
  }
});

test("each feature is on in some plans and off in others", () => {
  const plans = Array.from({ length: 100 }, (_, seed) => drawFaultPlan(createRandom(seed)));
  const features = [
    (n: number) => plans[n]!.network.loss,
    (n: number) => plans[n]!.network.partitionEveryMs,
    (n: number) => plans[n]!.process.crashEveryMs,
    (n: number) => plans[n]!.disk.tear,
  ];
  for (const feature of features) {
    const on = plans.filter((_, n) => feature(n) > 0).length;
    expect(on).toBeGreaterThan(25);
    expect(on).toBeLessThan(75);
  }
});

test("no faults are none", () => {
  expect(noFaults.network).toMatchObject({ loss: 0, duplication: 0, reordering: 0 });
});
