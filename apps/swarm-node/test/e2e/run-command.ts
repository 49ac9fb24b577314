import { type ChildProcess, spawn } from "node:child_process";

/** How a command ended, and what it printed. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Kills the command, and fails, when it takes longer. Default 30 000. */
  readonly timeoutMs?: number;
}

/** A command that runs: what it has printed so far, and how to end it. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** Standard output so far. */
  output(): string;
  readonly result: Promise<CommandResult>;
}

const TIMEOUT_MS = 30_000;

/** Starts a command without a shell, its standard input empty. */
export function startCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  const { env, timeoutMs = TIMEOUT_MS } = options;
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const result = new Promise<CommandResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(
        new Error(
          `${file} ${args.join(" ")} took longer than ${timeoutMs} ms:\n${stdout}\n${stderr}`,
        ),
      );
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
  return { process: child, output: () => stdout, result };
}
