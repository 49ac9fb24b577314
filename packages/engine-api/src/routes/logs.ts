import type { Task } from "@waggle/swarm-state";
import { EngineApiError, toApiError } from "../errors.ts";
import { speaksAtLeast } from "../http/api-version.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import { booleanParameter, timeParameter } from "../http/query.ts";
import { createStreamWriter } from "../http/stream-writer.ts";
import { encodeLogLine, encodeLogNotice, type LogShape } from "../log-frames.ts";
import { createLogReaders } from "../log-readers.ts";
import type { LogOptions } from "../ports.ts";
import { requireControl } from "./control.ts";
import type { Router } from "./router.ts";
import { findService } from "./services.ts";
import { findTask } from "./tasks.ts";

/** Output of services and tasks. */
export function addLogRoutes(router: Router): void {
  router.on("GET", "/services/:id/logs", async (exchange) => {
    const options = logParameters(exchange.query);
    const { service } = await findService(exchange);
    const control = requireControl(exchange.ports);
    const { tty } = service.spec.task.container;
    const present = async (): Promise<readonly Task[]> =>
      (await control.listTasks()).filter((task) => task.serviceId === service.id);
    const later = async (): Promise<readonly Task[] | undefined> => {
      const [tasks, services] = await Promise.all([present(), control.listServices()]);
      return services.some((view) => view.service.id === service.id) ? tasks : undefined;
    };
    return stream(exchange, { ...options, tty }, { tasks: await present(), later });
  });
  router.on("GET", "/tasks/:id/logs", async (exchange) => {
    const options = logParameters(exchange.query);
    const task = await findTask(exchange);
    const { tty } = task.spec.container;
    return stream(exchange, { ...options, tty }, { tasks: [task], later: undefined });
  });
}

type LogParameters = Omit<LogOptions, "signal"> & Omit<LogShape, "tty">;

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

interface LogSource {
  readonly tasks: readonly Task[];
  /** Asked while following: the tasks that there are now, or `undefined` when the service is gone. */
  readonly later: (() => Promise<readonly Task[] | undefined>) | undefined;
}

/** All tasks at once, line by line as they come. The stream of one task that cannot be read does not end the others. */
async function stream(
  { ports, response, version }: Exchange,
  options: LogParameters & LogShape,
  source: LogSource,
): Promise<Reply> {
  const multiplexed = !options.tty && speaksAtLeast(version, 42);
  const kind = multiplexed ? "multiplexed-stream" : "raw-stream";
  response.writeHead(200, { "Content-Type": `application/vnd.docker.${kind}` });
  response.flushHeaders();
  const abort = new AbortController();
  response.once("close", () => abort.abort());
  if (response.destroyed) abort.abort();
  const writer = createStreamWriter(response);
  const readers = createLogReaders({
    signal: abort.signal,
    read: async (task, isLate) => {
      const tail = isLate ? undefined : options.tail;
      const request = { ...options, tail, signal: abort.signal };
      for await (const line of ports.logs.taskLogs(task, request)) {
        await writer.write(encodeLogLine(task, line, options));
      }
    },
  });
  if (options.follow) await readers.follow(source.tasks, source.later);
  else await readers.readAll(source.tasks);
  if (readers.failures.length > 0 && !abort.signal.aborted) {
    await writer.write(encodeLogNotice(incomplete(readers.failures), options));
  }
  response.end();
  return { type: "handled" };
}

function incomplete(failures: readonly { readonly task: Task; readonly error: unknown }[]): string {
  const reasons = failures.map(
    ({ task, error }) =>
      `task ${task.id} on node ${task.nodeId}: ${toApiError(error).message.replaceAll("\n", " ")}`,
  );
  return (
    "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some logs could not be" +
    ` retrieved for the following reasons: ${reasons.join("; ")}\n`
  );
}
