import { mkdir } from "node:fs/promises";
import { createEngineApi } from "@waggle/engine-api";
import { lockDataDirectory } from "./data-directory-lock.ts";
import { createEnginePorts } from "./engine/engine-ports.ts";
import { assertSocketFree } from "./engine/socket-path.ts";
import { messageOf } from "./errors.ts";
import { readIdentity } from "./identity/identity-file.ts";
import type { Logger } from "./logger.ts";
import { createNodeState, type NodeState } from "./node-state.ts";
import { type NodeContext, resumeMembership } from "./swarm-membership.ts";

export interface NodeOptions {
  /** The name under which people know this node. */
  readonly hostname: string;
  readonly dataDirectory: string;
  readonly socketPath: string;
  /** `host:port`, TCP and UDP; port 0 lets the system choose, or keeps the one of a membership that is resumed. */
  readonly listenAddress: string | undefined;
  readonly logger: Logger;
}

/** A running node: its API answers, and it takes part in the swarm that its data directory names, if any. */
export interface RunningNode {
  readonly socketPath: string;
  /** Resolves when everything has stopped after `signal`. */
  runUntil(signal: AbortSignal, options: { readonly stopTasks: boolean }): Promise<void>;
}

/**
 * The composition root. @throws NodeError when the socket, the port or the data directory is taken, or the directory is
 * damaged: nothing runs then, and nothing was changed.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { dataDirectory, socketPath, logger } = options;
  await assertSocketFree(socketPath);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const unlock = await lockDataDirectory(dataDirectory);
  const state = createNodeState();
  const context: NodeContext = {
    hostname: options.hostname,
    dataDirectory,
    listenAddress: options.listenAddress,
    logger,
    onManagerEnded: (reason) => managerEnded(state, logger, reason),
  };
  const stop = async (tasks: "stop" | "leave-running"): Promise<void> => {
    await state.active?.membership.stop({ tasks });
    await state.active?.network.close();
    await unlock();
  };
  try {
    const identity = await readIdentity(dataDirectory);
    if (identity !== undefined) {
      await state.inTurn(async () => {
        state.active = await resumeMembership(context, identity);
      });
    }
    const api = createEngineApi(createEnginePorts(context, state));
    await api.listen(socketPath);
    logger.info({ socketPath, nodeId: identity?.nodeId }, "node started");
    return {
      socketPath,
      runUntil: async (signal, { stopTasks }) => {
        await aborted(signal);
        logger.info({ stopTasks }, "node stops");
        // Before all else, which takes its time: writes go on through the other managers.
        await state.active?.membership.manager?.handOver();
        await api.close();
        // A join that is under way would go on without an API and keep the process alive.
        await state.inTurn(() => stop(stopTasks ? "stop" : "leave-running"));
        logger.info({}, "node stopped");
      },
    };
  } catch (error) {
    await stop("leave-running");
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}

/**
 * A demoted manager goes on as a worker. A manager whose log broke stops managing, says so, and waits for a person. It
 * may happen while the node still joins, or leaves: then that comes first.
 */
function managerEnded(
  state: NodeState,
  logger: Logger,
  reason: "removed" | { readonly error: unknown },
): void {
  const react = async (): Promise<void> => {
    const membership = state.active?.membership;
    if (membership === undefined) return;
    if (reason === "removed") await membership.endManager();
    else
      state.error = `The manager stopped: ${messageOf(reason.error)}. Its tasks go on. Restart the node once that is mended.`;
  };
  state.inTurn(react).catch((error: unknown) => {
    logger.error({ error: messageOf(error) }, "the demoted manager could not be stopped");
  });
}
