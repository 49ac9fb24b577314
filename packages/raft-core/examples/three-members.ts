// Three members in one process. The network is a list; the disks are objects, so a write is durable at once.
import { bootstrapState, createRaftCore, nodeId } from "@waggle/raft-core";
import type { Entry, HardState, Message, RaftCore } from "@waggle/raft-core";
import { confChangeOf } from "@waggle/raft-core/codec";

interface Disk {
  hardState: HardState | undefined;
  readonly log: Map<number, Entry>;
}

const ids = [1, 2, 3].map((number) => nodeId(number));
const initial = bootstrapState(ids);
const cores = new Map<number, RaftCore>();
const disks = new Map<number, Disk>();
const network: Message[] = [];

for (const id of ids) {
  cores.set(id, createRaftCore({ id, initial, random: () => Math.random() }));
  disks.set(id, { hardState: initial.hardState, log: new Map() });
}

function apply(core: RaftCore, entry: Entry): void {
  const change = confChangeOf(entry);
  if (change !== undefined) core.applyConfChange(change);
  else if (entry.data.byteLength > 0)
    console.log(`${core.id} applies ${new TextDecoder().decode(entry.data)}`);
}

/** The driver's duties, in order. */
function handleEffects(core: RaftCore, disk: Disk): void {
  while (core.hasReady()) {
    const ready = core.ready();
    network.push(...ready.messages);
    for (const entry of ready.entries) disk.log.set(entry.index, entry);
    disk.hardState = ready.hardState ?? disk.hardState;
    network.push(...ready.messagesAfterPersist);
    for (const entry of ready.committedEntries) apply(core, entry);
    core.advance();
  }
}

function settle(): void {
  for (const [id, core] of cores) handleEffects(core, disks.get(id)!);
  for (let message = network.shift(); message !== undefined; message = network.shift()) {
    cores.get(message.to)!.step(message);
    handleEffects(cores.get(message.to)!, disks.get(message.to)!);
  }
}

const leader = (): RaftCore | undefined =>
  [...cores.values()].find((core) => core.status().role === "leader");

while (leader() === undefined) {
  for (const core of cores.values()) core.tick();
  settle();
}
leader()!.propose([new TextEncoder().encode("hello")]);
settle();
