import { expect, test } from "vitest";
import { TASK_STATES } from "@waggle/swarm-state";
import { laterDesired, nextStep } from "../../src/worker/step.ts";

test("the steps towards running, with the pause at ready", () => {
  const steps = TASK_STATES.map((state) => [
    state,
    nextStep(state, "ready"),
    nextStep(state, "running"),
    nextStep(state, "shutdown"),
  ]);
  expect(steps).toEqual([
    ["new", "accept", "accept", "shutdown"],
    ["pending", "accept", "accept", "shutdown"],
    ["assigned", "accept", "accept", "shutdown"],
    ["accepted", "begin-prepare", "begin-prepare", "shutdown"],
    ["preparing", "prepare", "prepare", "shutdown"],
    ["ready", "none", "begin-start", "shutdown"],
    ["starting", "none", "start", "shutdown"],
    ["running", "none", "wait", "shutdown"],
    ["complete", "none", "none", "none"],
    ["shutdown", "none", "none", "none"],
    ["failed", "none", "none", "none"],
    ["rejected", "none", "none", "none"],
    ["remove", "none", "none", "none"],
    ["orphaned", "none", "none", "none"],
  ]);
});

test("a desired state never goes backwards", () => {
  expect(laterDesired("running", "ready")).toBe("running");
  expect(laterDesired("ready", "running")).toBe("running");
  expect(laterDesired("remove", "shutdown")).toBe("remove");
  expect(laterDesired("shutdown", "remove")).toBe("remove");
});
