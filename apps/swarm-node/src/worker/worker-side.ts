import { join } from "node:path";
import { type Agent, createAgent } from "@waggle/swarm-agent";
import { createProcessExecutor } from "@waggle/swarm-agent/process";
import type { ManagerPeer } from "@waggle/swarm-state";
import { parseAddress } from "@waggle/transport";
import { describeNode } from "../engine/system.ts";
import type { Identity } from "../identity/identity-file.ts";
import { createLogServer } from "../logs/server.ts";
import type { Logger } from "../logger.ts";
import { KEY_IDS, PROTOCOLS } from "../network/keys.ts";
import type { NodeNetwork } from "../network/node-network.ts";

export interface WorkerSideOptions {
  readonly dataDirectory: string;
  readonly hostname: string;
  readonly identity: Identity;
  readonly network: NodeNetwork;
  readonly initialManagers: () => readonly ManagerPeer[];
  readonly logger: Logger;
}

/** What every node runs, managers too: the agent with its executors, and the output of its tasks for those who ask. */
export async function startWorkerSide(options: WorkerSideOptions): Promise<Agent> {
  const { dataDirectory, hostname, identity, network, logger } = options;
  const agent = createAgent({
    nodeId: identity.nodeId,
    directory: join(dataDirectory, "agent"),
    executors: [
      createProcessExecutor({
        directory: join(dataDirectory, "processes"),
        nodeHostname: hostname,
      }),
    ],
    dial: (manager, { signal }) =>
      network.dial(parseAddress(manager.address), PROTOCOLS.session.name, {
        keyId: KEY_IDS.node,
        signal,
      }),
    initialManagers: options.initialManagers,
    describe: () => describeNode(hostname, identity.advertiseAddress),
    logger: {
      info: (message, fields = {}) => logger.info(fields, message),
      warn: (message, fields = {}) => logger.warn(fields, message),
    },
  });
  agent.subscribe((event) => logger.debug({ event }, "agent"));
  const logs = createLogServer((request, signal) =>
    agent.taskLogs(request.taskId, { ...request, signal }),
  );
  network.serve(PROTOCOLS.logs.name, (connection) => {
    void logs.accept(connection);
  });
  await agent.start();
  return agent;
}
