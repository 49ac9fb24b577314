import type { Node } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { createPeerDirectory, encodeMemberContext } from "../../src/manager/peer-directory.ts";
import { createLocalStore, nodeDraft, nodeId } from "../support/local-store.ts";

const peer = (raftId: number, address = `10.0.0.${raftId}:1`) => ({
  nodeId: nodeId(raftId),
  raftId,
  address,
});

/** A directory on a store of its own, with the number of changes that it told of. */
function setup(initial: readonly ReturnType<typeof peer>[] = []) {
  const store = createLocalStore();
  let changes = 0;
  const directory = createPeerDirectory(initial, store, () => {
    changes += 1;
  });
  const add = (raftId: number): Promise<void> =>
    store.update((tx) =>
      tx.create<Node>(nodeDraft(raftId, { raftId, address: peer(raftId).address })),
    );
  const change = (raftId: number, with_: (node: Node) => Node): Promise<void> =>
    store.update((tx) => tx.update(with_(tx.get("node", nodeId(raftId))!)));
  return { store, directory, changes: () => changes, add, change };
}

describe("the directory of managers", () => {
  it("begins with what was known before a restart", () => {
    const { directory, changes } = setup([peer(1), peer(2)]);
    expect(directory.all()).toEqual([peer(1), peer(2)]);
    expect(directory.addressOf(2)).toBe("10.0.0.2:1");
    expect(directory.addressOf(3)).toBeUndefined();
    expect(changes()).toBe(0);
  });

  it("takes newer addresses from the store, and tells only of changes", async () => {
    const { directory, changes, add, change } = setup([peer(1, "10.9.9.9:1")]);
    await add(1);
    expect(directory.addressOf(1)).toBe("10.0.0.1:1");
    expect(changes()).toBe(1);
    await change(1, (node) => ({ ...node, status: { ...node.status, state: "ready" } }));
    expect(changes()).toBe(1);
  });

  it("does not list workers", async () => {
    const { store, directory, changes } = setup();
    await store.update((tx) => tx.create<Node>(nodeDraft(5, undefined)));
    expect(directory.all()).toEqual([]);
    expect(changes()).toBe(0);
  });

  it("learns of a member from the change of the group, before the store knows it", () => {
    const { directory, changes } = setup();
    directory.memberAdded(7, encodeMemberContext(peer(7)));
    expect(directory.all()).toEqual([peer(7)]);
    directory.memberAdded(7, encodeMemberContext(peer(7)));
    expect(changes()).toBe(1);
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["no address", '{"nodeId":"x"}'],
    ["an endless address", JSON.stringify({ nodeId: "x", address: "a".repeat(301) })],
  ])("bears a change of the group that carries %s", (_what, text) => {
    const { directory, changes } = setup();
    directory.memberAdded(7, Buffer.from(text));
    expect(directory.all()).toEqual([]);
    expect(changes()).toBe(0);
  });

  it("forgets a member that was removed", () => {
    const { directory, changes } = setup([peer(1), peer(2)]);
    directory.memberRemoved(2);
    directory.memberRemoved(2);
    expect(directory.all()).toEqual([peer(1)]);
    expect(changes()).toBe(1);
  });

  it("does not keep a removed member that the store still named for a while", async () => {
    const { directory, add, change } = setup();
    await add(1);
    await add(2);
    directory.memberRemoved(2);
    // The session of the removed manager ends before its membership is struck from the store.
    await change(2, (node) => ({ ...node, status: { ...node.status, state: "down" } }));
    await change(2, (node) => ({ ...node, manager: undefined }));
    expect(directory.all()).toEqual([peer(1)]);
  });

  it("forgets a manager whose node is deleted", async () => {
    const { store, directory, add } = setup();
    await add(1);
    await add(2);
    await store.update((tx) => tx.delete("node", nodeId(2)));
    expect(directory.all()).toEqual([peer(1)]);
  });

  it("keeps a member that the store has not named yet", async () => {
    const { directory, add } = setup([peer(3)]);
    await add(1);
    expect(directory.all()).toEqual([peer(3), peer(1)]);
  });

  it("forgets who is gone from a state that came as a snapshot, and keeps who is newer than that", async () => {
    const { store, directory, add, changes } = setup([peer(9)]);
    await add(1);
    await add(2);
    const newer = setup();
    await newer.add(1);
    await newer.add(3);
    const before = changes();
    store.stopLeading();
    await store.restore(50, newer.store.snapshot());
    expect(directory.all()).toEqual([peer(9), peer(1), peer(3)]);
    expect(changes()).toBe(before + 1);
  });
});
