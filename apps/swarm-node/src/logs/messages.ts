import { z } from "zod";
import { NodeError } from "../errors.ts";
import { LOG_FRAME_BYTES_MAX } from "../limits.ts";

const requestSchema = z.object({
  taskId: z.string().regex(/^[0-9a-z]{25}$/),
  stdout: z.boolean(),
  stderr: z.boolean(),
  follow: z.boolean(),
  tail: z.number().int().nonnegative().optional(),
  sinceMs: z.number().optional(),
});

/** First frame of a log stream, reader → node. Closing the connection ends the stream. */
export type LogRequest = z.output<typeof requestSchema>;

export interface StreamedLine {
  readonly stream: "stdout" | "stderr";
  readonly timestampMs: number;
  readonly text: Uint8Array;
}

export function encodeLogRequest(request: LogRequest): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}

/** @throws NodeError `protocol` */
export function decodeLogRequest(frame: Uint8Array): LogRequest {
  try {
    return requestSchema.parse(JSON.parse(Buffer.from(frame).toString("utf8")));
  } catch (cause) {
    throw new NodeError("protocol", "a peer sent a log request that is none", { cause });
  }
}

/*
 * A frame of a stream:
 *
 *   0     kind: 1 stdout, 2 stderr, 3 the stream failed (the rest is the reason in UTF-8)
 *   1..8  milliseconds since 1970, float64 big-endian (kinds 1 and 2)
 *   9..   the line without its end
 */
const KIND_STDOUT = 1;
const KIND_STDERR = 2;
const KIND_FAILED = 3;
const HEADER_BYTES = 9;
/** The last millisecond that a date can have; a time beyond could not be shown. */
const TIMESTAMP_MS_MAX = 8.64e15;

export function encodeLogLine(line: StreamedLine): Uint8Array {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + line.text.length);
  frame[0] = line.stream === "stdout" ? KIND_STDOUT : KIND_STDERR;
  frame.writeDoubleBE(line.timestampMs, 1);
  frame.set(line.text, HEADER_BYTES);
  return frame;
}

export function encodeLogFailure(message: string): Uint8Array {
  return Buffer.concat([Buffer.from([KIND_FAILED]), Buffer.from(message)]);
}

/** @throws NodeError `unavailable` with the reason for a failed stream, `protocol` for anything else that is no line. */
export function decodeLogLine(bytes: Uint8Array): StreamedLine {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = frame[0];
  if (kind === KIND_FAILED) {
    throw new NodeError("unavailable", frame.subarray(1).toString("utf8"));
  }
  const known = kind === KIND_STDOUT || kind === KIND_STDERR;
  if (!known || frame.length < HEADER_BYTES || frame.length > LOG_FRAME_BYTES_MAX) {
    throw new NodeError("protocol", "a peer sent a log line that is none");
  }
  const timestampMs = frame.readDoubleBE(1);
  if (!(Math.abs(timestampMs) <= TIMESTAMP_MS_MAX)) {
    throw new NodeError("protocol", "a peer sent a log line of no time");
  }
  return {
    stream: kind === KIND_STDOUT ? "stdout" : "stderr",
    timestampMs,
    text: frame.subarray(HEADER_BYTES),
  };
}
