import { expect, test } from "vitest";
import {
  createRemoteLeader,
  dispatchLeaderCall,
  LEADER_CALLS,
  type LeaderPort,
} from "../../src/index.ts";
import { description, idOf, taskStatus } from "../support/samples.ts";

function recordingDesk() {
  const heard: unknown[] = [];
  const note = (params: unknown): Promise<void> => {
    heard.push(params);
    return Promise.resolve();
  };
  const desk: LeaderPort = {
    reportStatuses: note,
    sessionOpened: note,
    sessionClosed: note,
    announceSessions: note,
  };
  return { desk, heard };
}

test("every call arrives as it was made, through JSON", async () => {
  const { desk, heard } = recordingDesk();
  const remote = createRemoteLeader(async (method, params) => {
    await dispatchLeaderCall(desk, method, JSON.parse(JSON.stringify(params)));
    return null;
  });
  const nodeId = idOf("n1");
  const session = { managerId: idOf("m1"), nodeId, sessionId: "s1" };
  const container = { containerId: "c", pid: 7, exitCode: undefined };
  const statuses = [
    { nodeId, taskId: idOf("a"), status: taskStatus("running", { container }) },
    { nodeId, taskId: idOf("b"), status: taskStatus("failed", { error: "no" }) },
  ];
  const made = [
    { statuses },
    { ...session, description: description(), address: "10.0.0.1:4000" },
    { ...session, reason: "bye" as const },
    { managerId: session.managerId, sessions: [{ nodeId, sessionId: "s1" }] },
  ] as const;
  await remote.reportStatuses(made[0]);
  await remote.sessionOpened(made[1]);
  await remote.sessionClosed(made[2]);
  await remote.announceSessions(made[3]);
  expect(heard).toEqual(made);
});

test("calls take effect in the turn in which they arrive, so that their order is kept", () => {
  const { desk, heard } = recordingDesk();
  void dispatchLeaderCall(desk, "announceSessions", { managerId: "m", sessions: [] });
  void dispatchLeaderCall(desk, "sessionClosed", {
    managerId: "m",
    nodeId: "n",
    sessionId: "s",
    reason: "lost",
  });
  expect(heard).toHaveLength(2);
});

test("what is no call is refused before it reaches the desk", async () => {
  const { desk, heard } = recordingDesk();
  await expect(dispatchLeaderCall(desk, "toString", {})).rejects.toMatchObject({
    code: "unimplemented",
  });
  const status = { nodeId: "n", taskId: "t", status: taskStatus("running") };
  const bad: readonly unknown[] = [
    undefined,
    [],
    { statuses: [{ ...status, status: { ...status.status, state: "odd" } }] },
    { statuses: Array.from({ length: 1_001 }, () => status) },
    { managerId: "m", sessions: [{ nodeId: "x".repeat(65), sessionId: "s" }] },
    { managerId: "m", nodeId: "n", sessionId: "s", reason: "tired" },
    { managerId: "m", nodeId: "n", sessionId: "s", description: {}, address: "" },
  ];
  for (const method of LEADER_CALLS) {
    for (const params of bad) {
      await expect(dispatchLeaderCall(desk, method, params)).rejects.toMatchObject({
        code: "invalid-argument",
      });
    }
  }
  expect(heard).toEqual([]);
});
