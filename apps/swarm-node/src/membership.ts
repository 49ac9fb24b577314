import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Agent } from "@waggle/swarm-agent";
import type { Availability, ManagerPeer } from "@waggle/swarm-state";
import { parseAddress } from "@waggle/transport";
import { messageOf } from "./errors.ts";
import { type GossipNetwork, startGossip } from "./gossip/gossip-network.ts";
import { type Identity, writeIdentity } from "./identity/identity-file.ts";
import type { Logger } from "./logger.ts";
import {
  type ManagerIdentity,
  type ManagerSide,
  RAFT_FOLDER,
  startManagerSide,
} from "./manager/manager-side.ts";
import type { NodeNetwork } from "./network/node-network.ts";
import { workerKeys } from "./network/swarm-keys.ts";
import { startWorkerSide } from "./worker/worker-side.ts";

const LEAVE_TIMEOUT_MS = 3_000;

export interface MembershipOptions {
  readonly hostname: string;
  readonly dataDirectory: string;
  readonly identity: Identity;
  readonly availability: Availability;
  readonly founding: boolean;
  /** Open, with the node's keys. The membership serves its protocols on it; the caller closes it. */
  readonly network: NodeNetwork;
  readonly logger: Logger;
  /** Raft failed, or this manager was taken out of the group by others. */
  readonly onManagerEnded: (reason: "removed" | { readonly error: unknown }) => void;
}

/** A node that is part of a swarm: gossip and agent, and on managers all that makes one. */
export interface Membership {
  readonly identity: Identity;
  readonly agent: Agent;
  readonly manager: ManagerSide | undefined;
  /** Why the managers will not have this node, in a sentence; empty while nothing is wrong. */
  readonly problem: string;
  knownManagers(): readonly ManagerPeer[];
  /** Stops being a manager and goes on as a worker: the swarm's secret and state are deleted here. */
  endManager(): Promise<void>;
  /** Stops for a while (`leave-running`), or for good (`stop`: tasks end, the others are told). */
  stop(options: { readonly tasks: "leave-running" | "stop" }): Promise<void>;
}

/** Starts everything in the order in which it is needed. On failure what was started is stopped again. */
export async function startMembership(options: MembershipOptions): Promise<Membership> {
  const membership = new RunningMembership(options);
  try {
    await membership.start();
  } catch (error) {
    await membership.stop({ tasks: "leave-running" });
    throw error;
  }
  return membership;
}

class RunningMembership implements Membership {
  readonly #options: MembershipOptions;
  identity: Identity;
  manager: ManagerSide | undefined;
  problem = "";
  #agent: Agent | undefined;
  #gossip: GossipNetwork | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.identity = options.identity;
  }

  get agent(): Agent {
    if (this.#agent === undefined) throw new TypeError("the membership is not started");
    return this.#agent;
  }

  async start(): Promise<void> {
    const { network, logger, dataDirectory, hostname } = this.#options;
    this.#gossip = startGossip({
      nodeId: this.identity.nodeId,
      advertise: parseAddress(this.identity.advertiseAddress),
      network,
      seeds: () =>
        this.knownManagers()
          .filter(({ nodeId }) => nodeId !== this.identity.nodeId)
          .map(({ address }) => parseAddress(address)),
      logger,
    });
    if (isManager(this.identity)) this.manager = await this.#startManager(this.identity);
    // The agent of a founder would be refused as unknown before the swarm's first objects are there.
    if (this.#options.founding) await this.manager?.founded();
    this.#agent = await startWorkerSide({
      dataDirectory,
      hostname,
      identity: this.identity,
      network,
      initialManagers: () => this.knownManagers(),
      logger,
    });
    this.#leaveDeadManagers(this.#agent, this.#gossip);
    this.#agent.subscribe((event) => {
      if (event.type === "session:opened") this.problem = "";
      if (event.type === "session:refused" && event.fatal) {
        this.problem = `The managers refuse this node: ${event.reason}. Let it leave the swarm, and join again.`;
      }
      if (event.type !== "managers:changed" || this.manager !== undefined) return;
      this.#remember(event.managers);
    });
  }

  knownManagers(): readonly ManagerPeer[] {
    return this.manager?.managers() ?? this.identity.managers;
  }

  async endManager(): Promise<void> {
    const ending = this.manager;
    this.manager = undefined;
    await ending?.stop();
    const worker = { ...this.identity };
    delete worker.manager;
    this.identity = worker;
    this.#options.network.setKeys(workerKeys(worker.nodeKey));
    await this.#write();
    await rm(join(this.#options.dataDirectory, RAFT_FOLDER), { recursive: true, force: true });
  }

  async stop({ tasks }: { readonly tasks: "leave-running" | "stop" }): Promise<void> {
    await this.#agent?.stop({ tasks });
    if (tasks === "stop") {
      await this.#gossip?.leave(AbortSignal.timeout(LEAVE_TIMEOUT_MS)).catch((error: unknown) => {
        this.#options.logger.debug({ error: messageOf(error) }, "the goodbye may not have spread");
      });
    }
    await this.manager?.stop();
    this.#gossip?.stop();
    await this.#writing;
  }

  /** Gossip notices a manager that is cut off before the connection to it does. */
  #leaveDeadManagers(agent: Agent, gossip: GossipNetwork): void {
    gossip.subscribe((nodeId) => {
      if (gossip.stateOf(nodeId) === "dead") agent.leaveManager(nodeId);
    });
  }

  #startManager(identity: ManagerIdentity): Promise<ManagerSide> {
    const { dataDirectory, availability, founding, network, logger } = this.#options;
    const gossip = this.#gossip;
    if (gossip === undefined) throw new TypeError("gossip is not started");
    return startManagerSide({
      dataDirectory,
      identity,
      availability,
      founding,
      network,
      gossip,
      logger,
      onManagersChanged: (managers) => this.#remember(managers),
      onEnded: this.#options.onManagerEnded,
    });
  }

  #remember(managers: readonly ManagerPeer[]): void {
    this.identity = { ...this.identity, managers: [...managers] };
    void this.#write();
  }

  /** One write after the other, each with the newest identity. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .then(() => writeIdentity(this.#options.dataDirectory, this.identity))
      .catch((error: unknown) => {
        this.#options.logger.warn(
          { error: messageOf(error) },
          "the managers' addresses could not be written down; after a restart this node may look at old ones first",
        );
      });
    return this.#writing;
  }
}

function isManager(identity: Identity): identity is ManagerIdentity {
  return identity.manager !== undefined;
}
