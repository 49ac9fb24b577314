import { systemCodeOf } from "../internal/text.ts";
import type { ProcessTable } from "./identity.ts";
import type { TaskFiles } from "./task-files.ts";

/** What can be seen of a task's process. */
export type ProcessState =
  | { readonly kind: "never-started" }
  /** The shell was started, but has not said so yet, or never will. */
  | { readonly kind: "launching" }
  | { readonly kind: "running"; readonly pid: number | undefined }
  | { readonly kind: "ended"; readonly exitCode: number }
  /** Gone, and nobody saw how. */
  | { readonly kind: "lost" };

const KILLED_EXIT_CODE = 137;

/** Looks at the files and the process table; has no effect. */
export async function observeProcess(files: TaskFiles, table: ProcessTable): Promise<ProcessState> {
  const ended = await endOf(files);
  if (ended !== undefined) return ended;
  const bootId = await files.launchedInBoot();
  if (bootId === undefined) return { kind: "never-started" };
  const shim = await files.shim();
  const sameBoot = bootId === (await table.bootId());
  if (shim === undefined) return { kind: sameBoot ? "launching" : "never-started" };
  const main = await files.main();
  if (sameBoot) {
    // The shell may have been killed alone: then the task goes on, and its exit code will be unknown.
    const alive =
      (await table.isAlive(shim)) || (main !== undefined && (await table.isAlive(main)));
    if (alive) return { kind: "running", pid: main?.pid };
  }
  // It may have ended between the first look and the last.
  const endedMeanwhile = await endOf(files);
  if (endedMeanwhile !== undefined) return endedMeanwhile;
  if (await files.wasKilled()) return { kind: "ended", exitCode: KILLED_EXIT_CODE };
  return { kind: "lost" };
}

async function endOf(files: TaskFiles): Promise<ProcessState | undefined> {
  const exitCode = await files.exitCode();
  return exitCode === undefined ? undefined : { kind: "ended", exitCode };
}

/**
 * Signals the whole process group of a task that is alive. The group's number is that of the shell; it cannot be given
 * to others while the shell or the command lives, and one of both was just seen. A group that is gone is no error.
 */
export async function signalGroup(
  files: TaskFiles,
  table: ProcessTable,
  signal: number,
): Promise<void> {
  const shim = await files.shim();
  if (shim === undefined) return;
  const main = await files.main();
  const alive = (await table.isAlive(shim)) || (main !== undefined && (await table.isAlive(main)));
  if (!alive) return;
  try {
    process.kill(-shim.pid, signal);
  } catch (error) {
    if (systemCodeOf(error) !== "ESRCH") throw error;
  }
}
