import { type NodeId, type RaftNode, RaftNodeError } from "@waggle/raft";
import type { Connection } from "@waggle/transport";
import { describe, expect, it } from "vitest";
import { createJoinDesk } from "../../src/manager/join-desk.ts";
import { createPeerDirectory } from "../../src/manager/peer-directory.ts";
import type { NodeNetwork } from "../../src/network/node-network.ts";
import { nodeKeyOf } from "../../src/network/swarm-keys.ts";
import { JOIN } from "../join/messages.ts";
import { createLocalStore, nodeId } from "../support/local-store.ts";
import { createSilentLogger } from "../support/silent-logger.ts";

const SELF = 1;
const swarmSecret = new Uint8Array(32).fill(3);

interface Setup {
  readonly leader?: number | undefined;
  /** What adding a learner comes to; by default it is one then. */
  readonly addLearner?: () => Promise<void>;
  /** What its promotion comes to; by default it is a voter then. */
  readonly promote?: () => Promise<void>;
  readonly reachable?: boolean;
}

function setup({ leader = SELF, addLearner, promote, reachable = true }: Setup) {
  const store = createLocalStore();
  const voters = [SELF];
  const learners: number[] = [];
  const raft = {
    status: () => ({ id: SELF, leader, core: { confState: { voters, learners } } }),
    addLearner: async (raftId: NodeId) => {
      await addLearner?.();
      learners.push(raftId);
    },
    promoteMember: async (raftId: NodeId) => {
      await promote?.();
      voters.push(...learners.splice(learners.indexOf(raftId), 1));
    },
  } as unknown as RaftNode;
  const network = {
    dial: () =>
      reachable
        ? Promise.resolve({ close: () => Promise.resolve() } as Connection)
        : Promise.reject(new TypeError("connection refused")),
  } as unknown as NodeNetwork;
  const known = [1, 2].map((raftId) => ({
    nodeId: nodeId(raftId),
    raftId,
    address: `h:${raftId}`,
  }));
  const peers = createPeerDirectory(known, store, () => undefined);
  return {
    store,
    voters,
    learners,
    desk: createJoinDesk({
      raft,
      store,
      network,
      peers,
      swarmSecret,
      logger: createSilentLogger(),
    }),
  };
}

const unknownOutcome = (): Promise<never> =>
  Promise.reject(new RaftNodeError("timeout", "no quorum", { outcome: "unknown" }));

describe("the desk for machines that join", () => {
  it("works on the leader, and knows where that is", () => {
    expect(setup({}).desk.leaderElsewhere()).toBeUndefined();
    expect(setup({ leader: 2 }).desk.leaderElsewhere()).toBe("h:2");
    expect(() => setup({ leader: 9 }).desk.leaderElsewhere()).toThrow(
      expect.objectContaining({ code: "unavailable" }) as Error,
    );
  });

  it("gives a worker the members' key, and nothing that makes a manager", async () => {
    const { desk, store } = setup({});
    const joiner = await desk.register("worker", JOIN);
    expect(joiner.manager).toBeUndefined();
    expect(Buffer.from(joiner.nodeKey, "base64")).toEqual(Buffer.from(nodeKeyOf(swarmSecret)));
    expect(JSON.stringify(joiner)).not.toContain(Buffer.from(swarmSecret).toString("base64"));
    expect(joiner.managers).toHaveLength(2);
    expect(store.view().get("node", joiner.nodeId)?.spec.role).toBe("worker");
  });

  it("makes a manager a member, and writes that down", async () => {
    const { desk, store, voters } = setup({});
    const joiner = await desk.register("manager", JOIN);
    expect(await desk.activate(joiner, JOIN)).toBe("member");
    expect(voters).toContain(joiner.manager!.raftId);
    expect(store.view().get("node", joiner.nodeId)?.manager).toEqual({
      raftId: joiner.manager!.raftId,
      address: JOIN.address,
    });
  });

  it("lets a manager in that is not caught up, which the leader goes on with", async () => {
    const { desk, store, voters, learners } = setup({
      promote: () => Promise.reject(new RaftNodeError("not-caught-up", "it takes nothing")),
    });
    const joiner = await desk.register("manager", JOIN);
    expect(await desk.activate(joiner, JOIN)).toBe("member");
    expect(voters).toEqual([SELF]);
    expect(learners).toEqual([joiner.manager!.raftId]);
    expect(store.view().get("node", joiner.nodeId)?.manager).toBeDefined();
    await desk.withdraw(joiner);
    expect(store.view().get("node", joiner.nodeId)).toBeDefined();
  });

  it("adds nobody whom the managers cannot reach", async () => {
    const { desk, voters } = setup({ reachable: false });
    const joiner = await desk.register("manager", JOIN);
    await expect(desk.activate(joiner, JOIN)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("--advertise-addr") as string,
    });
    expect(voters).toEqual([SELF]);
  });

  it("does not call a member refused because that could not be written down", async () => {
    const { desk, store } = setup({});
    const joiner = await desk.register("manager", JOIN);
    store.stopLeading();
    expect(await desk.activate(joiner, JOIN)).toBe("member");
  });

  it("knows a refusal of the group from an outcome that nobody knows", async () => {
    const lost = setup({ addLearner: unknownOutcome });
    const joiner = await lost.desk.register("manager", JOIN);
    expect(await lost.desk.activate(joiner, JOIN)).toBe("unknown");
    const refusing = setup({
      addLearner: () => Promise.reject(new RaftNodeError("not-leader", "another one leads")),
    });
    const other = await refusing.desk.register("manager", JOIN);
    await expect(refusing.desk.activate(other, JOIN)).rejects.toMatchObject({ code: "not-leader" });
  });

  it("takes back a registration, but not that of a member", async () => {
    const { desk, store } = setup({});
    const worker = await desk.register("worker", JOIN);
    await desk.withdraw(worker);
    expect(store.view().get("node", worker.nodeId)).toBeUndefined();
    const manager = await desk.register("manager", JOIN);
    await desk.activate(manager, JOIN);
    await desk.withdraw(manager);
    expect(store.view().get("node", manager.nodeId)).toBeDefined();
  });
});
