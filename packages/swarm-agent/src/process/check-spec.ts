import { userInfo } from "node:os";
import type { Task } from "@waggle/swarm-state";
import { ExecutorError } from "../errors.ts";
import { signalNumber } from "./signals.ts";

/**
 * Refuses what a plain process cannot be given, rather than to run it otherwise than asked.
 * @throws ExecutorError `spec-unsupported`.
 */
export function checkSpec(task: Task): void {
  const { command, args, user, tty, readOnly, stopSignal } = task.spec.container;
  if (command.length + args.length === 0) {
    throw unsupported(`image "${task.spec.container.image}" has no command of its own: name one`);
  }
  if ([...command, ...args].some((text) => text.includes("\0"))) {
    throw unsupported("a command cannot contain a zero byte");
  }
  if (tty) throw unsupported("the process executor has no terminals (TTY)");
  if (readOnly) throw unsupported("the process executor has no read-only root");
  if (user !== "" && !isOwnUser(user)) {
    throw unsupported(`the process executor runs tasks as the node's own user, not as "${user}"`);
  }
  signalNumber(stopSignal);
}

function isOwnUser(user: string): boolean {
  const own = userInfo();
  const [name = "", group] = user.split(":");
  const sameUser = name === own.username || name === String(own.uid);
  return sameUser && (group === undefined || group === String(own.gid));
}

function unsupported(what: string): ExecutorError {
  return new ExecutorError("spec-unsupported", what);
}
