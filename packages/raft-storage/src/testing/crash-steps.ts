import type { AppendBatch, RaftStore } from "../store.ts";
import type { Entry, HardState } from "@waggle/raft-core";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { crc32 } from "../internal/crc32.ts";
import { chunksOf, entriesOf, entryAt, holds, metadataAt, snapshotBytes } from "./case.ts";

/** What a store should hold, written naively. */
export interface StoreModel {
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  readonly snapshot: { readonly index: number; readonly byteLength: number } | undefined;
}

/** One call, and what it makes of the model. */
export interface CrashStep {
  readonly name: string;
  /** Whether it is durable, with all before it, once it has resolved. */
  readonly durable: boolean;
  run(store: RaftStore): Promise<void>;
  after(model: StoreModel): StoreModel;
}

function appendStep(batch: AppendBatch): CrashStep {
  return {
    name: `append ${batch.entries[0]?.index}`,
    durable: batch.sync,
    run: (store) => store.append(batch),
    after: (model) => {
      const first = batch.entries[0]?.index ?? Infinity;
      const kept = model.entries.filter(({ index }) => index < first);
      return {
        ...model,
        hardState: batch.hardState ?? model.hardState,
        entries: [...kept, ...batch.entries],
      };
    },
  };
}

function snapshotStep(index: number, truncateLog: boolean): CrashStep {
  const byteLength = 700 + index;
  return {
    name: `snapshot ${index}`,
    durable: true,
    run: (store) =>
      store.saveSnapshot(metadataAt(index), chunksOf(index, [700, index]), { truncateLog }),
    after: (model) => ({
      ...model,
      snapshot: { index, byteLength },
      entries: truncateLog ? [] : model.entries,
    }),
  };
}

function stagedStep(index: number): CrashStep {
  const bytes = new Uint8Array(900).fill(index);
  return {
    name: `staged ${index}`,
    durable: true,
    run: async (store) => {
      const stage = await store.stageSnapshot(metadataAt(index), "sender");
      for (let at = stage.byteLength; at < bytes.byteLength; at += 300) {
        await stage.write(bytes.subarray(at, at + 300));
      }
      await stage.complete({ byteLength: bytes.byteLength, crc32: crc32(bytes) });
      await store.installSnapshot(metadataAt(index));
    },
    after: (model) => ({ ...model, snapshot: { index, byteLength: 900 }, entries: [] }),
  };
}

function compactStep(through: number): CrashStep {
  const run = (store: RaftStore): Promise<void> => store.compact(logIndex(through));
  return { name: `compact ${through}`, durable: false, run, after: (model) => model };
}

function hard(termNumber: number, commit: number): HardState {
  return { term: term(termNumber), vote: nodeId(1), commit: logIndex(commit) };
}

/** Calls of every kind, large against segments of 4 KiB. The first seven may be made at once. */
export const fixedSteps: readonly CrashStep[] = [
  appendStep({ hardState: hard(1, 0), entries: entriesOf(1, 2, 1), sync: true }),
  appendStep({ entries: [entryAt(3, 1, 900)], sync: true }),
  appendStep({ hardState: hard(1, 2), entries: [], sync: false }),
  appendStep({ entries: [entryAt(4, 1, 1_500)], sync: true }),
  appendStep({ hardState: hard(2, 2), entries: [entryAt(3, 2, 1_200), entryAt(4, 2)], sync: true }),
  appendStep({ entries: [entryAt(5, 2, 1_800)], sync: false }),
  appendStep({ entries: [entryAt(6, 2, 700)], sync: true }),
  snapshotStep(4, false),
  appendStep({ entries: [entryAt(7, 2, 2_000)], sync: true }),
  compactStep(4),
  appendStep({ hardState: hard(2, 7), entries: [entryAt(8, 2, 600)], sync: true }),
  snapshotStep(7, false),
  compactStep(7),
  snapshotStep(40, true),
  appendStep({ hardState: hard(3, 40), entries: entriesOf(41, 44, 3), sync: true }),
  appendStep({ entries: [entryAt(45, 3, 3_000)], sync: true }),
  appendStep({ entries: [entryAt(46, 3, 600)], sync: false }),
  appendStep({ entries: [entryAt(47, 3, 3_500)], sync: true }),
  stagedStep(60),
  appendStep({ entries: entriesOf(61, 62, 3), sync: true }),
];

export const emptyModel: StoreModel = { hardState: undefined, entries: [], snapshot: undefined };

/** What a store may hold before each step, and after the last. */
export function modelsOf(
  steps: readonly CrashStep[],
  first: StoreModel = emptyModel,
): readonly StoreModel[] {
  const models = [first];
  for (const step of steps) models.push(step.after(models.at(-1) ?? first));
  return models;
}

/** Any calls that the model allows, of all kinds. */
export function randomSteps(
  random: () => number,
  count: number,
  first: StoreModel,
): readonly CrashStep[] {
  const steps: CrashStep[] = [];
  let model = first;
  for (let at = 0; at < count; at += 1) {
    const step = randomStep(random, model);
    steps.push(step);
    model = step.after(model);
  }
  return steps;
}

function randomStep(random: () => number, model: StoreModel): CrashStep {
  const below = (limit: number): number => Math.floor(random() * limit);
  const floor = model.snapshot?.index ?? 0;
  const last = model.entries.at(-1)?.index ?? floor;
  const termNumber = (model.hardState?.term ?? 0) + 1;
  const kind = random();
  if (kind < 0.06 && last > floor) return snapshotStep(floor + 1 + below(last - floor), false);
  if (kind < 0.1 && floor > 0) return compactStep(1 + below(floor));
  if (kind < 0.13) return snapshotStep(last + 1 + below(20), true);
  if (kind < 0.16) return stagedStep(last + 1 + below(20));
  if (kind < 0.24)
    return appendStep({ hardState: hard(termNumber, last), entries: [], sync: random() < 0.5 });
  // Some replace a suffix of the log.
  const start = kind < 0.4 && last > floor ? floor + 1 + below(last - floor) : last + 1;
  const entries = Array.from({ length: 1 + below(4) }, (_, at) =>
    entryAt(start + at, termNumber, below(kind < 0.6 ? 2_500 : 100)),
  );
  const hardState = random() < 0.5 ? hard(termNumber, floor) : undefined;
  return appendStep({ hardState, entries, sync: random() < 0.7 });
}

/** Whether a store that was just opened holds what the model says. */
export async function matches(store: RaftStore, model: StoreModel): Promise<boolean> {
  const state = store.initial();
  if (state.snapshot?.index !== model.snapshot?.index) return false;
  if (JSON.stringify(state.hardState) !== JSON.stringify(model.hardState)) return false;
  try {
    holds(state, model.entries);
  } catch {
    return false;
  }
  return (await snapshotBytes(store))?.byteLength === model.snapshot?.byteLength;
}
