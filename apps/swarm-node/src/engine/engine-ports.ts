import type { EnginePorts, LogLine, LogOptions } from "@waggle/engine-api";
import type { Task } from "@waggle/swarm-state";
import { taskStateRank } from "@waggle/swarm-state";
import { parseAddress } from "@waggle/transport";
import { wallClock } from "../clock.ts";
import { NodeError } from "../errors.ts";
import { readTaskLogs } from "../logs/client.ts";
import { KEY_IDS, PROTOCOLS } from "../network/keys.ts";
import type { NodeState } from "../node-state.ts";
import type { NodeContext } from "../swarm-membership.ts";
import { createSwarmPort } from "./swarm-port.ts";
import { createSystemPort } from "./system.ts";

/** Everything that the Engine API asks of this node. */
export function createEnginePorts(context: NodeContext, state: NodeState): EnginePorts {
  return {
    control: () => {
      const manager = state.active?.membership.manager;
      return manager?.isRemoved() === true ? undefined : manager?.control;
    },
    swarm: createSwarmPort(context, state),
    logs: { taskLogs: (task, options) => taskLogs(state, task, options) },
    system: createSystemPort({
      hostname: context.hostname,
      dataDirectory: context.dataDirectory,
      tasks: () => countTasks(state),
    }),
    now: wallClock.now,
  };
}

/** The output of a task, from the node that holds it. */
function taskLogs(state: NodeState, task: Task, options: LogOptions): AsyncIterable<LogLine> {
  const { active } = state;
  const node = active?.membership.manager?.store.view().get("node", task.nodeId);
  const address = node?.description?.address;
  if (active === undefined || node === undefined || address === undefined) {
    throw new NodeError("unavailable", `node ${task.nodeId} is not available`);
  }
  if (node.status.state === "down") {
    throw new NodeError("unavailable", `node ${task.nodeId} is not available: it is down`);
  }
  return readTaskLogs(
    (signal) =>
      active.network.dial(parseAddress(address), PROTOCOLS.logs.name, {
        keyId: KEY_IDS.node,
        signal,
      }),
    {
      taskId: task.id,
      stdout: options.stdout,
      stderr: options.stderr,
      follow: options.follow,
      ...(options.tail === undefined ? {} : { tail: options.tail }),
      ...(options.sinceMs === undefined ? {} : { sinceMs: options.sinceMs }),
    },
    options.signal,
  );
}

function countTasks(state: NodeState): { readonly running: number; readonly stopped: number } {
  const statuses = state.active?.membership.agent.taskStatuses() ?? [];
  const running = statuses.filter(({ status }) => status.state === "running").length;
  const ended = taskStateRank("complete");
  const stopped = statuses.filter(({ status }) => taskStateRank(status.state) >= ended).length;
  return { running, stopped };
}
