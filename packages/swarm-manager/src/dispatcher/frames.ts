import { encodeDispatcherMessage, isSessionCodecError } from "@waggle/swarm-state";
import type { DispatcherMessage } from "@waggle/swarm-state";
import { TASKS_PER_FRAME_MAX } from "./limits.ts";

/**
 * The frames that say `message`, each made when it is asked for: one, or for assignments as many as keep each within
 * its limit. The agent takes a complete set as one, however many frames it came in.
 * @throws SessionCodecError
 */
export function* framesOf(message: DispatcherMessage): Generator<Uint8Array, void, undefined> {
  const halves = halvesOf(message);
  if (halves === undefined) {
    yield encodeDispatcherMessage(message);
    return;
  }
  const frame = frameIfItFits(message);
  if (frame === undefined) for (const half of halves) yield* framesOf(half);
  else yield frame;
}

/** Two messages that together say the same; `undefined` if there are none. */
function halvesOf(message: DispatcherMessage): readonly DispatcherMessage[] | undefined {
  if (message.type !== "assignments" || message.tasks.length < 2) return undefined;
  const middle = message.tasks.length >> 1;
  const [first, second] = [message.tasks.slice(0, middle), message.tasks.slice(middle)];
  return message.mode === "complete"
    ? [
        { ...message, tasks: first, more: true },
        { ...message, tasks: second },
      ]
    : [
        { ...message, tasks: first },
        { ...message, tasks: second, removedTaskIds: [] },
      ];
}

function frameIfItFits(message: DispatcherMessage): Uint8Array | undefined {
  if (message.type === "assignments" && message.tasks.length > TASKS_PER_FRAME_MAX)
    return undefined;
  try {
    return encodeDispatcherMessage(message);
  } catch (error) {
    if (isSessionCodecError(error) && error.code === "too-large") return undefined;
    throw error;
  }
}
