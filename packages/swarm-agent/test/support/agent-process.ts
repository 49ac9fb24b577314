// An agent in a process of its own, to be killed. Arguments: its directory, and the assignment as JSON. Says on stdout
// what becomes of the task.
import { join } from "node:path";
import type { Task } from "@waggle/swarm-state";
import { createAgent } from "../../src/index.ts";
import { createProcessExecutor } from "../../src/process/index.ts";
import { createFakeManagers, description } from "./managers.ts";
import { peer } from "./peers.ts";
import { id } from "./tasks.ts";

const [, , directory = "", assignment = ""] = process.argv;
const fake = createFakeManagers();
const agent = createAgent({
  nodeId: id("node1"),
  directory,
  executors: [createProcessExecutor({ directory: join(directory, "processes") })],
  dial: async (manager, options) => {
    const connection = await fake.dial(manager, options);
    fake.sessions.at(-1)!.accept([JSON.parse(assignment) as Task]);
    return connection;
  },
  initialManagers: () => [peer("m0")],
  describe: () => description,
});
agent.subscribe((event) => {
  if (event.type !== "task:status") return;
  const { state, container } = event.status;
  process.stdout.write(`${JSON.stringify({ state, pid: container?.pid })}\n`);
});
setInterval(() => undefined, 1_000);
await agent.start();
