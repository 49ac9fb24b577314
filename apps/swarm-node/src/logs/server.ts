import type { Connection } from "@waggle/transport";
import { messageOf } from "../errors.ts";
import { LOG_REQUEST_TIMEOUT_MS, LOG_STREAMS_MAX } from "../limits.ts";
import {
  decodeLogRequest,
  encodeLogFailure,
  encodeLogLine,
  type LogRequest,
  type StreamedLine,
} from "./messages.ts";

/** Where a node's own task output is read. */
export type TaskLogSource = (
  request: LogRequest,
  signal: AbortSignal,
) => AsyncIterable<StreamedLine>;

/** Serves log streams of this node's tasks, a bounded number at a time. */
export function createLogServer(source: TaskLogSource): {
  accept(connection: Connection): Promise<void>;
} {
  let open = 0;
  return {
    async accept(connection) {
      if (open >= LOG_STREAMS_MAX) {
        await fail(connection, `this node serves ${LOG_STREAMS_MAX} log streams already`);
        return;
      }
      open += 1;
      try {
        await stream(connection, source);
      } finally {
        open -= 1;
      }
    },
  };
}

async function stream(connection: Connection, source: TaskLogSource): Promise<void> {
  const abort = new AbortController();
  void connection.closed.then(() => abort.abort());
  // A stream that never says what it wants would hold one of the few places for ever.
  const timer = setTimeout(() => connection.destroy(), LOG_REQUEST_TIMEOUT_MS);
  try {
    const first = await connection.frames[Symbol.asyncIterator]().next();
    clearTimeout(timer);
    if (first.done === true) return;
    for await (const line of source(decodeLogRequest(first.value), abort.signal)) {
      await connection.send(encodeLogLine(line));
    }
    await connection.close();
  } catch (error) {
    if (!abort.signal.aborted) await fail(connection, messageOf(error));
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function fail(connection: Connection, reason: string): Promise<void> {
  await connection.send(encodeLogFailure(reason)).catch(() => undefined);
  await connection.close();
}
