import { TASK_STATES } from "@waggle/swarm-state";
import type { Task, TaskStatus } from "@waggle/swarm-state";
import { AgentError } from "../errors.ts";

const VERSION = 1;

/** The text that is kept of an assignment. */
export function taskRecord(task: Task): string {
  return `${JSON.stringify({ format: "waggle-task", version: VERSION, value: task })}\n`;
}

/** The text that is kept of a status. */
export function statusRecord(status: TaskStatus): string {
  return `${JSON.stringify({ format: "waggle-task-status", version: VERSION, value: status })}\n`;
}

/** @throws AgentError `directory-unusable` when the text is not a whole record of that task. */
export function parseTaskRecord(text: string, taskId: string): Task {
  const value = parseRecord(text, "waggle-task");
  if (!isTask(value) || value.id !== taskId) throw damaged("not a task");
  return value;
}

/** @throws AgentError `directory-unusable` when the text is not a whole record of a status. */
export function parseStatusRecord(text: string): TaskStatus {
  const value = parseRecord(text, "waggle-task-status");
  if (!isStatus(value)) throw damaged("not a status");
  return value;
}

function parseRecord(text: string, format: string): unknown {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw damaged("not JSON", cause);
  }
  if (!isRecord(record) || record["format"] !== format) throw damaged("another format");
  if (record["version"] !== VERSION) throw damaged("another version of the format");
  return record["value"];
}

function damaged(what: string, cause?: unknown): AgentError {
  return new AgentError("directory-unusable", `damaged record of a task: ${what}`, { cause });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isStatus(value: unknown): value is TaskStatus {
  if (!isRecord(value)) return false;
  const { container } = value;
  return (
    TASK_STATES.some((state) => state === value["state"]) &&
    typeof value["timestampMs"] === "number" &&
    typeof value["appliedAtMs"] === "number" &&
    typeof value["message"] === "string" &&
    typeof value["error"] === "string" &&
    (container === undefined || (isRecord(container) && typeof container["pid"] === "number"))
  );
}

// What executors and the step function read; the managers' next assignment brings the whole task anyway.
function isTask(value: unknown): value is Task {
  if (!isRecord(value) || !isRecord(value["spec"]) || !isRecord(value["service"])) return false;
  const container = value["spec"]["container"];
  return (
    typeof value["id"] === "string" &&
    typeof value["serviceId"] === "string" &&
    typeof value["nodeId"] === "string" &&
    typeof value["slot"] === "number" &&
    typeof value["service"]["name"] === "string" &&
    ["ready", "running", "shutdown", "remove"].some((state) => state === value["desiredState"]) &&
    isStatus(value["status"]) &&
    isRecord(container) &&
    isStrings(container["command"]) &&
    isStrings(container["args"]) &&
    isStrings(container["env"]) &&
    ["image", "hostname", "dir", "user", "stopSignal"].every(
      (field) => typeof container[field] === "string",
    ) &&
    typeof container["stopGracePeriodMs"] === "number"
  );
}
