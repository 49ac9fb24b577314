import { chmod, lstat, mkdir, rm } from "node:fs/promises";
import type { RequestListener, Server } from "node:http";
import { dirname } from "node:path";
import { EngineApiError } from "./errors.ts";
import { createBoundedServer, createRequestListener } from "./http/server.ts";
import type { EnginePorts } from "./ports.ts";
import { addForeignRoutes } from "./routes/foreign.ts";
import { addLogRoutes } from "./routes/logs.ts";
import { addNodeRoutes } from "./routes/nodes.ts";
import { createRouter } from "./routes/router.ts";
import { addServiceRoutes } from "./routes/services.ts";
import { addSwarmRoutes } from "./routes/swarm.ts";
import { addSystemRoutes } from "./routes/system.ts";
import { addTaskRoutes } from "./routes/tasks.ts";

/** The Docker Engine API of one node. */
export interface EngineApi {
  /** For a server of your own. */
  readonly listener: RequestListener;
  /**
   * Serves on a unix socket that only its owner and group may open. A socket that is left there is replaced: make sure
   * first that nobody serves on it. Any other file is left alone.
   * @throws the system's error, e.g. for a path of more than 107 bytes or one that a file has; nothing listens then.
   * EngineApiError when this API listens already.
   */
  listen(socketPath: string): Promise<void>;
  /** Ends all connections, log streams included, and removes the socket. */
  close(): Promise<void>;
}

/** Builds the API on what a node offers. Nothing listens yet. */
export function createEngineApi(ports: EnginePorts): EngineApi {
  const router = createRouter();
  addSystemRoutes(router);
  addSwarmRoutes(router);
  addNodeRoutes(router);
  addServiceRoutes(router);
  addTaskRoutes(router);
  addLogRoutes(router);
  addForeignRoutes(router);
  const listener = createRequestListener(ports, router);
  let server: Server | undefined;
  return {
    listener,
    listen: async (socketPath) => {
      if (server !== undefined) throw new EngineApiError(500, "this API listens already");
      const bound = createBoundedServer(listener);
      server = bound;
      try {
        await mkdir(dirname(socketPath), { recursive: true });
        await removeOldSocket(socketPath);
        await bind(bound, socketPath);
        await chmod(socketPath, 0o660);
      } catch (error) {
        server = undefined;
        bound.close();
        throw error;
      }
    },
    close: async () => {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      await new Promise<void>((resolve) => {
        closing.close(() => resolve());
        closing.closeAllConnections();
      });
    },
  };
}

async function removeOldSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() === true) await rm(path, { force: true });
}

async function bind(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      // A connection that could not be accepted (no descriptors left) is that client's loss, not the end of the node.
      server.on("error", () => undefined);
      resolve();
    });
  });
}
