import type { ContainerStatus } from "@waggle/swarm-state";
import type { Controller, LogLine, StepOptions } from "../../src/executor.ts";

type Resolvers = ReturnType<typeof Promise.withResolvers<number>>;

/** A controller that notes its calls; `prepare`, `start` and `shutdown` do what the script says, `wait` waits. */
export interface ScriptedController extends Controller {
  readonly calls: string[];
  /** Ends what `wait` waits for. */
  exit(exitCode: number): void;
  lose(error: Error): void;
}

export type Script = Partial<
  Record<"prepare" | "start" | "shutdown", (options: StepOptions) => Promise<void>>
>;

export function createScriptedController(script: Script = {}): ScriptedController {
  const calls: string[] = [];
  const ended: Resolvers = Promise.withResolvers<number>();
  ended.promise.catch(() => undefined);
  let status: ContainerStatus | undefined;
  const step = async (name: keyof Script, options: StepOptions): Promise<void> => {
    calls.push(name);
    await script[name]?.(options);
    options.signal.throwIfAborted();
  };
  return {
    calls,
    exit: ended.resolve,
    lose: ended.reject,
    prepare: (options) => step("prepare", options),
    start: async (options) => {
      await step("start", options);
      status = { containerId: "c", pid: 42, exitCode: undefined };
    },
    wait: async ({ signal }) => {
      calls.push("wait");
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      });
      return { exitCode: await Promise.race([ended.promise, aborted]) };
    },
    shutdown: (options) => step("shutdown", options),
    terminate: () => {
      calls.push("terminate");
      return Promise.resolve();
    },
    remove: () => {
      calls.push("remove");
      return Promise.resolve();
    },
    release: () => {
      calls.push("release");
      return Promise.resolve();
    },
    status: () => status,
    logs: async function* (): AsyncGenerator<LogLine> {
      await Promise.resolve();
      yield { stream: "stdout", timestampMs: 1, text: Buffer.from("line") };
    },
  };
}
