import type { Task } from "@waggle/swarm-state";
import { ExecutorError } from "../errors.ts";
import { expandTemplates } from "./templates.ts";
import type { TemplateNode } from "./templates.ts";

/** What a task gets of the node's own environment unless its spec says otherwise. Nothing else leaks into tasks. */
export const INHERITED_VARIABLES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
];

const PATH_DEFAULT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The environment of a task: the node's basic variables, then what identifies the task, then the spec's own.
 * @throws ExecutorError `spec-unsupported` for an entry that is none.
 */
export function environmentOf(
  task: Task,
  node: TemplateNode,
  nodeEnvironment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of INHERITED_VARIABLES) {
    const value = nodeEnvironment[name];
    if (value !== undefined) environment[name] = value;
  }
  environment["PATH"] ??= PATH_DEFAULT;
  environment["WAGGLE_TASK_ID"] = task.id;
  environment["WAGGLE_SERVICE_NAME"] = task.service.name;
  environment["WAGGLE_TASK_SLOT"] = String(task.slot);
  environment["WAGGLE_NODE_ID"] = task.nodeId;
  const { hostname, env } = task.spec.container;
  if (hostname !== "") environment["HOSTNAME"] = expandTemplates(hostname, task, node);
  for (const entry of env) {
    const at = entry.indexOf("=");
    const name = at < 0 ? entry : entry.slice(0, at);
    if (name === "" || entry.includes("\0")) {
      throw new ExecutorError("spec-unsupported", `invalid environment variable: "${entry}"`);
    }
    // A name alone removes the variable, as in Docker.
    if (at < 0) Reflect.deleteProperty(environment, name);
    else environment[name] = expandTemplates(entry.slice(at + 1), task, node);
  }
  return environment;
}

/**
 * Splits off the variables whose names a shell cannot hold (`a.b`): those go to the task through `env`, in front of its
 * command.
 */
export function splitForShell(environment: Readonly<Record<string, string>>): {
  readonly shell: Record<string, string>;
  readonly prefix: readonly string[];
} {
  const shell: Record<string, string> = {};
  const odd: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) shell[name] = value;
    else odd.push(`${name}=${value}`);
  }
  return { shell, prefix: odd.length === 0 ? [] : ["/usr/bin/env", ...odd] };
}
