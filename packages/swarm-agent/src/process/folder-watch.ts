import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import type { AgentClock, AgentTimer } from "../clock.ts";

/** Tells that something in a folder may have changed: by the file system's notices, and slowly without. */
export interface FolderWatch {
  /** Called on every notice. The result ends that. */
  subscribe(listener: () => void): () => void;
  /** Tells everybody now. */
  poke(): void;
  close(): void;
}

export function watchFolder(
  directory: string,
  options: { readonly clock: AgentClock; readonly pollMs: number },
): FolderWatch {
  const listeners = new Set<() => void>();
  const poke = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const watcher = openWatcher(directory, poke);
  let timer: AgentTimer | undefined;
  const schedule = (): void => {
    timer = options.clock.setTimer(options.pollMs, () => {
      poke();
      schedule();
    });
  };
  schedule();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    poke,
    close: () => {
      timer?.cancel();
      watcher?.close();
      listeners.clear();
    },
  };
}

// Without notices (their number is limited by the system) the poll alone finds everything, only later.
function openWatcher(directory: string, poke: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, poke);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
