import type { SwarmStore, Transaction } from "@waggle/swarm-state";
import { isTooLarge, writeHalved } from "../internal/write-halved.ts";
import type { PlannedChange } from "../planner/planner.ts";
import { CHANGES_PER_TRANSACTION_MAX, TRANSACTIONS_IN_FLIGHT_MAX } from "./limits.ts";

type PlanStore = Pick<SwarmStore, "update">;
type Group = readonly PlannedChange[];

/**
 * Writes planned changes in transactions of bounded size and waits until all are applied. A group whose objects have
 * changed since they were read is left out as a whole.
 *
 * @returns how many groups were left out.
 * @throws whatever `store.update` rejects with; the transactions begun by then are still awaited. A group that is too
 * large by itself keeps no other from being written: its `too-large` is thrown in the end.
 */
export async function writePlan(
  store: PlanStore,
  changes: readonly PlannedChange[],
): Promise<number> {
  const batches = intoBatches(intoGroups(changes));
  let skipped = 0;
  let tooLarge: Error | undefined;
  const onTooLarge = (error: Error): void => void (tooLarge ??= error);
  for (let at = 0; at < batches.length; at += TRANSACTIONS_IN_FLIGHT_MAX) {
    const results = await Promise.allSettled(
      batches
        .slice(at, at + TRANSACTIONS_IN_FLIGHT_MAX)
        .map((batch) => writeBatch(store, batch, onTooLarge)),
    );
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      skipped += result.value;
    }
  }
  if (tooLarge !== undefined) throw tooLarge;
  return skipped;
}

/** Changes that follow each other under one name. */
function intoGroups(changes: readonly PlannedChange[]): Group[] {
  const groups: PlannedChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last?.[0]?.group === change.group) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

function intoBatches(groups: readonly Group[]): Group[][] {
  const batches: Group[][] = [];
  let size = Infinity;
  for (const group of groups) {
    size += group.length;
    if (size > CHANGES_PER_TRANSACTION_MAX) {
      batches.push([]);
      size = group.length;
    }
    batches.at(-1)?.push(group);
  }
  return batches;
}

async function writeBatch(
  store: PlanStore,
  batch: readonly Group[],
  onTooLarge: (error: Error) => void,
): Promise<number> {
  const skipped = await writeHalved(batch, async (part) => {
    try {
      return await store.update((tx) => applyGroups(tx, part));
    } catch (error) {
      if (part.length > 1 || !isTooLarge(error)) throw error;
      onTooLarge(error);
      return 0;
    }
  });
  return skipped.reduce((sum, count) => sum + count, 0);
}

function applyGroups(tx: Transaction, groups: readonly Group[]): number {
  let skipped = 0;
  for (const group of groups)
    if (group.every((change) => isCurrent(tx, change)))
      for (const change of group) applyChange(tx, change);
    else skipped++;
  return skipped;
}

function isCurrent(tx: Transaction, change: PlannedChange): boolean {
  const stored = tx.get(change.object.kind, change.object.id);
  if (change.type === "create") return stored === undefined;
  return stored?.version === change.object.version;
}

function applyChange(tx: Transaction, change: PlannedChange): void {
  switch (change.type) {
    case "create":
      tx.create(change.object);
      return;
    case "update":
      tx.update(change.object);
      return;
    case "delete":
      tx.delete(change.object.kind, change.object.id);
  }
}
