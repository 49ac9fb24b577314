import { z } from "zod";
import { nodeSchema, serviceSchema, taskSchema } from "../cli/api-types.ts";
import { managerColumn } from "../cli/commands/node.ts";
import type { EngineClient } from "../cli/engine-client.ts";

export interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly role: string;
  readonly state: string;
}

export interface TaskRow {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly state: string;
  readonly pid: number | undefined;
  readonly url: string | undefined;
}

/** What the demo shows of a swarm. */
export interface SwarmSnapshot {
  readonly nodes: readonly NodeRow[];
  /** Live tasks by service and slot. */
  readonly tasks: readonly TaskRow[];
}

const LOG_TIMEOUT_MS = 2_000;

export async function readSnapshot(client: EngineClient): Promise<SwarmSnapshot> {
  const nodes = await client.get("/nodes", z.array(nodeSchema));
  const services = await client.get("/services", z.array(serviceSchema));
  const tasks = await client.get("/tasks", z.array(taskSchema));
  const names = new Map(services.map((service) => [service.ID, service.Spec.Name]));
  const hosts = new Map(nodes.map((node) => [node.ID, node.Description?.Hostname ?? node.ID]));
  const live = tasks
    .filter((task) => task.DesiredState === "running" || task.DesiredState === "ready")
    .sort((a, b) => a.ServiceID.localeCompare(b.ServiceID) || a.Slot - b.Slot);
  return {
    nodes: nodes.map((node) => ({
      id: node.ID,
      name: node.Description?.Hostname ?? "",
      address: node.ManagerStatus?.Addr ?? node.Status.Addr ?? "",
      role: managerColumn(node) === "" ? "worker" : `manager ${managerColumn(node)}`,
      state: node.Status.State,
    })),
    tasks: await Promise.all(
      live.map(async (task) => ({
        id: task.ID,
        name: `${names.get(task.ServiceID) ?? task.ServiceID}.${task.Slot}`,
        node: hosts.get(task.NodeID) ?? task.NodeID,
        state: task.Status.State,
        pid: task.Status.ContainerStatus?.PID,
        url: task.Status.State === "running" ? await printedUrl(client, task.ID) : undefined,
      })),
    ),
  };
}

/** The URL that a task announced in its output. */
async function printedUrl(client: EngineClient, taskId: string): Promise<string | undefined> {
  let output = "";
  try {
    const signal = AbortSignal.timeout(LOG_TIMEOUT_MS);
    const path = `/tasks/${taskId}/logs?stdout=1&tail=20`;
    for await (const chunk of client.stream(path, signal))
      output += Buffer.from(chunk).toString("utf8");
  } catch {
    return undefined;
  }
  return /listening on (http:\/\/[^\s]+)/.exec(output)?.[1];
}
