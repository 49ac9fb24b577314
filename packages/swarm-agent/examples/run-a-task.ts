// One node, one task, and a manager that consists of a few lines. Run it with
//
//     node --conditions=@waggle/source examples/run-a-task.ts
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createAgent } from "@waggle/swarm-agent";
import type { SessionConnection } from "@waggle/swarm-agent";
import { createProcessExecutor } from "@waggle/swarm-agent/process";
import { decodeAgentMessage, encodeDispatcherMessage } from "@waggle/swarm-state";
import type { DispatcherMessage, Task } from "@waggle/swarm-state";

const id = (name: string): string => name.padEnd(25, "0");
const manager = { nodeId: id("manager"), address: "localhost:7946" };

const task: Task = {
  kind: "task",
  id: id("task"),
  version: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
  serviceId: id("service"),
  service: { name: "greeting", labels: {} },
  slot: 1,
  nodeId: id("node"),
  spec: {
    container: {
      image: "process",
      labels: {},
      command: ["echo", "hello from {{.Task.Name}}"],
      args: [],
      hostname: "",
      env: [],
      dir: "",
      user: "",
      stopSignal: "SIGTERM",
      stopGracePeriodMs: 10_000,
      tty: false,
      init: undefined,
      readOnly: false,
    },
    limits: { nanoCpus: 0, memoryBytes: 0 },
    reservations: { nanoCpus: 0, memoryBytes: 0 },
    restart: { condition: "none", delayMs: 0, maxAttempts: 0, windowMs: 0 },
    placement: { constraints: [], spread: [], maxReplicasPerNode: 0, platforms: [] },
    logDriver: undefined,
    forceUpdate: 0,
  },
  specVersion: 1,
  status: {
    state: "assigned",
    timestampMs: 0,
    appliedAtMs: 0,
    message: "scheduler assigned task to node",
    error: "",
    container: undefined,
  },
  desiredState: "running",
  startAfterMs: undefined,
};

/** The manager's side of a session: accepts, assigns the task, and acknowledges what it is told. */
function connectToManager(): SessionConnection {
  const answers = new TransformStream<Uint8Array, Uint8Array>();
  const writer = answers.writable.getWriter();
  const answer = (message: DispatcherMessage): void =>
    void writer.write(encodeDispatcherMessage(message)).catch(() => undefined);
  const close = (): Promise<void> => writer.close().catch(() => undefined);
  return {
    frames: answers.readable,
    send: (frame) => {
      const message = decodeAgentMessage(frame);
      if (message.type === "hello") {
        answer({ type: "accepted", sessionId: "1", managers: [manager] });
        answer({ type: "assignments", mode: "complete", tasks: [task] });
      } else if (message.type === "status") {
        answer({ type: "status-acknowledged", sequence: message.sequence });
      }
      return Promise.resolve();
    },
    close,
    destroy: () => void close(),
  };
}

const directory = await mkdtemp(join(tmpdir(), "waggle-example-"));
const agent = createAgent({
  nodeId: id("node"),
  directory,
  executors: [createProcessExecutor({ directory: join(directory, "processes") })],
  dial: () => Promise.resolve(connectToManager()),
  initialManagers: () => [manager],
  describe: () => ({
    hostname: hostname(),
    platform: { os: process.platform, architecture: process.arch },
    resources: { nanoCpus: 1_000_000_000, memoryBytes: 1_000_000_000 },
    engine: { version: "0.0.0", labels: {}, executors: ["process"] },
    address: "localhost:7947",
  }),
});
const finished = new Promise<void>((resolve) => {
  agent.subscribe((event) => {
    if (event.type !== "task:status") return;
    console.log(event.status.state);
    if (["complete", "failed", "rejected"].includes(event.status.state)) resolve();
  });
});
// The agent's own timers do not keep a process alive; a real node has servers that do.
const alive = setInterval(() => undefined, 1_000);
await agent.start();
await finished;
const logs = { stdout: true, stderr: true, follow: false, signal: AbortSignal.timeout(5_000) };
for await (const line of agent.taskLogs(task.id, logs))
  console.log(Buffer.from(line.text).toString());
await agent.stop({ tasks: "stop" });
await rm(directory, { recursive: true });
clearInterval(alive);
