import type { FaultVfs, VfsFault, VfsOperation } from "./fault-vfs.ts";
import type { RaftStore } from "../store.ts";
import type { Vfs } from "../file/vfs/vfs.ts";
import { assert } from "../internal/assert.ts";
import { entryAt, refuses } from "./case.ts";
import {
  type CrashStep,
  emptyModel,
  fixedSteps,
  matches,
  modelsOf,
  randomSteps,
  type StoreModel,
} from "./crash-steps.ts";
import { createFaultVfs } from "./fault-vfs.ts";
import { randomOf } from "./seeded.ts";

/** How the cases get at a store that keeps its data through a {@link Vfs}. */
export interface CrashSubject {
  /** Opens the store on what the file system holds. Time must play no part in it, and segments should be small. */
  open(vfs: Vfs): Promise<RaftStore>;
}

/** One way in which a disk, or the power, may fail. */
export interface CrashCase {
  readonly name: string;
  /** Rejects when the store loses what it said to be durable, or does not say what failed. */
  run(subject: CrashSubject): Promise<void>;
}

interface Outcome {
  /** Steps that were begun. */
  begun: number;
  /** Steps that are surely durable. */
  durable: number;
}

const AT_ONCE = 7;

/** Runs the steps until one fails. With `atOnce` so many of the first are made without waiting. */
async function work(
  subject: CrashSubject,
  vfs: FaultVfs,
  plan: { readonly steps: readonly CrashStep[]; readonly atOnce: number },
): Promise<Outcome> {
  const outcome = { begun: 0, durable: 0 };
  const store = await subject.open(vfs).catch(() => undefined);
  if (store === undefined) return outcome;
  const one = async (step: CrashStep, at: number): Promise<void> => {
    outcome.begun = Math.max(outcome.begun, at + 1);
    await step.run(store);
    if (step.durable) outcome.durable = Math.max(outcome.durable, at + 1);
  };
  await Promise.allSettled(plan.steps.slice(0, plan.atOnce).map(one));
  try {
    for (const [at, step] of plan.steps.entries()) if (at >= plan.atOnce) await one(step, at);
    await store.close();
  } catch {
    await store.close().catch(() => undefined);
  }
  return outcome;
}

/** Opens what a crash left and resolves with the model that it matches, of those that it may. */
async function found(
  subject: CrashSubject,
  vfs: FaultVfs,
  expected: { readonly models: readonly StoreModel[]; readonly outcome: Outcome },
): Promise<StoreModel> {
  const { models, outcome } = expected;
  const store = await subject.open(vfs);
  try {
    for (let at = outcome.begun; at >= outcome.durable; at -= 1) {
      const model = models[at];
      if (model !== undefined && (await matches(store, model))) return model;
    }
  } finally {
    await store.close();
  }
  const message = `durable ${outcome.durable}, begun ${outcome.begun}`;
  assert(false, `the store holds none of the states that it may: ${message}`);
}

async function goesOn(subject: CrashSubject, vfs: FaultVfs): Promise<void> {
  const store = await subject.open(vfs);
  const { entries, snapshot } = store.initial();
  const last = entries.at(-1)?.index ?? snapshot?.index ?? 0;
  await store.append({ entries: [entryAt(last + 1, 9)], sync: true });
  await store.close();
  const again = await subject.open(vfs);
  assert(again.initial().entries.at(-1)?.term === 9, "what is appended after a crash stays");
  await again.close();
}

function crashAt(
  point: number,
): (_: VfsOperation, __: string, count: number) => VfsFault | undefined {
  return (_, __, count) => (count === point ? "crash" : undefined);
}

async function operationsOf(subject: CrashSubject, atOnce: number): Promise<number> {
  const probe = createFaultVfs({ random: randomOf(0) });
  const outcome = await work(subject, probe, { steps: fixedSteps, atOnce });
  assert(outcome.durable === fixedSteps.length, "without faults every step must succeed");
  return probe.operationCount;
}

async function everyPoint(subject: CrashSubject, atOnce: number): Promise<void> {
  const models = modelsOf(fixedSteps);
  const points = await operationsOf(subject, atOnce);
  for (let point = 1; point <= points; point += 1) {
    for (const seed of [1, 2]) {
      const random = randomOf(seed * 1_000 + point);
      const sectorBytes = seed % 2 === 0 ? 4_096 : 512;
      const names = (seed + point) % 2 === 0 ? "any" : "in-order";
      const vfs = createFaultVfs({ random, sectorBytes, names, fault: crashAt(point) });
      const outcome = await work(subject, vfs, { steps: fixedSteps, atOnce });
      const rebooted = vfs.reboot({ random: randomOf(seed) });
      await found(subject, rebooted, { models, outcome });
      await goesOn(subject, rebooted);
    }
  }
}

async function crashDuringRecovery(subject: CrashSubject): Promise<void> {
  const models = modelsOf(fixedSteps);
  const points = await operationsOf(subject, 0);
  for (let point = 1; point < points; point += 7) {
    const first = createFaultVfs({ random: randomOf(point), fault: crashAt(point) });
    const outcome = await work(subject, first, { steps: fixedSteps, atOnce: 0 });
    for (let second = 1; second < 30; second += 3) {
      const mended = first.reboot({ random: randomOf(second), fault: crashAt(second) });
      const opened = await subject.open(mended).catch(() => undefined);
      await opened?.close().catch(() => undefined);
      const rebooted = mended.reboot({ random: randomOf(second + 1) });
      await found(subject, rebooted, { models, outcome });
    }
  }
}

async function shortWrites(subject: CrashSubject): Promise<void> {
  const fault = (operation: VfsOperation, _: string, count: number): VfsFault | undefined =>
    operation === "write" && count % 2 === 0 ? "short-write" : undefined;
  const vfs = createFaultVfs({ random: randomOf(5), fault });
  const outcome = await work(subject, vfs, { steps: fixedSteps, atOnce: 0 });
  assert(outcome.durable === fixedSteps.length, "a short write is no fault");
  await found(subject, vfs, { models: modelsOf(fixedSteps), outcome });
}

async function diskFull(subject: CrashSubject): Promise<void> {
  const points = await operationsOf(subject, 0);
  const outcome = { begun: fixedSteps.length, durable: fixedSteps.length };
  for (let point = 1; point <= points; point += 1) {
    let full = false;
    const fault = (operation: VfsOperation, _: string, count: number): VfsFault | undefined => {
      if (count === point) full = true;
      return full && (operation === "write" || operation === "create") ? "ENOSPC" : undefined;
    };
    const vfs = createFaultVfs({ random: randomOf(point), fault });
    const store = await subject.open(vfs).catch(() => undefined);
    if (store === undefined) {
      await goesOn(subject, vfs.reboot({ random: randomOf(1) }));
      continue;
    }
    for (const step of fixedSteps) {
      const attempt = step.run(store);
      const succeeded = await attempt.then(
        () => true,
        () => false,
      );
      if (succeeded) continue;
      await refuses("disk-full", attempt);
      full = false;
      await step.run(store);
    }
    await store.close();
    full = false;
    await found(subject, vfs, { models: modelsOf(fixedSteps), outcome });
  }
}

/**
 * The disk fails once, at any operation, and works again after: what it lost then must not be taken for stored. The power
 * fails soon after, or never.
 */
async function failsOnce(subject: CrashSubject): Promise<void> {
  const models = modelsOf(fixedSteps);
  const points = await operationsOf(subject, 0);
  for (let point = 1; point <= points; point += 1) {
    for (const crashAfter of [2, 5, Infinity]) {
      const fault = (operation: VfsOperation, _: string, count: number): VfsFault | undefined => {
        if (count === point + crashAfter) return "crash";
        return count === point && operation !== "read" ? "EIO" : undefined;
      };
      const vfs = createFaultVfs({ random: randomOf(point), fault });
      const outcome = await work(subject, vfs, { steps: fixedSteps, atOnce: 0 });
      const rebooted = vfs.reboot({ random: randomOf(point) });
      await found(subject, rebooted, { models, outcome });
      await goesOn(subject, rebooted);
    }
  }
}

/** Every case; each walks through all points at which its fault can come. */
export const crashCases: readonly CrashCase[] = [
  { name: "loses nothing synced at any crash point", run: (subject) => everyPoint(subject, 0) },
  {
    name: "loses nothing synced at any crash point with calls made at once",
    run: (subject) => everyPoint(subject, AT_ONCE),
  },
  { name: "survives a crash during recovery", run: crashDuringRecovery },
  { name: "is not disturbed by short writes", run: shortWrites },
  { name: "refuses with disk-full wherever the room ends, and goes on later", run: diskFull },
  { name: "loses nothing synced when the disk fails once, anywhere", run: failsOnce },
];

const GENERATIONS = 4;
const STEPS_MAX = 30;

/**
 * Random calls, a crash at a random operation, and on from there, four times over; all by one seed.
 * Rejects as a {@link CrashCase} does.
 */
export async function runCrashSeed(subject: CrashSubject, seed: number): Promise<void> {
  const random = randomOf(seed);
  const options = () => ({
    random,
    sectorBytes: random() < 0.5 ? 512 : 4_096,
    names: random() < 0.5 ? ("any" as const) : ("in-order" as const),
    fault: crashAt(1 + Math.floor(random() * 120)),
  });
  let vfs = createFaultVfs(options());
  let model = emptyModel;
  for (let generation = 0; generation < GENERATIONS; generation += 1) {
    const steps = randomSteps(random, 1 + Math.floor(random() * STEPS_MAX), model);
    const outcome = await work(subject, vfs, { steps, atOnce: 0 });
    // Half of the recoveries are cut short as well.
    if (random() < 0.5) {
      vfs = vfs.reboot({ ...options(), fault: crashAt(1 + Math.floor(random() * 30)) });
      await subject
        .open(vfs)
        .then((store) => store.close())
        .catch(() => undefined);
    }
    vfs = vfs.reboot({ random });
    model = await found(subject, vfs, { models: modelsOf(steps, model), outcome });
    vfs = vfs.reboot(options());
  }
}
