// Three members in one process: the "network" is a list, the "disk" a promise kept at once.
import { bootstrapState, createRaftCore, nodeId } from "@waggle/raft-core";
import type { Message, RaftCore } from "@waggle/raft-core";

const ids = [1, 2, 3].map(nodeId);
const initial = bootstrapState(ids);
const members = new Map(
  ids.map((id) => [id, createRaftCore({ id, initial, random: () => Math.random() })]),
);
const network: Message[] = [];

function handleEffects(core: RaftCore): void {
  while (core.hasReady()) {
    const ready = core.ready();
    network.push(...ready.messages);
    // Here a driver makes ready.snapshot, ready.entries and ready.hardState durable.
    network.push(...ready.messagesAfterPersist);
    for (const { data } of ready.committedEntries)
      if (data.byteLength > 0) console.log(`${core.id} applies ${new TextDecoder().decode(data)}`);
    core.advance();
  }
}

function settle(): void {
  for (const core of members.values()) handleEffects(core);
  for (let message = network.shift(); message !== undefined; message = network.shift()) {
    const receiver = members.get(message.to);
    if (receiver === undefined) continue;
    receiver.step(message);
    handleEffects(receiver);
  }
}

const leader = (): RaftCore | undefined =>
  [...members.values()].find((core) => core.status().role === "leader");

while (leader() === undefined) {
  for (const core of members.values()) core.tick();
  settle();
}
leader()?.propose([new TextEncoder().encode("hello")]);
settle();
