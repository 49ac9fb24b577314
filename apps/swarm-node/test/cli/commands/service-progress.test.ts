import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { awaitConvergence } from "../../../src/cli/commands/service-progress.ts";
import type { EngineClient } from "../../../src/cli/engine-client.ts";

interface Look {
  readonly wanted: number;
  /** States of the tasks that are meant to run. */
  readonly states: readonly string[];
  readonly update?: string;
  readonly error?: string;
}

/** A node on which each look at the service shows the next state; the last one stays. */
function setup(looks: readonly Look[]) {
  const printed: string[] = [];
  const abort = new AbortController();
  let count = 0;
  const current = (): Look => looks[Math.min(count, looks.length - 1)]!;
  const client = {
    get: (path: string) => {
      const { wanted, states, update, error } = current();
      if (path.startsWith("/services/")) {
        return Promise.resolve({
          Spec: { Mode: { Replicated: { Replicas: wanted } } },
          ...(update === undefined ? {} : { UpdateStatus: { State: update, Message: "why" } }),
        });
      }
      count += 1;
      const live = states.map((State) => ({
        DesiredState: "running",
        Status: { State, Err: error },
      }));
      return Promise.resolve([...live, { DesiredState: "shutdown", Status: { State: "failed" } }]);
    },
  };
  const io = {
    out: () => undefined,
    err: (text: string) => void printed.push(text.trimEnd()),
    env: {},
    signal: abort.signal,
  };
  const waiting = awaitConvergence(client as unknown as EngineClient, "s", io);
  return { waiting, printed, abort, looked: () => count };
}

describe("awaitConvergence", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits until as many run as are wanted, and stay up", async () => {
    const { waiting, printed, looked } = setup([
      { wanted: 2, states: ["preparing", "running"] },
      { wanted: 2, states: ["running", "running"] },
    ]);
    // The clock stands still: however often it looks, the tasks have not been up for long.
    await vi.waitFor(() => expect(looked()).toBeGreaterThan(3), { timeout: 5_000, interval: 5 });
    expect(printed).toEqual(["1 of 2 tasks running", "2 of 2 tasks running"]);
    vi.advanceTimersByTime(2_000);
    await waiting;
    expect(printed.at(-1)).toBe("service converged");
  });

  it("fails when an update was paused, with the reason", async () => {
    const { waiting } = setup([{ wanted: 1, states: ["running"], update: "paused" }]);
    await expect(waiting).rejects.toMatchObject({ code: "refused", message: "why" });
  });

  it("shows why a task does not run", async () => {
    const { waiting, printed, abort } = setup([
      { wanted: 1, states: ["pending"], error: "no suitable node" },
    ]);
    await vi.waitFor(() => expect(printed).toHaveLength(1), { interval: 5 });
    expect(printed[0]).toBe("0 of 1 tasks running: no suitable node");
    abort.abort();
    await waiting;
  });

  it("ends the waiting, not the service, when it is interrupted", async () => {
    const { waiting, printed, abort } = setup([{ wanted: 1, states: [] }]);
    abort.abort();
    await waiting;
    expect(printed.at(-1)).toBe("no longer waiting; the swarm goes on by itself");
  });
});
