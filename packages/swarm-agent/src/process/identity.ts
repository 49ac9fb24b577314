import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { systemCodeOf } from "../internal/text.ts";

/**
 * Which process is meant: its number and when it started. Numbers are used again; the pair is not, until the machine boots
 * again.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** On Linux: clock ticks since boot. Elsewhere: what `ps` says. Compared as text only. */
  readonly startedAt: string;
}

/** Looks at processes of this machine. */
export interface ProcessTable {
  /** Whether that very process lives; one that has ended and waits to be collected does not. */
  isAlive(identity: ProcessIdentity): Promise<boolean>;
  /** Reads the line `PID START` that the task's shell has written; `undefined` when it is no such line. */
  parseIdentity(line: string): ProcessIdentity | undefined;
  /** Changes with each boot of the machine, where the system tells. */
  bootId(): Promise<string>;
}

/** The table of this machine: from `/proc` where there is one, else by `ps`. */
export function createProcessTable(
  source: "proc" | "ps" = existsSync("/proc/self/stat") ? "proc" : "ps",
): ProcessTable {
  return source === "proc" ? procTable : psTable;
}

const procTable: ProcessTable = {
  isAlive: async ({ pid, startedAt }) => {
    const line = await readStat(pid);
    const found = line === undefined ? undefined : parseStat(line);
    return found?.startedAt === startedAt && found.state !== "Z" && found.state !== "X";
  },
  parseIdentity: (line) => {
    const parsed = splitLine(line);
    const stat = parsed === undefined ? undefined : parseStat(parsed.rest);
    if (parsed === undefined || stat === undefined) return undefined;
    return { pid: parsed.pid, startedAt: stat.startedAt };
  },
  bootId: async () =>
    (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim(),
};

const psTable: ProcessTable = {
  isAlive: async ({ pid, startedAt }) => {
    try {
      const { stdout } = await promisify(execFile)("ps", [
        "-o",
        "stat=",
        "-o",
        "lstart=",
        "-p",
        `${pid}`,
      ]);
      const [state = "", ...rest] = stdout.trim().split(/\s+/);
      return !state.startsWith("Z") && rest.join(" ") === startedAt;
    } catch (error) {
      // Exit code 1: there is no such process. Anything else says nothing about it.
      if (exitCodeOf(error) === 1) return false;
      throw error;
    }
  },
  parseIdentity: (line) => {
    const parsed = splitLine(line);
    if (parsed === undefined || parsed.rest === "") return undefined;
    return { pid: parsed.pid, startedAt: parsed.rest.split(/\s+/).join(" ") };
  },
  bootId: () => Promise.resolve(""),
};

async function readStat(pid: number): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

function exitCodeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

function splitLine(line: string): { readonly pid: number; readonly rest: string } | undefined {
  const match = /^(\d{1,10}) (.*)$/.exec(line);
  if (match === null) return undefined;
  const pid = Number(match[1]);
  // 0 and 1 would name every process of the group, or all processes.
  return pid > 1 ? { pid, rest: (match[2] ?? "").trim() } : undefined;
}

/** Field 3 (state) and 22 (start time) of `/proc/PID/stat`; the name in field 2 may hold blanks and brackets. */
function parseStat(
  line: string,
): { readonly state: string; readonly startedAt: string } | undefined {
  const fields = line
    .slice(line.lastIndexOf(")") + 1)
    .trim()
    .split(" ");
  const [state] = fields;
  const startedAt = fields[19];
  if (state === undefined || startedAt === undefined || !/^\d+$/.test(startedAt)) return undefined;
  return { state, startedAt };
}
