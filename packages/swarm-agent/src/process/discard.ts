import { constants } from "node:os";
import type { AgentClock } from "../clock.ts";
import { ExecutorError } from "../errors.ts";
import { delay } from "../internal/delay.ts";
import type { ProcessTable } from "./identity.ts";
import { KILLED_POLL_MS, KILL_TIMEOUT_MS } from "./limits.ts";
import { observeProcess, signalGroup } from "./process-state.ts";
import type { TaskFiles } from "./task-files.ts";

/** Kills a task of which only the folder is known, and deletes the folder. @throws ExecutorError `temporary`. */
export async function discardProcess(
  files: TaskFiles,
  table: ProcessTable,
  clock: AgentClock,
): Promise<void> {
  const { signal } = new AbortController();
  const untilMs = clock.now() + KILL_TIMEOUT_MS;
  for (;;) {
    const { kind } = await observeProcess(files, table);
    if (kind !== "running" && kind !== "launching") break;
    if (clock.now() >= untilMs) {
      if (kind === "launching") break;
      throw new ExecutorError("temporary", "the process was killed but does not end");
    }
    await signalGroup(files, table, constants.signals.SIGKILL);
    await delay(clock, KILLED_POLL_MS, signal);
  }
  await files.remove();
}
