import { chmod, mkdir, rm } from "node:fs/promises";
import type { RequestListener, Server } from "node:http";
import { dirname } from "node:path";
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
   * Serves on a unix socket that only its owner and group may open. A socket file that is left there is replaced: make
   * sure first that nobody serves on it.
   * @throws the system's error, e.g. for a path of more than 107 bytes; nothing is listening then.
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
      await mkdir(dirname(socketPath), { recursive: true });
      await rm(socketPath, { force: true });
      const bound = createBoundedServer(listener);
      await new Promise<void>((resolve, reject) => {
        bound.once("error", reject);
        bound.listen(socketPath, resolve);
      });
      await chmod(socketPath, 0o660);
      server = bound;
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
