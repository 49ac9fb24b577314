import type { Slot } from "./slots.ts";

/**
 * Slots in the order in which they are to be kept: the first copy on each node before the second ones, and so on, so
 * that what stays is spread; among equals those that run, then low slot numbers. Slots without a node, or with two live
 * tasks, are the first to go.
 */
export function orderForScaleDown(slots: readonly Slot[]): Slot[] {
  const ranked = slots
    .map((slot) => ({ slot, running: isRunning(slot) ? 0 : 1 }))
    .sort((a, b) => a.running - b.running || a.slot.number - b.slot.number);
  const copies = new Map<string, number>();
  const ordinals = new Map<Slot, number>();
  for (const { slot } of ranked) {
    const nodeId = nodeOf(slot);
    if (nodeId === "") continue;
    const ordinal = copies.get(nodeId) ?? 0;
    copies.set(nodeId, ordinal + 1);
    ordinals.set(slot, ordinal);
  }
  const ordinalOf = (slot: Slot) => ordinals.get(slot) ?? Infinity;
  // `Infinity - Infinity` is not a number, hence the comparison.
  return ranked
    .sort((a, b) => {
      const [left, right] = [ordinalOf(a.slot), ordinalOf(b.slot)];
      if (left !== right) return left < right ? -1 : 1;
      return a.running - b.running || a.slot.number - b.slot.number;
    })
    .map(({ slot }) => slot);
}

function isRunning(slot: Slot): boolean {
  return slot.live.some((task) => task.status.state === "running");
}

function nodeOf(slot: Slot): string {
  if (slot.live.length > 1) return "";
  return slot.live[0]?.nodeId ?? slot.finished?.nodeId ?? "";
}
