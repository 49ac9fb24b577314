import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../internal/text.ts";
import type { ProcessIdentity, ProcessTable } from "./identity.ts";
import { SMALL_FILE_BYTES_MAX } from "./limits.ts";

/** What the shell itself answers when it may not go on. */
const NEVER_LAUNCHED_EXIT_CODE = 125;

/**
 * The folder of one task:
 *
 *     launch           written before the task's shell is started: the boot in which it was
 *     shim, pid, exit  written by that shell
 *     killed           written before the task is killed: no exit code will come
 *     output/          stdout and stderr, raw
 *     log/             the log made of it
 */
export interface TaskFiles {
  readonly directory: string;
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly logs: string;
  create(): Promise<void>;
  /** The boot in which the task was started; `undefined` when it never was. */
  launchedInBoot(): Promise<string | undefined>;
  putLaunch(bootId: string): Promise<void>;
  /**
   * Sees to it that a shell which has not come up yet ends as soon as it does, and that the task counts as ended. False if
   * the shell was faster.
   */
  forbidLaunch(): Promise<boolean>;
  shim(): Promise<ProcessIdentity | undefined>;
  main(): Promise<ProcessIdentity | undefined>;
  exitCode(): Promise<number | undefined>;
  putKilled(): Promise<void>;
  wasKilled(): Promise<boolean>;
  remove(): Promise<void>;
}

export function createTaskFiles(directory: string, table: ProcessTable): TaskFiles {
  const at = (name: string): string => join(directory, name);
  let launchedIn: string | undefined;
  // Once there, the two never change.
  const identities = new Map<string, ProcessIdentity>();
  const identity = async (name: string): Promise<ProcessIdentity | undefined> => {
    const known = identities.get(name);
    if (known !== undefined) return known;
    const line = await readLine(at(name));
    const read = line === undefined ? undefined : table.parseIdentity(line);
    if (read !== undefined) identities.set(name, read);
    return read;
  };
  return {
    directory,
    output: at("output"),
    stdout: at("output/stdout"),
    stderr: at("output/stderr"),
    logs: at("log"),
    create: async () => {
      for (const name of ["log", "output"]) {
        await mkdir(at(name), { recursive: true, mode: 0o700 });
      }
      for (const name of ["stdout", "stderr"]) {
        await (await open(at(`output/${name}`), "a", 0o600)).close();
      }
    },
    launchedInBoot: async () => (launchedIn ??= await readLine(at("launch"))),
    putLaunch: async (bootId) => {
      await writeFile(at("launch"), `${bootId}\n`, { mode: 0o600 });
      launchedIn = bootId;
    },
    forbidLaunch: async () => {
      try {
        await writeFile(at("shim"), "given up\n", { mode: 0o600, flag: "wx" });
      } catch (error) {
        if (systemCodeOf(error) === "EEXIST") return false;
        throw error;
      }
      await writeFile(at("exit"), `${NEVER_LAUNCHED_EXIT_CODE}\n`, { mode: 0o600 });
      return true;
    },
    shim: () => identity("shim"),
    main: () => identity("pid"),
    exitCode: async () => {
      const line = await readLine(at("exit"));
      return line !== undefined && /^\d{1,3}$/.test(line) ? Number(line) : undefined;
    },
    putKilled: () => writeFile(at("killed"), "\n", { mode: 0o600 }),
    wasKilled: async () => (await readLine(at("killed"))) !== undefined,
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** A file of one line; `undefined` when it is missing or its line is not complete yet. */
async function readLine(path: string): Promise<string | undefined> {
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SMALL_FILE_BYTES_MAX));
    const text = buffer.toString("utf8", 0, bytesRead);
    return text.endsWith("\n") ? text.slice(0, -1) : undefined;
  } finally {
    await file.close();
  }
}
