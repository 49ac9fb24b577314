import type { ResourceAmounts, RestartPolicy, TaskSpec } from "@waggle/swarm-state";
import { ControlError } from "./errors.ts";
import { isImageReference } from "./image-reference.ts";
import { DURATION_MS_MAX, MEMORY_BYTES_MIN, NANO_CPUS_MIN } from "./limits.ts";
import { validateConstraints } from "./validate-constraints.ts";

/** @throws ControlError `invalid-argument` in Docker's words. */
export function validateTask(task: TaskSpec): void {
  validateResources(task.limits);
  validateResources(task.reservations);
  validateRestart(task.restart);
  validateConstraints(task.placement.constraints);
  if (task.placement.maxReplicasPerNode < 0) {
    throw invalid("TaskSpec: max-replicas-per-node cannot be negative");
  }
  validateContainer(task);
}

function validateContainer(task: TaskSpec): void {
  const { image, env, stopGracePeriodMs } = task.container;
  if (image === "") throw invalid("ContainerSpec: image reference must be provided");
  if (!isImageReference(image)) {
    throw invalid(`ContainerSpec: ${JSON.stringify(image)} is not a valid repository/tag`);
  }
  if (env.some((entry) => entry === "" || entry.startsWith("="))) {
    throw invalid("ContainerSpec: an environment variable needs a name");
  }
  validateDuration("stop-grace-period", stopGracePeriodMs);
}

function validateResources(amounts: ResourceAmounts): void {
  const { nanoCpus, memoryBytes } = amounts;
  if (nanoCpus !== 0 && nanoCpus < NANO_CPUS_MIN) {
    throw invalid(`invalid cpu value ${shortest(nanoCpus / 1e9)}: Must be at least 0.001`);
  }
  if (memoryBytes !== 0 && memoryBytes < MEMORY_BYTES_MIN) {
    throw invalid(`invalid memory value ${memoryBytes}: Must be at least 4MiB`);
  }
}

/** As Go prints a float with %g: exponents have two digits, and begin below 0.0001. */
function shortest(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function validateRestart(restart: RestartPolicy): void {
  validateDuration("restart-delay", restart.delayMs);
  validateDuration("restart-window", restart.windowMs);
  if (restart.maxAttempts < 0) throw invalid("TaskSpec: restart-max-attempts cannot be negative");
}

/** @throws ControlError `invalid-argument` for a negative or absurd duration. */
export function validateDuration(name: string, durationMs: number): void {
  if (durationMs < 0) throw invalid(`TaskSpec: ${name} cannot be negative`);
  if (durationMs > DURATION_MS_MAX) throw invalid(`TaskSpec: ${name} is too long`);
}

function invalid(message: string): ControlError {
  return new ControlError("invalid-argument", message);
}
