import { InvalidArgumentError } from "commander";
import type { CliIo } from "../context.ts";
import { type EngineClient, EngineClientError } from "../engine-client.ts";

export interface ServiceLogOptions {
  readonly service: string;
  readonly follow: boolean;
  readonly tail: string;
  readonly timestamps: boolean;
}

const HEADER_BYTES = 8;
const FRAME_BYTES_MAX = 1024 * 1024;
const STREAM_STDERR = 2;
const STREAM_FAILED = 3;

/** Prints a service's lines, each behind the task that wrote it, to the stream that it was written to. */
export async function streamServiceLogs(
  client: EngineClient,
  options: ServiceLogOptions,
  io: CliIo,
): Promise<void> {
  if (options.tail !== "all" && !/^\d{1,9}$/.test(options.tail)) {
    throw new InvalidArgumentError("--tail takes a number or all.");
  }
  const query = new URLSearchParams({
    stdout: "1",
    stderr: "1",
    details: "1",
    tail: options.tail,
    follow: options.follow ? "1" : "0",
    timestamps: options.timestamps ? "1" : "0",
  });
  const path = `/services/${encodeURIComponent(options.service)}/logs?${query.toString()}`;
  for await (const frame of frames(client.stream(path, io.signal))) {
    const line = withTaskName(frame.text, options.timestamps);
    if (frame.stream === STREAM_FAILED)
      throw new EngineClientError("refused", frame.text.trim(), {});
    if (frame.stream === STREAM_STDERR) io.err(line);
    else io.out(line);
  }
}

interface LogFrame {
  readonly stream: number;
  readonly text: string;
}

/** Docker's stream format: 8 bytes of header (stream, three zeros, length), then the line. */
async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogFrame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES) {
      const length = pending.readUInt32BE(4);
      if (length > FRAME_BYTES_MAX)
        throw new EngineClientError("refused", "damaged log stream", {});
      if (pending.length < HEADER_BYTES + length) break;
      const text = pending.subarray(HEADER_BYTES, HEADER_BYTES + length).toString("utf8");
      yield { stream: pending[0] ?? 0, text };
      pending = pending.subarray(HEADER_BYTES + length);
    }
  }
}

/** The details field names the task; it stands before the text, after the time if that was asked for. */
function withTaskName(text: string, timestamps: boolean): string {
  const fields = text.split(" ");
  const time = timestamps ? `${fields.shift() ?? ""} ` : "";
  const details = new URLSearchParams((fields.shift() ?? "").replaceAll(",", "&"));
  const task = details.get("com.docker.swarm.task.id") ?? "";
  return `${time}${task.slice(0, 12)} | ${fields.join(" ")}`;
}
