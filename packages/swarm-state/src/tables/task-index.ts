import type { SwarmObject } from "../objects/object.ts";

/** What tasks are found by, besides id and name. */
export type TaskIndexName = "service" | "node" | "slot";

export const TASK_INDEXES: readonly TaskIndexName[] = ["service", "node", "slot"];

/** The key of a slot in the index `slot`. */
export function slotKey(serviceId: string, slot: number): string {
  return `${serviceId}/${slot}`;
}

/** The key of `object` in one of the task indexes; undefined where it is not in it. */
export function taskKey(index: TaskIndexName, object: SwarmObject): string | undefined {
  if (object.kind !== "task") return undefined;
  if (index === "slot") return slotKey(object.serviceId, object.slot);
  const id = index === "service" ? object.serviceId : object.nodeId;
  return id === "" ? undefined : id;
}
