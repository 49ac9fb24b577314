// `npm start`: a five-node swarm on this machine with a sample service on it, until Ctrl-C.
import { runDemo } from "../apps/swarm-node/src/demo/demo.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupted.abort());
}
await runDemo({
  out: (text) => process.stdout.write(text),
  terminal: process.stdout.isTTY,
  signal: interrupted.signal,
});
