import type { Connection } from "@waggle/transport";
import { decodeLogLine, encodeLogRequest, type LogRequest, type StreamedLine } from "./messages.ts";

/**
 * Reads the output of one task from the node that runs it. Ends without an error when `signal` is aborted.
 * @throws NodeError `unavailable` when the node reports a failure; what `dial` throws.
 */
export async function* readTaskLogs(
  dial: (signal: AbortSignal) => Promise<Connection>,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamedLine> {
  let connection: Connection | undefined;
  const onAbort = (): void => connection?.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    connection = await dial(signal);
    signal.throwIfAborted();
    await connection.send(encodeLogRequest(request));
    for await (const frame of connection.frames) yield decodeLogLine(frame);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    connection?.destroy();
  }
}
