import type { Address } from "../address.ts";
import type { CoreEvent, MemberEvent } from "../events.ts";

/** Names a timer. Never used twice by one core. */
export type TimerToken = number;

/** Names a stream that the core asked for. Never used twice by one core. */
export type StreamId = number;

/** What the driver is asked to do: plain data, in order. Nothing depends on it being done at once, or at all. */
export type Effect =
  | { readonly type: "send-packet"; readonly to: Address; readonly bytes: Uint8Array }
  /** Dial, send one frame, wait for one frame; then `handleStreamReply` or `handleStreamFailure`. */
  | {
      readonly type: "open-stream";
      readonly streamId: StreamId;
      readonly to: Address;
      readonly request: Uint8Array;
      readonly timeoutMs: number;
    }
  /** Call `handleTimer(token)` after the delay. There is no cancel: the core ignores timers that it gave up. */
  | { readonly type: "schedule"; readonly token: TimerToken; readonly delayMs: number }
  | { readonly type: "notify"; readonly event: MemberEvent | CoreEvent };
