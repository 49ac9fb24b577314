import type { Clock } from "../clock.ts";
import type { ControlApi } from "./control-api.ts";
import type { ControlWrite } from "./control-methods.ts";
import { isControlError, type ControlError } from "./errors.ts";
import {
  FORWARD_RETRY_DELAY_MS_MAX,
  FORWARD_RETRY_DELAY_MS_MIN,
  FORWARD_RETRY_FOR_MS,
} from "./limits.ts";

/** What {@link createForwardingControlApi} works on. */
export interface ForwardingOptions {
  /** This manager's own side, from `createControlApi`. */
  readonly local: ControlApi;
  readonly isLeader: () => boolean;
  /**
   * Calls the present leader, whose side is {@link dispatchControlCall}. It rejects with a ControlError: the leader's
   * own, `no-leader` or `unavailable` if the call surely did not reach it, `unknown-outcome` if it may have.
   */
  readonly call: (
    method: ControlWrite,
    params: unknown,
    options: { readonly signal: AbortSignal },
  ) => Promise<unknown>;
  readonly clock: Clock;
  /** Whether this manager has ceased to be one: then nothing is tried again. Default: never. */
  readonly isOver?: () => boolean;
  /**
   * Calls back whenever it is known anew who leads; returns how to end that. What waits for its next attempt then makes it
   * at once. Default: never.
   */
  readonly onLeaderChanged?: (changed: () => void) => () => void;
  /** How long calls that changed nothing are tried again while leadership moves. Default 5,000 ms. */
  readonly retryForMs?: number;
}

/**
 * The control API that users are given on every manager: reads are answered here, writes run on the leader, wherever it
 * is. What fails with `no-leader` or `unavailable` is tried again until the deadline; `unknown-outcome` never is, since
 * doing it twice may be wrong.
 */
export function createForwardingControlApi(options: ForwardingOptions): ControlApi {
  const { local } = options;
  const retry = <T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    retryWhileUndone(options, attempt);
  const write =
    <P, T>(method: ControlWrite, run: (request: P) => Promise<T>): ((request: P) => Promise<T>) =>
    (request) =>
      retry(async (signal) => {
        if (options.isLeader()) return run(request);
        // The leader runs the same method of the same contract, so the answer has its type.
        return (await options.call(method, request, { signal })) as T;
      });
  return {
    getCluster: () => retry(() => local.getCluster()),
    updateCluster: write("updateCluster", (request) => local.updateCluster(request)),
    listNodes: () => retry(() => local.listNodes()),
    getNode: (id) => retry(() => local.getNode(id)),
    updateNode: write("updateNode", (request) => local.updateNode(request)),
    removeNode: write("removeNode", (request) => local.removeNode(request)),
    createService: write("createService", (request) => local.createService(request)),
    listServices: () => retry(() => local.listServices()),
    getService: (id) => retry(() => local.getService(id)),
    updateService: write("updateService", (request) => local.updateService(request)),
    removeService: write("removeService", (request) => local.removeService(request)),
    listTasks: () => retry(() => local.listTasks()),
    getTask: (id) => retry(() => local.getTask(id)),
  };
}

async function retryWhileUndone<T>(
  { clock, isOver, onLeaderChanged, retryForMs = FORWARD_RETRY_FOR_MS }: ForwardingOptions,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadlineMs = clock.now() + retryForMs;
  const abort = new AbortController();
  const cancel = clock.setTimer(retryForMs, () => abort.abort());
  let delayMs = FORWARD_RETRY_DELAY_MS_MIN;
  try {
    for (;;) {
      try {
        return await attempt(abort.signal);
      } catch (error) {
        if (!surelyUndone(error) || isOver?.() === true || clock.now() + delayMs > deadlineMs)
          throw error;
      }
      await pause(clock, delayMs, onLeaderChanged);
      delayMs = Math.min(delayMs * 2, FORWARD_RETRY_DELAY_MS_MAX);
    }
  } finally {
    cancel();
  }
}

function surelyUndone(error: unknown): error is ControlError {
  return isControlError(error) && (error.code === "no-leader" || error.code === "unavailable");
}

async function pause(
  clock: Clock,
  delayMs: number,
  onLeaderChanged: ForwardingOptions["onLeaderChanged"],
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  const cancel = clock.setTimer(delayMs, end);
  const unsubscribe = onLeaderChanged?.(end);
  await promise;
  cancel();
  unsubscribe?.();
}
