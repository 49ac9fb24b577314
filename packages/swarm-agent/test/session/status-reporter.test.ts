import { expect, test } from "vitest";
import type { StatusReport, TaskState, TaskStatus } from "@waggle/swarm-state";
import { createStatusReporter } from "../../src/session/status-reporter.ts";
import type { StatusReporter } from "../../src/session/status-reporter.ts";
import { createManualClock } from "../support/clock.ts";
import type { ManualClock } from "../support/clock.ts";
import { assignedStatus } from "../support/tasks.ts";

function status(state: TaskState): TaskStatus {
  return { ...assignedStatus, state };
}

interface Setup {
  readonly reporter: StatusReporter;
  readonly clock: ManualClock;
  readonly sent: StatusReport[];
  readonly texts: () => string[];
  readonly stalls: () => number;
  readonly attach: () => void;
}

function setup(): Setup {
  const clock = createManualClock();
  const reporter = createStatusReporter(clock);
  const sent: StatusReport[] = [];
  let stalled = 0;
  return {
    reporter,
    clock,
    sent,
    stalls: () => stalled,
    texts: () =>
      sent.map(
        ({ sequence, statuses }) =>
          `${sequence}: ${statuses.map(({ taskId, status }) => `${taskId} ${status.state}`).join(", ")}`,
      ),
    attach: () => {
      reporter.attach({ send: (report) => sent.push(report), stalled: () => (stalled += 1) });
    },
  };
}

test("statuses gather for 50 ms; the newest of each task counts", async () => {
  const { reporter, clock, texts, attach } = setup();
  attach();
  reporter.report("a", status("accepted"));
  reporter.report("b", status("accepted"));
  reporter.report("a", status("preparing"));
  await clock.advance(49);
  expect(texts()).toEqual([]);
  await clock.advance(1);
  expect(texts()).toEqual(["1: a preparing, b accepted"]);
});

test("what was not acknowledged is sent again on the next session, what was is not", async () => {
  const { reporter, clock, texts, attach } = setup();
  attach();
  reporter.report("a", status("running"));
  await clock.advance(50);
  reporter.report("b", status("running"));
  await clock.advance(50);
  reporter.acknowledged(1);
  reporter.detach();
  reporter.report("c", status("running"));
  expect(reporter.pending()).toBe(2);
  attach();
  expect(texts()).toEqual(["1: a running", "2: b running", "1: b running, c running"]);
});

test("an acknowledgement of an older status does not cover a newer one", async () => {
  const { reporter, clock, texts, attach } = setup();
  attach();
  reporter.report("a", status("starting"));
  await clock.advance(50);
  reporter.report("a", status("running"));
  reporter.acknowledged(1);
  expect(reporter.pending()).toBe(1);
  await clock.advance(50);
  reporter.acknowledged(2);
  expect(texts()).toEqual(["1: a starting", "2: a running"]);
  expect(reporter.pending()).toBe(0);
});

test("an acknowledgement of a former session means nothing", async () => {
  const { reporter, clock, attach } = setup();
  attach();
  reporter.report("a", status("running"));
  await clock.advance(50);
  reporter.detach();
  reporter.acknowledged(1);
  expect(reporter.pending()).toBe(1);
});

test("few reports are in flight; the rest waits and leaves with the next acknowledgement", async () => {
  const { reporter, clock, sent, attach } = setup();
  attach();
  for (let task = 0; task < 3000; task += 1) reporter.report(`t${task}`, status("running"));
  await clock.advance(50);
  expect(sent.map(({ statuses }) => statuses.length)).toEqual([500, 500, 500, 500]);
  reporter.acknowledged(4);
  expect(sent.map(({ statuses }) => statuses.length)).toEqual([500, 500, 500, 500, 500, 500]);
  reporter.acknowledged(6);
  expect(reporter.pending()).toBe(0);
});

test("a manager that does not acknowledge is given up after 30 s", async () => {
  const { reporter, clock, stalls, attach } = setup();
  attach();
  reporter.report("a", status("running"));
  await clock.advance(50 + 29_999);
  expect(stalls()).toBe(0);
  await clock.advance(1);
  expect(stalls()).toBe(1);
  reporter.detach();
  expect(clock.pending()).toBe(0);
});

test("a forgotten task is not reported", async () => {
  const { reporter, clock, texts, attach } = setup();
  attach();
  reporter.report("a", status("running"));
  reporter.report("b", status("running"));
  reporter.forget("a");
  await clock.advance(50);
  expect(texts()).toEqual(["1: b running"]);
});
