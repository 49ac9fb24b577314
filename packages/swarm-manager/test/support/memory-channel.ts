import { decodeDispatcherMessage, encodeAgentMessage } from "@waggle/swarm-state";
import type { AgentMessage, DispatcherMessage } from "@waggle/swarm-state";
import type { SessionChannel } from "../../src/index.ts";

/** The agent's end of a session, and the manager's. */
export interface MemoryChannel {
  readonly manager: SessionChannel;
  /** All messages that arrived at the agent, oldest first; takes them away. */
  take(): DispatcherMessage[];
  say(message: AgentMessage): void;
  sayBytes(frame: Uint8Array): void;
  /** The agent's machine is gone. */
  cut(): void;
  readonly state: "open" | "closed" | "destroyed";
  /** While true, what the manager sends is not taken. */
  stuck: boolean;
}

export function createMemoryChannel(): MemoryChannel {
  const waiting: Uint8Array[] = [];
  const arrived: DispatcherMessage[] = [];
  const closed = Promise.withResolvers<undefined>();
  let state = "open" as MemoryChannel["state"];
  const isOpen = (): boolean => state === "open";
  let wake: () => void = () => undefined;
  const end = (how: "closed" | "destroyed"): void => {
    if (state === "open") state = how;
    closed.resolve(undefined);
    wake();
  };
  const channel: MemoryChannel = {
    take: () => arrived.splice(0),
    say: (message) => channel.sayBytes(encodeAgentMessage(message)),
    sayBytes: (frame) => {
      waiting.push(frame);
      wake();
    },
    cut: () => end("destroyed"),
    get state() {
      return state;
    },
    stuck: false,
    manager: {
      remote: { host: "10.0.0.1", port: 4000 },
      closed: closed.promise,
      frames: (async function* () {
        for (;;) {
          const frame = waiting.shift();
          if (frame !== undefined) yield frame;
          else if (!isOpen()) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      })(),
      send: async (frame) => {
        if (state !== "open") throw new Error("the channel is gone");
        if (channel.stuck) await new Promise(() => undefined);
        arrived.push(decodeDispatcherMessage(frame));
      },
      close: async () => {
        end("closed");
        await closed.promise;
      },
      destroy: () => end("destroyed"),
    },
  };
  return channel;
}
