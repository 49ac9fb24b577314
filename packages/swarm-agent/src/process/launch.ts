import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { textOf } from "../internal/text.ts";
import { startFailed } from "./command.ts";
import { splitForShell } from "./environment.ts";
import { SHIM_SCRIPT } from "./shim.ts";
import type { TaskFiles } from "./task-files.ts";

/** A command, ready to run. */
export interface Launch {
  /** The program's file and its arguments. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stopSignal: number;
}

/**
 * Starts the task's shell in a session of its own, so that neither the agent's end nor its terminal reaches it. Resolves
 * once the system has created it. `onExit` is called when it ends while this agent lives.
 * @throws ExecutorError `start-failed`.
 */
export async function launch(files: TaskFiles, what: Launch, onExit: () => void): Promise<void> {
  const { shell, prefix } = splitForShell(what.environment);
  const stdout = await open(files.stdout, "a");
  const stderr = await open(files.stderr, "a");
  try {
    const child = spawn(
      "/bin/sh",
      [
        ...["-c", SHIM_SCRIPT, "waggle-task", files.directory, String(what.stopSignal)],
        ...prefix,
        ...what.argv,
      ],
      { cwd: what.cwd, env: shell, detached: true, stdio: ["ignore", stdout.fd, stderr.fd] },
    );
    child.once("exit", onExit);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
  } catch (error) {
    throw startFailed(textOf(error), error);
  } finally {
    await stdout.close();
    await stderr.close();
  }
}
