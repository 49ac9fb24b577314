import { hostname } from "node:os";
import { type Command, Option } from "commander";
import type { LogLevel } from "../../logger.ts";
import { type CliIo, dataDirectory, type GlobalOptions, socketPath } from "../context.ts";

interface RunOptions extends GlobalOptions {
  readonly listenAddr?: string;
  readonly hostname: string;
  readonly logLevel: LogLevel;
  readonly stopTasks: boolean;
  readonly exitWithStdin: boolean;
}

/** `run`: the node itself, until SIGTERM or SIGINT. */
export function addRunCommand(program: Command, io: CliIo): void {
  program
    .command("run")
    .description("run the node in the foreground, until SIGINT or SIGTERM")
    .option(
      "--listen-addr <host:port>",
      "where other nodes reach this one, TCP and UDP; port 0 lets the system choose (default: where it was, at first" +
        " 127.0.0.1:2377)",
    )
    .option("--hostname <name>", "the node's name for people", hostname())
    .addOption(
      new Option("--log-level <level>", "how much to log, as JSON lines on standard error")
        .choices(["debug", "info", "warn", "error", "silent"])
        .default("info"),
    )
    .option(
      "--stop-tasks",
      "stop this node's tasks with it (default: they go on, and the next run adopts them)",
      false,
    )
    .addOption(
      new Option("--exit-with-stdin", "stop when standard input ends: for a parent that may die")
        .default(false)
        .hideHelp(),
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<RunOptions>();
      // Only this command needs them: the others would take twice as long to start.
      const { createLogger } = await import("../../logger.ts");
      const { startNode } = await import("../../node.ts");
      const stopped = new AbortController();
      if (options.exitWithStdin) process.stdin.on("end", () => stopped.abort()).resume();
      const signal = AbortSignal.any([io.signal, stopped.signal]);
      try {
        const node = await startNode({
          hostname: options.hostname,
          dataDirectory: dataDirectory(options, io),
          socketPath: socketPath(options, io),
          listenAddress: options.listenAddr,
          logger: createLogger(options.logLevel),
        });
        io.out(`swarm-node ready: docker -H unix://${node.socketPath}\n`);
        await node.runUntil(signal, { stopTasks: options.stopTasks });
      } finally {
        // An open input would keep the process alive.
        process.stdin.destroy();
      }
    });
}
