import fc from "fast-check";
import type { AgentMessage, SwarmStore, Task, TaskState } from "@waggle/swarm-state";
import { taskStateRank } from "@waggle/swarm-state";
import { expect, test } from "vitest";
import {
  ControlError,
  createDispatcher,
  createLeaderDesk,
  createNodeMonitor,
  type LeaderPort,
} from "../../src/index.ts";
import { createFakeGossip } from "../support/fake-gossip.ts";
import { createManualClock, settle } from "../support/manual-clock.ts";
import { createMemoryChannel, type MemoryChannel } from "../support/memory-channel.ts";
import { change, create, openStore } from "../support/open-store.ts";
import {
  createIds,
  description,
  idOf,
  managerNode,
  node,
  task,
  taskStatus,
} from "../support/samples.ts";

const N1 = idOf("n1");

/** An agent reduced to what it must know: its tasks, and the reports that are not acknowledged. */
class ModelAgent {
  readonly known = new Map<string, Task>();
  readonly observed = new Map<string, TaskState>();
  channel: MemoryChannel | undefined;
  #sequence = 0;
  #unacknowledged: Extract<AgentMessage, { type: "status" }>[] = [];

  connect(accept: (channel: MemoryChannel) => void): void {
    this.channel?.cut();
    this.channel = createMemoryChannel();
    accept(this.channel);
    this.channel.say({ type: "hello", nodeId: N1, description: description() });
    // Sequences begin anew; everything that was observed is said again.
    this.#sequence = 0;
    this.#unacknowledged = [];
    for (const [taskId, state] of this.observed) this.#report(taskId, state);
  }

  observe(taskId: string, state: TaskState): void {
    const before = this.observed.get(taskId);
    if (before !== undefined && taskStateRank(before) >= taskStateRank(state)) return;
    this.observed.set(taskId, state);
    this.#report(taskId, state);
  }

  #report(taskId: string, state: TaskState): void {
    const statuses = [{ taskId, status: taskStatus(state) }];
    const report = { type: "status" as const, sequence: ++this.#sequence, statuses };
    this.#unacknowledged.push(report);
    if (this.channel?.state === "open") this.channel.say(report);
  }

  listen(store: SwarmStore): void {
    for (const message of this.channel?.take() ?? []) {
      if (message.type === "status-acknowledged") this.#acknowledged(store, message.sequence);
      if (message.type !== "assignments") continue;
      if (message.mode === "complete") this.known.clear();
      else for (const id of message.removedTaskIds) this.known.delete(id);
      for (const told of message.tasks) this.known.set(told.id, told);
    }
  }

  #acknowledged(store: SwarmStore, sequence: number): void {
    for (const report of this.#unacknowledged.filter((each) => each.sequence <= sequence)) {
      for (const { taskId, status } of report.statuses) {
        const stored = store.view().get("task", taskId);
        if (stored === undefined) continue;
        expect(taskStateRank(stored.status.state)).toBeGreaterThanOrEqual(
          taskStateRank(status.state),
        );
      }
    }
    this.#unacknowledged = this.#unacknowledged.filter((each) => each.sequence > sequence);
  }
}

type Step =
  | { readonly type: "create" | "stop" | "delete"; readonly at: number }
  | { readonly type: "observe"; readonly at: number; readonly state: TaskState }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "cut" | "reconnect" | "leader-lost" | "leader-back" };

const at = fc.nat(5);
const simple = <T extends Step["type"]>(...types: readonly T[]): fc.Arbitrary<{ type: T }> =>
  fc.record({ type: fc.constantFrom(...types) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("create"), at }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom("stop", "delete"), at }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("observe"),
      at,
      state: fc.constantFrom<TaskState>("preparing", "running", "failed", "complete"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("wait"), ms: fc.constantFrom(1, 30, 120) }),
  },
  { weight: 1, arbitrary: simple("cut") },
  { weight: 1, arbitrary: simple("reconnect") },
  { weight: 1, arbitrary: simple("leader-lost") },
  { weight: 1, arbitrary: simple("leader-back") },
);

function openManager() {
  const clock = createManualClock();
  const store = openStore(() => clock.now());
  const monitor = createNodeMonitor({ store, clock, gossip: createFakeGossip() });
  monitor.start();
  const desk = createLeaderDesk({ store, sessions: monitor, now: () => clock.now() });
  const link = { up: true };
  const over = (run: () => Promise<void>): Promise<void> =>
    link.up ? run() : Promise.reject(new ControlError("no-leader", "nobody leads"));
  const leader: LeaderPort = {
    reportStatuses: (batch) => over(() => desk.reportStatuses(batch)),
    sessionOpened: (session) => over(() => desk.sessionOpened(session)),
    sessionClosed: (session) => over(() => desk.sessionClosed(session)),
    announceSessions: (all) => over(() => desk.announceSessions(all)),
  };
  const dispatcher = createDispatcher({
    managerId: idOf("m1"),
    store,
    barrier: () => Promise.resolve(),
    leader,
    managers: () => [],
    newId: createIds(),
    clock,
  });
  const stop = async (): Promise<void> => {
    await dispatcher.stop();
    monitor.stop();
  };
  return { clock, store, link, dispatcher, stop };
}

async function carryOut(
  each: Step,
  agent: ModelAgent,
  { clock, store, link, dispatcher }: ReturnType<typeof openManager>,
): Promise<void> {
  const name = "at" in each ? `t${each.at}x` : "";
  const stored = store.view().get("task", idOf(name));
  switch (each.type) {
    case "create":
      if (stored === undefined && !agent.observed.has(idOf(name))) {
        await create(store, task(name, "n1", each.at === 0 ? "pending" : "assigned"));
      }
      return;
    case "stop":
      if (stored !== undefined) {
        await change(store, ["task", stored.id], (t) => ({ ...t, desiredState: "shutdown" }));
      }
      return;
    case "delete":
      if (stored !== undefined) await store.update((tx) => tx.delete("task", stored.id));
      return;
    case "observe":
      if (agent.known.has(idOf(name))) agent.observe(idOf(name), each.state);
      return;
    case "wait":
      await clock.advance(each.ms);
      return;
    case "cut":
      agent.channel?.cut();
      return;
    case "reconnect":
      agent.connect((channel) => dispatcher.accept(channel.manager));
      return;
    case "leader-lost":
      link.up = false;
      return;
    case "leader-back":
      link.up = true;
  }
}

test("in the end the agent knows its tasks and the state what the agent saw, whatever broke", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const manager = openManager();
      const { clock, store, link, dispatcher } = manager;
      const agent = new ModelAgent();
      try {
        const status = { state: "unknown", message: "", address: "" } as const;
        const unready = { ...node("n1"), status, description: undefined };
        await create(store, unready, managerNode("m1", 1));
        agent.connect((channel) => dispatcher.accept(channel.manager));
        for (const each of steps) {
          await carryOut(each, agent, manager);
          // Some steps fall into the same turn.
          if (each.type !== "stop") await settle();
          agent.listen(store);
        }
        link.up = true;
        if (agent.channel?.state !== "open") {
          agent.connect((channel) => dispatcher.accept(channel.manager));
        }
        await clock.advance(5_000);
        agent.listen(store);

        const expected = [...store.view().tasksOfNode(N1)]
          .filter(({ status }) => taskStateRank(status.state) >= taskStateRank("assigned"))
          .map(({ id, desiredState }) => [id, desiredState]);
        const known = [...agent.known.values()].map(({ id, desiredState }) => [id, desiredState]);
        expect(known.sort()).toEqual(expected.sort());
        for (const [id, state] of agent.observed) {
          const stored = store.view().get("task", id);
          if (stored !== undefined) expect(stored.status.state).toBe(state);
        }
        expect(store.view().get("node", N1)!.status.state).toBe("ready");
      } finally {
        await manager.stop();
      }
      expect(clock.timers).toBe(0);
    }),
    { numRuns: 300 },
  );
});
