// `npm start`: a five-node swarm on this machine with a sample service on it, until Ctrl-C.
import { runDemo } from "../apps/swarm-node/src/demo/demo.ts";
import { messageOf } from "../apps/swarm-node/src/errors.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupted.abort());
}
try {
  await runDemo({
    out: (text) => process.stdout.write(text),
    terminal: process.stdout.isTTY,
    signal: interrupted.signal,
  });
} catch (error) {
  console.error(`waggle: ${messageOf(error)}`);
  process.exitCode = 1;
}
