import type { RaftNode, RaftNodeEvent, RaftNodeListener } from "@waggle/raft";
import type { Dispatcher } from "@waggle/swarm-manager";
import { describe, expect, it } from "vitest";
import { followRaft } from "../../src/manager/follow-raft.ts";
import { createPeerDirectory, encodeMemberContext } from "../../src/manager/peer-directory.ts";
import { createLocalStore, nodeId } from "../support/local-store.ts";
import { settle } from "../support/memory-pair.ts";
import { createSilentLogger } from "../support/silent-logger.ts";

type Members = Extract<RaftNodeEvent, { type: "members" }>;

function setup({ announce = () => Promise.resolve() }: { announce?: () => Promise<void> } = {}) {
  const done: string[] = [];
  const listeners: RaftNodeListener[] = [];
  const raft: Pick<RaftNode, "subscribe"> = {
    subscribe: (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const dispatcher: Pick<Dispatcher, "announce"> = {
    announce: () => {
      done.push("announce");
      return announce();
    },
  };
  const known = [1, 2].map((raftId) => ({ nodeId: nodeId(raftId), raftId, address: "h:1" }));
  const peers = createPeerDirectory(known, createLocalStore(), () => undefined);
  followRaft({
    raft: raft as RaftNode,
    peers,
    leadership: { begin: () => done.push("begin"), end: () => done.push("end") },
    dispatcher: dispatcher as Dispatcher,
    logger: createSilentLogger(),
    onEnded: (reason) => done.push(reason === "removed" ? "removed" : "failed"),
  });
  const emit = (event: unknown): void => {
    for (const listener of listeners) listener(event as RaftNodeEvent);
  };
  return { done, emit, ids: () => peers.all().map(({ raftId }) => raftId) };
}

const members = (changes: { type: string; node: number }[] | undefined): unknown => ({
  type: "members",
  index: 5,
  confState: { voters: [], votersOutgoing: [], learners: [], learnersNext: [] },
  change:
    changes &&
    ({
      transition: "auto",
      changes,
      context: encodeMemberContext({ nodeId: nodeId(3), address: "c:1" }),
    } satisfies Omit<NonNullable<Members["change"]>, "changes"> & { changes: unknown }),
});

describe("what follows Raft", () => {
  it("leads only once it may write, and tells its sessions then", () => {
    const { emit, done } = setup();
    emit({ type: "role", role: "leader", leader: 1, term: 2 });
    expect(done).toEqual([]);
    emit({ type: "leading", term: 2 });
    expect(done).toEqual(["begin", "announce"]);
  });

  it("ends its leadership with the role, and tells its sessions to who leads next", () => {
    const { emit, done } = setup();
    emit({ type: "role", role: "follower", leader: undefined, term: 3 });
    expect(done).toEqual(["end"]);
    emit({ type: "role", role: "follower", leader: 2, term: 3 });
    expect(done).toEqual(["end", "end", "announce"]);
  });

  it("bears that sessions cannot be announced", async () => {
    const { emit } = setup({ announce: () => Promise.reject(new TypeError("no leader")) });
    emit({ type: "leading", term: 2 });
    await settle();
  });

  it("keeps the directory by changes of the group", () => {
    const { emit, ids } = setup();
    emit(members([{ type: "add-voter", node: 3 }]));
    expect(ids()).toEqual([1, 2, 3]);
    emit(members([{ type: "remove", node: 1 }]));
    expect(ids()).toEqual([2, 3]);
  });

  it("leaves the directory as it is when members come with a snapshot: the leader may be newer than that", () => {
    const { emit, ids } = setup();
    emit(members(undefined));
    expect(ids()).toEqual([1, 2]);
  });

  it("ends when it was removed, and when Raft failed", () => {
    const { emit, done } = setup();
    emit({ type: "restored", index: 4 });
    emit({ type: "removed", index: 5 });
    emit({ type: "failed", error: new TypeError("disk") });
    expect(done).toEqual(["end", "removed", "end", "failed"]);
  });
});
