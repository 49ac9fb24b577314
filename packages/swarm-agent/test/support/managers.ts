import { decodeAgentMessage, encodeDispatcherMessage } from "@waggle/swarm-state";
import type {
  AgentMessage,
  DispatcherMessage,
  ManagerPeer,
  NodeDescription,
  Task,
} from "@waggle/swarm-state";
import type { DialManager, SessionConnection } from "../../src/session/connection.ts";

/** The manager's end of one session. */
export interface FakeSession {
  readonly received: AgentMessage[];
  readonly isOpen: () => boolean;
  send(message: DispatcherMessage): void;
  /** Accepts, and gives the complete set. */
  accept(tasks?: readonly Task[], managers?: readonly ManagerPeer[]): void;
  sendRaw(frame: Uint8Array): void;
  /** Ends the connection cleanly. */
  close(): void;
  /** Breaks it. */
  cut(): void;
}

export interface FakeManagers {
  readonly dial: DialManager;
  /** Sessions in the order in which they were dialled. */
  readonly sessions: FakeSession[];
  /** Node ids in the order in which they were dialled, failed attempts included. */
  readonly dialled: string[];
  /** Node ids that do not answer the dialler: `refuse` at once, `hang` until it gives up. */
  readonly broken: Map<string, "refuse" | "hang">;
}

export function createFakeManagers(): FakeManagers {
  const sessions: FakeSession[] = [];
  const dialled: string[] = [];
  const broken = new Map<string, "refuse" | "hang">();
  return {
    sessions,
    dialled,
    broken,
    dial: async (manager, { signal }) => {
      dialled.push(manager.nodeId);
      const how = broken.get(manager.nodeId);
      if (how === "refuse") throw new Error("connection refused");
      if (how === "hang") {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
        });
      }
      const { connection, session } = createFakeSession();
      sessions.push(session);
      return connection;
    },
  };
}

export const description: NodeDescription = {
  hostname: "host1",
  platform: { os: "linux", architecture: "x86_64" },
  resources: { nanoCpus: 1_000_000_000, memoryBytes: 1_000_000 },
  engine: { version: "1.0.0", labels: {}, executors: ["process"] },
  address: "192.0.2.1:7946",
};

function createFakeSession(): { connection: SessionConnection; session: FakeSession } {
  const received: AgentMessage[] = [];
  const frames: Uint8Array[] = [];
  let end = "open" as "open" | "closed" | "cut";
  let wake: () => void = () => undefined;
  const finish = (how: "closed" | "cut"): void => {
    if (end === "open") end = how;
    wake();
  };
  const send = (message: DispatcherMessage): void => {
    frames.push(encodeDispatcherMessage(message));
    wake();
  };
  return {
    connection: {
      send: (frame) => {
        if (end !== "open") return Promise.reject(new Error("closed"));
        received.push(decodeAgentMessage(frame));
        return Promise.resolve();
      },
      frames: (async function* (): AsyncGenerator<Uint8Array> {
        for (;;) {
          const frame = frames.shift();
          if (frame !== undefined) yield frame;
          else if (end === "cut") throw new Error("connection reset");
          else if (end === "closed") return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      })(),
      close: () => {
        finish("closed");
        return Promise.resolve();
      },
      destroy: () => finish("closed"),
    },
    session: {
      received,
      isOpen: () => end === "open",
      send,
      accept: (tasks = [], managers = []) => {
        send({ type: "accepted", sessionId: "session1", managers });
        send({ type: "assignments", mode: "complete", tasks });
      },
      sendRaw: (frame) => {
        frames.push(frame);
        wake();
      },
      close: () => finish("closed"),
      cut: () => finish("cut"),
    },
  };
}
