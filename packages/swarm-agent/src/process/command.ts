import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { ExecutorError } from "../errors.ts";
import { systemCodeOf } from "../internal/text.ts";

/**
 * The file that a command names: looked up in `path` unless it contains a slash, then relative to `cwd`.
 * @throws ExecutorError `start-failed`, with the text that Docker gives.
 */
export async function resolveCommand(command: string, cwd: string, path: string): Promise<string> {
  const folder = await stat(cwd).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw startFailed(`chdir to cwd ("${cwd}") failed: no such file or directory`);
  }
  if (command.includes("/")) {
    const file = resolve(cwd, command);
    const problem = await problemOf(file);
    if (problem !== undefined) throw startFailed(`exec: "${command}": ${problem}`);
    return file;
  }
  for (const entry of path.split(":")) {
    const file = join(isAbsolute(entry) ? entry : resolve(cwd, entry), command);
    if (command !== "" && (await problemOf(file)) === undefined) return file;
  }
  throw startFailed(`exec: "${command}": executable file not found in $PATH`);
}

/** The error of a task that could not be started. */
export function startFailed(what: string, cause?: unknown): ExecutorError {
  return new ExecutorError("start-failed", `starting container failed: ${what}`, { cause });
}

async function problemOf(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).isDirectory()) return "is a directory";
    await access(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return systemCodeOf(error) === "EACCES" ? "permission denied" : "no such file or directory";
  }
}
