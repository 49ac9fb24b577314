import type { Connection } from "@waggle/transport";
import { decodeLogLine, encodeLogRequest, type LogRequest, type StreamedLine } from "./messages.ts";

/**
 * Reads the output of one task from the node that runs it.
 * @throws NodeError `unavailable` when the node reports a failure.
 */
export async function* readTaskLogs(
  dial: (signal: AbortSignal) => Promise<Connection>,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamedLine> {
  const connection = await dial(signal);
  const onAbort = (): void => connection.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.send(encodeLogRequest(request));
    for await (const frame of connection.frames) yield decodeLogLine(frame);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    connection.destroy();
  }
}
