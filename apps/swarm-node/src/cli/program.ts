import { Command } from "commander";
import { addNodeCommands } from "./commands/node.ts";
import { addRunCommand } from "./commands/run.ts";
import { addServiceCommands } from "./commands/service.ts";
import { addSwarmCommands } from "./commands/swarm.ts";
import type { CliIo } from "./context.ts";
import { VERSION } from "../version.ts";

/** The whole command line. */
export function createProgram(io: CliIo): Command {
  const program = new Command("swarm-node")
    .description(
      "A node of a Waggle swarm, and the commands to drive one. `swarm-node run` starts the node; all other commands" +
        " talk to a running one through its socket, as the docker command line can.",
    )
    .version(VERSION)
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what the command takes)")
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    // Commands made from here on inherit this: errors are thrown, and main decides the exit code.
    .exitOverride();
  addRunCommand(program, io);
  addSwarmCommands(program, io);
  addNodeCommands(program, io);
  addServiceCommands(program, io);
  addNodeOptions(program);
  return program;
}

/** Which node is meant: said before a command's name or among its own options. */
function addNodeOptions(command: Command): void {
  command
    .option(
      "--socket <path>",
      "the node's API socket (default: $WAGGLE_SOCKET, or docker.sock in the data directory)",
    )
    .option(
      "--data-dir <path>",
      "the node's data directory (default: $WAGGLE_DATA_DIR, or the system's place)",
    );
  for (const child of command.commands) addNodeOptions(child);
}
