import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type ApiService, type ApiTask, serviceSchema, taskSchema } from "../api-types.ts";
import type { CliIo } from "../context.ts";
import { type EngineClient, EngineClientError } from "../engine-client.ts";

/** The API has no "tell me when"; the docker command line polls as well. */
const POLL_MS = 200;
/** All tasks must stay up this long before the service counts as converged. */
const STABLE_MS = 2_000;

/**
 * Waits until as many tasks run as the service wants, printing each change of the count. Ctrl-C ends the waiting, not
 * the service.
 * @throws EngineClientError when an update is paused.
 */
export async function awaitConvergence(
  client: EngineClient,
  serviceId: string,
  io: CliIo,
): Promise<void> {
  let shown = "";
  let runningSince: number | undefined;
  while (!io.signal.aborted) {
    const service = await client.get(`/services/${serviceId}`, serviceSchema);
    const tasks = await tasksOf(client, serviceId);
    const state = progressOf(service, tasks);
    if (state.line !== shown) io.err(`${state.line}\n`);
    shown = state.line;
    if (state.paused !== undefined) throw new EngineClientError("refused", state.paused, {});
    if (!state.converged) runningSince = undefined;
    else runningSince ??= performance.now();
    if (runningSince !== undefined && performance.now() - runningSince >= STABLE_MS) {
      io.err("service converged\n");
      return;
    }
    await sleep(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
  io.err("no longer waiting; the swarm goes on by itself\n");
}

async function tasksOf(client: EngineClient, serviceId: string): Promise<ApiTask[]> {
  const filters = encodeURIComponent(JSON.stringify({ service: { [serviceId]: true } }));
  return client.get(`/tasks?filters=${filters}`, z.array(taskSchema));
}

interface Progress {
  readonly line: string;
  readonly converged: boolean;
  readonly paused: string | undefined;
}

function progressOf(service: ApiService, tasks: readonly ApiTask[]): Progress {
  const wanted = service.Spec.Mode.Replicated?.Replicas ?? 0;
  const live = tasks.filter((task) => task.DesiredState === "running");
  const running = live.filter((task) => task.Status.State === "running").length;
  const updating = service.UpdateStatus?.State === "updating";
  const paused =
    service.UpdateStatus?.State === "paused"
      ? (service.UpdateStatus.Message ?? "paused")
      : undefined;
  const trouble = live.find((task) => task.Status.Err !== undefined && task.Status.Err !== "");
  const reason = trouble?.Status.Err === undefined ? "" : `: ${trouble.Status.Err}`;
  return {
    line: `${running} of ${wanted} tasks running${updating ? " (updating)" : ""}${reason}`,
    converged: running === wanted && live.length === wanted && !updating,
    paused,
  };
}
