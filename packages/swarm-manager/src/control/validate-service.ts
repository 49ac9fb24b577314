import type { ServiceSpec, UpdateConfig } from "@waggle/swarm-state";
import { ControlError } from "./errors.ts";
import { REPLICAS_MAX, SERVICE_SPEC_BYTES_MAX } from "./limits.ts";
import { validateEndpoint } from "./validate-endpoint.ts";
import { validateName } from "./validate-name.ts";
import { validateDuration, validateTask } from "./validate-task.ts";

/**
 * What a service must be by itself, whatever else is in the swarm.
 * @throws ControlError `invalid-argument` in Docker's words.
 */
export function validateService(spec: ServiceSpec): void {
  validateName(spec.name);
  validateTask(spec.task);
  validateUpdate(spec.update);
  validateUpdate(spec.rollback);
  validateEndpoint(spec.endpoint);
  const { replicas } = spec.mode;
  if (!Number.isSafeInteger(replicas) || replicas < 0) {
    throw invalid("Number of replicas must be non-negative");
  }
  if (replicas > REPLICAS_MAX) throw invalid(`Number of replicas must be at most ${REPLICAS_MAX}`);
  const bytes = new TextEncoder().encode(JSON.stringify(spec)).length;
  if (bytes > SERVICE_SPEC_BYTES_MAX) {
    throw invalid(`the service has ${bytes} bytes, more than ${SERVICE_SPEC_BYTES_MAX}`);
  }
}

function validateUpdate(update: UpdateConfig | undefined): void {
  if (update === undefined) return;
  validateDuration("update-delay", update.delayMs);
  validateDuration("update-monitor", update.monitorMs);
  if (!Number.isSafeInteger(update.parallelism) || update.parallelism < 0) {
    throw invalid("TaskSpec: update-parallelism cannot be negative");
  }
  if (!(update.maxFailureRatio >= 0 && update.maxFailureRatio <= 1)) {
    throw invalid("TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1");
  }
}

function invalid(message: string): ControlError {
  return new ControlError("invalid-argument", message);
}
