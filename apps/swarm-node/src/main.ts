import { CommanderError, InvalidArgumentError } from "commander";
import { EngineClientError } from "./cli/engine-client.ts";
import { createProgram } from "./cli/program.ts";
import { messageOf } from "./errors.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => interrupted.abort(signal));
}
// A reader that goes away (`swarm-node … | head`) is not an error.
process.stdout.on("error", () => process.exit(0));

const program = createProgram({
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  signal: interrupted.signal,
});
// Exit codes: 0 done, 1 refused (the message says why), 2 wrong usage, 3 no node answers.
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander prints all that it throws itself; this one comes from a command.
    if (error instanceof InvalidArgumentError) process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`swarm-node: ${messageOf(error)}\n`);
    const unreachable = error instanceof EngineClientError && error.code === "unreachable";
    process.exitCode = unreachable ? 3 : 1;
  }
}
