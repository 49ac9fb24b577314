import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Task } from "@waggle/swarm-state";
import { EngineApiError } from "../errors.ts";
import { speaksAtLeast } from "../http/api-version.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import { booleanParameter, timeParameter } from "../http/query.ts";
import { encodeLogFrame, LOG_STREAM } from "../log-frames.ts";
import type { LogLine, LogOptions } from "../ports.ts";
import { requireControl } from "./control.ts";
import type { Router } from "./router.ts";
import { findService } from "./services.ts";
import { findTask } from "./tasks.ts";

/** Output of services and tasks. */
export function addLogRoutes(router: Router): void {
  router.on("GET", "/services/:id/logs", async (exchange) => {
    const options = logParameters(exchange.query);
    const { service } = await findService(exchange);
    const tasks = await requireControl(exchange.ports).listTasks();
    const ran = tasks.filter((task) => task.serviceId === service.id && task.nodeId !== "");
    return stream(exchange, ran, { ...options, tty: service.spec.task.container.tty });
  });
  router.on("GET", "/tasks/:id/logs", async (exchange) => {
    const options = logParameters(exchange.query);
    const task = await findTask(exchange);
    const ran = task.nodeId === "" ? [] : [task];
    return stream(exchange, ran, { ...options, tty: task.spec.container.tty });
  });
}

type LogParameters = Omit<LogOptions, "signal"> & {
  readonly timestamps: boolean;
  readonly details: boolean;
};

function logParameters(query: URLSearchParams): LogParameters {
  const stdout = booleanParameter(query, "stdout");
  const stderr = booleanParameter(query, "stderr");
  if (!stdout && !stderr) {
    throw new EngineApiError(500, "Bad parameters: you must choose at least one stream");
  }
  return {
    stdout,
    stderr,
    follow: booleanParameter(query, "follow"),
    timestamps: booleanParameter(query, "timestamps"),
    details: booleanParameter(query, "details"),
    tail: tailParameter(query),
    sinceMs: timeParameter(query, "since"),
  };
}

function tailParameter(query: URLSearchParams): number | undefined {
  const text = query.get("tail") ?? "";
  if (text === "" || text === "all") return undefined;
  if (/^-\d+$/.test(text)) throw new EngineApiError(500, "negative tail values not supported");
  if (!/^\d{1,15}$/.test(text)) {
    throw new EngineApiError(500, 'tail value must be a positive integer or "all"');
  }
  return Number(text);
}

type StreamOptions = LogParameters & { readonly tty: boolean };

/** All tasks at once, line by line as they come. The stream of one task that cannot be read does not end the others. */
async function stream(
  exchange: Exchange,
  tasks: readonly Task[],
  options: StreamOptions,
): Promise<Reply> {
  const { response, version } = exchange;
  const multiplexed = !options.tty && speaksAtLeast(version, 42);
  const kind = multiplexed ? "multiplexed-stream" : "raw-stream";
  response.writeHead(200, { "Content-Type": `application/vnd.docker.${kind}` });
  response.flushHeaders();
  const abort = new AbortController();
  response.once("close", () => abort.abort());
  const failures: string[] = [];
  await Promise.all(
    tasks.map(async (task) => {
      try {
        const lines = exchange.ports.logs.taskLogs(task, { ...options, signal: abort.signal });
        for await (const line of lines) await write(response, encodeLine(task, line, options));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failures.push(`task ${task.id} on node ${task.nodeId}: ${reason}`);
      }
    }),
  );
  if (failures.length > 0 && !abort.signal.aborted) {
    await write(
      response,
      encodeLogFrame(LOG_STREAM.systemError, Buffer.from(incomplete(failures))),
    );
  }
  response.end();
  return { type: "handled" };
}

function incomplete(failures: readonly string[]): string {
  return (
    "warning: incomplete log stream. some logs could not be retrieved for the following reasons: " +
    `${failures.join("; ")}\n`
  );
}

function encodeLine(task: Task, line: LogLine, options: StreamOptions): Uint8Array {
  const prefix =
    (options.timestamps ? `${nanosecondTime(line.timestampMs)} ` : "") +
    (options.details ? `${details(task)} ` : "");
  const text = Buffer.concat([Buffer.from(prefix), line.text, Buffer.from("\n")]);
  return options.tty ? text : encodeLogFrame(LOG_STREAM[line.stream], text);
}

function nanosecondTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000000Z");
}

/** In order of their keys; values need no escaping, ids are plain. */
function details(task: Task): string {
  return [
    `com.docker.swarm.node.id=${task.nodeId}`,
    `com.docker.swarm.service.id=${task.serviceId}`,
    `com.docker.swarm.task.id=${task.id}`,
  ].join(",");
}

async function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (response.destroyed || response.write(bytes)) return;
  await Promise.race([once(response, "drain"), once(response, "close")]);
}
