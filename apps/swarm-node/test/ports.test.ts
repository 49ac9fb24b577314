import type { LogLine as EngineLogLine, LogsPort } from "@waggle/engine-api";
import type { Member } from "@waggle/gossip-swim";
import type { StreamConnection } from "@waggle/gossip-swim/driver";
import type { PeerConnection, RaftNode, StateMachine } from "@waggle/raft";
import type { Agent, LogLine as AgentLogLine, SessionConnection } from "@waggle/swarm-agent";
import type {
  Clock as ManagerClock,
  DispatcherOptions,
  GossipState,
  MembershipPort,
  NodeMonitorOptions,
  PlannerStore,
  SessionChannel,
} from "@waggle/swarm-manager";
import type { ManagerPeer, Proposer, SwarmStore } from "@waggle/swarm-state";
import type { Connection } from "@waggle/transport";
import { describe, expect, it } from "vitest";
import type { Clock } from "../src/clock.ts";
import type { GossipNetwork } from "../src/gossip/gossip-network.ts";
import type { KnownManager } from "../src/identity/identity-file.ts";
import type { StreamedLine } from "../src/logs/messages.ts";
import type { Logger } from "../src/logger.ts";
import type { createRaftMembership } from "../src/manager/raft-membership.ts";
import { createStoreStateMachine } from "../src/manager/state-machine.ts";
import {
  createLocalStore,
  createRecordingStore,
  nodeDraft,
  nodeId,
} from "./support/local-store.ts";
import { createMemoryPair } from "./support/memory-pair.ts";

/*
 * The packages know nothing of each other: each declares the port that it needs. Whether they still fit is a question
 * for the compiler, which checks this file like any other.
 */
type Fits<Port, Given extends Port> = Given;

/** What one package hands out, as what another one asks for. A part that no longer fits does not compile. */
export interface Fitting {
  readonly raftPeer: Fits<PeerConnection, Connection>;
  readonly gossipStream: Fits<StreamConnection, Connection>;
  readonly agentSession: Fits<SessionConnection, Connection>;
  readonly dispatcherSession: Fits<SessionChannel, Connection>;
  readonly logLine: Fits<EngineLogLine, AgentLogLine>;
  readonly streamedLine: Fits<StreamedLine, AgentLogLine>;
  readonly engineLine: Fits<EngineLogLine, StreamedLine>;
  readonly agentLogs: Fits<ReturnType<LogsPort["taskLogs"]>, ReturnType<Agent["taskLogs"]>>;
  readonly gossipState: Fits<GossipState, Member["state"]>;
  readonly gossip: Fits<NodeMonitorOptions["gossip"], GossipNetwork>;
  readonly plannerStore: Fits<PlannerStore, SwarmStore>;
  readonly dispatcherStore: Fits<DispatcherOptions["store"], SwarmStore>;
  readonly membership: Fits<MembershipPort, ReturnType<typeof createRaftMembership>>;
  readonly managerClock: Fits<ManagerClock, Clock>;
  readonly managerLogger: Fits<NonNullable<DispatcherOptions["logger"]>, Logger>;
  readonly managerPeer: Fits<ManagerPeer, KnownManager>;
  readonly stateMachine: Fits<StateMachine, ReturnType<typeof createStoreStateMachine>>;
  readonly proposed: Fits<Awaited<ReturnType<Proposer["propose"]>>, Applied["index"]>;
}

type Applied = Awaited<ReturnType<RaftNode["propose"]>>;

describe("the packages' ports", () => {
  it("are all met by one connection of the transport", async () => {
    const { near, far } = await createMemoryPair();
    const ends = [
      near satisfies PeerConnection,
      near satisfies StreamConnection,
      near satisfies SessionConnection,
      near satisfies SessionChannel,
    ];
    for (const end of ends) await end.send(Buffer.from("frame"));
    await near.close();
    let frames = 0;
    for await (const frame of far.frames) frames += frame.length > 0 ? 1 : 0;
    expect(frames).toBe(ends.length);
  });
});

describe("the swarm's store as Raft's state machine", () => {
  const filled = async () => {
    const store = createLocalStore();
    for (const raftId of [1, 2]) {
      await store.update((tx) => tx.create(nodeDraft(raftId, { raftId, address: "h:1" })));
    }
    return store;
  };

  it("applies what a store proposed, entry by entry, and gives the indexes back", async () => {
    const follower = createLocalStore();
    follower.stopLeading();
    const machine = createStoreStateMachine(follower);
    const entries: { index: number; data: Uint8Array }[] = [];
    const leader = createRecordingStore(entries);
    await leader.update((tx) => tx.create(nodeDraft(1, { raftId: 1, address: "h:1" })));
    await leader.update((tx) => tx.delete("node", nodeId(1)));
    await leader.update((tx) => tx.create(nodeDraft(2, undefined)));
    expect(await machine.apply(entries)).toEqual(entries.map(({ index }) => index));
    expect([...follower.view().list("node")]).toEqual([...leader.view().list("node")]);
  });

  it("stops at an entry that is damaged", () => {
    const store = createLocalStore();
    store.stopLeading();
    const machine = createStoreStateMachine(store);
    expect(() => machine.apply([{ index: 1, data: Buffer.from("garbage") }])).toThrow(
      expect.objectContaining({ code: "damaged" }) as Error,
    );
  });

  it("goes from one manager to another as a snapshot", async () => {
    const from = await filled();
    const to = createLocalStore();
    to.stopLeading();
    await createStoreStateMachine(to).restore(7, createStoreStateMachine(from).snapshot());
    expect([...to.view().list("node")]).toEqual([...from.view().list("node")]);
    expect(to.view().index).toBe(7);
  });
});
