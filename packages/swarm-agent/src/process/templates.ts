import type { Task } from "@waggle/swarm-state";

/** What placeholders may name of the node. */
export interface TemplateNode {
  readonly hostname: string;
  readonly os: string;
  readonly architecture: string;
}

/** `service.slot.id`; for a task without a slot the node's id stands in its place, as in Docker. */
export function taskNameOf(task: Task): string {
  return `${task.service.name}.${slotOf(task)}.${task.id}`;
}

/**
 * Replaces Docker's placeholders (`{{.Task.Slot}}`, blanks allowed). What is none of the known ones stays as it is, for a
 * command may have its own use for double braces.
 */
export function expandTemplates(text: string, task: Task, node: TemplateNode): string {
  if (!text.includes("{{")) return text;
  const values: ReadonlyMap<string, string> = new Map([
    ["Service.ID", task.serviceId],
    ["Service.Name", task.service.name],
    ["Node.ID", task.nodeId],
    ["Node.Hostname", node.hostname],
    ["Node.Platform.OS", node.os],
    ["Node.Platform.Architecture", node.architecture],
    ["Task.ID", task.id],
    ["Task.Name", taskNameOf(task)],
    ["Task.Slot", slotOf(task)],
  ]);
  return text.replace(
    /\{\{\s*\.([A-Za-z.]+)\s*\}\}/g,
    (whole, name: string) => values.get(name) ?? whole,
  );
}

function slotOf(task: Task): string {
  return task.slot > 0 ? String(task.slot) : task.nodeId;
}
