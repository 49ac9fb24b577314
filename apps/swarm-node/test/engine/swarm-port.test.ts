import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSwarmSecret, parseJoinToken, swarmFingerprint } from "@waggle/swarm-identity";
import { describe, expect, it } from "vitest";
import { createSwarmPort } from "../../src/engine/swarm-port.ts";
import { createNodeState } from "../../src/node-state.ts";
import type { ActiveMembership, NodeContext } from "../../src/swarm-membership.ts";
import { createSilentLogger } from "../support/silent-logger.ts";

const context: NodeContext = {
  hostname: "machine",
  dataDirectory: "/nonexistent",
  listenAddress: "127.0.0.1:0",
  logger: createSilentLogger(),
  onManagerEnded: () => undefined,
};
const joinRequest = {
  listenAddress: "",
  advertiseAddress: "",
  remoteAddresses: ["127.0.0.1:1"],
  joinToken: "WGTKN-1-x-y",
  availability: "active" as const,
};
const initRequest = {
  listenAddress: "",
  advertiseAddress: "",
  availability: "active" as const,
  forceNewCluster: false,
};

const swarmSecret = createSwarmSecret();
const joinSecrets = { worker: "w".repeat(25), manager: "m".repeat(25) };

/** A membership as far as the port looks at it. */
function memberState(managers: number | undefined) {
  const known = Array.from({ length: managers ?? 3 }, (_, index) => ({
    nodeId: `node${index}`,
    raftId: index + 1,
    address: `10.0.0.${index}:2377`,
  }));
  const manager = managers && {
    managers: () => known,
    ready: () => true,
    raftStatus: () => ({ role: "leader", term: 2 }),
    control: { getCluster: () => Promise.resolve({ joinSecrets }) },
  };
  const membership = {
    identity: {
      nodeId: "node0",
      advertiseAddress: "10.0.0.0:2377",
      manager: managers && { raftId: 1, swarmSecret },
    },
    manager,
    problem: "",
    knownManagers: () => known,
  };
  const state = createNodeState();
  state.active = { membership } as unknown as ActiveMembership;
  return state;
}

describe("the swarm port", () => {
  it("shows a node in no swarm", async () => {
    const state = createNodeState();
    const port = createSwarmPort(context, state);
    expect(port.status()).toEqual({
      state: "inactive",
      nodeId: "",
      nodeAddress: "",
      controlAvailable: false,
      error: "",
      managers: [],
    });
    await expect(port.leave({ force: true })).rejects.toMatchObject({ code: "not-member" });
    await expect(port.joinTokens()).rejects.toMatchObject({ code: "not-manager" });
  });

  it("shows a manager, and a worker, with its address but not its port", () => {
    expect(createSwarmPort(context, memberState(3)).status()).toMatchObject({
      state: "active",
      nodeId: "node0",
      nodeAddress: "10.0.0.0",
      controlAvailable: true,
      raft: { role: "leader", term: 2 },
    });
    const worker = createSwarmPort(context, memberState(undefined)).status();
    expect(worker).toMatchObject({ state: "active", controlAvailable: false });
    expect(worker.managers).toHaveLength(3);
    expect(worker.raft).toBeUndefined();
  });

  it("shows what is wrong", () => {
    const state = memberState(3);
    state.error = "The manager stopped.";
    expect(createSwarmPort(context, state).status()).toMatchObject({
      state: "error",
      error: "The manager stopped.",
    });
  });

  it("gives a manager's join tokens, with the fingerprint of its swarm", async () => {
    const tokens = await createSwarmPort(context, memberState(3)).joinTokens();
    const fingerprint = swarmFingerprint(swarmSecret);
    expect(parseJoinToken(tokens.worker)).toEqual({ fingerprint, secret: joinSecrets.worker });
    expect(parseJoinToken(tokens.manager)).toEqual({ fingerprint, secret: joinSecrets.manager });
    await expect(
      createSwarmPort(context, memberState(undefined)).joinTokens(),
    ).rejects.toMatchObject({ code: "not-manager" });
  });

  it("does not found or join a swarm while in one, and does not start one anew by force", async () => {
    const port = createSwarmPort(context, memberState(3));
    await expect(port.init(initRequest)).rejects.toMatchObject({ code: "already-member" });
    await expect(port.join(joinRequest)).rejects.toMatchObject({ code: "already-member" });
    await expect(port.init({ ...initRequest, forceNewCluster: true })).rejects.toMatchObject({
      code: "unimplemented",
    });
  });

  it("does not let a manager leave without being told twice, and says what that means", async () => {
    await expect(
      createSwarmPort(context, memberState(1)).leave({ force: false }),
    ).rejects.toMatchObject({
      code: "last-manager",
      message: expect.stringContaining("erases all current state of the swarm") as string,
    });
    await expect(
      createSwarmPort(context, memberState(3)).leave({ force: false }),
    ).rejects.toMatchObject({
      code: "last-manager",
      message: expect.stringContaining("lost consensus") as string,
    });
  });

  it("lets a manager that is forced to leave be demoted first, and forgets what was wrong", async () => {
    const directory = await mkdtemp(join(tmpdir(), "waggle-leave-"));
    const done: string[] = [];
    const state = memberState(3);
    const membership = state.active!.membership as unknown as Record<string, unknown>;
    Object.assign(membership, {
      stop: () => Promise.resolve(done.push("stopped")),
      manager: {
        ...(membership["manager"] as object),
        isMember: () => done.length === 0,
        control: {
          getNode: () => Promise.resolve({ node: { version: 7, spec: { role: "manager" } } }),
          updateNode: (request: { version: number; spec: { role: string } }) =>
            Promise.resolve(done.push(`${request.spec.role} ${request.version}`)),
        },
      },
    });
    Object.assign(state.active!, { network: { close: () => Promise.resolve() } });
    state.error = "The manager stopped.";
    const port = createSwarmPort({ ...context, dataDirectory: directory }, state);
    await port.leave({ force: true });
    expect(done).toEqual(["worker 7", "stopped"]);
    expect(port.status()).toMatchObject({ state: "inactive", error: "" });
    await rm(directory, { recursive: true });
  });

  it("refuses a token and an address that are none, and leaves the node as it was", async () => {
    const state = createNodeState();
    const port = createSwarmPort(context, state);
    await expect(port.join(joinRequest)).rejects.toMatchObject({ code: "bad-token" });
    const fingerprint = swarmFingerprint(swarmSecret);
    const joinToken = `WGTKN-1-${fingerprint}-${joinSecrets.worker}`;
    await expect(
      port.join({ ...joinRequest, joinToken, remoteAddresses: ["nowhere"] }),
    ).rejects.toMatchObject({ code: "invalid-argument" });
    expect(state.active).toBeUndefined();
  });
});
