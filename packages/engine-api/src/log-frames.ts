import type { Task } from "@waggle/swarm-state";
import { toExactTime } from "./mapping/values.ts";
import type { LogLine } from "./ports.ts";

/*
 * Docker's multiplexed stream. One frame is one whole line:
 *
 *   0     stream
 *   1..3  zero
 *   4..7  length of the payload in bytes, big-endian
 *   8..   payload, line end included
 */
const HEADER_BYTES = 8;

export const LOG_STREAM = { stdout: 1, stderr: 2, systemError: 3 } as const;

/** How the client wants its lines. */
export interface LogShape {
  /** The lines of a terminal are sent as they are, without frames. */
  readonly tty: boolean;
  readonly timestamps: boolean;
  /** Node, service and task at the head of each line. */
  readonly details: boolean;
}

export function encodeLogFrame(
  stream: (typeof LOG_STREAM)[keyof typeof LOG_STREAM],
  payload: Uint8Array,
): Uint8Array {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame[0] = stream;
  frame.writeUInt32BE(payload.length, 4);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** One line of a task: `[timestamp ][details ]text`. */
export function encodeLogLine(task: Task, line: LogLine, shape: LogShape): Uint8Array {
  const prefix =
    (shape.timestamps ? `${nanosecondTime(line.timestampMs)} ` : "") +
    (shape.details ? `${details(task)} ` : "");
  const text = Buffer.concat([Buffer.from(prefix), line.text, Buffer.from("\n")]);
  return shape.tty ? text : encodeLogFrame(LOG_STREAM[line.stream], text);
}

/** A word of the server itself; the docker command line ends with it as an error. */
export function encodeLogNotice(text: string, shape: Pick<LogShape, "tty">): Uint8Array {
  const bytes = Buffer.from(text);
  return shape.tty ? bytes : encodeLogFrame(LOG_STREAM.systemError, bytes);
}

function nanosecondTime(ms: number): string {
  return toExactTime(ms).replace("Z", "000000Z");
}

/** In order of their keys; values need no escaping, ids are plain. */
function details(task: Task): string {
  return [
    `com.docker.swarm.node.id=${task.nodeId}`,
    `com.docker.swarm.service.id=${task.serviceId}`,
    `com.docker.swarm.task.id=${task.id}`,
  ].join(",");
}
