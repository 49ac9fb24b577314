import type { Address } from "../../src/index.ts";
import {
  createSwimDriver,
  type ClockPort,
  type StreamConnection,
  type SwimDriver,
  type SwimDriverOptions,
} from "../../src/driver/index.ts";

/** One end of a stream in memory. */
function streamPair(): [StreamConnection, StreamConnection] {
  const ends = [createEnd(), createEnd()] as const;
  const connect = (own: ReturnType<typeof createEnd>, other: ReturnType<typeof createEnd>) => ({
    send: async (frame: Uint8Array) => {
      await Promise.resolve();
      if (!other.push(frame)) throw new Error("closed");
    },
    frames: own.frames,
    close: async () => {
      await Promise.resolve();
      other.end();
    },
    destroy: () => {
      own.end();
      other.end();
    },
  });
  return [connect(ends[0], ends[1]), connect(ends[1], ends[0])];
}

function createEnd() {
  const queue: Uint8Array[] = [];
  let isOver = false;
  let wake: (() => void) | undefined;
  return {
    push: (frame: Uint8Array): boolean => {
      if (isOver) return false;
      queue.push(frame);
      wake?.();
      return true;
    },
    end: () => {
      isOver = true;
      wake?.();
    },
    frames: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const frame = queue.shift();
          if (frame !== undefined) yield frame;
          else if (isOver) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    },
  };
}

/** A network and a clock in memory: time moves only by `advance`, which lets promises settle in between. */
export function createMemoryNetwork() {
  const drivers = new Map<string, SwimDriver>();
  const silent = new Set<string>();
  const timers = new Map<number, { atMs: number; run: () => void }>();
  let nowMs = 0;
  let lastTimer = 0;

  const clock: ClockPort = {
    now: () => nowMs,
    setTimer: (delayMs, run) => {
      const id = (lastTimer += 1);
      timers.set(id, { atMs: nowMs + delayMs, run });
      return () => void timers.delete(id);
    },
  };

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  function fireDue(): void {
    const due = [...timers].filter(([, { atMs }]) => atMs <= nowMs);
    due.sort((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0]);
    for (const [id, { run }] of due) if (timers.delete(id)) run();
  }

  return {
    clock,
    timersPending: () => timers.size,
    /** The node receives nothing and nobody hears it. */
    silence: (name: string) => void silent.add(name),
    addressOf: (name: string): Address => ({ host: name, port: 7946 }),
    add: (name: string, options: Partial<SwimDriverOptions> = {}): SwimDriver => {
      const address = { host: name, port: 7946 };
      let seed = name.length + name.charCodeAt(0);
      const isCut = (host: string): boolean => silent.has(name) || silent.has(host);
      const driver = createSwimDriver({
        name,
        address,
        clock,
        random: { next: () => (seed = (seed * 16807) % 2147483647) / 2147483647 },
        datagrams: {
          send: (to, data) => {
            if (isCut(to.host)) return;
            queueMicrotask(() => drivers.get(to.host)?.handleDatagram(address, data));
          },
        },
        streams: {
          dial: async (to, { signal }) => {
            await Promise.resolve();
            if (silent.has(to.host) || silent.has(name))
              return await new Promise((_, reject) => {
                signal.addEventListener("abort", () => reject(new Error("no answer")));
              });
            const peer = drivers.get(to.host);
            if (peer === undefined) throw new Error("refused");
            const [near, far] = streamPair();
            peer.acceptStream(far);
            return near;
          },
        },
        ...options,
      });
      drivers.set(name, driver);
      return driver;
    },
    /** Jumps without firing anything, as a process that stands still does. */
    freeze: (forMs: number) => void (nowMs += forMs),
    settle,
    advance: async (forMs: number, stepMs = 20): Promise<void> => {
      const endMs = nowMs + forMs;
      while (nowMs < endMs) {
        nowMs = Math.min(endMs, nowMs + stepMs);
        fireDue();
        await settle();
      }
    },
    stopAll: () => {
      for (const driver of drivers.values()) driver.stop();
    },
  };
}
