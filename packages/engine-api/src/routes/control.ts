import type { ControlApi } from "@waggle/swarm-manager";
import { EngineApiError } from "../errors.ts";
import type { EnginePorts } from "../ports.ts";

/**
 * The swarm's control API, or Docker's words on why this node has none. A manager that knows no leader at the moment is
 * asked all the same: its control API waits for the next one, and a moment later the user has an answer.
 * @throws EngineApiError 503
 */
export function requireControl(ports: EnginePorts): ControlApi {
  const control = ports.control();
  if (control !== undefined) return control;
  const { state } = ports.swarm.status();
  throw new EngineApiError(503, `This node is not a swarm manager. ${reason(state)}`);
}

function reason(state: string): string {
  if (state === "inactive") {
    return (
      'Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try' +
      " again."
    );
  }
  return (
    "Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote" +
    " the current node to a manager."
  );
}
