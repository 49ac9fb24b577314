import { z } from "zod";
import { nodeSchema, serviceSchema, type ApiTask } from "../api-types.ts";
import type { EngineClient } from "../engine-client.ts";
import { formatAge, renderTable, shortId } from "../output.ts";

/** Tasks by service and slot, the newest of a slot first. */
export async function renderTasks(
  client: EngineClient,
  tasks: readonly ApiTask[],
): Promise<string> {
  const nodes = await client.get("/nodes", z.array(nodeSchema));
  const services = await client.get("/services", z.array(serviceSchema));
  const hosts = new Map(nodes.map((node) => [node.ID, node.Description?.Hostname ?? node.ID]));
  const names = new Map(services.map((service) => [service.ID, service.Spec.Name]));
  const sorted = [...tasks].sort(
    (a, b) =>
      a.ServiceID.localeCompare(b.ServiceID) ||
      a.Slot - b.Slot ||
      b.Status.Timestamp.localeCompare(a.Status.Timestamp),
  );
  const rows = sorted.map((task) => [
    shortId(task.ID),
    `${names.get(task.ServiceID) ?? task.ServiceID}.${task.Slot}`,
    task.Spec.ContainerSpec.Image,
    task.NodeID === "" ? "" : (hosts.get(task.NodeID) ?? task.NodeID),
    task.DesiredState,
    `${task.Status.State} ${formatAge(Date.now() - Date.parse(task.Status.Timestamp))} ago`,
    task.Status.Err ?? "",
  ]);
  return renderTable(["ID", "NAME", "IMAGE", "NODE", "DESIRED", "CURRENT", "ERROR"], rows);
}
