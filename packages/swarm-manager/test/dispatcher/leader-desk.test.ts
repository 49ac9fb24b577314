import fc from "fast-check";
import { TASK_STATES, taskStateRank, type TaskState } from "@waggle/swarm-state";
import { describe, expect, test } from "vitest";
import { createLeaderDesk, type SessionObserver } from "../../src/index.ts";
import { create, openStore } from "../support/open-store.ts";
import { description, idOf, node, task, taskStatus } from "../support/samples.ts";

const silent: SessionObserver = {
  sessionOpened: () => undefined,
  sessionClosed: () => undefined,
  sessionsAnnounced: () => undefined,
};

async function openDesk(nowMs = 9_000) {
  const store = openStore();
  await create(store, node("n1"), task("a", "n1"));
  const desk = createLeaderDesk({ store, sessions: silent, now: () => nowMs });
  const say = (state: TaskState, message = "") =>
    desk.reportStatuses({
      statuses: [{ nodeId: idOf("n1"), taskId: idOf("a"), status: taskStatus(state, { message }) }],
    });
  return { store, desk, say, status: () => store.view().get("task", idOf("a"))!.status };
}

describe("a status", () => {
  test("never goes back, whatever is reported in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...TASK_STATES), { maxLength: 8 }),
        async (states) => {
          const { say, status } = await openDesk();
          await Promise.all(states.map((state) => say(state)));
          const ranks = ["assigned" as const, ...states].map(taskStateRank);
          expect(taskStateRank(status().state)).toBe(Math.max(...ranks));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("is stamped by the leader, and not written when it says nothing new", async () => {
    const { store, say, status } = await openDesk();
    await say("running");
    expect(status()).toMatchObject({ state: "running", timestampMs: 1, appliedAtMs: 9_000 });
    const { index } = store.view();
    await say("running");
    expect(store.view().index).toBe(index);
    await say("running", "more to tell");
    expect(status().message).toBe("more to tell");
  });
});

test("statuses of large tasks are written although they do not fit one log entry together", async () => {
  const store = openStore();
  const ids = Array.from({ length: 40 }, (_, at) => `t${at}x`);
  const large = (id: string) => {
    const small = task(id, "n1");
    const env = [`FILL=${"x".repeat(100_000)}`];
    return { ...small, spec: { ...small.spec, container: { ...small.spec.container, env } } };
  };
  await create(store, node("n1"));
  for (const id of ids) await create(store, large(id));
  const desk = createLeaderDesk({ store, sessions: silent, now: () => 9_000 });
  await desk.reportStatuses({
    statuses: ids.map((id) => ({
      nodeId: idOf("n1"),
      taskId: idOf(id),
      status: taskStatus("running"),
    })),
  });
  expect([...store.view().list("task")].map(({ status }) => status.state)).toEqual(
    ids.map(() => "running"),
  );
});

test("a status that cannot be written for its size does not hold up the others", async () => {
  const { store, desk } = await openDesk();
  const labels = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [`l${at}`, "x".repeat(100_000)]),
  );
  await create(store, { ...task("b", "n1"), service: { name: "web", labels } });
  await desk.reportStatuses({
    statuses: ["b", "a"].map((id) => ({
      nodeId: idOf("n1"),
      taskId: idOf(id),
      status: taskStatus("running", { error: "x".repeat(120_000), message: "y".repeat(120_000) }),
    })),
  });
  const state = (id: string) => store.view().get("task", idOf(id))!.status.state;
  expect([state("a"), state("b")]).toEqual(["running", "assigned"]);
});

test("a session of a node that is ready and the same as before writes nothing", async () => {
  const { store, desk } = await openDesk();
  const { index } = store.view();
  const session = { managerId: idOf("m1"), nodeId: idOf("n1"), sessionId: "s" };
  const same = { ...session, description: description("n1"), address: "10.0.0.1:4000" };
  await desk.sessionOpened(same);
  await desk.announceSessions({ managerId: idOf("m1"), sessions: [session] });
  expect(store.view().index).toBe(index);
  await desk.sessionOpened({ ...same, address: "10.0.0.2:4000" });
  expect(store.view().get("node", idOf("n1"))!.status.address).toBe("10.0.0.2:4000");
});

test("a session of no node is refused", async () => {
  const { desk } = await openDesk();
  const stranger = {
    managerId: idOf("m1"),
    nodeId: idOf("x"),
    sessionId: "s",
    description: description(),
    address: "",
  };
  await expect(desk.sessionOpened(stranger)).rejects.toMatchObject({ code: "not-found" });
});

test("a desk on a manager that does not lead refuses", async () => {
  const { store, say } = await openDesk();
  store.stopLeading();
  await expect(say("running")).rejects.toMatchObject({ name: "ControlError", code: "no-leader" });
});
